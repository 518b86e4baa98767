// Owns the page of a connection: how it is and what runs, its streams, its runs, what waits for a decision, its schedule,
// its budgets and its options.

import { useQuery } from '@tanstack/react-query'
import { createLazyRoute, getRouteApi, Link } from '@tanstack/react-router'
import { useLive } from '../../api/live.ts'
import { connectionQuery } from '../../api/queries.ts'
import { RunProgress } from '../../parts/bar.tsx'
import { Health } from '../../parts/pill.tsx'
import { scheduleWords } from '../../parts/schedule-words.ts'
import { Loaded, Skeleton, SkeletonRows } from '../../parts/states.tsx'
import { Card, Facts, Page } from '../../parts/surface.tsx'
import { type Tab, Tabs } from '../../parts/tabs.tsx'
import { countText, Due, Money, Time } from '../../parts/values.tsx'
import { RunPanel } from '../runs/run-panel.tsx'
import { Actions } from './actions.tsx'
import { ConnectionBudgets } from './budgets.tsx'
import { Options } from './options.tsx'
import { Review } from './review.tsx'
import { ConnectionRuns } from './runs.tsx'
import { Schedules } from './schedule.tsx'
import { Streams } from './streams.tsx'
import { sentence, wayOf } from './to-do.ts'

export const page = createLazyRoute('/connections/$id')({ component: ConnectionPage })

const route = getRouteApi('/connections/$id')

/** What waits for a person is counted in its tab. A blend has rules, and no options: they are those of its making. */
function tabsOf({ states, connector }: Known): readonly Tab[] {
  const waiting = states.reduce((sum, { held, quarantined }) => sum + held + quarantined, 0)
  return [
    { id: 'streams', label: 'Streams' },
    { id: 'runs', label: 'Runs' },
    { id: 'review', label: 'Review', count: waiting },
    { id: 'schedule', label: 'Schedule' },
    { id: 'budgets', label: 'Budgets' },
    ...(connector === 'blend' ? [] : [{ id: 'options', label: 'Options' }]),
  ]
}

function ConnectionPage() {
  const { id } = route.useParams()
  const { tab = 'streams', run } = route.useSearch()
  const navigate = route.useNavigate()
  const connection = useQuery(connectionQuery(id))
  const showRun = (one: string | undefined) =>
    void navigate({ search: (before) => ({ ...before, run: one }), replace: true })
  return (
    <Page
      title={id}
      tab={connection.data?.health === 'busy' ? `● ${id}` : id}
      lead={connection.data && <Lead connection={connection.data} />}
      actions={connection.data && <Actions connection={connection.data} open={showRun} />}
    >
      <Loaded query={connection} wait={<Waiting />}>
        {(known) => (
          <>
            <ToDos connection={known} />
            <Now connection={known} />
            <Tabs tabs={tabsOf(known)} shown={tab} label={`Parts of ${id}`} />
            {tab === 'streams' && <Streams connection={known} />}
            {tab === 'runs' && <ConnectionRuns id={id} open={showRun} />}
            {tab === 'review' && <Review id={id} />}
            {tab === 'schedule' && <Schedules connection={known} />}
            {tab === 'budgets' && <ConnectionBudgets id={id} />}
            {tab === 'options' && <Options connection={known} />}
          </>
        )}
      </Loaded>
      {run !== undefined && <RunPanel id={run} close={() => showRun(undefined)} open={showRun} />}
    </Page>
  )
}

/** As high as what comes in its place: nothing jumps. */
function Waiting() {
  return (
    <>
      <Skeleton className="h-16 w-full" />
      <Skeleton className="h-9 w-full max-w-md" />
      <SkeletonRows />
    </>
  )
}

type Known = NonNullable<Awaited<ReturnType<NonNullable<ReturnType<typeof connectionQuery>['queryFn']>>>>

function Lead({ connection }: { readonly connection: Known }) {
  return (
    <span className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
      <Health connection={connection} />
      <span>{connection.connector}</span>
    </span>
  )
}

function ToDos({ connection: { id, todo, lastRun } }: { readonly connection: Known }) {
  if (todo.length === 0) return null
  const all = todo.map((one) => ({ ...one, ...wayOf(one, lastRun) }))
  return (
    <ul aria-label="What needs you" className="flex flex-col gap-2">
      {all.map(({ what, stream, message, words, tab, search }) => (
        <li key={`${what} ${stream}`} className="rounded-lg border border-warn/40 bg-warn-soft px-4 py-2.5">
          <p>
            {stream !== null && <span className="font-medium">{stream} </span>}
            {stream === null ? sentence(message) : message}
            {tab !== undefined && (
              <Link
                to="/connections/$id"
                params={{ id }}
                search={search}
                className="ml-2 text-accent underline underline-offset-2"
              >
                {words}
              </Link>
            )}
          </p>
        </li>
      ))}
    </ul>
  )
}

/** What it does now, or has done last, and what comes next. */
function Now({ connection }: { readonly connection: Known }) {
  const { id, activeRun, lastRun, nextRunAt, schedules, totals } = connection
  const live = useLive(id)
  const records = Object.values(totals).reduce((sum, n) => sum + n, 0)
  return (
    <Card className="flex flex-col gap-4 px-4 py-3.5">
      {(live !== undefined || activeRun !== null) && (
        <RunProgress progress={live ?? activeRun?.progress} label={`The run of ${id}`} />
      )}
      <Facts
        className="grid-cols-2 sm:grid-cols-3 lg:grid-cols-6"
        facts={[
          ['Records', countText(records)],
          [
            'Last run',
            <Time key="last" at={lastRun?.finishedAt} none={activeRun === null ? 'never' : 'the first is running'} />,
          ],
          ['Next run', <Due key="next" at={nextRunAt} none="not scheduled" />],
          [
            'Schedule',
            schedules.length === 0
              ? 'none'
              : schedules
                  .map(({ stream, schedule }) =>
                    [...(stream === null ? [] : [stream]), scheduleWords(schedule)].join(': '),
                  )
                  .join(', '),
          ],
          ['Requests, last run', countText(lastRun?.requests ?? 0)],
          ['Cost, last run', <Money key="cost" amount={lastRun?.cost ?? null} currency={lastRun?.currency ?? null} />],
        ]}
      />
    </Card>
  )
}

// Owns the overview: what needs a person first, then the whole in four numbers, then each connection as a card.

import { useQuery } from '@tanstack/react-query'
import { createLazyRoute, getRouteApi, Link } from '@tanstack/react-router'
import { Filter, Plus, RefreshCw } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { useSyncAll } from '../../api/actions.ts'
import { type Connection, statusQuery } from '../../api/queries.ts'
import { BroughtBack, useRemembered } from '../../app/remembered.tsx'
import { SavedViews } from '../../app/saved-views.tsx'
import { Button, buttonLook } from '../../parts/button.tsx'
import { Choice, Input, withKey } from '../../parts/field.tsx'
import { isWhole } from '../../parts/pill.tsx'
import { EmptyState, Loaded, Skeleton } from '../../parts/states.tsx'
import { Page } from '../../parts/surface.tsx'
import { plural } from '../../parts/values.tsx'
import { Bulk } from './bulk.tsx'
import { ConnectionCard, readAt } from './connection-card.tsx'
import { ORDERS } from './route.ts'
import { ToDos } from './to-dos.tsx'
import { Totals } from './totals.tsx'

export const page = createLazyRoute('/')({ component: Overview })

const route = getRouteApi('/')

/** Seen once, if at all. */
const FirstStart = lazy(() => import('./first-start.tsx'))

function Overview() {
  const status = useQuery(statusQuery)
  const syncAll = useSyncAll()
  const connections = status.data?.connections ?? []
  const waiting = connections.reduce((sum, { todo }) => sum + todo.length, 0)
  return (
    <Page
      title="Overview"
      tab={waiting > 0 ? `(${waiting}) Overview` : 'Overview'}
      lead={status.data && connections.length > 0 && leadOf(connections)}
      actions={
        connections.length > 0 && (
          <>
            <Link to="/add" className={buttonLook()}>
              <Plus aria-hidden className="size-3.5" />
              Add
            </Link>
            <Button
              look="primary"
              isBusy={syncAll.isPending}
              onClick={() => syncAll.mutate(undefined)}
              icon={<RefreshCw aria-hidden className="size-3.5" />}
            >
              Sync all
            </Button>
          </>
        )
      }
    >
      <Loaded query={status} wait={<Waiting />}>
        {({ connections: all }) =>
          all.length === 0 ? (
            <Suspense fallback={<Waiting />}>
              <FirstStart />
            </Suspense>
          ) : (
            <>
              <ToDos connections={all} />
              <Totals connections={all} />
              <Cards connections={all} />
            </>
          )
        }
      </Loaded>
    </Page>
  )
}

function leadOf(connections: readonly Connection[]): string {
  const running = connections.filter(({ activeRun }) => activeRun).length
  const bad = connections.filter(({ health }) => health === 'bad' || health === 'warn').length
  const states = [
    ...(running > 0 ? [`${running} running`] : []),
    bad > 0 ? `${bad} ${bad === 1 ? 'needs' : 'need'} attention` : 'all well',
  ]
  return `${plural(connections.length, 'connection')}, ${states.join(', ')}`
}

/** What is looked for by its letters is looked for once. */
const FILTERS = ['show', 'order']

function Cards({ connections }: { readonly connections: readonly Connection[] }) {
  const { q = '', show, order: asked, only } = route.useSearch()
  const order = asked ?? 'name'
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set())
  const chosen = connections.filter(({ id }) => ids.has(id))
  const choose = (id: string, isChosen: boolean) =>
    setIds(new Set(isChosen ? [...ids, id] : [...ids].filter((one) => one !== id)))
  const navigate = route.useNavigate()
  const to = (search: object) => void navigate({ search: (before) => ({ ...before, ...search }), replace: true })
  const remembered = useRemembered('overview', FILTERS, { search: { show, order: asked }, change: to })
  const { choose: change } = remembered
  const problems = connections.filter(isProblem).length
  const shown = connections
    .filter(({ id, connector }) => `${id} ${connector}`.toLowerCase().includes(q.toLowerCase()))
    .filter(({ id }) => only === undefined || only.split(',').includes(id))
    .filter((one) => isShown(one, show))
    .toSorted(BY[order])
  return (
    <section aria-label="Connections" className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-2">
        <h2 className="mr-auto text-sm font-semibold">
          Connections
          <span className="ml-2 font-normal text-muted">
            {shown.length === connections.length ? connections.length : `${shown.length} of ${connections.length}`}
          </span>
        </h2>
        <div className="w-32 sm:w-36">
          <Choice
            label="Order"
            isBare
            value={order}
            onChange={({ target }) => change({ order: target.value === 'name' ? undefined : target.value })}
          >
            {ORDERS.map((one) => (
              <option key={one} value={one}>
                By {one}
              </option>
            ))}
          </Choice>
        </div>
        <SavedViews
          page="overview"
          search={{ q: q || undefined, show, order: order === 'name' ? undefined : order }}
          choose={change}
        />
        <Button
          aria-pressed={show === 'problems'}
          className="aria-pressed:border-accent aria-pressed:text-accent"
          onClick={() => change({ show: show === 'problems' ? undefined : 'problems' })}
          icon={<Filter aria-hidden className="size-3.5" />}
        >
          Only problems{problems > 0 && ` (${problems})`}
        </Button>
        <div className="min-w-32 flex-1 sm:w-48 sm:flex-none">
          <Input
            type="search"
            label="Filter connections"
            placeholder={withKey('Filter…')}
            value={q}
            onChange={({ target }) => change({ q: target.value || undefined })}
          />
        </div>
      </div>
      <BroughtBack of={remembered} />
      {show === 'incomplete' && (
        <p className="text-sm text-muted">
          {'Only those with a stream that is not complete. '}
          <button type="button" className="text-accent hover:underline" onClick={() => change({ show: undefined })}>
            Show all connections
          </button>
        </p>
      )}
      {only !== undefined && (
        <p className="text-sm text-muted">
          {`Only what was done something to: ${only.split(',').join(', ')}. `}
          <button type="button" className="text-accent hover:underline" onClick={() => change({ only: undefined })}>
            Show all connections
          </button>
        </p>
      )}
      {chosen.length > 0 && (
        <Bulk chosen={chosen} clear={() => setIds(new Set())} show={(done) => change({ only: done.join(',') })} />
      )}
      {shown.length === 0 ? (
        <EmptyState
          icon={<Filter aria-hidden />}
          title={(show !== undefined && q === '' && NONE[show]) || 'No connection fits'}
          action={
            <Button onClick={() => change({ q: undefined, show: undefined, only: undefined })}>Show all of them</Button>
          }
        />
      ) : (
        <ul className="grid grid-cols-[repeat(auto-fill,minmax(min(100%,20rem),1fr))] gap-3">
          {shown.map((connection) => (
            <ConnectionCard
              key={connection.id}
              connection={connection}
              isChosen={ids.has(connection.id)}
              choose={(isChosen) => choose(connection.id, isChosen)}
            />
          ))}
        </ul>
      )}
    </section>
  )
}

type Show = ReturnType<typeof route.useSearch>['show']

function isShown(one: Connection, show: Show): boolean {
  if (show === 'problems') return isProblem(one)
  if (show === 'incomplete') return !one.streams.every(isWhole)
  return show === 'running' ? one.activeRun !== null : true
}

const NONE: Readonly<Record<NonNullable<Show>, string>> = {
  problems: 'No connection has a problem',
  incomplete: 'Every stream is complete',
  running: 'Nothing is running',
}

function isProblem({ health }: Connection): boolean {
  return health === 'bad' || health === 'warn'
}

const BY: Readonly<Record<(typeof ORDERS)[number], (a: Connection, b: Connection) => number>> = {
  name: (a, b) => a.id.localeCompare(b.id),
  records: (a, b) => b.totalRecords - a.totalRecords,
  freshness: (a, b) => (readAt(a) ?? '').localeCompare(readAt(b) ?? ''),
}

function Waiting() {
  return (
    <div role="status" aria-label="Loading" className="flex flex-col gap-5">
      <div className="grid grid-cols-2 gap-3 lg:grid-cols-4">
        {Array.from({ length: 4 }, (_, i) => (
          <Skeleton key={i} className="h-20" />
        ))}
      </div>
      <div className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3">
        {Array.from({ length: 6 }, (_, i) => (
          <Skeleton key={i} className="h-44" />
        ))}
      </div>
    </div>
  )
}

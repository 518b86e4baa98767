// Owns the page of runs: over all connections, newest first, filtered by the server as the address says; each opens beside the list.

import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { createLazyRoute, getRouteApi } from '@tanstack/react-router'
import { History } from 'lucide-react'
import { runsQuery, statusQuery } from '../../api/queries.ts'
import { BroughtBack, useRemembered } from '../../app/remembered.tsx'
import { SavedViews } from '../../app/saved-views.tsx'
import { Button } from '../../parts/button.tsx'
import { EmptyState, Loaded, SkeletonRows } from '../../parts/states.tsx'
import { Page } from '../../parts/surface.tsx'
import { plural } from '../../parts/values.tsx'
import { AddDoor } from '../add/door.tsx'
import { Filters } from './filters.tsx'
import { RunPanel } from './run-panel.tsx'
import { RunTable } from './run-table.tsx'

export const page = createLazyRoute('/runs')({ component: Runs })

const route = getRouteApi('/runs')

const NO_FILTER = { connection: undefined, status: undefined, mode: undefined, since: undefined, show: undefined }

const FILTERS = Object.keys(NO_FILTER)

function Runs() {
  const search = route.useSearch()
  const { connection, status, mode, since, show, run } = search
  const navigate = route.useNavigate()
  const runs = useInfiniteQuery(runsQuery({ connection, status, mode, since, problems: show === 'problems' }))
  const change = (to: object) => void navigate({ search: (before) => ({ ...before, ...to }), replace: true })
  const remembered = useRemembered('runs', FILTERS, { search, change })
  const { choose } = remembered
  const open = (id: string) => void navigate({ search: (before) => ({ ...before, run: id }) })
  const isNew = useQuery(statusQuery).data?.connections.length === 0
  const shown = runs.data?.pages.flatMap((one) => one.runs) ?? []
  const isFiltered = FILTERS.some((name) => search[name as keyof typeof search] !== undefined)
  return (
    <Page
      title="Runs"
      tab={tabOf(search)}
      lead={runs.data && !isNew && `${plural(shown.length, 'run')}${runs.hasNextPage ? ', and older ones' : ''}`}
      actions={<SavedViews page="runs" search={{ connection, status, mode, since, show }} choose={choose} />}
    >
      {!isNew && <Filters search={search} change={choose} />}
      <BroughtBack of={remembered} />
      <Loaded query={runs} wait={<SkeletonRows rows={12} />}>
        {() =>
          shown.length === 0 ? (
            <EmptyState
              icon={<History aria-hidden />}
              title={isFiltered ? 'No run fits' : 'There was no run yet'}
              action={
                isFiltered ? <Button onClick={() => choose(NO_FILTER)}>Show all runs</Button> : isNew && <AddDoor />
              }
            >
              {isFiltered ? undefined : 'Each sync of a connection is listed here, with what it read and what it cost.'}
            </EmptyState>
          ) : (
            <RunTable runs={shown} open={({ id }) => open(id)} />
          )
        }
      </Loaded>
      {runs.hasNextPage && (
        <div className="flex justify-center">
          <Button isBusy={runs.isFetchingNextPage} onClick={() => void runs.fetchNextPage()}>
            Show older runs
          </Button>
        </div>
      )}
      {run !== undefined && <RunPanel id={run} close={() => change({ run: undefined })} open={open} />}
    </Page>
  )
}

/** `Problems of me · Runs`: what is filtered, in the tab of the browser. */
function tabOf({ connection, status, show }: ReturnType<typeof route.useSearch>): string {
  const what = status ?? (show === 'problems' ? 'problems' : '')
  const words = [what, connection === undefined ? '' : `of ${connection}`].filter((word) => word !== '')
  return words.length === 0 ? 'Runs' : `Runs: ${words.join(' ')}`
}

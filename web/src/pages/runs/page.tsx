// Owns the page of runs: over all connections, newest first, filtered in the address; each opens beside the list.

import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { createLazyRoute, getRouteApi } from '@tanstack/react-router'
import { History } from 'lucide-react'
import { runsQuery, statusQuery } from '../../api/queries.ts'
import { Button } from '../../parts/button.tsx'
import { Choice } from '../../parts/field.tsx'
import { EmptyState, Loaded, SkeletonRows } from '../../parts/states.tsx'
import { Page } from '../../parts/surface.tsx'
import { plural } from '../../parts/values.tsx'
import { STATUSES } from './route.ts'
import { RunPanel } from './run-panel.tsx'
import { RunTable } from './run-table.tsx'

export const page = createLazyRoute('/runs')({ component: Runs })

const route = getRouteApi('/runs')

function Runs() {
  const { connection, status, run } = route.useSearch()
  const navigate = route.useNavigate()
  const runs = useInfiniteQuery(runsQuery(connection))
  const { data: known } = useQuery(statusQuery)
  const change = (search: object) => void navigate({ search: (before) => ({ ...before, ...search }), replace: true })
  const read = runs.data?.pages.flatMap((one) => one.runs) ?? []
  const shown = read.filter((one) => status === undefined || one.status === status)
  return (
    <Page
      title="Runs"
      tab={connection === undefined ? 'Runs' : `Runs of ${connection}`}
      lead={runs.data && leadOf(shown.length, read.length, runs.hasNextPage)}
      actions={
        <>
          <div className="w-40">
            <Choice
              label="Connection"
              isBare
              value={connection ?? ''}
              onChange={({ target }) => change({ connection: target.value || undefined })}
            >
              <option value="">All connections</option>
              {known?.connections.map(({ id }) => (
                <option key={id}>{id}</option>
              ))}
            </Choice>
          </div>
          <div className="w-36">
            <Choice
              label="Status"
              isBare
              value={status ?? ''}
              onChange={({ target }) => change({ status: target.value || undefined })}
            >
              <option value="">Any status</option>
              {STATUSES.map((one) => (
                <option key={one}>{one}</option>
              ))}
            </Choice>
          </div>
        </>
      }
    >
      <Loaded query={runs} wait={<SkeletonRows rows={12} />}>
        {() =>
          shown.length === 0 ? (
            <EmptyState
              icon={<History aria-hidden />}
              title={read.length === 0 ? 'There was no run yet' : 'No run fits'}
            >
              {read.length === 0
                ? 'Each sync of a connection is listed here, with what it read and what it cost.'
                : `Of the newest ${read.length}, none is ${status}.`}
            </EmptyState>
          ) : (
            <RunTable runs={shown} open={({ id }) => change({ run: id })} />
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
      {run !== undefined && <RunPanel id={run} close={() => change({ run: undefined })} />}
    </Page>
  )
}

function leadOf(shown: number, read: number, hasMore: boolean): string {
  const of = shown === read ? '' : ` of ${plural(read, 'run')}`
  return `${shown === read ? plural(shown, 'run') : String(shown)}${of}${hasMore ? ', the newest first' : ''}`
}

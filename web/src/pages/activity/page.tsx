// Owns the activity: what has changed, the newest first, and live. While somebody reads further down, what comes waits behind a
// button, so that nothing moves.

import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query'
import { createLazyRoute, getRouteApi } from '@tanstack/react-router'
import { Activity, ArrowUp } from 'lucide-react'
import { useEffect } from 'react'
import { statusQuery } from '../../api/queries.ts'
import { BroughtBack, useRemembered } from '../../app/remembered.tsx'
import { Button } from '../../parts/button.tsx'
import { Choice } from '../../parts/field.tsx'
import { EmptyState, Loaded, SkeletonRows } from '../../parts/states.tsx'
import { Page } from '../../parts/surface.tsx'
import { Toggles } from '../../parts/toggles.tsx'
import { AddDoor } from '../add/door.tsx'
import { Changes, WORDS } from './changes.tsx'
import { type Change, newestQuery, shownQuery } from './queries.ts'
import { OPS } from './route.ts'

export const page = createLazyRoute('/activity')({ component: ActivityPage })

const route = getRouteApi('/activity')

/** So near to the top, what comes is shown at once, in pixels. */
const TOP_PX = 120

const NO_FILTER = { connection: undefined, stream: undefined, op: undefined }

const FILTERS = Object.keys(NO_FILTER)

function ActivityPage() {
  const { open, ...filter } = route.useSearch()
  const navigate = route.useNavigate()
  const change = (search: object) => void navigate({ search: (before) => ({ ...before, ...search }), replace: true })
  const remembered = useRemembered('activity', FILTERS, { search: filter, change })
  const { choose } = remembered
  const client = useQueryClient()
  const shown = useInfiniteQuery(shownQuery(filter))
  const newest = useQuery(newestQuery(filter))
  const isFiltered = Object.keys(filter).length > 0
  const isNew = useQuery(statusQuery).data?.connections.length === 0
  const all = shown.data?.pages.flatMap(({ activity }) => activity) ?? []
  const waiting = shown.isPlaceholderData ? 0 : countNewer(newest.data?.activity ?? [], all)
  const hasMore =
    newest.data !== undefined && waiting === newest.data.activity.length && newest.data.nextCursor !== null
  const { isFetching } = shown
  useEffect(() => {
    if (waiting > 0 && !isFetching && open === undefined && scrollY < TOP_PX) void shown.refetch()
  }, [waiting, isFetching, open, shown.refetch])
  const showNewer = async () => {
    // Of what was read further down, the first page is enough.
    client.setQueryData(
      shownQuery(filter).queryKey,
      (before) => before && { pages: before.pages.slice(0, 1), pageParams: before.pageParams.slice(0, 1) },
    )
    await shown.refetch()
    scrollTo({ top: 0 })
  }
  return (
    <Page
      title="Activity"
      tab={waiting > 0 ? `(${waiting}) Activity` : 'Activity'}
      lead="Every record that came, changed, was removed or came back, the newest first."
    >
      {!isNew && <Filters change={choose} />}
      <BroughtBack of={remembered} />
      {waiting > 0 && (
        <div className="sticky top-3 z-20 flex h-0 justify-center overflow-visible">
          <Button
            look="primary"
            className="rounded-full shadow-high"
            onClick={() => void showNewer()}
            icon={<ArrowUp aria-hidden className="size-3.5" />}
          >
            {`${waiting}${hasMore ? '+' : ''} new`}
          </Button>
        </div>
      )}
      <Loaded query={shown} wait={<SkeletonRows rows={12} />}>
        {() =>
          all.length === 0 ? (
            <EmptyState
              icon={<Activity aria-hidden />}
              title="Nothing has changed"
              action={
                isFiltered ? <Button onClick={() => choose(NO_FILTER)}>Show all changes</Button> : isNew && <AddDoor />
              }
            >
              {!isFiltered
                ? 'When a sync finds something new, changed or gone, it is listed here.'
                : 'No change that is kept fits what you look for.'}
            </EmptyState>
          ) : (
            <Changes changes={all} open={open} toggle={(seq) => change({ open: seq === open ? undefined : seq })} />
          )
        }
      </Loaded>
      {shown.hasNextPage && (
        <div className="flex justify-center">
          <Button isBusy={shown.isFetchingNextPage} onClick={() => void shown.fetchNextPage()}>
            Show older changes
          </Button>
        </div>
      )}
    </Page>
  )
}

/** How many of the newest are not shown yet. */
function countNewer(newest: readonly Change[], [first]: readonly Change[]): number {
  return newest.filter(({ seq }) => first === undefined || seq > first.seq).length
}

function Filters({ change }: { readonly change: (search: object) => void }) {
  const { connection, stream, op } = route.useSearch()
  const { data } = useQuery(statusQuery)
  const connections = data?.connections ?? []
  const streams = [
    ...new Set(
      connections
        .filter(({ id }) => connection === undefined || id === connection)
        .flatMap((one) => one.streams.map((of) => of.stream)),
    ),
  ].sort()
  return (
    <div className="flex flex-wrap items-center gap-2">
      <Toggles
        label="Kind"
        options={[{ id: 'all', label: 'All' }, ...OPS.map((id) => ({ id, label: WORDS[id] }))]}
        chosen={op ?? 'all'}
        choose={(one) => change({ op: one === 'all' ? undefined : one, open: undefined })}
      />
      <div className="w-40">
        <Choice
          label="Connection"
          isBare
          value={connection ?? ''}
          onChange={({ target }) =>
            change({ connection: target.value || undefined, stream: undefined, open: undefined })
          }
        >
          <option value="">All connections</option>
          {connections.map(({ id }) => (
            <option key={id}>{id}</option>
          ))}
        </Choice>
      </div>
      <div className="w-36">
        <Choice
          label="Stream"
          isBare
          value={stream ?? ''}
          onChange={({ target }) => change({ stream: target.value || undefined, open: undefined })}
        >
          <option value="">All streams</option>
          {streams.map((id) => (
            <option key={id}>{id}</option>
          ))}
        </Choice>
      </div>
    </div>
  )
}

// Owns what the activity asks of the server: what it shows, a page at a time, and whether something newer has come.

import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, told } from '../../api/client.ts'
import type { Answer } from '../../api/queries.ts'
import type { OPS } from './route.ts'

export type Change = Answer<'getActivity'>['activity'][number]

export interface Filter {
  readonly connection?: string | undefined
  readonly stream?: string | undefined
  readonly op?: (typeof OPS)[number] | undefined
}

const A_PAGE = 100
/** What no event of this server tells of, such as a run of another process, is seen after so long, in milliseconds. */
const LOOK_EVERY_MS = 5_000

const read = (filter: Filter, more: { readonly cursor?: string }, signal: AbortSignal) => {
  const given = Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined)) as object
  return told(api.GET('/api/activity', { params: { query: { limit: A_PAGE, ...given, ...more } }, signal }))
}

/** What is shown. It stays as it is until it is asked for anew, so that nothing moves under a reader. */
export const shownQuery = (filter: Filter) =>
  infiniteQueryOptions({
    queryKey: ['shown-activity', filter],
    queryFn: ({ pageParam, signal }) => read(filter, pageParam === '' ? {} : { cursor: pageParam }, signal),
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) => nextCursor,
    placeholderData: keepPreviousData,
    staleTime: 0,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  })

/** The newest of all, asked whenever a run stores something. */
export const newestQuery = (filter: Filter) =>
  queryOptions({
    queryKey: ['activity', filter],
    queryFn: ({ signal }) => read(filter, {}, signal),
    refetchInterval: LOOK_EVERY_MS,
  })

// Owns what the dashboard knows of the server: each question under one key, asked once for all who show its answer.

import { infiniteQueryOptions, QueryCache, QueryClient, queryOptions } from '@tanstack/react-query'
import { api, findSession, Problem, told } from './client.ts'
import type { operations } from './schema.d.ts'

/** The document of an answer of the API, by the id of its call. */
export type Answer<Id extends keyof operations> = operations[Id] extends {
  responses: { 200: { content: { 'application/json': infer Document } } }
}
  ? Document
  : never

export type Connection = Answer<'getStatus'>['connections'][number]
export type StreamState = Connection['streams'][number]
export type Run = Answer<'getRunsId'>
export type Progress = NonNullable<Run['progress']>
export type LogEntry = Answer<'getRunsIdLog'>['log'][number]
export type Gap = Answer<'getGaps'>['gaps'][number]

/** How often what no event tells of is asked again, in milliseconds. */
const ASK_EVERY_MS = 15_000
const RUNS_A_PAGE = 50
const LOG_PAGE = 1_000

export const queryClient: QueryClient = new QueryClient({
  queryCache: new QueryCache({
    onError: (error, { queryKey }) => {
      // A session that has ended is asked for anew, and the login is shown.
      if (error instanceof Problem && error.status === 401 && queryKey[0] !== 'session') {
        void queryClient.invalidateQueries({ queryKey: ['session'] })
      }
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      retry: (count, error) => count < 2 && !(error instanceof Problem && error.status >= 400 && error.status < 500),
    },
  },
})

export const sessionQuery = queryOptions({ queryKey: ['session'], queryFn: findSession, staleTime: 60_000 })

export const statusQuery = queryOptions({
  queryKey: ['status'],
  queryFn: () => told(api.GET('/api/status')),
  refetchInterval: ASK_EVERY_MS,
})

export const connectionQuery = (id: string) =>
  queryOptions({
    queryKey: ['connection', id],
    queryFn: () => told(api.GET('/api/connections/{id}', { params: { path: { id } } })),
    refetchInterval: ASK_EVERY_MS,
  })

/** What is known not to have been read of a connection. */
export const gapsQuery = (connection: string) =>
  queryOptions({
    queryKey: ['gaps', connection],
    queryFn: () => told(api.GET('/api/gaps', { params: { query: { connection } } })),
  })

/** Which runs are asked for, as the API filters them; a time as it reads one, such as `7d`. */
export interface RunsAsked {
  readonly connection?: string | undefined
  readonly status?: Run['status'] | undefined
  readonly mode?: Run['mode'] | undefined
  readonly since?: string | undefined
  readonly problems?: boolean | undefined
}

/** Runs, newest first, a page at a time. */
export const runsQuery = ({ connection, status, mode, since, problems = false }: RunsAsked) =>
  infiniteQueryOptions({
    queryKey: ['runs', { connection, status, mode, since, problems }],
    queryFn: async ({ pageParam }) => {
      const query = {
        limit: RUNS_A_PAGE,
        ...(connection === undefined ? {} : { connection }),
        ...(status === undefined ? {} : { status: [status] }),
        ...(mode === undefined ? {} : { mode: [mode] }),
        ...(since === undefined ? {} : { since }),
        ...(problems ? { problems } : {}),
        ...(pageParam === '' ? {} : { cursor: pageParam }),
      }
      const answer = await told(api.GET('/api/runs', { params: { query } }))
      return 'runs' in answer ? answer : { runs: [], nextCursor: null }
    },
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) => nextCursor,
  })

/** The log of a run, a page at a time, in its order. */
export const runLogQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ['run-log', id],
    queryFn: ({ pageParam }) => {
      const query = { limit: LOG_PAGE, ...(pageParam === '' ? {} : { cursor: pageParam }) }
      return told(api.GET('/api/runs/{id}/log', { params: { path: { id }, query } }))
    },
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) => nextCursor,
  })

export const runQuery = (id: string) =>
  queryOptions({
    queryKey: ['run', id],
    queryFn: () => told(api.GET('/api/runs/{id}', { params: { path: { id } } })),
  })

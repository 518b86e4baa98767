// Owns what the page of a connection asks beside the connection itself: its plan, its removals, its quarantine.

import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { api, told } from '../../api/client.ts'
import type { Answer } from '../../api/queries.ts'

export type Plan = Answer<'getConnectionsIdPlan'>
export type Removals = Answer<'getRemovals'>['removals'][number]
export type SetAside = Answer<'getQuarantine'>['quarantine'][number]
export type PlanMode = 'auto' | 'full' | 'refresh'

/** Runs with removals, the newest: so many are listed. */
const REMOVALS_MAX = 100
const QUARANTINE_PAGE = 50
/** Records that a decision would take away, shown at most. */
const KEYS_MAX = 200

/** What a run would do now: asked each time that it is shown. */
export const planQuery = (id: string, mode: PlanMode) =>
  queryOptions({
    queryKey: ['plan', id, mode],
    queryFn: () => told(api.GET('/api/connections/{id}/plan', { params: { path: { id }, query: { mode } } })),
    staleTime: 0,
  })

/** Which times of its streams were read; as old as the connection itself. */
export const coverageQuery = (id: string) =>
  queryOptions({
    queryKey: ['connection', id, 'coverage'],
    queryFn: () => told(api.GET('/api/connections/{id}/coverage', { params: { path: { id } } })),
  })

/** The budgets that its runs draw on. */
export const budgetsQuery = (connection: string) =>
  queryOptions({
    queryKey: ['budgets', connection],
    queryFn: () => told(api.GET('/api/budgets', { params: { query: { connection } } })),
  })

export const removalsQuery = (id: string) =>
  queryOptions({
    queryKey: ['removals', id],
    queryFn: async () => {
      const query = { connection: id, limit: REMOVALS_MAX }
      return (await told(api.GET('/api/removals', { params: { query } }))).removals
    },
  })

/** The keys of the records that a run holds of a stream, in the order of the store. */
export const heldQuery = ({ run, connection, stream }: Pick<Removals, 'run' | 'connection' | 'stream'>) =>
  queryOptions({
    queryKey: ['removals', connection, 'held', run, stream],
    queryFn: async () => {
      const text = (value: string) => `'${value.replaceAll("'", "''")}'`
      const sql = `select key from held_removals where connection = ${text(connection)} and stream = ${text(stream)} and run = ${text(run)} order by key`
      const { rows, truncated } = await told(api.POST('/api/sql', { body: { sql, limit: KEYS_MAX } }))
      return { keys: rows.map(({ key }) => String(key)), truncated }
    },
  })

export const quarantineQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ['quarantine', id],
    queryFn: ({ pageParam }) => {
      const query = { connection: id, limit: QUARANTINE_PAGE, ...(pageParam === '' ? {} : { cursor: pageParam }) }
      return told(api.GET('/api/quarantine', { params: { query } }))
    },
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) => nextCursor,
  })

// Owns what adding a connection asks and does: connectors, names that are taken, samples; connecting, and what comes of it.

import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { api, told } from '../../api/client.ts'
import type { Answer } from '../../api/queries.ts'

export type Connector = Answer<'getConnectors'>['connectors'][number]
export type Option = Connector['options'][number]
export type Check = Answer<'postConnectionsIdCheck'>
export type Plan = Answer<'getConnectionsIdPlan'>

const ALL = 1_000

/** They change with the server only. */
export const connectorsQuery = queryOptions({
  queryKey: ['connectors'],
  queryFn: () => told(api.GET('/api/connectors', { params: { query: { limit: ALL } } })),
  staleTime: Number.POSITIVE_INFINITY,
})

export const connectorQuery = (name: string) =>
  queryOptions({
    queryKey: ['connectors', name],
    queryFn: () => told(api.GET('/api/connectors/{name}', { params: { path: { name } } })),
    staleTime: Number.POSITIVE_INFINITY,
  })

/** Names that connections have, those that are disconnected too: their records are kept under them. */
export const takenQuery = queryOptions({
  queryKey: ['status', 'taken'],
  queryFn: async () => {
    const query = { all: true, limit: ALL }
    const { connections } = await told(api.GET('/api/connections', { params: { query } }))
    return connections.map(({ id }) => id)
  },
})

export const samplesQuery = queryOptions({
  queryKey: ['samples'],
  queryFn: () => told(api.GET('/api/samples')),
  staleTime: Number.POSITIVE_INFINITY,
})

export interface Login {
  readonly connector: string
  readonly id: string
  readonly options: Readonly<Record<string, unknown>>
}

/** What came of connecting: what the service says of the login, and what a first sync would do. */
export interface Connected {
  readonly id: string
  readonly check: Check
  /** Null: nobody could tell. */
  readonly plan: Plan | null
}

/** Makes the connection, or changes the one that this page has made, and asks the service whose login it is. @throws Problem */
export function useConnect() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: async (login: Login): Promise<Connected> => {
      const { id } = await told(api.POST('/api/connections', { body: login }))
      const params = { path: { id } }
      const check = await told(api.POST('/api/connections/{id}/check', { params }))
      const plan = await told(api.GET('/api/connections/{id}/plan', { params })).catch(() => null)
      return { id, check, plan }
    },
    // The answer is on the page; what else is shown of connections is old now.
    onSettled: () => void client.invalidateQueries({ queryKey: ['status'] }),
  })
}

/** Takes back a connection that was never read. */
export function useDiscard() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (id: string) =>
      told(api.DELETE('/api/connections/{id}', { params: { path: { id }, query: { purge: true } } })),
    onSettled: () => void client.invalidateQueries(),
  })
}

/** Connects an emulated service, and begins its first sync; the id of the connection. @throws Problem */
export function useSample() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: async (connector: string) => {
      const { id } = await told(api.POST('/api/samples/{connector}', { params: { path: { connector } } }))
      await told(api.POST('/api/connections/{id}/runs', { params: { path: { id } }, body: {} }))
      return id
    },
    onSettled: () => void client.invalidateQueries(),
  })
}

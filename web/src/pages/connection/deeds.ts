// Owns what a person does to a connection alone: decisions about its removals and its quarantine,
// its schedule, its options, and its end.

import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useDeed } from '../../api/actions.ts'
import { api, told } from '../../api/client.ts'

export type Verdict = 'approve' | 'reject' | 'undo'

const DONE: Readonly<Record<Verdict, string>> = {
  approve: 'removed',
  reject: 'kept',
  undo: 'brought back',
}

export function useDecide() {
  return useDeed(
    ({ run, verdict }: { readonly run: string; readonly verdict: Verdict }) => {
      const params = { params: { path: { id: run } } }
      if (verdict === 'approve') return told(api.POST('/api/removals/{id}/approve', params))
      if (verdict === 'reject') return told(api.POST('/api/removals/{id}/reject', params))
      return told(api.POST('/api/removals/{id}/undo', params))
    },
    {
      done: ({ verdict }, { streams }) => {
        const records = streams.reduce((sum, one) => sum + one.records, 0)
        return `${records} ${records === 1 ? 'record was' : 'records were'} ${DONE[verdict]}.`
      },
    },
  )
}

export function useRetryQuarantine() {
  return useDeed(
    ({ connection }: { readonly connection: string }) =>
      told(api.POST('/api/quarantine/retry', { body: { connection } })),
    { done: (_, { released, remaining }) => `${released} could be read now, ${remaining.length} still can't.` },
  )
}

export function useDisconnect() {
  return useDeed(
    ({ id, purge }: { readonly id: string; readonly purge: boolean }) =>
      told(api.DELETE('/api/connections/{id}', { params: { path: { id }, query: { purge } } })),
    { done: ({ id, purge }) => (purge ? `${id} is deleted.` : `${id} is disconnected; its records stay.`) },
  )
}

export interface Wish {
  readonly spec: string
  readonly stream?: string
  readonly timezone?: string
  readonly quietHours?: string
}

/** What is wrong with a schedule stands beside its field: no message tells it a second time. */
export function useSetSchedule(id: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (body: Wish) => told(api.PUT('/api/connections/{id}/schedule', { params: { path: { id } }, body })),
    onSuccess: () => client.invalidateQueries(),
  })
}

/**
 * Changes options of a connection, and asks the service whose login it is now; nothing changed: it is only asked. What is wrong
 * with an option stands beside its field.
 */
export function useChangeOptions(id: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: async (options: Readonly<Record<string, unknown>>) => {
      const params = { path: { id } }
      if (Object.keys(options).length > 0) await told(api.PATCH('/api/connections/{id}', { params, body: { options } }))
      return told(api.POST('/api/connections/{id}/check', { params }))
    },
    // Saved it may be although the check could not be asked.
    onSettled: () => client.invalidateQueries(),
  })
}

// Owns what a person does to the server: each deed as a mutation that says what came of it and makes old what it changed.

import { useMutation, useQueryClient } from '@tanstack/react-query'
import { toast } from '../parts/toast.tsx'
import { api, Problem, told } from './client.ts'

type Mode = 'auto' | 'full' | 'refresh'

/** Starts a run of a connection, and gives its id; null: it follows when the connection is free. What it is doing, events tell. */
export function useSync() {
  return useDeed(
    async ({ id, mode = 'auto' }: { readonly id: string; readonly mode?: Mode }) => {
      const begun = await told(api.POST('/api/connections/{id}/runs', { params: { path: { id } }, body: { mode } }))
      return begun.status === 'queued' ? null : begun.id
    },
    { done: ({ id }) => `Sync of ${id} has begun.` },
  )
}

export function useSyncAll() {
  return useDeed((_: undefined) => told(api.POST('/api/runs', { body: {} })), {
    done: () => 'Every connection is being synced.',
  })
}

export function useCancel() {
  return useDeed(
    ({ run }: { readonly run: string }) => told(api.POST('/api/runs/{id}/cancel', { params: { path: { id: run } } })),
    { done: () => 'The run stops after its current page.' },
  )
}

export function usePause() {
  return useDeed(
    ({ id, paused }: { readonly id: string; readonly paused: boolean }) =>
      told(api.PATCH('/api/connections/{id}', { params: { path: { id } }, body: { paused } })),
    { done: ({ id, paused }) => (paused ? `${id} is paused.` : `${id} runs again.`) },
  )
}

/** A deed: done, it says so and all that is shown is asked for again; refused, it says why. */
export function useDeed<Given, Result>(
  deed: (given: Given) => Promise<Result>,
  {
    done,
    isShownThere = false,
  }: {
    readonly done: (given: Given, result: Result) => string
    /** Whoever asks for it shows the error itself: it is said once. @default false */
    readonly isShownThere?: boolean
  },
) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: deed,
    onSuccess: (result, given) => toast({ text: done(given, result), kind: 'good' }),
    onError: (error) => {
      if (isShownThere) return
      const hint = error instanceof Problem && error.hint !== null ? { hint: error.hint } : {}
      toast({ text: error.message, kind: 'bad', ...hint })
    },
    onSettled: () => client.invalidateQueries(),
  })
}

// Owns what the page of a record asks, and what a person does there.

import { queryOptions } from '@tanstack/react-query'
import { useDeed } from '../../api/actions.ts'
import { api, told } from '../../api/client.ts'
import type { Answer } from '../../api/queries.ts'

export interface OneRecord {
  readonly id: string
  readonly stream: string
  readonly key: string
}

export type Explanation = Answer<'getConnectionsIdStreamsStreamRecordsKeyExplain'>
export type Version = Explanation['versions'][number]

export const recordQuery = (path: OneRecord) =>
  queryOptions({
    queryKey: ['records', path.id, 'one', path.stream, path.key],
    queryFn: () => told(api.GET('/api/connections/{id}/streams/{stream}/records/{key}', { params: { path } })),
  })

export const explanationQuery = (path: OneRecord) =>
  queryOptions({
    queryKey: ['records', path.id, 'explain', path.stream, path.key],
    queryFn: () => told(api.GET('/api/connections/{id}/streams/{stream}/records/{key}/explain', { params: { path } })),
  })

/** Names of the columns whose values are kept over time. */
export const metricsOfQuery = ({ id, stream, key }: OneRecord) =>
  queryOptions({
    queryKey: ['records', id, 'metrics-of', stream],
    queryFn: async () => {
      const params = { path: { id, stream }, query: { where: [`_key=${key}`] } }
      return (await told(api.GET('/api/connections/{id}/streams/{stream}/outline', { params }))).metrics
    },
    staleTime: Number.POSITIVE_INFINITY,
  })

/** What each snapshot of a record has of a metric. */
export const pointsQuery = ({ id, stream, key }: OneRecord, metric: string) =>
  queryOptions({
    queryKey: ['records', id, 'points', stream, key, metric],
    queryFn: async () => {
      const params = { path: { id, stream }, query: { key, metric, by: 'run' as const } }
      const { points } = await told(api.GET('/api/connections/{id}/streams/{stream}/metrics', { params }))
      return points.flatMap(({ at, value }) =>
        at === undefined ? [] : [{ at: Date.parse(at), value: value === null ? null : Number(value) }],
      )
    },
  })

/** Sets a field of a blend's record by hand; null takes it back. */
export function useSetValue({ id, key }: OneRecord) {
  return useDeed(
    ({ field, value }: { readonly field: string; readonly value: string | number | boolean | null }) =>
      told(
        api.PATCH('/api/blends/{name}/records/{key}', {
          params: { path: { name: id, key } },
          body: { values: { [field]: value } },
        }),
      ),
    { done: ({ field, value }) => (value === null ? `${field} follows its rule again.` : `${field} is set by hand.`) },
  )
}

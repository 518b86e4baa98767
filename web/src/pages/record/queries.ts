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

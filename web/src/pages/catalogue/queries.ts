// Owns what the catalogue asks: which catalogs there are, one of them, and what differs between two.

import { queryOptions } from '@tanstack/react-query'
import { api, Problem, told } from '../../api/client.ts'
import type { Answer } from '../../api/queries.ts'
import { readCatalog } from './read-catalog.ts'

export type CatalogInfo = Answer<'getConnectionsIdCatalogs'>['catalogs'][number]

/** Connectors that publish catalogs, by name, with the columns of categories by stream. */
export const publishersQuery = queryOptions({
  queryKey: ['connectors', 'publishers'],
  queryFn: async () => {
    const { connectors } = await told(api.GET('/api/connectors', { params: { query: { limit: 1_000 } } }))
    return new Map(
      connectors.flatMap(({ name, catalog }) =>
        catalog ? [[name, new Map(catalog.streams.map(({ stream, category }) => [stream, category]))] as const] : [],
      ),
    )
  },
  staleTime: Number.POSITIVE_INFINITY,
})

export const catalogsQuery = (id: string) =>
  queryOptions({
    queryKey: ['connection', id, 'catalogs'],
    queryFn: async () => (await told(api.GET('/api/connections/{id}/catalogs', { params: { path: { id } } }))).catalogs,
  })

/** A catalog never changes: it is read once. */
export const catalogQuery = (id: string, n: number, categories: ReadonlyMap<string, string | null>) =>
  queryOptions({
    queryKey: ['catalog', id, n],
    queryFn: async ({ signal }) => {
      const answer = await fetch(`/api/connections/${encodeURIComponent(id)}/catalogs/${n}`, { signal })
      if (!answer.ok || !answer.body) {
        const {
          code = 'unexpected',
          detail = `The server answered with ${answer.status}.`,
          hint = null,
        } = (await answer.json().catch(() => ({}))) as { code?: string; detail?: string; hint?: string | null }
        throw new Problem({ status: answer.status, code, detail, hint })
      }
      return readCatalog(answer.body, (stream) => categories.get(stream) ?? null)
    },
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
    // What is compared would be a hundred thousand titles.
    structuralSharing: false,
  })

export const diffQuery = (id: string, a: number, b: number) =>
  queryOptions({
    queryKey: ['catalog', id, 'diff', a, b],
    queryFn: () =>
      told(api.GET('/api/connections/{id}/catalogs/{a}/diff/{b}', { params: { path: { id, a, b } as never } })),
    staleTime: Number.POSITIVE_INFINITY,
  })

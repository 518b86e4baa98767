// Owns the connector of the ingest benchmark.

import { byCursor, defineConnector, type Page, rows, stream, z } from 'tidemark'

/** @param pageSize records that one request asks for */
export function records(
  pageSize: number,
  { name = 'bench', text }: { readonly name?: string; readonly text?: { readonly title: 'title' } } = {},
) {
  return defineConnector(
    {
      name,
      title: 'The source of the ingest benchmark',
      options: z.object({}),
      http: () => ({ baseUrl: 'http://127.0.0.1' }),
    },
    {
      records: stream({
        schema: z.object({
          id: z.string(),
          updated_at: z.int(),
          created_at: z.int(),
          title: z.string(),
          status: z.string(),
          amount: z.string(),
          currency: z.string(),
          quantity: z.int(),
          weight: z.number(),
          paid: z.boolean(),
          country: z.string(),
          customer: z.string(),
          likes: z.int(),
          note: z.string().nullable(),
          lines: z.array(z.object({ sku: z.string(), count: z.int() })),
        }),
        key: (record) => record.id,
        ...(text ? { text } : {}),
        passes: [
          byCursor({
            pageSize,
            order: (record) => record.updated_at,
            unitMs: 1_000,
            overlap: '0s',
            async read({ http, page, since, until }): Promise<Page> {
              const query = { limit: pageSize, page: page as number | undefined, since, until }
              const { body } = await http.get('/records', { query })
              const { items, next } = body as { items: unknown; next?: number }
              return { records: rows(items, 'items'), next }
            },
          }),
        ],
      }),
    },
  )
}

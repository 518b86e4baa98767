// A connector for an API that can filter by time of update: it is asked only for what changed since the last run.

import {
  byCursor,
  decimal,
  defineConnector,
  id,
  type Page,
  rows,
  secret,
  stream,
  type WindowRequest,
  z,
} from 'tidemark'

/** One page of the invoices that were updated from `since` (inclusive) to `until` (exclusive), oldest update first. */
async function readInvoices({ http, page, since, until }: WindowRequest<unknown>): Promise<Page> {
  const { body } = await http.get('/invoices', {
    query: {
      updated_from: since,
      updated_before: until,
      sort: 'updated_at',
      limit: 100,
      page: page as number | undefined,
    },
  })
  const { invoices, next_page, total } = body as { invoices: unknown; next_page?: number; total: number }
  return { records: rows(invoices, 'invoices'), next: next_page, total }
}

export const billing = defineConnector(
  {
    name: 'billing',
    title: 'Invoices of a made-up billing service',
    options: z.object({ token: secret('API token') }),
    http: ({ token }) => ({
      baseUrl: 'https://api.billing.example',
      headers: { authorization: `Bearer ${token}` },
    }),
  },
  {
    invoices: stream({
      schema: z.object({ id: id(), status: z.string(), amount: decimal(), updated_at: z.int() }),
      key: (invoice) => invoice.id,
      version: (invoice) => invoice.updated_at,
      passes: [
        byCursor({
          read: readInvoices,
          pageSize: 100,
          order: (invoice) => invoice.updated_at, // unix seconds, by which the API filters and sorts
          unitMs: 1_000,
          overlap: '5m', // updates that become visible late are asked for again
        }),
      ],
    }),
  },
)

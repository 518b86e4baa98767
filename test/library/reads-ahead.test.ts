// Owns the proof that the next page is on its way before a page is stored: storing holds the thread, and the source
// answers meanwhile.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { byCursor, defineConnector, openTidemark, rows, stream, z } from 'tidemark'
import { expect, test } from 'vitest'
import type { Transport } from '../../src/http/transport.ts'

const PAGES = 4

const numbers = defineConnector(
  { name: 'numbers', title: 'Numbers', options: z.object({}), http: () => ({ baseUrl: 'http://127.0.0.1' }) },
  {
    numbers: stream({
      schema: z.object({ id: z.int(), at: z.int() }),
      key: ({ id }) => String(id),
      passes: [
        byCursor({
          pageSize: 10,
          order: ({ at }) => at,
          unitMs: 1_000,
          overlap: '0s',
          async read({ http, since }) {
            const { body } = await http.get('/numbers', { query: { since } })
            const { items, next } = body as { items: unknown; next?: number }
            return { records: rows(items, 'items'), next }
          },
        }),
      ],
    }),
  },
)

test('the next page is asked for before a page is stored', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-ahead-'))
  const events: string[] = []
  let asked = 0
  const transport: Transport = {
    async send({ url }) {
      // Node writes a request to its socket no sooner than in the next tick.
      await new Promise<void>((resolve) => process.nextTick(resolve))
      const since = Number(url.searchParams.get('since') ?? 0)
      if (since < PAGES * 10) events.push(`asked ${++asked}`)
      const items = Array.from({ length: 11 }, (_, i) => ({ id: since + i, at: since + i }))
      const next = since + 10 < PAGES * 10 ? { next: 1 } : {}
      return { status: 200, headers: { 'content-type': 'application/json' }, text: JSON.stringify({ items, ...next }) }
    },
    close: async () => {},
  }
  const logger = {
    event: (_level: string, name: string, { page }: Readonly<Record<string, unknown>>) =>
      void (name === 'page.stored' && Number(page) <= PAGES && events.push(`stored ${Number(page)}`)),
  }
  const key = new Uint8Array(32).fill(7)
  const tidemark = await openTidemark({ database: join(folder, 'm.db'), connectors: [numbers], transport, logger, key })
  try {
    const connection = await tidemark.connect(numbers, {
      id: 'it',
      options: { allowPrivateNetwork: true },
      check: false,
    })
    await connection.sync()
    expect(events.slice(0, 7)).toEqual(['asked 1', 'asked 2', 'stored 1', 'asked 3', 'stored 2', 'asked 4', 'stored 3'])
  } finally {
    await tidemark.close()
    rmSync(folder, { recursive: true, force: true })
  }
})

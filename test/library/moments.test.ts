// Owns the proof that a program may give its moments as a Date, and may end by a signal what waits.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { byCursor, defineConnector, rows, stream, z } from 'tidemark'
import { expect, test } from 'vitest'
import { openMirror } from '../support/mirror.ts'

const shop = defineConnector(
  { name: 'shop', title: 'A shop', options: z.object({}), http: () => ({ baseUrl: 'https://shop.example' }) },
  {
    orders: stream({
      schema: z.object({ id: z.string(), updated: z.int() }),
      key: (order) => order.id,
      passes: [
        byCursor({
          read: async ({ http, since, until }) => {
            const query = { since: String(since), until: String(until) }
            return { records: rows((await http.get('/orders', { query })).body, 'orders') }
          },
          order: (order) => order.updated,
          unitMs: 1,
          overlap: '0s',
          pageSize: 10,
        }),
      ],
    }),
  },
)

async function shopService(answer: { readonly status: number; readonly onRequest?: () => void }) {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    answer.onRequest?.()
    response.writeHead(answer.status, { 'content-type': 'application/json', 'retry-after': '55' }).end('[]')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { options: { baseUrl, allowPrivateNetwork: true }, asked, [Symbol.dispose]: () => void server.close() }
}

test('a range is read by Date as by number', async () => {
  using service = await shopService({ status: 200 })
  await using mirror = await openMirror()
  const mine = await mirror.tidemark.connect(shop, { id: 'mine', options: service.options })
  const since = new Date('2026-01-01T00:00:00Z')
  const until = new Date('2026-01-02T00:00:00Z')
  expect(await mine.sync({ since, until })).toMatchObject({ status: 'succeeded' })
  expect(await mine.sync({ since: since.getTime(), until: until.getTime() })).toMatchObject({
    status: 'succeeded',
  })
  const [first, second] = service.asked
  expect(first).toBe(`/orders?since=${since.getTime()}&until=${until.getTime()}`)
  expect(second).toBe(first)
})

test('a signal ends a sync that waits for a limit', async () => {
  const stop = new AbortController()
  using service = await shopService({ status: 429, onRequest: () => stop.abort() })
  await using mirror = await openMirror()
  const mine = await mirror.tidemark.connect(shop, { id: 'mine', options: service.options })
  expect(await mine.sync({ signal: stop.signal })).toMatchObject({ status: 'cancelled', error: { code: 'cancelled' } })
  expect(service.asked).toHaveLength(1)
})

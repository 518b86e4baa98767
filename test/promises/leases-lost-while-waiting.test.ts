// Owns the proof that a process which stood still while it waited, and whose lease is somebody else's by then, asks for
// nothing that costs money: the other one may have asked for it and paid.

import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { defineConnector, fullPass, rows, stream, z } from '../../src/index.ts'
import { serve } from '../http/scripted-server.ts'
import { openMirror } from '../support/mirror.ts'
import { paidVendor, vendorPosts } from '../support/paid-vendor.ts'
import { sleeplessClock } from '../support/sleepless-clock.ts'

const LIMITED = { 'content-type': 'application/json', 'retry-after': '5' }

/** A mirror whose process loses its leases while it sleeps for as long as a limit asks for. */
async function slept() {
  const clock = sleeplessClock()
  const losing = { file: '', armed: true }
  const sleep = async (ms: number) => {
    await clock.sleep(ms)
    if (ms < 4_000 || !losing.armed) return
    losing.armed = false
    const database = new DatabaseSync(losing.file)
    database.exec(`UPDATE tm_leases SET generation = generation + 1, holder = '{"host":"other","pid":1,"started":1}'`)
    database.close()
  }
  const mirror = await openMirror({ clock: { ...clock, sleep } })
  losing.file = mirror.file
  return Object.assign(mirror, { losing })
}

const posts = defineConnector(
  { name: 'vendor', title: 'Posts that cost', options: z.object({}), http: () => ({ baseUrl: 'http://127.0.0.1' }) },
  {
    posts: stream({
      schema: z.object({ id: z.string() }),
      key: ({ id }) => id,
      passes: [
        fullPass<unknown, { id: string }>({
          read: async ({ http }) => {
            const { body } = (await http.get('/posts')) as { body: { posts: unknown } }
            return { records: rows(body.posts, 'posts'), next: undefined, billed: { items: 1, cost: 1 } }
          },
          pageSize: 10,
          paid: true,
        }),
      ],
    }),
  },
)

test('a page that costs money', async () => {
  await using source = await serve((response) => void response.writeHead(429, LIMITED).end('{}'))
  await using mirror = await slept()
  const options = { baseUrl: source.url, allowPrivateNetwork: true }
  const paid = await mirror.tidemark.connect(posts, { id: 'posts', options })
  await expect(paid.sync()).rejects.toMatchObject({ code: 'lease_lost' })
  expect(source.seen).toHaveLength(1)
})

test('an upstream run', async () => {
  await using vendor = await paidVendor()
  await using mirror = await slept()
  vendor.add(3, 1_700_000_000)
  vendor.refuses = (response) => {
    vendor.refuses = undefined
    response.writeHead(429, LIMITED).end('{}')
  }
  const options = { baseUrl: vendor.url, allowPrivateNetwork: true }
  const paid = await mirror.tidemark.connect(vendorPosts(), { id: 'posts', options })
  await expect(paid.sync()).rejects.toMatchObject({ code: 'lease_lost' })
  expect(vendor).toMatchObject({ starts: 1, billed: 0 })
  expect(mirror.value('SELECT state FROM tm_intents')).toBe('open')
})

test('a wait that loses nothing goes on', async () => {
  await using vendor = await paidVendor()
  await using mirror = await slept()
  mirror.losing.armed = false
  vendor.add(3, 1_700_000_000)
  vendor.refuses = (response) => {
    vendor.refuses = undefined
    response.writeHead(429, LIMITED).end('{}')
  }
  const options = { baseUrl: vendor.url, allowPrivateNetwork: true }
  const paid = await mirror.tidemark.connect(vendorPosts(), { id: 'posts', options })
  expect(await paid.sync()).toMatchObject({ status: 'succeeded', billedItems: vendor.billed })
})

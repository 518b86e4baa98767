// Owns the promise that an empty listing closes no walk of others, also where a person has said that all that is stored
// stays: it may be the same outage still, and what the walk lacks is told and read when it is over.

import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineConnector, stream } from '../../src/connector/connector.ts'
import { fullPass, newestFirst } from '../../src/connector/passes.ts'
import { openMirror } from '../support/mirror.ts'

async function listed() {
  const source = { items: Array.from({ length: 30 }, (_, i) => ({ id: 30 - i })), isOut: false, outBelow: 0 }
  const read = async ({ page }: { page?: unknown }) => {
    const all = source.isOut ? [] : source.items
    const from = all.findIndex(({ id }) => id < ((page as number | undefined) ?? Number.MAX_SAFE_INTEGER))
    const records = from < 0 ? [] : all.slice(from, from + 5)
    const last = records.at(-1)
    source.isOut ||= last !== undefined && last.id <= source.outBelow
    return last && last.id > 1 ? { records, next: last.id } : { records }
  }
  const listing = { read, order: ({ id }: { id: number }) => id, pageSize: 5, paging: 'keyset' as const }
  const connector = defineConnector(
    { name: 'listed', title: 'Listed', options: z.object({}), http: () => ({ baseUrl: 'http://127.0.0.1:1' }) },
    {
      items: stream({
        schema: z.object({ id: z.int() }),
        key: ({ id }) => String(id),
        passes: [newestFirst(listing), fullPass({ ...listing, everyRuns: 5 })],
      }),
    },
  )
  const mirror = await openMirror()
  const me = await mirror.tidemark.connect(connector, { id: 'me' })
  // A walk that breaks off after three of six pages.
  let pages = 0
  const stop = new AbortController()
  await me.sync({ signal: stop.signal, onProgress: () => void (++pages === 3 && stop.abort()) })
  const stored = () => mirror.value('select count(*) from listed_items')
  return { source, mirror, me, stored, [Symbol.asyncDispose]: () => mirror[Symbol.asyncDispose]() }
}

test('an outage that goes on after its removals were rejected leaves the gap below', async () => {
  await using world = await listed()
  const { source, mirror, me, stored } = world
  const before = Number(stored())
  expect(before).toBeGreaterThan(5)
  expect(before).toBeLessThan(30)
  source.isOut = true
  const held = await me.sync({ mode: 'full' })
  expect(held.status).toBe('incomplete')
  await mirror.tidemark.decideRemovals('reject', held.id)
  const again = await me.sync({ mode: 'full' })
  expect(again.status).toBe('incomplete')
  expect((await me.stream('items')).coverage.kind).toBe('gap')
  source.isOut = false
  await me.sync()
  await me.sync()
  expect(stored()).toBe(30)
  expect((await me.stream('items')).coverage.kind).toBe('complete')
})

test('an outage at the end of a full pass closes no other walk by what was read before, whoever keeps the rest', async () => {
  await using world = await listed()
  const { source, mirror, me, stored } = world
  // Most of what is stored leaves, and is looked for once more when the listing has been read: then there is none.
  const later = source.items.splice(0, 14)
  source.outBelow = 5
  const held = await me.sync({ mode: 'full' })
  expect(held.status).toBe('incomplete')
  await mirror.tidemark.decideRemovals('reject', held.id)
  const held2 = await me.sync({ mode: 'full' })
  await mirror.tidemark.decideRemovals('approve', held2.id)
  const again = await me.sync({ mode: 'full' })
  expect(again.status).toBe('incomplete')
  expect((await me.stream('items')).coverage.kind).toBe('gap')
  source.items = later.concat(source.items)
  source.isOut = false
  source.outBelow = 0
  await me.sync()
  expect(stored()).toBe(30)
})

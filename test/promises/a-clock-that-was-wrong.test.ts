// Our clock may be wrong for a while, by weeks, until somebody mends it. What was dated meanwhile decides nothing
// afterwards: records go that are gone, limits and budgets end when they should, passes and runs are due as declared.

import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { defineConnector, stream } from '../../src/connector/connector.ts'
import type { Testimony } from '../../src/connector/page.ts'
import { type FullPass, fullPass, newestFirst } from '../../src/connector/passes.ts'
import { openMirror } from '../support/mirror.ts'
import { DAY_MS, type WrongClock, wrongClock } from '../support/wrong-clock.ts'

const MONTH_MS = 30 * DAY_MS

interface Shop {
  items: number[]
  full: Partial<FullPass<unknown, { id: number }>>
  /** Only `fullPass` by itself. */
  alone: boolean
}

async function shopOf(
  clock: WrongClock,
  { items = [12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1], full = {}, alone = true }: Partial<Shop> = {},
) {
  const shop = { items }
  const read = async () => ({ records: shop.items.map((id) => ({ id })), next: undefined, total: shop.items.length })
  const listing = { read, pageSize: 50 }
  const passes = [
    ...(alone ? [] : [newestFirst({ ...listing, order: ({ id }: { id: number }) => id })]),
    fullPass({ ...listing, ...full }),
  ]
  const connector = defineConnector(
    { name: 'shop', title: 'A shop', options: z.object({}), http: () => ({ baseUrl: 'https://shop.example' }) },
    { items: stream({ schema: z.object({ id: z.int() }), key: ({ id }) => String(id), passes }) },
  )
  const mirror = await openMirror({ clock })
  const me = await mirror.tidemark.connect(connector, { id: 'me' })
  return {
    shop,
    mirror,
    sync: async () => {
      clock.pass(DAY_MS / 24)
      return me.sync()
    },
    live: () => mirror.value('select count(*) from shop_items'),
    [Symbol.asyncDispose]: () => mirror[Symbol.asyncDispose](),
  }
}

describe.each([
  ['ahead', MONTH_MS],
  ['behind', -MONTH_MS],
])('a clock that was %s for the first run', (_, wrongBy) => {
  test('does not keep a record that the source has removed', async () => {
    const clock = wrongClock(wrongBy)
    await using world = await shopOf(clock)
    await world.sync()
    clock.wrongBy = 0
    world.shop.items.shift()
    const [first, second] = [await world.sync(), await world.sync()]
    expect(first.streams[0]?.counts).toMatchObject({ unconfirmed: 1, removed: 0 })
    expect(second.streams[0]?.counts).toMatchObject({ removed: 1 })
    expect(world.live()).toBe(11)
  })

  test('nor where a witness by key says that it is gone', async () => {
    const clock = wrongClock(wrongBy)
    const witness = async ({ keys }: { keys: readonly string[] }) =>
      new Map<string, Testimony>(keys.map((key) => [key, 'gone']))
    await using world = await shopOf(clock, { full: { witness } })
    await world.sync()
    clock.wrongBy = 0
    world.shop.items.shift()
    expect((await world.sync()).streams[0]?.counts).toMatchObject({ removed: 1 })
  })

  test('does not put off the full pass that is due every day', async () => {
    const clock = wrongClock(wrongBy)
    await using world = await shopOf(clock, { alone: false, full: { every: '1d' } })
    await world.sync()
    await world.sync()
    expect(world.mirror.value('select last_full_at from streams')).not.toBeNull()
    clock.wrongBy = 0
    clock.pass(DAY_MS)
    expect((await world.sync()).streams[0]?.passes.map(({ pass }) => pass)).toEqual(['fullPass'])
    expect((await world.sync()).streams[0]?.passes.map(({ pass }) => pass)).toEqual(['newestFirst'])
  })
})

test('what comes in after the clock was mended stays', async () => {
  const clock = wrongClock(MONTH_MS)
  await using world = await shopOf(clock)
  await world.sync()
  clock.wrongBy = 0
  world.shop.items.unshift(13)
  await world.sync()
  expect((await world.sync()).streams[0]?.counts).toMatchObject({ unconfirmed: 0, removed: 0 })
  expect(world.live()).toBe(13)
})

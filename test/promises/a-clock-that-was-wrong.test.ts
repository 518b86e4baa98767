// Our clock may be wrong for a while, by weeks, until somebody mends it. What was dated meanwhile decides nothing
// afterwards: records go that are gone, limits and budgets end when they should, passes and runs are due as declared.

import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { defineConnector, stream } from '../../src/connector/connector.ts'
import type { Testimony } from '../../src/connector/page.ts'
import { type FullPass, fullPass, newestFirst } from '../../src/connector/passes.ts'
import { githubEmulator } from '../../src/testing/emulators/index.ts'
import { openMirror } from '../support/mirror.ts'
import { down, MovingList } from '../support/moving-list.ts'
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

test('what a person has removed while the clock was ahead is restored when the source lists it again', async () => {
  const clock = wrongClock(0)
  await using world = await shopOf(clock)
  await world.sync()
  const all = world.shop.items
  world.shop.items = all.slice(8)
  const held = await world.sync()
  clock.wrongBy = MONTH_MS
  await world.mirror.tidemark.decideRemovals('approve', held.id)
  expect(world.live()).toBe(4)
  clock.wrongBy = 0
  world.shop.items = all
  expect((await world.sync()).streams[0]?.counts).toMatchObject({ restored: 8 })
  expect(world.live()).toBe(12)
})

describe('a limit that was met while the clock was ahead', () => {
  test('is not waited for once that clock is mended', async () => {
    const clock = wrongClock(MONTH_MS)
    await using github = await githubEmulator({ stars: 3 })
    await using mirror = await openMirror({ clock })
    const me = await mirror.github(github)
    github.faults.when({ path: '/user/starred' }, { kind: 'status', status: 429, retryAfter: 120 })
    expect(await me.sync()).toMatchObject({ status: 'incomplete', error: { code: 'rate_limited' } })
    github.faults.clear()
    clock.wrongBy = 0
    clock.pass(DAY_MS)
    expect(await me.sync()).toMatchObject({ status: 'succeeded' })
  })

  test('by another process that has ended does not keep the next one waiting', async () => {
    const clock = wrongClock(MONTH_MS)
    await using github = await githubEmulator({ stars: 3 })
    await using mirror = await openMirror({ clock })
    const me = await mirror.github(github, { token: undefined, user: 'ada' })
    const ahead = clock.now()
    await mirror.tidemark.store.limits.block({ key: 'github:anonymous', until: ahead + 120_000, now: ahead })
    clock.wrongBy = 0
    clock.pass(DAY_MS)
    expect(await me.sync()).toMatchObject({ status: 'succeeded' })
  })
})

describe('a lease that was taken while the clock was ahead', () => {
  const elsewhere = { id: 'gone', host: 'elsewhere', pid: 1, startedAt: 0 }

  test('keeps nobody from running once that clock is mended, where its holder is gone', async () => {
    const clock = wrongClock(MONTH_MS)
    await using world = await shopOf(clock)
    const { store } = world.mirror.tidemark
    const resource = `connection:${String(world.mirror.value('select no from tm_connections'))}`
    await store.leases.claim({ resource, holder: elsewhere, now: clock.now(), expiresAt: clock.now() + 30_000 })
    clock.wrongBy = 0
    const ends = new AbortController()
    const sleep = clock.sleep.bind(clock)
    let waits = 0
    clock.sleep = async (ms, signal) => {
      await sleep(ms, signal)
      if (++waits > 100) ends.abort()
    }
    const me = await world.mirror.tidemark.connection('me')
    expect(await me.sync({ signal: ends.signal })).toMatchObject({ status: 'succeeded' })
  })

  test('stays that of a holder who prolongs it', async () => {
    const clock = wrongClock(MONTH_MS)
    await using world = await shopOf(clock)
    const { store } = world.mirror.tidemark
    const resource = `connection:${String(world.mirror.value('select no from tm_connections'))}`
    const taken = await store.leases.claim({
      resource,
      holder: elsewhere,
      now: clock.now(),
      expiresAt: clock.now() + 30_000,
    })
    if (!('lease' in taken)) throw new Error('it was free')
    clock.wrongBy = 0
    const ends = new AbortController()
    const sleep = clock.sleep.bind(clock)
    // Its holder lives: whenever somebody waits, it prolongs what it has.
    clock.sleep = async (ms, signal) => {
      await sleep(ms, signal)
      await store.leases.renew(taken.lease, clock.now() + 30_000)
      ends.abort()
    }
    await expect((await world.mirror.tidemark.connection('me')).sync({ signal: ends.signal })).rejects.toMatchObject({
      code: 'cancelled',
    })
  })
})

test('a group of equal times is not taken for settled by a look that was dated ahead', async () => {
  const clock = wrongClock(MONTH_MS)
  const second = Math.floor((clock.now() - MONTH_MS) / 1_000) - 60
  const order = (n: number) => (n > 2 ? second : second - 100 + n)
  await using list = await MovingList.open({
    ...{ pageSize: 3, totals: 'none', passes: ['newestFirst'], records: down(12), settles: '1h' },
    ...{ order, clock },
  })
  await list.sync()
  clock.wrongBy = 0
  list.records.splice(7, 0, 99)
  expect(await list.sync()).toMatchObject({ status: 'succeeded' })
  expect(await list.missing()).toEqual([])
})

test('what is young by the source’s clock is not pruned while ours is ahead', async () => {
  const clock = wrongClock(0)
  await using github = await githubEmulator({ stars: 3 })
  await using mirror = await openMirror({ clock, retention: { requests: '1d', changes: '1d' } })
  const me = await mirror.github(github)
  await me.sync()
  clock.wrongBy = MONTH_MS
  await me.sync()
  await mirror.tidemark.settled()
  expect(mirror.value('select count(*) from changes')).toBe(3)
  expect(mirror.value('select count(distinct run_no) from tm_requests')).toBe(2)
})

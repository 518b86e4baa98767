// Owns the proof that rows of a paid run that Apify does not show at once are read from that run, and that nothing else is
// paid for in their place.

import { describe, expect, test } from 'vitest'
import type { Fault, FaultPredicate } from '../../src/testing/emulators/kit/faults.ts'
import { connected } from './creators-world.ts'

const TOTAL = 'X-Apify-Pagination-Total'
const isRows: FaultPredicate = ({ path }) => /\/datasets\//.test(path)
const isFurther: FaultPredicate = (target) => isRows(target) && target.query.get('offset') !== '0'

type There = Awaited<ReturnType<typeof connected>>

/** How often the profile was listed. */
const listings = ({ runs }: There) => runs().filter(({ isRefresh }) => !isRefresh).length

describe('rows that an answer lacks of the number that Apify tells', () => {
  const LOST: readonly (readonly [string, number, FaultPredicate, Fault])[] = [
    ['on the first page', 40, isRows, { kind: 'rewrite', headers: { [TOTAL]: '45' } }],
    ['on all pages but the first', 1_200, isFurther, { kind: 'body', body: '[]' }],
    [
      'behind a number that falls',
      1_200,
      isFurther,
      { kind: 'rewrite', find: '^[^]*$', replace: '[]', headers: { [TOTAL]: '1000' } },
    ],
  ]
  test.each(LOST)('%s are read by the next sync, which starts no other run', async (_, posts, isLost, fault) => {
    await using there = await connected('tiktok', { emulator: { posts } })
    const { emulator, world, mine, keys } = there
    emulator.faults.when(isLost, fault)
    expect(await mine.sync()).toMatchObject({ status: 'failed', error: { code: 'rows_missing' } })
    expect(keys().length).toBeLessThan(posts)
    const before = listings(there)
    expect((await mine.status()).streams[0]?.coverage.kind).not.toBe('complete')
    emulator.faults.clear()
    expect(await mine.sync()).toMatchObject({ status: 'succeeded' })
    expect(keys()).toEqual(world.posts('ada').toSorted())
    // All that the first sync has started is read, and nothing was started beside it.
    expect(listings(there) - before).toBe(posts === 40 ? 1 : 0)
  })

  test('are read again at once, where they are there then', async () => {
    await using there = await connected('tiktok', { emulator: { posts: 1_200 } })
    const { emulator, world, mine, keys } = there
    emulator.faults.when(isFurther, { kind: 'body', body: '[]' }, 2)
    expect(await mine.sync()).toMatchObject({ status: 'succeeded', notes: [] })
    expect(keys()).toEqual(world.posts('ada').toSorted())
  })
})

test('a page that shows the rows of another one is none', async () => {
  await using there = await connected('tiktok', { emulator: { posts: 2_000 } })
  const { world, mine, keys } = there
  const { platform } = world
  const rowsOf = platform.rowsOf.bind(platform)
  platform.rowsOf = (run) => {
    const rows = rowsOf(run)
    return [...rows.slice(0, 1_000), ...rows.slice(0, Math.max(0, rows.length - 1_000))]
  }
  expect(await mine.sync()).toMatchObject({ status: 'failed', error: { code: 'rows_missing' } })
  const before = listings(there)
  platform.rowsOf = rowsOf
  expect(await mine.sync()).toMatchObject({ status: 'succeeded' })
  expect(keys()).toEqual(world.posts('ada').toSorted())
  expect(listings(there)).toBe(before)
})

describe('what Apify does not find', () => {
  const body = JSON.stringify({ error: { type: 'record-not-found', message: 'It was not found' } })
  const NOT_FOUND: Fault = { kind: 'status', status: 404, body }

  test.each([
    ['run', ({ path }) => /\/actor-runs\//.test(path)],
    ['rows', isRows],
  ] satisfies [string, FaultPredicate][])(
    'a moment after the start of a run is asked for again: its %s',
    async (_, match) => {
      await using calm = await connected('tiktok', { emulator: { posts: 12 } })
      await calm.mine.sync()
      await using there = await connected('tiktok', { emulator: { posts: 12 } })
      const { emulator, world, mine, keys } = there
      emulator.faults.when(match, NOT_FOUND, 2)
      expect(await mine.sync()).toMatchObject({ status: 'succeeded', notes: [] })
      expect(keys()).toHaveLength(12)
      expect(world.bill()).toEqual(calm.world.bill())
    },
  )

  test('of the rows for a minute is read by no other run; later it is deleted, and the next sync starts one', async () => {
    await using there = await connected('tiktok', { emulator: { posts: 12 } })
    const { emulator, mine, keys, clock } = there
    emulator.faults.when(isRows, NOT_FOUND)
    for (const _ of [1, 2]) {
      expect(await mine.sync()).toMatchObject({ status: 'failed', error: { code: 'rows_missing' } })
      expect(listings(there)).toBe(1)
    }
    emulator.clock.advance(120_000)
    clock.skip(120_000)
    expect(await mine.sync()).toMatchObject({ status: 'failed', error: { code: 'not_found' } })
    expect(listings(there)).toBe(1)
    emulator.faults.clear()
    expect(await mine.sync()).toMatchObject({ status: 'succeeded' })
    expect(keys()).toHaveLength(12)
  })
})

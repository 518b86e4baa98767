// A run that may read one page gets on all the same, also where pages count from the top: the next page comes first, and
// the page before it shows in the next run that nothing was pulled over the boundary. Nothing is lost, nor read for ever.

import { describe, expect, test } from 'vitest'
import { seeded } from '../../src/testing/emulators/kit/random.ts'
import { down, MovingList, type MovingListOptions } from '../support/moving-list.ts'

const PAGES = 6
const RECORDS = 30
/** Twice each page, and what has come since then on top. */
const RUNS_MAX = 2 * PAGES + 2

type Way = Pick<MovingListOptions, 'passes' | 'everyRuns'>
const WAYS: readonly Way[] = [{ passes: ['newestFirst'] }, { passes: ['fullPass'] }]

function listOf(way: Way, more: Partial<MovingListOptions> = {}): Promise<MovingList> {
  return MovingList.open({ ...way, totals: 'none', records: down(RECORDS), pageSize: RECORDS / PAGES, ...more })
}

/** Runs until one succeeds; returns how many that were. `between` changes the list after each run. */
async function runsOf(
  list: MovingList,
  order: { maxRequests?: number; maxCost?: number },
  between: (run: number) => void = () => {},
): Promise<number> {
  for (let run = 1; run <= 100; run++) {
    if ((await list.sync(order)).status === 'succeeded') return run
    between(run)
  }
  return Number.POSITIVE_INFINITY
}

describe.each(WAYS)('$passes', (way) => {
  test.each([
    ['one request', { maxRequests: 1 }, false],
    ['money for one page', { maxCost: 1 }, true],
  ] as const)('with %s a run, the list is read to its end', async (_, order, paid) => {
    await using list = await listOf(way, { paid })
    expect(await runsOf(list, order)).toBeLessThanOrEqual(RUNS_MAX)
    expect(await list.missing()).toEqual([])
  })

  test('an empty page behind the last one is looked at again, and ends the listing', async () => {
    await using list = await listOf(way)
    const items = down(RECORDS / PAGES).map((n) => ({ id: String(n), n }))
    const last = { status: 200, text: JSON.stringify({ items, next: PAGES + 1 }) }
    const empty = { status: 200, text: '{"items":[]}' }
    list.fault = (page) => (page < PAGES ? undefined : page === PAGES ? last : empty)
    expect(await runsOf(list, { maxRequests: 1 })).toBeLessThanOrEqual(RUNS_MAX + 4)
    expect(await list.missing()).toEqual([])
  })

  test.each(seeds(12))('nothing is lost while records leave between the runs, seed %i', async (seed) => {
    const random = seeded(`one page ${seed}`)
    await using list = await listOf(way)
    const leave = (run: number) => {
      if (run < 20 && random.chance(0.5)) list.records.splice(random.int(0, list.records.length - 1), 1)
    }
    expect(await runsOf(list, { maxRequests: 1 }, leave)).toBeLessThan(100)
    expect(await list.missing()).toEqual([])
  })

  test.each(seeds(12))('nothing is lost while records arrive between the runs, seed %i', async (seed) => {
    const random = seeded(`one page ${seed}`)
    await using list = await listOf(way)
    const arrive = (run: number) => {
      if (run >= 20) return
      const many = random.chance(0.3) ? random.int(1, 8) : 0
      for (let i = 0; i < many; i++) list.records.unshift((list.records[0] ?? 0) + 1)
    }
    expect(await runsOf(list, { maxRequests: 1 }, arrive)).toBeLessThan(100)
    expect(await list.missing()).toEqual([])
  })
})

test('where pages of news arrive, a run looks on for its place where the one before it has ended', async () => {
  await using list = await listOf({ passes: ['newestFirst'] }, { records: down(60), pageSize: 5 })
  await list.sync({ maxRequests: 10 })
  list.records.unshift(...down(90).slice(0, 30))
  expect(await runsOf(list, { maxRequests: 1 })).toBeLessThan(100)
  expect(await list.missing()).toEqual([])
})

test.each([1, 2, 3])('nothing is lost where two records leave and then %i arrive', async (many) => {
  await using list = await listOf({ passes: ['newestFirst'] })
  for (let run = 0; run < 2; run++) await list.sync({ maxRequests: 1 })
  list.records.splice(0, 2)
  await list.sync({ maxRequests: 1 })
  list.records.unshift(...down(RECORDS + many).slice(0, many))
  expect(await runsOf(list, { maxRequests: 1 })).toBeLessThan(100)
  expect(await list.missing()).toEqual([])
})

describe('a walk of paid pages that goes on', () => {
  const way = { passes: ['newestFirst'] } as const

  async function goesOn(totals: MovingListOptions['totals'], between: (list: MovingList) => void = () => {}) {
    await using list = await listOf(way, { paid: true, totals })
    await list.sync({ maxCost: 2 })
    between(list)
    list.asked.length = 0
    expect((await list.sync()).status).toBe('succeeded')
    expect(await list.missing()).toEqual([])
    return list.asked
  }

  test('pays for no page again where the total shows that nothing has moved', async () => {
    expect(await goesOn('page')).toEqual(['p3', 'p4', 'p5', 'p6', 'p1'])
  })

  test('pays for the last page again where nothing else shows it', async () => {
    expect(await goesOn('none')).toEqual(['p3', 'p2', 'p4', 'p5', 'p6', 'p1'])
  })

  test('pays for no page again where the next one shows the end of the last', async () => {
    const asked = await goesOn('none', (list) => list.records.unshift(RECORDS + 1))
    expect(asked).toEqual(['p3', 'p4', 'p5', 'p6', 'p7', 'p1'])
  })

  test('finds what was pulled over the boundary', async () => {
    const asked = await goesOn('none', (list) => list.records.splice(2, 1))
    expect(asked.slice(0, 3)).toEqual(['p3', 'p2', 'p3'])
  })

  test('begins again at the top where it has read the first page only, and looks there once', async () => {
    await using list = await listOf(way, { paid: true })
    await list.sync({ maxCost: 1 })
    expect((await list.sync()).status).toBe('succeeded')
    expect(list.asked).toEqual(['p1', 'p1', 'p2', 'p3', 'p4', 'p5', 'p6'])
  })
})

function seeds(count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => i + 1)
}

// Owns the promise that a record which slips past the reader, while one leaves above a boundary and another comes back
// below it, is not removed: no number tells that, however often the source counts. And what it costs to be sure.

import { describe, expect, test } from 'vitest'
import { down, MovingList, type MovingListOptions } from '../support/moving-list.ts'

const WAYS: readonly (readonly [string, Partial<MovingListOptions>])[] = [
  ['by time, a total with every page', {}],
  ['a total with the first page', { totals: 'first' }],
  ['a total that is asked for', { totals: 'asked' }],
  ['no total', { totals: 'none' }],
  ['no order', { order: null }],
  ['newestFirst beside it', { passes: ['newestFirst', 'fullPass'], everyRuns: 1 }],
]

async function open(options: Partial<MovingListOptions>): Promise<MovingList> {
  const list = await MovingList.open({
    pageSize: 5,
    totals: 'page',
    passes: ['fullPass'],
    records: down(20),
    ...options,
  })
  await list.sync()
  return list
}

function hide(list: MovingList, ...gone: readonly number[]): void {
  for (const n of gone) list.records.splice(list.records.indexOf(n), 1)
}

function show(list: MovingList, ...back: readonly number[]): void {
  list.records.push(...back)
  list.records.sort((a, b) => b - a)
}

/** After a page: one leaves above, so that the first record of the next page slips past the reader; one comes back below. */
function slip(list: MovingList, left: number, back: number, page = 1): void {
  let times = 0
  list.afterwards = (asked) => {
    if (asked !== `p${page}` || times++ > 0) return
    hide(list, left)
    show(list, back)
  }
}

describe.each(WAYS.flatMap(([how, options]) => [1, 3].map((page) => [how, page, options] as const)))(
  '%s, behind page %i',
  (_, page, options) => {
    const n = 20 - page * 5

    test('two were hidden for a run; one is back, the other one comes back while pages turn', async () => {
      await using list = await open(options)
      hide(list, n, 2)
      await list.sync({ mode: 'full' })
      show(list, n)
      slip(list, 18, 2, page)
      await list.sync({ mode: 'full' })
      expect(await list.missing()).toEqual([])
    })

    test('what comes back was hidden since the last run, and nobody has noticed', async () => {
      await using list = await open(options)
      hide(list, n)
      await list.sync({ mode: 'full' })
      show(list, n)
      hide(list, 2)
      slip(list, 18, 2, page)
      await list.sync({ mode: 'full' })
      expect(await list.missing()).toEqual([])
    })

    test('it was never hidden', async () => {
      await using list = await open(options)
      hide(list, 3)
      slip(list, 18, 3, page)
      await list.sync({ mode: 'full' })
      show(list, 18)
      hide(list, 3)
      slip(list, 18, 3, page)
      await list.sync({ mode: 'full' })
      expect(await list.missing()).toEqual([])
    })
  },
)

describe.each(WAYS)('%s', (_, options) => {
  test('it would be among those that are held', async () => {
    await using list = await open(options)
    hide(list, ...down(14).slice(0, 12))
    await list.sync({ mode: 'full' })
    hide(list, 1)
    slip(list, 18, 1)
    const run = await list.sync({ mode: 'full' })
    await list.tidemark.decideRemovals('approve', run.id)
    expect(await list.missing()).toEqual([])
  })
})

describe('a listing of 60 pages, by time', () => {
  test.each([
    ['inside a page', 152, 61],
    ['first on its page', 150, 64],
    ['last on its page', 151, 64],
    ['the very first', 300, 61],
    ['the very last', 1, 62],
  ])('a record that leaves, %s, does not make it be read again', async (_where, n, requests) => {
    await using list = await open({ records: down(300) })
    hide(list, n)
    expect((await list.sync({ mode: 'full' })).streams[0]?.counts.unconfirmed).toBe(1)
    const before = list.asked.length
    expect((await list.sync({ mode: 'full' })).streams[0]?.counts.removed).toBe(1)
    expect(list.asked.length - before).toBeLessThanOrEqual(requests)
  })

  test('and it stays while the pages around its place are read again and the listing slides once more', async () => {
    await using list = await open({ records: down(300), totals: 'none' })
    hide(list, 150)
    await list.sync({ mode: 'full' })
    show(list, 150)
    // It stands below the 30th page when that is read, and on it when the 31st is.
    let turns = 0
    list.afterwards = (asked) => {
      if (asked === 'p30') while (list.records.indexOf(150) >= 150) list.records.splice(100, 1)
      if (asked === 'p31')
        for (const more = ++turns; list.records.indexOf(150) < 150 + more; )
          list.records.unshift(300 + list.records.length)
    }
    await list.sync({ mode: 'full' })
    expect(await list.missing()).not.toContain(150)
  })

  test('nor do new records that arrive on top all the time', async () => {
    await using list = await open({ records: down(300) })
    hide(list, 152)
    await list.sync({ mode: 'full' })
    let next = 301
    list.afterwards = (asked) => void (Number(asked.slice(1)) % 7 === 0 && list.records.unshift(next++))
    const before = list.asked.length
    expect((await list.sync({ mode: 'full' })).streams[0]?.counts.removed).toBe(1)
    expect(list.asked.length - before).toBeLessThanOrEqual(70)
  })
})

import { describe, expect, test } from 'vitest'
import {
  concluded,
  counted,
  NO_TOTALS,
  type Totals,
  type Turn,
  totalFrom,
  turned,
} from '../../src/engine/passes/listing/totals.ts'

const PAGE: Turn = {
  kind: 'next',
  rows: 10,
  total: undefined,
  meets: false,
  repeats: 0,
  equals: 0,
  ahead: 0,
  looked: false,
  shift: 0,
  arrived: 0,
  read: 0,
}

/** The totals after these pages; each meets nothing that was read before unless it says so. */
function after(...pages: readonly Partial<Turn>[]): Totals {
  return pages.reduce<Totals>((totals, page, i) => {
    const { totals: next, doubt } = turned(totals, { ...PAGE, kind: i === 0 ? 'first' : 'next', ...page })
    expect(doubt).toBeUndefined()
    return next
  }, NO_TOTALS)
}

describe('a boundary between two pages that tell totals', () => {
  test.each([
    ['stands still', { total: 30 }, undefined],
    ['grows', { total: 31, repeats: 1, meets: true }, undefined],
    ['falls', { total: 29 }, 'boundary'],
    ['falls, and the page shows the end of the one before', { total: 29, repeats: 1, meets: true }, undefined],
  ])('is judged where the total %s', (_what, page, where) => {
    expect(turned(after({ total: 30 }), { ...PAGE, ...page }).doubt?.where).toBe(where)
  })

  test('is judged by the page before, not by the first one', () => {
    const grown = after({ total: 30 }, { total: 31, repeats: 1, meets: true })
    expect(turned(grown, { ...PAGE, total: 30 }).doubt?.where).toBe('boundary')
  })

  test('a page in doubt leaves everything as it was', () => {
    const before = after({ total: 30 })
    expect(turned(before, { ...PAGE, total: 29 }).totals).toBe(before)
  })

  test('is sound when the page before was read again and the total stands', () => {
    const again = turned(after({ total: 30 }), { ...PAGE, kind: 'again', total: 29, meets: true }).totals
    expect(again).toMatchObject({ total: 29, least: 29, unproven: 0 })
    expect(turned(again, { ...PAGE, total: 29 }).doubt).toBeUndefined()
  })
})

describe('more arrivals than a page holds', () => {
  /** Two pages of ten, and 25 arrivals before the third, which shows nothing that was read before. */
  const pushed = [{ total: 95 }, { total: 95 }, { total: 120 }]

  test('explain what is met again further down', () => {
    const met = after(...pushed, { total: 120, repeats: 5 }, { total: 120, repeats: 5 })
    expect(met).toMatchObject({ total: 120, pushed: 0, repeats: 0 })
  })

  test('explain nothing that is met behind them', () => {
    const behind = after(...pushed, { total: 120 }, { total: 120 })
    expect(turned(behind, { ...PAGE, total: 120, repeats: 1 }).doubt?.where).toBe('boundary')
  })

  test('push the place further down while it is looked for', () => {
    const met = after(...pushed, { total: 122, repeats: 2, meets: true }, { total: 122, repeats: 7 })
    expect(met.repeats).toBe(0)
  })

  test('are counted between two runs, too', () => {
    const { totals } = counted(after({ total: 95 }, { total: 95 }), 120)
    const { totals: third } = turned(totals, PAGE)
    expect(turned(third, { ...PAGE, total: 120, repeats: 5 }).doubt).toBeUndefined()
  })

  test('fewer than a page of them would show the end of what was read before: they stand elsewhere', () => {
    const elsewhere = after({ total: 95 }, { total: 95 }, { total: 100 })
    expect(turned(elsewhere, { ...PAGE, total: 100, repeats: 1 }).doubt?.where).toBe('boundary')
  })
})

describe('a page that ends above the end of what was read before', () => {
  test('is followed by one that shows that end, or the boundary is in doubt', () => {
    const above = after({ total: 30 }, { total: 35, repeats: 10, meets: true, ahead: 5 })
    expect(turned(above, { ...PAGE, total: 35 }).doubt?.where).toBe('boundary')
    expect(turned(above, { ...PAGE, total: 35, repeats: 5, meets: true }).doubt).toBeUndefined()
    // The records of that end may have left.
    expect(turned(above, { ...PAGE, total: 35, looked: true }).doubt).toBeUndefined()
  })
})

describe('pages that tell no total', () => {
  test('a total that fell since the first one puts the whole leg in doubt', () => {
    const silent = after({ total: 30 }, {}, {})
    expect(turned(silent, { ...PAGE, total: 29 }).doubt?.where).toBe('leg')
    expect(turned(silent, { ...PAGE, total: 30 }).doubt).toBeUndefined()
  })

  test('what was met twice has arrived: one more than before is expected', () => {
    const silent = after({ total: 30 }, { repeats: 1, meets: true }, {})
    expect(counted(silent, 31).doubt).toBeUndefined()
    expect(counted(silent, 30).doubt).toMatchObject({ where: 'leg', repeatsOnly: true })
    expect(concluded(silent, 31, 2).doubt).toMatchObject({ where: 'leg' })
  })

  test('a first page that shows nothing of what stood there leaves the leg in doubt, in words that have no Infinity', () => {
    const silent = after({ total: 30 }, {}, {})
    const { doubt } = concluded(silent, 31, null)
    expect(doubt).toEqual({
      where: 'leg',
      why: 'the source had 30 records, and 31 when none of its first page stood there any more',
      repeatsOnly: true,
    })
    expect(concluded(silent, 29, null).doubt).toMatchObject({ where: 'leg', repeatsOnly: false })
    // Every turn of a page was proved: nothing can have been missed.
    expect(concluded(after({ total: 30 }, { meets: true }), 31, null).doubt).toBeUndefined()
  })

  test('a count is believed when the page read after it shows no more arrivals than it had risen by', () => {
    const { totals } = counted(after({ total: 30 }, {}), 32)
    const again = { ...PAGE, kind: 'again', meets: true } as const
    expect(turned(totals, { ...again, shift: 2, ahead: 2 }).doubt).toBeUndefined()
    expect(turned(totals, { ...again, shift: 3, ahead: 3 }).doubt).toMatchObject({ where: 'leg' })
  })

  test('what a page read again leaves out is met twice for no other reason', () => {
    const { totals } = counted(after({ total: 30 }, {}), 32)
    const shifted = turned(totals, { ...PAGE, kind: 'again', meets: true, shift: 2, ahead: 2 }).totals
    expect(turned(shifted, { ...PAGE, repeats: 2, meets: true }).totals.repeats).toBe(0)
    expect(turned(shifted, { ...PAGE, repeats: 3, meets: true }).totals.repeats).toBe(1)
  })
})

describe('a total that is none', () => {
  test.each([[-1], [1.5], ['30'], [null], [Number.NaN], [undefined]])('%s', (value) => {
    expect(totalFrom(value)).toBeUndefined()
  })

  test('one that counts the rows of the page is found out at the second page', () => {
    const told = after({ total: 10, read: 10 }, { total: 10, read: 20 })
    expect(told.lies).toBe(true)
    expect(turned(told, { ...PAGE, total: 4, read: 24 }).doubt).toBeUndefined()
  })
})

import { describe, expect, test } from 'vitest'
import { EXPLORE_EVERY, type Known, knownFrom, refreshOrder, type Turn } from '../../src/engine/passes/refresh/order.ts'
import type { Readings } from '../../src/store/store.ts'

const DAY = 86_400_000
const NOW = 100 * DAY

function readings(snapshots: Readings['snapshots'], over: Partial<Readings> = {}): Readings {
  return { key: 'k', firstSeenAt: 0, updatedAt: 0, unavailableSince: null, snapshots, ...over }
}

/** A record that has grown by `added` a day up to its last reading, so many days ago. */
function grown(added: number, daysAgo = 1, over: Partial<Readings> = {}): Readings {
  const at = NOW - daysAgo * DAY
  return readings(
    [
      { at, values: [1_000 + added] },
      { at: at - DAY, values: [1_000] },
    ],
    over,
  )
}

const growth = (one: Readings, over: { bornAt?: number; isDoubtful?: boolean } = {}) =>
  knownFrom(one, { now: NOW, ...over }).growth

describe('what is expected of a record', () => {
  test('what has grown faster will have grown more', () => {
    expect(growth(grown(100))).toBeGreaterThan(growth(grown(50)))
    expect(growth(grown(-100))).toBe(growth(grown(100)))
  })

  test('what was read longer ago will have grown more', () => {
    expect(growth(grown(100, 3))).toBeGreaterThan(growth(grown(100, 1)))
    expect(growth(grown(0, 3))).toBeGreaterThan(growth(grown(0, 1)))
  })

  test('growth slows down with age', () => {
    const old = growth(grown(100), { bornAt: 0 })
    expect(growth(grown(100), { bornAt: NOW - 3 * DAY })).toBeLessThan(old)
    expect(old).toBeCloseTo(100, -1)
  })

  test('what was read once has grown since it came to be', () => {
    const once = readings([{ at: NOW - DAY, values: [1_000] }])
    expect(growth(once, { bornAt: NOW - 2 * DAY })).toBeGreaterThan(growth(once, { bornAt: NOW - 50 * DAY }))
  })

  test('values that are not known say nothing', () => {
    const at = NOW - DAY
    const some = readings([
      { at, values: [null, 5] },
      { at: at - DAY, values: [1_000_000, 5] },
    ])
    expect(growth(some)).toBe(growth(grown(0)))
  })

  test('of what was asked for in vain, or never read, nothing is expected', () => {
    expect(growth(grown(100, 1, { unavailableSince: 1 }))).toBe(0)
    expect(growth(grown(100), { isDoubtful: true })).toBe(0)
    expect(growth(readings([]))).toBe(0)
  })

  test('two readings at one moment, or a clock that was set back, break nothing', () => {
    const at = NOW + DAY
    const odd = readings([
      { at, values: [2] },
      { at, values: [1] },
    ])
    expect(Number.isFinite(growth(odd))).toBe(true)
    expect(growth(odd)).toBeGreaterThan(0)
  })
})

describe('the order of reading', () => {
  const known = (count: number, of: (i: number) => number): Known[] =>
    Array.from({ length: count }, (_, i) => ({ key: `k${String(i).padStart(3, '0')}`, growth: of(i), readAt: i }))
  const NONE: Turn = { after: null, since: 0 }
  const keys = (order: readonly { key: string }[]) => order.map(({ key }) => key)

  test('the fastest come first, and each record once', () => {
    const order = refreshOrder(
      known(50, (i) => i + 1),
      NONE,
    )
    expect(keys(order).slice(0, 3)).toEqual(['k049', 'k048', 'k047'])
    expect(new Set(keys(order)).size).toBe(50)
  })

  test('one of so many has its turn, however little a run reads', () => {
    const all = known(30, (i) => (i < 25 ? 1_000 - i : 0))
    const seen = new Set<string>()
    let turn = NONE
    for (let run = 0; run < 30 * EXPLORE_EVERY; run++) {
      const [one] = refreshOrder(all, turn)
      if (!one) throw new Error('nothing to read')
      seen.add(one.key)
      turn = one.turn
    }
    expect(seen.size).toBe(30)
  })

  test('where nothing is expected of any, all have their turn', () => {
    const all = known(9, () => 0)
    const first = refreshOrder(all, NONE).slice(0, 4)
    const second = refreshOrder(all, first.at(-1)?.turn ?? NONE).slice(0, 5)
    expect([...keys(first), ...keys(second)]).toEqual(keys(all))
  })
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FIRST_ASK, firstSize, nextSize } from '../../src/engine/passes/jobs/batch-size.ts'
import { firstPace, learn, type Pace, predict } from '../../src/engine/passes/jobs/pace.ts'

const DAY_MS = 86_400_000

/** What has come, and what has to be shown beside it. */
interface Newest {
  readonly news: number
  /** Known records that the walk expects to have to be shown, pinned ones included. */
  readonly overlap: number
  /** Pinned ones that nobody expects. */
  readonly pins?: number
  /** Known ones with the same place as the last of those that stop the walk. */
  readonly ties?: number
}

interface Asking {
  readonly start?: number
  readonly isCounted: boolean
  readonly predicted: { readonly mean: number; readonly shape: number }
}

/** Asks until the news and what lies below them were shown, and returns what was billed. */
function billed({ news, overlap, pins = 0, ties = 0 }: Newest, { start = 0, isCounted, predicted }: Asking): number {
  let asked = 0
  let failed = 0
  for (let runs = 0; ; runs++) {
    const known = isCounted && failed > 0 ? news : undefined
    const seen = Math.min(pins, failed)
    const fresh = Math.min(news, failed - seen)
    const size = nextSize({ predicted, overlap: overlap + seen, failed, fresh, asked, start, isCounted, known })
    expect(size).toBeGreaterThan(failed)
    expect(runs).toBeLessThan(30)
    asked += size
    if (size >= news + overlap + pins + ties) return asked
    failed = size
  }
}

const PREDICTED = fc.record({
  mean: fc.double({ min: 0, max: 500, noNaN: true }),
  shape: fc.double({ min: 0.01, max: 100, noNaN: true }),
})

test.each([
  [true, 2],
  [false, 4],
])('whatever was expected, the bill of a sync keeps its bound (counted: %s)', (isCounted, factor) => {
  const starts = fc.constantFrom(0, 5, 20, 100)
  // As many as the bound allows, or no ties.
  const belows = fc.tuple(fc.integer({ min: 3, max: 10 }), fc.nat(7), fc.boolean()).map(([overlap, most, isFull]) => {
    const pins = Math.min(most, 10 - overlap)
    return { overlap, pins, ties: isFull ? 10 - overlap - pins : 0 }
  })
  const news = fc.oneof(fc.nat(40), fc.nat(1_500))
  fc.assert(
    fc.property(news, PREDICTED, belows, starts, (k, predicted, below, start) => {
      const bill = billed({ news: k, ...below }, { start, isCounted, predicted })
      expect(bill).toBeLessThanOrEqual(factor * (k + 10) + 3)
    }),
    {
      numRuns: 2_000,
      examples: [
        [2, { mean: 0.039, shape: 0.351 }, { overlap: 5, pins: 3, ties: 2 }, 0],
        [579, { mean: 4.466, shape: 0.249 }, { overlap: 6, pins: 3, ties: 1 }, 20],
        [436, { mean: 21.829, shape: 1.114 }, { overlap: 6, pins: 0, ties: 4 }, 5],
        [997, { mean: 69.773, shape: 90.392 }, { overlap: 9, pins: 1, ties: 0 }, 20],
      ],
    },
  )
})

test('a first sync bills four times what there is at most, and twice where that is counted', () => {
  fc.assert(
    fc.property(fc.nat(3_000), fc.constantFrom(0, 20), fc.boolean(), (posts, start, isCounted) => {
      let bill = 0
      for (let failed = 0; ; ) {
        const size = firstSize({ start, failed, count: isCounted && failed > 0 ? posts : null })
        bill += Math.min(size, posts)
        // An answer that is shorter than asked for may have to be asked for once more.
        if (size > posts) bill += isCounted ? 0 : posts
        if (size > posts) break
        failed = size
      }
      expect(bill).toBeLessThanOrEqual((isCounted ? 2 : 4) * posts + 20)
    }),
  )
})

test('what is expected decides the size: no more than is worth it', () => {
  const ask = (mean: number, more: object = {}) =>
    nextSize({
      predicted: { mean, shape: 3 },
      overlap: 4,
      failed: 0,
      fresh: 0,
      asked: 0,
      start: 0,
      isCounted: false,
      ...more,
    })
  expect(ask(0)).toBe(4)
  expect(ask(0.5)).toBeLessThan(8)
  expect(ask(5)).toBeGreaterThan(8)
  expect(ask(5)).toBeLessThan(20)
  // A start that is dear is worth some rows more.
  expect(ask(5, { start: 20 })).toBeGreaterThan(ask(5))
  expect(FIRST_ASK).toBeGreaterThan(3)
})

test('the policy is the best of all sequences of sizes', () => {
  const predicted = { mean: 3, shape: 1.5 }
  const overlap = 3
  const chance = (n: number) => {
    let p = (1.5 / 4.5) ** 1.5
    for (let i = 0; i < n; i++) p *= ((i + 1.5) / (i + 1)) * (3 / 4.5)
    return p
  }
  const expected = (bill: (news: number) => number) => {
    let sum = 0
    for (let n = 0; n < 60; n++) sum += chance(n) * bill(n)
    return sum
  }
  const fixed = (sizes: readonly number[]) => (news: number) => {
    let bill = 0
    for (const size of [...sizes, 40, 80]) {
      bill += size
      if (size >= news + overlap) break
    }
    return bill
  }
  const ours = expected((news) => billed({ news, overlap }, { isCounted: false, predicted }))
  for (let a = 3; a < 20; a++) {
    for (let b = a + 1; b < 30; b++) {
      for (const c of [b + 4, b + 8, b * 2]) expect(ours).toBeLessThanOrEqual(expected(fixed([a, b, c])) + 0.02)
    }
  }
})

test('the pace is learned, forgets, and believes no date of the future', () => {
  const now = 1_000 * DAY_MS
  const none: Pace = { ...firstPace(now, []), mean2: 0, excess: 0, newest: null, pinned: 0, count: null, price: null }
  expect(predict(none, now + DAY_MS).mean).toBeCloseTo(0.5)
  expect(predict(undefined, now).mean).toBe(0)
  const dated = firstPace(now, [now - 10 * DAY_MS, now - 5 * DAY_MS, now - DAY_MS, now + 900 * DAY_MS])
  expect(predict({ ...none, ...dated }, now + DAY_MS).mean).toBeCloseTo(3.5 / 11)
  let pace = none
  for (let day = 1; day <= 30; day++) pace = learn(pace, { now: now + day * DAY_MS, found: 4 })
  expect(predict(pace, now + 31 * DAY_MS).mean).toBeGreaterThan(3.4)
  const even = predict(pace, now + 31 * DAY_MS).shape
  for (let day = 31; day <= 60; day++) pace = learn(pace, { now: now + day * DAY_MS, found: day % 6 === 0 ? 24 : 0 })
  // As many in all, in bursts.
  expect(predict(pace, now + 61 * DAY_MS).mean).toBeCloseTo(4, 0)
  expect(predict(pace, now + 61 * DAY_MS).shape).toBeLessThan(even / 5)
  // A clock that was set back: no time has gone by.
  expect(predict(pace, now).mean).toBe(0)
})

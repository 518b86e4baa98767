// Owns the proof that the estimate is honest: right when it speaks, silent when it cannot know.

import { describe, expect, test } from 'vitest'
import { addSample, estimate, type Sample } from '../../src/cli/terminal/estimate.ts'
import { progressText } from '../../src/cli/terminal/progress.ts'

/** Samples every `stepMs`, each adding what `gain` says of its number. */
function reading(count: number, stepMs: number, gain: (i: number) => number): readonly Sample[] {
  let samples: readonly Sample[] = []
  let processed = 0
  for (let i = 0; i < count; i++) {
    if (i > 0) processed += gain(i)
    samples = addSample(samples, { at: 1_000 + i * stepMs, processed })
  }
  return samples
}

describe('the estimate', () => {
  test('of a steady reading is what is left by the rate', () => {
    const samples = reading(11, 1_000, () => 100)
    expect(estimate(samples, 3_000)).toEqual({ rate: 100, percent: 33, etaSeconds: 20 })
  })

  test('without a total is a rate and nothing else', () => {
    expect(
      estimate(
        reading(11, 1_000, () => 50),
        null,
      ),
    ).toEqual({ rate: 50, percent: null, etaSeconds: null })
  })

  test('of one page is nothing at all', () => {
    expect(
      estimate(
        reading(1, 1_000, () => 100),
        1_000,
      ),
    ).toEqual({ rate: null, percent: 0, etaSeconds: null })
  })

  test('waits until it has watched for a while', () => {
    expect(
      estimate(
        reading(6, 400, () => 100),
        10_000,
      ).etaSeconds,
    ).toBeNull()
    expect(
      estimate(
        reading(5, 1_000, () => 100),
        10_000,
      ).etaSeconds,
    ).toBeNull()
    expect(
      estimate(
        reading(6, 1_000, () => 100),
        10_000,
      ).etaSeconds,
    ).toBe(95)
  })

  test('says no end while the rate collapses or leaps', () => {
    expect(
      estimate(
        reading(20, 1_000, (i) => (i < 10 ? 1_000 : 100)),
        100_000,
      ).etaSeconds,
    ).toBeNull()
    expect(
      estimate(
        reading(20, 1_000, (i) => (i < 10 ? 100 : 1_000)),
        100_000,
      ).etaSeconds,
    ).toBeNull()
    expect(
      estimate(
        reading(20, 1_000, (i) => (i < 10 ? 100 : 80)),
        100_000,
      ).etaSeconds,
    ).toBeGreaterThan(0)
  })

  test('says no end when nothing moves, or when it would be a day away', () => {
    expect(
      estimate(
        reading(20, 1_000, () => 0),
        1_000,
      ),
    ).toEqual({ rate: 0, percent: 0, etaSeconds: null })
    expect(
      estimate(
        reading(20, 1_000, () => 1),
        1_000_000,
      ).etaSeconds,
    ).toBeNull()
  })

  test('gives a total up that was exceeded', () => {
    expect(
      estimate(
        reading(11, 1_000, () => 100),
        500,
      ),
    ).toEqual({ rate: 100, percent: null, etaSeconds: null })
  })

  test('looks back half a minute: what was slow long ago is forgotten', () => {
    const samples = reading(121, 1_000, (i) => (i <= 60 ? 1 : 100))
    expect(samples.length).toBeLessThan(35)
    expect(estimate(samples, null).rate).toBe(100)
  })
})

describe('the text of a stream', () => {
  const samples = reading(11, 1_000, () => 100)

  test('says all that is known', () => {
    const text = progressText({ pages: 10, processed: 1_000, total: 3_000, samples }, true)
    expect(text).toBe('10 pages · 1,000 of 3,000 records (33 %) · 100/s · about 20 s left')
  })

  test('says no more than is known', () => {
    expect(progressText({ pages: 1, processed: 100, total: null, samples: samples.slice(0, 1) }, true)).toBe(
      '1 page · 100 records',
    )
    expect(progressText({ pages: 10, processed: 1_000, total: null, samples }, false)).toBe('10 pages · 1,000 records')
  })
})

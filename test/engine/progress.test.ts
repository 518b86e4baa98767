// Owns the proof of what the rows of a run tell of how far it has come, and what they can't.

import { describe, expect, test } from 'vitest'
import { progressOf } from '../../src/engine/runs/progress.ts'
import { type Counts, NO_COUNTS, type PassKind } from '../../src/model/run.ts'

const BEGUN = Date.UTC(2026, 0, 1, 12)

function pass(stream: string, kind: PassKind, counts: Partial<Counts>, expected: number | null) {
  const of = { ...NO_COUNTS, ...counts }
  return { streamNo: 1, stream, ordinal: 0, kind, ended: null, pages: 1, requests: 1, counts: of, expected }
}

/** As it is seen ten seconds after it began; `live` are the records that its streams hold by then. */
function seen(streams: readonly string[], passes: readonly ReturnType<typeof pass>[], live: Record<string, number>) {
  const rows = Object.entries(live).map(([stream, totalRecords]) => ({ stream, totalRecords }))
  return progressOf({ startedAt: BEGUN, streams, passes }, BEGUN + 10_000, rows)
}

describe('the progress of a run', () => {
  test('of a first reading is all of it', () => {
    const first = pass('stars', 'newestFirst', { fetched: 1_201, inserted: 1_200, unchanged: 1 }, 5_000)
    const progress = seen(['stars'], [first], { stars: 1_200 })
    expect(progress).toEqual({
      processed: 1_201,
      total: 5_000,
      percent: 24,
      rate: 120.1,
      etaSeconds: 32,
      streams: [{ stream: 'stars', processed: 1_201, total: 5_000, inserted: 1_200, unchanged: 1 }],
    })
    expect(Object.keys(progress)).toEqual(['processed', 'total', 'percent', 'rate', 'etaSeconds', 'streams'])
  })

  test('before the first page is nothing, with every stream that will be read', () => {
    const nothing = { processed: 0, total: null, inserted: 0, unchanged: 0 }
    expect(seen(['stars', 'likes'], [], {})).toEqual({
      processed: 0,
      total: null,
      percent: null,
      rate: 0,
      etaSeconds: null,
      streams: [
        { stream: 'stars', ...nothing },
        { stream: 'likes', ...nothing },
      ],
    })
  })

  test('has no total where the walk stops at what is stored, and has one where it lists everything', () => {
    const counts = { fetched: 100, inserted: 100 }
    expect(seen(['stars'], [pass('stars', 'newestFirst', counts, 400)], { stars: 350 })).toMatchObject({
      total: null,
      percent: null,
      etaSeconds: null,
    })
    expect(seen(['stars'], [pass('stars', 'fullPass', counts, 400)], { stars: 350 })).toMatchObject({
      total: 400,
      percent: 25,
      etaSeconds: 30,
    })
    // What it brought back or removed itself was not there, or was, when it began.
    const restored = { fetched: 100, restored: 100 }
    expect(seen(['stars'], [pass('stars', 'newestFirst', restored, 400)], { stars: 100 }).total).toBe(400)
    const removed = { fetched: 100, inserted: 100, removed: 100 }
    expect(seen(['stars'], [pass('stars', 'newestFirst', removed, 400)], { stars: 100 }).total).toBeNull()
  })

  test('gives percent and end up when the total was exceeded', () => {
    expect(seen(['stars'], [pass('stars', 'fullPass', { fetched: 500 }, 400)], {})).toMatchObject({
      processed: 500,
      total: 400,
      percent: null,
      etaSeconds: null,
    })
  })

  test('does not measure a second pass by the total of the source', () => {
    const passes = [
      pass('stars', 'newestFirst', { fetched: 100 }, 400),
      pass('stars', 'fullPass', { fetched: 100 }, 400),
    ]
    expect(seen(['stars'], passes, {})).toMatchObject({ processed: 200, total: null, percent: null })
  })

  test('of several streams has a total when the last of them has told its own', () => {
    const streams = ['products', 'orders']
    const products = pass('products', 'byCursor', { fetched: 30 }, null)
    const orders = pass('orders', 'byCursor', { fetched: 20 }, 70)
    expect(seen(streams, [products], {})).toMatchObject({ processed: 30, total: null })
    // Rows come in the order in which streams were made, not in that in which they are read.
    expect(seen(streams, [orders, products], {})).toMatchObject({
      processed: 50,
      total: 100,
      percent: 50,
      etaSeconds: 10,
      streams: [
        { stream: 'products', total: null },
        { stream: 'orders', total: 70 },
      ],
    })
    expect(seen(['orders', 'products'], [orders], {}).total).toBeNull()
  })

  test('foretells no end a day away, and no rate by a clock that stands before the start', () => {
    const slow = pass('stars', 'fullPass', { fetched: 1 }, 1_000_000)
    expect(seen(['stars'], [slow], {})).toMatchObject({ percent: 0, rate: 0.1, etaSeconds: null })
    const early = { startedAt: BEGUN, streams: ['stars'], passes: [slow] }
    expect(progressOf(early, BEGUN - 5_000, [])).toMatchObject({ processed: 1, rate: 0, etaSeconds: null })
  })
})

// Owns the proof that a place is known whole only when one round of readings, or several that agree on its length, have
// shown as many different records of it as it has rows.

import { expect, test } from 'vitest'
import { SAME_ROUNDS_MAX, Sweeps } from '../../src/engine/passes/listing/shown-twice.ts'

/** Three pages; the records of place 5 begin on the first and end on the last. */
const PAGES = [
  { token: null, high: 9, low: 5 },
  { token: 2, high: 5, low: 5 },
  { token: 3, high: 5, low: 1 },
]

function sweeps(pages = PAGES, orders = [5]) {
  const read = new Sweeps({ pages, orders: new Set(orders) })
  /** A round: what each page shows, as `a5` for record a at place 5. */
  const round = (...shown: (string | undefined)[]) => {
    for (const [page, rows] of shown.entries()) {
      if (rows === undefined) continue
      const placed = rows.split(' ').map((row) => ({ key: row.slice(0, 1), order: Number(row.slice(1)) }))
      read.see(page, placed, page === pages.length - 1)
    }
    return read.close()
  }
  return { read, round }
}

test('as many different records as rows are all of them', () => {
  const { read, round } = sweeps()
  expect(read.wanted).toEqual([0, 1, 2])
  expect(round('x9 a5', 'b5 c5', 'd5 y1')).toBe('whole')
})

test('rounds add up while the place is as long as before', () => {
  const { round } = sweeps()
  expect(round('x9 a5', 'a5 c5', 'd5 y1')).toBe('more')
  expect(round('x9 b5', 'a5 c5', 'c5 y1')).toBe('whole')
})

test('where the place has become shorter, what was shown before counts no more', () => {
  const { round } = sweeps()
  expect(round('x9 a5', 'a5 c5', 'd5 y1')).toBe('more')
  expect(round('x9 a5', 'a5 c5', 'y1 z1')).toBe('more')
  expect(round('x9 a5', 'b5 c5', 'y1 z1')).toBe('whole')
})

test('nor does it where the listing has moved', () => {
  const { read, round } = sweeps()
  round('x9 a5', 'a5 c5', 'd5 y1')
  read.forget()
  expect(round('x9 b5', 'c5 c5', 'd5 y1')).toBe('more')
})

test('a place that has moved beyond its pages is read with those beside them', () => {
  const { read, round } = sweeps([{ token: null, high: 9, low: 7 }, ...PAGES.slice(1), { token: 4, high: 1, low: 0 }])
  expect(read.wanted).toEqual([1, 2])
  expect(round(undefined, 'a5 b5', 'c5 d5')).toBe('more')
  expect(read.wanted).toEqual([0, 1, 2, 3])
  expect(round('x9 y7', 'a5 b5', 'c5 d5', 'z1')).toBe('whole')
})

test('pages that show the same again and again show no more', () => {
  const { round } = sweeps()
  const same = () => round('x9 a5', 'a5 c5', 'd5 y1')
  expect(same()).toBe('more')
  for (let times = 1; times < SAME_ROUNDS_MAX; times++) expect(same()).toBe('more')
  expect(same()).toBe('stuck')
})

test('places that are known are read no more', () => {
  const pages = [
    { token: null, high: 9, low: 8 },
    { token: 2, high: 8, low: 3 },
    { token: 3, high: 3, low: 1 },
  ]
  const { read, round } = sweeps(pages, [8, 3])
  expect(round('x9 a8', 'b8 c3', 'c3 y1')).toBe('more')
  expect(read.wanted).toEqual([1, 2])
})

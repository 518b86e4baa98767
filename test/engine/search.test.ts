// Owns the proof that the nearest vectors are found, however they are kept, and that several orders make one.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fused } from '../../src/engine/search/fusion.ts'
import { KeptVectors } from '../../src/engine/search/kept-vectors.ts'
import { middleOf } from '../../src/engine/search/middle.ts'
import { packed } from '../../src/model/vectors.ts'

const part = fc.integer({ min: -127, max: 127 })
const vector = fc.array(part, { minLength: 5, maxLength: 5 }).map((parts) => Int8Array.from(parts))
const written = fc.record({
  key: fc.integer({ min: 0, max: 12 }).map(String),
  at: fc.integer({ min: 0, max: 3 }),
  removed: fc.boolean(),
  vector: fc.oneof({ weight: 5, arbitrary: vector }, { weight: 1, arbitrary: fc.constant(new Int8Array(0)) }),
})

const directionOf = (of: Int8Array) => [...of].map((one) => one / Math.hypot(...of))
const product = (a: readonly number[], b: readonly number[]) => a.reduce((sum, one, i) => sum + one * (b[i] ?? 0), 0)

test('vectors in memory give what comparing each by itself gives, as it is seen from the middle of all', () => {
  fc.assert(
    fc.property(fc.array(written, { maxLength: 40 }), vector, fc.boolean(), (rows, sought, removed) => {
      const kept = new KeptVectors(5)
      // Looked for in between, too: what was known of the middle before is not what is known now.
      const find = () => {
        const found = new Map<string, number>()
        const middle = middleOf([kept.sum], 5)
        kept.find(
          { vector: sought, middle, removed, since: 1 },
          () => Number.NEGATIVE_INFINITY,
          ({ key, nearness }) => found.set(key, nearness),
        )
        return { found, middle }
      }
      for (const [i, row] of rows.entries()) {
        kept.put({ ...row, written: i + 1 })
        if (i === 20) find()
      }
      kept.find(
        { vector: sought, middle: middleOf([], 5), removed, since: 1 },
        () => 0,
        () => {},
      )
      const { found, middle } = find()
      const last = [...new Map(rows.map((row) => [row.key, row])).values()].filter(
        (row) => Math.hypot(...row.vector) > 0,
      )
      const center = [0, 1, 2, 3, 4].map(
        (at) => last.reduce((sum, row) => sum + (directionOf(row.vector)[at] ?? 0), 0) / (last.length + 32),
      )
      const length = Math.hypot(...center)
      expect(Math.sqrt(middle.square)).toBeCloseTo(length, 6)
      // A byte for each part stands for the middle as it does for all vectors.
      const asKept = [...middle.direction].map((one) => one * middle.scale)
      for (const [at, one] of asKept.entries())
        expect(Math.abs(one - (center[at] ?? 0))).toBeLessThan(length / 100 + 1e-9)
      const fromMiddle = (of: Int8Array) => directionOf(of).map((one, at) => one - (asKept[at] ?? 0))
      const expected = last
        .filter((row) => row.removed === removed && row.at >= 1)
        .filter((row) => product(directionOf(sought), directionOf(row.vector)) > 0.15)
        .map(({ key, vector: one }) => {
          const [a, b] = [fromMiddle(sought), fromMiddle(one)]
          return [key, product(a, b) / Math.hypot(...a) / Math.hypot(...b)] as const
        })
      expect([...found.keys()].toSorted()).toEqual(expected.map(([key]) => key).toSorted())
      for (const [key, nearness] of expected) expect(found.get(key)).toBeCloseTo(nearness, 5)
    }),
  )
})

test('of texts that are all the same, each is found', () => {
  const kept = new KeptVectors(3)
  const same = Int8Array.of(1, 2, 3)
  for (let i = 0; i < 5_000; i++) kept.put({ key: String(i), at: 1, removed: false, vector: same, written: i + 1 })
  let found = 0
  const query = { vector: same, middle: middleOf([kept.sum], 3), removed: false, since: 0 }
  kept.find(
    query,
    () => Number.NEGATIVE_INFINITY,
    ({ nearness }) => (found += Number.isFinite(nearness) ? 1 : 0),
  )
  expect(found).toBe(5_000)
})

test('a vector is packed without turning it', () => {
  expect(packed(Float32Array.of(0.5, -1, 0.25))).toEqual(Int8Array.of(64, -127, 32))
  expect(packed(Float32Array.of(0, 0))).toHaveLength(0)
  expect(packed(Float32Array.of(1, Number.NaN))).toHaveLength(0)
  expect(packed(Float32Array.of(1, Number.POSITIVE_INFINITY))).toHaveLength(0)
})

test('what stands in both orders comes first, then what stands higher in one', () => {
  const order = fused(
    [
      ['a', 'b', 'c'],
      ['d', 'c'],
    ],
    (one) => one,
  )
  expect(order.map(({ item }) => item)).toEqual(['c', 'a', 'd', 'b'])
  expect(fused([['x'], []], (one) => one)).toMatchObject([{ item: 'x', score: 1 / 61 }])
})

// Owns the proof that the nearest vectors are found, however they are kept, and that several orders make one.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fused } from '../../src/engine/search/fusion.ts'
import { KeptVectors } from '../../src/engine/search/kept-vectors.ts'
import { packed } from '../../src/model/vectors.ts'

const part = fc.integer({ min: -127, max: 127 })
const vector = fc.array(part, { minLength: 5, maxLength: 5 }).map((parts) => Int8Array.from(parts))
const written = fc.record({
  key: fc.integer({ min: 0, max: 12 }).map(String),
  at: fc.integer({ min: 0, max: 3 }),
  removed: fc.boolean(),
  vector: fc.oneof({ weight: 5, arbitrary: vector }, { weight: 1, arbitrary: fc.constant(new Int8Array(0)) }),
})

test('vectors in memory give what comparing each by itself gives', () => {
  fc.assert(
    fc.property(fc.array(written, { maxLength: 40 }), vector, fc.boolean(), (rows, sought, removed) => {
      const kept = new KeptVectors(5)
      for (const [i, row] of rows.entries()) kept.put({ ...row, written: i + 1 })
      const found = new Map<string, number>()
      kept.find(
        { vector: sought, removed, since: 1 },
        () => 0.2,
        ({ key, nearness }) => found.set(key, nearness),
      )
      const cosine = (a: Int8Array, b: Int8Array) =>
        a.reduce((sum, one, i) => sum + one * (b[i] ?? 0), 0) / Math.hypot(...a) / Math.hypot(...b)
      const last = new Map(rows.map((row) => [row.key, row]))
      const expected = [...last.values()]
        .filter((row) => row.removed === removed && row.at >= 1 && row.vector.length > 0)
        .map(({ key, vector: one }) => [key, cosine(sought, one)] as const)
        .filter(([, nearness]) => nearness > 0.2)
      expect([...found.keys()].toSorted()).toEqual(expected.map(([key]) => key).toSorted())
      for (const [key, nearness] of expected) expect(found.get(key)).toBeCloseTo(nearness, 9)
    }),
  )
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

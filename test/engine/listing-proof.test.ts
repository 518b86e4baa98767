import { expect, test } from 'vitest'
import { evidenceAfter, NO_EVIDENCE } from '../../src/engine/passes/listing/proof.ts'
import type { Parsed } from '../../src/engine/passes/rows/shape.ts'

const trailOf = (...keys: readonly string[]) => {
  const parsed = keys.map((key): Parsed => {
    const incoming = { key, cells: [], raw: key, hash: key, order: 1 }
    return { incoming, record: { key }, metrics: undefined }
  })
  const page = { isFirst: true, parsed, heads: new Map(), contents: new Map(), topBefore: undefined }
  return evidenceAfter(NO_EVIDENCE, {}, page).trail
}

test('rows that stand twice on a page make no other listing of it: a page is one moment', () => {
  expect(trailOf('a', 'b', 'a')).toBe(trailOf('a', 'b'))
  expect(trailOf('a', 'a', 'b', 'b')).toBe(trailOf('a', 'b'))
  expect(trailOf('b', 'a', 'b')).not.toBe(trailOf('a', 'b'))
  expect(trailOf('a', 'a')).not.toBe(trailOf('a', 'b'))
})

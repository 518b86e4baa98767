// Owns the proof that many keys are known, and told apart, without their texts.

import { expect, test } from 'vitest'
import { KeySet } from '../../src/engine/passes/key-set.ts'

test.each([
  ['numbers', (n: number) => String(n)],
  ['long numbers', (n: number) => String(7_563_768_034_519_715_090n + BigInt(n) * 4_294_967_296n)],
  ['words', (n: number) => `t3_${n.toString(36)}`],
  ['texts of other alphabets', (n: number) => `низ ${n} 🌊`],
])('keys that are %s', (_what, keyOf) => {
  const keys = new KeySet()
  const added = Array.from({ length: 200_000 }, (_, n) => keys.add(keyOf(n)))
  expect(added.indexOf(false)).toBe(-1)
  const all = Array.from({ length: 400_000 }, (_, n) => keys.has(keyOf(n)))
  expect([all.indexOf(false), all.lastIndexOf(true)]).toEqual([200_000, 199_999])
  expect([0, 7, 199_999, 200_000, 200_000].map((n) => keys.add(keyOf(n)))).toEqual([false, false, false, true, false])
})

// Owns the proof that the keys of a file are known, and told apart, without their texts.

import { expect, test } from 'vitest'
import { FileKeys } from '../../src/engine/passes/uploads/file-keys.ts'

test.each([
  ['numbers', (n: number) => String(n)],
  ['long numbers', (n: number) => String(7_563_768_034_519_715_090n + BigInt(n) * 4_294_967_296n)],
  ['words', (n: number) => `t3_${n.toString(36)}`],
  ['texts of other alphabets', (n: number) => `низ ${n} 🌊`],
])('keys that are %s', (_what, keyOf) => {
  const keys = new FileKeys()
  for (let n = 0; n < 200_000; n++) keys.add(keyOf(n))
  expect(keys.repeated.size).toBe(0)
  const all = Array.from({ length: 400_000 }, (_, n) => keys.has(keyOf(n)))
  expect([all.indexOf(false), all.lastIndexOf(true)]).toEqual([200_000, 199_999])
  for (const n of [0, 7, 199_999, 199_999]) keys.add(keyOf(n))
  expect([...keys.repeated]).toEqual([0, 7, 199_999].map(keyOf))
})

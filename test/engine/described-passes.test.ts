// Owns the proof that a full pass is described as it is due: in every run where nothing else reads its stream.

import { expect, test } from 'vitest'
import { fullPass, newestFirst } from '../../src/connector/passes.ts'
import { describe as described } from '../../src/engine/passes/kinds/all.ts'

test('a full pass alone is due in every run, beside others every 10 runs', () => {
  const listing = { read: async () => ({ records: [] }), pageSize: 50 }
  const [full, newest] = [fullPass(listing), newestFirst(listing)]
  expect(described(full, [full])).toBe('everything, which notices removals; every run; 50 a page')
  expect(described(full, [newest, full])).toBe('everything, which notices removals; every 10 runs; 50 a page')
})

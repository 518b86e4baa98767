import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { newestFirst } from '../../src/connector/passes.ts'
import { isSettled } from '../../src/engine/passes/listing/settled.ts'

const NOON = Date.UTC(2026, 0, 1, 12)
const schema = z.object({ at: z.union([z.string(), z.number()]) })
const pass = (more: { settles?: '1h'; unitMs?: number }) =>
  newestFirst<unknown, z.output<typeof schema>>({
    read: async () => ({ records: [] }),
    pageSize: 10,
    order: ({ at }) => at,
    ...more,
  }) as never

describe('a group of equal times can’t grow any more', () => {
  test.each([
    ['when the last walk began an hour after it', '2026-01-01T10:59:59Z', {}, true],
    ['not when its second had not passed yet', '2026-01-01T11:00:00Z', {}, false],
    ['a time with a zone', '2026-01-01T12:30:00+02:00', {}, true],
    ['a number of seconds', NOON / 1_000 - 3_601, { unitMs: 1_000 }, true],
    ['not a number of nothing', NOON / 1_000 - 3_601, {}, false],
    ['not a text that is no time', 'zebra', {}, false],
    ['not an order that is none', undefined, {}, false],
  ])('%s', (_what, order, more, expected) => {
    expect(isSettled(pass({ settles: '1h', ...more }), order, { at: NOON, total: null })).toBe(expected)
  })

  test('not where nothing is declared, and not before a walk was closed', () => {
    expect(isSettled(pass({}), '2020-01-01T00:00:00Z', { at: NOON, total: null })).toBe(false)
    expect(isSettled(pass({ settles: '1h' }), '2020-01-01T00:00:00Z', undefined)).toBe(false)
  })
})

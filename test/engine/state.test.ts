import { expect, test } from 'vitest'
import { readState } from '../../src/engine/passes/state.ts'
import type { WalkRow } from '../../src/store/store.ts'

const walk = (pass: WalkRow['pass'], position: WalkRow['position']): WalkRow => ({
  walk: 3,
  pass,
  openedAt: 0,
  closedAt: null,
  ended: 'failed',
  position,
  pages: 2,
  records: 200,
  note: '',
})

test('a stream that nothing was kept of has nothing, whatever its connector declares', () => {
  expect(readState('orders', undefined, { value: undefined, openWalks: [] })).toEqual({ kept: {}, openWalks: [] })
})

test('what was kept under the same versions comes back as it was', () => {
  const openWalks = [walk('byCursor', { since: 5, until: 9 })]
  const value = { v: 1, cursor: 7, confirm: true, asked: 1234 }
  expect(readState('orders', undefined, { value, openWalks })).toEqual({
    kept: { cursor: 7, confirm: true, asked: 1234 },
    openWalks,
  })
})

test('an older state goes through every step to the present one', () => {
  const steps = [
    (stored: Record<string, never>) => ({ ...stored, cursor: stored['last'] }),
    (stored: Record<string, never>) => ({ ...stored, cursor: (stored['cursor'] ?? 0) * 1000 }),
  ] as unknown as Parameters<typeof readState>[3]
  const kept = (value: object) => readState('orders', undefined, { value: value as never, openWalks: [] }, steps).kept
  expect(kept({ last: 7 })).toEqual({ cursor: 7000 })
  expect(kept({ v: 1, cursor: 7 })).toEqual({ cursor: 7000 })
  expect(kept({ v: 2, cursor: 7 })).toEqual({ cursor: 7 })
})

test('a state from the future is refused and not touched', () => {
  const read = () => readState('orders', undefined, { value: { v: 9 }, openWalks: [] })
  expect(read).toThrow(expect.objectContaining({ code: 'state_newer' }))
  const older = () => readState('orders', undefined, { value: { v: 1, connector: 2 }, openWalks: [] })
  expect(older).toThrow(expect.objectContaining({ code: 'state_newer' }))
})

test('a connector carries its cursor over, and its walks begin where their tokens still mean something', () => {
  const declared = { version: 2, migrate: (cursor: number, from: number) => cursor * 1000 * from }
  const openWalks = [walk('byCursor', { since: 5, until: 9 }), walk('newestFirst', { token: 'old', tail: ['a'] })]
  const read = readState('orders', declared, { value: { v: 1, cursor: 7, asked: 3 }, openWalks })
  expect(read.kept).toEqual({ cursor: 7000, asked: 3, connector: 2 })
  expect(read.openWalks.map(({ position }) => position)).toEqual([{ since: 5000, until: 9000 }, null])
})

test('a cursor that can’t be carried over is forgotten: everything is read once more', () => {
  const openWalks = [walk('byCursor', { since: 5, until: 9 })]
  const read = readState('orders', { version: 2 }, { value: { v: 1, cursor: 7 }, openWalks })
  expect(read.kept).toEqual({ connector: 2 })
  expect(read.openWalks[0]?.position).toEqual({ since: null, until: 0 })
})

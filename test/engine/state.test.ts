import { expect, test } from 'vitest'
import { readState, type StreamDeclared } from '../../src/engine/passes/state.ts'
import type { Json } from '../../src/model/json.ts'
import type { WalkRow } from '../../src/store/store.ts'

/** As declared, and as it was kept before. */
const ORDERS: StreamDeclared = { name: 'orders', state: undefined, kinds: ['byCursor', 'newestFirst'], reads: {} }
const asStored = (value: object | undefined, openWalks: readonly WalkRow[] = []) => ({
  value: value as Json | undefined,
  openWalks,
  nextWalk: 9,
})

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
  expect(readState(ORDERS, asStored(undefined))).toEqual({
    kept: { reads: {} },
    openWalks: [],
    moved: [],
    isAnew: false,
  })
})

test('what was kept under the same versions comes back as it was', () => {
  const openWalks = [walk('byCursor', { since: 5, until: 9 })]
  const value = { v: 1, cursor: 7, confirm: true, asked: 1234 }
  const kinds: StreamDeclared['kinds'] = ['byCursor', 'fullPass']
  expect(readState({ ...ORDERS, kinds }, asStored(value, openWalks))).toEqual({
    kept: { cursor: 7, confirm: true, asked: 1234, reads: {} },
    openWalks,
    moved: [],
    isAnew: false,
  })
})

test('an older state goes through every step to the present one', () => {
  const steps = [
    (stored: Record<string, never>) => ({ ...stored, cursor: stored['last'] }),
    (stored: Record<string, never>) => ({ ...stored, cursor: (stored['cursor'] ?? 0) * 1000 }),
  ] as unknown as Parameters<typeof readState>[2]
  const kept = (value: object) => readState(ORDERS, asStored(value), steps).kept
  expect(kept({ last: 7 })).toMatchObject({ cursor: 7000 })
  expect(kept({ v: 1, cursor: 7 })).toMatchObject({ cursor: 7000 })
  expect(kept({ v: 2, cursor: 7 })).toMatchObject({ cursor: 7 })
})

test('a state from the future is refused and not touched', () => {
  const read = () => readState(ORDERS, asStored({ v: 9 }))
  expect(read).toThrow(expect.objectContaining({ code: 'state_newer' }))
  const older = () => readState(ORDERS, asStored({ v: 1, connector: 2 }))
  expect(older).toThrow(expect.objectContaining({ code: 'state_newer' }))
})

test('a connector carries its cursor over, and its walks begin where their tokens still mean something', () => {
  const declared = { version: 2, migrate: (cursor: number, from: number) => cursor * 1000 * from }
  const openWalks = [walk('byCursor', { since: 5, until: 9 }), walk('newestFirst', { token: 'old', tail: ['a'] })]
  const read = readState({ ...ORDERS, state: declared }, asStored({ v: 1, cursor: 7, asked: 3 }, openWalks))
  expect(read.kept).toEqual({ cursor: 7000, asked: 3, connector: 2, reads: {} })
  expect(read.isAnew).toBe(false)
  expect(read.openWalks.map(({ position }) => position)).toEqual([{ since: 5000, until: 9001 }, null])
})

test('what moves the walks of a stream is written with its state, and they have counted nothing', () => {
  const openWalks = [walk('byCursor', { since: 5, until: 9 }), walk('fullPass', { token: 'old', tail: ['a'] })]
  const value = {
    v: 1,
    cursor: 7,
    top: 9,
    inParts: 4,
    ahead: 2,
    lookedAhead: 3,
    far: 1,
    lookedFar: 3,
    reads: { options: 'one' },
  }
  const declared = { ...ORDERS, kinds: ['byCursor', 'fullPass'] as const, reads: { options: 'one' } }
  expect(readState(declared, asStored(value, openWalks)).moved).toEqual([])
  const other = readState({ ...declared, reads: { options: 'two' } }, asStored(value, openWalks))
  expect(Object.keys(other.kept)).toEqual(['reads', 'again', 'since'])
  expect(other.moved).toEqual(other.openWalks)
  expect(other.moved).toMatchObject([{ pages: 2 }, { position: null, pages: 0, records: 0, note: '' }])
})

test('a cursor that can’t be carried over is forgotten: everything is read once more', () => {
  const openWalks = [walk('byCursor', { since: 5, until: 9 })]
  const read = readState({ ...ORDERS, state: { version: 2 } }, asStored({ v: 1, cursor: 7, top: 5 }, openWalks))
  expect(read).toMatchObject({ kept: { connector: 2, reads: {}, since: 9 }, isAnew: true })
  expect(Object.keys(read.kept)).toEqual(['connector', 'reads', 'since'])
  expect(read.openWalks[0]?.position).toEqual({ since: null, until: 0 })
})

test('where an option or the reach of a listing has changed, what was read before is no ground', () => {
  const value = { v: 1, cursor: 7, asked: 3, confirm: true, reads: { options: 'one', newestFirst: 'complete' } }
  const read = (reads: StreamDeclared['reads']) => readState({ ...ORDERS, reads }, asStored(value))
  expect(read({ options: 'one', newestFirst: 'complete' }).isAnew).toBe(false)
  // A pass that is new, or gone, changes nothing of what the others read.
  expect(read({ options: 'one', newestFirst: 'complete', fullPass: 'complete' }).isAnew).toBe(false)
  expect(read({ options: 'one' }).isAnew).toBe(false)
  const reads = { options: 'two', newestFirst: 'complete' }
  expect(read(reads)).toMatchObject({ isAnew: true, kept: { asked: 3, reads, since: 9 } })
  expect(read(reads).kept.cursor).toBeUndefined()
  expect(read({ options: 'one', newestFirst: '{"cap":10}' }).isAnew).toBe(true)
})

test('what only a full pass can prove is forgotten with it', () => {
  const value = { v: 1, cursor: 7, confirm: true, unproved: 3, unread: 1, strays: true, inParts: 4 }
  const read = (kinds: StreamDeclared['kinds']) => readState({ ...ORDERS, kinds }, asStored(value)).kept
  expect(read(['byCursor', 'fullPass'])).toMatchObject({ confirm: true, unproved: 3, unread: 1 })
  expect(read(['byCursor'])).toEqual({ cursor: 7, reads: {} })
})

test('an open walk of a pass that is gone stays open where no pass reads as far, and only there', () => {
  const kinds: StreamDeclared['kinds'] = ['newestFirst', 'fullPass']
  const read = (pass: WalkRow['pass'], before: object, reads: StreamDeclared['reads'], left = kinds) =>
    readState({ ...ORDERS, kinds: left, reads }, asStored({ v: 1, reads: before }, [walk(pass, null)]))
  const capped = { newestFirst: '{"cap":5}', fullPass: '{"cap":9}' }
  const stays = read('byCursor', { byCursor: 'complete' }, capped)
  expect(stays).toMatchObject({ isAnew: false, openWalks: [{ pass: 'byCursor' }] })
  expect(stays.kept.reads).toEqual({ byCursor: 'complete', ...capped })
  expect(read('byCursor', {}, { ...capped, fullPass: 'complete' }).openWalks).toMatchObject([{ pass: 'fullPass' }])
  const gone = read('newestFirst', { newestFirst: '{"cap":9}' }, { fullPass: '{"cap":9}' }, ['fullPass'])
  expect(gone.openWalks).toMatchObject([{ pass: 'fullPass' }])
})

test('an open walk of a pass that is gone goes on as the first of those that are declared', () => {
  const openWalks = [walk('fullPass', { token: 'old', tail: ['a'] })]
  const read = (kinds: StreamDeclared['kinds']) =>
    readState({ ...ORDERS, kinds }, asStored({ v: 1, cursor: 7 }, openWalks))
  expect(read(['newestFirst', 'fullPass']).openWalks).toEqual(openWalks)
  const taken = { isAnew: true, openWalks: [{ pass: 'newestFirst', position: null }], kept: { since: 9, again: [3] } }
  expect(read(['newestFirst'])).toMatchObject(taken)
  expect(read(['byCursor']).openWalks).toMatchObject([{ pass: 'byCursor', position: { since: null, until: 0 } }])
})

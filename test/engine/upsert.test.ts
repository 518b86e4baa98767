import { describe, expect, test } from 'vitest'
import type { Parsed } from '../../src/engine/passes/rows/shape.ts'
import {
  decideUpserts,
  isAnchored,
  needContent,
  needPast,
  splitDuplicates,
  type UpsertContext,
} from '../../src/engine/passes/rows/upsert.ts'
import type { Head } from '../../src/model/record.ts'

const parsed = (key: string, raw: string, order = 10): Parsed => ({
  incoming: { key, cells: [], raw, hash: `#${raw}`, order },
  record: {},
  metrics: [1],
})

const head = (raw: string, over: Partial<Head> = {}): Head => ({
  hash: `#${raw}`,
  order: 10,
  ordinal: 1,
  walk: 1,
  missedBy: null,
  unavailableSince: null,
  firstSeenAt: 0,
  removedAt: null,
  ...over,
})

const context = (heads: Record<string, Head>, over: Partial<UpsertContext> = {}): UpsertContext => ({
  heads: new Map(Object.entries(heads)),
  contents: new Map(),
  past: new Map(),
  volatile: [],
  walk: 2,
  openWalks: new Set([2]),
  askedAt: 100,
  ...over,
})

const content = (raw: string) => new Map([['a', { raw, columns: {}, ordinal: 1 }]])

describe('decideUpserts', () => {
  test('a key that the store lacks is inserted', () => {
    const { inserts, counts } = decideUpserts([parsed('a', '{}')], context({}))
    expect(inserts.map(({ key }) => key)).toEqual(['a'])
    expect(counts).toEqual({ inserted: 1, updated: 0, unchanged: 0, superseded: 0, restored: 0 })
  })

  test('the same text is unchanged, and still gives the run its snapshot', () => {
    const decided = decideUpserts([parsed('a', '{}')], context({ a: head('{}') }))
    expect(decided).toMatchObject({ inserts: [], updates: [], touches: [], counts: { unchanged: 1 } })
  })

  test('what the page before showed as it is counts once, and is written if it changed', () => {
    const repeats = new Map([['a', '#{}']])
    const same = decideUpserts([parsed('a', '{}')], context({ a: head('{}') }, { repeats }))
    expect(same).toMatchObject({ inserts: [], updates: [], snapshots: [], counts: { unchanged: 0 } })
    const changed = decideUpserts([parsed('a', '{"v":1}')], context({ a: head('{}') }, { repeats }))
    expect(changed.counts).toMatchObject({ updated: 1 })
    const meanwhile = decideUpserts([parsed('a', '{}')], context({ a: head('{"v":1}') }, { repeats }))
    expect(meanwhile.counts).toMatchObject({ updated: 1 })
  })

  test('another text with the same values is unchanged', () => {
    const decided = decideUpserts(
      [parsed('a', '{"b":1, "a":[2]}')],
      context({ a: head('{"a":[2],"b":1}') }, { contents: content('{"a":[2],"b":1}') }),
    )
    expect(decided.counts).toMatchObject({ unchanged: 1, updated: 0 })
  })

  test('volatile fields change nothing, deep inside lists too', () => {
    const before = '{"id":1,"items":[{"sku":"x","image":"u1"}]}'
    const after = '{"id":1,"items":[{"sku":"x","image":"u2"}]}'
    const heads = { a: head(before) }
    const quiet = context(heads, { contents: content(before), volatile: ['items.image'] })
    expect(decideUpserts([parsed('a', after)], quiet).counts).toMatchObject({ unchanged: 1, updated: 0 })
    const loud = context(heads, { contents: content(before) })
    expect(decideUpserts([parsed('a', after)], loud).counts).toMatchObject({ unchanged: 0, updated: 1 })
  })

  test('integers beyond 2^53 that differ in their last digit are different', () => {
    const before = '{"n":9007199254740993}'
    const decided = decideUpserts(
      [parsed('a', '{"n":9007199254740992}')],
      context({ a: head(before) }, { contents: content(before) }),
    )
    expect(decided.counts.updated).toBe(1)
  })

  test('older never overwrites newer, leaves no snapshot, and goes to the history', () => {
    const decided = decideUpserts([parsed('a', '{"v":1}', 9)], context({ a: head('{"v":2}', { ordinal: 4 }) }))
    expect(decided).toMatchObject({
      updates: [],
      touches: [],
      superseded: [{ key: 'a', raw: '{"v":1}', order: 9, expect: 4, reason: 'older_version' }],
      counts: { unchanged: 0, superseded: 1 },
    })
  })

  test('what is older and in the history already is kept once; what is stored is unchanged, whatever its order', () => {
    const older = (raw: string) => parsed('a', raw, 9)
    const heads = { a: head('{"v":2}') }
    const over = { past: new Map([['a', new Set(['#{"v":1}'])]]), volatile: ['views'] }
    const known = decideUpserts([older('{"v":1}')], context(heads, over))
    expect(known).toMatchObject({ superseded: [], counts: { unchanged: 0, superseded: 1 } })
    const other = decideUpserts([older('{"v":0}')], context(heads, over))
    expect(other).toMatchObject({ superseded: [{ raw: '{"v":0}' }], counts: { unchanged: 0, superseded: 1 } })
    const contents = content('{"v":2,"views":1}')
    const same = decideUpserts([older('{"v":2.0,"views":3}')], context(heads, { ...over, contents }))
    expect(same).toMatchObject({ superseded: [], counts: { unchanged: 1, superseded: 0 } })
  })

  test('a record that is listed with an older content is not missed any more', () => {
    const missed = context({ a: head('{"v":2}', { missedBy: 3 }) })
    expect(decideUpserts([parsed('a', '{"v":1}', 9)], missed).touches).toEqual([{ key: 'a', expect: 1, walk: 1 }])
  })

  test('a removed record that comes back is restored, without a new version of the old content', () => {
    const decided = decideUpserts([parsed('a', '{}')], context({ a: head('{}', { removedAt: 50 }) }))
    expect(decided.updates).toMatchObject([{ op: 'restore', version: false, expect: 1, walk: 2 }])
    expect(decided.counts).toMatchObject({ restored: 1, updated: 0 })
  })

  test('a page asked for before the removal does not bring a record back', () => {
    const late = context({ a: head('{}', { removedAt: 150 }) })
    expect(decideUpserts([parsed('a', '{}')], late)).toMatchObject({
      updates: [],
      superseded: [],
      counts: { restored: 0, unchanged: 1 },
    })
    expect(decideUpserts([parsed('a', '{"v":1}')], late)).toMatchObject({
      updates: [],
      superseded: [{ key: 'a', raw: '{"v":1}', expect: 1, reason: 'asked_before_removal' }],
      counts: { restored: 0, unchanged: 0, superseded: 1 },
    })
  })

  test('a record that no closed walk has seen is taken over by the walk that sees it', () => {
    const orphan = decideUpserts([parsed('a', '{}')], context({ a: head('{}', { walk: null }) }))
    expect(orphan.touches).toEqual([{ key: 'a', expect: 1, walk: 2 }])
    const anchored = decideUpserts([parsed('a', '{}')], context({ a: head('{}') }))
    expect(anchored.touches).toEqual([])
  })

  test('an update keeps the anchor of a closed walk', () => {
    const decided = decideUpserts(
      [parsed('a', '{"v":2}')],
      context({ a: head('{"v":1}') }, { contents: content('{"v":1}') }),
    )
    expect(decided.updates).toMatchObject([{ walk: 1, op: 'update', version: true }])
  })

  test('a record that was missed and is seen again is no candidate any more', () => {
    const decided = decideUpserts([parsed('a', '{}')], context({ a: head('{}', { missedBy: 1 }) }))
    expect(decided.touches).toHaveLength(1)
  })

  test('a write that no walk makes anchors nothing', () => {
    const decided = decideUpserts([parsed('a', '{}')], context({ a: head('{}', { walk: null }) }, { walk: null }))
    expect(decided.touches).toEqual([])
  })
})

test('anchored is what a closed walk has seen and what is still there', () => {
  expect(isAnchored(undefined, new Set())).toBe(false)
  expect(isAnchored(head('{}'), new Set())).toBe(true)
  expect(isAnchored(head('{}'), new Set([1]))).toBe(false)
  expect(isAnchored(head('{}', { walk: null }), new Set())).toBe(false)
  expect(isAnchored(head('{}', { removedAt: 1 }), new Set())).toBe(false)
})

test('content is looked up only where texts differ and the stored one counts', () => {
  const heads = new Map([
    ['same', head('{}')],
    ['other', head('{"v":1}')],
    ['older', head('{"v":1}', { order: 11 })],
    ['gone', head('{"v":1}', { removedAt: 1 })],
    ['gone later', head('{"v":1}', { removedAt: 101 })],
  ])
  const page = ['same', 'other', 'older', 'gone', 'gone later', 'new'].map((key) => parsed(key, '{}'))
  expect(needContent(page, heads, 100)).toEqual(['other', 'older', 'gone later'])
  expect(needPast(page, heads, 100)).toEqual(['older', 'gone later'])
})

describe('splitDuplicates', () => {
  const keys = (page: readonly Parsed[]) =>
    splitDuplicates(page).map((part) => part.map(({ incoming }) => incoming.raw))

  test('a page without duplicates stays whole', () => {
    expect(keys([parsed('a', '1'), parsed('b', '2')])).toEqual([['1', '2']])
  })

  test('a row that stands twice counts once', () => {
    expect(keys([parsed('a', '1'), parsed('b', '2'), parsed('a', '1')])).toEqual([['1', '2']])
  })

  test('two versions of a key are written one after the other, the older first', () => {
    expect(keys([parsed('a', 'new', 20), parsed('b', '2'), parsed('a', 'old', 10)])).toEqual([['old', '2'], ['new']])
    expect(keys([parsed('a', '1'), parsed('a', '2'), parsed('a', '3')])).toEqual([['1'], ['2'], ['3']])
  })

  test('of a page of one key, each content is a part of its own, however many there are', () => {
    const rows = Array.from({ length: 20_000 }, (_, i) => parsed('a', `${i}`))
    expect(keys([parsed('b', 'b'), ...rows, ...rows])).toEqual([
      ['b', '0'],
      ...rows.slice(1).map((_, i) => [`${i + 1}`]),
    ])
  })
})

// Owns the promises about the past: records as of any moment, all that a record has been, and the requests behind it.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ChangeOp, Key } from '../../src/model/record.ts'
import type { Batch, RequestRow } from '../../src/store/store.ts'
import { useWorld } from './use-world.ts'
import { MINUTE, type OpenDatabase, record, superseded, T0, update, World } from './world.ts'

/** Something that happened to a record. The revision is that of the content it has since. */
interface Event {
  readonly ordinal: number
  readonly op: ChangeOp
  readonly at: number
  readonly revision: number
}

const KEYS = ['', 'a', 'b', 'c', 'd', 'ä'] as const

/** What is done to a key, and how the clock moves before it: forward, not at all, or back. */
const step = fc.record({
  key: fc.constantFrom(...KEYS),
  change: fc.constantFrom('content', 'content', 'remove', 'revive'),
  /** Whether an older content of the key is shown afterwards, which no moment of the past may show. */
  shown: fc.boolean(),
  tick: fc.oneof({ weight: 4, arbitrary: fc.nat(3) }, { weight: 1, arbitrary: fc.integer({ min: -4, max: -1 }) }),
})

export function historyCases(open: OpenDatabase): void {
  describe('records as of a moment', () => {
    const used = useWorld(open)

    it('are those of then, with what they held then', async () => {
      const { world } = used
      const { store, stream } = world
      await world.put({ inserts: [record('a'), record('b'), record('c')], at: T0 + 10 })
      await world.put({ updates: [update('a', 1, 2)], at: T0 + 20 })
      await world.remove('b', 1, { at: T0 + 30 })
      await world.put({ inserts: [record('d')], at: T0 + 40 })
      await world.put({ updates: [update('b', 2, 5, { op: 'restore' })], at: T0 + 50 })
      const amounts = async (asOf: number) =>
        (await store.records.list({ streamNo: stream.no, asOf, limit: 9 })).map(({ _key, amount }) => [_key, amount])
      expect(await amounts(T0 + 9)).toEqual([])
      expect(await amounts(T0 + 10)).toEqual([
        ['a', 10],
        ['b', 10],
        ['c', 10],
      ])
      expect(await amounts(T0 + 29)).toEqual([
        ['a', 20],
        ['b', 10],
        ['c', 10],
      ])
      expect(await amounts(T0 + 30)).toEqual([
        ['a', 20],
        ['c', 10],
      ])
      expect(await amounts(T0 + 49)).toEqual([
        ['a', 20],
        ['c', 10],
        ['d', 10],
      ])
      expect(await amounts(T0 + 50)).toEqual([
        ['a', 20],
        ['b', 50],
        ['c', 10],
        ['d', 10],
      ])
      const gone = await store.records.list({ streamNo: stream.no, asOf: T0 + 35, removed: true, limit: 9 })
      expect(gone).toEqual([
        expect.objectContaining({
          _key: 'b',
          amount: 10,
          _raw: record('b').raw,
          _first_seen_at: '2026-01-01T00:00:00.010Z',
          _updated_at: '2026-01-01T00:00:00.010Z',
          _removed_at: '2026-01-01T00:00:00.030Z',
          _removed_reason: 'not_listed',
        }),
      ])
      expect(await store.records.list({ streamNo: stream.no, asOf: T0 + 50, removed: true, limit: 9 })).toEqual([])
    })

    it('of now are the records', async () => {
      const { world } = used
      const { store, stream } = world
      await world.insert('a', 'b', 'c')
      await world.put({ updates: [update('a', 1, 2)], at: T0 + MINUTE })
      await world.remove('b', 1, { at: T0 + MINUTE })
      await world.put({ unavailable: [{ key: 'c', expect: 1 }], at: T0 + 2 * MINUTE })
      for (const removed of [false, true]) {
        const query = { streamNo: stream.no, removed, limit: 9 }
        const now = await store.records.list(query)
        expect(now.length).toBeGreaterThan(0)
        expect(await store.records.list({ ...query, asOf: T0 + 2 * MINUTE })).toEqual(now)
      }
      const [, then] = await store.records.list({ streamNo: stream.no, asOf: T0 + MINUTE, limit: 9 })
      expect(then).toMatchObject({ _key: 'c', _unavailable_since: null })
    })

    it('are filtered by what they held then, and paged by key', async () => {
      const { world } = used
      const { store, stream } = world
      const keys = Array.from({ length: 1_200 }, (_, i) => `k${String(i).padStart(4, '0')}`)
      await world.put({ inserts: keys.map((key) => record(key)), at: T0 })
      await world.put({ updates: keys.slice(600).map((key) => update(key, 1, 2)), at: T0 + MINUTE })
      await world.put({ removals: keys.slice(0, 590).map((key) => ({ key, expect: 1, reason: 'x' })), at: T0 + MINUTE })
      const found = async (query: object) =>
        (await store.records.list({ streamNo: stream.no, limit: 9_999, ...query })).map(({ _key }) => _key)
      expect(await found({ asOf: T0, where: { amount: 10 } })).toEqual(keys)
      expect(await found({ asOf: T0, where: { amount: 20 } })).toEqual([])
      expect(await found({ asOf: T0 + MINUTE, where: { amount: 10 } })).toEqual(keys.slice(590, 600))
      expect(await found({ asOf: T0, where: { _key: 'k0700', amount: 10 } })).toEqual(['k0700'])
      expect(await found({ asOf: T0 + MINUTE, limit: 3, after: 'k0598' })).toEqual(['k0599', 'k0600', 'k0601'])
      expect(await found({ asOf: T0 + MINUTE, limit: 3 })).toEqual(['k0590', 'k0591', 'k0592'])
      expect(await found({ asOf: T0, limit: 0 })).toEqual([])
      await expect(found({ asOf: T0, where: { nothing: 1 } })).rejects.toMatchObject({ code: 'column_unknown' })
    })

    it('is each stream’s own', async () => {
      const { world } = used
      const other = await new World(world.database, world.store, 'lab').begin('me')
      await world.insert('a')
      await other.put({ inserts: [record('a', 7)], at: T0 + 1 })
      await world.put({ updates: [update('a', 1, 2)], at: T0 + MINUTE })
      const [ours] = await world.store.records.list({ streamNo: world.stream.no, asOf: T0, limit: 9 })
      const [theirs] = await world.store.records.list({ streamNo: other.stream.no, asOf: T0 + 1, limit: 9 })
      expect([ours?.['amount'], theirs?.['amount']]).toEqual([10, 70])
    })

    it('at every instant are what a list of events says', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 30 }), async (steps) => {
          const database = await open()
          try {
            const world = await new World(database, await database.connect(), 'default').begin()
            const events = new Map<Key, Event[]>()
            let at = T0 + 50
            for (const [i, { key, change, tick, shown }] of steps.entries()) {
              at += tick
              const past = events.get(key) ?? []
              const { part, event } = happen(key, change, past.at(-1), i + 1, at)
              expect(await world.write({ ...part, at })).toBe('written')
              if (shown) await world.put({ superseded: [superseded(key, event.ordinal, -i - 1)], at })
              events.set(key, [...past, event])
            }
            await compare(world, events)
          } finally {
            await database.drop()
          }
        }),
        { numRuns: open.examples ?? 40 },
      )
    })
  })

  describe('what the feed tells of, and stands no more', () => {
    const used = useWorld(open)

    it('is found by the changes that made it, in their order, of one stream', async () => {
      const { world } = used
      const { store, stream, project } = world
      const other = await new World(world.database, store, 'lab').begin('me')
      await other.put({ inserts: [record('a', 9)], at: T0 })
      await other.put({ updates: [update('a', 1, 8)], at: T0 })
      await world.put({ inserts: [record('a'), record('b')], at: T0 + 1 })
      await world.put({ updates: [update('a', 1, 2)], at: T0 + 2 })
      await world.put({ updates: [update('a', 2, 3), update('b', 1, 4)], at: T0 + 3 })
      await world.remove('b', 2, { at: T0 + 4 })
      const former = async (after: number, to: number, limit = 9) =>
        (await store.history.former({ project, streamNo: stream.no, after, to, limit })).map(
          ({ seq, key, at, columns, raw }) => [
            seq,
            key,
            at - T0,
            columns['amount'],
            raw === record(key, Number(columns['amount']) / 10).raw,
          ],
        )
      const a1 = [1, 'a', 1, 10, true]
      const b1 = [2, 'b', 1, 10, true]
      const a2 = [3, 'a', 2, 20, true]
      const b4 = [5, 'b', 3, 40, true]
      expect(await former(0, 99)).toEqual([a1, b1, a2, b4])
      expect(await former(0, 99, 3)).toEqual([a1, b1, a2])
      expect(await former(2, 4)).toEqual([a2])
      expect(await former(5, 99)).toEqual([])
      // What comes back takes the place of the tombstone, which had what was there before.
      await world.put({ updates: [update('b', 3, 5, { op: 'restore', version: false })], at: T0 + 5 })
      expect((await former(4, 99)).map(([seq, key, , amount]) => [seq, key, amount])).toContainEqual([5, 'b', 40])
    })
  })

  describe('what made a record', () => {
    const used = useWorld(open)

    it('is no page where none brought it', async () => {
      const { world } = used
      await world.insert('a')
      await world.remove('a', 1, { page: 0 })
      expect((await world.history('a')).map(({ op, page }) => [op, page])).toEqual([
        ['insert', 1],
        ['remove', null],
      ])
    })

    it('are the requests of its page, as long as the ledger keeps them', async () => {
      const { world } = used
      const { store, run, stream, project } = world
      await world.put({ requests: [request(1, '/a'), request(1, '/b')], page: 1 })
      await world.put({ requests: [request(2, '/c'), request(null, '/count')], page: 2 })
      const urls = async (page: number | null, more: object = {}) =>
        (await store.runs.requestsOf({ runNo: run.no, streamNo: stream.no, page, ...more })).map(({ url }) => url)
      expect([await urls(1), await urls(2), await urls(3)]).toEqual([['/a', '/b'], ['/c'], []])
      expect(await urls(null)).toEqual(['/count'])
      expect(await urls(1, { runNo: run.no + 1 })).toEqual([])
      // Another stream of the run may have shared the page; what was asked for no page is of its stream alone.
      const other = { streamNo: stream.no + 1 }
      expect([await urls(1, other), await urls(null, other)]).toEqual([['/a', '/b'], []])
      expect(await store.runs.requestsOf({ runNo: run.no, streamNo: stream.no, page: 2 })).toEqual([request(2, '/c')])
      await store.history.prune({ project, what: 'requests', before: T0 + 1, limit: 9 })
      expect(await urls(1)).toEqual([])
    })

    it('is a version of a connector, which stays with the run', async () => {
      const { store, lease, project, connection, run } = used.world
      expect(run.connectorVersion).toBeNull()
      const order = {
        id: 'run-2',
        lease,
        project,
        connectionNo: connection.no,
        mode: 'auto',
        streams: [],
        at: T0,
      } as const
      const opened = await store.runs.open({ ...order, connectorVersion: '7', holder: run.holder })
      expect(opened.connectorVersion).toBe('7')
      expect(await store.runs.find(project, 'run-2')).toMatchObject({ connectorVersion: '7' })
    })
  })
}

function request(page: number | null, url: string): RequestRow {
  const answer = { status: 200, bytes: 7, ms: 3, attempt: 1, outcome: 'ok', billedItems: 0 }
  return { page, at: T0, method: 'GET', url, ...answer }
}

function happen(
  key: Key,
  change: 'content' | 'remove' | 'revive',
  last: Event | undefined,
  revision: number,
  at: number,
): { part: Partial<Batch>; event: Event } {
  const ordinal = (last?.ordinal ?? 0) + 1
  if (!last) return { part: { inserts: [record(key, revision)] }, event: { ordinal, op: 'insert', at, revision } }
  const expected = last.ordinal
  if (last.op === 'remove') {
    const event: Event = { ordinal, op: 'restore', at, revision: change === 'revive' ? last.revision : revision }
    if (change === 'revive') return { part: { revivals: [{ key, expect: expected }] }, event }
    return { part: { updates: [update(key, expected, revision, { op: 'restore', version: false })] }, event }
  }
  if (change === 'remove') {
    const event: Event = { ordinal, op: 'remove', at, revision: last.revision }
    return { part: { removals: [{ key, expect: expected, reason: `gone ${ordinal}` }] }, event }
  }
  return { part: { updates: [update(key, expected, revision)] }, event: { ordinal, op: 'update', at, revision } }
}

/** At each instant, and one before and after: of what had happened by then, what happened last. */
async function compare({ store, stream }: World, events: ReadonlyMap<Key, readonly Event[]>): Promise<void> {
  const instants = [...new Set([...events.values()].flat().map(({ at }) => at))]
  for (const asOf of [...instants, ...instants.map((at) => at - 1), ...instants.map((at) => at + 1)]) {
    const then = KEYS.flatMap((key) => {
      const past = events.get(key) ?? []
      const event = past.findLast(({ at }) => at <= asOf)
      return event
        ? [{ key, event, content: past.findLast((one) => one.op !== 'remove' && one.ordinal <= event.ordinal) }]
        : []
    })
    for (const removed of [false, true]) {
      const expected = then
        .filter(({ event }) => (event.op === 'remove') === removed)
        .map(({ key, event, content }) => ({
          _key: key,
          _raw: record(key, event.revision).raw,
          _first_seen_at: iso(events.get(key)?.[0]?.at),
          _updated_at: iso(content?.at),
          _removed_at: removed ? iso(event.at) : null,
          _removed_reason: removed ? `gone ${event.ordinal}` : null,
        }))
      const found: unknown[] = []
      let after: Key | undefined
      for (;;) {
        const page = await store.records.list({
          streamNo: stream.no,
          asOf,
          removed,
          limit: 2,
          ...(after === undefined ? {} : { after }),
        })
        found.push(
          ...page.map(({ _key, _raw, _first_seen_at, _updated_at, _removed_at, _removed_reason }) => ({
            _key,
            _raw,
            _first_seen_at,
            _updated_at,
            _removed_at,
            _removed_reason,
          })),
        )
        after = page.at(-1)?._key
        if (after === undefined || page.length < 2) break
      }
      expect(found).toEqual(expected)
    }
  }
}

function iso(at: number | undefined): string | undefined {
  return at === undefined ? undefined : new Date(at).toISOString()
}

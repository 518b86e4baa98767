// Owns the promises about metrics over time: a record's snapshots by run, and the totals of a stream, against a few lines
// that add them up from the beginning each time.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Key, StreamShape } from '../../src/model/record.ts'
import type { Batch, SnapshotsQuery } from '../../src/store/store.ts'
import { useWorld } from './use-world.ts'
import { MINUTE, type OpenDatabase, record, SHAPE, T0, update, World } from './world.ts'

const KEYS = ['a', 'b', 'c'] as const

/** What one run does to one key. */
const deed = fc.record({
  key: fc.constantFrom(...KEYS),
  what: fc.constantFrom('show', 'show', 'show', 'remove', 'revive'),
  value: fc.oneof(
    { weight: 5, arbitrary: fc.integer({ min: -5, max: 1_000 }) },
    { weight: 1, arbitrary: fc.constant(null) },
  ),
})
const aRun = fc.record({
  deeds: fc.uniqueArray(deed, { maxLength: 3, selector: ({ key }) => key }),
  /** Also what a clock that was set back over midnight does. */
  tick: fc.constantFrom(0, MINUTE, 23 * 60 * MINUTE, -25 * 60 * MINUTE),
})

export function snapshotCases(open: OpenDatabase): void {
  describe('metrics over time', () => {
    const used = useWorld(open)

    const ask = async (world: World, query: Partial<SnapshotsQuery> = {}) =>
      world.store.history.snapshots({ streamNo: world.stream.no, metric: 'amount', limit: 99, ...query })
    const take = (
      world: World,
      values: Readonly<Record<Key, number | bigint | null>>,
      at: number,
      part: Partial<Batch> = {},
    ) =>
      world.put({
        ...part,
        snapshots: Object.entries(values).map(([key, value]) => ({ key, values: [value] })),
        at,
        day: new Date(at).toISOString().slice(0, 10),
      })

    it('tells what each live record was before a moment and is now, a part at a time', async () => {
      const { world } = used
      const { store, stream } = world
      await world.insert('a', 'b', 'c', 'gone', 'never')
      await take(world, { a: 1, b: 5, gone: 7 }, T0 + 1)
      await world.nextRun('run-2', T0 + MINUTE)
      await take(world, { a: 4, c: null }, T0 + MINUTE)
      await world.nextRun('run-3', T0 + 2 * MINUTE)
      await take(world, { a: 9, b: null, c: 2 }, T0 + 2 * MINUTE)
      await world.remove('gone', 1)
      const moved = (query: object = {}) =>
        store.history.movements({
          streamNo: stream.no,
          metric: 'amount',
          since: T0 + MINUTE,
          after: 0,
          limit: 9,
          ...query,
        })
      const found = await moved()
      expect(found.map(({ key, from, to }) => [key, from, to])).toEqual([
        ['a', { value: 4, at: T0 + MINUTE }, { value: 9, at: T0 + 2 * MINUTE }],
        ['b', { value: 5, at: T0 + 1 }, { value: 5, at: T0 + 1 }],
        ['c', { value: 2, at: T0 + 2 * MINUTE }, { value: 2, at: T0 + 2 * MINUTE }],
      ])
      const [first] = await moved({ limit: 1 })
      expect((await moved({ after: first?.id })).map(({ key }) => key)).toEqual(['b', 'c'])
      // Of a record without an earlier value, the first one in the time.
      expect((await moved({ since: T0 - 1 }))[0]?.from).toEqual({ value: 1, at: T0 + 1 })
      await expect(moved({ metric: 'other' })).rejects.toMatchObject({ code: 'metric_unknown' })
    })

    it('tells the two latest readings of each live record, in the order of keys', async () => {
      const { world } = used
      const { store, stream } = world
      await world.insert('a', 'b', 'c', 'gone')
      await world.remove('gone', 1)
      await world.put({ unavailable: [{ key: 'c', expect: 1 }], at: T0 + MINUTE })
      const show = (at: number, values: Readonly<Record<Key, number | bigint | null>>) =>
        world.put({
          at,
          day: new Date(at).toISOString().slice(0, 10),
          snapshots: Object.entries(values).map(([key, value]) => ({ key, values: [value] })),
        })
      await show(T0 + 1, { a: 1, b: 5 })
      await world.nextRun('run-2', T0 + MINUTE)
      await show(T0 + MINUTE, { a: 2 })
      await world.nextRun('run-3', T0 + 25 * 60 * MINUTE)
      await show(T0 + 25 * 60 * MINUTE, { a: null })
      const readings = (after: Key | null, limit: number) =>
        store.records.readings({ streamNo: stream.no, after, limit })
      const [a, b, c, ...others] = await readings(null, 9)
      expect(others).toEqual([])
      expect(a).toEqual({
        key: 'a',
        firstSeenAt: T0,
        updatedAt: T0,
        unavailableSince: null,
        snapshots: [
          { at: T0 + 25 * 60 * MINUTE, values: [null] },
          { at: T0 + MINUTE, values: [2] },
        ],
      })
      expect(b?.snapshots).toEqual([{ at: T0 + 1, values: [5] }])
      expect(c).toMatchObject({ key: 'c', unavailableSince: T0 + MINUTE, snapshots: [] })
      expect((await readings('a', 1)).map(({ key }) => key)).toEqual(['b'])
      expect(await world.head('c')).toMatchObject({ unavailableSince: T0 + MINUTE })
    })

    it('of a record are one per run, in order of run', async () => {
      const { world } = used
      await world.insert('a')
      await take(world, { a: 1 }, T0)
      await take(world, { a: 2 }, T0 + 5)
      await world.nextRun('run-2', T0 + MINUTE)
      await take(world, { a: null }, T0 + MINUTE)
      await world.nextRun('run-3', T0 + 2 * MINUTE)
      await take(world, { a: 2n ** 60n }, T0 + 2 * MINUTE)
      const rows = await ask(world, { key: 'a' })
      expect(rows).toMatchObject([
        { run: 'run-1', at: T0 + 5, day: '2026-01-01', value: 2 },
        { run: 'run-3', at: T0 + 2 * MINUTE, day: '2026-01-01', value: 2n ** 60n },
      ])
      expect(await ask(world, { key: 'a', after: rows[0]!.runNo })).toEqual(rows.slice(1))
      expect(await ask(world, { key: 'a', since: T0 + 6 })).toEqual(rows.slice(1))
      expect(await ask(world, { key: 'a', limit: 1 })).toEqual(rows.slice(0, 1))
      expect(await ask(world, { key: 'nobody' })).toEqual([])
    })

    it('of a record are one per run, also when the clock is set back over midnight', async () => {
      const { world } = used
      const DAY = 24 * 60 * MINUTE
      await world.insert('a', 'b')
      await take(world, { a: 1, b: 1 }, T0 + DAY)
      await take(world, { a: 2 }, T0)
      await take(world, { b: 2 }, T0 + 2 * DAY)
      await take(world, { b: 3 }, T0 + DAY)
      expect(await ask(world, { key: 'a' })).toMatchObject([{ run: 'run-1', at: T0, day: '2026-01-02', value: 2 }])
      expect(await ask(world, { key: 'b' })).toMatchObject([
        { run: 'run-1', at: T0 + DAY, day: '2026-01-03', value: 3 },
      ])
    })

    it('of a removed record stay', async () => {
      const { world } = used
      await world.insert('a')
      await take(world, { a: 1 }, T0)
      await world.remove('a', 1)
      expect((await ask(world, { key: 'a' })).map(({ value }) => value)).toEqual([1])
    })

    it('are totals of the latest known values of the records that are live', async () => {
      const { world } = used
      await world.insert('a', 'b')
      await take(world, { a: 10, b: 5 }, T0)
      await world.nextRun('run-2', T0 + MINUTE)
      await take(world, { a: 11 }, T0 + MINUTE)
      await world.nextRun('run-3', T0 + 2 * MINUTE)
      await world.remove('b', 1, { at: T0 + 2 * MINUTE })
      await world.nextRun('run-4', T0 + 3 * MINUTE)
      await take(world, { b: 6, a: 11 }, T0 + 3 * MINUTE, {
        updates: [update('b', 2, 2, { op: 'restore', version: false })],
      })
      const rows = await ask(world)
      expect(rows.map(({ run, at, day, value }) => [run, at - T0, day, value])).toEqual([
        ['run-1', 0, '2026-01-01', 15],
        ['run-2', MINUTE, '2026-01-01', 16],
        ['run-3', 2 * MINUTE, null, 11],
        ['run-4', 3 * MINUTE, '2026-01-01', 17],
      ])
      expect(await ask(world, { after: rows[1]!.runNo, limit: 1 })).toEqual(rows.slice(2, 3))
      expect(await ask(world, { since: T0 + 2 * MINUTE })).toEqual(rows.slice(2))
    })

    it('count what a person decides from the next run on, and stay what they were until then', async () => {
      const { world } = used
      const totals = async () => (await ask(world)).map(({ run, value }) => [run, value])
      const finish = (minute: number) => world.finishRun({ runNo: world.run.no, at: T0 + minute * MINUTE })
      const begin = async (minute: number) => {
        world.run = await world.openRun(`run-${minute}`, T0 + minute * MINUTE)
      }
      const decide = (minute: number, part: Partial<Batch>) =>
        world.put({ runNo: removing, page: 0, at: T0 + minute * MINUTE, pass: null, ...part })
      await world.insert('a', 'b', 'c')
      await take(world, { a: 10, b: 5, c: 100 }, T0)
      await finish(1)
      await begin(2)
      await take(world, { a: 10 }, T0 + 2 * MINUTE, { removals: [{ key: 'b', expect: 1, reason: 'not_listed' }] })
      const removing = world.run.no
      await finish(3)
      await begin(4)
      await take(world, { a: 12 }, T0 + 4 * MINUTE)
      await finish(5)
      const before = [
        ['run-1', 115],
        ['run-2', 110],
        ['run-4', 112],
      ]
      expect(await totals()).toEqual(before)
      await decide(6, { revivals: [{ key: 'b', expect: 2 }] })
      await decide(6, { removals: [{ key: 'c', expect: 1, reason: 'approved' }] })
      expect(await totals()).toEqual(before)
      await begin(7)
      await take(world, { a: 12 }, T0 + 7 * MINUTE)
      await finish(8)
      expect(await totals()).toEqual([...before, ['run-7', 17]])
      // Taken back, and back again, with no run in between; and a run that reads nothing of the stream.
      await decide(9, { revivals: [{ key: 'c', expect: 2 }] })
      await decide(9, { removals: [{ key: 'c', expect: 3, reason: 'approved' }] })
      await decide(10, { removals: [{ key: 'b', expect: 3, reason: 'approved' }] })
      await begin(11)
      await finish(12)
      await begin(13)
      await take(world, { a: 13 }, T0 + 13 * MINUTE)
      await finish(14)
      expect(await totals()).toEqual([...before, ['run-7', 17], ['run-13', 13]])
      // What the source shows again counts in the run that it shows it to.
      await begin(15)
      await take(world, { b: 6 }, T0 + 15 * MINUTE, { updates: [update('b', 4, 2, { op: 'restore', version: false })] })
      expect((await totals()).slice(-2)).toEqual([
        ['run-13', 13],
        ['run-15', 19],
      ])
    })

    it('are exact, beyond what a number holds and behind the point', async () => {
      const { world } = used
      await world.insert('a', 'b')
      await take(world, { a: 2n ** 53n, b: 3 }, T0)
      expect((await ask(world))[0]?.value).toBe(2n ** 53n + 3n)
      const shape: StreamShape = {
        ...SHAPE,
        stream: 'balances',
        columns: [
          { name: 'held', type: 'text' },
          { name: 'rate', type: 'real' },
        ],
        metrics: ['held', 'rate'],
      }
      const money = await new World(world.database, world.store, 'lab').begin('bank', shape)
      const cells = ['0', 0]
      await money.put({ inserts: ['a', 'b', 'c'].map((key) => record(key, 1, cells)) })
      await money.put({
        snapshots: [
          { key: 'a', values: ['0.10', 0.1] },
          { key: 'b', values: ['-12345678901234567890.255', 0.2] },
          { key: 'c', values: ['n/a', null] },
        ],
      })
      expect((await ask(money, { metric: 'held' })).map(({ value }) => value)).toEqual(['-12345678901234567890.155'])
      expect((await ask(money, { metric: 'rate' })).map(({ value }) => value)).toEqual([0.3])
      expect((await ask(money, { metric: 'held', key: 'a' })).map(({ value }) => value)).toEqual(['0.10'])
    })

    it('are exact at both ends of 64 bits, where a number has no opposite', async () => {
      const { world } = used
      await world.insert('a', 'b')
      const [least, greatest] = [-(2n ** 63n), 2n ** 63n - 1n]
      await take(world, { a: least, b: 5n }, T0)
      await world.nextRun('run-2', T0 + MINUTE)
      await take(world, { a: greatest, b: greatest }, T0 + MINUTE)
      await world.nextRun('run-3', T0 + 2 * MINUTE)
      await take(world, { a: least, b: least }, T0 + 2 * MINUTE)
      const totals = (await ask(world)).map(({ value }) => String(value))
      expect(totals).toEqual([least + 5n, 2n * greatest, 2n * least].map(String))
      const own = (await ask(world, { key: 'a' })).map(({ value }) => String(value))
      expect(own).toEqual([least, greatest, least].map(String))
    })

    it('say whether the run came to its end', async () => {
      const { world } = used
      const pass = { ordinal: 0, kind: 'fullPass', pages: 1, requests: 1 } as const
      await world.insert('a')
      await take(world, { a: 1 }, T0, { pass: { ...pass, ended: 'limit' } })
      await world.nextRun('run-2', T0 + MINUTE)
      await take(world, { a: 2 }, T0 + MINUTE, { pass: { ...pass, ended: 'exhausted' } })
      expect((await ask(world)).map(({ complete }) => complete)).toEqual([false, false])
      await world.finishRun({ runNo: world.run.no })
      expect((await ask(world)).map(({ complete }) => complete)).toEqual([false, true])
      expect((await ask(world, { key: 'a' })).map(({ complete }) => complete)).toEqual([false, true])
      const { store, lease, project, connection } = world
      const order = { id: 'run-3', lease, project, connectionNo: connection.no, mode: 'auto', streams: [] } as const
      world.run = await store.runs.open({ ...order, partial: true, at: T0, holder: world.run.holder })
      await take(world, { a: 3 }, T0 + 2 * MINUTE, { pass: { ...pass, ended: 'exhausted' } })
      await world.finishRun({ runNo: world.run.no })
      expect((await ask(world)).map(({ complete }) => complete)).toEqual([false, true, false])
    })

    it('are each stream’s own', async () => {
      const { world } = used
      const other = await new World(world.database, world.store, 'lab').begin('me')
      await world.insert('a')
      await other.insert('a')
      await take(world, { a: 1 }, T0)
      await take(other, { a: 70 }, T0)
      await other.remove('a', 1, { at: T0 + 1 })
      expect((await ask(world)).map(({ value }) => value)).toEqual([1])
      expect((await ask(other)).map(({ value }) => value)).toEqual([0])
      expect((await ask(other, { key: 'a' })).map(({ value }) => value)).toEqual([70])
    })

    it('are refused of a column that is no metric', async () => {
      const { world } = used
      for (const metric of ['title', 'nothing']) {
        await expect(ask(world, { metric })).rejects.toMatchObject({ code: 'metric_unknown' })
        await expect(ask(world, { metric, key: 'a' })).rejects.toMatchObject({ code: 'metric_unknown' })
      }
    })

    it('add up after any runs, with removals, restorations and a clock that is set back', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(aRun, { minLength: 1, maxLength: 12 }), async (runs) => {
          const database = await open()
          try {
            const world = await new World(database, await database.connect(), 'default').begin()
            const records = new Map<Key, { ordinal: number; isLive: boolean; value: number }>()
            const expected: [run: string, value: number][] = []
            let at = T0 + 90 * 24 * 60 * MINUTE
            for (const [i, { deeds, tick }] of runs.entries()) {
              at += tick
              const part = { inserts: [], updates: [], removals: [], revivals: [] } as {
                [list in 'inserts' | 'updates' | 'removals']: Batch[list][number][]
              } & { revivals: { key: Key; expect: number }[] }
              const shown: Record<Key, number | null> = {}
              let counts = false
              for (const { key, what, value } of deeds) {
                const known = records.get(key)
                const now = known ?? { ordinal: 0, isLive: false, value: Number.NaN }
                const { ordinal } = now
                if (known && !now.isLive && what === 'remove') continue
                const next = { ...now, ordinal: ordinal + 1, isLive: true }
                if (!known) part.inserts.push(record(key, i))
                else if (what === 'remove') part.removals.push({ key, expect: ordinal, reason: 'gone' })
                else if (now.isLive) part.updates.push(update(key, ordinal, i))
                else if (what === 'revive') part.revivals.push({ key, expect: ordinal })
                else part.updates.push(update(key, ordinal, i, { op: 'restore', version: false }))
                if (known && what === 'remove') next.isLive = false
                else if (what !== 'revive' || !known) {
                  shown[key] = value
                  if (value !== null) next.value = value
                }
                records.set(key, next)
                if (!Number.isNaN(next.value) && (next.isLive !== now.isLive || typeof shown[key] === 'number'))
                  counts = true
              }
              const before = await world.store.history.snapshots({
                streamNo: world.stream.no,
                metric: 'amount',
                limit: 99,
              })
              await take(world, shown, at, part)
              const total = [...records.values()].reduce(
                (sum, one) => sum + (one.isLive && !Number.isNaN(one.value) ? one.value : 0),
                0,
              )
              if (counts) expected.push([world.run.id, total])
              const found = await world.store.history.snapshots({
                streamNo: world.stream.no,
                metric: 'amount',
                limit: 99,
              })
              // What comes later changes nothing of what was.
              expect(found.slice(0, before.length)).toMatchObject(before.map(({ run, value }) => ({ run, value })))
              expect(found.map(({ run, value }) => [run, value])).toEqual(expected)
              await world.nextRun(`run-${i + 2}`, at)
            }
          } finally {
            await database.drop()
          }
        }),
        { numRuns: open.examples ?? 40 },
      )
    })
  })
}

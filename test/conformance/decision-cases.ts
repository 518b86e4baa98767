// Owns the promises about what a person decides: held removals, what is kept, what comes back, and quarantine.

import { describe, expect, it } from 'vitest'
import { QUARANTINE_BYTES_MAX } from '../../src/store/fitting.ts'
import type { QuarantinePlace } from '../../src/store/store.ts'
import { useWorld } from './use-world.ts'
import { MINUTE, type OpenDatabase, record, T0, update, World, walk } from './world.ts'

export function decisionCases(open: OpenDatabase): void {
  describe('decisions', () => {
    const used = useWorld(open)
    const hold = (keys: readonly string[], reason = '3 of 4 would go') => ({ hold: { reason, keys, replace: true } })

    it('lists what a run holds and what it has removed, the newest run first', async () => {
      const { world } = used
      const { store, run, stream, connection } = world
      await world.insert('a', 'b', 'c', 'd')
      await world.remove('a', 1)
      await world.put(hold(['b', 'c']))
      const place = { connectionNo: connection.no, connection: 'me', streamNo: stream.no, stream: 'orders' }
      const first = { ...place, runNo: run.no, run: 'run-1' }
      expect(await store.review.removals('default', 10)).toEqual([
        { ...first, at: T0, held: 2, reason: '3 of 4 would go', removed: 1, kept: 0, unconfirmed: 0 },
      ])
      await world.nextRun('run-2', T0 + MINUTE)
      await world.remove('d', 1, { at: T0 + MINUTE })
      expect(await store.review.removals('default', 10)).toEqual([
        {
          ...place,
          runNo: world.run.no,
          run: 'run-2',
          at: T0 + MINUTE,
          held: 0,
          reason: null,
          removed: 1,
          kept: 0,
          unconfirmed: 0,
        },
        { ...first, at: T0 + MINUTE, held: 2, reason: '3 of 4 would go', removed: 1, kept: 0, unconfirmed: 0 },
      ])
      expect(await store.review.removals('default', 1)).toHaveLength(1)
    })

    it('lists them of one connection, also where another one has the same tables', async () => {
      const { world } = used
      const { store } = world
      await world.insert('a', 'b')
      await world.remove('a', 1)
      await world.put(hold(['b']))
      const other = await new World(world.database, store, 'default').begin('other')
      await other.insert('y', 'z')
      await other.remove('z', 1)
      const of = async (connectionNo: number, limit = 10) =>
        (await store.review.removals('default', limit, connectionNo)).map((row) => [
          row.connection,
          row.held,
          row.removed,
        ])
      expect(await of(world.connection.no)).toEqual([['me', 1, 1]])
      // The newer run is of the other one: it does not take the place of what is asked for.
      expect(await of(world.connection.no, 1)).toEqual([['me', 1, 1]])
      expect(await of(other.connection.no)).toEqual([['other', 0, 1]])
    })

    it('gives held keys and tombstones of a run page by page, in the order of keys', async () => {
      const { world } = used
      const { store, run, stream } = world
      await world.insert('a', 'b', 'é', 'Z', '~')
      await world.put(hold(['é', 'b', 'Z']))
      expect(await store.review.held(stream.no, run.no, null, 2)).toEqual(['Z', 'b'])
      expect(await store.review.held(stream.no, run.no, 'b', 2)).toEqual(['é'])
      expect(await store.review.held(stream.no, run.no + 1, null, 2)).toEqual([])
      await world.remove('~', 1)
      await world.remove('a', 1)
      expect(await store.review.tombstonesOf(stream.no, run.no, null, 10)).toEqual([
        { key: 'a', ordinal: 2 },
        { key: '~', ordinal: 2 },
      ])
      expect(await store.review.tombstonesOf(stream.no, run.no, 'a', 10)).toEqual([{ key: '~', ordinal: 2 }])
    })

    it('holds no longer what is listed again or removed', async () => {
      const { world } = used
      const { store, run, stream } = world
      await world.insert('a', 'b', 'c')
      await world.put(hold(['a', 'b', 'c']))
      expect((await store.streams.state(stream.no)).held).toBe(3)
      await world.put({ seen: ['a'], walk: 1, walks: [walk(1)] })
      await world.remove('b', 1)
      expect(await store.review.held(stream.no, run.no, null, 10)).toEqual(['c'])
    })

    it('brings a tombstone back with the content it had, once', async () => {
      const { world } = used
      const { store, stream } = world
      await world.insert('a')
      const before = await store.records.contents(stream.no, ['a'])
      await world.remove('a', 1)
      await world.put({ revivals: [{ key: 'a', expect: 2 }], at: T0 + MINUTE })
      expect((await store.records.contents(stream.no, ['a'])).get('a')).toEqual({ ...before.get('a'), ordinal: 3 })
      expect(await world.head('a')).toMatchObject({
        ordinal: 3,
        removedAt: null,
        walk: null,
        missedBy: null,
        firstSeenAt: T0,
      })
      expect((await world.history('a')).map(({ op, ordinal }) => `${op} ${ordinal}`)).toEqual([
        'insert 1',
        'remove 2',
        'restore 3',
      ])
      expect((await world.changes()).map(({ op }) => op)).toEqual(['insert', 'remove', 'restore'])
      expect(await world.total()).toBe(1)
      const picture = await world.picture('a')
      expect(await world.write({ revivals: [{ key: 'a', expect: 2 }] })).toBe('stale')
      expect(await world.picture('a')).toEqual(picture)
    })

    it('keeps what a person keeps until it is listed again', async () => {
      const { world } = used
      const { store, stream } = world
      await world.insert('a', 'b', 'c')
      await world.put({ keep: ['a', 'b'] })
      expect(await store.review.kept(stream.no, ['a', 'b', 'c'])).toEqual(new Set(['a', 'b']))
      expect((await store.streams.state(stream.no)).kept).toBe(2)
      await world.put({ touches: [{ key: 'a', expect: 1, walk: 1 }], walk: 1, walks: [walk(1)] })
      expect(await store.review.kept(stream.no, ['a', 'b', 'c'])).toEqual(new Set(['b']))
    })

    it('lists what a person keeps of a run, and lets go of it when it is removed or decided anew', async () => {
      const { world } = used
      const { store, stream } = world
      await world.insert('a', 'b', 'é', 'Z')
      await world.put({ keep: ['é', 'b', 'Z'] })
      const first = world.run
      expect(await store.review.keptOf(stream.no, first.no, null, 2)).toEqual(['Z', 'b'])
      expect(await store.review.keptOf(stream.no, first.no, 'b', 2)).toEqual(['é'])
      expect(await store.review.removals('default', 10)).toMatchObject([
        { run: 'run-1', stream: 'orders', held: 0, reason: null, removed: 0, kept: 3 },
      ])
      await world.nextRun('run-2', T0 + MINUTE)
      await world.put({ keep: ['a'] })
      await world.put({ runNo: first.no, decided: ['a', 'b'] })
      await world.remove('Z', 1)
      expect(await store.review.keptOf(stream.no, first.no, null, 9)).toEqual(['é'])
      expect(await store.review.keptOf(stream.no, world.run.no, null, 9)).toEqual(['a'])
      expect((await store.streams.state(stream.no)).kept).toBe(2)
      // Kept and decided at once: a rejection.
      await world.put({ ...hold(['b']), keep: [] })
      await world.put({ keep: ['b'], decided: ['b'] })
      expect(await store.review.kept(stream.no, ['a', 'b', 'Z'])).toEqual(new Set(['a', 'b']))
      expect(await store.review.held(stream.no, world.run.no, null, 9)).toEqual([])
    })

    it('writes without a lease whatever the lease is, and adds it to no pass', async () => {
      const { world } = used
      await world.store.leases.release(world.lease)
      await world.put({ lease: null, pass: null, inserts: [record('a')], counts: { inserted: 1 } })
      expect(await world.head('a')).toMatchObject({ ordinal: 1, walk: null })
      expect((await world.store.runs.find('default', 'run-1'))?.passes).toEqual([])
      expect(await world.total()).toBe(1)
    })

    it('gives quarantine page by page and lets go of what is released', async () => {
      const { world } = used
      const { store, stream, connection } = world
      const bad = (key: string | null, index: number) => ({
        key,
        index,
        raw: `{"n":${index}}`,
        code: 'record_invalid',
        message: 'n: wrong',
      })
      await world.put({ quarantine: [bad('b', 0), bad(null, 1), bad('a', 2)], page: 4 })
      const query = { project: 'default', limit: 2 }
      const first = await store.review.quarantined(query)
      expect(first.map(({ key }) => key)).toEqual(['a', 'b'])
      expect(first[0]).toEqual({
        streamNo: stream.no,
        identity: expect.stringMatching(/^key:a#[0-9a-f]+$/),
        connectionNo: connection.no,
        connection: 'me',
        stream: 'orders',
        key: 'a',
        code: 'record_invalid',
        message: 'n: wrong',
        runNo: world.run.no,
        run: 'run-1',
        page: 4,
        position: 2,
        firstAt: T0,
        at: T0,
        askedAt: T0,
        times: 1,
        raw: '{"n":2}',
        supersededAt: null,
      })
      const rest = await store.review.quarantined({ ...query, after: first.at(-1)! })
      expect(rest).toMatchObject([{ key: null, identity: expect.stringMatching(/^raw:/) }])
      expect(await store.review.quarantined({ ...query, connectionNo: connection.no + 1 })).toEqual([])
      await world.put({ released: [...rest, ...first.slice(0, 1)] })
      expect((await store.review.quarantined(query)).map(({ key }) => key)).toEqual(['b'])
    })

    it('lets go of rows that hold nothing, and of no others, if they came last before a time', async () => {
      const { world } = used
      const bad = (raw: string, index: number) => ({ key: null, index, raw, code: 'record_invalid', message: 'wrong' })
      const raws = async () => {
        const rows = await world.store.review.quarantined({ project: 'default', limit: 9 })
        return rows.map(({ raw }) => raw).sort()
      }
      await world.put({ quarantine: [bad('null', 0), bad('"null"', 1), bad('{}', 2), bad('{"a":1}', 3)] })
      await world.put({ forgetEmpty: T0 })
      expect(await raws()).toEqual(['"null"', 'null', '{"a":1}', '{}'])
      await world.put({ forgetEmpty: T0 + 1 })
      expect(await raws()).toEqual(['"null"', '{"a":1}'])
    })

    it('waits no longer for what a walk that shows everything has not shown, and keeps it', async () => {
      const { world } = used
      await world.insert('stored', 'b')
      const bad = (key: string | null, index: number) => {
        return { key, index, raw: `{"n":${index}}`, code: 'record_invalid', message: 'wrong' }
      }
      const keys = ['stored', 'seen', 'gone', null]
      await world.put({ quarantine: keys.map(bad) })
      await world.put({ seen: ['seen', 'b'], walk: 1 })
      await world.put({ unlisted: { walk: 1, before: T0 } })
      const waiting = async () => {
        const rows = await world.store.review.quarantined({ project: 'default', limit: 9 })
        expect(rows).toHaveLength(keys.length)
        return rows.filter(({ supersededAt }) => supersededAt === null).map(({ key }) => key)
      }
      expect(await waiting()).toEqual(expect.arrayContaining(keys))
      await world.put({ unlisted: { walk: 1, before: T0 + 1 }, forgetSeen: [1] })
      expect(new Set(await waiting())).toEqual(new Set(['seen', 'stored']))
      await world.put({ quarantine: [bad('gone', 2)] })
      expect(new Set(await waiting())).toEqual(new Set(['gone', 'seen', 'stored']))
    })

    it('keeps texts of any length whole, and gives no more of them at a time than is sensible', async () => {
      const { world } = used
      const { store } = world
      const bad = (key: string | null, index: number, raw: string) => ({
        key,
        index,
        raw,
        code: 'record_invalid',
        message: 'n: wrong',
      })
      const long = (fill: string) => `{"text":"${fill.repeat(QUARANTINE_BYTES_MAX / 2 + 1)}"}`
      const raws = [long('a'), long('b'), '{"n":1}', '{"n":2}']
      await world.put({ quarantine: raws.map((raw, i) => bad(`k${i}`, i, raw)) })
      const read: string[] = []
      const sizes: number[] = []
      let after: QuarantinePlace | undefined
      for (;;) {
        const rows = await store.review.quarantined({ project: 'default', limit: 10, ...(after ? { after } : {}) })
        after = rows.at(-1)
        if (!after) break
        sizes.push(rows.length)
        read.push(...rows.map(({ raw }) => raw))
      }
      expect(sizes).toEqual([1, 3])
      // Compared one by one: a difference of such texts would take long to print.
      expect(read.map((raw, i) => raw === raws[i])).toEqual([true, true, true, true])
    })

    it('lets go of nothing that has come again since it was read', async () => {
      const { world } = used
      const { store } = world
      const bad = (n: number) => ({
        key: 'a',
        index: 0,
        raw: `{"n":${n}}`,
        code: 'record_invalid',
        message: 'n: wrong',
      })
      await world.put({ quarantine: [bad(1)] })
      const read = await store.review.quarantined({ project: 'default', limit: 1 })
      await world.put({
        quarantine: [{ ...bad(1), askedAt: T0 + 7 }],
        seen: ['a'],
        listed: ['a'],
        walk: 1,
        walks: [walk(1)],
        at: T0 + MINUTE,
      })
      const now = await store.review.quarantined({ project: 'default', limit: 1 })
      expect(now).toMatchObject([{ raw: '{"n":1}', times: 2, firstAt: T0, at: T0 + MINUTE, askedAt: T0 + 7 }])
      expect(await world.write({ released: read, inserts: [record('a')], lease: null, pass: null })).toBe('stale')
      expect(await world.head('a')).toBeUndefined()
      await world.put({ released: now })
      expect(await store.review.quarantined({ project: 'default', limit: 1 })).toEqual([])
    })

    it('lets go of a text without a key that was read itself, and gives another the key that is known now', async () => {
      const { world } = used
      const bad = (raw: string) => ({
        key: null,
        index: 0,
        raw,
        code: 'record_invalid',
        message: 'no key',
        askedAt: T0 + 5,
      })
      const waiting = async () => {
        const rows = await world.store.review.quarantined({ project: 'default', limit: 9 })
        return rows.map(({ key, raw, supersededAt }) => ({ key, raw, waits: supersededAt === null }))
      }
      await world.put({ quarantine: [bad('{"n":1}'), bad('{"n":2}')] })
      const read = { key: 'a', order: null, askedAt: T0 + 9, settles: true }
      await world.put({ inserts: [{ ...record('a'), raw: '{"n":1}' }], reads: [{ ...read, raw: '{"n":1}' }] })
      expect(await waiting()).toEqual([{ key: null, raw: '{"n":2}', waits: true }])
      const [left] = await world.store.review.quarantined({ project: 'default', limit: 9 })
      await world.put({ keyed: [{ identity: left?.identity ?? '', key: 'a' }], at: T0 + MINUTE })
      expect(await waiting()).toEqual([{ key: 'a', raw: '{"n":2}', waits: true }])
      await world.put({ reads: [{ ...read, raw: '{"n":1}' }] })
      expect(await waiting()).toEqual([{ key: 'a', raw: '{"n":2}', waits: false }])
    })

    it('lets go of a text that was read itself, and keeps those of which a newer content came', async () => {
      const { world } = used
      const { store } = world
      const bad = (key: string, raw: string, more: object = {}) => ({
        ...{ key, index: 0, raw, code: 'record_invalid', message: 'wrong', askedAt: T0 + 5 },
        ...more,
      })
      const read = (key: string, raw: string, order: number | null, settles: boolean) => ({
        ...{ key, raw, order, askedAt: T0 + 9, settles },
      })
      const rows = async (...keys: string[]) =>
        (await store.review.quarantined({ project: 'default', limit: 99 }))
          .filter(({ key }) => keys.length === 0 || keys.includes(key ?? ''))
          .map(({ key, raw, supersededAt }) => [key, raw, supersededAt] as const)
          .sort(([, a], [, b]) => a.localeCompare(b))
      await world.insert('stored')
      await world.put({
        quarantine: [
          bad('same', '1'),
          bad('older', '2', { version: 5 }),
          bad('newer', '3', { version: 7 }),
          bad('unknown', '4'),
          bad('later', '5', { askedAt: T0 + 10 }),
          bad('stored', '6', { version: T0 }),
          bad('two', '7', { version: 1 }),
          bad('two', '8', { version: 2 }),
          bad('two', '9'),
        ],
      })
      const counted = async () => (await store.streams.list(world.connection.no))[0]?.counts.quarantined
      expect(await counted()).toBe(6)
      const reads = [
        read('same', '1', null, false),
        read('older', '2b', 6, true),
        read('newer', '3b', 6, true),
        read('unknown', '4b', 6, true),
        read('later', '5b', 6, true),
      ]
      // What a page sets aside is no older than what it shows.
      await world.put({ reads, quarantine: [bad('unknown', '4c', { askedAt: T0 + 9 })], at: T0 + MINUTE })
      expect(await rows()).toEqual([
        ['older', '2', T0 + MINUTE],
        ['newer', '3', null],
        ['unknown', '4', T0 + MINUTE],
        ['unknown', '4c', null],
        ['later', '5', null],
        ['stored', '6', T0],
        ['two', '7', T0],
        ['two', '8', null],
        ['two', '9', null],
      ])
      expect(await counted()).toBe(4)
      // The same text again: it waits again, unless what is stored is newer.
      await world.put({ quarantine: [bad('older', '2'), bad('stored', '6', { version: T0 })], at: T0 + 2 * MINUTE })
      expect(await rows('older', 'stored')).toEqual([
        ['older', '2', null],
        ['stored', '6', T0 + 2 * MINUTE],
      ])
      const prune = { project: 'default', what: 'versions', before: T0 + 2 * MINUTE, limit: 99 } as const
      expect(await store.history.prune(prune)).toBe(2)
      expect((await rows()).map(([, raw]) => raw)).toEqual(['2', '3', '4c', '5', '6', '8', '9'])
    })

    it('misses no record that was listed, though nothing else of it could be read', async () => {
      const { world } = used
      await world.insert('a')
      await world.put({ missed: [{ key: 'a', expect: 1 }], walk: 1, walks: [walk(1)] })
      expect(await world.head('a')).toMatchObject({ missedBy: 1 })
      await world.put({ quarantine: [{ key: 'a', index: 0, raw: '{}', code: 'record_invalid', message: 'wrong' }] })
      expect(await world.head('a')).toMatchObject({ missedBy: null, ordinal: 1 })
    })

    it('takes what is written without a lease for nothing that the source lists', async () => {
      const { world } = used
      const { store, stream } = world
      await world.insert('a', 'b')
      await world.put({ keep: ['a'], ...hold(['b']) })
      const without = { lease: null, pass: null } as const
      await world.put({ ...without, updates: [update('a', 1, 2), update('b', 1, 2)] })
      expect(await store.review.kept(stream.no, ['a'])).toEqual(new Set(['a']))
      expect((await store.streams.state(stream.no)).held).toBe(1)
    })

    it('decides on what this run holds, and leaves what another has put on hold since', async () => {
      const { world } = used
      const { store, stream } = world
      await world.insert('a', 'b')
      await world.put(hold(['a', 'b']))
      const first = world.run
      await world.nextRun('run-2', T0 + MINUTE)
      await world.put(hold(['b']))
      await world.put({ runNo: first.no, decided: ['a', 'b'] })
      expect(await store.review.held(stream.no, world.run.no, null, 10)).toEqual(['b'])
    })

    it('adds what a vendor charged to the run', async () => {
      const { world } = used
      expect(world.run.cost).toBeNull()
      await world.put({ cost: 0.25 })
      await world.put({ cost: 0.5 })
      expect((await world.store.runs.find('default', 'run-1'))?.cost).toBe(0.75)
    })

    it('remembers the fields that were seen, once', async () => {
      const { world } = used
      await world.put({ fields: ['id:number', 'name:text'] })
      await world.put({ fields: ['name:text', 'name:null'] })
      const { fields } = await world.store.streams.state(world.stream.no)
      expect([...fields].sort()).toEqual(['id:number', 'name:null', 'name:text'])
    })
  })
}

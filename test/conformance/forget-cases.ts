// Owns the promises about what is exchanged and forgotten: wrapped data keys, secrets, whole connections.

import { describe, expect, it } from 'vitest'
import { PURGING } from '../../src/store/store.ts'
import { useWorld } from './use-world.ts'
import { MINUTE, type OpenDatabase, record, T0, World, walk } from './world.ts'

const bytes = (...values: readonly number[]) => Uint8Array.from(values)

export function forgetCases(open: OpenDatabase): void {
  describe('exchanging data keys', () => {
    const used = useWorld(open)

    it('puts a data key under other keys only where it lies as expected', async () => {
      const { store, database } = used.world
      const rival = await database.connect()
      await store.secrets.addDataKey({ id: 'a', wrapped: bytes(1), at: T0 })
      await store.secrets.addDataKey({ id: 'b', wrapped: bytes(9), at: T0 + 1 })
      expect(await store.secrets.rewrapDataKey('a', { expect: bytes(1), wrapped: bytes(1, 2) })).toBe(true)
      expect(await rival.secrets.rewrapDataKey('a', { expect: bytes(1), wrapped: bytes(3) })).toBe(false)
      expect(await store.secrets.rewrapDataKey('c', { expect: bytes(1), wrapped: bytes(3) })).toBe(false)
      expect(await rival.secrets.dataKeys()).toEqual([
        { id: 'a', wrapped: bytes(1, 2), at: T0 },
        { id: 'b', wrapped: bytes(9), at: T0 + 1 },
      ])
    })

    it('drops a data key once', async () => {
      const { store } = used.world
      await store.secrets.addDataKey({ id: 'a', wrapped: bytes(1), at: T0 })
      await store.secrets.addDataKey({ id: 'b', wrapped: bytes(2), at: T0 })
      expect(await store.secrets.dropDataKey('a')).toBe(true)
      expect(await store.secrets.dropDataKey('a')).toBe(false)
      expect((await store.secrets.dataKeys()).map(({ id }) => id)).toEqual(['b'])
    })

    it('forgets the secrets of one connection and of no other', async () => {
      const { store, connection, database } = used.world
      const other = await new World(database, store, 'default').begin('zoe')
      for (const { no } of [connection, other.connection]) {
        await store.secrets.save(no, [
          { name: 'a', version: 1, sealed: bytes(1) },
          { name: 'b', version: 1, sealed: bytes(2) },
        ])
      }
      expect(await store.secrets.drop(connection.no)).toBe(2)
      expect(await store.secrets.drop(connection.no)).toBe(0)
      expect(await store.secrets.list(connection.no)).toEqual([])
      expect(await store.secrets.list(other.connection.no)).toHaveLength(2)
    })

    it('disconnects: a pause, no schedules, no secrets, and a login that nobody has seen before', async () => {
      const { store, connection, database } = used.world
      const rival = await database.connect()
      const other = await new World(database, store, 'default').begin('zoe')
      for (const { no } of [connection, other.connection]) {
        await store.secrets.save(no, [{ name: 'a', version: 1, sealed: bytes(1) }])
        const position = { connectionNo: no, stream: '', project: 'default', connection: '' }
        await store.schedules.save({
          ...position,
          spec: 'x',
          timezone: 'UTC',
          quietHours: null,
          nextAt: 1,
          lastAt: null,
        })
      }
      const read = (await store.connections.find('default', connection.id))!
      expect(await rival.connections.disconnect(connection.no, 'why')).toBe(1)
      expect(await store.connections.find('default', connection.id)).toMatchObject({ paused: ['why'] })
      expect(await store.secrets.list(connection.no)).toEqual([])
      expect((await store.schedules.list('default')).map(({ connectionNo }) => connectionNo)).toEqual([
        other.connection.no,
      ])
      expect(await store.secrets.list(other.connection.no)).toHaveLength(1)
      // What somebody kept of the login that is gone is not put together with what they give.
      const late = store.connections.save({ ...read, at: T0, expect: read.loginVersion })
      await expect(late).rejects.toMatchObject({ code: 'store_contended' })
      expect(await store.secrets.save(connection.no, [{ name: 'a', version: 2, sealed: bytes(1) }])).toBe(false)
      expect(await store.connections.disconnect(connection.no, 'why')).toBe(0)
    })

    it('forgets the secrets that are named, unless they were stored anew since', async () => {
      const { store, connection } = used.world
      const secrets = ['a', 'b', 'c'].map((name) => ({ name, version: 1, sealed: bytes(1) }))
      await store.secrets.save(connection.no, secrets)
      await store.secrets.save(connection.no, [{ name: 'b', version: 2, sealed: bytes(2) }])
      const gone = [
        { name: 'a', version: 1 },
        { name: 'b', version: 1 },
        { name: 'z', version: 1 },
      ]
      expect(await store.secrets.drop(connection.no, gone)).toBe(1)
      expect((await store.secrets.list(connection.no)).map(({ name }) => name)).toEqual(['b', 'c'])
      expect(await store.secrets.drop(connection.no, [])).toBe(0)
    })
  })

  describe('purging a connection', () => {
    const used = useWorld(open)

    /** A connection with something of everything. */
    async function fill(world: World, keys: readonly string[]): Promise<void> {
      const { store, connection, stream } = world
      await world.put({
        inserts: keys.map((key) => record(key)),
        walks: [walk(1)],
        walk: 1,
        seen: keys,
        state: { at: 1 },
        fields: ['title:string'],
        quarantine: [{ key: null, index: 0, raw: '{}', code: 'record_without_key', message: 'no key' }],
        snapshots: keys.map((key) => ({ key, values: [7] })),
        hold: { reason: 'too many', keys: keys.slice(0, 1), replace: true },
        keep: keys.slice(0, 1),
        requests: [
          { at: T0, method: 'GET', url: '/', status: 200, bytes: 1, ms: 1, attempt: 1, outcome: 'ok', billedItems: 0 },
        ],
      })
      await world.remove(keys.at(-1) as string, 1)
      await store.secrets.save(connection.no, [{ name: 'token', version: 1, sealed: bytes(1) }])
      await store.connections.setPaused(connection.no, 'user', true)
      await store.schedules.save({
        project: world.project,
        connection: connection.id,
        connectionNo: stream.connectionNo,
        stream: '',
        spec: 'every 15m',
        timezone: 'UTC',
        quietHours: null,
        nextAt: T0,
        lastAt: null,
      })
      const budget = { scope: 'connection', name: connection.id, requests: { max: 1, perMs: 1 }, cost: null } as const
      await store.budgets.save(world.project, budget)
      await world.finishRun()
    }

    async function purgeAll(world: World, limit: number): Promise<number[]> {
      const { store, lease, connection } = world
      const gone: number[] = []
      for (let times = 0; times < 1_000; times++) {
        const count = await store.connections.purge({
          lease,
          leaseUntil: T0 + MINUTE,
          connectionNo: connection.no,
          limit,
        })
        if (count === 0) return gone
        gone.push(count)
      }
      throw new Error('it never ended')
    }

    it('deletes all of it in bounded parts, and nothing of its neighbour', async () => {
      const { store, database, connection, stream } = used.world
      const neighbour = await new World(database, store, 'default').begin('zoe')
      await fill(used.world, ['a', 'b', 'c'])
      await fill(neighbour, ['a', 'b', 'c'])
      const before = await neighbour.picture('a', 'b', 'c')
      const ours = await store.feed.bounds('default')

      const gone = await purgeAll(used.world, 4)
      expect(Math.max(...gone)).toBeLessThanOrEqual(4)
      expect(gone.length).toBeGreaterThan(3)

      expect(await store.connections.find('default', 'me')).toBeUndefined()
      expect(await store.secrets.list(connection.no)).toEqual([])
      expect(await store.streams.list(connection.no)).toEqual([])
      expect((await store.schedules.list('default')).map((row) => row.connection)).toEqual(['zoe'])
      expect((await store.budgets.list('default')).map(({ name }) => name)).toEqual(['zoe'])
      expect((await store.review.quarantined({ project: 'default', limit: 9 })).map((row) => row.connection)).toEqual([
        'zoe',
      ])
      const changes = await store.feed.changes({ project: 'default', after: 0, limit: 100 })
      expect(new Set(changes.map((change) => change.connection))).toEqual(new Set(['zoe']))
      await expect(store.records.list({ streamNo: stream.no, limit: 1 })).rejects.toMatchObject({
        code: 'stream_unknown',
      })

      // The neighbour is as it was, but for what the project's list of runs and its feed had of the other.
      const after = (await neighbour.picture('a', 'b', 'c')) as Record<string, unknown>
      const { runs, feed, changes: _, ...kept } = before as Record<string, unknown>
      expect(after).toMatchObject({
        ...kept,
        runs: (runs as { connection: string }[]).filter((r) => r.connection === 'zoe'),
      })
      expect((feed as { seq: number }).seq).toBe((await store.feed.bounds('default')).seq)
      expect((await store.feed.bounds('default')).epoch).not.toBe(ours.epoch)
    })

    it('forgets how far a stream was read before any of its records, and its mark at the very end', async () => {
      const { store, lease, connection, stream } = used.world
      await fill(used.world, ['a', 'b', 'c'])
      await store.connections.setPaused(connection.no, PURGING, true)
      const order = { lease, leaseUntil: T0 + MINUTE, connectionNo: connection.no, limit: 2 }
      await store.connections.purge(order)
      expect(await store.streams.state(stream.no)).toMatchObject({ value: undefined, openWalks: [] })
      const [row] = await store.streams.list(connection.no)
      expect(row).toMatchObject({ reading: { kind: 'unread' } })
      expect(await used.world.head('a')).toBeDefined()
      while ((await store.connections.purge(order)) > 0) {
        const { paused = [PURGING] } = (await store.connections.find('default', 'me')) ?? {}
        expect(paused).toContain(PURGING)
      }
      expect(await store.connections.find('default', 'me')).toBeUndefined()
    })

    it('is told to readers of the feed with every part, so that no hole looks like the whole', async () => {
      const { store } = used.world
      await fill(used.world, ['a', 'b', 'c'])
      const { lease, connection } = used.world
      const epochs = new Set([(await store.feed.bounds('default')).epoch])
      let parts = 1
      while (
        (await store.connections.purge({ lease, leaseUntil: T0 + MINUTE, connectionNo: connection.no, limit: 3 })) > 0
      ) {
        epochs.add((await store.feed.bounds('default')).epoch)
        parts++
      }
      expect(parts).toBeGreaterThan(4)
      expect(epochs.size).toBe(parts)
    })

    it('leaves the feed of another project alone', async () => {
      const { store, database } = used.world
      await new World(database, store, 'lab').begin('me')
      const lab = await store.feed.bounds('lab')
      await purgeAll(used.world, 100)
      expect(await store.feed.bounds('lab')).toEqual(lab)
      expect((await store.connections.list('lab')).map(({ id }) => id)).toEqual(['me'])
    })

    it('lets a new connection of the same name begin anew', async () => {
      const { store, database, connection } = used.world
      await fill(used.world, ['a', 'b'])
      await purgeAll(used.world, 100)
      await store.leases.release(used.world.lease)
      const again = await new World(database, store, 'default').begin('me')
      expect(again.connection.no).not.toBe(connection.no)
      expect(await again.total()).toBe(0)
      await again.insert('a')
      expect(await again.history('a')).toHaveLength(1)
    })

    it('is refused to whoever no longer holds the lease', async () => {
      const { store, connection, lease } = used.world
      await used.world.insert('a')
      await used.world.claim('default/me', { takeOver: lease.generation })
      const order = { lease, leaseUntil: T0 + MINUTE, connectionNo: connection.no, limit: 10 }
      await expect(store.connections.purge(order)).rejects.toMatchObject({ code: 'lease_lost' })
      expect(await used.world.head('a')).toBeDefined()
    })
  })
}

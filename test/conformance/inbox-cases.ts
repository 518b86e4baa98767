// Owns the promises about the inbox: each delivery once, read when it is due, and known again after it was read.

import { describe, expect, it } from 'vitest'
import { useWorld } from './use-world.ts'
import { MINUTE, type OpenDatabase, T0 } from './world.ts'

const hint = { records: { orders: ['1'] } }

export function inboxCases(open: OpenDatabase): void {
  describe('the inbox', () => {
    const used = useWorld(open)

    it('has each delivery once, as it came first, also when it comes again after it was read', async () => {
      const { store, connection } = used.world
      const connectionNo = connection.no
      const one = { connectionNo, id: 'a', hint, at: T0 }
      await store.inbox.receive([one, { ...one, hint: {} }, { ...one, id: 'b', at: T0 + 1 }])
      await store.inbox.receive([{ ...one, at: T0 + MINUTE }])
      expect(await store.inbox.open(connectionNo, T0 + MINUTE, 10)).toEqual([
        { ...one, tries: 0 },
        { ...one, id: 'b', at: T0 + 1, tries: 0 },
      ])
      await store.inbox.settle(connectionNo, ['a'], null)
      await store.inbox.receive([{ ...one, at: T0 + MINUTE }])
      expect((await store.inbox.open(connectionNo, T0 + MINUTE, 10)).map(({ id }) => id)).toEqual(['b'])
      await store.inbox.settle(connectionNo, ['b'], T0 + 2 * MINUTE)
      expect(await store.inbox.open(connectionNo, T0 + MINUTE, 10)).toEqual([])
      expect(await store.inbox.open(connectionNo, T0 + 2 * MINUTE, 10)).toMatchObject([{ id: 'b', tries: 1 }])
    })

    it('names the connections that have something to be read, and none that stands still', async () => {
      const { store, connection } = used.world
      const project = connection.project
      const { no: other } = await store.connections.save({
        ...{ project, id: 'other', connector: 'shop', connectorVersion: '1', options: {}, webhookSecret: 'w', at: T0 },
      })
      await store.inbox.receive([
        { connectionNo: connection.no, id: 'a', hint, at: T0 + 5 },
        { connectionNo: other, id: 'a', hint, at: T0 },
        { connectionNo: other, id: 'b', hint, at: T0 + 9 },
        { connectionNo: 4_711, id: 'gone', hint, at: T0 },
      ])
      const due = async (now: number, limit = 10) =>
        (await store.inbox.due(now, limit)).map((place) => place.connection)
      expect(await store.inbox.due(T0, 10)).toEqual([{ project, connection: 'other', connectionNo: other }])
      expect(await due(T0 + 9)).toEqual(['other', 'me'])
      expect(await due(T0 + 9, 1)).toEqual(['other'])
      await store.connections.setPaused(other, 'user', true)
      expect(await due(T0 + 9)).toEqual(['me'])
      await store.inbox.settle(connection.no, ['a'], null)
      expect(await due(T0 + 9)).toEqual([])
    })

    it('lets a connection rest whose deliveries were tried in vain, until the first of them is due again', async () => {
      const { store, connection } = used.world
      const connectionNo = connection.no
      const due = async (now: number) => (await store.inbox.due(now, 10)).length
      await store.inbox.receive([{ connectionNo, id: 'a', hint, at: T0 }])
      await store.inbox.settle(connectionNo, ['a'], T0 + MINUTE)
      await store.inbox.receive([{ connectionNo, id: 'b', hint, at: T0 + 1 }])
      expect(await due(T0 + 2)).toBe(0)
      expect(await due(T0 + MINUTE)).toBe(1)
      // Tried again in vain, it waits for longer, and alone.
      await store.inbox.settle(connectionNo, ['a'], T0 + 9 * MINUTE)
      expect(await due(T0 + MINUTE)).toBe(1)
    })

    it('forgets what was read long ago, and nothing that waits', async () => {
      const { store, connection } = used.world
      const connectionNo = connection.no
      await store.inbox.receive(['a', 'b', 'c', 'd'].map((id, i) => ({ connectionNo, id, hint, at: T0 + i * MINUTE })))
      await store.inbox.settle(connectionNo, ['a', 'c', 'd'], null)
      expect(await store.inbox.prune(T0 + 3 * MINUTE, 1)).toBe(1)
      expect(await store.inbox.prune(T0 + 3 * MINUTE, 10)).toBe(1)
      expect(await store.inbox.prune(T0 + 3 * MINUTE, 10)).toBe(0)
      expect((await store.inbox.open(connectionNo, T0 + MINUTE, 10)).map(({ id }) => id)).toEqual(['b'])
    })

    it('is found by the id of a connection, in every project', async () => {
      const { store, connection } = used.world
      await store.projects.ensure({ id: 'lab', timezone: 'UTC', at: T0 })
      const more = { connector: 'shop', connectorVersion: '1', options: {}, webhookSecret: 'w', at: T0 }
      const { no } = await store.connections.save({ ...more, project: 'lab', id: 'me' })
      await store.connections.setPaused(no, 'user', true)
      const named = (await store.connections.named('me')).toSorted((a, b) => a.no - b.no)
      expect(named.map((row) => [row.no, row.project, row.paused])).toEqual([
        [connection.no, 'default', []],
        [no, 'lab', ['user']],
      ])
      expect(await store.connections.named('nobody')).toEqual([])
    })
  })
}

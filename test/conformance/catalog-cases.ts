// Owns the promises about catalogs: written under the lease, part by part, seen only with the end of their run.

import { describe, expect, it } from 'vitest'
import { useWorld } from './use-world.ts'
import { MINUTE, type OpenDatabase, T0, type World } from './world.ts'

const bytes = (text: string) => Buffer.from(text)
const stats = (orders: number, added = orders) => ({
  totals: { orders },
  newItemsAdded: added,
  added: { orders: added },
})

async function publish(world: World, n: number, id = `run-${n + 1}`): Promise<void> {
  const { store, lease, connection, run } = world
  const begun = await store.catalogs.begin({ lease, connectionNo: connection.no, runNo: run.no, at: T0 + n })
  expect(begun.n).toBe(n)
  await store.catalogs.add({ lease, connectionNo: connection.no, n, part: 0, bytes: bytes(`catalog ${n}`) })
  await world.finishRun({ catalog: { n, parts: 1, bytes: 9, stats: stats(n), keep: 2 } })
  world.run = await world.openRun(id)
}

export function catalogCases(open: OpenDatabase): void {
  describe('catalogs', () => {
    const used = useWorld(open)

    it('shows a catalog with the end of its run, and its parts as they were written', async () => {
      const { store, lease, connection, run } = used.world
      const { no } = connection
      expect(await store.catalogs.list(no)).toEqual([])
      const begun = await store.catalogs.begin({ lease, connectionNo: no, runNo: run.no, at: T0 })
      expect(begun).toEqual({ n: 1, inserted: null })
      for (const [part, text] of ['first', 'second'].entries()) {
        await store.catalogs.add({ lease, connectionNo: no, n: 1, part, bytes: bytes(text) })
      }
      expect(await store.catalogs.list(no)).toEqual([])
      await used.world.finishRun({ catalog: { n: 1, parts: 2, bytes: 11, stats: stats(3), keep: 5 } })
      const row = { n: 1, at: T0, run: run.id, parts: 2, bytes: 11, stats: stats(3) }
      expect(await store.catalogs.list(no)).toEqual([row])
      const parts = [await store.catalogs.part(no, 1, 0), await store.catalogs.part(no, 1, 1)]
      expect(parts.map((part) => Buffer.from(part!).toString())).toEqual(['first', 'second'])
      expect(await store.catalogs.part(no, 1, 2)).toBeUndefined()
    })

    it('drops what was begun and never finished, and gives its number again', async () => {
      const { store, connection } = used.world
      await publish(used.world, 1)
      const { lease, run } = used.world
      const order = { lease, connectionNo: connection.no, runNo: run.no, at: T0 }
      expect((await store.catalogs.begin(order)).n).toBe(2)
      await store.catalogs.add({ lease, connectionNo: connection.no, n: 2, part: 0, bytes: bytes('lost') })
      expect((await store.catalogs.begin(order)).n).toBe(2)
      expect(await store.catalogs.part(connection.no, 2, 0)).toBeUndefined()
    })

    it('counts what was inserted, or came back, since the catalog before, by stream', async () => {
      const { world } = used
      await world.put({ inserts: [], counts: { inserted: 7 } })
      await publish(world, 1)
      await world.put({ counts: { inserted: 2 } })
      await world.nextRun('run-without')
      await world.put({ counts: { inserted: 2, restored: 1 } })
      const { store, lease, connection, run } = world
      const begun = await store.catalogs.begin({ lease, connectionNo: connection.no, runNo: run.no, at: T0 })
      expect(begun).toEqual({ n: 2, inserted: { orders: 5 } })
    })

    it('keeps the newest ones, newest first', async () => {
      const { world } = used
      for (const n of [1, 2, 3]) await publish(world, n)
      expect((await world.store.catalogs.list(world.connection.no)).map(({ n }) => n)).toEqual([3, 2])
      expect(await world.store.catalogs.part(world.connection.no, 1, 0)).toBeUndefined()
      expect(await world.store.catalogs.part(world.connection.no, 2, 0)).toBeDefined()
    })

    it('writes nothing for who has lost the lease', async () => {
      const { world } = used
      const { store, lease, connection, run } = world
      const order = { connectionNo: connection.no, runNo: run.no, at: T0 }
      await store.catalogs.begin({ lease, ...order })
      await world.claim(lease.resource, { now: T0 + 2 * MINUTE })
      const lost = { code: 'lease_lost' }
      await expect(store.catalogs.begin({ lease, ...order })).rejects.toMatchObject(lost)
      const part = { lease, connectionNo: connection.no, n: 1, part: 0, bytes: bytes('late') }
      await expect(store.catalogs.add(part)).rejects.toMatchObject(lost)
    })

    it('goes with its connection', async () => {
      const { world } = used
      await publish(world, 1)
      const { store, connection, lease } = world
      const { no } = connection
      const order = { lease, leaseUntil: T0 + MINUTE, connectionNo: no, limit: 1_000 }
      while ((await store.connections.purge(order)) > 0);
      expect(await store.catalogs.list(no)).toEqual([])
      expect(await store.catalogs.part(no, 1, 0)).toBeUndefined()
    })
  })
}

// Owns the promises about the list of tables: the same names and columns on every store, of the own project only, with
// their rows.

import { describe, expect, it } from 'vitest'
import { useWorld } from './use-world.ts'
import { type OpenDatabase, record, SHAPE, World } from './world.ts'

export function tableCases(open: OpenDatabase): void {
  describe('the tables of SQL', () => {
    const used = useWorld(open)

    it('are those of the streams, then those of Tidemark, with the columns that a statement would find', async () => {
      const { world } = used
      const tables = await world.store.tables.list('default')
      expect(tables.map(({ name }) => name)).toEqual([
        'shop_orders',
        'shop_orders_all',
        'shop_orders_versions',
        'shop_orders_snapshots',
        'shop_orders_daily',
        ...tables.filter(({ of }) => of === null).map(({ name }) => name),
      ])
      expect(tables[1]).toMatchObject({ of: { connector: 'shop', stream: 'orders', part: 'all' } })
      expect(tables[0]?.columns).toEqual([
        '_project',
        '_connection',
        '_key',
        ...SHAPE.columns.map(({ name }) => name),
        '_first_seen_at',
        '_updated_at',
        '_removed_at',
        '_removed_reason',
        '_unavailable_since',
        '_raw',
      ])
      await world.insert('a')
      for (const { name, columns } of tables) {
        const [row] = await world.database.query(
          `SELECT * FROM (SELECT 1 AS one) AS o LEFT JOIN ${name} AS t ON true LIMIT 1`,
        )
        expect([name, Object.keys(row ?? {}).sort()]).toEqual([name, ['one', ...columns].sort()])
      }
    })

    it('give the rows of one connection, of a table that tells whose they are', async () => {
      const { world } = used
      const { store } = world
      await new World(world.database, store, 'default').begin('other')
      const of = async (connection?: string) =>
        (await store.tables.rows('default', 'runs', 10, connection)).map((row) => String(row['connection']))
      expect((await of()).toSorted()).toEqual(['me', 'other'])
      expect([await of('me'), await of('other'), await of('nobody')]).toEqual([['me'], ['other'], []])
    })

    it('count the rows of the own project', async () => {
      const { world } = used
      const { store } = world
      await world.put({ inserts: [record('a'), record('b'), record('c')], snapshots: [{ key: 'a', values: [1] }] })
      await world.remove('b', 1)
      const lab = await new World(world.database, store, 'lab').begin('other')
      await lab.insert('z')
      const rows = async (project: string, ...names: string[]) =>
        Promise.all(names.map((name) => store.tables.countRows(project, name)))
      const names = ['shop_orders', 'shop_orders_all', 'shop_orders_daily', 'changes', 'runs', 'streams']
      expect(await rows('default', ...names)).toEqual([2, 3, 1, 4, 1, 1])
      expect(await rows('lab', ...names)).toEqual([1, 1, 0, 1, 1, 1])
      const [run] = await store.tables.rows('lab', 'runs', 5)
      expect([run?.['_project'], (await store.tables.rows('default', 'shop_orders_all', 2)).length]).toEqual(['lab', 2])
      await store.projects.ensure({ id: 'empty', timezone: 'UTC', at: 0 })
      expect((await store.tables.list('empty')).filter(({ of }) => of !== null)).toEqual([])
      for (const name of ['tm_secrets', 'shop_orders', 'nothing']) {
        await expect(store.tables.countRows('empty', name)).rejects.toMatchObject({ code: 'table_unknown' })
      }
    })
  })
}

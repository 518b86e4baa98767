// Owns the promises about columns that a stream gets later: what lacks them is told, filled once, and nothing else changes.

import { describe, expect, it } from 'vitest'
import { FILL_BYTES_MAX } from '../../src/store/fitting.ts'
import { useWorld } from './use-world.ts'
import { type OpenDatabase, record, SHAPE, T0, update } from './world.ts'

const GROWN = {
  ...SHAPE,
  version: '2',
  columns: [...SHAPE.columns, { name: 'note', type: 'text' }, { name: 'rank', type: 'integer' }],
} as const

export function fillCases(open: OpenDatabase): void {
  describe('filling new columns', () => {
    const used = useWorld(open)

    it('tells contents that lack them: records, tombstones and versions, and nothing once all are filled', async () => {
      const { world } = used
      const { store, stream, connection } = world
      await world.insert('a', 'b', 'c')
      await world.put({ updates: [update('a', 1, 2)] })
      await world.remove('b', 1)
      expect(await store.streams.fillable(stream.no, 10)).toEqual([])
      const grown = await store.streams.define(connection.no, GROWN)
      expect(grown.unfilled).toEqual(['note', 'rank'])
      const found = await store.streams.fillable(stream.no, 10)
      expect(found.map(({ key }) => String(key)).sort()).toEqual(['a', 'a', 'b', 'b', 'c'])
      expect(found.map(({ raw }) => raw)).toContain(record('a', 1).raw)
      const before = { changes: await world.changes(), heads: await store.records.look(stream.no, ['a', 'b', 'c']) }
      const rows = found.map(({ place, key, raw }) => ({
        place,
        cells: [`${key} ${(JSON.parse(raw) as { revision: number }).revision}`, 7n],
      }))
      await store.streams.fill(stream.no, world.lease, { columns: ['note', 'rank'], rows })
      expect(await store.streams.fillable(stream.no, 10)).toEqual([])
      await store.streams.fill(stream.no, world.lease, { columns: ['note', 'rank'], rows: [] })
      const [row] = await store.streams.list(connection.no)
      expect(row?.unfilled).toEqual([])
      expect({ changes: await world.changes(), heads: await store.records.look(stream.no, ['a', 'b', 'c']) }).toEqual(
        before,
      )
      const notes = (await world.history('a')).map(({ columns }) => [columns['note'], columns['rank']])
      expect(notes).toEqual([
        ['a 1', 7],
        ['a 2', 7],
      ])
      const [tombstone] = await store.records.list({ streamNo: stream.no, removed: true, limit: 10 })
      expect(tombstone).toMatchObject({ _key: 'b', note: 'b 1' })
    })

    it('goes on where it stood, and leaves alone what cannot be read', async () => {
      const { world } = used
      const { store, stream, connection } = world
      await world.insert('a', 'b', 'c')
      await store.streams.define(connection.no, GROWN)
      const columns = ['note', 'rank']
      const first = (await store.streams.fillable(stream.no, 2)).slice(0, 2)
      expect(first).toHaveLength(2)
      await store.streams.fill(stream.no, world.lease, {
        columns,
        rows: first.map(({ place }) => ({ place, cells: undefined })),
      })
      const rest = await store.streams.fillable(stream.no, 10)
      expect(rest).toHaveLength(1)
      await store.streams.fill(stream.no, world.lease, {
        columns,
        rows: rest.map(({ place }) => ({ place, cells: ['filled', null] })),
      })
      const records = await store.records.list({ streamNo: stream.no, limit: 10 })
      expect(records.map(({ note }) => note)).toEqual([null, null, 'filled'])
    })

    it('tells once more what could not be read, when a text in quarantine could be read, or the shape is another', async () => {
      const { world } = used
      const { store, stream, connection } = world
      await world.insert('a', 'b')
      const text = record('a', 1).raw
      await world.put({ quarantine: [{ key: 'a', index: 0, raw: text, code: 'record_invalid', message: '' }] })
      await store.streams.define(connection.no, GROWN)
      const columns = ['note', 'rank']
      const fill = async () => {
        const found = await store.streams.fillable(stream.no, 10)
        const rows = found.map(({ place, key }) => ({ place, cells: key === 'a' ? undefined : ['b', 1n] }))
        await store.streams.fill(stream.no, world.lease, { columns, rows })
        await store.streams.fill(stream.no, world.lease, { columns, rows: [] })
        return found.map(({ key }) => key)
      }
      const lacking = async () => {
        const [row] = await store.streams.list(connection.no)
        return [row?.unfilled, row?.unreadable]
      }
      expect(await fill()).toEqual(['a', 'b'])
      expect(await lacking()).toEqual([[], columns])
      expect(await store.streams.fillable(stream.no, 10)).toEqual([])
      const [row] = await store.review.quarantined({ project: world.project, connectionNo: connection.no, limit: 10 })
      const { identity, at, times, supersededAt } = row!
      await world.put({ released: [{ identity, at, times, supersededAt }] })
      expect(await lacking()).toEqual([columns, []])
      expect(await fill()).toEqual(['a', 'b'])
      expect((await store.streams.define(connection.no, { ...GROWN, version: '3' })).unfilled).toEqual(columns)
    })

    it('gives another order to what cannot be read, and to texts in quarantine, and to nothing else of them', async () => {
      const { world } = used
      const { store, stream, connection } = world
      await world.insert('a', 'b')
      await world.put({
        quarantine: ['c', null].map((key, index) => ({
          key,
          index,
          raw: `text ${index}`,
          code: 'record_invalid',
          message: '',
        })),
      })
      const before = await store.records.list({ streamNo: stream.no, limit: 10 })
      expect((await store.streams.define(connection.no, { ...SHAPE, order: 'version 1' })).unfilled).toEqual(['_order'])
      for (;;) {
        const found = (await store.streams.fillable(stream.no, 1)).slice(0, 1)
        const rows = found.map(({ place, key, waits }) => {
          if (waits) return { place, cells: undefined, order: key === null ? null : 7 }
          return key === 'a' ? { place, cells: [5] } : { place, cells: undefined, order: -Number.MAX_VALUE }
        })
        await store.streams.fill(stream.no, world.lease, { columns: ['_order'], rows })
        if (rows.length === 0) break
      }
      const heads = await store.records.look(stream.no, ['a', 'b'])
      expect([heads.get('a')?.order, heads.get('b')?.order]).toEqual([5, -Number.MAX_VALUE])
      expect(await store.records.list({ streamNo: stream.no, limit: 10 })).toEqual(before)
      const texts = await world.database.query('SELECT key, version FROM tm_quarantine ORDER BY key IS NULL')
      expect(texts).toEqual([
        { key: 'c', version: 7 },
        { key: null, version: null },
      ])
    })

    it('tells no more at once than fits into the memory, and one at least', async () => {
      const { world } = used
      const { store, stream, connection } = world
      const raw = JSON.stringify({ text: 'x'.repeat(FILL_BYTES_MAX / 2) })
      const larger = JSON.stringify({ text: 'x'.repeat(FILL_BYTES_MAX) })
      const content = { a: raw, b: raw, c: larger, d: raw }
      await world.put({ inserts: Object.entries(content).map(([key, text]) => ({ ...record(key), raw: text })) })
      await world.remove('d', 1)
      await store.streams.define(connection.no, GROWN)
      const parts: string[][] = []
      for (;;) {
        const found = await store.streams.fillable(stream.no, 10)
        if (found.length === 0) break
        parts.push(found.map(({ place, key }) => `${place.split(' ')[0]} ${key}`))
        const rows = found.map(({ place }) => ({ place, cells: ['filled', 1] }))
        await store.streams.fill(stream.no, world.lease, { columns: ['note', 'rank'], rows })
      }
      expect(parts).toEqual([['records a'], ['records b'], ['records c'], ['tombstones d'], ['versions d']])
    })

    it('is fenced, and touches no content that has changed since it was told', async () => {
      const { world } = used
      const { store, stream, connection } = world
      await world.insert('a', 'b')
      await store.streams.define(connection.no, GROWN)
      const columns = ['note', 'rank']
      const found = await store.streams.fillable(stream.no, 10)
      const cells = [...record('a', 2).cells, 'newer', 9]
      await world.put({ updates: [update('a', 1, 2, { cells })] })
      await store.streams.fill(stream.no, world.lease, {
        columns,
        rows: found.map(({ place, key }) => ({ place, cells: [`older ${key}`, 1] })),
      })
      const records = await store.records.list({ streamNo: stream.no, limit: 10 })
      expect(records.map(({ note }) => note)).toEqual(['newer', 'older b'])
      const stale = world.lease
      await world.claim(stale.resource, { takeOver: stale.generation })
      await expect(store.streams.fill(stream.no, stale, { columns, rows: [] })).rejects.toMatchObject({
        code: 'lease_lost',
      })
    })

    it('begins again when a record moved behind the place that it has reached', async () => {
      const { world } = used
      const { store, stream, connection } = world
      await world.insert('a', 'b', 'c')
      await store.streams.define(connection.no, GROWN)
      const columns = ['note', 'rank']
      const fill = async (limit: number) => {
        const rows = (await store.streams.fillable(stream.no, limit)).slice(0, limit)
        await store.streams.fill(stream.no, world.lease, {
          columns,
          rows: rows.map(({ place, key }) => ({ place, cells: [key, 1] })),
        })
        return rows.length
      }
      await fill(1)
      await world.remove('c', 1)
      await world.put({ revivals: [{ key: 'c', expect: 2 }] })
      while ((await fill(2)) > 0);
      const records = await store.records.list({ streamNo: stream.no, limit: 10 })
      expect(records.map(({ note }) => note)).toEqual(['a', 'b', 'c'])
    })

    it('asks to fill again what a release without the columns has written since', async () => {
      const { world } = used
      const { stream, connection } = world
      const newer = await world.database.connect()
      await world.insert('a')
      await newer.streams.define(connection.no, GROWN)
      const columns = ['note', 'rank']
      const fill = async () => {
        const found = await newer.streams.fillable(stream.no, 10)
        const rows = found.map(({ place, raw }) => ({ place, cells: [raw, 7n] }))
        await newer.streams.fill(stream.no, null, { columns, rows })
        await newer.streams.fill(stream.no, null, { columns, rows: [] })
        return found.map(({ key }) => key)
      }
      expect(await fill()).toEqual(['a'])
      expect((await newer.streams.define(connection.no, GROWN)).unfilled).toEqual([])
      await world.put({ updates: [update('a', 1, 2)] })
      expect((await newer.streams.define(connection.no, GROWN)).unfilled).toEqual(columns)
      expect(await fill()).toEqual(['a', 'a'])
      const [live] = await newer.records.list({ streamNo: stream.no, limit: 10 })
      expect(live).toMatchObject({ _key: 'a', note: record('a', 2).raw })
    })

    it('asks to fill again what a release without the columns has removed or restored since', async () => {
      const { world } = used
      const { stream, connection } = world
      const newer = await world.database.connect()
      const columns = ['note', 'rank']
      const fill = async () => {
        const { unfilled } = await newer.streams.define(connection.no, GROWN)
        expect(unfilled).toEqual(columns)
        const found = await newer.streams.fillable(stream.no, 10)
        const rows = found.map(({ place, raw }) => ({ place, cells: [raw, 7n] }))
        await newer.streams.fill(stream.no, null, { columns, rows })
        await newer.streams.fill(stream.no, null, { columns, rows: [] })
      }
      await world.insert('a')
      await fill()
      await world.put({ removals: [{ key: 'a', expect: 1, reason: 'not_listed' }] })
      await fill()
      const list = { streamNo: stream.no, limit: 10 }
      const [tombstone] = await newer.records.list({ ...list, removed: true })
      expect(tombstone).toMatchObject({ _key: 'a', note: record('a').raw })
      await world.put({ revivals: [{ key: 'a', expect: 2 }] })
      await fill()
      const [live] = await newer.records.list(list)
      expect(live).toMatchObject({ _key: 'a', note: record('a').raw })
    })

    it('asks to fill again what a release without the columns has written, when the newer one has written since', async () => {
      const { world } = used
      const { stream, connection } = world
      const newer = await world.database.connect()
      await newer.streams.define(connection.no, GROWN)
      await newer.streams.fill(stream.no, null, { columns: ['note', 'rank'], rows: [] })
      await world.insert('a')
      const b = { ...record('b'), cells: [...record('b').cells, 'is there', 7n] }
      expect(await world.write({ inserts: [b] }, newer)).toBe('written')
      expect((await newer.streams.define(connection.no, GROWN)).unfilled).toEqual(['note', 'rank'])
      expect((await newer.streams.fillable(stream.no, 10)).map(({ key }) => key)).toEqual(['a', 'b'])
    })

    it('fills nothing for a release whose columns are no longer those that are lacking', async () => {
      const { world } = used
      const { store, stream, connection } = world
      const newer = await world.database.connect()
      await world.insert('a')
      await store.streams.define(connection.no, GROWN)
      const rows = (await store.streams.fillable(stream.no, 10)).map(({ place }) => ({ place, cells: ['old', 7n] }))
      const more = { ...GROWN, version: '3', columns: [...GROWN.columns, { name: 'place', type: 'text' }] } as const
      await newer.streams.define(connection.no, more)
      expect(await store.streams.fill(stream.no, world.lease, { columns: ['note', 'rank'], rows })).toBe(false)
      expect(await store.streams.fill(stream.no, world.lease, { columns: ['note', 'rank'], rows: [] })).toBe(false)
      expect(await newer.streams.fillable(stream.no, 10)).toHaveLength(1)
      expect(await newer.records.list({ streamNo: stream.no, limit: 10 })).toMatchObject([{ _key: 'a', note: null }])
    })

    it('does not ask to fill a stream that never lacked them', async () => {
      const { world } = used
      const other = await world.store.connections.save({
        project: 'default',
        id: 'other',
        connector: 'shop',
        connectorVersion: '2',
        options: {},
        webhookSecret: 'hook',
        at: T0,
      })
      expect((await world.store.streams.define(other.no, GROWN)).unfilled).toEqual([])
    })
  })
}

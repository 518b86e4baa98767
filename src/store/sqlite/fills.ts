// Owns the filling of columns that a stream got later: which contents lack them, and setting them. How far it came stands
// with the stream, so that it goes on after a crash.

import { count, json, text } from '../cells.ts'
import { quote, tableNames } from '../names.ts'
import type { Fill, Fillable, StreamStore } from '../store.ts'
import { fence } from '../system/leases.ts'
import type { Connection } from './connection.ts'
import { driven, ROW_ID } from './dialect.ts'
import type { Streams } from './streams.ts'
import { CellBinder } from './values.ts'

const TABLES = ['records', 'tombstones', 'versions'] as const

type FilledTo = Partial<Record<(typeof TABLES)[number], number>>

export function fills(db: Connection, streams: Streams): Pick<StreamStore, 'fillable' | 'fill'> {
  return {
    async fillable(streamNo, limit) {
      return db.reading(() => {
        const row = db.get('SELECT unfilled, filled_to FROM tm_streams WHERE no = ?', [streamNo])
        if (!row || row['unfilled'] === '[]') return []
        const filledTo = json(row['filled_to']) as FilledTo
        const tables = tableNames(streams.open(streamNo).base)
        const found: Fillable[] = []
        for (const name of TABLES) {
          const sql = `SELECT ${ROW_ID} AS id, _key, _ordinal, _raw FROM ${tables[name]} WHERE _stream = ? AND ${ROW_ID} > ? ORDER BY ${ROW_ID} LIMIT ?`
          for (const one of db.all(sql, [streamNo, filledTo[name] ?? 0, limit - found.length])) {
            const place = `${name} ${count(one['id'])} ${count(one['_ordinal'])}`
            found.push({ place, key: text(one['_key']), raw: text(one['_raw']) })
          }
        }
        return found
      })
    },

    async fill(streamNo, lease, { columns, rows }: Fill) {
      const { base, shape } = streams.open(streamNo)
      const tables = tableNames(base)
      const typed = columns.flatMap((name) => shape.columns.filter((column) => column.name === name))
      const binder = new CellBinder(typed)
      const set = typed.map(({ name }) => `${quote(name)} = ?`).join(', ')
      db.transaction(() => {
        driven(db, fence(lease))
        if (rows.length === 0) {
          db.run(`UPDATE tm_streams SET unfilled = '[]', filled_to = '{}' WHERE no = ?`, [streamNo])
          return
        }
        const row = db.get('SELECT filled_to FROM tm_streams WHERE no = ?', [streamNo])
        const filledTo = json(row?.['filled_to']) as FilledTo
        for (const { place, cells } of rows) {
          const [name, id, ordinal] = place.split(' ') as [(typeof TABLES)[number], string, string]
          filledTo[name] = Math.max(filledTo[name] ?? 0, Number(id))
          if (!cells || typed.length === 0) continue
          const values: Parameters<CellBinder['push']>[0] = []
          binder.push(values, cells)
          db.run(`UPDATE ${tables[name]} SET ${set} WHERE ${ROW_ID} = ? AND _stream = ? AND _ordinal = ?`, [
            ...values,
            Number(id),
            streamNo,
            Number(ordinal),
          ])
        }
        db.run('UPDATE tm_streams SET filled_to = ? WHERE no = ?', [JSON.stringify(filledTo), streamNo])
      })
    },
  }
}

// Owns the filling of columns that a stream got later: which contents lack them, and setting them. How far it came stands
// with the stream, so that it goes on after a crash.

import { count, json, text } from '../cells.ts'
import { tableNames } from '../names.ts'
import type { Fill, Fillable, StreamStore } from '../store.ts'
import { fence } from '../system/leases.ts'
import { stored } from './column-names.ts'
import type { Connection } from './connection.ts'
import { driven } from './dialect.ts'
import type { Streams } from './streams.ts'
import { columnArrays, SQL_TYPES } from './values.ts'

const TABLES = ['records', 'tombstones', 'versions'] as const

type FilledTo = Partial<Record<(typeof TABLES)[number], number>>

export function fills(db: Connection, streams: Streams): Pick<StreamStore, 'fillable' | 'fill'> {
  return {
    async fillable(streamNo, limit) {
      const { base } = await streams.open(streamNo)
      const tables = tableNames(base)
      return db.reading(async (tx) => {
        const row = await tx.get('SELECT unfilled, filled_to FROM tm_streams WHERE no = $1', [streamNo])
        if (!row || row['unfilled'] === '[]') return []
        const filledTo = json(row['filled_to']) as FilledTo
        const found: Fillable[] = []
        for (const name of TABLES) {
          const sql = `SELECT _id, _key, _ordinal, _raw FROM ${tables[name]} WHERE _stream = $1 AND _id > $2 ORDER BY _id LIMIT $3`
          for (const one of await tx.all(sql, [streamNo, filledTo[name] ?? 0, limit - found.length])) {
            const place = `${name} ${count(one['_id'])} ${count(one['_ordinal'])}`
            found.push({ place, key: text(one['_key']), raw: text(one['_raw']) })
          }
        }
        return found
      })
    },

    async fill(streamNo, lease, { columns, rows }: Fill) {
      const { base, shape } = await streams.open(streamNo)
      const tables = tableNames(base)
      const typed = columns.flatMap((name) => shape.columns.filter((column) => column.name === name))
      const arrays = typed.map(({ type }, i) => `$${i + 4}::${SQL_TYPES[type]}[]`).join(', ')
      const set = typed.map(({ name }, i) => `${stored(name)} = u.c${i}`).join(', ')
      await db.transaction(async (tx) => {
        await driven(tx, fence(lease))
        if (rows.length === 0) {
          await tx.run(`UPDATE tm_streams SET unfilled = '[]', filled_to = '{}' WHERE no = $1`, [streamNo])
          return
        }
        const row = await tx.get('SELECT filled_to FROM tm_streams WHERE no = $1 FOR UPDATE', [streamNo])
        const filledTo = json(row?.['filled_to']) as FilledTo
        for (const name of TABLES) {
          const ours = rows.flatMap(({ place, cells }) => {
            const [table, id, ordinal] = place.split(' ')
            return table === name ? [{ id: Number(id), ordinal: Number(ordinal), cells }] : []
          })
          for (const { id } of ours) filledTo[name] = Math.max(filledTo[name] ?? 0, id)
          const readable = ours.flatMap(({ id, ordinal, cells }) => (cells ? [{ id, ordinal, cells }] : []))
          if (readable.length === 0 || typed.length === 0) continue
          await tx.run(
            `UPDATE ${tables[name]} r SET ${set}
             FROM unnest($2::bigint[], $3::bigint[], ${arrays}) AS u(id, ordinal, ${typed.map((_, i) => `c${i}`).join(', ')})
             WHERE r._id = u.id AND r._stream = $1 AND r._ordinal = u.ordinal`,
            [
              streamNo,
              readable.map(({ id }) => id),
              readable.map(({ ordinal }) => ordinal),
              ...columnArrays(
                typed,
                readable.map(({ cells }) => cells),
              ),
            ],
          )
        }
        await tx.run('UPDATE tm_streams SET filled_to = $1 WHERE no = $2', [JSON.stringify(filledTo), streamNo])
      })
    },
  }
}

// Owns the filling of columns that a stream got later, and of another order: which contents lack them, and setting them.
// How far it came stands with the stream, so that it goes on after a crash.

import { ORDER } from '../../model/record.ts'
import { count, json, text, textOrNull } from '../cells.ts'
import type { Dialect } from '../dialect.ts'
import { FILL_BYTES_MAX, fitting } from '../fitting.ts'
import { tableNames } from '../names.ts'
import { type Asking, all, get, reading, run, type Works, writing } from '../statements.ts'
import type { Fillable, FilledContent, StreamStore } from '../store.ts'
import { fence } from './leases.ts'
import type { Streams } from './streams.ts'

const TABLES = ['records', 'tombstones', 'versions'] as const

type FilledTo = Partial<Record<(typeof TABLES)[number], number>> & { quarantine?: string }

/** Texts in quarantine from where the filling stands. */
const WAITING = 'FROM tm_quarantine WHERE stream_no = $1 AND identity > $2 ORDER BY identity LIMIT $3'

export function fills(dialect: Dialect, streams: Streams): Works<Pick<StreamStore, 'fillable' | 'fill'>> {
  return {
    fillable: reading(function* (streamNo, limit) {
      const tables = tableNames((yield* streams.open(streamNo)).base)
      const row = yield* get('SELECT unfilled, filled_to FROM tm_streams WHERE no = $1', [streamNo])
      const unfilled = row ? (json(row['unfilled']) as readonly string[]) : []
      if (!row || unfilled.length === 0) return []
      const filledTo = json(row['filled_to']) as FilledTo
      const next = (columns: string, name: (typeof TABLES)[number], most: number) => {
        const sql = `SELECT ${columns} FROM ${tables[name]} WHERE _stream = $1 AND _id > $2 ORDER BY _id LIMIT $3`
        return all(sql, [streamNo, filledTo[name] ?? 0, most])
      }
      // Only the order of what waits is kept with its text.
      const waiting = (columns: string, most: number) =>
        all(`SELECT ${columns} ${WAITING}`, [
          streamNo,
          filledTo.quarantine ?? '',
          unfilled.includes(ORDER.name) ? most : 0,
        ])
      const bytes: number[] = []
      for (const name of TABLES) {
        const sizes = yield* next('octet_length(_raw) AS bytes', name, limit - bytes.length)
        bytes.push(...sizes.map((one) => count(one['bytes'])))
      }
      const sizes = yield* waiting('octet_length(raw) AS bytes', limit - bytes.length)
      bytes.push(...sizes.map((one) => count(one['bytes'])))
      const most = fitting(bytes, FILL_BYTES_MAX)
      const found: Fillable[] = []
      for (const name of TABLES) {
        for (const one of yield* next('_id, _key, _ordinal, _raw', name, most - found.length)) {
          const place = `${name} ${count(one['_id'])} ${count(one['_ordinal'])}`
          found.push({ place, key: text(one['_key']), raw: text(one['_raw']) })
        }
      }
      for (const one of yield* waiting('identity, key, raw', most - found.length))
        found.push({
          place: `quarantine ${text(one['identity'])}`,
          key: textOrNull(one['key']),
          raw: text(one['raw']),
          waits: true,
        })
      return found
    }),

    fill: writing(function* (streamNo, lease, { columns, rows }) {
      const { base, shape } = yield* streams.open(streamNo)
      const tables = tableNames(base)
      const typed = columns.flatMap((name) => [ORDER, ...shape.columns].filter((column) => column.name === name))
      if (lease) yield* fence(lease)
      const row = yield* get('SELECT unfilled, filled_to FROM tm_streams WHERE no = $1 FOR UPDATE', [streamNo])
      // Another release of the connector has declared others meanwhile, and begins at the first content again.
      const unfilled = new Set(row ? (json(row['unfilled']) as readonly string[]) : [])
      if (unfilled.symmetricDifference(new Set(columns)).size > 0) return false
      if (rows.length === 0) {
        yield* run(`UPDATE tm_streams SET unfilled = '[]', filled_to = '{}' WHERE no = $1`, [streamNo])
        return true
      }
      const filledTo = json(row?.['filled_to']) as FilledTo
      for (const name of TABLES) {
        const ours = rows.flatMap(({ place, ...content }) => {
          const [table, id, ordinal] = place.split(' ')
          return table === name ? [{ id: Number(id), ordinal: Number(ordinal), ...content }] : []
        })
        for (const { id } of ours) filledTo[name] = Math.max(filledTo[name] ?? 0, id)
        const filled = ours.flatMap(({ cells, id, ordinal }) => (cells ? [{ id, ordinal, cells }] : []))
        if (filled.length > 0 && typed.length > 0) yield* dialect.fill(tables[name], streamNo, typed, filled)
        const ordered = ours.flatMap(({ cells, order, id, ordinal }) =>
          cells || order === undefined ? [] : [{ id, ordinal, cells: [order] }],
        )
        if (ordered.length > 0) yield* dialect.fill(tables[name], streamNo, [ORDER], ordered)
      }
      for (const { place, order = null } of rows.filter(isWaiting)) {
        const identity = place.slice(place.indexOf(' ') + 1)
        filledTo.quarantine = identity
        const sql = 'UPDATE tm_quarantine SET version = $1 WHERE stream_no = $2 AND identity = $3'
        yield* run(sql, [order, streamNo, identity])
      }
      const isLeft = rows.some((one) => one.cells === undefined && !isWaiting(one))
      const sql = `UPDATE tm_streams SET filled_to = $1${isLeft ? ', unreadable = $3' : ''} WHERE no = $2`
      yield* run(sql, [JSON.stringify(filledTo), streamNo, ...(isLeft ? [JSON.stringify(columns)] : [])])
      return true
    }),
  }
}

/** Once a text of the stream can be read that could not before, so may be those that were left without their columns. */
export function* fillAgain(streamNo: number): Asking<void> {
  const sql = `SELECT unfilled, unreadable FROM tm_streams WHERE no = $1 AND unreadable <> '[]' FOR UPDATE`
  const row = yield* get(sql, [streamNo])
  if (!row) return
  const columns = ['unfilled', 'unreadable'].flatMap((name) => json(row[name]) as readonly string[])
  yield* run(`UPDATE tm_streams SET unfilled = $1, unreadable = '[]', filled_to = '{}' WHERE no = $2`, [
    JSON.stringify([...new Set(columns)]),
    streamNo,
  ])
}

function isWaiting({ place }: FilledContent): boolean {
  return place.startsWith('quarantine ')
}

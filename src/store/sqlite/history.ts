// Owns what people read of a stream: its records, as they are or as they were at a moment, and all that a record has
// been, with the requests that brought it.

import { TidemarkError } from '../../model/errors.ts'
import type { Column, Key, StreamShape } from '../../model/record.ts'
import { count, countOrNull, text, textOrNull } from '../cells.ts'
import { OPS, opName, quote, tableNames } from '../names.ts'
import type { RecordRow, RecordsQuery, RequestRow, Store, VersionRow } from '../store.ts'
import { type Connection, exact, type Row, type Value } from './connection.ts'
import type { Streams } from './streams.ts'
import { fromSql, iso } from './values.ts'
import { recordColumns } from './views.ts'

type Part = Pick<Store, 'records' | 'history' | 'requestsOf'>

export function history(db: Connection, streams: Streams): Part {
  return {
    async records(query) {
      if (query.asOf !== undefined) return recordsAsOf(db, streams, { ...query, asOf: query.asOf })
      const { streamNo, removed = false, where = {}, after, limit } = query
      const { base, shape } = streams.open(streamNo)
      const of = removed ? 'tombstones' : 'records'
      const conditions = ['_stream = ?', ...Object.keys(where).map((name) => `${columnSql(shape, name)} = ?`)]
      const values: Value[] = [streamNo, ...Object.values(where)]
      if (after !== undefined) {
        conditions.push('_key > ?')
        values.push(after)
      }
      const sql = `SELECT ${recordColumns(shape.columns, of)} FROM ${tableNames(base)[of]}
        WHERE ${conditions.join(' AND ')} ORDER BY _key LIMIT ?`
      return db.all(sql, [...values, limit]).map(readable)
    },

    async history(streamNo, key) {
      const { base, shape } = streams.open(streamNo)
      const { records, tombstones, versions } = tableNames(base)
      const names = shape.columns.map(({ name }) => `, ${quote(name)}`).join('')
      const part = (table: string, at: string, reason: string) =>
        `SELECT _ordinal, _op, ${at} AS _at, ${reason} AS _reason, (SELECT id FROM tm_runs WHERE no = _run) AS _run_id,
          nullif(_page, 0) AS _page, _raw${names} FROM ${table} WHERE _stream = ?1 AND _key = ?2`
      const sql = [
        part(versions, '_at', '_reason'),
        part(records, '_updated_at', 'NULL'),
        part(tombstones, '_removed_at', '_removed_reason'),
      ].join(' UNION ALL ')
      return db.all(`${sql} ORDER BY _ordinal`, [streamNo, key]).map(
        (row): VersionRow => ({
          key,
          ordinal: count(row['_ordinal']),
          op: opName(row['_op']),
          at: count(row['_at']),
          reason: textOrNull(row['_reason']),
          run: textOrNull(row['_run_id']),
          page: countOrNull(row['_page']),
          columns: columnsOf(row, shape),
          raw: text(row['_raw']),
        }),
      )
    },

    async requestsOf({ runNo, streamNo, page }) {
      const sql = 'SELECT * FROM tm_requests WHERE run_no = ? AND stream_no = ? AND page IS ? ORDER BY no'
      return db.all(sql, [runNo, streamNo, page]).map(
        (row): RequestRow => ({
          page: countOrNull(row['page']),
          at: count(row['at']),
          method: text(row['method']),
          url: text(row['url']),
          status: count(row['status']),
          bytes: count(row['bytes']),
          ms: count(row['ms']),
          attempt: count(row['attempt']),
          outcome: text(row['outcome']),
          billedItems: count(row['billed_items']),
        }),
      )
    },
  }
}

/** Keys that are looked at in one statement, at least: whoever asks for a few records may have to pass by many. */
const WINDOW_MIN = 500

/**
 * Goes through the keys in windows, so that no statement looks at many more keys than it returns rows; what did not
 * exist then is passed by once.
 */
function recordsAsOf(
  db: Connection,
  streams: Streams,
  { streamNo, removed = false, asOf, where = {}, after, limit }: RecordsQuery & { readonly asOf: number },
): readonly RecordRow[] {
  const { base, shape } = streams.open(streamNo)
  const filter = Object.keys(where).map((name, i) => ` AND ${columnSql(shape, name, 'v.')} = ?${i + 6}`)
  const size = Math.max(limit, WINDOW_MIN)
  return db.reading(() => {
    const found: RecordRow[] = []
    let from: Key | undefined = after
    while (found.length < limit) {
      const to = windowEnd(db, base, { streamNo, from, size })
      const sql = asOfSql(base, shape.columns, { removed, from, to, filter: filter.join('') })
      const values = [streamNo, from ?? null, to ?? null, asOf, limit - found.length, ...Object.values(where)]
      for (const row of db.all(sql, values)) found.push(readable(row))
      if (to === undefined) break
      from = to
    }
    return found
  })
}

/** The key up to which there are `size` keys of live records, or of tombstones; undefined: there are not so many. */
function windowEnd(
  db: Connection,
  base: string,
  { streamNo, from, size }: { streamNo: number; from: Key | undefined; size: number },
): Key | undefined {
  const { records, tombstones } = tableNames(base)
  const edge = (table: string) =>
    `SELECT (SELECT _key FROM ${table} WHERE _stream = ?1${from === undefined ? '' : ' AND _key > ?2'}
      ORDER BY _key LIMIT 1 OFFSET ?3) AS edge`
  const sql = `SELECT min(edge) FROM (${edge(records)} UNION ALL ${edge(tombstones)})`
  return textOrNull(db.value(sql, [streamNo, from ?? null, size - 1])) ?? undefined
}

interface AsOf {
  readonly removed: boolean
  readonly from: Key | undefined
  readonly to: Key | undefined
  readonly filter: string
}

/** Values: the stream, the keys between which to look, the moment, the limit, and the filter's. */
function asOfSql(base: string, columns: readonly Column[], { removed, from, to, filter }: AsOf): string {
  const { records, tombstones, versions } = tableNames(base)
  const within = (table: string) =>
    `${table}._stream = ?1${from === undefined ? '' : ` AND ${table}._key > ?2`}${to === undefined ? '' : ` AND ${table}._key <= ?3`}`
  const since = 'iif(v._unavailable_since <= ?4, v._unavailable_since, NULL)'
  const now = { firstSeenAt: 'v._first_seen_at', updatedAt: 'v._updated_at', since }
  // What has not changed since is the same now as then.
  const current = removed
    ? `SELECT ${shown(columns, { ...now, removedAt: 'v._removed_at', reason: 'v._removed_reason' })}
       FROM ${tombstones} v WHERE ${within('v')} AND v._removed_at <= ?4${filter}`
    : `SELECT ${shown(columns, now)}
       FROM ${records} v WHERE ${within('v')} AND v._updated_at <= ?4${filter}`
  const then = removed
    ? { firstSeenAt: 'k._first_seen_at', updatedAt: contentAt(versions), removedAt: 'v._at', reason: 'v._reason' }
    : { firstSeenAt: 'k._first_seen_at', updatedAt: 'v._at' }
  const past = (table: string, at: string) =>
    `SELECT ${shown(columns, then)} FROM ${table} k CROSS JOIN ${versions} v ON v.rowid = (
       SELECT rowid FROM ${versions} WHERE _stream = k._stream AND _key = k._key AND _at <= ?4 ORDER BY _ordinal DESC LIMIT 1)
     WHERE ${within('k')} AND k.${at} > ?4 AND v._op ${removed ? '=' : '<>'} ${OPS.remove}${filter}`
  const parts = [current, past(records, '_updated_at'), past(tombstones, '_removed_at')]
  return `${parts.join(' UNION ALL ')} ORDER BY _key LIMIT ?5`
}

/** When the content that a past tombstone kept was stored. */
function contentAt(versions: string): string {
  return `coalesce((SELECT _at FROM ${versions} WHERE _stream = v._stream AND _key = v._key AND _ordinal = v._ordinal - 1),
    k._first_seen_at)`
}

/** The columns of `recordColumns`, in its order, of a table that is called v. */
function shown(
  columns: readonly Column[],
  from: { firstSeenAt: string; updatedAt: string; removedAt?: string; reason?: string; since?: string },
): string {
  const { firstSeenAt, updatedAt, removedAt, reason = 'NULL', since } = from
  return [
    '(SELECT project FROM tm_streams WHERE no = v._stream) AS _project',
    '(SELECT connection FROM tm_streams WHERE no = v._stream) AS _connection',
    'v._key AS _key',
    ...columns.map(({ name }) => `v.${quote(name)} AS ${quote(name)}`),
    `${iso(firstSeenAt)} AS _first_seen_at`,
    `${iso(updatedAt)} AS _updated_at`,
    `${removedAt ? iso(removedAt) : 'NULL'} AS _removed_at`,
    `${reason} AS _removed_reason`,
    `${since ? iso(since) : 'NULL'} AS _unavailable_since`,
    'v._raw AS _raw',
  ].join(', ')
}

/**
 * A column by its name, as SQL has it.
 *
 * @throws TidemarkError unknown_column
 */
export function columnSql(shape: StreamShape, column: string, table = ''): string {
  if (column === '_key') return `${table}_key`
  if (shape.columns.some(({ name }) => name === column)) return `${table}${quote(column)}`
  throw new TidemarkError('unknown_column', `Stream "${shape.stream}" has no column "${column}".`, {
    hint: `Its columns: ${shape.columns.map(({ name }) => name).join(', ')}.`,
  })
}

/** The declared columns by name; a boolean is true or false here. */
export function columnsOf(row: Row, { columns }: StreamShape): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    columns.map(({ name, type }) => {
      const value = fromSql(exact(row[name]))
      return [name, type === 'boolean' && typeof value === 'number' ? value !== 0 : value]
    }),
  )
}

function readable(row: Row): RecordRow {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, fromSql(value)])) as RecordRow
}

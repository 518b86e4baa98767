// Owns how people read a stream's records, as they are or as they were at a moment.

import { TidemarkError } from '../../model/errors.ts'
import type { Column, Key, StreamShape } from '../../model/record.ts'
import { count, text, textOrNull } from '../cells.ts'
import { OPS, quote, tableNames } from '../names.ts'
import { columnTypeOf } from '../record-columns.ts'
import { RECORD_KEYS_MAX, type RecordRow, type RecordStore, type RecordsQuery } from '../store.ts'
import { type Connection, exact, type Row, type Value } from './connection.ts'
import { ROW_ID } from './dialect.ts'
import { digitsOf, orderTerms } from './order.ts'
import type { OpenStream, Streams } from './streams.ts'
import { fromSql, iso } from './values.ts'
import { recordColumns, type Shown, selected } from './views.ts'

type Part = Pick<RecordStore, 'list' | 'orderedKeys' | 'keyDigits'>

export function readRecords(db: Connection, streams: Streams): Part {
  return {
    async list(query) {
      const table = streams.open(query.streamNo)
      const { asOf } = query
      if (asOf !== undefined) return recordsAsOf(db, table, { ...query, asOf })
      const { sql, values } = currentSql(table, query, bounds(query))
      return db.all(`${sql} ORDER BY _key LIMIT ${values.bind(query.limit)}`, values.all).map(readable)
    },

    async orderedKeys(query) {
      const table = streams.open(query.streamNo)
      const { order, asOf, limit } = query
      const type = columnTypeOf(table.shape, order.column)
      const wanted = { ...query, columns: [order.column] }
      const found = asOf === undefined ? currentSql(table, wanted, {}) : asOfSql(table, { ...wanted, asOf }, {})
      const terms = orderTerms(order, type, quote(order.column))
      const sql = `SELECT _key FROM (${found.sql}) ORDER BY ${terms} LIMIT ${found.values.bind(limit)}`
      return db.all(sql, found.values.all).map((row) => text(row['_key']))
    },

    async keyDigits({ streamNo, removed = false, asOf }) {
      const { records, tombstones } = tableNames(streams.open(streamNo).base)
      const tables = asOf !== undefined ? [records, tombstones] : [removed ? tombstones : records]
      const part = (table: string) => `SELECT ${digitsOf('_key')} AS digits FROM ${table} WHERE _stream = ?1`
      const sql = `SELECT DISTINCT digits FROM (${tables.map(part).join(' UNION ALL ')}) ORDER BY digits = 0, digits`
      return db.all(sql, [streamNo]).map((row) => count(row['digits']))
    },
  }
}

/** The values of a statement; each is named by its number. */
class Bound {
  readonly all: Value[] = []

  bind(value: Value): string {
    return `?${this.all.push(value)}`
  }
}

interface Statement {
  readonly sql: string
  readonly values: Bound
}

/** Between which keys to look: behind `from`, up to `to`. */
interface Bounds {
  readonly from?: Key | undefined
  readonly to?: Key | undefined
}

type Wanted = Pick<RecordsQuery, 'streamNo' | 'removed' | 'where' | 'columns' | 'digits' | 'keys'>

function bounds({ after }: Pick<RecordsQuery, 'after'>): Bounds {
  return after === undefined ? {} : { from: after }
}

/** What has to hold of a row's stream and key; `alias` ends with a dot. */
function keyConditions({ streamNo, digits, keys }: Wanted, { from, to }: Bounds, alias: string, values: Bound) {
  const key = `${alias}_key`
  return [
    `${alias}_stream = ${values.bind(streamNo)}`,
    ...(from === undefined ? [] : [`${key} > ${values.bind(from)}`]),
    ...(to === undefined ? [] : [`${key} <= ${values.bind(to)}`]),
    ...(digits === undefined ? [] : [`${digitsOf(key)} = ${values.bind(digits)}`]),
    ...(keys === undefined
      ? []
      : [
          `${key} IN (${filledUp(keys)
            .map((one) => values.bind(one))
            .join(', ')})`,
        ]),
  ]
}

/** Lists of a few lengths only, so that few statements are prepared: a shorter one repeats its last key. */
function filledUp(keys: readonly Key[]): readonly Key[] {
  const last = keys.at(-1)
  const length = keys.length <= 25 ? 25 : RECORD_KEYS_MAX
  return last === undefined ? [] : [...keys, ...Array<Key>(Math.max(0, length - keys.length)).fill(last)]
}

function whereConditions(shape: StreamShape, where: RecordsQuery['where'], alias: string, values: Bound) {
  return Object.entries(where ?? {}).map(([name, value]) => `${columnSql(shape, name, alias)} = ${values.bind(value)}`)
}

/** Of all columns, those that are wanted, and the key. */
function only(all: readonly Shown[], shape: StreamShape, wanted: readonly string[] | undefined): string {
  if (!wanted) return selected(all)
  for (const name of wanted) columnTypeOf(shape, name)
  return selected(all.filter(([name]) => name === '_key' || wanted.includes(name)))
}

/** Records, or tombstones, as they are now, in no order. */
function currentSql({ base, shape }: OpenStream, query: Wanted, within: Bounds): Statement {
  const of = query.removed ? 'tombstones' : 'records'
  const values = new Bound()
  const columns = only(recordColumns(shape.columns, of), shape, query.columns)
  const conditions = [...keyConditions(query, within, '', values), ...whereConditions(shape, query.where, '', values)]
  return { sql: `SELECT ${columns} FROM ${tableNames(base)[of]} WHERE ${conditions.join(' AND ')}`, values }
}

/** Keys that are looked at in one statement, at least: whoever asks for a few records may have to pass by many. */
const WINDOW_MIN = 500

/**
 * Goes through the keys in windows, so that no statement looks at many more keys than it returns rows; what did not
 * exist then is passed by once.
 */
function recordsAsOf(
  db: Connection,
  table: OpenStream,
  query: RecordsQuery & { readonly asOf: number },
): readonly RecordRow[] {
  const { streamNo, keys, after, limit } = query
  const size = Math.max(limit, WINDOW_MIN)
  return db.reading(() => {
    const found: RecordRow[] = []
    let from = after
    while (found.length < limit) {
      const to = keys ? undefined : windowEnd(db, table.base, { streamNo, from, size })
      const { sql, values } = asOfSql(table, query, { from, to })
      const rows = db.all(`${sql} ORDER BY _key LIMIT ${values.bind(limit - found.length)}`, values.all)
      for (const row of rows) found.push(readable(row))
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

/** Records, or tombstones, as they were at a moment, in no order. */
function asOfSql({ base, shape }: OpenStream, query: Wanted & { readonly asOf: number }, within: Bounds): Statement {
  const { records, tombstones, versions } = tableNames(base)
  const { removed = false, where } = query
  const values = new Bound()
  const asOf = values.bind(query.asOf)
  const conditions = (alias: string, ...more: readonly string[]) =>
    [...keyConditions(query, within, alias, values), ...whereConditions(shape, where, 'v.', values), ...more].join(
      ' AND ',
    )
  const list = (from: Moments) => only(shown(shape.columns, from), shape, query.columns)
  const since = `iif(v._unavailable_since <= ${asOf}, v._unavailable_since, NULL)`
  const now = { firstSeenAt: 'v._first_seen_at', updatedAt: 'v._updated_at', since }
  // What has not changed since is the same now as then.
  const current = removed
    ? `SELECT ${list({ ...now, removedAt: 'v._removed_at', reason: 'v._removed_reason' })}
       FROM ${tombstones} v WHERE ${conditions('v.', `v._removed_at <= ${asOf}`)}`
    : `SELECT ${list(now)} FROM ${records} v WHERE ${conditions('v.', `v._updated_at <= ${asOf}`)}`
  const then = removed
    ? { firstSeenAt: 'k._first_seen_at', updatedAt: contentAt(versions), removedAt: 'v._at', reason: 'v._reason' }
    : { firstSeenAt: 'k._first_seen_at', updatedAt: 'v._at' }
  const op = `v._op ${removed ? '=' : '<>'} ${OPS.remove}`
  const past = (table: string, at: string) =>
    `SELECT ${list(then)} FROM ${table} k CROSS JOIN ${versions} v ON v.${ROW_ID} = (
       SELECT ${ROW_ID} FROM ${versions} WHERE _stream = k._stream AND _key = k._key AND _at <= ${asOf} AND _ordinal > 0
         ORDER BY _ordinal DESC LIMIT 1)
     WHERE ${conditions('k.', `k.${at} > ${asOf}`, op)}`
  const parts = [current, past(records, '_updated_at'), past(tombstones, '_removed_at')]
  return { sql: parts.join(' UNION ALL '), values }
}

/** When the content that a past tombstone kept was stored. */
function contentAt(versions: string): string {
  return `coalesce((SELECT _at FROM ${versions} WHERE _stream = v._stream AND _key = v._key AND _ordinal = v._ordinal - 1),
    k._first_seen_at)`
}

/** The expressions that say when something was, in a table that is called v. */
interface Moments {
  readonly firstSeenAt: string
  readonly updatedAt: string
  readonly removedAt?: string
  readonly reason?: string
  readonly since?: string
}

/** The columns of `recordColumns`, in its order, of a table that is called v. */
function shown(columns: readonly Column[], from: Moments): readonly Shown[] {
  const { firstSeenAt, updatedAt, removedAt, reason = 'NULL', since } = from
  return [
    ['_project', '(SELECT project FROM tm_streams WHERE no = v._stream)'],
    ['_connection', '(SELECT connection FROM tm_streams WHERE no = v._stream)'],
    ['_key', 'v._key'],
    ...columns.map(({ name }): Shown => [name, `v.${quote(name)}`]),
    ['_first_seen_at', iso(firstSeenAt)],
    ['_updated_at', iso(updatedAt)],
    ['_removed_at', removedAt ? iso(removedAt) : 'NULL'],
    ['_removed_reason', reason],
    ['_unavailable_since', since ? iso(since) : 'NULL'],
    ['_raw', 'v._raw'],
  ]
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

// Owns how people read a stream's records, as they are or as they were at a moment.

import { TidemarkError } from '../../model/errors.ts'
import type { Column, Key, StreamShape } from '../../model/record.ts'
import { count, text, textOrNull } from '../cells.ts'
import { OPS, quote, tableNames } from '../names.ts'
import { columnTypeOf } from '../record-columns.ts'
import type { RecordRow, RecordStore, RecordsQuery } from '../store.ts'
import { stored } from './column-names.ts'
import type { Connection, Queries } from './connection.ts'
import { digitsOf, orderTerms } from './order.ts'
import type { Streams } from './streams.ts'
import { SQL_TYPES, toSql, type Value } from './values.ts'
import { iso, recordColumns, type Shown, withStream } from './views.ts'

type Part = Pick<RecordStore, 'list' | 'orderedKeys' | 'keyDigits'>

export function readRecords(db: Connection, streams: Streams): Part {
  return {
    async list(query) {
      const table = await streams.open(query.streamNo)
      const { asOf } = query
      if (asOf !== undefined) return recordsAsOf(db, table, { ...query, asOf })
      const { sql, values } = currentQuery(table, query, { from: query.after })
      return (await db.all(
        `${sql} ORDER BY "_key" LIMIT ${values.bind(query.limit)}`,
        values.all,
      )) as readonly RecordRow[]
    },

    async orderedKeys(query) {
      const table = await streams.open(query.streamNo)
      const { order, asOf, limit } = query
      const type = columnTypeOf(table.shape, order.column)
      const wanted = { ...query, columns: [order.column] }
      const found = asOf === undefined ? currentQuery(table, wanted, {}) : asOfQuery(table, { ...wanted, asOf }, {})
      const terms = orderTerms(order, type, quote(order.column))
      const sql = `SELECT _key FROM (${found.sql}) q ORDER BY ${terms} LIMIT ${found.values.bind(limit)}`
      return (await db.all(sql, found.values.all)).map((row) => text(row['_key']))
    },

    async keyDigits({ streamNo, removed = false, asOf }) {
      const { records, tombstones } = tableNames((await streams.open(streamNo)).base)
      const tables = asOf !== undefined ? [records, tombstones] : [removed ? tombstones : records]
      const part = (table: string) => `SELECT ${digitsOf('_key')} AS digits FROM ${table} WHERE _stream = $1`
      const sql = `SELECT digits FROM (${tables.map(part).join(' UNION ALL ')}) q GROUP BY digits ORDER BY digits = 0, digits`
      return (await db.all(sql, [streamNo])).map((row) => count(row['digits']))
    },
  }
}

function list(columns: readonly Shown[]): string {
  return columns.map(([name, sql]) => `${sql} AS ${quote(name)}`).join(', ')
}

/** The values of a statement; each is named by its number. */
class Bound {
  readonly all: Value[] = []
  readonly bind = (value: Value): string => `$${this.all.push(value)}`
}

interface Statement {
  readonly sql: string
  readonly values: Bound
}

/** Puts a value among those of a statement, and gives back how the statement names it. */
type Bind = (value: Value) => string

function filters(shape: StreamShape, alias: string, where: NonNullable<RecordsQuery['where']>, bind: Bind) {
  return Object.entries(where).map(([name, value]) => equals(shape, alias, name, [value], bind))
}

/**
 * Whether a column has one of the values, as its type compares: `1` is `1.0` in a column of numbers, and text that is no
 * number is in none.
 *
 * @throws TidemarkError unknown_column
 */
export function equals(
  shape: StreamShape,
  alias: string,
  name: string,
  values: readonly (string | number)[],
  bind: Bind,
): string {
  const column: Column | undefined =
    name === '_key' ? { name, type: 'text' } : shape.columns.find((candidate) => candidate.name === name)
  if (!column) {
    throw new TidemarkError('unknown_column', `Stream "${shape.stream}" has no column "${name}".`, {
      hint: `Its columns: ${shape.columns.map((known) => known.name).join(', ')}.`,
    })
  }
  const possible = values.map((value) => toSql(column.type, value)).filter((value) => value !== null)
  return `${alias}.${stored(name)} = ANY(${bind(possible)}::${SQL_TYPES[column.type]}[])`
}

interface Table {
  readonly base: string
  readonly shape: StreamShape
}

/** Between which keys to look: behind `from`, up to `to`. */
interface Bounds {
  readonly from?: Key | undefined
  readonly to?: Key | undefined
}

type Wanted = Pick<RecordsQuery, 'streamNo' | 'removed' | 'where' | 'columns' | 'digits' | 'keys'>

/** What has to hold of a row `r`: of its stream and its key. */
function keyConditions({ streamNo, digits, keys }: Wanted, { from, to }: Bounds, bind: Bind): readonly string[] {
  return [
    `r._stream = ${bind(streamNo)}`,
    ...(from === undefined ? [] : [`r._key > ${bind(from)}`]),
    ...(to === undefined ? [] : [`r._key <= ${bind(to)}`]),
    ...(digits === undefined ? [] : [`${digitsOf('r._key')} = ${bind(digits)}::integer`]),
    ...(keys === undefined ? [] : [`r._key = ANY(${bind(keys)}::text[])`]),
  ]
}

/** Of all columns, those that are wanted, and the key. */
function only(all: readonly Shown[], shape: StreamShape, wanted: readonly string[] | undefined): string {
  if (!wanted) return list(all)
  for (const name of wanted) columnTypeOf(shape, name)
  return list(all.filter(([name]) => name === '_key' || wanted.includes(name)))
}

/** Records, or tombstones, as they are now, in no order. */
function currentQuery({ base, shape }: Table, query: Wanted, within: Bounds): Statement {
  const of = query.removed ? 'tombstones' : 'records'
  const values = new Bound()
  const columns = only(recordColumns(shape.columns, of), shape, query.columns)
  const conditions = [
    ...keyConditions(query, within, values.bind),
    ...filters(shape, 'r', query.where ?? {}, values.bind),
  ]
  const from = withStream(tableNames(base)[of])
  return { sql: `SELECT ${columns} FROM ${from} WHERE ${conditions.join(' AND ')}`, values }
}

/** Keys that are looked at in one statement, at least: whoever asks for a few records may have to pass by many. */
const WINDOW_MIN = 500

/**
 * Goes through the keys in windows, so that no statement looks at many more keys than it returns rows; what did not
 * exist then is passed by once.
 */
async function recordsAsOf(
  db: Connection,
  table: Table,
  query: RecordsQuery & { readonly asOf: number },
): Promise<readonly RecordRow[]> {
  const { streamNo, keys, after, limit } = query
  const size = Math.max(limit, WINDOW_MIN)
  return db.reading(async (tx) => {
    const found: RecordRow[] = []
    let from: Key | undefined = after
    while (found.length < limit) {
      const to = keys ? undefined : await windowEnd(tx, table.base, { streamNo, from, size })
      const { sql, values } = asOfQuery(table, query, { from, to })
      const ordered = `${sql} ORDER BY "_key" LIMIT ${values.bind(limit - found.length)}`
      found.push(...((await tx.all(ordered, values.all)) as readonly RecordRow[]))
      if (to === undefined) break
      from = to
    }
    return found
  })
}

/** The key up to which there are `size` keys of live records, or of tombstones; undefined: there are not so many. */
async function windowEnd(
  tx: Queries,
  base: string,
  { streamNo, from, size }: { streamNo: number; from: Key | undefined; size: number },
): Promise<Key | undefined> {
  const { records, tombstones } = tableNames(base)
  const values: Value[] = [streamNo, size - 1]
  const behind = from === undefined ? '' : `AND _key > $${values.push(from)}`
  const edge = (table: string) =>
    `SELECT (SELECT _key FROM ${table} WHERE _stream = $1 ${behind} ORDER BY _key LIMIT 1 OFFSET $2) AS edge`
  const sql = `SELECT min(edge) FROM (${edge(records)} UNION ALL ${edge(tombstones)}) e`
  return textOrNull(await tx.value(sql, values)) ?? undefined
}

/** Records, or tombstones, as they were at a moment, in no order. */
function asOfQuery({ base, shape }: Table, query: Wanted & { readonly asOf: number }, within: Bounds): Statement {
  const { records, tombstones, versions } = tableNames(base)
  const { removed = false, where = {} } = query
  const values = new Bound()
  const asOf = `${values.bind(query.asOf)}::bigint`
  // What has not changed since is the same now as then.
  const current = removed
    ? { table: tombstones, until: 'r._removed_at', columns: recordColumns(shape.columns, 'tombstones') }
    : { table: records, until: 'r._updated_at', columns: recordColumns(shape.columns, 'records') }
  const now = current.columns.map(
    ([name, sql]): Shown =>
      name === '_unavailable_since'
        ? [name, iso(`CASE WHEN r._unavailable_since <= ${asOf} THEN r._unavailable_since END`)]
        : [name, sql],
  )
  const conditions = (alias: string, ...more: readonly string[]) =>
    [...keyConditions(query, within, values.bind), ...filters(shape, alias, where, values.bind), ...more].join(' AND ')
  const parts = [
    `SELECT ${only(now, shape, query.columns)} FROM ${withStream(current.table)}
     WHERE ${conditions('r', `${current.until} <= ${asOf}`)}`,
  ]
  const then = only(thenColumns(shape.columns, versions, removed), shape, query.columns)
  const op = `v._op ${removed ? '=' : '<>'} ${OPS.remove}`
  for (const [table, at] of [
    [records, 'r._updated_at'],
    [tombstones, 'r._removed_at'],
  ] as const) {
    parts.push(`SELECT ${then} FROM ${withStream(table)} JOIN LATERAL (
        SELECT * FROM ${versions} w WHERE w._stream = r._stream AND w._key = r._key AND w._at <= ${asOf} AND w._ordinal > 0
        ORDER BY w._ordinal DESC LIMIT 1) v ON true
      WHERE ${conditions('v', `${at} > ${asOf}`, op)}`)
  }
  return { sql: parts.join(' UNION ALL '), values }
}

/** The columns of `recordColumns`, in its order, of a past content `v` of the record or tombstone `r`. */
function thenColumns(columns: readonly Column[], versions: string, removed: boolean): readonly Shown[] {
  // When the content that a past tombstone kept was stored.
  const storedAt = `coalesce((SELECT b._at FROM ${versions} b
    WHERE b._stream = v._stream AND b._key = v._key AND b._ordinal = v._ordinal - 1), r._first_seen_at)`
  return [
    ['_project', 's.project'],
    ['_connection', 's.connection'],
    ['_key', 'v._key'],
    ...columns.map(({ name }): Shown => [name, `v.${stored(name)}`]),
    ['_first_seen_at', iso('r._first_seen_at')],
    ['_updated_at', iso(removed ? storedAt : 'v._at')],
    ['_removed_at', removed ? iso('v._at') : 'NULL::text'],
    ['_removed_reason', removed ? 'v._reason' : 'NULL::text'],
    ['_unavailable_since', 'NULL::text'],
    ['_raw', 'v._raw'],
  ]
}

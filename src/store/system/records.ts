// Owns how people read a stream's records, as they are or as they were at a moment.

import type { Column, Key, StreamShape } from '../../model/record.ts'
import { count, text, textOrNull } from '../cells.ts'
import type { Dialect } from '../dialect.ts'
import { OPS, quote, tableNames } from '../names.ts'
import { columnTypeOf } from '../record-columns.ts'
import { type Asking, all, alone, type Param, type Row, reading, value, type Works } from '../statements.ts'
import type { RecordPlace, RecordRow, RecordStore, RecordsQuery } from '../store.ts'
import { holds, plain, readable } from './columns.ts'
import { nearTo, orderTerms } from './order.ts'
import type { OpenStream, Streams } from './streams.ts'
import { recordColumns, type Shown, selected } from './views.ts'

type Part = Works<Pick<RecordStore, 'list' | 'orderedKeys' | 'orderedPlaces' | 'keyDigits' | 'milestones'>>

export function records(dialect: Dialect, streams: Streams): Part {
  const known = new Map<number, KnownDigits>()
  return {
    list: reading(function* (query) {
      const table = { dialect, ...(yield* streams.open(query.streamNo)) }
      const { asOf, after, limit } = query
      if (asOf !== undefined) return yield* recordsAsOf(table, { ...query, asOf })
      return yield* rowsOf(currentQuery(table, query, { from: after }), limit)
    }),

    orderedKeys: alone(function* (query) {
      const table = { dialect, ...(yield* streams.open(query.streamNo)) }
      const { order, asOf, limit } = query
      const type = columnTypeOf(table.shape, order.column)
      const wanted = { ...query, columns: [order.column] }
      const found = asOf === undefined ? currentQuery(table, wanted, {}) : asOfQuery(table, { ...wanted, asOf }, {})
      const terms = orderTerms(dialect, order, type, dialect.shown(order.column))
      const sql = `SELECT _key FROM (${found.sql}) q ORDER BY ${terms} LIMIT ${found.bound.bind(limit)}`
      return (yield* all(sql, found.bound.values)).map((row) => text(row['_key']))
    }),

    orderedPlaces: alone(function* (query) {
      const table = { dialect, ...(yield* streams.open(query.streamNo)) }
      const { order, asOf, limit, behind } = query
      const type = columnTypeOf(table.shape, order.column)
      const wanted = { ...query, columns: [order.column] }
      const found = asOf === undefined ? currentQuery(table, wanted, {}) : asOfQuery(table, { ...wanted, asOf }, {})
      const { bind, values } = found.bound
      const terms = orderTerms(dialect, order, type, quote(PLACED))
      const place = `_key, ${dialect.shown(order.column)} AS ${quote(PLACED)}`
      let sql = `SELECT ${place} FROM (${found.sql}) f`
      if (behind) {
        // The place stands among the rows, whether its record still has it or not: what is counted from it is behind it.
        const at = `SELECT ${bind(behind.key)}::text, ${dialect.cell(type, behind.value, bind)}, 1`
        const passed = `sum(mark) OVER (ORDER BY ${terms}, mark ROWS UNBOUNDED PRECEDING) AS passed`
        const near = nearTo(dialect, { order, type, behind, limit }, `(${found.sql})`, bind)
        const marked = `SELECT ${place}, 0 AS mark FROM (${near ?? found.sql}) f UNION ALL ${at}`
        sql = `SELECT * FROM (SELECT m.*, ${passed} FROM (${marked}) m) p WHERE passed = 1 AND mark = 0`
      }
      return (yield* all(`SELECT * FROM (${sql}) q ORDER BY ${terms} LIMIT ${bind(limit)}`, values)).map(placeOf)
    }),

    milestones: alone(function* (query) {
      const table = { dialect, ...(yield* streams.open(query.streamNo)) }
      const { order, asOf, every, digits } = query
      const type = columnTypeOf(table.shape, order.column)
      const wanted = { ...query, columns: [order.column] }
      const found = asOf === undefined ? currentQuery(table, wanted, {}) : asOfQuery(table, { ...wanted, asOf }, {})
      const { bind, values } = found.bound
      // Keys of one length stand in the order of the table: nothing has to be sorted.
      const terms =
        digits === undefined
          ? orderTerms(dialect, order, type, dialect.shown(order.column))
          : `"_key"${dialect.byBytes}`
      const numbered = `SELECT _key, ${dialect.shown(order.column)} AS ${quote(PLACED)}, row_number() OVER w AS n,
        lead(1) OVER w AS more FROM (${found.sql}) f WINDOW w AS (ORDER BY ${terms})`
      const at = `more IS NULL OR n % ${bind(every)}::bigint = 0`
      const rows = yield* all(`SELECT * FROM (${numbered}) q WHERE ${at} ORDER BY n`, values)
      return {
        total: count(rows.at(-1)?.['n'] ?? 0),
        places: rows.filter((row) => count(row['n']) % every === 0).map(placeOf),
      }
    }),

    keyDigits: reading(function* ({ streamNo, removed = false, asOf }) {
      const { base, projectNo } = yield* streams.open(streamNo)
      const { records: live, tombstones } = tableNames(base)
      if (asOf !== undefined) return yield* digitsIn(dialect, [live, tombstones], streamNo)
      if (removed) return yield* digitsIn(dialect, [tombstones], streamNo)
      const place = yield* feedPlace(projectNo)
      const before = known.get(streamNo)
      const isWhole = before !== undefined && place.first <= before.seq + 1
      const now = isWhole
        ? [...before.digits, ...(yield* digitsSince(dialect, { projectNo, streamNo, seq: before.seq }))]
        : yield* digitsIn(dialect, [live], streamNo)
      const digits = [...new Set(now)].toSorted((a, b) => Number(a === 0) - Number(b === 0) || a - b)
      known.set(streamNo, { seq: place.last, digits })
      const [oldest] = known.keys()
      if (known.size > KNOWN_MAX && oldest !== undefined) known.delete(oldest)
      return digits
    }),
  }
}

/** Streams whose lengths of keys are remembered; the first goes first. */
const KNOWN_MAX = 256

/** The lengths of a stream's keys, all of them up to this place of the feed. */
interface KnownDigits {
  readonly seq: number
  readonly digits: readonly number[]
}

/** Of all keys of tables: as long as they are large, but for keys that begin with no digit, of which one tells of all. */
function* digitsIn(dialect: Dialect, tables: readonly string[], streamNo: number): Asking<readonly number[]> {
  const { byBytes } = dialect
  const part = (table: string) => `SELECT ${dialect.digitsOf('_key')} AS digits FROM ${table}
    WHERE _stream = $1 AND _key${byBytes} >= '0' AND _key${byBytes} < ':'`
  const isOther = (table: string) =>
    [`< '0'`, `>= ':'`].map((where) => `EXISTS (SELECT 1 FROM ${table} WHERE _stream = $1 AND _key${byBytes} ${where})`)
  const sql = `SELECT digits FROM (${tables.map(part).join(' UNION ALL ')}) q
    UNION SELECT 0 WHERE ${tables.flatMap(isOther).join(' OR ')} ORDER BY digits`
  const found = (yield* all(sql, [streamNo])).map((row) => count(row['digits']))
  return [...found.filter((digits) => digits !== 0), ...(found.includes(0) ? [0] : [])]
}

/** Of the keys that have come since a place of the feed. */
function* digitsSince(
  dialect: Dialect,
  { projectNo, streamNo, seq }: { readonly projectNo: number; readonly streamNo: number; readonly seq: number },
): Asking<readonly number[]> {
  const sql = `SELECT DISTINCT ${dialect.digitsOf('key')} AS digits FROM tm_changes
    WHERE project_no = $1 AND seq > $3 AND stream_no = $2`
  return (yield* all(sql, [projectNo, streamNo, seq])).map((row) => count(row['digits']))
}

/** The last change of a project, and the oldest that is kept. */
function* feedPlace(projectNo: number): Asking<{ readonly last: number; readonly first: number }> {
  const last = count(yield* value('SELECT seq FROM tm_projects WHERE no = $1', [projectNo]))
  const first = yield* value('SELECT seq FROM tm_changes WHERE project_no = $1 ORDER BY seq LIMIT 1', [projectNo])
  return { last, first: first === undefined ? last + 1 : count(first) }
}

/** What the value is called that places are ordered by: no column has this name. */
const PLACED = '_placed_by'

function placeOf(row: Row): RecordPlace {
  const found = plain(row[PLACED])
  return {
    key: text(row['_key']),
    value: typeof found === 'bigint' ? String(found) : (found as string | number | null),
  }
}

/** The values of a statement; each is named by its number. */
class Bound {
  readonly values: Param[] = []
  readonly bind = (one: Param): string => `$${this.values.push(one)}`
}

interface Query {
  readonly sql: string
  readonly bound: Bound
}

type Table = Pick<OpenStream, 'base' | 'shape'> & { readonly dialect: Dialect }

/** Between which keys to look: behind `from`, up to `to`. */
interface Bounds {
  readonly from?: Key | undefined
  readonly to?: Key | undefined
}

type Wanted = Pick<RecordsQuery, 'streamNo' | 'removed' | 'where' | 'columns' | 'digits' | 'keys'>
type WantedAsOf = Wanted & { readonly asOf: number }

function* rowsOf({ sql, bound }: Query, limit: number): Asking<readonly RecordRow[]> {
  const rows = yield* all(`${sql} ORDER BY "_key" LIMIT ${bound.bind(limit)}`, bound.values)
  return rows.map((row) => readable(row) as RecordRow)
}

/** What has to hold of a row: of its stream and key in `r`, of its columns in `contents`. */
function conditions(table: Table, wanted: Wanted, { from, to }: Bounds, { bind }: Bound, contents: string): string {
  const { dialect, shape } = table
  const { streamNo, digits, keys, where = {} } = wanted
  return [
    `r._stream = ${bind(streamNo)}`,
    ...(from === undefined ? [] : [`r._key > ${bind(from)}`]),
    ...(to === undefined ? [] : [`r._key <= ${bind(to)}`]),
    ...(digits === undefined ? [] : [`${dialect.digitsOf('r._key')} = ${bind(digits)}::integer`]),
    ...(keys === undefined ? [] : [`r._key = ANY(${bind(keys)}::text[])`]),
    ...Object.entries(where).map(([name, one]) => holds(dialect, shape, { alias: contents, name, value: one }, bind)),
  ].join(' AND ')
}

/** Of all columns, those that are wanted, and the key. */
function only(
  dialect: Dialect,
  columns: readonly Shown[],
  shape: StreamShape,
  wanted: readonly string[] | undefined,
): string {
  if (!wanted) return selected(dialect, columns)
  for (const name of wanted) columnTypeOf(shape, name)
  return selected(
    dialect,
    columns.filter(([name]) => name === '_key' || wanted.includes(name)),
  )
}

/** Records, or tombstones, as they are now, in no order. */
function currentQuery(table: Table, query: Wanted, within: Bounds): Query {
  const { dialect, base, shape } = table
  const of = query.removed ? 'tombstones' : 'records'
  const bound = new Bound()
  const columns = only(dialect, recordColumns(dialect, shape.columns, of), shape, query.columns)
  const from = dialect.owners.from(tableNames(base)[of])
  return { sql: `SELECT ${columns} FROM ${from} WHERE ${conditions(table, query, within, bound, 'r')}`, bound }
}

/** Keys that are looked at in one statement, at least: whoever asks for a few records may have to pass by many. */
const WINDOW_MIN = 500

/**
 * Goes through the keys in windows, so that no statement looks at many more keys than it returns rows; what did not
 * exist then is passed by once.
 */
function* recordsAsOf(table: Table, query: RecordsQuery & WantedAsOf): Asking<readonly RecordRow[]> {
  const { streamNo, keys, after, limit } = query
  const size = Math.max(limit, WINDOW_MIN)
  const found: RecordRow[] = []
  let from: Key | undefined = after
  while (found.length < limit) {
    const to: Key | undefined = keys ? undefined : yield* windowEnd(table.base, { streamNo, from, size })
    found.push(...(yield* rowsOf(asOfQuery(table, query, { from, to }), limit - found.length)))
    if (to === undefined) break
    from = to
  }
  return found
}

/** The key up to which there are `size` keys of live records, or of tombstones; undefined: there are not so many. */
function* windowEnd(
  base: string,
  { streamNo, from, size }: { streamNo: number; from: Key | undefined; size: number },
): Asking<Key | undefined> {
  const { records: live, tombstones } = tableNames(base)
  const values: Param[] = [streamNo, size - 1]
  const behind = from === undefined ? '' : `AND _key > $${values.push(from)}`
  const edge = (table: string) =>
    `SELECT (SELECT _key FROM ${table} WHERE _stream = $1 ${behind} ORDER BY _key LIMIT 1 OFFSET $2) AS edge`
  const sql = `SELECT min(edge) FROM (${edge(live)} UNION ALL ${edge(tombstones)}) e`
  return textOrNull(yield* value(sql, values)) ?? undefined
}

/** Records, or tombstones, as they were at a moment, in no order. */
function asOfQuery(table: Table, query: WantedAsOf, within: Bounds): Query {
  const { dialect, base, shape } = table
  const { records: live, tombstones, versions } = tableNames(base)
  const { removed = false } = query
  const bound = new Bound()
  const asOf = `${bound.bind(query.asOf)}::bigint`
  // What has not changed since is the same now as then.
  const now = recordColumns(dialect, shape.columns, removed ? 'tombstones' : 'records').map(
    ([name, sql]): Shown =>
      name === '_unavailable_since'
        ? [name, dialect.iso(`CASE WHEN r._unavailable_since <= ${asOf} THEN r._unavailable_since END`)]
        : [name, sql],
  )
  const current = `SELECT ${only(dialect, now, shape, query.columns)} FROM ${dialect.owners.from(removed ? tombstones : live)}
    WHERE ${conditions(table, query, within, bound, 'r')} AND r.${removed ? '_removed_at' : '_updated_at'} <= ${asOf}`
  const then = only(dialect, thenColumns(dialect, shape.columns, versions, removed), shape, query.columns)
  const past = (from: string, at: string) =>
    `SELECT ${then} FROM ${dialect.owners.from(from)} CROSS JOIN ${versions} v
     WHERE ${conditions(table, query, within, bound, 'v')} AND r.${at} > ${asOf} AND v._id = (
         SELECT w._id FROM ${versions} w WHERE w._stream = r._stream AND w._key = r._key AND w._at <= ${asOf}
           AND w._ordinal > 0 ORDER BY w._ordinal DESC LIMIT 1)
       AND v._op ${removed ? '=' : '<>'} ${OPS.remove}`
  return { sql: [current, past(live, '_updated_at'), past(tombstones, '_removed_at')].join(' UNION ALL '), bound }
}

/** The columns of `recordColumns`, in its order, of a past content `v` of the record or tombstone `r`. */
function thenColumns(
  { iso, stored, owners: { project, connection } }: Dialect,
  columns: readonly Column[],
  versions: string,
  removed: boolean,
): readonly Shown[] {
  // When the content that a past tombstone kept was stored.
  const storedAt = `coalesce((SELECT b._at FROM ${versions} b
    WHERE b._stream = v._stream AND b._key = v._key AND b._ordinal = v._ordinal - 1), r._first_seen_at)`
  return [
    ['_project', project],
    ['_connection', connection],
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

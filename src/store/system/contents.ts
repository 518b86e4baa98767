// Owns what passes read of stored contents by key.

import type { Key } from '../../model/record.ts'
import { count, countOrNull, text } from '../cells.ts'
import type { Dialect } from '../dialect.ts'
import { quote, tableNames } from '../names.ts'
import { all, alone, type Param, type Row, type Works } from '../statements.ts'
import type { Readings, RecordStore } from '../store.ts'
import { columnsOf, equals, plain } from './columns.ts'
import type { Streams } from './streams.ts'

export function contents(
  dialect: Dialect,
  streams: Streams,
): Works<Pick<RecordStore, 'contents' | 'pastHashes' | 'readings' | 'keysWhere'>> {
  return {
    contents: alone(function* (streamNo, keys) {
      const { base, shape } = yield* streams.open(streamNo)
      const { records, tombstones } = tableNames(base)
      if (keys.length === 0) return new Map()
      const names = shape.columns.map(({ name }) => `, ${dialect.stored(name)} AS ${quote(name)}`).join('')
      const part = (table: string) =>
        `SELECT _key, _ordinal, _raw${names} FROM ${table} WHERE _stream = $1 AND _key = ANY($2::text[])`
      const rows = yield* all(`${part(records)} UNION ALL ${part(tombstones)}`, [streamNo, keys])
      return new Map(
        rows.map((row) => {
          const content = { raw: text(row['_raw']), columns: columnsOf(row, shape), ordinal: count(row['_ordinal']) }
          return [text(row['_key']), content]
        }),
      )
    }),

    pastHashes: alone(function* (streamNo, keys) {
      const { base } = yield* streams.open(streamNo)
      if (keys.length === 0) return new Map()
      const sql = `SELECT _key, _hash FROM ${tableNames(base).versions} WHERE _stream = $1 AND _key = ANY($2::text[])`
      const found = Map.groupBy(yield* all(sql, [streamNo, keys]), (row): Key => text(row['_key']))
      return new Map([...found].map(([key, versions]) => [key, versions.map((row) => text(row['_hash']))]))
    }),

    readings: alone(function* ({ streamNo, after, limit }) {
      const { base, shape } = yield* streams.open(streamNo)
      const { records, snapshots } = tableNames(base)
      const { metrics } = shape
      // The places of both are looked up one by one: a record may have a snapshot of every run there was.
      const place = (column: string, nth: number) => `(SELECT m.${column} FROM ${snapshots} m WHERE m._record = r._id
        ORDER BY m._day DESC, m._run DESC LIMIT 1 OFFSET ${nth})`
      const values = (alias: string) =>
        metrics.map((name, i) => `, ${alias}.${dialect.stored(name)} AS ${alias}_${i}`).join('')
      const behind = after === null ? '' : 'AND r._key > $3'
      const sql = `SELECT k._key, k._first_seen_at, k._updated_at, k._unavailable_since,
          a._at AS a_at${values('a')}, b._at AS b_at${values('b')}
        FROM (SELECT r._id, r._key, r._first_seen_at, r._updated_at, r._unavailable_since,
            ${place('_day', 0)} AS a_day, ${place('_run', 0)} AS a_run,
            ${place('_day', 1)} AS b_day, ${place('_run', 1)} AS b_run
          FROM ${records} r WHERE r._stream = $1 ${behind} ORDER BY r._key LIMIT $2) k
        LEFT JOIN ${snapshots} a ON a._record = k._id AND a._day = k.a_day AND a._run = k.a_run
        LEFT JOIN ${snapshots} b ON b._record = k._id AND b._day = k.b_day AND b._run = k.b_run
        ORDER BY k._key`
      const rows = yield* all(sql, [streamNo, limit, ...(after === null ? [] : [after])])
      return rows.map((row) => readingsOf(row, metrics.length))
    }),

    keysWhere: alone(function* (streamNo, column, values, limit) {
      const { base, shape } = yield* streams.open(streamNo)
      const bound: Param[] = [streamNo, limit]
      const condition = equals(dialect, shape, { alias: 'r', column, values }, (value) => `$${bound.push(value)}`)
      const sql = `SELECT r._key FROM ${tableNames(base).records} r WHERE r._stream = $1 AND ${condition}
        ORDER BY r._key LIMIT $2`
      return (yield* all(sql, bound)).map((row) => text(row['_key']))
    }),
  }
}

function readingsOf(row: Row, metrics: number): Readings {
  const snapshots = ['a', 'b'].flatMap((alias) => {
    const at = countOrNull(row[`${alias}_at`])
    if (at === null) return []
    return { at, values: Array.from({ length: metrics }, (_, i) => numberOf(row[`${alias}_${i}`])) }
  })
  return {
    key: text(row['_key']),
    firstSeenAt: count(row['_first_seen_at']),
    updatedAt: count(row['_updated_at']),
    unavailableSince: countOrNull(row['_unavailable_since']),
    snapshots,
  }
}

function numberOf(value: unknown): number | null {
  const told = plain(value ?? null)
  const number = told === null || told === '' ? Number.NaN : Number(told)
  return Number.isFinite(number) ? number : null
}

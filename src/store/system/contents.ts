// Owns what passes read of stored contents by key.

import type { Key } from '../../model/record.ts'
import { count, text } from '../cells.ts'
import type { Dialect } from '../dialect.ts'
import { quote, tableNames } from '../names.ts'
import { all, alone, type Param, type Works } from '../statements.ts'
import type { RecordStore } from '../store.ts'
import { columnsOf, equals } from './columns.ts'
import type { Streams } from './streams.ts'

export function contents(
  dialect: Dialect,
  streams: Streams,
): Works<Pick<RecordStore, 'contents' | 'pastHashes' | 'keysWhere'>> {
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

// Owns all contents that a record has had.

import { count, countOrNull, text, textOrNull } from '../cells.ts'
import type { Dialect } from '../dialect.ts'
import { opName, quote, tableNames } from '../names.ts'
import { all, alone, type Works } from '../statements.ts'
import type { HistoryStore } from '../store.ts'
import { inVersionOrder } from '../version-order.ts'
import { columnsOf } from './columns.ts'
import type { Streams } from './streams.ts'

export function versionsOf({ stored }: Dialect, streams: Streams): Works<Pick<HistoryStore, 'versions' | 'former'>> {
  return {
    versions: alone(function* (streamNo, key) {
      const { base, shape } = yield* streams.open(streamNo)
      const { records, tombstones, versions } = tableNames(base)
      const names = shape.columns.map(({ name }) => `, ${stored(name)} AS ${quote(name)}`).join('')
      const part = (table: string, at: string, reason: string) =>
        `SELECT _ordinal, _op, _order, ${at} AS _at, ${reason} AS _reason, (SELECT id FROM tm_runs WHERE no = _run) AS _run_id,
          nullif(_page, 0) AS _page, _raw${names} FROM ${table} WHERE _stream = $1 AND _key = $2`
      const sql = [
        part(versions, '_at', '_reason'),
        part(records, '_updated_at', 'NULL'),
        part(tombstones, '_removed_at', '_removed_reason'),
      ].join(' UNION ALL ')
      const rows = (yield* all(sql, [streamNo, key])).map((row) => ({
        order: count(row['_order']),
        version: {
          key,
          ordinal: count(row['_ordinal']),
          op: opName(row['_op']),
          at: count(row['_at']),
          reason: textOrNull(row['_reason']),
          run: textOrNull(row['_run_id']),
          page: countOrNull(row['_page']),
          columns: columnsOf(row, shape),
          raw: text(row['_raw']),
        },
      }))
      return inVersionOrder(rows)
    }),

    former: alone(function* ({ project, streamNo, after, to, limit }) {
      const { base, shape } = yield* streams.open(streamNo)
      const names = shape.columns.map(({ name }) => `, v.${stored(name)} AS ${quote(name)}`).join('')
      // Each change names the content that it made, which stands among the versions as soon as another one stands for it.
      const sql = `SELECT c.seq AS _seq, v._key, v._at, v._raw${names}
        FROM tm_changes c JOIN ${tableNames(base).versions} v
          ON v._stream = c.stream_no AND v._key = c.key AND v._ordinal = c.ordinal
        WHERE c.project_no = (SELECT no FROM tm_projects WHERE id = $1) AND c.stream_no = $2 AND c.seq > $3 AND c.seq <= $4
        ORDER BY c.seq LIMIT $5`
      return (yield* all(sql, [project, streamNo, after, to, limit])).map((row) => ({
        seq: count(row['_seq']),
        key: text(row['_key']),
        at: count(row['_at']),
        columns: columnsOf(row, shape),
        raw: text(row['_raw']),
      }))
    }),
  }
}

// Owns all contents that a record has had.

import { count, countOrNull, text, textOrNull } from '../cells.ts'
import { opName, tableNames } from '../names.ts'
import type { HistoryStore } from '../store.ts'
import { inVersionOrder, type Ordered } from '../version-order.ts'
import { selected } from './column-names.ts'
import type { Connection } from './connection.ts'
import type { Streams } from './streams.ts'
import { columnsOf } from './values.ts'

export function readVersions(db: Connection, streams: Streams): Pick<HistoryStore, 'versions'> {
  return {
    async versions(streamNo, key) {
      const { base, shape } = await streams.open(streamNo)
      const { records, tombstones, versions } = tableNames(base)
      const names = shape.columns.map(({ name }) => `, ${selected(name)}`).join('')
      const part = (table: string, at: string, reason: string) =>
        `SELECT _ordinal, _op, _order, ${at} AS _at, ${reason} AS _reason, (SELECT id FROM tm_runs WHERE no = _run) AS _run_id,
          nullif(_page, 0) AS _page, _raw${names} FROM ${table} WHERE _stream = $1 AND _key = $2`
      const sql = [
        part(versions, '_at', '_reason'),
        part(records, '_updated_at', 'NULL'),
        part(tombstones, '_removed_at', '_removed_reason'),
      ].join(' UNION ALL ')
      const rows = (await db.all(sql, [streamNo, key])).map(
        (row): Ordered => ({
          order: count(row['_order']),
          version: {
            key,
            ordinal: count(row['_ordinal']),
            op: opName(row['_op']),
            at: count(row['_at']),
            reason: textOrNull(row['_reason']),
            run: textOrNull(row['_run_id']),
            page: countOrNull(row['_page']),
            columns: columnsOf(row, shape.columns),
            raw: text(row['_raw']),
          },
        }),
      )
      return inVersionOrder(rows)
    },
  }
}

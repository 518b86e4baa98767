// Owns the totals of a stream's metric. What each run changed of a total is added up by the database, exactly; only one
// sum per run comes out of it.

import { Sum } from '../../model/decimal.ts'
import { REASON_APPROVED } from '../../model/record.ts'
import { count, flag, text, textOrNull } from '../cells.ts'
import { OPS, tableNames } from '../names.ts'
import { type Asking, all } from '../statements.ts'
import type { SnapshotRow, SnapshotsQuery } from '../store.ts'
import { COMPLETE, type Metric, shownBy } from '../system/snapshots.ts'
import type { OpenStream } from '../system/streams.ts'

export function* totals(
  { no, base, connectionNo }: OpenStream,
  { column, isText }: Metric,
  { since = Number.MIN_SAFE_INTEGER, after = 0, limit }: SnapshotsQuery,
): Asking<readonly SnapshotRow[]> {
  const sql = `SELECT r.no, r.id, c.at, c.day, c.delta, ${COMPLETE} AS complete
    FROM (${changesSql(base, column)}) c JOIN tm_runs r ON r.no = c.run WHERE r.connection_no = $2 ORDER BY r.no`
  const total = new Sum()
  const found: SnapshotRow[] = []
  for (const row of yield* all(sql, [no, connectionNo])) {
    total.add(text(row['delta']))
    const runNo = count(row['no'])
    const at = count(row['at'])
    if (runNo <= after || at < since) continue
    if (found.length === limit) break
    const value = isText ? total.text() : total.number()
    const day = textOrNull(row['day'])
    found.push({ runNo, run: text(row['id']), at, day, value, complete: flag(row['complete']) })
  }
  return found
}

/**
 * What every run changed of the total: values that came in place of others, records that went and that came back, never
 * before what was known of the record. Where a run has snapshots, they say when it was.
 */
function changesSql(base: string, column: string): string {
  const { records, tombstones, versions, snapshots: table } = tableNames(base)
  // As digits: a number of the machine would be rounded on its way to a numeric. Text that is no decimal is not known.
  const value = `(n.${column}::text)::numeric`
  const known = `n.${column} IS NOT NULL AND n.${column}::text ~ '^[+-]?[0-9]+(\\.[0-9]*)?(e[+-][0-9]+)?$'`
  const last = `JOIN LATERAL (SELECT n._run AS run, ${value} AS value FROM ${table} n
    WHERE n._record = e.id AND (e.back IS NULL OR n._run < e.back) AND ${known} ORDER BY n._run DESC LIMIT 1) l ON true`
  const same = '_stream = v._stream AND _key = v._key'
  // Looked up one by one: see writer.ts.
  const ours = `coalesce((SELECT _stream FROM ${records} WHERE _id = n._record),
    (SELECT _stream FROM ${tombstones} WHERE _id = n._record)) = $1`
  const next = (from: string, at: string) =>
    `SELECT w._ordinal, w._run, w.${at}, w._page FROM ${from} w WHERE w._stream = v._stream AND w._key = v._key AND w._ordinal > v._ordinal`
  return `
    WITH ends (id, run, at, back, back_at) AS (
      SELECT t._id, ${shownBy('t._run', 't._removed_at', `t._removed_reason = '${REASON_APPROVED}'`)}, t._removed_at,
        NULL::bigint, NULL::bigint FROM ${tombstones} t WHERE t._stream = $1
      UNION ALL
      SELECT coalesce((SELECT _id FROM ${records} WHERE ${same}), (SELECT _id FROM ${tombstones} WHERE ${same})),
        ${shownBy('v._run', 'v._at', `v._reason = '${REASON_APPROVED}'`)}, v._at,
        ${shownBy('b.run', 'b.at', 'b.page = 0')}, b.at FROM ${versions} v
      LEFT JOIN LATERAL (SELECT run, at, page FROM (
        ${next(versions, '_at')} UNION ALL ${next(records, '_updated_at')} UNION ALL ${next(tombstones, '_removed_at')}
      ) x (ordinal, run, at, page) ORDER BY ordinal LIMIT 1) b ON true
      WHERE v._stream = $1 AND v._op = ${OPS.remove}),
    changes (run, at, day, delta) AS (
      SELECT n._run, n._at, n._day, ${value} - coalesce(lag(${value}) OVER (PARTITION BY n._record ORDER BY n._run), 0)
      FROM ${table} n WHERE ${ours} AND ${known}
      UNION ALL SELECT greatest(e.run, l.run), e.at, NULL, -l.value FROM ends e ${last} WHERE e.run IS NOT NULL
      UNION ALL SELECT e.back, e.back_at, NULL, l.value FROM ends e ${last} WHERE e.back IS NOT NULL)
    SELECT run, coalesce(max(at) FILTER (WHERE day IS NOT NULL), max(at)) AS at, max(day) AS day, sum(delta)::text AS delta FROM changes GROUP BY run`
}

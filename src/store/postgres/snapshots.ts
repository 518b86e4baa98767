// Owns metrics over time: the snapshots of a record, and the totals of a stream. What each run changed of a total is
// added up by the database, exactly; only one sum per run comes out of it.

import { type Numeric, Sum } from '../../model/decimal.ts'
import { TidemarkError } from '../../model/errors.ts'
import { REASON_APPROVED, type StreamShape } from '../../model/record.ts'
import { count, text, textOrNull } from '../cells.ts'
import { OPS, tableNames } from '../names.ts'
import type { HistoryStore, SnapshotRow, SnapshotsQuery } from '../store.ts'
import { stored } from './column-names.ts'
import type { Connection } from './connection.ts'
import type { OpenStream, Streams } from './streams.ts'

export function snapshots(db: Connection, streams: Streams): Pick<HistoryStore, 'snapshots'> {
  return {
    async snapshots(query) {
      const stream = await streams.open(query.streamNo)
      const metric = metricOf(stream.shape, query.metric)
      const { key } = query
      return key === undefined ? totals(db, stream, metric, query) : ofRecord(db, stream, metric, { ...query, key })
    },
  }
}

interface Metric {
  /** As SQL has it. */
  readonly column: string
  readonly isText: boolean
}

function metricOf({ stream, columns, metrics }: StreamShape, name: string): Metric {
  const column = metrics.includes(name) ? columns.find((candidate) => candidate.name === name) : undefined
  if (column) return { column: stored(name), isText: column.type === 'text' }
  throw new TidemarkError('unknown_column', `Stream "${stream}" has no metric "${name}".`, {
    hint: metrics.length > 0 ? `Its metrics: ${metrics.join(', ')}.` : 'It keeps no snapshots of any column.',
  })
}

/** Whether a pass of the run over the stream $1 did not come to its end, or the run is still under way. */
const COMPLETE = `(r.status <> 'running' AND NOT r.partial AND NOT EXISTS (SELECT 1 FROM tm_run_passes a
  WHERE a.run_no = r.no AND a.stream_no = $1 AND (a.ended IS NULL OR a.ended NOT IN ('exhausted', 'met-anchored'))))`

async function ofRecord(
  db: Connection,
  { no, base }: OpenStream,
  { column }: Metric,
  { key, since, after = 0, limit }: SnapshotsQuery & { readonly key: string },
): Promise<readonly SnapshotRow[]> {
  const { records, tombstones, snapshots: table } = tableNames(base)
  const id = (from: string) => `(SELECT _id FROM ${from} WHERE _stream = $1 AND _key = $2)`
  const sql = `SELECT n._run, r.id AS run, n._at, n._day, n.${column} AS value, ${COMPLETE} AS complete
    FROM ${table} n JOIN tm_runs r ON r.no = n._run
    WHERE n._record = coalesce(${id(records)}, ${id(tombstones)}) AND n._run > $3 AND n._at >= $4
      AND n.${column} IS NOT NULL
    ORDER BY n._run LIMIT $5`
  const rows = await db.all(sql, [no, key, after, since ?? Number.MIN_SAFE_INTEGER, limit])
  return rows.map((row) => ({
    runNo: count(row['_run']),
    run: text(row['run']),
    at: count(row['_at']),
    day: textOrNull(row['_day']),
    value: row['value'] as Numeric,
    complete: row['complete'] === true,
  }))
}

async function totals(
  db: Connection,
  { no, base, connectionNo }: OpenStream,
  { column, isText }: Metric,
  { since = Number.MIN_SAFE_INTEGER, after = 0, limit }: SnapshotsQuery,
): Promise<readonly SnapshotRow[]> {
  const sql = `SELECT r.no, r.id, c.at, c.day, c.delta, ${COMPLETE} AS complete
    FROM (${changesSql(base, column)}) c JOIN tm_runs r ON r.no = c.run WHERE r.connection_no = $2 ORDER BY r.no`
  const total = new Sum()
  const found: SnapshotRow[] = []
  for (const row of await db.all(sql, [no, connectionNo])) {
    total.add(text(row['delta']))
    const runNo = count(row['no'])
    const at = count(row['at'])
    if (runNo <= after || at < since) continue
    if (found.length === limit) break
    const value = isText ? total.text() : total.number()
    const day = textOrNull(row['day'])
    found.push({ runNo, run: text(row['id']), at, day, value, complete: row['complete'] === true })
  }
  return found
}

/**
 * The run after which a total shows what was written under the run `run` at a moment; null: there is none yet. What a
 * person decided stands under the run that it is about, but what earlier runs had left behind stays what it was: it
 * counts in the first run of the stream after the decision (which no run can overlap, for want of the lease).
 */
function shownBy(run: string, at: string, isDecision: string): string {
  return `CASE WHEN ${isDecision} THEN (SELECT r.no FROM tm_runs r WHERE r.connection_no = $2 AND r.no > ${run}
      AND (r.finished_at IS NULL OR r.finished_at > ${at})
      AND EXISTS (SELECT 1 FROM tm_run_passes a WHERE a.run_no = r.no AND a.stream_no = $1)
    ORDER BY r.no LIMIT 1) ELSE ${run} END`
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

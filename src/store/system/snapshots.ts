// Owns metrics over time, but for the totals of a stream, which each database adds up in its own way.

import type { Numeric } from '../../model/decimal.ts'
import type { StreamShape } from '../../model/record.ts'
import { metricUnknown } from '../../model/unknown-name.ts'
import { count, flag, text, textOrNull } from '../cells.ts'
import type { Dialect } from '../dialect.ts'
import { tableNames } from '../names.ts'
import { type Asking, all, reading, type Works } from '../statements.ts'
import type { HistoryStore, MovementRow, MovementsQuery, SnapshotRow, SnapshotsQuery } from '../store.ts'
import { plain } from './columns.ts'
import type { OpenStream, Streams } from './streams.ts'

/** How a database adds up the totals of a stream. */
export type Totals = (stream: OpenStream, metric: Metric, query: SnapshotsQuery) => Asking<readonly SnapshotRow[]>

export function snapshots(
  dialect: Dialect,
  streams: Streams,
  totals: Totals,
): Works<Pick<HistoryStore, 'snapshots' | 'movements'>> {
  return {
    snapshots: reading(function* (query) {
      const stream = yield* streams.open(query.streamNo)
      const metric = metricOf(dialect, stream.shape, query.metric)
      const { key } = query
      return yield* key === undefined ? totals(stream, metric, query) : ofRecord(stream, metric, { ...query, key })
    }),

    movements: reading(function* (query) {
      const stream = yield* streams.open(query.streamNo)
      return yield* movements(stream, metricOf(dialect, stream.shape, query.metric), query)
    }),
  }
}

export interface Metric {
  /** As SQL has it. */
  readonly column: string
  readonly isText: boolean
}

function metricOf({ stored }: Dialect, { stream, columns, metrics }: StreamShape, name: string): Metric {
  const column = metrics.includes(name) ? columns.find((candidate) => candidate.name === name) : undefined
  if (column) return { column: stored(name), isText: column.type === 'text' }
  throw metricUnknown(stream, name, metrics)
}

/** Whether the run `r` set out to read all of the stream $1, and every pass of it came to its end. */
export const COMPLETE = `(r.status <> 'running' AND NOT r.partial AND NOT EXISTS (SELECT 1 FROM tm_run_passes a
  WHERE a.run_no = r.no AND a.stream_no = $1 AND (a.ended IS NULL OR a.ended NOT IN ('exhausted', 'met-anchored'))))`

function* ofRecord(
  { no, base }: OpenStream,
  { column }: Metric,
  { key, since, after = 0, limit }: SnapshotsQuery & { readonly key: string },
): Asking<readonly SnapshotRow[]> {
  const { records, tombstones, snapshots: table } = tableNames(base)
  const id = (from: string) => `(SELECT _id FROM ${from} WHERE _stream = $1 AND _key = $2)`
  const sql = `SELECT n._run, r.id AS run, n._at, n._day, n.${column} AS value, ${COMPLETE} AS complete
    FROM ${table} n JOIN tm_runs r ON r.no = n._run
    WHERE n._record = coalesce(${id(records)}, ${id(tombstones)}) AND n._run > $3 AND n._at >= $4
      AND n.${column} IS NOT NULL
    ORDER BY n._run LIMIT $5`
  const rows = yield* all(sql, [no, key, after, since ?? Number.MIN_SAFE_INTEGER, limit])
  return rows.map((row) => ({
    runNo: count(row['_run']),
    run: text(row['run']),
    at: count(row['_at']),
    day: textOrNull(row['_day']),
    value: plain(row['value']) as Numeric,
    complete: flag(row['complete']),
  }))
}

function* movements(
  { no, base }: OpenStream,
  { column }: Metric,
  { since, after, limit }: MovementsQuery,
): Asking<readonly MovementRow[]> {
  const { records, snapshots: table } = tableNames(base)
  const one = (what: string, condition: string, order: 'ASC' | 'DESC') =>
    `(SELECT n.${what} FROM ${table} n WHERE n._record = r._id AND n.${column} IS NOT NULL ${condition}
      ORDER BY n._day ${order}, n._run ${order} LIMIT 1)`
  const before = (what: string) =>
    `coalesce(${one(what, 'AND n._at <= $2', 'DESC')}, ${one(what, 'AND n._at > $2', 'ASC')})`
  const rows = yield* all(
    `SELECT r._id, r._key, ${before(column)} AS was, ${before('_at')} AS was_at,
        ${one(column, '', 'DESC')} AS value, ${one('_at', '', 'DESC')} AS at
      FROM ${records} r WHERE r._stream = $1 AND r._id > $3
        AND EXISTS (SELECT 1 FROM ${table} n WHERE n._record = r._id AND n.${column} IS NOT NULL)
      ORDER BY r._id LIMIT $4`,
    [no, since, after, limit],
  )
  return rows.map((row) => ({
    id: count(row['_id']),
    key: text(row['_key']),
    from: { value: plain(row['was']) as Numeric, at: count(row['was_at']) },
    to: { value: plain(row['value']) as Numeric, at: count(row['at']) },
  }))
}

/**
 * The run after which a total shows what was written under the run `run` at a moment; null: there is none yet. What a
 * person decided stands under the run that it is about, but what earlier runs had left behind stays what it was: it
 * counts in the first run of the stream after the decision (which no run can overlap, for want of the lease).
 */
export function shownBy(run: string, at: string, isDecision: string): string {
  return `CASE WHEN ${isDecision} THEN (SELECT r.no FROM tm_runs r WHERE r.connection_no = $2 AND r.no > ${run}
      AND (r.finished_at IS NULL OR r.finished_at > ${at})
      AND EXISTS (SELECT 1 FROM tm_run_passes a WHERE a.run_no = r.no AND a.stream_no = $1)
    ORDER BY r.no LIMIT 1) ELSE ${run} END`
}

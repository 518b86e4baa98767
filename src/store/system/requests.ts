// Owns the ledger: the requests of a run, and what the run has used.

import { count, countOrNull, text, textOrNull } from '../cells.ts'
import { runGone } from '../run-gone.ts'
import { type Asking, all, get, type Row, run } from '../statements.ts'
import type { Batch, LedgerRow, RequestRow, RunStore } from '../store.ts'

type Used = Pick<Batch, 'runNo' | 'requests' | 'cost'> & {
  readonly streamNo: number | null
  /** The day of snapshots that will be written. */
  readonly snapshots?: Batch['snapshots']
  readonly day?: string
}

/** The first and the last day of a run's snapshots. */
interface Days {
  readonly first: string
  readonly last: string
}

/**
 * Adds to what a run has used, a cost without the digits that adding up leaves behind the tenth, and its requests to the ledger. Undefined: it has no snapshots to write. The days of a run
 * only go forward, also when the clock is set back over midnight: what it wrote of a record before is looked for from its
 * first day up to the last.
 */
export function* useRun({ runNo, streamNo, requests, cost, snapshots = [], day }: Used): Asking<Days | undefined> {
  if (requests.length === 0 && snapshots.length === 0 && cost === undefined) return undefined
  const billed = requests.reduce((sum, { billedItems }) => sum + billedItems, 0)
  const row = yield* get(
    `UPDATE tm_runs SET requests = requests + $1, billed_items = billed_items + $2,
       cost = CASE WHEN $3::double precision IS NULL THEN cost ELSE round((coalesce(cost, 0) + $3)::numeric, 10) END,
       snapshot_first = coalesce(snapshot_first, $4::text),
       snapshot_last = greatest(coalesce(snapshot_last, $4::text), coalesce($4::text, snapshot_last))
     WHERE no = $5 RETURNING requests, snapshot_first, snapshot_last`,
    [requests.length, billed, cost ?? null, snapshots.length > 0 ? (day ?? null) : null, runNo],
  )
  if (!row) throw runGone()
  yield* writeLedger(runNo, streamNo, requests, count(row['requests']) - requests.length)
  return snapshots.length > 0 ? { first: text(row['snapshot_first']), last: text(row['snapshot_last']) } : undefined
}

function* writeLedger(
  runNo: number,
  streamNo: number | null,
  requests: readonly RequestRow[],
  after: number,
): Asking<void> {
  let no = after
  for (const { page = null, at, method, url, status, bytes, ms, attempt, outcome, billedItems } of requests) {
    yield* run(
      `INSERT INTO tm_requests
         (run_no, no, stream_no, page, at, method, url, status, bytes, ms, attempt, outcome, billed_items)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
      [runNo, ++no, streamNo, page, at, method, url, status, bytes, Math.round(ms), attempt, outcome, billedItems],
    )
  }
}

export function* requestsOf(place: Parameters<RunStore['requestsOf']>[0]): Asking<readonly RequestRow[]> {
  // The pages of a run have one count. Another stream may have read the page, and shared it.
  const sql = `SELECT * FROM tm_requests
    WHERE run_no = $1 AND (page = $3::bigint OR ($3::bigint IS NULL AND page IS NULL AND stream_no = $2)) ORDER BY no`
  return (yield* all(sql, [place.runNo, place.streamNo, place.page])).map(requestRow)
}

export function* ledgerOf({ runNo, after, limit }: Parameters<RunStore['ledgerOf']>[0]): Asking<readonly LedgerRow[]> {
  const sql = `SELECT q.*, s.stream FROM tm_requests q LEFT JOIN tm_streams s ON s.no = q.stream_no
    WHERE q.run_no = $1 AND q.no > $2 ORDER BY q.no LIMIT $3`
  return (yield* all(sql, [runNo, after, limit])).map((row) => ({
    ...requestRow(row),
    no: count(row['no']),
    stream: textOrNull(row['stream']),
  }))
}

function requestRow(row: Row): RequestRow {
  return {
    page: countOrNull(row['page']),
    at: count(row['at']),
    method: text(row['method']),
    url: text(row['url']),
    status: count(row['status']),
    bytes: count(row['bytes']),
    ms: count(row['ms']),
    attempt: count(row['attempt']),
    outcome: text(row['outcome']),
    billedItems: count(row['billed_items']),
  }
}

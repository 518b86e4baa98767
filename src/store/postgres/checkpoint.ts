// Owns the writing of a page: everything that a batch says, in one transaction, behind the fence of the lease, in about
// ten statements whatever the length of the page.

import type { Key } from '../../model/record.ts'
import { count, textOrNull } from '../cells.ts'
import { COUNTS, OPS, tableNames } from '../names.ts'
import { runGone } from '../run-gone.ts'
import type { Batch, RequestRow } from '../store.ts'
import { fence } from '../system/leases.ts'
import { streamGone } from '../system-rows.ts'
import type { Connection, Queries } from './connection.ts'
import { driven } from './dialect.ts'
import { release, unmiss, writeDecisions, writeMissed, writeQuarantine } from './set-aside.ts'
import type { OpenStream, Streams } from './streams.ts'
import type { Value } from './values.ts'
import type { Origin } from './writer.ts'

export class Checkpoints {
  readonly #db: Connection
  readonly #streams: Streams

  constructor(db: Connection, streams: Streams) {
    this.#db = db
    this.#streams = streams
  }

  async checkpoint(batch: Batch): Promise<'written' | 'stale'> {
    const stream = await this.#streams.open(batch.streamNo)
    const written = await this.#db.transaction(
      async (tx) => {
        if (batch.lease) await driven(tx, fence(batch.lease, batch.leaseUntil))
        // Writers of a stream take turns, also those without a lease: none can meet what another is half through with.
        const found = await tx.get('SELECT 1 FROM tm_streams WHERE no = $1 FOR NO KEY UPDATE', [batch.streamNo])
        if (!found) throw streamGone(batch.streamNo)
        return write(tx, batch, stream)
      },
      (kept) => kept,
    )
    return written ? 'written' : 'stale'
  }
}

/** False: something is not as the batch expects it. */
async function write(tx: Queries, batch: Batch, stream: OpenStream): Promise<boolean> {
  // Before the records: what the batch brings was not known when a walk of it began.
  if (!(await writeWalks(tx, batch, stream))) return false
  if (!(await writeRecords(tx, batch, stream))) return false
  if (!(await release(tx, batch))) return false
  await writeQuarantine(tx, batch, stream.base)
  await unmiss(tx, batch, stream.base)
  await writeSeen(tx, batch)
  await writeDecisions(tx, batch)
  await writeMissed(tx, batch)
  await writeFields(tx, batch)
  await writeCounts(tx, batch)
  await writeRun(tx, batch, stream)
  await writeFeed(tx, batch, stream)
  return true
}

/** False: a record is not as expected. */
async function writeRecords(tx: Queries, batch: Batch, { writer }: OpenStream): Promise<boolean> {
  const {
    inserts,
    updates,
    superseded = [],
    touches,
    missed,
    removals,
    unavailable = [],
    revivals = [],
    walk,
    anchor = walk,
  } = batch
  const steps: readonly (readonly [rows: readonly unknown[], change: () => Promise<number>])[] = [
    [inserts, () => writer.insert(tx, batch, anchor, inserts)],
    ...(['update', 'restore'] as const).map((op) => {
      const ofOp = updates.filter((update) => update.op === op)
      return [ofOp, () => writer[op](tx, batch, ofOp)] as const
    }),
    [superseded, () => writer.keepSuperseded(tx, batch, superseded)],
    [revivals, () => writer.revive(tx, batch, revivals)],
    [touches, () => writer.touch(tx, batch, touches)],
    [missed, () => writer.miss(tx, batch, walk, missed)],
    [unavailable, () => writer.markUnavailable(tx, batch, unavailable)],
    [removals, () => writer.remove(tx, batch, removals)],
  ]
  for (const [rows, change] of steps) {
    if (rows.length > 0 && (await change()) !== rows.length) return false
  }
  // What moves from table to table may stand behind the place up to which new columns were filled.
  if (removals.length + revivals.length > 0) {
    await tx.run(`UPDATE tm_streams SET filled_to = '{}' WHERE no = $1 AND unfilled <> '[]'`, [batch.streamNo])
  }
  return true
}

async function writeSeen(tx: Queries, { seen, forgetSeen, streamNo, walk }: Batch): Promise<void> {
  if (forgetSeen !== undefined)
    await tx.run('DELETE FROM tm_seen WHERE stream_no = $1 AND walk = $2', [streamNo, forgetSeen])
  if (seen.length === 0 || walk === null) return
  await tx.run(
    `INSERT INTO tm_seen (stream_no, walk, key) SELECT $1::bigint, $2::bigint, k FROM unnest($3::text[]) AS u(k)
     ON CONFLICT DO NOTHING`,
    [streamNo, walk, seen],
  )
}

async function writeFields(tx: Queries, { fields = [], streamNo, runNo, at }: Batch): Promise<void> {
  if (fields.length === 0) return
  await tx.run(
    `INSERT INTO tm_fields (stream_no, field, run_no, at) SELECT $1::bigint, f, $3::bigint, $4::bigint
     FROM unnest($2::text[]) AS u(f) ON CONFLICT DO NOTHING`,
    [streamNo, fields, runNo, at],
  )
}

/** False: one of the walks has a number that another partition took meanwhile. */
async function writeWalks(
  tx: Queries,
  { walks, state, streamNo, partition, runNo }: Batch,
  { base }: OpenStream,
): Promise<boolean> {
  const tables = tableNames(base)
  for (const { walk, pass, openedAt, closedAt, ended, position, pages, records, note } of walks) {
    const written = await tx.run(
      `INSERT INTO tm_walks
         (stream_no, walk, partition, run_no, pass, opened_at, closed_at, ended, pages, records, note, position, known_to)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12,
         greatest((SELECT max(_id) FROM ${tables.records}), (SELECT max(_id) FROM ${tables.tombstones}), 0))
       ON CONFLICT (stream_no, walk) DO UPDATE SET
         run_no = $4, closed_at = $7, ended = $8, pages = $9, records = $10, note = $11, position = $12, opened_at = $6,
         known_to = CASE tm_walks.opened_at WHEN $6 THEN tm_walks.known_to ELSE excluded.known_to END
         WHERE tm_walks.partition = $3`,
      [
        streamNo,
        walk,
        partition,
        runNo,
        pass,
        openedAt,
        closedAt,
        ended,
        pages,
        records,
        note,
        JSON.stringify(position),
      ],
    )
    if (written !== 1) return false
  }
  if (state !== undefined) {
    await tx.run(
      `INSERT INTO tm_states (stream_no, partition, value) VALUES ($1, $2, $3)
       ON CONFLICT (stream_no, partition) DO UPDATE SET value = $3`,
      [streamNo, partition, JSON.stringify(state)],
    )
  }
  return true
}

async function writeCounts(tx: Queries, batch: Batch): Promise<void> {
  const { pass, counts, expected, runNo, streamNo, inserts, updates, revivals = [], removals, walks, at } = batch
  if (pass) {
    const { ordinal, kind, ended, pages, requests } = pass
    const values = COUNTS.map((name) => counts[name])
    await tx.run(ADD_PASS, [runNo, streamNo, ordinal, kind, ended, pages, requests, expected, ...values])
  }
  const restored = revivals.length + updates.reduce((sum, { op }) => sum + (op === 'restore' ? 1 : 0), 0)
  const grown = inserts.length + restored - removals.length
  const lastRecordAt = inserts.length + updates.length > 0 ? at : null
  const nextWalk = walks.reduce((next, { walk }) => Math.max(next, walk + 1), 0)
  if (lastRecordAt === null && grown === 0 && nextWalk === 0) return
  await tx.run(
    `UPDATE tm_streams SET total_records = total_records + $1, last_record_at = coalesce($2, last_record_at),
       next_walk = greatest(next_walk, $3) WHERE no = $4`,
    [grown, lastRecordAt, nextWalk, streamNo],
  )
}

const ADD_PASS = `
  INSERT INTO tm_run_passes AS p (run_no, stream_no, ordinal, kind, ended, pages, requests, expected, ${COUNTS.join(', ')})
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, ${COUNTS.map((_, i) => `$${i + 9}`).join(', ')})
  ON CONFLICT (run_no, stream_no, ordinal) DO UPDATE SET
    ended = coalesce(excluded.ended, p.ended), pages = p.pages + excluded.pages, requests = p.requests + excluded.requests,
    expected = coalesce(excluded.expected, p.expected),
    ${COUNTS.map((name) => `${name} = p.${name} + excluded.${name}`).join(', ')}`

/**
 * The run's ledger, its cost, and the snapshots. The days of a run only go forward, also when the clock is set back over
 * midnight: what it wrote of a record before is looked for from its first day up to the last.
 */
async function writeRun(tx: Queries, batch: Batch, { writer }: OpenStream): Promise<void> {
  const { runNo, streamNo, requests, snapshots, cost } = batch
  if (requests.length === 0 && snapshots.length === 0 && cost === undefined) return
  const used = { requests, cost, day: snapshots.length > 0 ? batch.day : null }
  const { first, last } = await useRun(tx, runNo, streamNo, used)
  if (snapshots.length === 0 || last === null || first === null) return
  const origin: Origin = { ...batch, day: last }
  await writer.snapshot(tx, origin, snapshots, first < last ? first : undefined)
}

interface Used {
  readonly requests: readonly RequestRow[]
  readonly cost: number | undefined
  /** A day for which snapshots will be written. */
  readonly day: string | null
}

/** Writes the ledger and what the run has used; returns the days of its snapshots. */
async function useRun(
  tx: Queries,
  runNo: number,
  streamNo: number | null,
  { requests, cost, day }: Used,
): Promise<{ readonly first: string | null; readonly last: string | null }> {
  const billed = requests.reduce((sum, { billedItems }) => sum + billedItems, 0)
  const row = await tx.get(
    `UPDATE tm_runs SET requests = requests + $1, billed_items = billed_items + $2,
       cost = CASE WHEN $3::double precision IS NULL THEN cost ELSE coalesce(cost, 0) + $3 END,
       snapshot_first = coalesce(snapshot_first, $4::text), snapshot_last = greatest(snapshot_last, $4::text)
     WHERE no = $5 RETURNING requests, snapshot_first, snapshot_last`,
    [requests.length, billed, cost ?? null, day, runNo],
  )
  if (!row) throw runGone()
  if (requests.length > 0) await writeLedger(tx, runNo, streamNo, requests, count(row['requests']) - requests.length)
  return { first: textOrNull(row['snapshot_first']), last: textOrNull(row['snapshot_last']) }
}

/** Writes the ledger and what the run has used of it. */
export async function writeRequests(tx: Queries, runNo: number, requests: readonly RequestRow[]): Promise<void> {
  if (requests.length > 0) await useRun(tx, runNo, null, { requests, cost: undefined, day: null })
}

async function writeLedger(
  tx: Queries,
  runNo: number,
  streamNo: number | null,
  requests: readonly RequestRow[],
  after: number,
): Promise<void> {
  await tx.run(
    `INSERT INTO tm_requests
       (run_no, no, stream_no, at, method, url, status, bytes, ms, attempt, outcome, billed_items, page)
     SELECT $1::bigint, $2::bigint + n, $3::bigint, at, method, url, status, bytes, ms, attempt, outcome, billed, page
     FROM unnest($4::bigint[], $5::text[], $6::text[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::text[],
       $12::bigint[], $13::bigint[])
       WITH ORDINALITY AS u(at, method, url, status, bytes, ms, attempt, outcome, billed, page, n)`,
    [
      runNo,
      after,
      streamNo,
      requests.map(({ at }) => at),
      requests.map(({ method }) => method),
      requests.map(({ url }) => url),
      requests.map(({ status }) => status),
      requests.map(({ bytes }) => bytes),
      requests.map(({ ms }) => Math.round(ms)),
      requests.map(({ attempt }) => attempt),
      requests.map(({ outcome }) => outcome),
      requests.map(({ billedItems }) => billedItems),
      requests.map(({ page = null }) => page),
    ],
  )
}

/**
 * Last of all: the counter is what makes the feed's numbers follow each other without a gap, and its row is locked from
 * here to the end of the transaction. A batch's inserts come first, then its updates and restorations, then its removals.
 */
async function writeFeed(tx: Queries, batch: Batch, { projectNo }: OpenStream): Promise<void> {
  const { inserts, updates, revivals = [], removals, streamNo, at, runNo } = batch
  const keys: Key[] = []
  const ops: number[] = []
  const ordinals: number[] = []
  const push = (key: Key, op: number, ordinal: number) => {
    keys.push(key)
    ops.push(op)
    ordinals.push(ordinal)
  }
  for (const { key } of inserts) push(key, OPS.insert, 1)
  for (const { key, op, expect } of updates) push(key, OPS[op], expect + 1)
  for (const { key, expect } of revivals) push(key, OPS.restore, expect + 1)
  for (const { key, expect } of removals) push(key, OPS.remove, expect + 1)
  if (keys.length === 0) return
  const values: readonly Value[] = [projectNo, keys.length, streamNo, at, runNo, keys, ops, ordinals]
  await tx.run(
    `WITH counter AS (UPDATE tm_projects SET seq = seq + $2::bigint WHERE no = $1 RETURNING seq - $2::bigint AS before)
     INSERT INTO tm_changes (project_no, seq, stream_no, op, at, run_no, ordinal, key)
     SELECT $1::bigint, c.before + u.n, $3::bigint, u.op, $4::bigint, $5::bigint, u.ordinal, u.key
     FROM counter c, unnest($6::text[], $7::smallint[], $8::bigint[]) WITH ORDINALITY AS u(key, op, ordinal, n)`,
    values,
  )
}

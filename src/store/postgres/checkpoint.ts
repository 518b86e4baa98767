// Owns the writing of a page: everything that a batch says, in one transaction, behind the fence of the lease, in about
// ten statements whatever the length of the page.

import type { Key } from '../../model/record.ts'
import { OPS } from '../names.ts'
import type { Batch } from '../store.ts'
import { writeIntents } from '../system/intents.ts'
import { fence } from '../system/leases.ts'
import { writeCounts, writeSeen, writeWalks } from '../system/page.ts'
import { useRun } from '../system/requests.ts'
import { writeAside } from '../system/set-aside.ts'
import type { OpenStream, Streams } from '../system/streams.ts'
import { streamGone } from '../system-rows.ts'
import type { Connection, Queries } from './connection.ts'
import { driven, POSTGRES } from './dialect.ts'
import type { StreamWriter } from './writer.ts'

type Open = OpenStream<StreamWriter>

export class Checkpoints {
  readonly #db: Connection
  readonly #streams: Streams<StreamWriter>

  constructor(db: Connection, streams: Streams<StreamWriter>) {
    this.#db = db
    this.#streams = streams
  }

  async checkpoint(batch: Batch): Promise<'written' | 'stale'> {
    const stream = await driven(this.#db, this.#streams.open(batch.streamNo))
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
async function write(tx: Queries, batch: Batch, stream: Open): Promise<boolean> {
  // Before the records: what the batch brings was not known when a walk of it began.
  await driven(tx, writeWalks(batch, stream.base))
  if (!(await writeRecords(tx, batch, stream))) return false
  if (!(await driven(tx, writeAside(POSTGRES, batch, stream.base)))) return false
  await driven(tx, writeSeen(batch))
  await driven(tx, writeCounts(batch, stream.shapeText))
  await driven(tx, writeIntents(batch))
  const days = await driven(tx, useRun(batch))
  if (days) {
    const since = days.first < days.last ? days.first : undefined
    await stream.writer.snapshot(tx, { ...batch, day: days.last }, batch.snapshots, since)
  }
  await writeFeed(tx, batch, stream)
  return true
}

/** False: a record is not as expected. */
async function writeRecords(tx: Queries, batch: Batch, { writer }: Open): Promise<boolean> {
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
  return true
}

/**
 * Last of all: the counter is what makes the feed's numbers follow each other without a gap, and its row is locked from
 * here to the end of the transaction. A batch's inserts come first, then its updates and restorations, then its removals.
 */
async function writeFeed(tx: Queries, batch: Batch, { projectNo }: Open): Promise<void> {
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
  const values = [projectNo, keys.length, streamNo, at, runNo, keys, ops, ordinals]
  await tx.run(
    `WITH counter AS (UPDATE tm_projects SET seq = seq + $2::bigint WHERE no = $1 RETURNING seq - $2::bigint AS before)
     INSERT INTO tm_changes (project_no, seq, stream_no, op, at, run_no, ordinal, key)
     SELECT $1::bigint, c.before + u.n, $3::bigint, u.op, $4::bigint, $5::bigint, u.ordinal, u.key
     FROM counter c, unnest($6::text[], $7::smallint[], $8::bigint[]) WITH ORDINALITY AS u(key, op, ordinal, n)`,
    values,
  )
}

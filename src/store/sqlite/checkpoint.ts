// Owns the writing of a page: everything that a batch says, in one transaction, behind the fence of the lease.

import type { Key } from '../../model/record.ts'
import { count, textOrNull } from '../cells.ts'
import { listedKeys, unreadKeys } from '../listed.ts'
import { COUNTS, OPS } from '../names.ts'
import { runGone } from '../run-gone.ts'
import type { Batch, RequestRow } from '../store.ts'
import { fence } from '../system/leases.ts'
import { streamGone } from '../system-rows.ts'
import type { Connection, Value } from './connection.ts'
import { driven } from './dialect.ts'
import { release, writeQuarantine } from './quarantine.ts'
import { RowWriter } from './rows.ts'
import type { OpenStream, Streams } from './streams.ts'

export class Checkpoints {
  readonly #db: Connection
  readonly #streams: Streams
  readonly #turn: (() => Promise<void>) | undefined
  readonly #seen: RowWriter
  readonly #held: RowWriter
  readonly #missed: RowWriter
  readonly #changes: RowWriter

  /** `turn`: see SqliteOptions. */
  constructor(db: Connection, streams: Streams, turn?: () => Promise<void>) {
    this.#db = db
    this.#streams = streams
    this.#turn = turn
    this.#seen = new RowWriter(db, {
      head: 'INSERT OR IGNORE INTO tm_seen (stream_no, walk, key)',
      row: '(?, ?, ?)',
    })
    this.#held = new RowWriter(db, {
      head: 'INSERT OR REPLACE INTO tm_held (stream_no, key, run_no, reason, at)',
      row: '(?, ?, ?, ?, ?)',
    })
    this.#missed = new RowWriter(db, {
      head: 'INSERT OR REPLACE INTO tm_missed (stream_no, key, run_no, at)',
      row: '(?, ?, ?, ?)',
    })
    this.#changes = new RowWriter(db, {
      head: 'INSERT INTO tm_changes (project_no, seq, stream_no, op, at, run_no, ordinal, key)',
      row: '(?, ?, ?, ?, ?, ?, ?, ?)',
    })
  }

  async checkpoint(batch: Batch): Promise<'written' | 'stale'> {
    if (this.#turn) await this.#turn()
    const stream = this.#streams.open(batch.streamNo)
    const written = this.#db.transaction(
      () => {
        if (batch.lease) driven(this.#db, fence(batch.lease, batch.leaseUntil))
        else if (!this.#db.get('SELECT 1 FROM tm_streams WHERE no = ?', [batch.streamNo]))
          throw streamGone(batch.streamNo)
        return this.#write(batch, stream)
      },
      (kept) => kept,
    )
    return written ? 'written' : 'stale'
  }

  /** False: something is not as the batch expects it. */
  #write(batch: Batch, stream: OpenStream): boolean {
    // Before the records: what the batch brings was not known when a walk of it began.
    if (!this.#writeWalks(batch, stream)) return false
    const changes = this.#writeRecords(batch, stream)
    if (!changes) return false
    if (!release(this.#db, batch)) return false
    writeQuarantine(this.#db, batch, (key) => stream.writer.orderOf(batch.streamNo, key))
    for (const key of unreadKeys(batch)) stream.writer.unmiss(batch, key)
    this.#writeSeen(batch)
    this.#writeKept(batch)
    this.#writeHeld(batch)
    this.#writeMissed(batch)
    this.#writeFields(batch)
    this.#writeCounts(batch)
    this.#writeSnapshots(batch, stream)
    writeRequests(this.#db, batch.runNo, batch.streamNo, batch.requests)
    this.#writeFeed(batch, stream, changes)
    return true
  }

  /** The changes in their order, but for the inserts; undefined when a record is not as expected. */
  #writeRecords(batch: Batch, { writer }: OpenStream): Change[] | undefined {
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
    const changes: Change[] = []
    if (inserts.length > 0) {
      const lastId = writer.lastId()
      if (!writer.insert(batch, anchor, inserts)) return undefined
      changes.push({ afterId: lastId, count: inserts.length })
    }
    for (const shown of superseded) if (!writer.keepSuperseded(batch, shown)) return undefined
    for (const update of updates) {
      const { key, op, expect } = update
      if (!(op === 'update' ? writer.update(batch, update) : writer.restore(batch, update))) return undefined
      changes.push({ key, op: OPS[op], ordinal: expect + 1 })
    }
    for (const revival of revivals) {
      if (!writer.revive(batch, revival)) return undefined
      changes.push({ key: revival.key, op: OPS.restore, ordinal: revival.expect + 1 })
    }
    for (const touch of touches) if (!writer.touch(batch, touch)) return undefined
    for (const touch of missed) if (!writer.miss(batch, walk, touch)) return undefined
    for (const touch of unavailable) if (!writer.markUnavailable(batch, touch)) return undefined
    for (const removal of removals) {
      if (!writer.remove(batch, removal)) return undefined
      changes.push({ key: removal.key, op: OPS.remove, ordinal: removal.expect + 1 })
    }
    if (removals.length + revivals.length > 0) this.#db.run(FILL_AGAIN, [batch.streamNo])
    return changes
  }

  /**
   * The days of a run only go forward, also when the clock is set back over midnight: what it wrote of a record before
   * is looked for from its first day up to the last.
   */
  #writeSnapshots(batch: Batch, { writer }: OpenStream): void {
    const { snapshots, runNo } = batch
    if (snapshots.length === 0) return
    const known = textOrNull(this.#db.value('SELECT snapshot_day FROM tm_runs WHERE no = ?', [runNo]))
    const [first = batch.day, last = first] = known?.split('/') ?? []
    const day = batch.day > last ? batch.day : last
    const days = first === day ? day : `${first}/${day}`
    if (days !== known) this.#db.run('UPDATE tm_runs SET snapshot_day = ? WHERE no = ?', [days, runNo])
    writer.snapshot({ ...batch, day }, snapshots, first < day ? first : undefined)
  }

  #writeSeen({ seen, forgetSeen, streamNo, walk }: Batch): void {
    if (forgetSeen !== undefined)
      this.#db.run('DELETE FROM tm_seen WHERE stream_no = ? AND walk = ?', [streamNo, forgetSeen])
    if (seen.length > 0 && walk !== null) this.#seen.write(seen, (values, key) => values.push(streamNo, walk, key))
  }

  #writeHeld({ hold, decided = [], removals, streamNo, runNo, at }: Batch): void {
    for (const { key } of removals) this.#db.run('DELETE FROM tm_held WHERE stream_no = ? AND key = ?', [streamNo, key])
    const decide = 'DELETE FROM tm_held WHERE stream_no = ? AND key = ? AND run_no = ?'
    for (const key of decided) this.#db.run(decide, [streamNo, key, runNo])
    if (!hold) return
    if (hold.replace) this.#db.run('DELETE FROM tm_held WHERE stream_no = ?', [streamNo])
    this.#held.write(hold.keys, (values, key) => values.push(streamNo, key, runNo, hold.reason, at))
  }

  #writeMissed({ unconfirmed, removals, streamNo, runNo, at }: Batch): void {
    for (const { key } of removals)
      this.#db.run('DELETE FROM tm_missed WHERE stream_no = ? AND key = ?', [streamNo, key])
    if (!unconfirmed) return
    if (unconfirmed.replace) this.#db.run('DELETE FROM tm_missed WHERE stream_no = ?', [streamNo])
    this.#missed.write(unconfirmed.keys, (values, key) => values.push(streamNo, key, runNo, at))
  }

  /** What the source lists again is kept by the source: it needs no decision and no second witness any more. */
  #writeKept(batch: Batch): void {
    const { keep = [], decided = [], removals, streamNo, runNo, at } = batch
    const db = this.#db
    for (const table of ['tm_kept', 'tm_held', 'tm_missed']) {
      if (db.get(`SELECT 1 FROM ${table} WHERE stream_no = ? LIMIT 1`, [streamNo]) === undefined) continue
      for (const key of listedKeys(batch))
        db.run(`DELETE FROM ${table} WHERE stream_no = ? AND key = ?`, [streamNo, key])
    }
    for (const { key } of removals) db.run('DELETE FROM tm_kept WHERE stream_no = ? AND key = ?', [streamNo, key])
    const decide = 'DELETE FROM tm_kept WHERE stream_no = ? AND key = ? AND run_no = ?'
    for (const key of decided) db.run(decide, [streamNo, key, runNo])
    const sql = 'INSERT OR REPLACE INTO tm_kept (stream_no, key, run_no, at) VALUES (?, ?, ?, ?)'
    for (const key of keep) db.run(sql, [streamNo, key, runNo, at])
  }

  #writeFields({ fields = [], streamNo, runNo, at }: Batch): void {
    const sql = 'INSERT OR IGNORE INTO tm_fields (stream_no, field, run_no, at) VALUES (?, ?, ?, ?)'
    for (const field of fields) this.#db.run(sql, [streamNo, field, runNo, at])
  }

  /** False: one of the walks has a number that another partition took meanwhile. */
  #writeWalks({ walks, state, streamNo, partition, runNo }: Batch, { writer }: OpenStream): boolean {
    const db = this.#db
    const knownTo = walks.length > 0 ? writer.lastId() : 0
    for (const { walk, pass, openedAt, closedAt, ended, position, pages, records, note } of walks) {
      const written = db.run(
        `INSERT INTO tm_walks
           (stream_no, walk, partition, run_no, pass, opened_at, closed_at, ended, pages, records, note, position, known_to)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
         ON CONFLICT (stream_no, walk) DO UPDATE SET
           run_no = ?4, closed_at = ?7, ended = ?8, pages = ?9, records = ?10, note = ?11, position = ?12, opened_at = ?6,
           known_to = CASE opened_at WHEN ?6 THEN known_to ELSE excluded.known_to END
           WHERE partition = ?3`,
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
          knownTo,
        ],
      )
      if (written !== 1) return false
    }
    if (state !== undefined) {
      db.run(
        `INSERT INTO tm_states (stream_no, partition, value) VALUES (?1, ?2, ?3)
         ON CONFLICT (stream_no, partition) DO UPDATE SET value = ?3`,
        [streamNo, partition, JSON.stringify(state)],
      )
    }
    return true
  }

  #writeCounts(batch: Batch): void {
    const {
      pass,
      counts,
      expected,
      cost,
      runNo,
      streamNo,
      inserts,
      updates,
      revivals = [],
      removals,
      walks,
      at,
    } = batch
    if (pass) {
      const { ordinal, kind, ended, pages, requests } = pass
      this.#db.run(ADD_PASS, { runNo, streamNo, ordinal, kind, ended, pages, requests, expected, ...counts })
    }
    if (cost !== undefined) this.#db.run('UPDATE tm_runs SET cost = coalesce(cost, 0) + ? WHERE no = ?', [cost, runNo])
    const restored = revivals.length + updates.reduce((sum, { op }) => sum + (op === 'restore' ? 1 : 0), 0)
    const grown = inserts.length + restored - removals.length
    const lastRecordAt = inserts.length + updates.length > 0 ? at : null
    const nextWalk = walks.reduce((next, { walk }) => Math.max(next, walk + 1), 0)
    if (lastRecordAt !== null || grown !== 0) {
      this.#db.run(
        'UPDATE tm_streams SET total_records = total_records + ?, last_record_at = coalesce(?, last_record_at) WHERE no = ?',
        [grown, lastRecordAt, streamNo],
      )
    }
    if (nextWalk > 0)
      this.#db.run('UPDATE tm_streams SET next_walk = ?1 WHERE no = ?2 AND next_walk < ?1', [nextWalk, streamNo])
  }

  /** Last of all: the counter is what makes the feed's numbers follow each other without a gap. */
  #writeFeed(batch: Batch, { writer, projectNo }: OpenStream, changes: readonly Change[]): void {
    if (changes.length === 0) return
    const { streamNo, at, runNo } = batch
    let seq = count(this.#db.value('SELECT seq FROM tm_projects WHERE no = ?', [projectNo]))
    const rows: Value[][] = []
    for (const change of changes) {
      if ('afterId' in change) {
        writer.feedInserts(batch, projectNo, seq, change.afterId, change.count)
        seq += change.count
      } else {
        rows.push([projectNo, ++seq, streamNo, change.op, at, runNo, change.ordinal, change.key])
      }
    }
    this.#changes.write(rows, (values, row) => values.push(...row))
    this.#db.run('UPDATE tm_projects SET seq = ? WHERE no = ?', [seq, projectNo])
  }
}

/** One row of the feed, or all the inserts of the batch, which the database itself can read again. */
type Change =
  | { readonly key: Key; readonly op: number; readonly ordinal: number }
  | { readonly afterId: number; readonly count: number }

/** What moves from table to table may stand behind the place up to which new columns were filled. */
const FILL_AGAIN = `UPDATE tm_streams SET filled_to = '{}' WHERE no = ? AND unfilled <> '[]'`

const ADD_PASS = `
  INSERT INTO tm_run_passes (run_no, stream_no, ordinal, kind, ended, pages, requests, expected, ${COUNTS.join(', ')})
  VALUES (:runNo, :streamNo, :ordinal, :kind, :ended, :pages, :requests, :expected, ${COUNTS.map((name) => `:${name}`).join(', ')})
  ON CONFLICT (run_no, stream_no, ordinal) DO UPDATE SET
    ended = coalesce(excluded.ended, ended), pages = pages + excluded.pages, requests = requests + excluded.requests,
    expected = coalesce(excluded.expected, expected), ${COUNTS.map((name) => `${name} = ${name} + excluded.${name}`).join(', ')}`

/** Writes the ledger and what the run has used of it. */
export function writeRequests(
  db: Connection,
  runNo: number,
  streamNo: number | null,
  requests: readonly RequestRow[],
): void {
  if (requests.length === 0) return
  const billed = requests.reduce((sum, { billedItems }) => sum + billedItems, 0)
  const run = db.get(
    'UPDATE tm_runs SET requests = requests + ?, billed_items = billed_items + ? WHERE no = ? RETURNING requests',
    [requests.length, billed, runNo],
  )
  if (!run) throw runGone()
  let no = count(run['requests']) - requests.length
  for (const { page = null, at, method, url, status, bytes, ms, attempt, outcome, billedItems } of requests) {
    db.run(
      `INSERT INTO tm_requests
         (run_no, no, stream_no, page, at, method, url, status, bytes, ms, attempt, outcome, billed_items)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      [runNo, ++no, streamNo, page, at, method, url, status, bytes, Math.round(ms), attempt, outcome, billedItems],
    )
  }
}

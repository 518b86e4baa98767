// Owns the writing of a page on one connection: everything that a batch says, in one transaction, behind the fence of the
// lease. Which thread does it is decided in pages.ts.

import type { Key } from '../../model/record.ts'
import { count } from '../cells.ts'
import { OPS } from '../names.ts'
import type { Batch } from '../store.ts'
import { writeIntents } from '../system/intents.ts'
import { fence } from '../system/leases.ts'
import { writeCounts, writeSeen, writeWalks } from '../system/page.ts'
import { useRun } from '../system/requests.ts'
import { writeAside } from '../system/set-aside.ts'
import type { OpenStream } from '../system/streams.ts'
import { streamGone } from '../system-rows.ts'
import type { Connection, Value } from './connection.ts'
import { driven, SQLITE } from './dialect.ts'
import { RowWriter } from './rows.ts'
import type { StreamWriter } from './writer.ts'

/** A stream as the writing of its pages needs it. */
export type Open = Pick<OpenStream<StreamWriter>, 'projectNo' | 'base' | 'shapeText' | 'writer'>

export class PageWriter {
  readonly #db: Connection
  readonly #changes: RowWriter

  constructor(db: Connection) {
    this.#db = db
    this.#changes = new RowWriter(db, {
      head: 'INSERT INTO tm_changes (project_no, seq, stream_no, op, at, run_no, ordinal, key)',
      row: '(?, ?, ?, ?, ?, ?, ?, ?)',
    })
  }

  /** See `Store.checkpoint`. */
  write(batch: Batch, stream: Open): 'written' | 'stale' {
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
  #write(batch: Batch, stream: Open): boolean {
    // Before the records: what the batch brings was not known when a walk of it began.
    driven(this.#db, writeWalks(batch, stream.base))
    const changes = this.#writeRecords(batch, stream)
    if (!changes) return false
    if (!driven(this.#db, writeAside(SQLITE, batch, stream.base))) return false
    driven(this.#db, writeSeen(batch))
    driven(this.#db, writeCounts(batch, stream.shapeText))
    driven(this.#db, writeIntents(batch))
    this.#useRun(batch, stream)
    this.#writeFeed(batch, stream, changes)
    return true
  }

  /** The changes in their order, but for the inserts; undefined when a record is not as expected. */
  #writeRecords(batch: Batch, { writer }: Open): Change[] | undefined {
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
    return changes
  }

  #useRun(batch: Batch, { writer }: Open): void {
    const days = driven(this.#db, useRun(batch))
    if (days)
      writer.snapshot({ ...batch, day: days.last }, batch.snapshots, days.first < days.last ? days.first : undefined)
  }

  /** Last of all: the counter is what makes the feed's numbers follow each other without a gap. */
  #writeFeed(batch: Batch, { writer, projectNo }: Open, changes: readonly Change[]): void {
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

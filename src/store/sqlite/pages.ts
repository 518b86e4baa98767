// Owns where pages are written: by the thread that asks, or by a thread of their own once there is enough to write. While
// that one holds a transaction, this one reads what the source answers next.

import type { Batch } from '../store.ts'
import type { OpenStream, Streams } from '../system/streams.ts'
import { PageWriter } from './checkpoint.ts'
import type { Connection, ConnectionSettings } from './connection.ts'
import { driven } from './dialect.ts'
import { PageThread } from './page-thread.ts'
import type { StreamWriter } from './writer.ts'

/** How pages are written. */
export interface WritingPages {
  /** See `SqliteOptions`. */
  readonly turn: (() => Promise<void>) | undefined
  /** See `SqliteOptions`; undefined: no thread is started. */
  readonly threadAfter: number | undefined
  /** Of the connection that the thread opens. */
  readonly settings: ConnectionSettings
}

export class Pages {
  readonly #db: Connection
  readonly #streams: Streams<StreamWriter>
  readonly #writing: WritingPages
  readonly #writer: PageWriter
  /** Rows that were written here. */
  #rows = 0
  #isStarted = false
  #thread: PageThread | undefined
  #isClosed = false

  constructor(db: Connection, streams: Streams<StreamWriter>, writing: WritingPages) {
    this.#db = db
    this.#streams = streams
    this.#writing = writing
    this.#writer = new PageWriter(db)
  }

  async checkpoint(batch: Batch): Promise<'written' | 'stale'> {
    const { turn, threadAfter } = this.#writing
    const thread = this.#threadFor(batch)
    if (thread && threadAfter === 0) await thread.started()
    // Pages are written here until it has started, and where it can't be started.
    if (thread?.isReady) return thread.write(batch, this.#open(batch.streamNo))
    if (turn) await turn()
    return this.#writer.write(batch, this.#open(batch.streamNo))
  }

  /** Resolves when everything is written, and the file is closed there. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#thread?.close()
  }

  #open(streamNo: number): OpenStream<StreamWriter> {
    return driven(this.#db, this.#streams.open(streamNo))
  }

  #threadFor({ inserts, updates }: Batch): PageThread | undefined {
    const { threadAfter, settings } = this.#writing
    if (threadAfter === undefined || this.#isClosed) return undefined
    this.#rows += inserts.length + updates.length
    if (this.#rows < threadAfter || this.#isStarted) return this.#thread
    this.#isStarted = true
    this.#thread = PageThread.start(settings)
    return this.#thread
  }
}

// Owns the proof that an open file is still the one under its name, and that its write-ahead log still has what was
// written to it. SQLite goes on writing to a file that was deleted or replaced, and behind the end of a log that somebody
// else cut off: what it writes then is nowhere, or damages the file.

import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { replaced } from './errors.ts'

interface Identity {
  readonly dev: bigint
  readonly ino: bigint
}

/** The write-ahead log, as it was found at some moment. */
interface Log extends Identity {
  readonly size: bigint
  /** Of its header: SQLite gives itself others when it begins the log anew. Undefined where there is no header. */
  readonly salts: string | undefined
}

/** Questions to SQLite about the database as the transaction sees it. */
export interface LogQuestions {
  /** Bytes of all its pages. */
  readonly pages: () => number
  /** Whether everything can be read that SQLite takes to be in its log. */
  readonly isLogWhole: () => boolean
}

/** The numbers with which a log begins, for checksums in either byte order. */
const LOG_MAGIC: ReadonlySet<number> = new Set([0x377f0682, 0x377f0683])
const LOG_HEADER_BYTES = 32
const SALTS_AT = 16
const SALTS_END = 24

/** The file that a connection has open, as it was when it was opened. A look at it takes microseconds. */
export class FileInPlace {
  readonly #path: string
  readonly #file: Identity | undefined
  /** SQLite makes the log when it first needs it, and keeps it for as long as any connection is open. */
  #log: Log | undefined
  /** Bytes that the file was seen to have. */
  #bytes: bigint

  /** To be made when the file has just been opened. */
  constructor(path: string) {
    this.#path = resolve(path)
    const file = fileAt(this.#path)
    this.#file = file
    this.#bytes = file?.size ?? 0n
    this.#log = logAt(this.#path)
  }

  /**
   * To be called within a transaction that writes, before its COMMIT: while it lasts, nobody else may begin the log anew.
   *
   * @throws TidemarkError database_replaced (stop)
   */
  check({ pages, isLogWhole }: LogQuestions): void {
    const found = fileAt(this.#path)
    if (!found) throw replaced(this.#path, 'was deleted or moved')
    if (!this.#file || !isSame(found, this.#file)) throw replaced(this.#path, 'was replaced by another file')
    const log = logAt(this.#path)
    const wrong = wrongWithLog(this.#log, log) ?? (log?.size === 0n && !isLogWhole() ? EMPTIED : undefined)
    if (wrong !== undefined) throw replaced(this.#path, wrong)
    // A copy that was written over the file leaves its identity. Only VACUUM makes a file shorter, and its pages fewer.
    if (found.size < this.#bytes && pages() >= this.#bytes) throw replaced(this.#path, 'was overwritten')
    this.#bytes = found.size
    this.#log = log
  }

  /** To be called after COMMIT: the log has grown. */
  written(): void {
    const log = logAt(this.#path)
    // One that was replaced in between is for the next check to find.
    if (log && (!this.#log || isSame(log, this.#log))) this.#log = log
  }
}

const EMPTIED = 'had its write-ahead log emptied'

/** What happened to a log that SQLite itself does not do, in words; undefined: nothing. Pure. */
function wrongWithLog(known: Log | undefined, found: Log | undefined): string | undefined {
  if (!known) return undefined
  if (!found || !isSame(known, found)) return 'has lost its write-ahead log'
  // A checkpoint may have emptied it. Whether that was SQLite, only SQLite knows.
  if (found.size === 0n || known.salts === undefined) return undefined
  if (found.salts === undefined) return 'had its write-ahead log overwritten'
  // SQLite cuts it only when it has begun it anew.
  if (found.size < known.size && found.salts === known.salts) return 'had its write-ahead log cut off'
  return undefined
}

function isSame(a: Identity, b: Identity): boolean {
  return a.dev === b.dev && a.ino === b.ino
}

/** Undefined where nothing can be found under the name any more. */
function fileAt(path: string): (Identity & { readonly size: bigint }) | undefined {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false })
  } catch {
    return undefined
  }
}

/** SQLite holds no locks on the log itself, which closing it here would release. */
function logAt(file: string): Log | undefined {
  const path = `${file}-wal`
  const found = fileAt(path)
  if (!found) return undefined
  const { dev, ino, size } = found
  return { dev, ino, size, salts: size < LOG_HEADER_BYTES ? undefined : saltsIn(path) }
}

function saltsIn(path: string): string | undefined {
  const header = Buffer.alloc(LOG_HEADER_BYTES)
  try {
    const file = openSync(path, 'r')
    try {
      if (readSync(file, header, 0, LOG_HEADER_BYTES, 0) < LOG_HEADER_BYTES) return undefined
    } finally {
      closeSync(file)
    }
  } catch {
    return undefined
  }
  return LOG_MAGIC.has(header.readUInt32BE(0)) ? header.toString('hex', SALTS_AT, SALTS_END) : undefined
}

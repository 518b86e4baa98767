// Owns the proof that an open file is still the one under its name. SQLite goes on writing to a file that was deleted or
// replaced, and what it writes then is nowhere.

import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { replaced } from './errors.ts'

interface Identity {
  readonly dev: bigint
  readonly ino: bigint
}

/** What SQLite says of itself, in bytes: its pages in the state that the transaction sees. */
type Pages = () => number

/** The file that a connection has open, as it was when it was opened. A look at it takes microseconds. */
export class FileInPlace {
  readonly #path: string
  readonly #file: Identity | undefined
  /** SQLite makes the log when it first needs it, and keeps it for as long as any connection is open. */
  #log: Identity | undefined
  /** Bytes that the file was seen to have. */
  #bytes = 0n

  /** To be made when the file has just been opened. */
  constructor(path: string) {
    this.#path = resolve(path)
    this.#file = identityOf(this.#path)
  }

  /**
   * To be called within a transaction that writes, before its COMMIT.
   *
   * @throws TidemarkError database_replaced (stop)
   */
  check(pages: Pages): void {
    const found = identityOf(this.#path)
    if (!found) throw replaced(this.#path, 'was deleted or moved')
    if (!this.#file || !isSame(found, this.#file)) throw replaced(this.#path, 'was replaced by another file')
    const log = identityOf(`${this.#path}-wal`)
    this.#log ??= log
    if (this.#log && (!log || !isSame(log, this.#log))) throw replaced(this.#path, 'has lost its write-ahead log')
    // A copy that was written over the file leaves its identity. Only VACUUM makes a file shorter, and its pages fewer.
    if (found.size < this.#bytes && pages() >= this.#bytes) throw replaced(this.#path, 'was overwritten')
    this.#bytes = found.size
  }
}

function isSame(a: Identity, b: Identity): boolean {
  return a.dev === b.dev && a.ino === b.ino
}

/** Undefined where nothing can be found under the name any more. */
function identityOf(path: string): (Identity & { readonly size: bigint }) | undefined {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false })
  } catch {
    return undefined
  }
}

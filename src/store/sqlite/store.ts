// Owns the opening of a SQLite file as a store, and puts its parts together.

import { closeSync, existsSync, openSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Clock } from '../../model/ports.ts'
import { MARK } from '../moving/ends.ts'
import { unfinished } from '../moving/refusals.ts'
import type { Store } from '../store.ts'
import { parts } from '../system/parts.ts'
import { Streams } from '../system/streams.ts'
import { Connection, type ConnectionSettings } from './connection.ts'
import { SQLITE, sqliteDrive } from './dialect.ts'
import { erasing, overwriting } from './erase.ts'
import { folderMissing, missing } from './errors.ts'
import { heads } from './heads.ts'
import { Pages, type WritingPages } from './pages.ts'
import { checkAccess, isWriteProtected } from './read-only.ts'
import { checkReadable, migrate } from './schema.ts'
import { totals } from './totals.ts'
import { StreamWriter } from './writer.ts'

export interface SqliteOptions {
  /** A file, made if it doesn't exist, or `:memory:`. */
  readonly path: string
  /** The clock of leases and buckets. */
  readonly clock: Clock
  /** Refuses every write; the file must exist. @default when the file or its folder is write-protected */
  readonly readOnly?: boolean
  /** Whether a file that doesn't exist is made. @default true */
  readonly create?: boolean
  /**
   * Whether a checkpoint survives a power failure. Without it, records and cursors may fall back together by the last
   * moments (never apart); secrets survive always. @default false
   */
  readonly durable?: boolean
  /**
   * Lets the event loop turn before a page is written. The transaction holds the thread: without a turn, a request for the
   * next page that was made before it is sent after it. @default writes at once
   */
  readonly turn?: () => Promise<void>
  /**
   * Rows after which pages are written by a thread of their own, since its start costs as much as some pages; 0: from the
   * first page on. A file that is only read, or in memory, has none. @default pages are written by the calling thread
   */
  readonly threadAfter?: number
  /** Bytes that the file may grow to: a quota. A write beyond it fails like one on a full disk. */
  readonly sizeMax?: number
  /** Whether it may be opened although a migration into it is not finished. @default false */
  readonly isTarget?: boolean
}

/** Pages kept in memory by the connection that writes records, and by the one that writes secrets, in KiB. */
const CACHE_KIB = 16_384
const SECRETS_CACHE_KIB = 512

/**
 * Opens a file, for reading alone where nothing else is allowed: then whatever would write throws `database_unwritable`.
 *
 * @throws TidemarkError database_unreadable, database_forbidden, database_newer, database_unwritable, database_outdated,
 *   database_damaged
 */
export async function openSqliteStore(options: SqliteOptions): Promise<Store> {
  const { path, clock, create = true, durable = false, sizeMax, turn, threadAfter } = options
  if (path !== ':memory:') checkAccess(path)
  if (path !== ':memory:' && !existsSync(path)) {
    if (!create) throw missing(path)
    const folder = dirname(resolve(path))
    if (!existsSync(folder)) throw folderMissing(path, folder)
  }
  const readOnly = options.readOnly ?? (path !== ':memory:' && isWriteProtected(path))
  if (path !== ':memory:' && !readOnly) createPrivately(path)
  const settings: ConnectionSettings = {
    path,
    readOnly,
    sizeMax,
    synchronous: durable ? 'FULL' : 'NORMAL',
    cacheKib: CACHE_KIB,
  }
  const db = new Connection(settings)
  try {
    if (readOnly) checkReadable(db)
    else migrate(db)
    if (!options.isTarget && db.value(`SELECT 1 FROM sqlite_schema WHERE name = '${MARK}'`) !== undefined) {
      throw unfinished(path)
    }
    const alone = { turn, settings, threadAfter: undefined }
    if (path === ':memory:' || readOnly) return sqliteStore(db, db, clock, alone)
    const durably = { synchronous: 'FULL', cacheKib: SECRETS_CACHE_KIB, overwrites: true } as const
    const onDisk = new Connection({ path, readOnly: false, sizeMax, ...durably })
    return sqliteStore(db, onDisk, clock, { ...alone, threadAfter })
  } catch (error) {
    db.close()
    throw error
  }
}

function sqliteStore(db: Connection, onDisk: Connection, clock: Clock, writing: WritingPages): Store {
  const drive = sqliteDrive(db)
  const durably = sqliteDrive(onDisk)
  const streams = new Streams(SQLITE, (base, shape) => new StreamWriter(db, base, shape))
  const pages = new Pages(db, streams, writing)
  const shared = parts({
    dialect: SQLITE,
    drive,
    durably,
    streams,
    look: heads(db, streams),
    totals: (...order) => totals(db, ...order),
  })
  const { connections, secrets } = shared
  const { drop, ...erased } = erasing(onDisk, streams)
  return {
    ...shared,
    name: db.name,
    now: async () => clock.now(),
    checkpoint: (batch) => pages.checkpoint(batch),
    close: async () => {
      await pages.close()
      if (onDisk !== db) onDisk.close()
      db.close()
    },
    connections: { ...connections, ...erased, purge: overwriting(db, connections.purge) },
    secrets: { ...secrets, drop },
  }
}

/** The file holds secrets, if sealed ones: it is its owner's alone. SQLite gives its helper files the same mode. */
function createPrivately(path: string): void {
  try {
    closeSync(openSync(path, 'ax', 0o600))
  } catch {
    // It exists, or SQLite will say better what is wrong with it.
  }
}

// Owns one connection to a SQLite file: its settings, its prepared statements, and its transactions. Everything is
// synchronous, so that nothing can come between the first and the last statement of a transaction.

import { existsSync } from 'node:fs'
import type { SQLInputValue, StatementSync } from 'node:sqlite'
import { TidemarkError } from '../../model/errors.ts'
import { refuseSpecial } from '../named-file.ts'
import type { Row } from '../statements.ts'
import { DatabaseSync } from './driver.ts'
import { IO_FAILED, missing, ownMeaningOf, sqliteCode, UNREADABLE_CODES } from './errors.ts'
import { FileInPlace } from './in-place.ts'
import { checkAccess, type ReadingPlace, readingPlace } from './read-only.ts'

/** A value as SQLite takes it, and as it gives it back: big integers come back as numbers where a number is exact. */
export type Value = SQLInputValue
/** Values by position, or by the names that stand in the SQL behind colons. */
export type Values = readonly Value[] | Readonly<Record<string, Value>>

export interface ConnectionSettings {
  readonly path: string
  readonly readOnly: boolean
  /** Whether everybody else is kept out of the file, and refused while somebody has it open. @default false */
  readonly isAlone?: boolean
  readonly synchronous: 'NORMAL' | 'FULL'
  /** Kibibytes of pages to keep in memory. */
  readonly cacheKib: number
  /** Whether the bytes of what is deleted or replaced are overwritten, also on pages that become free. @default false */
  readonly overwrites?: boolean
  /** Bytes that the file may grow to; undefined for as many as the disk has. */
  readonly sizeMax?: number | undefined
}

/** The size of a page of a new file, which is SQLite's own default. */
const PAGE_BYTES = 4_096

/** How long a statement waits for another process's write, in milliseconds. */
const BUSY_MS = 5_000
/**
 * Pages of the write-ahead log after which it is copied into the file: about 64 MiB. A page of the file that many
 * checkpoints touch is then copied once, which is worth a quarter of the time when keys come in no order.
 */
const AUTOCHECKPOINT_PAGES = 16_000
/** Statements that are kept prepared; the oldest goes first. */
const STATEMENTS_KEPT = 400

export class Connection {
  readonly name: string
  readonly #place: ReadingPlace
  readonly #database: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()
  /** Undefined where nothing is written to a file. */
  readonly #file: FileInPlace | undefined

  constructor(settings: ConnectionSettings) {
    const { path, readOnly } = settings
    this.name = path
    refuseSpecial(path)
    if (readOnly) checkAccess(path)
    if (readOnly && !existsSync(path)) throw missing(path)
    this.#place = readOnly ? readingPlace(path) : { location: path, dispose: () => {} }
    try {
      this.#database = this.guard(() => new DatabaseSync(this.#place.location, { readOnly, timeout: BUSY_MS }))
    } catch (error) {
      this.#place.dispose()
      throw error
    }
    this.#file = readOnly || path === ':memory:' ? undefined : new FileInPlace(path)
    try {
      this.exec(`PRAGMA busy_timeout = ${BUSY_MS}; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY`)
      this.exec(`PRAGMA cache_size = -${settings.cacheKib}; PRAGMA trusted_schema = OFF`)
      if (!settings.readOnly && !settings.isAlone) this.exec('PRAGMA journal_mode = WAL')
      if (settings.sizeMax !== undefined)
        this.exec(`PRAGMA max_page_count = ${Math.floor(settings.sizeMax / PAGE_BYTES)}`)
      this.exec(`PRAGMA synchronous = ${settings.synchronous}`)
      if (settings.overwrites) this.exec('PRAGMA secure_delete = ON')
      this.exec(`PRAGMA wal_autocheckpoint = ${AUTOCHECKPOINT_PAGES}; PRAGMA journal_size_limit = 67108864`)
      if (settings.isAlone) this.#seize()
    } catch (error) {
      this.close()
      throw error
    }
  }

  /**
   * Leaving the write-ahead mode takes the only connection there is; somebody may enter it again before the lock.
   *
   * @throws TidemarkError database_in_use
   */
  #seize(): void {
    try {
      this.exec('PRAGMA busy_timeout = 0; PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE')
      if (this.value('PRAGMA journal_mode') !== 'wal') return
    } catch (error) {
      if (!(error instanceof TidemarkError) || error.code !== 'database_busy') throw error
    }
    throw new TidemarkError('database_in_use', `The database ${this.name} is in use by another process.`)
  }

  /** Statements that are run once. */
  exec(sql: string): void {
    this.guard(() => this.#database.exec(sql))
  }

  /** How many rows it changed. */
  run(sql: string, values: Values = []): number {
    return this.guard(() => Number(this.#prepare(sql).run(...spread(values)).changes))
  }

  get(sql: string, values: Values = []): Row | undefined {
    const row = this.guard(() => this.#prepare(sql).get(...spread(values)))
    return row && plain(row)
  }

  all(sql: string, values: Values = []): Row[] {
    return this.guard(() => this.#prepare(sql).all(...spread(values))).map(plain)
  }

  /** The first rows, up to one that is the last that is wanted. */
  some(sql: string, values: Values, isLast: (row: Row) => boolean): readonly Row[] {
    return this.guard(() => {
      const rows: Row[] = []
      for (const found of this.#prepare(sql).iterate(...spread(values))) {
        const row = plain(found)
        rows.push(row)
        if (isLast(row)) break
      }
      return rows
    })
  }

  /** The one column of the first row. */
  value(sql: string, values: Values = []): unknown {
    const row = this.get(sql, values)
    return row && Object.values(row)[0]
  }

  #prepare(sql: string): StatementSync {
    const kept = this.#statements.get(sql)
    if (kept) return kept
    const statement = this.#database.prepare(sql)
    statement.setReadBigInts(true)
    if (this.#statements.size >= STATEMENTS_KEPT) {
      const [oldest] = this.#statements.keys()
      if (oldest !== undefined) this.#statements.delete(oldest)
    }
    this.#statements.set(sql, statement)
    return statement
  }

  /** A statement that the caller keeps, for paths where finding it by its text would cost. To be used inside `guard`. */
  prepare(sql: string): StatementSync {
    return this.#database.prepare(sql)
  }

  /** Lets SQLite itself work with the connection; nothing else may use it until that is done. */
  async lend<T>(use: (database: DatabaseSync) => Promise<T>): Promise<T> {
    return use(this.#database)
  }

  /** Runs what may fail with an error of SQLite, and throws what that means. */
  guard<T>(act: () => T): T {
    try {
      return act()
    } catch (error) {
      throw this.#meaningOf(error)
    }
  }

  /**
   * Runs `body` between BEGIN IMMEDIATE and COMMIT. It is rolled back when the body throws, and when `keep` says that
   * its result is none to keep. A file that is no longer under its name, or whose log was cut off, takes nothing.
   *
   * @throws TidemarkError database_replaced (stop)
   */
  transaction<T>(body: () => T, keep: (result: T) => boolean = () => true): T {
    this.exec('BEGIN IMMEDIATE')
    let result: T
    try {
      result = body()
      if (keep(result)) {
        this.#file?.check({ pages: () => this.#bytes(), isLogWhole: () => this.#isLogWhole() })
        this.exec('COMMIT')
        this.#file?.written()
        return result
      }
    } catch (error) {
      this.#rollBack()
      throw this.#meaningOf(error)
    }
    this.#rollBack()
    return result
  }

  /** A transaction that only reads, so that several statements see one state. */
  reading<T>(body: () => T): T {
    this.exec('BEGIN')
    try {
      return body()
    } finally {
      this.#rollBack()
    }
  }

  close(): void {
    this.#statements.clear()
    if (this.#database.isOpen) this.#database.close()
    this.#place.dispose()
  }

  /** A file that can't be read any more may be another one, or have lost its log: that says more. */
  #meaningOf(error: unknown): unknown {
    const meaning = ownMeaningOf(error, this.name)
    if (!this.#file || !UNREADABLE_CODES.has(sqliteCode(error))) return meaning
    try {
      this.#file.check({ pages: () => Number.POSITIVE_INFINITY, isLogWhole: () => this.#isLogWhole() })
      return meaning
    } catch (found) {
      return found instanceof TidemarkError ? found : meaning
    }
  }

  /** Bytes of all pages, those of the write-ahead log included. */
  #bytes(): number {
    return Number(this.value('PRAGMA page_count')) * Number(this.value('PRAGMA page_size'))
  }

  /** A checkpoint that waits for nobody reads all of the log that is not in the file yet, and keeps what it wrote. */
  #isLogWhole(): boolean {
    const other = new DatabaseSync(this.#place.location, { timeout: BUSY_MS })
    try {
      other.exec('PRAGMA wal_checkpoint(PASSIVE)')
      return true
    } catch (error) {
      if (sqliteCode(error) !== IO_FAILED) throw error
      return false
    } finally {
      other.close()
    }
  }

  /** SQLite has rolled back by itself after some errors (a full disk); then there is nothing left to do. */
  #rollBack(): void {
    if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
  }
}

/** The arguments that node:sqlite takes: the values one by one, or the one object that names them. */
function spread(values: Values): Value[] {
  return (Array.isArray(values) ? values : [values]) as Value[]
}

/** Big integers become numbers where a number holds them exactly. */
export function exact(value: unknown): unknown {
  if (typeof value !== 'bigint') return value
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value
}

function plain(row: Record<string, unknown>): Row {
  for (const name in row) if (typeof row[name] === 'bigint') row[name] = exact(row[name])
  return row
}

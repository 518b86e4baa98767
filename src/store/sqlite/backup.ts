// Owns copies of a SQLite mirror: a consistent one while others write, the proof that a copy is whole, and putting one in
// the place of another. A copy is never half: it is made under another name and gets its own when it was verified.

import { chmodSync, closeSync, existsSync, linkSync, openSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { type ErrorCode, TidemarkError } from '../../model/errors.ts'
import { plural } from '../../model/plural.ts'
import { text } from '../cells.ts'
import { refuseSpecial } from '../named-file.ts'
import { quote } from '../names.ts'
import { isSameFile, placeOf } from '../same-file.ts'
import { syncFolder } from '../sync-folder.ts'
import { Connection } from './connection.ts'
import { SQLITE } from './dialect.ts'
import { backup, DatabaseSync } from './driver.ts'
import { meaningOf, missing } from './errors.ts'
import { faults } from './examine.ts'
import { checkReadable } from './schema.ts'

/** What a copy was proved to hold. */
export interface CopyProof {
  readonly bytes: number
  readonly tables: number
  /** Rows of all tables, each counted in the original's snapshot and in the copy. */
  readonly rows: number
  readonly projects: number
  readonly connections: number
  readonly secrets: number
}

/** More pages than a file can have: a copy in one step, which no writer makes begin anew. */
const ALL_PAGES = 0x7fff_ffff
const CACHE_KIB = 8_192

/**
 * Copies a mirror as it is at this moment, while other processes go on writing to it. The copy is its owner's alone, is
 * verified, and its feed has another epoch: a reader of the feed notices that this is another past.
 *
 * @param draft a name in the same folder as `to`, which nobody else uses
 * @throws TidemarkError argument_invalid, database_missing, database_outdated, database_newer, database_unreadable,
 *   backup_exists, database_in_use (of a mirror that would be replaced), backup_differs, database_damaged, disk_full, output_failed
 */
export async function copyMirror(order: {
  readonly from: string
  readonly to: string
  readonly draft: string
  readonly force: boolean
}): Promise<CopyProof> {
  const { from, to, draft, force } = order
  if (!existsSync(from)) throw missing(from)
  refuseSpecial(from)
  refuseMirror(from, to)
  refuseSpecial(to)
  if (existsSync(to) && !force) throw exists(to)
  try {
    const counted = await copyPages(from, draft)
    const proof = settleCopy(draft, counted, from)
    if (!force && existsSync(to)) throw exists(to)
    exchange(draft, to)
    return proof
  } catch (error) {
    throw meaningOfFile(error, to)
  } finally {
    for (const name of [draft, ...sideFiles(draft)]) rmSync(name, { force: true })
  }
}

/**
 * Proves that a mirror is whole: every page, every index against its table, every reference.
 *
 * @throws TidemarkError database_damaged, and what opening may throw
 */
export function proveMirror(file: string): CopyProof {
  const db = new Connection({ path: file, readOnly: true, synchronous: 'NORMAL', cacheKib: CACHE_KIB })
  try {
    checkReadable(db)
    checkIntegrity(db)
    return proofOf(file, rowsByTable(db))
  } finally {
    db.close()
  }
}

/** A mirror that nobody else can use until it is let go. */
export interface Hold {
  release(): void
}

/**
 * Refuses a mirror that any process has open, this one too, and keeps everybody out of it. Empties its write-ahead log
 * into it on the way, so that the one file is all of it. Whoever opens the file meanwhile waits, and when it stands under
 * another name then, SQLite refuses them to write. One that is too damaged to be asked is held by nobody.
 *
 * @throws TidemarkError database_in_use, database_unwritable
 */
export function seizeMirror(file: string): Hold {
  const db = new DatabaseSync(file, { timeout: 0 })
  try {
    // Leaving the write-ahead mode takes the only connection there is; somebody may enter it again before the lock.
    db.exec('PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE')
    const { journal_mode: mode } = db.prepare('PRAGMA journal_mode').get() as { journal_mode: string }
    if (mode !== 'wal') return { release: () => db.close() }
  } catch (error) {
    const told = meaningOf(error, file)
    if (told instanceof TidemarkError && DAMAGES.has(told.code)) {
      db.close()
      return { release: () => {} }
    }
    if (!(told instanceof TidemarkError) || told.code !== 'database_busy') {
      db.close()
      throw told
    }
  }
  db.close()
  throw new TidemarkError('database_in_use', `The database ${file} is in use by another process.`)
}

/** What a mirror is told to have that a backup is to replace. */
const DAMAGES: ReadonlySet<string> = new Set<ErrorCode>(['database_damaged', 'database_unreadable', 'database_io'])

/**
 * Puts a mirror in the place of another, which nobody may have in use, and which stays under a name of its own with all
 * that belongs to it. The other need not be there.
 *
 * @throws TidemarkError database_in_use, database_unwritable
 */
export function replaceMirror(order: { readonly file: string; readonly by: string; readonly aside: string }): void {
  const { file, by, aside } = order
  refuseSpecial(file)
  const hold = existsSync(file) ? seizeMirror(file) : undefined
  try {
    if (hold) putAside(file, aside)
    for (const ending of SIDE_FILES) if (existsSync(file + ending)) renameSync(file + ending, aside + ending)
    renameSync(by, file)
    syncFolder(dirname(file))
  } finally {
    hold?.release()
  }
}

function putAside(file: string, aside: string): void {
  try {
    linkSync(file, aside)
  } catch {
    // A file system without links: for a moment there is no file under the name.
    renameSync(file, aside)
  }
}

// ── the copy ──────────────────────────────────────────────────────────────────────────────────────────────────────

type Counts = ReadonlyMap<string, number>

/**
 * What is written in the place of a mirror, or of what SQLite keeps beside it, would be the end of it, by whatever name.
 *
 * @throws TidemarkError argument_invalid
 */
export function refuseMirror(mirror: string, path: string): void {
  const own = placeOf(mirror)
  const refuse = (what: string) => {
    throw new TidemarkError('argument_invalid', `The file ${path} is ${what}.`, {
      hint: 'Nothing was written. Name another file.',
    })
  }
  if (isSameFile(path, own)) refuse('the database itself')
  if (sideFiles(own).some((one) => isSameFile(path, one))) refuse('a part of the database')
}

/** Gives the copy its name. What stood there under it is gone only when the copy stands there. */
function exchange(draft: string, to: string): void {
  const hold = existsSync(to) ? seizeMirror(to) : undefined
  try {
    // Of a mirror that was held none is left; others must not be taken for the copy's.
    const left = SIDE_FILES.filter((ending) => existsSync(to + ending))
    for (const ending of left) renameSync(to + ending, `${draft}.old${ending}`)
    try {
      renameSync(draft, to)
    } catch (error) {
      for (const ending of left) renameSync(`${draft}.old${ending}`, to + ending)
      throw error
    }
    for (const ending of left) rmSync(`${draft}.old${ending}`, { force: true })
    syncFolder(dirname(to))
  } finally {
    hold?.release()
  }
}

/** Copies within one read transaction, and counts the rows of the very state that is copied. */
async function copyPages(from: string, draft: string): Promise<Counts> {
  closeSync(openSync(draft, 'wx', 0o600))
  const source = new Connection({ path: from, readOnly: true, synchronous: 'NORMAL', cacheKib: CACHE_KIB })
  try {
    checkReadable(source)
    source.exec('BEGIN')
    const counted = rowsByTable(source)
    await source.lend((db) => backup(db, draft, { rate: ALL_PAGES }))
    return counted
  } finally {
    source.close()
  }
}

/** Makes a mirror of its own of the copy: verified, of a new epoch, run by nobody, and on the disk. */
function settleCopy(draft: string, counted: Counts, from: string): CopyProof {
  const db = new Connection({ path: draft, readOnly: false, synchronous: 'FULL', cacheKib: CACHE_KIB })
  try {
    checkIntegrity(db)
    const found = rowsByTable(db)
    for (const [table, rows] of counted) {
      if (found.get(table) !== rows) throw differs(from, table, rows, found.get(table) ?? 0)
    }
    db.transaction(() => {
      db.run(`UPDATE tm_projects SET epoch = ${SQLITE.newEpoch}`)
      // Whoever held a lease holds it in the original.
      db.run('UPDATE tm_leases SET holder = NULL, generation = generation + 1')
    })
    // One file, without a log beside it, so that it can be moved about.
    db.value('PRAGMA journal_mode = DELETE')
    return proofOf(draft, found)
  } finally {
    db.close()
    chmodSync(draft, 0o600)
  }
}

function proofOf(file: string, rows: Counts): CopyProof {
  const count = (table: string) => rows.get(table) ?? 0
  return {
    bytes: statSync(file).size,
    tables: rows.size,
    rows: [...rows.values()].reduce((sum, one) => sum + one, 0),
    projects: count('tm_projects'),
    connections: count('tm_connections'),
    secrets: count('tm_secrets'),
  }
}

function rowsByTable(db: Connection): Counts {
  const names = db.all(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'`)
  return new Map(
    names.map((row) => {
      const name = text(row['name'])
      return [name, Number(db.value(`SELECT count(*) FROM ${quote(name)}`))]
    }),
  )
}

function checkIntegrity(db: Connection): void {
  const [first] = faults(db, true)
  if (first !== undefined) throw damaged(db.name, first)
}

/** The files that SQLite keeps beside one; they belong to it and to no other. */
const SIDE_FILES = ['-wal', '-shm', '-journal']

function sideFiles(file: string): readonly string[] {
  return SIDE_FILES.map((ending) => file + ending)
}

function exists(file: string): TidemarkError {
  return new TidemarkError('backup_exists', `The file ${file} is there already.`)
}

function differs(from: string, table: string, wanted: number, found: number): TidemarkError {
  const message = `The copy of ${from} has ${plural(found, 'row')} in ${table}, not ${wanted}.` as const
  return new TidemarkError('backup_differs', message)
}

/** What to throw of a folder that can't be written; errors of SQLite have their own meanings. */
function meaningOfFile(error: unknown, file: string): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException
  if (error instanceof TidemarkError || syscall === undefined) return meaningOf(error, file)
  const what = code === 'ENOSPC' ? 'disk_full' : 'output_failed'
  return new TidemarkError(what, `The file ${file} can't be written (${code}).`, {
    hint: 'Check that its folder exists, that you may write to it, and that there is room. Nothing was left there.',
    cause: error,
  })
}

function damaged(file: string, why: string): TidemarkError {
  return new TidemarkError('database_damaged', `The database ${file} is damaged: ${why}.`, {
    hint: 'Restore the last backup with: tidemark restore; `sqlite3 <file> ".recover"` rescues what can still be read.',
  })
}

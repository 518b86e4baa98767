// Owns which file is meant by commands that work with the database as a file, and the names of files beside it, those that
// a killed process has left included.

import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { systemClock } from '../../engine/system.ts'
import { retold, TidemarkError } from '../../model/errors.ts'
import { addressOf, isPostgresUrl } from '../../store/postgres/url.ts'

/** @throws TidemarkError file_unsupported for a server, or a database in memory */
export function mirrorFile(database: string, command: string): string {
  if (isPostgresUrl(database)) {
    throw new TidemarkError(
      'file_unsupported',
      `The command tidemark ${command} works on a file, and this database is a server.`,
      {
        hint: `Use the tool of the server: ${serverCommand(database, command)} The key of the secrets is not in a backup: keep it apart.`,
      },
    )
  }
  if (database === ':memory:') {
    throw new TidemarkError(
      'file_unsupported',
      `The command tidemark ${command} works on a file, and this database has none.`,
    )
  }
  return resolve(database)
}

/**
 * What copies a mirror on a server, or brings it back. The tools of PostgreSQL refuse a URL with our own parameter, and
 * the URL itself may hold a password: it is not shown.
 */
function serverCommand(database: string, command: string): string {
  const { schema } = addressOf(database)
  return command === 'backup'
    ? `pg_dump -Fc --schema=${schema} --file=mirror.dump <url> (the URL without ?schema=).`
    : `pg_restore --clean --if-exists --dbname=<url> mirror.dump (the URL without ?schema=).`
}

/**
 * What would only be noticed at the end: a place where no file can be.
 *
 * @throws TidemarkError argument_invalid for a folder, output_failed where there is no folder
 */
export function checkPlace(file: string, what: string): void {
  if (isFolder(file)) {
    throw new TidemarkError('argument_invalid', `The name ${file} is that of a folder.`, {
      hint: `Name a file for ${what}.`,
    })
  }
  const folder = dirname(resolve(file))
  if (existsSync(folder)) return
  throw new TidemarkError('output_failed', `There is no folder ${folder} for ${what}.`, {
    hint: `Make it first: mkdir -p ${folder}`,
  })
}

/**
 * A backup is there, as a file.
 *
 * @throws TidemarkError database_missing, argument_invalid
 */
export function checkBackup(file: string): void {
  if (isFolder(file)) {
    throw new TidemarkError('argument_invalid', `The name ${file} is that of a folder.`, {
      hint: 'Name the backup in it.',
    })
  }
  if (existsSync(file)) return
  throw new TidemarkError('database_missing', `There is no backup ${file}.`, {
    hint: `Looked for at ${resolve(file)}. Name a file that tidemark backup made.`,
  })
}

/** An error about a database, told to somebody who named a backup. */
export function ofBackup(error: unknown, file: string): unknown {
  if (!(error instanceof TidemarkError)) return error
  if (error.code === 'database_unreadable') {
    const hint = 'Name a file that tidemark backup made. Nothing was changed.'
    return retold(error, { message: `The file ${file} is no backup of a Tidemark database.`, hint, cause: error })
  }
  if (error.code !== 'database_damaged') return error
  const hint = `Nothing was changed. Take another backup; sqlite3 ${file} ".recover" rescues what can still be read of this one.`
  return retold(error, { message: `The backup ${file} is damaged.`, hint, cause: error })
}

function isFolder(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isDirectory() ?? false
}

/** A name beside a file that nobody else has. */
export function besides(file: string, what: string): string {
  return `${file}.${what}-${randomBytes(4).toString('hex')}`
}

/** The folders of drills begin with this. */
export const DRILL_FOLDER = '.tidemark-drill-'
/** What a killed process has left beside a file is deleted when it is older than this, in milliseconds. */
const LEFT_FROM_MS = 86_400_000

/** Deletes what processes have left that were killed while they copied or tried a backup. Nothing of it is anybody's data. */
export function sweepLeft(file: string): void {
  const folder = dirname(resolve(file))
  const left = systemClock.now() - LEFT_FROM_MS
  for (const name of readdirSync(folder)) {
    const isOurs = name.startsWith(DRILL_FOLDER) || /\.(?:drill|partial)-[0-9a-f]{8}(?:-wal|-shm|-journal)?$/.test(name)
    const path = join(folder, name)
    const age = isOurs ? statSync(path, { throwIfNoEntry: false })?.mtimeMs : undefined
    if (age !== undefined && age < left) rmSync(path, { recursive: true, force: true })
  }
}

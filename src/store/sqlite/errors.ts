// Owns what SQLite's own errors mean to a person: a code, a hint, and who acts next.

import { type ErrorCode, TidemarkError } from '../../model/errors.ts'
import { VALUE_REFUSED } from '../refused-value.ts'

interface Meaning {
  readonly code: ErrorCode
  readonly says: string
  /** Absent: that of the code. */
  readonly hint?: string
}

const BUSY: Meaning = {
  code: 'database_busy',
  says: 'is locked by another process',
  hint: 'Another program has held a write open for more than five seconds; end it, or try again.',
}
const FULL: Meaning = {
  code: 'disk_full',
  says: 'cannot grow: the disk is full',
}
const UNWRITABLE: Meaning = {
  code: 'database_unwritable',
  says: 'cannot be written',
  hint: 'Check that you may write to the file and to its folder.',
}
const DAMAGED: Meaning = {
  code: 'database_damaged',
  says: 'is damaged',
  hint: 'Restore the last backup; `sqlite3 <file> ".recover"` rescues what can still be read.',
}
const UNREADABLE: Meaning = {
  code: 'database_unreadable',
  says: 'is not a Tidemark database',
}
const IO: Meaning = {
  code: 'database_io',
  says: 'could not be read or written by the operating system',
  hint: 'Look at the disk and at the system log; nothing was half written.',
}
const CHANGED: Meaning = {
  code: DAMAGED.code,
  says: 'lacks what Tidemark keeps in it',
  hint: 'Another program has changed its tables. Restore the last backup with tidemark restore, or begin anew in another file; read its tables with tidemark sql, and let nothing else write to them.',
}
const REPLACED: Meaning = {
  code: 'database_replaced',
  says: 'was moved or replaced while it was open',
  hint: 'What this run wrote is not in the database that stands there now. Replace a database only while nothing has it open (tidemark restore refuses otherwise), then sync again.',
}
const UNEXPECTED: Meaning = {
  code: 'unexpected',
  says: 'refused a statement',
}
const LIMIT: Meaning = {
  code: VALUE_REFUSED,
  says: 'cannot hold one of the values',
  hint: 'A text has 1,000,000,000 bytes at most, a table 2,000 columns.',
}

/** SQLITE_IOERR, of which a file that is too short is one. */
export const IO_FAILED = 10
/** Of a file that SQLite can't make sense of. */
export const UNREADABLE_CODES: ReadonlySet<number> = new Set([IO_FAILED, 11, 26])

/** By SQLite's primary result code. */
const MEANINGS: Readonly<Record<number, Meaning>> = {
  5: BUSY,
  6: BUSY,
  8: UNWRITABLE,
  [IO_FAILED]: IO,
  11: DAMAGED,
  13: FULL,
  14: UNWRITABLE,
  18: LIMIT,
  20: LIMIT,
  26: UNREADABLE,
}

/** SQLITE_CONSTRAINT: a row is missing that others refer to, or one is there that should not be. */
const CONSTRAINT = 19
/** A table that would get more than it can have; SQLite has no code for it. */
const SAYS_LIMIT = /\btoo many columns\b/
/** What a statement of ours says of tables that are not as we made them. */
const SAYS_CHANGED = /\bno such (?:table|column|index|view)\b|\bhas no column named\b/

/** SQLITE_READONLY_DBMOVED: an extended code, of a file that is no longer under its name. */
const MOVED = 1032

/** The primary result code of an error of node:sqlite; 0 for anything else. */
export function sqliteCode(error: unknown): number {
  if (!(error instanceof Error) || !('errcode' in error)) return 0
  return Number(error.errcode) & 0xff
}

/** What to throw instead of `error`, which any statement may have met; a stranger stays what it is. */
export function meaningOf(error: unknown, database: string): unknown {
  // Whoever still reads, in a loop, say, while the program closes it.
  if (error instanceof Error && error.message === 'database is not open') return closed(database, error)
  const moved = error instanceof Error && 'errcode' in error && error.errcode === MOVED
  const meaning = moved ? REPLACED : MEANINGS[sqliteCode(error)]
  if (!meaning) return error
  const details = { scope: 'run', hint: meaning.hint, cause: error } as const
  return new TidemarkError(meaning.code, `The database ${database} ${meaning.says}.`, details)
}

/** The same for a statement of ours, which fails in no other way unless somebody else has changed the tables. */
export function ownMeaningOf(error: unknown, database: string): unknown {
  const meaning = meaningOf(error, database)
  if (meaning !== error || sqliteCode(error) === 0) return meaning
  const { message } = error as Error
  const isChanged = sqliteCode(error) === CONSTRAINT || SAYS_CHANGED.test(message)
  const { code, says, hint } = SAYS_LIMIT.test(message) ? LIMIT : isChanged ? CHANGED : UNEXPECTED
  return new TidemarkError(code, `The database ${database} ${says} (${message}).`, {
    scope: 'run',
    hint,
    cause: error,
  })
}

export function unreadable(database: string, why: string): TidemarkError {
  return new TidemarkError('database_unreadable', `The file ${database} ${why}.`)
}

/** The error of a file that is no longer the one that was opened; `what` says what became of it. */
export function replaced(database: string, what: string): TidemarkError {
  const { code, hint } = REPLACED
  return new TidemarkError(code, `The database ${database} ${what} while it was open.`, { scope: 'run', hint })
}

export function folderNamed(path: string): TidemarkError {
  return new TidemarkError('database_unwritable', `The database ${path} is a folder.`, {
    hint: 'Name a file in it with --database, such as tidemark.db.',
  })
}

export function folderMissing(path: string, folder: string): TidemarkError {
  return new TidemarkError('database_unwritable', `There is no folder ${folder} for the database ${path}.`, {
    hint: `Make it first: mkdir -p ${folder}`,
  })
}

export function missing(database: string): TidemarkError {
  return new TidemarkError('database_missing', `There is no database ${database}.`)
}

function closed(database: string, cause: unknown): TidemarkError {
  return new TidemarkError('closed', `The database ${database} was closed meanwhile.`, { scope: 'run', cause })
}

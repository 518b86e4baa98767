// Owns what PostgreSQL's own errors, and those of the way to it, mean to a person: a code, a hint, and who acts next.

import { type ErrorCode, TidemarkError } from '../../model/errors.ts'
import { VALUE_REFUSED } from '../refused-value.ts'

interface Meaning {
  readonly code: ErrorCode
  readonly says: string
  /** Absent: that of the code. */
  readonly hint?: string
}

const UNREACHABLE: Meaning = {
  code: 'database_unreachable',
  says: 'cannot be reached',
}
const REFUSED: Meaning = {
  code: 'database_refused',
  says: 'refuses the login',
}
const MISSING: Meaning = {
  code: 'database_missing',
  says: 'does not exist on its server',
  hint: 'Make it with createdb, or name another one with --database.',
}
const BUSY: Meaning = {
  code: 'database_busy',
  says: 'is locked by another session, or has no room for one more',
  hint: 'Somebody holds a lock or too many connections; end them, or try again.',
}
const FULL: Meaning = {
  code: 'disk_full',
  says: 'cannot grow: the disk of its server is full',
}
const UNWRITABLE: Meaning = {
  code: 'database_unwritable',
  says: 'cannot be written: it is read-only, or the role may not',
  hint: 'Name the primary server, and a role that may make tables in the schema (GRANT CREATE, USAGE).',
}
const DAMAGED: Meaning = {
  code: 'database_damaged',
  says: 'is damaged',
  hint: 'Look at the log of the server, and restore the last backup.',
}
const IO: Meaning = {
  code: 'database_io',
  says: 'could not be read or written by its server',
  hint: 'Look at the disk and at the log of the server; nothing was half written.',
}
const REPLACED: Meaning = {
  code: 'database_replaced',
  says: 'has lost its tables, or got others, while it was open',
  hint: 'What this run wrote is not in the tables that stand there now. Drop or restore a schema only while nothing uses it, then sync again.',
}
const CHANGED: Meaning = {
  code: DAMAGED.code,
  says: 'lacks what Tidemark keeps in it',
  hint: 'Another program has changed its tables. Restore the last backup, or begin anew in another schema (?schema= in the URL); read the tables with tidemark sql, and let nothing else write to them.',
}
const UNEXPECTED: Meaning = {
  code: 'unexpected',
  says: 'refused a statement',
}
const LIMIT: Meaning = {
  code: VALUE_REFUSED,
  says: 'cannot hold one of the values',
  hint: 'A key has 2,600 bytes at most, a text 1 GB, a table 1,600 columns.',
}

/** By SQLSTATE, or its class. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  '08': UNREACHABLE,
  '22': LIMIT,
  '23': CHANGED,
  '28': REFUSED,
  '3D000': MISSING,
  '3F000': REPLACED,
  '25006': UNWRITABLE,
  '40': BUSY,
  '42501': UNWRITABLE,
  '42703': REPLACED,
  '42P01': REPLACED,
  '53': BUSY,
  '53100': FULL,
  '54': LIMIT,
  '55P03': BUSY,
  '57014': BUSY,
  '57P': UNREACHABLE,
  '58': IO,
  // Of a table that was dropped between two looks at it, too.
  XX: DAMAGED,
}

/** Why a server is not reached, by the code of the system. */
const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection lost',
  EHOSTUNREACH: 'no route to the host',
  ENOTFOUND: 'unknown host',
  ETIMEDOUT: 'connection timed out',
}

/** Errors of sockets, names and TLS that mean that the server was not reached. */
const NETWORK = /^(?:E[A-Z]+|ERR_(?:SSL|TLS)_\w+|UNABLE_TO_\w+)$/
const CERTIFICATE = /^[A-Z_]+$/
/** What the driver says of a lost connection has no code. */
const LOST = /^(?:Connection terminated|Query read timeout|timeout expired|Client has encountered a connection error)/
/** What it says when all connections of this process have been at work for too long. */
const SAYS_POOL_BUSY = /^timeout exceeded when trying to connect/
const SAYS_TLS = /does not support SSL|self.signed|certificate/i

function isNetwork(code: string): boolean {
  return NETWORK.test(code) || (CERTIFICATE.test(code) && code.includes('CERT'))
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error) || !('code' in error)) return ''
  return String(error.code)
}

function find(error: unknown): Meaning | undefined {
  if (error instanceof TidemarkError) return undefined
  const code = codeOf(error)
  if (/^[0-9A-Z]{5}$/.test(code) && !isNetwork(code)) {
    return MEANINGS[code] ?? MEANINGS[code.slice(0, 3)] ?? MEANINGS[code.slice(0, 2)] ?? UNEXPECTED
  }
  if (!(error instanceof Error)) return undefined
  if (SAYS_POOL_BUSY.test(error.message)) return BUSY
  if (isNetwork(code) || LOST.test(error.message) || SAYS_TLS.test(error.message)) return UNREACHABLE
  return undefined
}

/** The SQLSTATE of an error of PostgreSQL; empty for anything else. */
export function sqlState(error: unknown): string {
  const code = codeOf(error instanceof TidemarkError ? error.cause : error)
  return /^[0-9A-Z]{5}$/.test(code) ? code : ''
}

/** Whether the connection is gone, so that nobody knows what became of the last statement. */
export function isLost(error: unknown): boolean {
  return find(error) === UNREACHABLE
}

/** What to throw instead of `error`; a stranger stays what it is. */
export function meaningOf(error: unknown, database: string): unknown {
  // Whoever still reads, in a loop, say, while the program closes it.
  if (error instanceof Error && error.message.startsWith('Cannot use a pool after')) return closed(database, error)
  const meaning = find(error)
  if (!meaning) return error
  const { code, says, hint } = meaning
  const reason = (error instanceof Error && (REASONS[codeOf(error)] ?? error.message)) || ''
  return new TidemarkError(code, `The database ${database} ${says}${reason && ` (${reason})`}.`, {
    scope: 'run',
    hint,
    cause: error,
  })
}

/** The error of a database whose tables are no longer those that were opened. */
export function replaced(database: string): TidemarkError {
  const { code, says, hint } = REPLACED
  return new TidemarkError(code, `The database ${database} ${says}.`, { scope: 'run', hint })
}

export function noMirror(where: string): TidemarkError {
  return new TidemarkError('database_missing', `There is no mirror ${where}.`)
}

function closed(database: string, cause: unknown): TidemarkError {
  return new TidemarkError('closed', `The database ${database} was closed meanwhile.`, { scope: 'run', cause })
}

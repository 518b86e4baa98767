// Owns the process that runs a person's SELECT: a connection that can't write, views that hold one project, and an
// authorizer that lets nothing else be read. Reads its request from stdin, answers in lines on stdout.
//
// How one project is kept from the others. Each view of the contract is made anew as a temporary view of the same name,
// which hides the one of the file. It reads from a second temporary view, which holds the project's rows and has a name
// that nobody can guess; SQLite tells the authorizer through which view a table is read, and only through those is a
// table of the file read at all.

import { readFileSync, writeSync } from 'node:fs'
import { constants, DatabaseSync } from 'node:sqlite'
import { TidemarkError } from '../model/errors.ts'
import { projectViews } from './console-views.ts'
import type { ConsoleLine, SqlRequest } from './console.ts'
import { Connection, exact } from './sqlite-connection.ts'
import { meaningOf } from './sqlite-errors.ts'
import { quote } from './sqlite-names.ts'
import { checkReadable } from './sqlite-schema.ts'
import { fromSql } from './sqlite-values.ts'

/** About how much is written to the pipe at a time, in characters. */
const CHUNK_CHARS = 64 * 1024
/** Rows that go into one line: enough that the lines cost nothing, few enough that none gets long. */
const ROWS_PER_LINE = 100
/** More memory than any honest question needs, in bytes; what is sorted beyond it goes to temporary files. */
const MEMORY_MAX = 256 * 1024 * 1024

/** Functions that do more than compute. */
const FORBIDDEN_FUNCTIONS = new Set(['load_extension', 'fts3_tokenizer'])
/** Tables that are functions of their arguments. */
const TABLE_FUNCTIONS = new Set(['json_each', 'json_tree'])

function answer({ database, project, sql, rowsMax = 0 }: SqlRequest): void {
  const db = open(database, project)
  const statement = db.prepare(sql)
  const rest = sql.slice(statement.sourceSQL.length)
  if (!/^(?:[\s;]|--[^\n]*|\/\*[\s\S]*?\*\/)*$/.test(rest)) throw refused('it is more than one statement')
  const columns = distinct(statement.columns().map(({ name }) => name))
  if (columns.length === 0) throw refused('it answers nothing; write one SELECT')
  statement.setReadBigInts(true)
  statement.setReturnArrays(true)
  say({ columns })
  let rows: unknown[][] = []
  let count = 0
  for (const row of statement.iterate() as Iterable<unknown>) {
    if (count++ === rowsMax) return say({ rows, end: 'truncated' })
    rows.push((row as unknown[]).map(readable))
    if (rows.length === ROWS_PER_LINE) {
      say({ rows })
      rows = []
    }
  }
  say({ rows, end: 'complete' })
}

/** A connection on which only the project's views can be read. */
function open(database: string, project: string): DatabaseSync {
  // Opened first as the store opens it, for its checks and its words.
  const store = new Connection({ path: database, readOnly: true, synchronous: 'NORMAL', cacheKib: 512 })
  checkReadable(store)
  const views = projectViews(store, project)
  const secret = `tm_${String(store.value('SELECT lower(hex(randomblob(16)))'))}_`
  store.close()
  const db = new DatabaseSync(database, { readOnly: true, timeout: 5_000 })
  if (typeof db.setAuthorizer !== 'function') {
    throw new TidemarkError('sql_refused', `Statements can't be guarded in Node ${process.version}.`, {
      hint: 'Use Node 24.10 or later, or open the database with a SQLite tool of your own.',
    })
  }
  db.exec(`PRAGMA hard_heap_limit = ${MEMORY_MAX}; PRAGMA cache_size = -32768`)
  for (const { name, sql } of views) {
    const hidden = quote(secret + name)
    db.exec(`CREATE TEMP VIEW ${hidden} AS ${sql}; CREATE TEMP VIEW ${quote(name)} AS SELECT * FROM temp.${hidden}`)
  }
  db.exec('PRAGMA query_only = ON')
  db.setAuthorizer((action, first, second, schema, through) => {
    const allowed = isAllowed(secret, action, first ?? '', second ?? '', schema, through ?? '')
    return allowed ? constants.SQLITE_OK : constants.SQLITE_DENY
  })
  return db
}

function isAllowed(
  secret: string,
  action: number,
  first: string,
  second: string,
  schema: string | null,
  through: string,
): boolean {
  const { SQLITE_SELECT, SQLITE_READ, SQLITE_FUNCTION, SQLITE_RECURSIVE } = constants
  if (action === SQLITE_SELECT || action === SQLITE_RECURSIVE) return true
  if (action === SQLITE_FUNCTION) return !FORBIDDEN_FUNCTIONS.has(second.toLowerCase())
  if (action !== SQLITE_READ) return false
  if (through.startsWith(secret)) return true
  // A subquery has neither schema nor secrets: what it reads is asked for by itself.
  if (schema === null) return true
  return schema === 'temp' ? !/^sqlite_/i.test(first) : TABLE_FUNCTIONS.has(first.toLowerCase())
}

/** Names of columns, so that each can be the name of a value: the second `a` is `a:1`, as the sqlite3 shell has it. */
function distinct(names: readonly string[]): readonly string[] {
  const taken = new Set<string>()
  return names.map((name) => {
    let free = name
    for (let i = 1; taken.has(free); i++) free = `${name}:${i}`
    taken.add(free)
    return free
  })
}

/** Integers beyond 2^53 are text; bytes are too, in hexadecimal unless they are the digits of a larger integer. */
function readable(value: unknown): unknown {
  if (typeof value === 'bigint') {
    const number = exact(value)
    return typeof number === 'bigint' ? String(number) : number
  }
  if (!(value instanceof Uint8Array)) return value
  const text = String(fromSql(value))
  return /^[+-]?\d+$/.test(text) ? text : Buffer.from(value).toString('hex')
}

function refused(why: string): TidemarkError {
  return new TidemarkError('sql_refused', `The statement was refused: ${why}.`, {
    hint: 'One SELECT over the tables of your project: each stream is one, and so are runs, gaps, changes and streams.',
  })
}

function complaint(error: unknown, database: string): ConsoleLine {
  const known = knownError(error, database)
  return { code: known.code, message: known.message, ...(known.hint === undefined ? {} : { hint: known.hint }) }
}

function knownError(error: unknown, database: string): TidemarkError {
  const meaning = meaningOf(error, database)
  if (meaning instanceof TidemarkError) return meaning
  const said = error instanceof Error ? error.message : String(error)
  // A table of another project does not exist for this one.
  const table = /^access to (?!tm_|sqlite_|pragma_)([^\s.]+)\.\S+ is prohibited/i.exec(said)?.[1]
  if (table) return new TidemarkError('sql_failed', `no such table: ${table}`)
  if (/not authorized|prohibited/i.test(said)) return refused('it does more than read the tables of its project')
  return new TidemarkError('sql_failed', said)
}

let buffered = ''

function say(line: ConsoleLine): void {
  buffered += `${JSON.stringify(line)}\n`
  if (buffered.length >= CHUNK_CHARS) flush()
}

function flush(): void {
  let bytes = Buffer.from(buffered)
  buffered = ''
  while (bytes.length > 0) {
    try {
      bytes = bytes.subarray(writeSync(1, bytes))
    } catch (error) {
      // The pipe is full: whoever reads it is slower than SQLite.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
    }
  }
}

const request = JSON.parse(readFileSync(0, 'utf8')) as SqlRequest
try {
  answer(request)
} catch (error) {
  say(complaint(error, request.database))
}
flush()

// Owns the process that runs a person's SELECT. Reads its request from stdin, answers in lines on stdout.

import { readFileSync, writeSync } from 'node:fs'
import { TidemarkError } from '../../model/errors.ts'
import type { ConsoleLine, SqlRequest } from '../console.ts'
import { isPostgresUrl } from '../postgres/url.ts'
import { exact } from '../sqlite/connection.ts'
import { fromSql } from '../sqlite/values.ts'
import { openGuarded } from './guard.ts'
import { refused } from './refusals.ts'

/** About how much is written to the pipe at a time, in characters. */
const CHUNK_CHARS = 64 * 1024
/** Rows that go into one line: enough that the lines cost nothing, few enough that none gets long. */
const ROWS_PER_LINE = 100

/** White space, comments and semicolons: what may follow a statement, and is none. */
const NOTHING = /^(?:[\s;]|--[^\n]*|\/\*[\s\S]*?\*\/)*$/

function answer({ database, project, sql, rowsMax = 0 }: SqlRequest): void {
  const { db, checkText, explain } = openGuarded(database, project)
  if (NOTHING.test(sql)) throw refused('it is empty')
  checkText(sql)
  try {
    const statement = db.prepare(sql)
    if (!NOTHING.test(sql.slice(statement.sourceSQL.length))) throw refused('it is more than one statement')
    const columns = distinct(statement.columns().map(({ name }) => name))
    if (columns.length === 0) throw refused('it answers nothing; write one SELECT')
    statement.setReadBigInts(true)
    statement.setReturnArrays(true)
    say({ columns })
    sayRows(statement.iterate() as Iterable<unknown>, rowsMax)
  } catch (error) {
    throw error instanceof TidemarkError ? error : explain(error)
  }
}

async function answerFromServer({ database, project, sql, rowsMax = 0, timeoutMs = 0 }: SqlRequest): Promise<void> {
  if (NOTHING.test(sql)) throw refused('it is empty')
  const { selectRows } = await import('../postgres/console.ts')
  const { columns, rows } = await selectRows({ database, project, sql, rowsMax, timeoutMs })
  say({ columns: distinct(columns) })
  sayRows(rows, rowsMax)
}

function sayRows(all: Iterable<unknown>, rowsMax: number): void {
  let rows: unknown[][] = []
  let count = 0
  for (const row of all) {
    if (count++ === rowsMax) return say({ rows, end: 'truncated' })
    rows.push((row as unknown[]).map(readable))
    if (rows.length === ROWS_PER_LINE) {
      say({ rows })
      rows = []
    }
  }
  say({ rows, end: 'complete' })
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

try {
  const request = JSON.parse(readFileSync(0, 'utf8')) as SqlRequest
  if (isPostgresUrl(request.database)) await answerFromServer(request)
  else answer(request)
} catch (error) {
  if (!(error instanceof TidemarkError)) throw error
  const { code, message, hint } = error
  say({ code, message, ...(hint === undefined ? {} : { hint }) })
}
flush()

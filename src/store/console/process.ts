// Owns the process that runs a person's SELECT. Reads its request, a line, from stdin, and answers in lines on stdout
// (lines.ts). It ends with whoever asked: while that one lives, it holds the other end of stdin.

import { readSync, writeSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { TidemarkError } from '../../model/errors.ts'
import type { SqlRequest } from '../console.ts'
import { isPostgresUrl } from '../postgres/url.ts'
import { exact } from '../sqlite/connection.ts'
import { contractName, inViewNames } from '../sqlite/view-names.ts'
import { plain } from '../system/columns.ts'
import { openGuarded } from './guard.ts'
import { type ConsoleLine, type LargeText, LINE_FEED } from './lines.ts'
import { refused } from './refusals.ts'
import { withoutEnding } from './tokens.ts'

/** About how much is written to the pipe at a time, and goes into one line, in characters. */
const CHUNK_CHARS = 64 * 1024
/** Texts from this length on follow their line as they are: as JSON they would be held in memory twice more. */
const LARGE_CHARS = 64 * 1024
/** How much of such a text is turned into bytes at a time, in characters. */
const SLICE_CHARS = 1024 * 1024
/** Rows that go into one line: enough that the lines cost nothing. */
const ROWS_PER_LINE = 100
/** The longest row, in characters of its values: what is left of the longest text there can be when all are escaped. */
const ROW_CHARS_MAX = 80 * 1024 * 1024

function answer({ database, project, sql: asked, rowsMax = 0 }: SqlRequest): void {
  const sql = inViewNames(asked)
  const { db, checkText, explain } = openGuarded(database, project)
  if (withoutEnding(sql, 'sqlite') === '') throw refused('it is empty')
  checkText(sql)
  try {
    const statement = db.prepare(sql)
    const rest = sql.slice(statement.sourceSQL.length)
    if (withoutEnding(rest, 'sqlite') !== '') throw refused('it is more than one statement')
    const columns = distinct(statement.columns().map(({ name }) => contractName(name)))
    if (columns.length === 0) throw refused('it answers nothing; write one SELECT')
    statement.setReadBigInts(true)
    statement.setReturnArrays(true)
    say({ columns })
    const rows = new Rows(rowsMax)
    for (const row of statement.iterate() as Iterable<unknown>) if (!rows.add(row as unknown[])) break
    rows.end()
  } catch (error) {
    throw error instanceof TidemarkError ? error : explain(error, sql)
  }
}

async function answerFromServer({ database, project, sql, rowsMax = 0, timeoutMs = 0 }: SqlRequest): Promise<void> {
  if (withoutEnding(sql, 'postgres') === '') throw refused('it is empty')
  const { selectRows } = await import('../postgres/console.ts')
  const rows = new Rows(rowsMax)
  const stop = new AbortController()
  process.once('SIGTERM', () => stop.abort())
  // The server would go on with the statement for nobody: it is stopped there, too.
  for (const end of ['end', 'close', 'error']) process.stdin.once(end, () => stop.abort())
  process.stdin.resume().unref()
  const order = { database, project, sql, rowsMax, timeoutMs, signal: stop.signal }
  await selectRows(order, {
    columns: (names) => say({ columns: distinct(names) }),
    row: (row) => void rows.add(row),
  })
  rows.end()
}

/** Rows on their way out, a line when there are enough. */
class Rows {
  readonly #max: number
  #count = 0
  #chars = 0
  #line: unknown[][] = []
  #large: { place: LargeText; text: string }[] = []

  constructor(max: number) {
    this.#max = max
  }

  /** False: it is one more than were asked for. */
  add(row: readonly unknown[]): boolean {
    if (this.#count++ >= this.#max) return false
    const values = row.map(readable)
    const chars = values.reduce<number>((sum, value) => sum + (typeof value === 'string' ? value.length : 0), 0)
    if (chars > ROW_CHARS_MAX) throw tooLarge()
    for (const [column, value] of values.entries()) {
      if (typeof value !== 'string' || value.length < LARGE_CHARS) continue
      this.#large.push({ place: [this.#line.length, column, Buffer.byteLength(value)], text: value })
      values[column] = null
    }
    this.#line.push(values)
    this.#chars += chars
    if (this.#line.length === ROWS_PER_LINE || this.#chars >= CHUNK_CHARS) this.#say()
    return true
  }

  end(): void {
    this.#say(this.#count > this.#max ? 'truncated' : 'complete')
  }

  #say(end?: 'complete' | 'truncated'): void {
    const [rows, large] = [this.#line, this.#large]
    this.#line = []
    this.#large = []
    this.#chars = 0
    say({ rows, ...(large.length > 0 && { large: large.map(({ place }) => place) }), ...(end && { end }) })
    for (const { text } of large) sayText(text)
  }
}

function tooLarge(): TidemarkError {
  const mebi = ROW_CHARS_MAX / (1024 * 1024)
  return new TidemarkError('sql_row_too_large', `A row of the answer has more than ${mebi} Mi characters.`)
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
  // JSON would make null of what is no number, or has none of its own.
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  if (typeof value === 'bigint') {
    const number = exact(value)
    return typeof number === 'bigint' ? String(number) : number
  }
  if (!(value instanceof Uint8Array)) return value
  const text = String(plain(value))
  return /^[+-]?\d+$/.test(text) ? text : Buffer.from(value).toString('hex')
}

let buffered = ''

function say(line: ConsoleLine): void {
  buffered += `${JSON.stringify(line)}\n`
  if (buffered.length >= CHUNK_CHARS) flush()
}

/** A text without a line, in slices that don't divide a character. */
function sayText(text: string): void {
  flush()
  for (let from = 0; from < text.length; ) {
    let to = Math.min(text.length, from + SLICE_CHARS)
    const last = text.charCodeAt(to - 1)
    if (to < text.length && last >= 0xd800 && last < 0xdc00) to--
    write(Buffer.from(text.slice(from, to)))
    from = to
  }
}

function flush(): void {
  const bytes = Buffer.from(buffered)
  buffered = ''
  write(bytes)
}

function write(bytes: Buffer): void {
  for (let rest = bytes; rest.length > 0; ) {
    try {
      rest = rest.subarray(writeSync(1, rest))
    } catch (error) {
      // The pipe is full: whoever reads it is slower than the database.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
    }
  }
}

/** A statement of SQLite keeps its thread from hearing anything: another one listens for the end of whoever asked. A thread's
 * own `process.stdin` is none of the process: it opens the pipe by its number, which leads nowhere else. */
const LISTENER = `
  const { Socket } = require('node:net')
  const end = () => process.kill(process.pid, 'SIGKILL')
  new Socket({ fd: 0, readable: true, writable: false }).on('close', end).on('error', end).resume()
`

/** The first line of stdin, which stays open. */
function requestLine(): string {
  const parts: Buffer[] = []
  const part = Buffer.alloc(CHUNK_CHARS)
  for (;;) {
    const bytes = part.subarray(0, readSync(0, part))
    parts.push(Buffer.from(bytes))
    if (bytes.length === 0 || bytes.includes(LINE_FEED)) return Buffer.concat(parts).toString()
  }
}

try {
  const request = JSON.parse(requestLine()) as SqlRequest
  if (isPostgresUrl(request.database)) {
    await answerFromServer(request)
  } else {
    new Worker(LISTENER, { eval: true }).unref()
    answer(request)
  }
} catch (error) {
  if (!(error instanceof TidemarkError)) throw error
  const { code, message, hint } = error
  say({ code, message, ...(hint === undefined ? {} : { hint }) })
}
flush()

// Owns `tidemark sql`: one SELECT of a person's, in a process of its own that can be ended at any moment, because a
// running statement of SQLite can't be. What that process may read is the business of console/process.ts.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { getCompileCacheDir } from 'node:module'
import { dirname } from 'node:path'
import type { Readable } from 'node:stream'
import { asError, retold, sentence, TidemarkError } from '../model/errors.ts'
import { ownFile } from '../program-files.ts'
import { type ConsoleLine, linesOf } from './console/lines.ts'
import { Patience, unlessDone } from './console/patience.ts'
import { refused } from './console/refusals.ts'
import { isPostgresUrl } from './postgres/url.ts'

/** Rows that are given back, at most. */
const ROWS_MAX = 100_000
/** How long the database may work on a statement, in milliseconds; a reader that takes its time is not counted. */
const TIMEOUT_MS = 30_000
/** How long the process of a statement over PostgreSQL has for stopping it on the server, in milliseconds. */
const CANCEL_MS = 5_000

export interface SqlRequest {
  readonly database: string
  readonly project: string
  readonly sql: string
  /** @default 100_000 */
  readonly rowsMax?: number
  /** @default 30_000 */
  readonly timeoutMs?: number
}

export interface SqlResult {
  /** Distinct: the second `a` is `a:1`. */
  readonly columns: readonly string[]
  /** Numbers that no JavaScript number holds are text with all their digits; so are NaN and Infinity. */
  readonly rows: readonly SqlRow[]
  /** There were more rows than `rowsMax`. */
  readonly truncated: boolean
}

export type SqlRow = Record<string, unknown>

/** An answer that is read while it comes. */
export interface SqlAnswer {
  /** Distinct: the second `a` is `a:1`. */
  readonly columns: readonly string[]
  /** To be read once. A reader that is slow makes the database wait; only a row at a time is held in memory. */
  readonly rows: AsyncIterable<SqlRow>
  /** Whether there were more rows than `rowsMax`; known when the rows have come to their end. */
  isTruncated(): boolean
  /** Ends the statement, also in the middle of its answer. Always to be called. */
  close(): void
}

const PROCESS = ownFile('store/console/process')

/**
 * Runs a SELECT over the views of one project and holds all of its answer in memory.
 *
 * @throws TidemarkError as `openSql` and its rows
 */
export async function runSql(request: SqlRequest): Promise<SqlResult> {
  const answer = await openSql(request)
  try {
    const rows: SqlRow[] = []
    for await (const row of answer.rows) rows.push(row)
    return { columns: answer.columns, rows, truncated: answer.isTruncated() }
  } finally {
    answer.close()
  }
}

/**
 * Starts a SELECT over the views of one project; resolves when its columns are known.
 *
 * @throws TidemarkError sql_refused (it would write, or read what is not the caller's), sql_failed (the database's own
 *   complaint), sql_timeout, sql_row_too_large, cancelled (the signal has ended it), and what opening the database throws;
 *   the rows throw the same
 */
export async function openSql(request: SqlRequest, signal?: AbortSignal): Promise<SqlAnswer> {
  if (signal?.aborted) throw cancelled()
  // Both databases take it for the end of the text; PostgreSQL then ends the connection.
  if (request.sql.includes('\0')) throw refused('it has a NUL character (U+0000), which no statement may have')
  const { rowsMax = ROWS_MAX, timeoutMs = TIMEOUT_MS } = request
  const child = await started()
  const statement = new Statement(child, timeoutMs, isPostgresUrl(request.database))
  // A process that ended before it read its request has said why, or is missed at the end.
  child.stdin.on('error', () => {})
  // It stays open: that is how the process knows that somebody waits for its answer.
  child.stdin.write(`${JSON.stringify({ ...request, rowsMax, timeoutMs })}\n`)
  statement.endWith(signal)
  try {
    const columns = await statement.columns()
    let isTruncated = false
    const rows = statement.rows(columns, (end) => (isTruncated = end === 'truncated'))
    return { columns, rows, isTruncated: () => isTruncated, close: () => statement.end() }
  } catch (error) {
    statement.end()
    throw error
  }
}

/** @throws TidemarkError sql_failed: the system has no room for one more, or forbids it */
async function started() {
  try {
    const child = spawn(process.execPath, ['--no-warnings', PROCESS], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: { ...process.env, ...withCompiledCode() },
    })
    // Why there is none is told a moment later.
    if (child.pid === undefined) throw (await once(child, 'error'))[0]
    return child
  } catch (thrown) {
    const cause = asError(thrown)
    throw new TidemarkError('sql_failed', `No process can be started for the statement: ${sentence(cause.message)}`, {
      hint: 'Look at how many processes and open files this user may have; under node --permission, at --allow-child-process.',
      cause,
    })
  }
}

/** It loads the same code each time: where this process keeps compiled code, the other one finds it. */
function withCompiledCode(): { readonly NODE_COMPILE_CACHE?: string } {
  const folder = getCompileCacheDir()
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: dirname(folder) }
}

/** The process of one statement, and the time that the database may still take. */
class Statement {
  readonly #child: ChildProcess
  readonly #stdout: Readable
  readonly #exit: Promise<unknown>
  readonly #lines: AsyncGenerator<ConsoleLine>
  readonly #timeoutMs: number
  readonly #isOnServer: boolean
  readonly #patience: Patience
  #isLate = false
  #isCancelled = false

  constructor(child: ChildProcess & { readonly stdout: Readable }, timeoutMs: number, isOnServer: boolean) {
    this.#child = child
    this.#stdout = child.stdout
    this.#exit = once(child, 'exit')
    this.#timeoutMs = timeoutMs
    this.#patience = new Patience(timeoutMs, () => {
      this.#isLate = true
      this.#stop()
    })
    this.#isOnServer = isOnServer
    this.#lines = linesOf(child.stdout, (chunk) => this.#patience.during(chunk))
  }

  async columns(): Promise<readonly string[]> {
    const line = await this.#line()
    return 'columns' in line ? line.columns : []
  }

  async *rows(columns: readonly string[], ended: (how: 'complete' | 'truncated') => void): AsyncGenerator<SqlRow> {
    try {
      for (;;) {
        const line = await this.#line()
        if (!('rows' in line)) continue
        for (const row of line.rows) yield Object.fromEntries(columns.map((name, i) => [name, row[i]]))
        if (line.end) return ended(line.end)
      }
    } finally {
      this.end()
    }
  }

  /** @throws TidemarkError cancelled: whoever waits for a line, once the signal has come */
  endWith(signal: AbortSignal | undefined): void {
    const cancel = () => {
      this.#isCancelled = true
      this.#stop()
    }
    signal?.addEventListener('abort', cancel, { once: true })
    void this.#exit.then(() => signal?.removeEventListener('abort', cancel))
  }

  /** Ends the process. A statement on a server goes on without its client, so that it has to be stopped there. */
  end(): void {
    this.#stdout.destroy()
    this.#stop()
  }

  #stop(): void {
    const child = this.#child
    if (!this.#isOnServer) return void child.kill('SIGKILL')
    child.kill('SIGTERM')
    unlessDone(this.#exit, CANCEL_MS, () => child.kill('SIGKILL'))
  }

  /** The next line, unless it says what went wrong or there is none. */
  async #line(): Promise<Exclude<ConsoleLine, { code: string }>> {
    const { value: line, done } = await this.#lines.next()
    if (done) {
      await this.#exit
      throw this.#isCancelled ? cancelled() : this.#isLate ? late(this.#timeoutMs) : endedEarly()
    }
    if (!('code' in line)) return line
    throw this.#isCancelled ? cancelled() : this.#isLate ? late(this.#timeoutMs) : retold(line, {})
  }
}

function late(ms: number): TidemarkError {
  return new TidemarkError('sql_timeout', `The statement took longer than ${ms / 1_000} s and was ended.`)
}

function cancelled(): TidemarkError {
  return new TidemarkError('cancelled', 'The statement was ended: nobody waits for its answer any more.')
}

function endedEarly(): TidemarkError {
  return new TidemarkError('sql_failed', 'The process that ran the statement ended early.', {
    hint: 'It may have needed more memory than it is given; ask for less.',
  })
}

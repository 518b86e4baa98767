// Owns `tidemark sql`: one SELECT of a person's, in a process of its own that can be ended at any moment, because a
// running statement of SQLite can't be. What that process may read is the business of console/process.ts.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { TidemarkError } from '../model/errors.ts'

/** Rows that are given back, at most. */
const ROWS_MAX = 100_000
/** How long a statement may run, in milliseconds. */
const TIMEOUT_MS = 30_000

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
  /** Integers beyond 2^53 are text with all their digits. */
  readonly rows: readonly Record<string, unknown>[]
  /** There were more rows than `rowsMax`. */
  readonly truncated: boolean
}

/** What the process writes, one to a line: the columns, then rows until the end, or what went wrong. */
export type ConsoleLine =
  | { readonly columns: readonly string[] }
  | { readonly rows: readonly (readonly unknown[])[]; readonly end?: 'complete' | 'truncated' }
  | { readonly code: string; readonly message: string; readonly hint?: string }

const PROCESS = fileURLToPath(
  new URL(`./console/process.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url),
)

/**
 * Runs a SELECT over the views of one project.
 *
 * @throws TidemarkError sql_refused (it would write, or read what is not the caller's), sql_failed (SQLite's own
 *   complaint), sql_timeout, and what opening the database throws
 */
export async function runSql(request: SqlRequest): Promise<SqlResult> {
  const { rowsMax = ROWS_MAX, timeoutMs = TIMEOUT_MS } = request
  const child = spawn(process.execPath, ['--no-warnings', PROCESS], {
    stdio: ['pipe', 'pipe', 'ignore'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  })
  const exit = once(child, 'exit') as Promise<[code: number | null, signal: string | null]>
  // A process that ended before it read its request has said why, or is missed at the end.
  child.stdin.on('error', () => {})
  child.stdin.end(JSON.stringify({ ...request, rowsMax, timeoutMs }))
  let columns: readonly string[] = []
  let end: 'complete' | 'truncated' | undefined
  const rows: Record<string, unknown>[] = []
  for await (const line of linesOf(child.stdout)) {
    if ('code' in line) throw new TidemarkError(line.code, line.message, { hint: line.hint })
    if ('columns' in line) columns = line.columns
    else {
      for (const row of line.rows) rows.push(Object.fromEntries(columns.map((name, i) => [name, row[i]])))
      end = line.end
    }
  }
  const [, signal] = await exit
  if (end) return { columns, rows, truncated: end === 'truncated' }
  if (signal === 'SIGKILL') throw timeout(timeoutMs)
  throw new TidemarkError('sql_failed', 'The process that ran the statement ended early.', {
    hint: 'It may have needed more memory than it is given; ask for less.',
  })
}

/** Lines end with a line feed and nothing else: text in JSON may hold whatever other programs take for an end. */
async function* linesOf(stream: Readable): AsyncGenerator<ConsoleLine> {
  stream.setEncoding('utf8')
  let rest = ''
  for await (const chunk of stream) {
    const lines = (rest + String(chunk)).split('\n')
    // A process that was ended may have left half a line.
    rest = lines.pop() ?? ''
    for (const line of lines) yield JSON.parse(line) as ConsoleLine
  }
}

function timeout(ms: number): TidemarkError {
  return new TidemarkError('sql_timeout', `The statement took longer than ${ms / 1_000} s and was ended.`, {
    hint: 'Ask for less, or open the database with a SQLite tool of your own.',
  })
}

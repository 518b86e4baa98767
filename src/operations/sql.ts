// Owns the question to the database: one statement that reads, over the tables that every stream is.

import { z } from 'zod'
import { retold, TidemarkError } from '../model/errors.ts'
import type { SqlResult, SqlRow } from '../store/console.ts'
import { callback, count, optional, signal, text } from './fields.ts'
import { later } from './later.ts'
import type { Mirror } from './mirror.ts'
import { operation } from './operation.ts'

export type { SqlResult }

const asking = later(() => import('../store/console.ts'))
const hinting = later(() => import('./sql-hints.ts'))

const ROWS = 100_000
const ROWS_MAX = 10_000_000
const TIMEOUT_SECONDS = 30
const TIMEOUT_SECONDS_MAX = 86_400

export interface SqlInput {
  readonly statement: string
  /** Rows, at most. @default 100_000 */
  readonly limit?: number | undefined
  /** Seconds that it may take. @default 30 */
  readonly timeout?: number | undefined
}

export interface SqlHooks {
  /** Ends the statement, also in the middle of its answer. */
  readonly signal?: AbortSignal | undefined
  /** Reads the rows while they come, which are then not in the result: any number takes the same memory. */
  readonly onRows?: ((columns: readonly string[], rows: AsyncIterable<SqlRow>) => Promise<void>) | undefined
}

export const sql = operation<SqlInput, Promise<SqlResult>, SqlHooks>({
  name: 'sql',
  does: 'Ask the database with one statement that reads.',
  details:
    'Every stream is a table named <connector>_<stream>, with _all (removed records too), _versions, _snapshots and _daily beside it; runs, gaps, quarantine, requests, changes and streams are tables as well. Booleans are 0 and 1, on PostgreSQL too. Numbers with more digits than a double holds are text, and so are NaN and Infinity.',
  scope: 'read',
  input: {
    statement: text('a statement that reads', { sign: 'statement' }),
    limit: optional(count('rows, at most', { least: 1, most: ROWS_MAX, otherwise: String(ROWS) })),
    timeout: optional(
      count('seconds that it may take', { least: 1, most: TIMEOUT_SECONDS_MAX, otherwise: String(TIMEOUT_SECONDS) }),
    ),
  },
  hooks: {
    signal: signal('ends the statement'),
    onRows: callback('reads the rows while they come, which are then not in the result'),
  },
  positional: ['statement'],
  output: z.object({
    columns: z.array(z.string()),
    rows: z.array(z.record(z.string(), z.unknown())),
    truncated: z.boolean(),
  }),
  examples: [{ statement: 'select * from runs', limit: 10 }],
  async run(mirror, { statement, limit = ROWS, timeout = TIMEOUT_SECONDS }, { signal: ending, onRows }) {
    const { openSql } = await asking()
    const { database, project } = mirror
    if (database === ':memory:') throw inMemory()
    const limits = { rowsMax: limit, timeoutMs: timeout * 1_000 }
    try {
      const answer = await openSql({ database, project, sql: statement, ...limits }, ending)
      const { columns } = answer
      try {
        const rows: SqlRow[] = []
        if (onRows) await onRows(columns, answer.rows)
        else for await (const row of answer.rows) rows.push(row)
        return { columns, rows, truncated: answer.isTruncated() }
      } finally {
        answer.close()
      }
    } catch (error) {
      throw await hinted(error, mirror, { statement, timeout })
    }
  },
})

function inMemory(): TidemarkError {
  const message = 'The call sql reads a database from a process of its own, which sees none that is in memory.'
  return new TidemarkError('file_unsupported', message, {
    hint: "Open a file, such as openTidemark({ database: 'tidemark.db' }). What is in memory is read by records, changes and metrics.",
  })
}

/** What was probably meant, where a table or column does not exist; how to give more time, where it was too short. */
async function hinted(
  error: unknown,
  { store, project }: Mirror,
  { statement, timeout }: { readonly statement: string; readonly timeout: number },
): Promise<unknown> {
  if (!(error instanceof TidemarkError)) return error
  const { code, message } = error
  const again = (hint: string) => retold(error, { hint, cause: error })
  if (code === 'sql_timeout') return again(`Ask for less, or give it longer: --timeout ${timeout * 10}`)
  if (code !== 'sql_failed') return error
  const { sqlHint } = await hinting()
  const hint = sqlHint(message, statement, await store.tables.list(project))
  return hint === undefined ? error : again(hint)
}

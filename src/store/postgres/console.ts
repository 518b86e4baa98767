// Owns a person's SELECT over PostgreSQL: what it may touch, and its answer.
//
// How one project is kept from the others, without a role of its own, which not everybody may make. Each view of the
// contract is made anew as a temporary view of the same name, with the project's rows, in a transaction that is rolled
// back. Then the statement is made a temporary view as well, which runs nothing: PostgreSQL parses it and keeps the tree,
// in which every table, function and operator that the person has named stands by its number. Only if all of them are
// allowed does the statement run, read-only.

import { sentence, TidemarkError } from '../../model/errors.ts'
import { count, text } from '../cells.ts'
import { refused } from '../console/refusals.ts'
import { withoutEnding } from '../console/tokens.ts'
import { quote } from '../names.ts'
import { type OwnView, ownRows, projectViews } from '../system/project-views.ts'
import { Connection, type Session } from './connection.ts'
import { driven, POSTGRES } from './dialect.ts'
import { noMirror, sqlState } from './errors.ts'
import { checkText, checkTree } from './statement-check.ts'
import { addressOf } from './url.ts'

/** Under this name the statement is a view while it is looked at; no stream's table begins like this. */
const STATEMENT = 'tm_statement'

export interface Order {
  readonly database: string
  readonly project: string
  readonly sql: string
  readonly rowsMax: number
  /** How long the server may take for looking at the statement, in milliseconds; its run ends with `signal`. */
  readonly timeoutMs: number
  readonly signal?: AbortSignal
}

export interface Answer {
  columns(names: readonly string[]): void
  /** Called for one row more than were asked for, when there are more. The server waits meanwhile. */
  row(values: readonly unknown[]): void
}

/**
 * Runs one SELECT over the views of one project.
 *
 * @throws TidemarkError sql_refused, sql_failed, sql_timeout, and what opening the database throws
 */
export async function selectRows(order: Order, answer: Answer): Promise<void> {
  const { database, project, sql, rowsMax, timeoutMs, signal } = order
  const address = addressOf(database)
  // One for the statement, and one for stopping it. A slow reader is no reason to end it.
  const db = new Connection(address, { sleep: async () => {} }, { max: 2, query_timeout: 0 })
  try {
    await db.alone(async (session) => {
      await session.begin()
      // What a person asks may well be planned like anybody's.
      await session.run('SET LOCAL enable_bitmapscan = on')
      await session.run(`SET LOCAL statement_timeout = ${Math.floor(timeoutMs)}`)
      const own = await viewsOf(session, project)
      checkText(sql, { schemas: await schemas(session), columns: columnNames(own) })
      const views = await makeViews(session, own, sql)
      // What a statement names is a view of its own project, or it isn't found.
      await session.run('SET LOCAL search_path = pg_temp, pg_catalog')
      const statement = await parsed(session, sql)
      await checkTree(session, STATEMENT, views)
      await session.run('SET LOCAL transaction_read_only = on; SET LOCAL statement_timeout = 0')
      const pid = count(await session.value('SELECT pg_backend_pid()'))
      const stop = () => void db.run('SELECT pg_cancel_backend($1)', [pid]).catch(() => {})
      signal?.addEventListener('abort', stop, { once: true })
      if (signal?.aborted) stop()
      try {
        await session.one(`DECLARE tm_answer NO SCROLL CURSOR FOR ${statement}`)
        await session.each(`FETCH FORWARD ${rowsMax + 1} FROM tm_answer`, answer)
      } catch (error) {
        throw explained(error, timeoutMs)
      } finally {
        signal?.removeEventListener('abort', stop)
      }
    })
  } finally {
    await db.close()
  }
}

async function viewsOf(session: Session, project: string): Promise<readonly OwnView[]> {
  if ((await session.value(`SELECT to_regclass('tm_schema') IS NULL`)) === true) throw noMirror('in this database')
  return driven(session, projectViews(POSTGRES, project))
}

/** The schemas of the database, whoever's they are. What stands in PostgreSQL's own is everybody's to call. */
async function schemas(session: Session): Promise<ReadonlySet<string>> {
  const rows = await session.all(`SELECT nspname::text AS name FROM pg_namespace WHERE nspname <> 'pg_catalog'`)
  return new Set(rows.map((row) => text(row['name'])))
}

function columnNames(views: readonly OwnView[]): ReadonlySet<string> {
  return new Set(views.flatMap(({ view }) => view.parts[0]?.columns.map(([name]) => name) ?? []))
}

/** Makes the views whose names the statement mentions; returns their numbers. */
async function makeViews(session: Session, views: readonly OwnView[], sql: string): Promise<ReadonlySet<number>> {
  const mentioned = sql.toLowerCase()
  const numbers = new Set<number>()
  for (const own of views) {
    const { name } = own.view
    if (!mentioned.includes(name)) continue
    await session.run(`CREATE TEMP VIEW ${quote(name)} WITH (security_barrier) AS ${ownRows(POSTGRES, own)}`)
    numbers.add(count(await session.value(`SELECT to_regclass($1)::oid`, [`pg_temp.${quote(name)}`])))
  }
  return numbers
}

/** Makes a view of the statement, which parses it, and returns the text that may run: that which was parsed. */
async function parsed(session: Session, sql: string): Promise<string> {
  const statement = withoutEnding(sql, 'postgres')
  try {
    // Inside of EXISTS the names of its columns need not differ.
    await session.one(`CREATE TEMP VIEW ${STATEMENT} AS SELECT WHERE EXISTS (\n${statement}\n)`)
    return statement
  } catch (error) {
    throw explained(error, 0)
  }
}

/** What to say of an error that the statement met. */
function explained(error: unknown, timeoutMs: number): unknown {
  const said = error instanceof Error ? error.message : String(error)
  const state = sqlState(error)
  if (state === '57014') {
    return new TidemarkError('sql_timeout', `The statement took longer than ${timeoutMs / 1_000} s and was ended.`)
  }
  if (state === '25006' || state === '0A000' || /INTO is not allowed/.test(said)) {
    return refused('it does more than read the tables of its project')
  }
  if (/multiple commands/.test(said)) return refused('it is more than one statement')
  return /^(?:0[ABLPZ]|1|2[0-9F]|3[489]|4[24]|54)/.test(state) ? new TidemarkError('sql_failed', sentence(said)) : error
}

// Owns a person's SELECT over PostgreSQL: what it may touch, and its answer.
//
// How one project is kept from the others, without a role of its own, which not everybody may make. Each view of the
// contract is made anew as a temporary view of the same name, with the project's rows, in a transaction that is rolled
// back. Then the statement is made a temporary view as well, which runs nothing: PostgreSQL parses it and keeps the tree,
// in which every table, function and operator that the person has named stands by its number. Only if all of them are
// allowed does the statement run, read-only.

import { TidemarkError } from '../../model/errors.ts'
import { count, text } from '../cells.ts'
import { noSuchTable, refused } from '../console/refusals.ts'
import { quote } from '../names.ts'
import { Connection, type Session } from './connection.ts'
import { sqlState } from './errors.ts'
import { tableShape } from './streams.ts'
import { addressOf } from './url.ts'
import { streamViews, systemViews, type View, viewSql } from './views.ts'

export interface Selection {
  readonly columns: readonly string[]
  /** One more than were asked for, when there are more. */
  readonly rows: readonly (readonly unknown[])[]
}

/** Under this name the statement is a view while it is looked at; no stream's table begins like this. */
const STATEMENT = 'tm_statement'
/** White space, comments and semicolons behind a statement. */
const ENDING = /;(?:[\s;]|--[^\n]*|\/\*[\s\S]*?\*\/)*$/

/**
 * Runs one SELECT over the views of one project.
 *
 * @throws TidemarkError sql_refused, sql_failed, sql_timeout, and what opening the database throws
 */
export async function selectRows(order: {
  readonly database: string
  readonly project: string
  readonly sql: string
  readonly rowsMax: number
  readonly timeoutMs: number
}): Promise<Selection> {
  const { database, project, sql, rowsMax, timeoutMs } = order
  const address = addressOf(database)
  const limits = { max: 1, query_timeout: timeoutMs + 10_000 }
  const db = new Connection(address, { sleep: async () => {} }, limits)
  try {
    return await db.alone(async (session) => {
      await session.run('BEGIN')
      // What a person asks may well be planned like anybody's.
      await session.run('SET LOCAL enable_bitmapscan = on')
      await session.run(`SET LOCAL statement_timeout = ${Math.floor(timeoutMs)}`)
      const views = await makeViews(session, project, sql)
      const statement = await parsed(session, sql)
      await checkTree(session, views)
      await session.run('SET LOCAL transaction_read_only = on')
      try {
        await session.one(`DECLARE tm_answer NO SCROLL CURSOR FOR ${statement}`)
        return await session.one(`FETCH FORWARD ${rowsMax + 1} FROM tm_answer`)
      } catch (error) {
        throw explained(error, timeoutMs)
      }
    })
  } finally {
    await db.close()
  }
}

/** Makes the views whose names the statement mentions; returns their numbers. */
async function makeViews(session: Session, project: string, sql: string): Promise<ReadonlySet<number>> {
  const mentioned = sql.toLowerCase()
  const numbers = new Set<number>()
  for (const [view, condition] of await projectViews(session, project)) {
    if (!mentioned.includes(view.name)) continue
    const where = condition === undefined ? '' : ` WHERE ${condition}`
    await session.run(
      `CREATE TEMP VIEW ${quote(view.name)} WITH (security_barrier) AS SELECT * FROM (${viewSql(view)}) v${where}`,
    )
    numbers.add(count(await session.value(`SELECT to_regclass($1)::oid`, [`pg_temp.${quote(view.name)}`])))
  }
  return numbers
}

/** The views of the system and of every stream that the project has, and what narrows them to its rows. */
async function projectViews(
  session: Session,
  project: string,
): Promise<readonly (readonly [view: View, condition: string | undefined])[]> {
  if ((await session.value(`SELECT to_regclass('tm_schema') IS NULL`)) === true) {
    throw new TidemarkError('database_missing', 'There is no mirror in this database.', {
      hint: 'Name it with --database; connecting something makes a new one.',
    })
  }
  const owned = `v._project = '${project.replaceAll("'", "''")}'`
  const system = systemViews().map((view) => [view, owned] as const)
  const streams = await session.all('SELECT no, base, project FROM tm_streams')
  const tables = await session.all('SELECT * FROM tm_tables ORDER BY base')
  return system.concat(
    tables.flatMap((row) => {
      const ours = streams.filter((stream) => stream['base'] === row['base'] && stream['project'] === project)
      if (ours.length === 0) return []
      const numbers = ours.map((stream) => count(stream['no']))
      return streamViews(tableShape(row), numbers).map(
        (view) => [view, undefined] as unknown as readonly [View, string],
      )
    }),
  )
}

/** Makes a view of the statement, and returns the text that may run: that which was parsed. */
async function parsed(session: Session, sql: string): Promise<string> {
  if (!/^(?:\s|--[^\n]*\n|\/\*[\s\S]*?\*\/|\()*(?:select|with|values|table)\b/i.test(sql)) {
    throw refused('it does more than read the tables of its project')
  }
  const attempts = [sql, sql.replace(ENDING, '')]
  for (const [index, statement] of attempts.entries()) {
    await session.run('SAVEPOINT tm_attempt')
    try {
      // Inside of EXISTS the names of its columns need not differ.
      await session.one(`CREATE TEMP VIEW ${STATEMENT} AS SELECT WHERE EXISTS (\n${statement}\n)`)
      return statement
    } catch (error) {
      await session.run('ROLLBACK TO SAVEPOINT tm_attempt')
      const isLast = index === attempts.length - 1 || statement === attempts[index + 1]
      if (isLast || sqlState(error) !== '42601') throw explained(error, 0)
    }
  }
  return sql
}

/** Functions that reach beyond their arguments, by their names; the volatile ones are refused without being named. */
const REACHING =
  /^(?:pg_(?!typeof$)|lo_|has_|to_reg|current_setting|currval|lastval|txid_|inet_|(?:obj|col|shobj)_description|ts_stat|ts_rewrite|query_|table_to_|schema_to_|database_to_|cursor_to_)/
const HARMLESS = new Set(['random', 'clock_timestamp', 'timeofday', 'gen_random_uuid'])
/** Types whose values are tables, functions and roles by name. */
const NAMING_TYPES = new Set([24, 2202, 2203, 2204, 2205, 2206, 3734, 3769, 4089, 4096, 4191])

/** Looks at everything that the statement names. */
async function checkTree(session: Session, views: ReadonlySet<number>): Promise<void> {
  const tree = text(
    await session.value(`SELECT ev_action::text FROM pg_rewrite WHERE ev_class = 'pg_temp.${STATEMENT}'::regclass`),
  )
  const numbers = (names: string) =>
    [...tree.matchAll(new RegExp(`:(?:${names}) (?:\\(o )?([\\d ]+)`, 'g'))].flatMap(([, list = '']) =>
      list.trim().split(' ').map(Number),
    )
  const itself = count(await session.value(`SELECT 'pg_temp.${STATEMENT}'::regclass::oid`))
  const others = numbers('relid').filter((number) => number !== 0 && number !== itself && !views.has(number))
  if (others.length > 0) {
    const table = text(await session.value('SELECT relname FROM pg_class WHERE oid = $1', [others[0] ?? 0]))
    throw table.startsWith('tm_') ? refused(`"${table}" is Tidemark's own table`) : noSuchTable(table)
  }
  if (numbers('consttype|resulttype|funcresulttype|vartype').some((number) => NAMING_TYPES.has(number))) {
    throw refused('it asks for tables or functions by their names')
  }
  const functions = await session.all(
    `SELECT p.proname, p.provolatile, n.nspname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
     WHERE p.oid = ANY($1::oid[]) OR p.oid IN (SELECT oprcode FROM pg_operator WHERE oid = ANY($2::oid[]))`,
    [numbers('funcid|opfuncid|aggfnoid|winfnoid|tsmhandler'), numbers('opno|opnos')],
  )
  for (const row of functions) {
    const name = text(row['proname'])
    const isOurs = row['nspname'] === 'pg_catalog' && (row['provolatile'] !== 'v' || HARMLESS.has(name))
    if (!isOurs || REACHING.test(name)) throw refused(`it calls ${name}(), which does more than compute`)
  }
}

/** What to say of an error that the statement met. */
function explained(error: unknown, timeoutMs: number): unknown {
  const said = error instanceof Error ? error.message : String(error)
  const state = sqlState(error)
  if (state === '57014') {
    return new TidemarkError('sql_timeout', `The statement took longer than ${timeoutMs / 1_000} s and was ended.`, {
      hint: 'Ask for less, or open the database with a tool of your own.',
    })
  }
  if (state === '25006' || state === '0A000' || /INTO is not allowed/.test(said)) {
    return refused('it does more than read the tables of its project')
  }
  if (/multiple commands/.test(said)) return refused('it is more than one statement')
  return /^(?:0[ABLPZ]|1|2[0-9F]|3[489]|4[24]|54)/.test(state) ? new TidemarkError('sql_failed', said) : error
}

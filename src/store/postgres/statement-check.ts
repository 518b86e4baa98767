// Owns what a person's statement may name in PostgreSQL. Its text is looked at before PostgreSQL parses it, because a
// complaint of the parser would tell what there is; the parsed tree is looked at before it runs, because only there is
// everything that was named known for certain.

import { count, text } from '../cells.ts'
import { noSuchTable, refused } from '../console/refusals.ts'
import { firstWords, type Token, tokensOf } from '../console/tokens.ts'
import type { Session } from './connection.ts'

/** Functions that reach beyond their arguments, by their names; the volatile ones are refused without being named. */
const REACHING =
  /^(?:pg_(?!typeof$)|lo_|has_|to_reg|current_setting|currval|lastval|nextval|setval|txid_|inet_|(?:obj|col|shobj)_description|format_type|row_security_active|ts_stat|ts_rewrite|query_|table_to_|schema_to_|database_to_|cursor_to_|currtid)/
const HARMLESS = new Set(['random', 'clock_timestamp', 'timeofday', 'gen_random_uuid'])
/** Types whose values are tables, functions and roles by name. */
const NAMING_TYPES = [24, 2202, 2203, 2204, 2205, 2206, 3734, 3769, 4089, 4096, 4191]
const NAMING_WORD = /^reg(?:class|type|proc|procedure|oper|operator|role|namespace|config|dictionary|collation)$/
/**
 * Arguments by which a function is told a type or a table by its number: oid, oidvector; and those of functions that
 * only PostgreSQL itself calls: cstring, internal.
 */
const NUMBER_TYPES = [26, 30, 2275, 2281]

/** What a text is looked at with, in the spelling of the database. */
export interface Known {
  /** Every schema but PostgreSQL's own. */
  readonly schemas: ReadonlySet<string>
  /** The columns of the person's tables: a stream may have one with a name that is refused otherwise. */
  readonly columns: ReadonlySet<string>
}

/**
 * Refuses a text that names what is not the person's, whether or not it exists.
 *
 * @throws TidemarkError sql_refused
 */
export function checkText(sql: string, { schemas, columns }: Known): void {
  const [verb = ''] = firstWords(sql, 'postgres', 1)
  if (!/^(?:select|with|values|table)$/.test(verb)) throw refused('it does more than read the tables of its project')
  let last: Token | undefined
  for (const token of tokensOf(sql, 'postgres')) {
    if (token.kind === 'space') continue
    checkToken(token, columns)
    const before = last && identifier(last)
    if (before !== undefined && token.kind === 'mark') {
      if (token.content === '.' && schemas.has(before)) {
        throw refused(`it names the schema "${before}"; where that is an alias of yours, give it another name`)
      }
      if (token.content === '(') checkCall(before)
    }
    last = token
  }
}

function checkToken(token: Token, columns: ReadonlySet<string>): void {
  const name = identifier(token)
  if (name === undefined) return
  if (token.escaped) throw refused('it writes a name with escapes')
  if (columns.has(name)) return
  if (/^_?tm_/.test(name)) throw refused(`"${name}" is a name of Tidemark's own`)
  if (NAMING_WORD.test(name)) throw refused('it asks for tables or functions by their names')
}

function checkCall(name: string): void {
  if (REACHING.test(name)) throw refused(`it calls ${name}(), which does more than compute`)
}

/** The longest name, in bytes; PostgreSQL cuts what is longer. */
const NAME_BYTES_MAX = 63

/** As PostgreSQL takes it: without quotes in lower case, of which it knows ASCII's only, and cut where it is too long. */
function identifier({ kind, content }: Token): string | undefined {
  if (kind !== 'word' && kind !== 'name') return undefined
  const name = kind === 'name' ? content : content.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
  const bytes = Buffer.from(name)
  // The decoder leaves out the beginning of a character whose end was cut off.
  return bytes.length <= NAME_BYTES_MAX
    ? name
    : new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, NAME_BYTES_MAX), { stream: true })
}

/**
 * Looks at everything that a parsed statement names: tables, types, functions and operators stand in the tree of its
 * view by their numbers. `allowed` are the views that it may read.
 *
 * @throws TidemarkError sql_refused, sql_failed
 */
export async function checkTree(session: Session, view: string, allowed: ReadonlySet<number>): Promise<void> {
  const itself = count(await session.value('SELECT $1::regclass::oid', [`pg_temp.${view}`]))
  const tree = text(await session.value('SELECT ev_action::text FROM pg_rewrite WHERE ev_class = $1', [itself]))
  const readable = [itself, ...allowed]
  const tables = numbersIn(tree, 'relid').filter((number) => number !== 0 && !readable.includes(number))
  if (tables.length > 0) {
    const name = await session.value('SELECT relname FROM pg_class WHERE oid = $1', [tables[0] ?? 0])
    throw noSuchTable(text(name))
  }
  await checkTypes(session, numbersIn(tree, '\\w*(?:type|types|typeid|typid)'), readable)
  await checkFunctions(session, tree)
}

/** Only the database's own types, and the rows of what may be read: a row of another table tells its columns. */
async function checkTypes(session: Session, types: readonly number[], readable: readonly number[]): Promise<void> {
  const naming = types.some((number) => NAMING_TYPES.includes(number))
  if (naming) throw refused('it asks for tables or functions by their names')
  const strange = await session.get(
    `SELECT t.oid FROM pg_type t LEFT JOIN pg_type e ON e.oid = t.typelem
     WHERE t.oid = ANY($1::oid[]) AND t.typrelid <> ALL($2::oid[]) AND coalesce(e.typrelid, 0) <> ALL($2::oid[])
       AND (t.typnamespace <> 'pg_catalog'::regnamespace OR t.typrelid <> 0 OR coalesce(e.typrelid, 0) <> 0)
     LIMIT 1`,
    [types, readable],
  )
  if (strange) throw refused('it uses a type that is no plain value')
}

async function checkFunctions(session: Session, tree: string): Promise<void> {
  const functions = await session.all(
    `SELECT p.proname, p.provolatile, n.nspname, p.prorettype = ANY($3::oid[]) OR p.proargtypes::oid[] && $3::oid[] AS inside
     FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
     WHERE p.oid = ANY($1::oid[]) OR p.oid IN (SELECT oprcode FROM pg_operator WHERE oid = ANY($2::oid[]))`,
    [numbersIn(tree, 'funcid|opfuncid|aggfnoid|winfnoid|tsmhandler'), numbersIn(tree, 'opno|opnos'), NUMBER_TYPES],
  )
  for (const row of functions) {
    const name = text(row['proname'])
    const isOurs = row['nspname'] === 'pg_catalog' && (row['provolatile'] !== 'v' || HARMLESS.has(name))
    if (!isOurs || Boolean(row['inside']) || REACHING.test(name)) {
      throw refused(`it calls ${name}(), which does more than compute`)
    }
  }
}

/** The numbers in the fields of these names, which are written `:field 23` or `:fields (o 23 25)`. */
function numbersIn(tree: string, names: string): readonly number[] {
  return [...tree.matchAll(new RegExp(`:(?:${names}) (?:\\(o )?([\\d ]+)`, 'gi'))].flatMap(([, list = '']) =>
    list.trim().split(' ').map(Number),
  )
}

// Owns what a person's statement may touch, and what is said of one that touches more.
//
// How one project is kept from the others. Each view of the contract is made anew as a temporary view of the same name,
// which hides the one of the file. It reads from a second temporary view, which holds the project's rows and has a name
// that nobody can guess; SQLite tells the authorizer through which view a table is read, and only through those is a
// table of the file read at all.

import { sentence, TidemarkError } from '../../model/errors.ts'
import { quote } from '../names.ts'
import { isRefusedValue } from '../refused-value.ts'
import { Connection } from '../sqlite/connection.ts'
import { driven, SQLITE, translated } from '../sqlite/dialect.ts'
import { constants, DatabaseSync } from '../sqlite/driver.ts'
import { meaningOf, sqliteCode } from '../sqlite/errors.ts'
import { readingPlace } from '../sqlite/read-only.ts'
import { checkReadable } from '../sqlite/schema.ts'
import { inContractNames } from '../sqlite/view-names.ts'
import { ownRows, projectViews } from '../system/project-views.ts'
import { noSuchTable, refused } from './refusals.ts'
import { firstWords, tokensOf } from './tokens.ts'

/** The longest text or blob that may be made, in bytes: many times a record, and far from what would fill the memory. */
const LENGTH_MAX = 64 * 1024 * 1024
/** Words with which SQLite's other statements begin; EXPLAIN shows its bytecode, EXPLAIN QUERY PLAN what it will read. */
const WRITES = new Set(
  (
    'alter analyze attach begin commit create delete detach drop end explain insert pragma reindex release replace ' +
    'rollback savepoint update vacuum'
  ).split(' '),
)
/** Functions that do more than compute. */
const FORBIDDEN_FUNCTIONS = new Set(['load_extension', 'fts3_tokenizer'])
/** Tables that are functions of their arguments. */
const TABLE_FUNCTIONS = new Set(['json_each', 'json_tree'])
/** Tables by which SQLite shows its inside. */
const INTERNAL = /^(?:sqlite_|pragma_|dbstat$|bytecode$|tables_used$)/i
/** Without an authorizer (Node 22), the same by their names, which no identifier can be written without. */
const INTERNAL_NAMES = /sqlite_|pragma|attach|dbstat|bytecode|tables_used|load_extension|fts3_tokenizer|\bmain\b/i

export interface Guarded {
  readonly db: DatabaseSync
  /** @throws TidemarkError when the text itself names what it may not. */
  readonly checkText: (sql: string) => void
  /** What to say of an error that the statement met. */
  readonly explain: (error: unknown, sql: string) => TidemarkError
}

/** Opens a connection on which only the views of the project can be read. */
export function openGuarded(database: string, project: string): Guarded {
  // Opened first as the store opens it, for its checks and its words.
  const store = new Connection({ path: database, readOnly: true, synchronous: 'NORMAL', cacheKib: 512 })
  checkReadable(store)
  const views = driven(store, projectViews(SQLITE, project)).map((own) => ({
    name: own.view.name,
    sql: translated(ownRows(SQLITE, own)),
  }))
  const secret = `tm_${String(store.value('SELECT lower(hex(randomblob(16)))'))}_`
  const names = store.all('SELECT lower(name) AS name FROM sqlite_schema').map(({ name }) => String(name))
  store.close()

  const place = readingPlace(database)
  const db = new DatabaseSync(place.location, { readOnly: true, timeout: 5_000, limits: { length: LENGTH_MAX } })
  db.exec('PRAGMA cache_size = -32768')
  for (const { name, sql } of views) {
    const hidden = quote(secret + name)
    db.exec(`CREATE TEMP VIEW ${hidden} AS ${sql}; CREATE TEMP VIEW ${quote(name)} AS SELECT * FROM temp.${hidden}`)
  }
  db.exec('PRAGMA query_only = ON')
  // It is open: a copy stays readable without its name, and this process may be ended at any moment.
  place.dispose()

  let denied: Access | undefined
  const hasAuthorizer = typeof db.setAuthorizer === 'function'
  if (hasAuthorizer) {
    db.setAuthorizer((action, first, second, schema, through) => {
      const access = { action, first: first ?? '', second: second ?? '', schema, through: through ?? '' }
      if (isAllowed(secret, access)) return constants.SQLITE_OK
      denied = access
      return constants.SQLITE_DENY
    })
  }
  const own = names.filter((name) => name.startsWith('tm_'))
  const shown = new Set(views.map(({ name }) => name))
  const others = names.filter((name) => !name.startsWith('tm_') && !shown.has(name))
  /** The first of some names that a text has, unless it is that of a column which the project has. */
  const named = (sql: string, some: readonly string[]) => {
    const inText = namesOf(sql)
    const found = some.filter((name) => inText.has(name))
    const columns = found.length > 0 ? columnNames(db, shown) : new Set()
    return found.find((name) => !columns.has(name))
  }
  return {
    db,
    checkText: (sql) => {
      const verb = writes(sql)
      if (verb !== undefined) throw refused(`it begins with "${verb}"`)
      const text = sql.toLowerCase()
      const internalTable = hasAuthorizer ? named(sql, own) : own.find((name) => text.includes(name))
      if (internalTable) throw refused(`"${internalTable}" is Tidemark's own table`)
      if (hasAuthorizer) return
      const internal = INTERNAL_NAMES.exec(text)?.[0]
      if (internal) throw refused(`it names "${internal}", which can't be told from harm in Node ${process.version}`)
      const inText = namesOf(sql)
      const other = others.find((name) => inText.has(name))
      if (other) throw noSuchTable(other)
    },
    explain: (error, sql) => explain(error, { database, denied, foreign: named(sql, others) }),
  }
}

/** The columns of views, in lower case. */
function columnNames(db: DatabaseSync, views: ReadonlySet<string>): ReadonlySet<string> {
  const columnsOf = (view: string) => db.prepare(`SELECT * FROM temp.${quote(view)} LIMIT 0`).columns()
  return new Set([...views].flatMap((view) => columnsOf(view).map(({ name }) => name.toLowerCase())))
}

/** The word by which a statement does more than read. */
function writes(sql: string): string | undefined {
  const [verb = '', second, third] = firstWords(sql, 'sqlite', 3)
  if (!WRITES.has(verb) || (verb === 'explain' && second === 'query' && third === 'plan')) return undefined
  return verb
}

/** Everything in a statement that can be a name, in lower case: SQLite takes a string for one, too. */
function namesOf(sql: string): ReadonlySet<string> {
  const named = [...tokensOf(sql, 'sqlite')].filter(({ kind }) => kind !== 'space' && kind !== 'mark')
  return new Set(named.map(({ content }) => content.toLowerCase()))
}

/** What SQLite asks leave for. */
interface Access {
  readonly action: number
  /** For a read: the table. */
  readonly first: string
  /** For a read: the column; for a function: its name. */
  readonly second: string
  readonly schema: string | null
  /** The view, subquery or common table expression inside of which the access stands; empty at the top. */
  readonly through: string
}

function isAllowed(secret: string, { action, first, second, schema, through }: Access): boolean {
  const { SQLITE_SELECT, SQLITE_READ, SQLITE_FUNCTION, SQLITE_RECURSIVE } = constants
  if (action === SQLITE_SELECT || action === SQLITE_RECURSIVE) return true
  if (action === SQLITE_FUNCTION) return !FORBIDDEN_FUNCTIONS.has(second.toLowerCase())
  if (action !== SQLITE_READ) return false
  if (through.startsWith(secret)) return true
  if (schema === 'temp') return !/^sqlite_/i.test(first)
  // Without a schema: a subquery, or a table none of whose columns is read, as in count(*). SQLite doesn't say then
  // whose view it stands in; that the person names no table of the file is certain already.
  if (schema === null) return !INTERNAL.test(first)
  return TABLE_FUNCTIONS.has(first.toLowerCase())
}

/** What is known of a statement that met an error. */
interface Circumstances {
  readonly database: string
  readonly denied: Access | undefined
  /** A table of another project's that it names; no complaint tells that it exists. */
  readonly foreign: string | undefined
}

function explain(error: unknown, { database, denied, foreign }: Circumstances): TidemarkError {
  const writing = refused('it does more than read the tables of its project')
  if (sqliteCode(error) === SQLITE_READONLY) return writing
  const meaning = meaningOf(error, database)
  // A value that is too large is the statement's own here, not one that a source has sent.
  if (meaning instanceof TidemarkError && !isRefusedValue(meaning)) return meaning
  const said = error instanceof Error ? error.message : String(error)
  if (/^cannot modify .* because it is a view$/.test(said)) return writing
  if (!/not authorized|prohibited/i.test(said)) {
    // What is wrong with a column, an index or a join would tell that the table is there.
    const missing = foreign ?? /^no such table: (?:main\.|temp\.)?(.+)$/s.exec(said)?.[1]
    const isText = /syntax error|incomplete input|unrecognized token/.test(said)
    return missing === undefined || isText
      ? new TidemarkError('sql_failed', sentence(inContractNames(said)))
      : noSuchTable(missing)
  }
  const table = denied?.through || denied?.first || ''
  return denied?.action === constants.SQLITE_READ && !INTERNAL.test(table) ? noSuchTable(table) : writing
}

const SQLITE_READONLY = 8

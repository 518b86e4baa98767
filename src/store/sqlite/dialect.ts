// Owns how SQLite answers the parts of the store that both databases share: what it writes otherwise than PostgreSQL,
// and the drive that runs a piece of work without a pause.

import type { ColumnType } from '../../model/record.ts'
import type { Dialect } from '../dialect.ts'
import { quote } from '../names.ts'
import { type Asking, type Drive, type Param, type Row, run, type Statement, type Work } from '../statements.ts'
import { compares } from './compares.ts'
import type { Connection, Value } from './connection.ts'
import { CellBinder, integerOf } from './values.ts'
import { contractRow, hasViewNames, viewName } from './view-names.ts'

const TYPES: Readonly<Record<ColumnType, string>> = {
  text: 'TEXT',
  integer: 'INTEGER',
  real: 'REAL',
  boolean: 'INTEGER',
  json: 'TEXT',
}

export const SQLITE: Dialect = {
  types: {
    no: 'INTEGER PRIMARY KEY AUTOINCREMENT',
    row: 'INTEGER PRIMARY KEY',
    int: 'INTEGER',
    small: 'INTEGER',
    real: 'REAL',
    text: 'TEXT',
    key: 'TEXT',
    bytes: 'BLOB',
    flag: 'INTEGER',
    clustered: ' WITHOUT ROWID',
  },
  newEpoch: 'lower(hex(randomblob(6)))',
  lock: function* () {},
  *insert({ into, columns, rows, onConflict }) {
    const names = Object.keys(columns)
    const sql = `INSERT INTO ${into} (${names.join(', ')}) VALUES (${names.map((_, i) => `$${i + 1}`).join(', ')})
      ON CONFLICT ${onConflict}`
    for (const row of rows) yield* run(sql, row)
  },
  lockTables: function* () {},
  definition: ({ name, type }) => `${quote(name)} ${TYPES[type]}`,
  tellPlanner,
  protect: function* () {},
  *makeView(name, select) {
    yield* run(`DROP VIEW IF EXISTS ${quote(name)}`)
    yield* run(`CREATE VIEW ${quote(name)} AS ${select([])}`)
  },
  relations: 'SELECT name FROM sqlite_schema',
  // By scalar subqueries, not by joins: SQLite then leaves out what a query doesn't ask for, counts a view as fast as its
  // table, and never gets the order of a join wrong.
  owners: {
    project: '(SELECT project FROM tm_streams WHERE no = r._stream)',
    connection: '(SELECT connection FROM tm_streams WHERE no = r._stream)',
    from: (table) => `${table} r`,
    run: (alias) => ({ id: `(SELECT id FROM tm_runs WHERE no = ${alias}._run)`, join: '' }),
  },
  iso: (expression) => `strftime('%Y-%m-%dT%H:%M:%fZ', ${expression} / 1000.0, 'unixepoch')`,
  stored: quote,
  shown: (column) => quote(viewName(column)),
  isOneOf(type, expression, values, bind) {
    const stored = type === 'integer' ? values.map(integerOf) : values
    return `${expression} IN (${stored.map((value) => bind(value)).join(', ')})`
  },
  compares,
  contains: (expression, part) => `instr(lower(CAST(${expression} AS text)), lower(${part})) > 0`,
  cell(type, value, bind) {
    const values: Value[] = []
    if (type === 'integer' && value !== null) values.push(integerOf(value))
    else new CellBinder([{ name: '', type }]).push(values, [value])
    return bind(values[0] as Param)
  },
  digitsOf: (key) => `iif(${key} = '0' OR (${key} GLOB '[1-9]*' AND ${key} NOT GLOB '*[^0-9]*'), length(${key}), 0)`,
  isNumber(one) {
    const body = `iif(substr(${one}, 1, 1) = '-', substr(${one}, 2), ${one})`
    const not = ['*[^0-9.]*', '*.*.*', '*.'].map((pattern) => `AND ${body} NOT GLOB '${pattern}'`)
    return `${body} GLOB '[0-9]*' ${not.join(' ')}`
  },
  isDated: (one) => `${one} GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]*'`,
  // Numbers beyond 64 bits are kept as their digits: first by size, then exactly.
  bySize: (column) => [`CAST(${column} AS REAL)`, column],
  byBytes: '',
  words: {
    columns: '',
    // They come folded, apart by spaces: what is a letter is not asked once more, by another table that answers otherwise.
    // The words are kept alone; whatever deletes a row of tm_texts takes them with it.
    tables: `
  CREATE VIRTUAL TABLE tm_words USING fts5 (title, body, content = '', contentless_delete = 1,
    prefix = '1 2', tokenize = 'ascii');
  CREATE TRIGGER tm_texts_gone AFTER DELETE ON tm_texts BEGIN DELETE FROM tm_words WHERE rowid = old.no; END;`,
    *insert(streamNo, texts) {
      for (const { key, title, body, at, removed } of texts) {
        const row = [streamNo, key, at, Number(removed)]
        yield* run('INSERT INTO tm_texts (stream_no, key, at, removed) VALUES ($1, $2, $3, $4)', row)
        yield* run('INSERT INTO tm_words (rowid, title, body) VALUES (last_insert_rowid(), $1, $2)', [
          title.join(' '),
          body.join(' '),
        ])
      }
    },
    query: (words) => words.map((word) => `"${word}"*`).join(' '),
    from: 'tm_words JOIN tm_texts t ON t.no = tm_words.rowid',
    matches: 'tm_words MATCH $1',
    score: '-bm25(tm_words, 4.0, 1.0)',
  },
  *fill(table, streamNo, columns, rows) {
    const binder = new CellBinder(columns)
    const set = columns.map(({ name }) => `${quote(name)} = ?`).join(', ')
    const sql = `UPDATE ${table} SET ${set} WHERE _id = ? AND _stream = ? AND _ordinal = ?`
    for (const { id, ordinal, cells } of rows) {
      const values: Value[] = []
      binder.push(values, cells)
      yield* run(sql, [...(values as Param[]), id, streamNo, ordinal])
    }
  },
}

/**
 * Writes down what the planner would else have to guess: a table holds some streams with many records each. It then
 * finds a key without being told the stream, by looking into each (a skip-scan), and reads whole streams by index only
 * where that pays.
 */
function* tellPlanner(base: string): Asking<void> {
  const statistics: readonly (readonly [table: string, index: string, rows: string])[] = [
    [`tm_r_${base}`, `tm_rk_${base}`, '1000000 1000 1'],
    [`tm_t_${base}`, `tm_tk_${base}`, '100000 1000 1'],
    [`tm_v_${base}`, `tm_vk_${base}`, '1000000 1000 4 1'],
    [`tm_s_${base}`, `tm_s_${base}`, '10000000 30 2 1'],
  ]
  for (const row of statistics) yield* run('INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ($1, $2, $3)', row)
  yield* run('ANALYZE sqlite_schema')
}

/** Statements of the shared parts, as SQLite writes them. */
const translations = new Map<string, string>()
/** Statements over a stream's tables come and go with the streams. */
const TRANSLATIONS_KEPT = 2_000

/** What PostgreSQL writes otherwise. Names and texts in quotes come first: nothing in them is translated. */
const FOREIGN =
  /"[^"]*"|'[^']*'|= ANY\(\$(\d+)::[a-z]+\[\]\)|unnest\(\$(\d+)::[a-z]+\[\]\) AS u\(k\)|::(?:double precision|[a-z]+)|\$(\d+)|\bgreatest\(|\bstrpos\(| FOR (?:NO KEY )?UPDATE\b/g

/** PostgreSQL's SQL as SQLite writes it: numbered parameters, no casts, lists as JSON, no row locks (a writer is alone). */
export function translated(sql: string): string {
  const known = translations.get(sql)
  if (known !== undefined) return known
  const translation = sql.replace(FOREIGN, (found: string, list?: string, rows?: string, no?: string) => {
    if (found.startsWith('"') || found.startsWith("'")) return found
    if (list !== undefined) return `IN (SELECT value FROM json_each(?${list}))`
    if (rows !== undefined) return `(SELECT value AS k FROM json_each(?${rows})) AS u`
    if (no !== undefined) return `?${no}`
    return { 'greatest(': 'max(', 'strpos(': 'instr(' }[found] ?? ''
  })
  if (translations.size >= TRANSLATIONS_KEPT) translations.clear()
  translations.set(sql, translation)
  return translation
}

/** Runs work to its end, statement by statement. To be used inside a transaction where the work needs one. */
export function driven<T>(db: Connection, asking: Asking<T>): T {
  let step = asking.next()
  while (!step.done) step = asking.next(answer(db, step.value))
  return step.value
}

/** The drive over a connection. */
export function sqliteDrive(db: Connection): Drive {
  return async <A extends readonly unknown[], T>(work: Work<A, T>, args: A): Promise<T> => {
    const act = () => driven(db, work.ask(...args))
    if (work.how === 'writing') return db.transaction(act, (result) => work.keep?.(result) ?? true)
    return work.how === 'reading' ? db.reading(act) : act()
  }
}

function answer(db: Connection, { sql, values, want }: Statement): number | readonly Row[] {
  const bound = values.map(boundValue)
  if (want !== 'rows') return db.run(translated(sql), bound)
  const rows = db.all(translated(sql), bound)
  return hasViewNames(sql) ? rows.map(contractRow) : rows
}

function boundValue(value: Param): Value {
  if (typeof value === 'boolean') return Number(value)
  return Array.isArray(value) ? JSON.stringify(value) : (value as Value)
}

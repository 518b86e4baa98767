// Owns a SQLite mirror as either end of a move: read while nobody else can open it, or written until it is whole.

import { existsSync } from 'node:fs'
import type { Clock } from '../../model/ports.ts'
import { count, countOrNull, text } from '../cells.ts'
import {
  type Carried,
  type End,
  MARK,
  type MovedRow,
  type MovedTable,
  type Origin,
  PORTION_BYTES,
  PORTION_ROWS,
  type StreamTables,
  type Target,
} from '../moving/ends.ts'
import { notEmpty, otherOrigin } from '../moving/refusals.ts'
import * as shared from '../moving/tables.ts'
import { quote } from '../names.ts'
import type { Row } from '../statements.ts'
import { plain } from '../system/columns.ts'
import { Connection, type Value } from './connection.ts'
import { driven, SQLITE, translated } from './dialect.ts'
import { openSqliteStore } from './store.ts'
import { CellBinder } from './values.ts'

const CACHE_KIB = 16_384

/**
 * Keeps everybody out of a mirror while `body` reads it.
 *
 * @throws TidemarkError database_missing, database_in_use, and what opening may throw
 */
export async function originOf<T>(path: string, clock: Clock, body: (origin: Origin) => Promise<T>): Promise<T> {
  // Brought to the newest version first, and refused where it is no mirror.
  await (await openSqliteStore({ path, clock, create: false })).close()
  const db = new Connection({ path, readOnly: false, isAlone: true, synchronous: 'NORMAL', cacheKib: CACHE_KIB })
  try {
    return await body({
      ...endOf(db),
      identity: driven(db, shared.identity()),
      streams: driven(db, shared.streamTables()),
      counters: new Map(
        db.all('SELECT name, seq FROM sqlite_sequence').map((row) => [text(row['name']), count(row['seq'])]),
      ),
    })
  } finally {
    db.close()
  }
}

/**
 * A mirror that is made, or goes on being made, by `body`.
 *
 * @throws TidemarkError database_not_empty, and what opening may throw
 */
export async function targetOf<T>(path: string, clock: Clock, body: (target: Target) => Promise<T>): Promise<T> {
  const isNew = !existsSync(path)
  const store = await openSqliteStore({ path, clock, readOnly: false, isTarget: true })
  await store.close()
  const db = new Connection({ path, readOnly: false, synchronous: 'NORMAL', cacheKib: CACHE_KIB })
  try {
    return await body(target(db, isNew))
  } finally {
    db.close()
  }
}

function endOf(db: Connection): End {
  return {
    name: db.name,
    tables: async (streams) => tablesOf(db, streams),
    portion: async (table, after) => portion(db, table, after),
  }
}

function tablesOf(db: Connection, streams: readonly StreamTables[] = []): readonly MovedTable[] {
  // Where a table has no primary key, its first unique index is one.
  const keys = `CASE WHEN EXISTS (SELECT 1 FROM pragma_table_info(t.name) WHERE pk > 0) THEN nullif(c.pk, 0)
    ELSE (SELECT i.seqno + 1 FROM pragma_index_list(t.name) l JOIN pragma_index_info(l.name) i ON i.name = c.name
      WHERE l."unique" = 1) END`
  const columns = db.all(
    `SELECT t.name AS tbl, c.name AS name, ${keys} AS key FROM sqlite_schema t, pragma_table_info(t.name) c
     WHERE t.type = 'table' ORDER BY t.name, c.cid`,
  )
  return shared.movedTables(
    columns.map((row) => ({ table: text(row['tbl']), name: text(row['name']), key: countOrNull(row['key']) })),
    streams,
    SQLITE,
  )
}

function portion(db: Connection, table: MovedTable, after: MovedRow | null): readonly MovedRow[] {
  const sql = `SELECT ${shared.selected(SQLITE, table)} FROM ${quote(table.name)}${shared.behind(table, after === null)}`
  let bytes = 0
  let rows = 0
  const isLast = (row: Row) => {
    for (const name in row) bytes += sizeOf(row[name])
    return ++rows >= PORTION_ROWS || bytes >= PORTION_BYTES
  }
  return shared.rowsOf(table, db.some(translated(sql), (after ?? []) as Value[], isLast), (value, { kind }) =>
    // Digits that 64 bits don't hold are kept as bytes.
    kind === 'own' ? (value as Carried) : (plain(value) as Carried),
  )
}

function sizeOf(value: unknown): number {
  return typeof value === 'string' ? value.length : value instanceof Uint8Array ? value.byteLength : 8
}

function target(db: Connection, isNew: boolean): Target {
  const tables = () => tablesOf(db)
  return {
    ...endOf(db),
    begin: async (identity) => {
      const isMarked = db.value(`SELECT 1 FROM sqlite_schema WHERE name = '${MARK}'`) !== undefined
      if (!isMarked) {
        const filled = isNew ? undefined : driven(db, shared.firstFilled(tables()))
        if (filled !== undefined) throw notEmpty(db.name, filled)
        db.transaction(() => driven(db, shared.mark(SQLITE, identity)))
      }
      if (driven(db, shared.markedOrigin()) !== identity) throw otherOrigin(db.name)
      return driven(db, shared.places())
    },
    make: async (streams) => db.transaction(() => driven(db, shared.makeMissing(SQLITE, streams))),
    put: async (table, rows, place) =>
      db.transaction(() => {
        insert(db, table, rows)
        driven(db, shared.savePlace(place))
      }),
    clear: async () => {
      db.exec('PRAGMA foreign_keys = OFF')
      db.transaction(() => {
        for (const { name } of tables()) db.run(`DELETE FROM ${quote(name)}`)
        db.run(`DELETE FROM ${MARK} WHERE item <> 'origin'`)
      })
      db.exec('PRAGMA foreign_keys = ON')
    },
    finish: async (counters) =>
      db.transaction(() => {
        for (const [table, last] of counters) countOn(db, table, last)
        db.exec(`DROP TABLE ${MARK}`)
      }),
  }
}

function insert(db: Connection, table: MovedTable, rows: readonly MovedRow[]): void {
  const { name, columns } = table
  const names = columns.map((column) => shared.columnSql(SQLITE, column)).join(', ')
  const sql = `INSERT INTO ${quote(name)} (${names}) VALUES (${columns.map(() => '?').join(', ')})`
  // The same that writes pages: digits that no integer of 64 bits holds are kept as bytes.
  const binder = new CellBinder(
    columns.map(({ name: column, kind }) => ({ name: column, type: kind === 'own' ? 'text' : kind })),
  )
  for (const row of rows) {
    const values: Value[] = []
    binder.push(values, row as never)
    db.run(sql, values)
  }
}

/** A number that was given once is not given again, also where its row is gone. */
function countOn(db: Connection, table: string, last: number): void {
  const counts = db.value(`SELECT 1 FROM sqlite_schema WHERE name = ? AND sql LIKE '%AUTOINCREMENT%'`, [table])
  if (counts === undefined) return
  const changed = db.run('UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?', [last, table])
  if (changed === 0) db.run('INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)', [table, last])
}

// Owns the tables of streams: who they belong to, how they are made and how they grow, and the row of each stream.

import { TidemarkError } from '../../model/errors.ts'
import type { Column, StreamShape } from '../../model/record.ts'
import { count, json, text } from '../cells.ts'
import { STREAM_ROW } from '../coverage.ts'
import { baseOf, metricColumns, quote, type TableShape, tableNames } from '../names.ts'
import type { StreamRow, StreamStore } from '../store.ts'
import { checkShape, missingColumns, nameTaken, unfilledColumns } from '../stream-shape.ts'
import { streamGone, streamRow } from '../system-rows.ts'
import type { Connection, Row } from './connection.ts'
import { SQL_TYPES } from './values.ts'
import { SYSTEM_VIEWS, streamViews } from './views.ts'
import { StreamWriter } from './writer.ts'

/** A stream as checkpoints and reads need it. */
export interface OpenStream {
  readonly no: number
  readonly connectionNo: number
  readonly projectNo: number
  readonly base: string
  readonly shape: StreamShape
  /** Shared by all streams with the same tables and the same shape. */
  readonly writer: StreamWriter
}

/** Tables whose statements are kept prepared; the least recently opened go first. */
const WRITERS_KEPT = 64

export class Streams implements Pick<StreamStore, 'define' | 'list'> {
  readonly #db: Connection
  readonly #open = new Map<number, OpenStream>()
  /** As this process defined them: its cells come in this order, whatever another release has defined since. */
  readonly #defined = new Map<number, StreamShape>()
  readonly #writers = new Map<string, StreamWriter>()

  constructor(db: Connection) {
    this.#db = db
  }

  async define(connectionNo: number, shape: StreamShape, _at: number): Promise<StreamRow> {
    const base = baseOf(shape)
    const wanted = JSON.stringify(shape)
    const known = this.#find(connectionNo, shape.stream)
    if (known && known['shape'] === wanted) {
      return this.#define(known, shape)
    }
    checkShape(shape)
    return this.#db.transaction(() => {
      growTables(this.#db, shape, base)
      const unfilled = known ? unfilledColumns(streamRow(known), shape) : []
      this.#db.run(
        `INSERT INTO tm_streams (connection_no, stream, base, project, connection, shape)
         SELECT c.no, ?1, ?2, p.id, c.id, ?3 FROM tm_connections c JOIN tm_projects p ON p.no = c.project_no WHERE c.no = ?4
         ON CONFLICT (connection_no, stream) DO UPDATE SET shape = ?3, unfilled = ?5, filled_to = '{}'`,
        [shape.stream, base, wanted, connectionNo, JSON.stringify(unfilled)],
      )
      const row = this.#find(connectionNo, shape.stream)
      if (!row) throw new TidemarkError('unknown_connection', `There is no connection with the number ${connectionNo}.`)
      return this.#define(row, shape)
    })
  }

  #define(row: Row, shape: StreamShape): StreamRow {
    const no = count(row['no'])
    this.#defined.set(no, shape)
    if (JSON.stringify(this.#open.get(no)?.shape) !== JSON.stringify(shape)) this.#open.delete(no)
    return streamRow(row)
  }

  async list(connectionNo: number): Promise<readonly StreamRow[]> {
    return this.#db
      .all(`SELECT ${STREAM_ROW} FROM tm_streams s WHERE connection_no = ? ORDER BY no`, [connectionNo])
      .map(streamRow)
  }

  /** What is known of a stream; read from the database once. */
  open(streamNo: number): OpenStream {
    const known = this.#open.get(streamNo)
    if (known) return known
    const row = this.#db.get(
      `SELECT s.*, c.project_no FROM tm_streams s JOIN tm_connections c ON c.no = s.connection_no WHERE s.no = ?`,
      [streamNo],
    )
    if (!row) throw streamGone(streamNo)
    const shape = this.#defined.get(streamNo) ?? (json(row['shape']) as StreamShape)
    const base = text(row['base'])
    const stream = {
      no: streamNo,
      connectionNo: count(row['connection_no']),
      projectNo: count(row['project_no']),
      base,
      shape,
      writer: this.#writer(base, shape),
    }
    this.#open.set(streamNo, stream)
    return stream
  }

  /** What was read of a connection's streams is read again. */
  forget(connectionNo: number): void {
    for (const [no, stream] of this.#open) {
      if (stream.connectionNo !== connectionNo) continue
      this.#open.delete(no)
      this.#defined.delete(no)
    }
  }

  #writer(base: string, shape: StreamShape): StreamWriter {
    const id = JSON.stringify([base, shape.columns, shape.metrics])
    const kept = this.#writers.get(id)
    if (kept) return kept
    const writer = new StreamWriter(this.#db, base, shape)
    this.#writers.set(id, writer)
    if (this.#writers.size > WRITERS_KEPT) {
      const [oldest, dropped] = this.#writers.entries().next().value as [string, StreamWriter]
      this.#writers.delete(oldest)
      for (const [no, stream] of this.#open) if (stream.writer === dropped) this.#open.delete(no)
    }
    return writer
  }

  #find(connectionNo: number, stream: string): Row | undefined {
    return this.#db.get(`SELECT ${STREAM_ROW} FROM tm_streams s WHERE connection_no = ? AND stream = ?`, [
      connectionNo,
      stream,
    ])
  }
}

/** Makes the tables and views of a stream, or adds to them what the shape has and they lack. */
function growTables(db: Connection, shape: StreamShape, base: string): void {
  const metrics = metricColumns(shape)
  const row = db.get('SELECT * FROM tm_tables WHERE base = ?', [base])
  if (!row) {
    checkNames(db, shape, base)
    const table: TableShape = { base, columns: shape.columns, metrics }
    makeTables(db, table)
    db.run('INSERT INTO tm_tables (base, connector, stream, columns, metrics) VALUES (?, ?, ?, ?, ?)', [
      base,
      shape.connector,
      shape.stream,
      JSON.stringify(table.columns),
      JSON.stringify(table.metrics),
    ])
    makeViews(db, table)
    return
  }
  if (row['connector'] !== shape.connector || row['stream'] !== shape.stream) {
    throw nameTaken(shape, base, `${text(row['connector'])}/${text(row['stream'])}`)
  }
  const before = tableShape(row)
  const columns = missingColumns(shape, before.columns, shape.columns)
  const added = missingColumns(shape, before.metrics, metrics)
  if (columns.length === 0 && added.length === 0) return
  const { records, tombstones, versions, snapshots } = tableNames(base)
  for (const column of columns) {
    for (const name of [records, tombstones, versions]) db.exec(`ALTER TABLE ${name} ADD COLUMN ${definition(column)}`)
  }
  for (const metric of added) db.exec(`ALTER TABLE ${snapshots} ADD COLUMN ${definition(metric)}`)
  const table = { base, columns: [...before.columns, ...columns], metrics: [...before.metrics, ...added] }
  db.run('UPDATE tm_tables SET columns = ?, metrics = ? WHERE base = ?', [
    JSON.stringify(table.columns),
    JSON.stringify(table.metrics),
    base,
  ])
  makeViews(db, table)
}

export function tableShape(row: Row): TableShape {
  return {
    base: text(row['base']),
    columns: json(row['columns']) as Column[],
    metrics: json(row['metrics']) as Column[],
  }
}

/** Refuses a stream one of whose views would take a name that is taken. */
function checkNames(db: Connection, shape: StreamShape, base: string): void {
  for (const { name } of streamViews({ base, columns: [], metrics: [] })) {
    if ((SYSTEM_VIEWS as readonly string[]).includes(name)) throw nameTaken(shape, name, 'Tidemark itself')
    if (db.value('SELECT count(*) FROM sqlite_schema WHERE name = ?', [name]) === 0) continue
    const owner = db.get(
      `SELECT connector, stream FROM tm_tables WHERE ? LIKE base || '%' ORDER BY length(base) DESC`,
      [name],
    )
    throw nameTaken(shape, name, owner ? `${text(owner['connector'])}/${text(owner['stream'])}` : 'something else')
  }
}

/** What the engine keeps of a record beside its columns. The text comes last: a row is read from its beginning. */
const RECORD_COLUMNS = `
  _stream INTEGER NOT NULL,
  _key TEXT NOT NULL,
  _hash TEXT NOT NULL,
  _order REAL NOT NULL,
  _ordinal INTEGER NOT NULL,
  _op INTEGER NOT NULL,
  _walk INTEGER,
  _missed_by INTEGER,
  _unavailable_since INTEGER,
  _first_seen_at INTEGER NOT NULL,
  _updated_at INTEGER NOT NULL,
  _run INTEGER,
  _page INTEGER`

function makeTables(db: Connection, { base, columns, metrics }: TableShape): void {
  const { records, tombstones, versions, snapshots } = tableNames(base)
  const own = columns.map((column) => `${definition(column)}, `).join('')
  db.exec(`
    -- A record keeps its id as a tombstone and when it comes back; snapshots hang on it. AUTOINCREMENT: no id serves twice.
    CREATE TABLE ${records} (_id INTEGER PRIMARY KEY AUTOINCREMENT, ${RECORD_COLUMNS}, ${own}_raw TEXT NOT NULL);
    CREATE UNIQUE INDEX "tm_rk_${base}" ON ${records} (_stream, _key);
    CREATE TABLE ${tombstones}
      (_id INTEGER PRIMARY KEY, ${RECORD_COLUMNS}, _removed_at INTEGER NOT NULL, _removed_reason TEXT NOT NULL, ${own}_raw TEXT NOT NULL);
    CREATE UNIQUE INDEX "tm_tk_${base}" ON ${tombstones} (_stream, _key);
    CREATE TABLE ${versions} (
      _stream INTEGER NOT NULL, _key TEXT NOT NULL, _ordinal INTEGER NOT NULL, _op INTEGER NOT NULL, _at INTEGER NOT NULL,
      _reason TEXT, _run INTEGER, _page INTEGER, _hash TEXT NOT NULL, _order REAL NOT NULL, ${own}_raw TEXT NOT NULL);
    CREATE UNIQUE INDEX "tm_vk_${base}" ON ${versions} (_stream, _key, _ordinal);
    -- By the record's id, not its key: ids come in the order of reading, so that a page's snapshots stand together; by
    -- key each would touch a page of its own. The day stands before the run, so that a day's last value is found in the
    -- order of the table.
    CREATE TABLE ${snapshots} (
      _record INTEGER NOT NULL, _day TEXT NOT NULL, _run INTEGER NOT NULL, _at INTEGER NOT NULL,
      ${metrics.map((column) => `${definition(column)}, `).join('')}PRIMARY KEY (_record, _day, _run)) WITHOUT ROWID;
  `)
  tellPlanner(db, base)
}

/**
 * Writes down what the planner would else have to guess: a table holds some streams with many records each. It then
 * finds a key without being told the stream, by looking into each (a skip-scan), and reads whole streams by index only
 * where that pays.
 */
function tellPlanner(db: Connection, base: string): void {
  const statistics: readonly (readonly [table: string, index: string, rows: string])[] = [
    [`tm_r_${base}`, `tm_rk_${base}`, '1000000 1000 1'],
    [`tm_t_${base}`, `tm_tk_${base}`, '100000 1000 1'],
    [`tm_v_${base}`, `tm_vk_${base}`, '1000000 1000 4 1'],
    [`tm_s_${base}`, `tm_s_${base}`, '10000000 30 2 1'],
  ]
  for (const [table, index, rows] of statistics) {
    db.run('INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)', [table, index, rows])
  }
  db.exec('ANALYZE sqlite_schema')
}

function definition({ name, type }: Column): string {
  return `${quote(name)} ${SQL_TYPES[type]}`
}

function makeViews(db: Connection, table: TableShape): void {
  for (const { name, sql } of streamViews(table)) {
    db.exec(`DROP VIEW IF EXISTS ${quote(name)}; CREATE VIEW ${quote(name)} AS ${sql}`)
  }
}

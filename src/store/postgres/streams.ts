// Owns the tables of streams: who they belong to, how they are made and how they grow, and the row of each stream.

import { TidemarkError } from '../../model/errors.ts'
import type { Column, StreamShape } from '../../model/record.ts'
import { count, json, text, textOrNull } from '../cells.ts'
import { STREAM_ROW } from '../coverage.ts'
import { baseOf, metricColumns, type TableShape, tableNames } from '../names.ts'
import type { StreamRow, StreamStore } from '../store.ts'
import { checkShape, missingColumns, nameTaken, unfilledColumns } from '../stream-shape.ts'
import { streamGone, streamRow } from '../system-rows.ts'
import { stored } from './column-names.ts'
import type { Connection, Queries } from './connection.ts'
import { isNameTaken, lockTables } from './schema.ts'
import { type Row, SQL_TYPES } from './values.ts'
import { makeView, streamViews, systemViews } from './views.ts'
import { StreamWriter } from './writer.ts'

/** A stream as checkpoints and reads need it. */
export interface OpenStream {
  readonly no: number
  readonly connectionNo: number
  readonly projectNo: number
  readonly base: string
  readonly shape: StreamShape
  readonly writer: StreamWriter
}

export class Streams implements Pick<StreamStore, 'define' | 'list'> {
  readonly #db: Connection
  readonly #open = new Map<number, OpenStream>()
  /** As this process defined them: its cells come in this order, whatever another release has defined since. */
  readonly #defined = new Map<number, StreamShape>()

  constructor(db: Connection) {
    this.#db = db
  }

  async define(connectionNo: number, shape: StreamShape, _at: number): Promise<StreamRow> {
    const base = baseOf(shape)
    const wanted = JSON.stringify(shape)
    const known = await find(this.#db, connectionNo, shape.stream)
    if (known && known['shape'] === wanted) {
      return this.#define(known, shape)
    }
    checkShape(shape)
    const row = await this.#db.transaction(async (tx) => {
      await lockTables(tx)
      await growTables(tx, shape, base)
      return saveStream(tx, connectionNo, shape, base)
    })
    return this.#define(row, shape)
  }

  #define(row: Row, shape: StreamShape): StreamRow {
    const no = count(row['no'])
    this.#defined.set(no, shape)
    if (JSON.stringify(this.#open.get(no)?.shape) !== JSON.stringify(shape)) this.#open.delete(no)
    return streamRow(row)
  }

  async list(connectionNo: number): Promise<readonly StreamRow[]> {
    const rows = await this.#db.all(`SELECT ${STREAM_ROW} FROM tm_streams s WHERE connection_no = $1 ORDER BY no`, [
      connectionNo,
    ])
    return rows.map(streamRow)
  }

  /** What was read of a connection's streams is read again. */
  forget(connectionNo: number): void {
    for (const [no, stream] of this.#open) {
      if (stream.connectionNo !== connectionNo) continue
      this.#open.delete(no)
      this.#defined.delete(no)
    }
  }

  /** What is known of a stream; read from the database once. */
  async open(streamNo: number): Promise<OpenStream> {
    const known = this.#open.get(streamNo)
    if (known) return known
    const row = await this.#db.get(
      `SELECT s.*, c.project_no FROM tm_streams s JOIN tm_connections c ON c.no = s.connection_no WHERE s.no = $1`,
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
      writer: new StreamWriter(base, shape),
    }
    this.#open.set(streamNo, stream)
    return stream
  }
}

async function find(db: Queries, connectionNo: number, stream: string): Promise<Row | undefined> {
  return db.get(`SELECT ${STREAM_ROW} FROM tm_streams s WHERE connection_no = $1 AND stream = $2`, [
    connectionNo,
    stream,
  ])
}

/** Looked for first, not inserted in case: an attempt would use up a number. */
async function saveStream(tx: Queries, connectionNo: number, shape: StreamShape, base: string): Promise<Row> {
  const known = await find(tx, connectionNo, shape.stream)
  const wanted = JSON.stringify(shape)
  if (known) {
    await tx.run(`UPDATE tm_streams SET shape = $1, unfilled = $2, filled_to = '{}' WHERE no = $3`, [
      wanted,
      JSON.stringify(unfilledColumns(streamRow(known), shape)),
      count(known['no']),
    ])
  } else {
    await tx.run(
      `INSERT INTO tm_streams (connection_no, stream, base, project, connection, shape)
       SELECT c.no, $1::text, $2::text, p.id, c.id, $3::text
       FROM tm_connections c JOIN tm_projects p ON p.no = c.project_no WHERE c.no = $4`,
      [shape.stream, base, wanted, connectionNo],
    )
  }
  const row = await find(tx, connectionNo, shape.stream)
  if (!row) throw new TidemarkError('unknown_connection', `There is no connection with the number ${connectionNo}.`)
  return row
}

/** Makes the tables and views of a stream, or adds to them what the shape has and they lack. */
async function growTables(tx: Queries, shape: StreamShape, base: string): Promise<void> {
  const metrics = metricColumns(shape)
  const row = await tx.get('SELECT * FROM tm_tables WHERE base = $1', [base])
  if (!row) {
    await checkNames(tx, shape, base)
    const table: TableShape = { base, columns: shape.columns, metrics }
    await makeTables(tx, table)
    await tx.run('INSERT INTO tm_tables (base, connector, stream, columns, metrics) VALUES ($1, $2, $3, $4, $5)', [
      base,
      shape.connector,
      shape.stream,
      JSON.stringify(table.columns),
      JSON.stringify(table.metrics),
    ])
    await makeViews(tx, table)
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
  const add = (list: readonly Column[]) => list.map((column) => `ADD COLUMN ${definition(column)}`).join(', ')
  if (columns.length > 0) {
    for (const name of [records, tombstones, versions]) await tx.run(`ALTER TABLE ${name} ${add(columns)}`)
  }
  if (added.length > 0) await tx.run(`ALTER TABLE ${snapshots} ${add(added)}`)
  const table = { base, columns: [...before.columns, ...columns], metrics: [...before.metrics, ...added] }
  await tx.run('UPDATE tm_tables SET columns = $1, metrics = $2 WHERE base = $3', [
    JSON.stringify(table.columns),
    JSON.stringify(table.metrics),
    base,
  ])
  await makeViews(tx, table)
}

export function tableShape(row: Row): TableShape {
  return {
    base: text(row['base']),
    columns: json(row['columns']) as Column[],
    metrics: json(row['metrics']) as Column[],
  }
}

/** Refuses a stream one of whose views would take a name that is taken. */
async function checkNames(tx: Queries, shape: StreamShape, base: string): Promise<void> {
  const names = streamViews({ base, columns: [], metrics: [] }).map(({ name }) => name)
  const system = new Set(systemViews().map(({ name }) => name))
  const ours = names.find((name) => system.has(name))
  if (ours !== undefined) throw nameTaken(shape, ours, 'Tidemark itself')
  const taken = textOrNull(
    await tx.value(
      'SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace(current_schema()) AND relname = ANY($1) LIMIT 1',
      [names],
    ),
  )
  if (taken === null) return
  const owner = await tx.get(
    'SELECT connector, stream FROM tm_tables WHERE starts_with($1, base) ORDER BY length(base) DESC LIMIT 1',
    [taken],
  )
  throw nameTaken(shape, taken, owner ? `${text(owner['connector'])}/${text(owner['stream'])}` : 'something else')
}

/** What the engine keeps of a record beside its columns. */
const RECORD_COLUMNS = `
  _stream bigint NOT NULL,
  _key text COLLATE "C" NOT NULL,
  _hash text NOT NULL,
  _order double precision NOT NULL,
  _ordinal bigint NOT NULL,
  _op smallint NOT NULL,
  _walk bigint,
  _missed_by bigint,
  _unavailable_since bigint,
  _first_seen_at bigint NOT NULL,
  _updated_at bigint NOT NULL,
  _run bigint,
  _page bigint`

async function makeTables(tx: Queries, { base, columns, metrics }: TableShape): Promise<void> {
  const { records, tombstones, versions, snapshots } = tableNames(base)
  const own = columns.map((column) => `${definition(column)}, `).join('')
  await tx.run(`
    -- A record keeps its id as a tombstone and when it comes back; snapshots hang on it.
    CREATE TABLE ${records}
      (_id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, ${RECORD_COLUMNS}, ${own}_raw text NOT NULL);
    CREATE UNIQUE INDEX "tm_rk_${base}" ON ${records} (_stream, _key);
    CREATE TABLE ${tombstones}
      (_id bigint PRIMARY KEY, ${RECORD_COLUMNS}, _removed_at bigint NOT NULL, _removed_reason text NOT NULL, ${own}_raw text NOT NULL);
    CREATE UNIQUE INDEX "tm_tk_${base}" ON ${tombstones} (_stream, _key);
    CREATE TABLE ${versions} (
      _id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, _stream bigint NOT NULL, _key text COLLATE "C" NOT NULL,
      _ordinal bigint NOT NULL, _op smallint NOT NULL, _at bigint NOT NULL, _reason text, _run bigint, _page bigint,
      _hash text NOT NULL, _order double precision NOT NULL, ${own}_raw text NOT NULL);
    CREATE UNIQUE INDEX "tm_vk_${base}" ON ${versions} (_stream, _key, _ordinal);
    -- By the record's id, not its key: ids come in the order of reading, so that a page's snapshots stand together.
    CREATE TABLE ${snapshots} (
      _record bigint NOT NULL, _day text COLLATE "C" NOT NULL, _run bigint NOT NULL, _at bigint NOT NULL,
      ${metrics.map((column) => `${definition(column)}, `).join('')}PRIMARY KEY (_record, _day, _run));
  `)
}

function definition({ name, type }: Column): string {
  return `${stored(name)} ${SQL_TYPES[type]}`
}

async function makeViews(tx: Queries, table: TableShape): Promise<void> {
  try {
    for (const view of streamViews(table)) await makeView(tx, view)
  } catch (error) {
    if (!isNameTaken(error)) throw error
    throw new TidemarkError('name_taken', `The views of "${table.base}" can’t be made: ${(error as Error).message}.`, {
      hint: 'Rename what stands in their way, or give Tidemark a schema for itself: ?schema=tidemark.',
    })
  }
}

// Owns the streams: their rows, and their tables, which all connections of a connector share.

import { TidemarkError } from '../../model/errors.ts'
import type { Column, StreamShape } from '../../model/record.ts'
import { count, json, text, textOrNull } from '../cells.ts'
import { STREAM_ROW } from '../coverage.ts'
import type { Dialect } from '../dialect.ts'
import { metricColumns, type TableShape, tableNames } from '../names.ts'
import { type Asking, all, alone, type Drive, get, type Row, run, value, writing } from '../statements.ts'
import type { StreamCount, StreamRow, StreamStore } from '../store.ts'
import { checkShape, missingColumns, nameTaken, unfilledColumns } from '../stream-shape.ts'
import { streamGone, streamRow } from '../system-rows.ts'
import { streamTables } from './schema.ts'
import { type Owner, ownerOf, tableFor } from './stream-place.ts'
import { streamViews, systemViews, viewSql } from './views.ts'

/** A stream as checkpoints and reads need it. */
export interface OpenStream<Writer = unknown> {
  readonly no: number
  readonly connectionNo: number
  readonly projectNo: number
  readonly base: string
  readonly shape: StreamShape
  /** The shape as the stream's row has it. */
  readonly shapeText: string
  readonly writer: Writer
}

/** Streams that are kept open with their statements; the first opened goes first. */
const OPEN_MAX = 256

export class Streams<Writer = unknown> {
  readonly #dialect: Dialect
  readonly #writerOf: (base: string, shape: StreamShape) => Writer
  readonly #open = new Map<number, OpenStream<Writer>>()
  /** As this process defined them: its cells come in this order, whatever another release has defined since. */
  readonly #defined = new Map<number, StreamShape>()

  constructor(dialect: Dialect, writerOf: (base: string, shape: StreamShape) => Writer) {
    this.#dialect = dialect
    this.#writerOf = writerOf
  }

  /** What is known of a stream; read from the database once. */
  *open(streamNo: number): Asking<OpenStream<Writer>> {
    const known = this.#open.get(streamNo)
    if (known) return known
    const row = yield* get(
      'SELECT s.*, c.project_no FROM tm_streams s JOIN tm_connections c ON c.no = s.connection_no WHERE s.no = $1',
      [streamNo],
    )
    if (!row) throw streamGone(streamNo)
    const shape = this.#defined.get(streamNo) ?? (json(row['shape']) as StreamShape)
    const shapeText = JSON.stringify(shape)
    const base = text(row['base'])
    const stream = {
      no: streamNo,
      connectionNo: count(row['connection_no']),
      projectNo: count(row['project_no']),
      base,
      shape,
      shapeText,
      writer: this.#writerOf(base, shape),
    }
    this.#open.set(streamNo, stream)
    const [oldest] = this.#open.keys()
    if (this.#open.size > OPEN_MAX && oldest !== undefined) this.#open.delete(oldest)
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

  /** The methods of the port. One that finds its shape unchanged writes nothing. */
  methods(drive: Drive): Pick<StreamStore, 'define' | 'list' | 'counts'> {
    const known = alone((connectionNo: number, shape: StreamShape) => this.#known(connectionNo, shape))
    const grow = writing((connectionNo: number, shape: StreamShape) => this.#grow(connectionNo, shape))
    const list = alone((connectionNo: number) => rowsWhere('connection_no = $1 ORDER BY no', [connectionNo]))
    return {
      define: async (connectionNo, shape) =>
        (await drive(known, [connectionNo, shape])) ?? (await drive(grow, [connectionNo, shape])),
      list: (connectionNo) => drive(list, [connectionNo]),
      counts: (project) => drive(counts, [project]),
    }
  }

  *#known(connectionNo: number, shape: StreamShape): Asking<StreamRow | undefined> {
    const row = yield* find(connectionNo, shape.stream)
    return row && isSame(row.shape, shape) ? this.#define(row, shape) : undefined
  }

  /** Makes the tables and views of these streams of a connection, before there is a row that has them. */
  *prepare(shapes: readonly StreamShape[], owner: Owner): Asking<void> {
    for (const shape of shapes) checkShape(shape)
    yield* this.#dialect.lockTables()
    for (const shape of shapes) yield* growTables(this.#dialect, shape, yield* tableFor(shape, owner))
  }

  *#grow(connectionNo: number, shape: StreamShape): Asking<StreamRow> {
    yield* this.prepare([shape], yield* ownerOf(connectionNo))
    return yield* this.save(connectionNo, shape)
  }

  /** Makes the stream's row, or gives it this shape. Its tables are prepared. */
  *save(connectionNo: number, shape: StreamShape): Asking<StreamRow> {
    yield* saveStream(connectionNo, shape)
    const row = yield* find(connectionNo, shape.stream)
    if (!row) throw new TidemarkError('connection_unknown', `There is no connection with the number ${connectionNo}.`)
    return this.#define(row, shape)
  }

  #define(row: StreamRow, shape: StreamShape): StreamRow {
    this.#defined.set(row.no, shape)
    if (!isSame(this.#open.get(row.no)?.shape, shape)) this.#open.delete(row.no)
    return row
  }
}

function isSame(one: StreamShape | undefined, other: StreamShape): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

function* rowsWhere(condition: string, values: readonly (string | number)[]): Asking<readonly StreamRow[]> {
  return (yield* all(`SELECT ${STREAM_ROW} FROM tm_streams s WHERE ${condition}`, values)).map(streamRow)
}

const counts = alone(function* (project: string) {
  const rows = yield* all(
    'SELECT no, connection_no, stream, total_records FROM tm_streams WHERE project = $1 ORDER BY no',
    [project],
  )
  return rows.map(
    (row): StreamCount => ({
      no: count(row['no']),
      connectionNo: count(row['connection_no']),
      stream: text(row['stream']),
      totalRecords: count(row['total_records']),
    }),
  )
})

function* find(connectionNo: number, stream: string): Asking<StreamRow | undefined> {
  return (yield* rowsWhere('connection_no = $1 AND stream = $2', [connectionNo, stream]))[0]
}

/** Looked for first, not inserted in case: an attempt would use up a number. */
function* saveStream(connectionNo: number, shape: StreamShape): Asking<void> {
  const known = yield* find(connectionNo, shape.stream)
  if (known && isSame(known.shape, shape)) return
  if (known) {
    yield* reshape(known.no, shape)
    return
  }
  const base = yield* tableFor(shape, yield* ownerOf(connectionNo))
  yield* run(
    `INSERT INTO tm_streams (connection_no, stream, base, project, connection, shape)
     SELECT c.no, $1::text, $2::text, p.id, c.id, $3::text
     FROM tm_connections c JOIN tm_projects p ON p.no = c.project_no WHERE c.no = $4`,
    [shape.stream, base, JSON.stringify(shape), connectionNo],
  )
}

/** Gives a stream the shape of whoever defines it or writes into it, and notes what its contents lack of that. */
export function* reshape(streamNo: number, shape: StreamShape): Asking<void> {
  const [known] = yield* rowsWhere('no = $1', [streamNo])
  if (!known) throw streamGone(streamNo)
  yield* run(`UPDATE tm_streams SET shape = $1, unfilled = $2, unreadable = '[]', filled_to = '{}' WHERE no = $3`, [
    JSON.stringify(shape),
    JSON.stringify(unfilledColumns(known, shape)),
    streamNo,
  ])
}

/** Makes the tables and views of a stream, or adds to them what the shape has and they lack. */
function* growTables(dialect: Dialect, shape: StreamShape, base: string): Asking<void> {
  const metrics = metricColumns(shape)
  const row = yield* get('SELECT * FROM tm_tables WHERE base = $1', [base])
  if (!row) {
    yield* makeTables(dialect, shape, { base, columns: shape.columns, metrics })
    yield* run('INSERT INTO tm_tables (base, connector, stream, columns, metrics) VALUES ($1, $2, $3, $4, $5)', [
      base,
      shape.connector,
      shape.stream,
      JSON.stringify(shape.columns),
      JSON.stringify(metrics),
    ])
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
  for (const table of [records, tombstones, versions]) yield* addColumns(dialect, table, columns)
  yield* addColumns(dialect, snapshots, added)
  const table = { base, columns: [...before.columns, ...columns], metrics: [...before.metrics, ...added] }
  yield* run('UPDATE tm_tables SET columns = $1, metrics = $2 WHERE base = $3', [
    JSON.stringify(table.columns),
    JSON.stringify(table.metrics),
    base,
  ])
  yield* makeViews(dialect, table)
}

/** Makes the tables and views of a stream that has none. @throws TidemarkError name_taken */
export function* makeTables(dialect: Dialect, whose: Whose, table: TableShape): Asking<void> {
  yield* checkNames(dialect, whose, table.base)
  for (const sql of streamTables(dialect, table)) yield* run(sql)
  yield* dialect.tellPlanner(table.base)
  yield* dialect.protect()
  yield* makeViews(dialect, table)
}

type Whose = Pick<StreamShape, 'connector' | 'stream'>

function* addColumns({ definition }: Dialect, table: string, columns: readonly Column[]): Asking<void> {
  for (const column of columns) yield* run(`ALTER TABLE ${table} ADD COLUMN ${definition(column)}`)
}

function* makeViews(dialect: Dialect, table: TableShape): Asking<void> {
  for (const view of streamViews(dialect, table))
    yield* dialect.makeView(view.name, (names) => viewSql(dialect, view, names))
}

export function tableShape(row: Row): TableShape {
  return {
    base: text(row['base']),
    columns: json(row['columns']) as Column[],
    metrics: json(row['metrics']) as Column[],
  }
}

/** Refuses a stream one of whose views would take a name that is taken. */
function* checkNames(dialect: Dialect, shape: Whose, base: string): Asking<void> {
  const names = streamViews(dialect, { base, columns: [], metrics: [] }).map(({ name }) => name)
  const system = new Set(systemViews(dialect).map(({ name }) => name))
  const ours = names.find((name) => system.has(name))
  if (ours !== undefined) throw nameTaken(shape, ours, 'Tidemark itself')
  const taken = textOrNull(
    yield* value(`SELECT name FROM (${dialect.relations}) r WHERE name = ANY($1::text[])`, [names]),
  )
  if (taken === null) return
  const owner = yield* get(
    'SELECT connector, stream FROM tm_tables WHERE substr($1, 1, length(base)) = base ORDER BY length(base) DESC LIMIT 1',
    [taken],
  )
  throw nameTaken(shape, taken, owner ? `${text(owner['connector'])}/${text(owner['stream'])}` : 'something else')
}

// Owns the meeting of a stream's declaration with its rows: which columns the schema declares, and how one row of the
// source becomes a record that can be written, or a reason to set it aside.

import { hash } from 'node:crypto'
import util from 'node:util'
import type { z } from 'zod'
import { atOnce, checkParts } from '../../../connector/check-connector.ts'
import { connectorInvalid } from '../../../connector/check-names.ts'
import type { Connector, Stream } from '../../../connector/connector.ts'
import { FOUND_COLUMNS_MAX, type FoundColumn } from '../../../connector/page.ts'
import { asError, type ErrorCode, TidemarkError } from '../../../model/errors.ts'
import { exactOf, rawText } from '../../../model/exact-json.ts'
import { plainDigits } from '../../../model/exact-number.ts'
import type { Cell, Column, ColumnType, Incoming, Key, StreamShape } from '../../../model/record.ts'
import { writtenNumber } from '../../../model/written-number.ts'
import type { Quarantined } from '../../../store/store.ts'
import { withDigits } from './digits.ts'
import { declaresInherited, hideInherited, ownFields } from './own-fields.ts'
import { certainKeyOf, certainVersionOf, keyOf } from './row-key.ts'

/** A row that was understood. `record` is what the schema made of it. */
export interface Parsed {
  readonly incoming: Incoming
  readonly record: unknown
  /** The values of the metrics, in the shape's order; undefined when the stream has none. */
  readonly metrics: readonly (string | number | bigint | null)[] | undefined
  /** It belongs to another stream, and is not stored: see others.ts. @default false */
  readonly isOther?: true
}

/** What becomes of a row: it was understood, or is set aside. */
export type ReadRow = Parsed | { readonly quarantined: Quarantined }

export interface RowParser {
  readonly shape: StreamShape
  /** `askedAt` orders records whose stream has no version of its own. `index` is the row's place in its page. */
  parse(row: unknown, index: number, askedAt: number): ReadRow
  /**
   * The parser with columns that a page tells of; itself, where it has them, or has as many as it can have.
   *
   * @throws TidemarkError connector_invalid
   */
  grown(found: readonly FoundColumn[]): RowParser
}

/** What pages have told of the columns of an open stream: nothing yet. */
const NOTHING_FOUND: Found = { columns: [], metrics: [] }
type Found = Pick<StreamShape, 'columns' | 'metrics'>

/**
 * Compiles a stream's declaration. `stored` is its shape as the store has it: an open stream keeps the columns that earlier
 * pages told of.
 *
 * @throws TidemarkError connector_invalid (stop) when the schema is no object, declares a column that can't be one, or
 *   lacks a metric, or a column of the text
 */
export function compileStream(connector: Connector, name: string, stored: Found = NOTHING_FOUND): RowParser {
  const stream = connector.streams[name] as Stream
  const refused = (problem: string, hint: string) => connectorInvalid(connector.service.name, problem, hint)
  const declared = columnsOf(stream.schema, name, refused)
  const isFound = (column: string) => declared.every((own) => own.name !== column)
  const found = stream.open ? stored.columns.filter((column) => isFound(column.name)) : []
  const columns = [...declared, ...found]
  const places = new Map(columns.map((column, place) => [column.name, place]))
  const ownMetrics: readonly string[] = stream.metrics ?? []
  const foundMetrics = stored.metrics.filter((metric) => found.some((column) => column.name === metric))
  const metrics = [...ownMetrics, ...foundMetrics]
  const metricPlaces = (metrics as readonly string[]).map((metric) => {
    const place = places.get(metric)
    if (place !== undefined) return place
    const all = columns.map((column) => column.name).join(', ')
    throw refused(`metric "${metric}" of stream "${name}" is no column of it`, `Its columns: ${all}`)
  })
  const { text } = stream
  const searched: readonly string[] = text ? [text.title, ...(text.body ?? [])] : []
  const unsearchable = searched.find((column) => !places.has(column))
  if (unsearchable !== undefined) {
    const all = columns.map((column) => column.name).join(', ')
    throw refused(`text "${unsearchable}" of stream "${name}" is no column of it`, `Its columns: ${all}`)
  }
  const blend = stream.passes.find((pass) => pass.kind === 'blend')
  const shape: StreamShape = {
    connector: connector.service.name,
    stream: name,
    ...(blend ? { table: blend.table } : {}),
    version: connector.service.version ?? '1',
    order: stream.version ? `version ${stream.state?.version ?? 1}` : 'asked',
    columns,
    metrics,
  }
  const written = new Set(foundMetrics.map((metric) => places.get(metric) as number))
  return {
    shape,
    parse: rowParser(stream, columns, { places: metricPlaces, written }),
    grown(told) {
      if (!stream.open)
        throw refused(`a page of stream "${name}" tells of columns`, 'Declare the stream with open: true.')
      const room = Math.max(0, FOUND_COLUMNS_MAX - found.length)
      const fresh = told.filter((column) => !places.has(column.name)).slice(0, room)
      const known = new Set([...found, ...fresh].map((column) => column.name))
      const tracked = told.filter((column) => column.metric && known.has(column.name) && !metrics.includes(column.name))
      if (fresh.length + tracked.length === 0) return this
      return compileStream(connector, name, {
        columns: [...columns, ...fresh.map((column): Column => ({ name: column.name, type: 'text' }))],
        metrics: [...metrics, ...tracked.map((column) => column.name)],
      })
    },
  }
}

/**
 * Looks at a connector as a whole before anything is done with it.
 *
 * @throws TidemarkError connector_invalid (stop)
 */
export function checkDeclaration(connector: Connector): void {
  checkParts(connector)
  for (const name of Object.keys(connector.streams)) compileStream(connector, name)
}

/** Where the metrics stand among the columns, and which of them are texts that write a number. */
interface Metrics {
  readonly places: readonly number[]
  readonly written: ReadonlySet<number>
}

function rowParser(declared: Stream, columns: readonly Column[], metrics: Metrics): RowParser['parse'] {
  const metricOf = (cells: readonly Cell[]) => (place: number) => {
    const cell = cells[place] as Cell
    return metrics.written.has(place) ? numberIn(cell) : cell
  }
  const toCell = columns.map((column) => ENCODERS[column.type])
  const names = columns.map((column) => column.name)
  const { schema } = declared
  const reshape = declared.record && atOnce('record', declared.record)
  const version = declared.version && atOnce('version', declared.version)
  const stream = { schema, key: atOnce('key', declared.key), ...(version ? { version } : {}) }
  const inherits = declaresInherited(schema) || names.some((name) => name in Object.prototype)
  const read = (row: unknown): unknown => {
    const given: unknown = reshape ? reshape(row as never) : row
    return inherits ? ownFields(given) : given
  }
  /** A connector's code may not know what to do with an ExactNumber; then the digits stay those of JavaScript numbers. */
  const exactGiven = (exact: unknown): unknown => {
    try {
      return reshape ? reshape(exact as never) : exact
    } catch {
      return undefined
    }
  }
  return (row, index, askedAt) => {
    const raw = rowText(row)
    if (raw === undefined) return setAside(null, index, inspect(row), 'record_invalid', 'The row has no JSON text.')
    let key: Key | null = null
    try {
      const given = read(row)
      const result = schema.safeParse(given)
      const exact = typeof row === 'object' && row !== null ? exactOf(row) : undefined
      const digits = exact === undefined ? undefined : exactGiven(exact)
      const refuse = (message: string) => {
        const refused = setAside(certainKeyOf(stream, given, digits) ?? null, index, raw, 'record_invalid', message)
        return ofVersion(refused, certainVersionOf(stream, given, digits))
      }
      if (!result.success) return refuse(issuesText(result.error))
      let record = result.data as Record<string, unknown>
      if (exact !== undefined) {
        const restored = withDigits(schema as z.ZodObject, columns, record, digits)
        if ('problem' in restored) return refuse(restored.problem)
        record = restored.record
      }
      if (inherits) hideInherited(record, names)
      const found = keyOf(stream.key, record)
      if (typeof found !== 'string') return setAside(null, index, raw, found.code, found.message)
      key = found
      const order = version ? version(record) : askedAt
      if (!Number.isFinite(order)) {
        return setAside(key, index, raw, 'record_invalid', 'The record has no usable version.')
      }
      const cells: Cell[] = new Array(names.length)
      for (let i = 0; i < names.length; i++) {
        const cell = toCell[i]!(record[names[i]!])
        if (!isCell(cell)) {
          const refused = setAside(key, index, raw, 'record_invalid', noCell(names[i]!, cell))
          return ofVersion(refused, version && order)
        }
        cells[i] = cell
      }
      return {
        incoming: { key, cells, raw, hash: contentHash(raw), order },
        record,
        metrics: metrics.places.length > 0 ? metrics.places.map(metricOf(cells)) : undefined,
      }
    } catch (error) {
      return setAside(key, index, raw, 'record_invalid', stumbled(error))
    }
  }
}

/** The digits of the number that a text writes; null: it writes none. */
function numberIn(cell: Cell): Cell {
  const number = typeof cell === 'string' ? writtenNumber(cell) : null
  return number === null ? null : plainDigits(String(number))
}

/** The text of a row; undefined for what a connector composed and JSON can't hold, such as a circle. */
export function rowText(row: unknown): string | undefined {
  try {
    return typeof row === 'object' && row !== null ? rawText(row) : composed(row)
  } catch {
    return composed(row)
  }
}

/** A bigint is its digits, in text: what reads the source makes text of integers beyond 2^53, too. */
function composed(row: unknown): string | undefined {
  try {
    return JSON.stringify(row, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)) ?? 'null'
  } catch {
    return undefined
  }
}

/** What somebody can read of a row without a text of its own, as JSON text. */
function inspect(row: unknown): string {
  try {
    return JSON.stringify(util.inspect(row, { depth: 10, maxStringLength: null, maxArrayLength: null }))
  } catch {
    return 'null'
  }
}

interface SetAside {
  readonly quarantined: Quarantined
}

function setAside(key: Key | null, index: number, raw: string, code: ErrorCode, message: string): SetAside {
  return { quarantined: { key, index, raw, code, message } }
}

function ofVersion({ quarantined }: SetAside, version: number | undefined): SetAside {
  return { quarantined: version === undefined ? quarantined : { ...quarantined, version } }
}

/**
 * A record that was read, set aside all the same: what the connector's code says of it threw `error`. `versioned`: its
 * stream has a version of its own.
 */
export function setAsideRead({ incoming }: Parsed, index: number, error: unknown, versioned: boolean): Quarantined {
  const { key, raw, order } = incoming
  const refused = setAside(key, index, raw, 'record_invalid', stumbled(error))
  return ofVersion(refused, versioned ? order : undefined).quarantined
}

/** What a connector's own code threw over a row; what it throws on purpose is a sentence already. */
function stumbled(error: unknown): string {
  const { message } = asError(error)
  if (error instanceof TidemarkError) return message
  return `The row does not have the form that the connector expects (${message}).`
}

function isCell(value: unknown): value is Cell {
  return value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint'
}

function noCell(column: string, value: unknown): string {
  return `The value of ${column} is of type ${typeof value}, which its column can't hold.`
}

/** 132 bits of SHA-256: a collision among a trillion contents has a probability below 10^-15. */
function contentHash(raw: string): string {
  return hash('sha256', raw, 'base64').slice(0, 22)
}

function issuesText(error: z.ZodError): string {
  return error.issues
    .slice(0, 5)
    .map((issue) => `${issue.path.join('.') || 'record'}: ${issue.message}`)
    .join('; ')
}

/** What a column's cell is of a field's value; `isCell` tells whether the store can hold it. */
const ENCODERS: Readonly<Record<ColumnType, (value: unknown) => unknown>> = {
  text: (value) => (value === null || value === undefined ? null : `${value as string | number | bigint}`),
  integer: (value) => value ?? null,
  real: (value) => value ?? null,
  boolean: (value) => (value === null || value === undefined ? null : value ? 1 : 0),
  json: (value) => (value === null || value === undefined ? null : JSON.stringify(value)),
}

function columnsOf(
  schema: z.ZodType,
  stream: string,
  refused: (problem: string, hint: string) => TidemarkError,
): readonly Column[] {
  const shape = (schema as Partial<z.ZodObject> | undefined)?.shape
  if (!shape || typeof schema.safeParse !== 'function') {
    throw refused(`the schema of stream "${stream}" is not a zod object`, 'Its fields are the columns: z.object({ … })')
  }
  return Object.entries(shape).map(([name, field]) => {
    if (!/^[a-z][a-z0-9_]*$/.test(name)) {
      throw refused(`"${name}" of stream "${stream}" can't be a column`, 'Write lower-case words joined by _.')
    }
    return { name, type: columnType(field as z.ZodType) }
  })
}

/** The column of a field: what its metadata says, else what zod knows of its output. */
function columnType(field: z.ZodType): ColumnType {
  const declared = (field.meta() as { column?: ColumnType } | undefined)?.column
  if (declared) return declared
  const def = field.def as { type: string; innerType?: z.ZodType; out?: z.ZodType; in?: z.ZodType }
  switch (def.type) {
    case 'string':
    case 'enum':
    case 'literal':
    case 'template_literal':
      return 'text'
    case 'union':
      return mixedType((field as z.ZodUnion<readonly z.ZodType[]>).options)
    case 'number':
      return (field as z.ZodNumber).isInt ? 'integer' : 'real'
    case 'bigint':
      return 'integer'
    case 'boolean':
      return 'boolean'
    case 'pipe':
      return columnType((def.out?.def.type === 'transform' ? def.in : def.out) as z.ZodType)
    default:
      return def.innerType ? columnType(def.innerType) : 'json'
  }
}

/** What all options are, but for null; JSON, if one of them is: it has no other text; else text. */
function mixedType(options: readonly z.ZodType[]): ColumnType {
  const some = options.filter(({ def }) => def.type !== 'null' && def.type !== 'undefined')
  const types = new Set(some.map((option) => columnType(option)))
  if (types.has('json')) return 'json'
  const [only = 'text'] = types
  if (types.size <= 1) return only
  return types.size === 2 && types.has('integer') && types.has('real') ? 'real' : 'text'
}

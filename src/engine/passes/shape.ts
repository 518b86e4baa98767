// Owns the meeting of a stream's declaration with its rows: which columns the schema declares, and how one row of the
// source becomes a record that can be written, or a reason to set it aside.

import { hash } from 'node:crypto'
import type { z } from 'zod'
import { checkParts, connectorInvalid } from '../../connector/check-connector.ts'
import type { Connector, Stream } from '../../connector/connector.ts'
import { TidemarkError } from '../../model/errors.ts'
import { exactOf, rawText } from '../../model/exact-json.ts'
import type { Cell, Column, ColumnType, Incoming, Key, StreamShape } from '../../model/record.ts'
import type { Quarantined } from '../../store/store.ts'
import { withDigits } from './digits.ts'

/** A row that was understood. `record` is what the schema made of it. */
export interface Parsed {
  readonly incoming: Incoming
  readonly record: unknown
  /** The values of the metrics, in the shape's order; undefined when the stream has none. */
  readonly metrics: readonly (string | number | bigint | null)[] | undefined
}

export interface RowParser {
  readonly shape: StreamShape
  /** `askedAt` orders records whose stream has no version of its own. `index` is the row's place in its page. */
  parse(row: unknown, index: number, askedAt: number): Parsed | { readonly quarantined: Quarantined }
}

/** How many characters of an unreadable row's text are kept with it. */
const RAW_CHARS_MAX = 1_000_000

/**
 * Compiles a stream's declaration.
 *
 * @throws TidemarkError connector_invalid (stop) when the schema is no object, declares a column that can't be one, or
 *   lacks a metric
 */
export function compileStream(connector: Connector, name: string): RowParser {
  const stream = connector.streams[name] as Stream
  const refused = (problem: string, hint: string) => connectorInvalid(connector.service.name, problem, hint)
  const columns = columnsOf(stream.schema, name, refused)
  const places = new Map(columns.map((column, place) => [column.name, place]))
  const metrics = stream.metrics ?? []
  const metricPlaces = (metrics as readonly string[]).map((metric) => {
    const place = places.get(metric)
    if (place !== undefined) return place
    const all = columns.map((column) => column.name).join(', ')
    throw refused(`metric "${metric}" of stream "${name}" is no column of it`, `Its columns: ${all}`)
  })
  const shape: StreamShape = {
    connector: connector.service.name,
    stream: name,
    version: connector.service.version ?? '1',
    columns,
    metrics,
  }
  return { shape, parse: rowParser(stream, columns, metricPlaces) }
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

function rowParser(stream: Stream, columns: readonly Column[], metricPlaces: readonly number[]): RowParser['parse'] {
  const toCell = columns.map((column) => ENCODERS[column.type])
  const names = columns.map((column) => column.name)
  const { schema, record: reshape, key: keyOf, version } = stream
  /** Of a row that the schema refuses, as far as it has one: the source lists that record, whatever is wrong with it. */
  const keyOfUnread = (given: unknown): Key | null => {
    try {
      const key = String(keyOf(given))
      return key === '' || /undefined|null|NaN|\[object/.test(key) ? null : key
    } catch {
      return null
    }
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
    const raw = typeof row === 'object' && row !== null ? rawText(row) : (JSON.stringify(row) ?? 'null')
    let key: Key | null = null
    try {
      const given = reshape ? reshape(row as never) : row
      const result = schema.safeParse(given)
      if (!result.success) return setAside(keyOfUnread(given), index, raw, 'record_invalid', issuesText(result.error))
      let record = result.data as Record<string, unknown>
      const exact = typeof row === 'object' && row !== null ? exactOf(row) : undefined
      if (exact !== undefined) {
        const restored = withDigits(schema as z.ZodObject, columns, record, exactGiven(exact))
        if ('problem' in restored) return setAside(keyOfUnread(given), index, raw, 'record_invalid', restored.problem)
        record = restored.record
      }
      key = String(keyOf(record))
      if (key === '' || key === 'undefined' || key === 'null') {
        return setAside(null, index, raw, 'record_without_key', 'the record has no key')
      }
      // Half a surrogate pair has no UTF-8: stored, it would be another key than the one that is looked for.
      if (!key.isWellFormed()) return setAside(null, index, raw, 'record_invalid', 'the key is no well-formed text')
      const order = version ? version(record) : askedAt
      if (!Number.isFinite(order))
        return setAside(key, index, raw, 'record_invalid', 'the record has no usable version')
      const cells: Cell[] = new Array(names.length)
      for (let i = 0; i < names.length; i++) cells[i] = toCell[i]!(record[names[i]!])
      return {
        incoming: { key, cells, raw, hash: contentHash(raw), order },
        record,
        metrics: metricPlaces.length > 0 ? metricPlaces.map((place) => cells[place] as Cell) : undefined,
      }
    } catch (error) {
      return setAside(key, index, raw, 'record_invalid', stumbled(error))
    }
  }
}

function setAside(key: Key | null, index: number, raw: string, code: string, message: string) {
  return { quarantined: { key, index, raw: raw.slice(0, RAW_CHARS_MAX), code, message } }
}

/** What a connector's own code threw over a row; what it throws on purpose is a sentence already. */
function stumbled(error: unknown): string {
  if (error instanceof TidemarkError) return error.message
  return `the row has not the form that the connector expects (${error instanceof Error ? error.message : String(error)})`
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

const ENCODERS: Readonly<Record<ColumnType, (value: unknown) => Cell>> = {
  text: (value) => (value === null || value === undefined ? null : `${value as string | number | bigint}`),
  integer: (value) => (value === null || value === undefined ? null : (value as number)),
  real: (value) => (value === null || value === undefined ? null : (value as number)),
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

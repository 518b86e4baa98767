// Owns the reading of a stream's records.

import { z } from 'zod'
import type { Outline, OutlineAsked } from '../engine/history/outline.ts'
import type { RecordsAsked } from '../engine/history/read-records.ts'
import { ANY, conditionOf } from '../model/condition.ts'
import { TidemarkError } from '../model/errors.ts'
import type { Column, StreamShape } from '../model/record.ts'
import { columnUnknown } from '../model/unknown-name.ts'
import type { RecordRow } from '../store/store.ts'
import { count, hook, listener, moment, optional, order, pairs, texts, yesOrNo } from './fields.ts'
import { filtered } from './filtered.ts'
import { connectionInput, limit, streamInput } from './inputs.ts'
import { later } from './later.ts'
import { type Mirror, streamOf } from './mirror.ts'
import { type Moment, pastMillisecondsOf } from './moments.ts'
import { operation } from './operation.ts'
import { namedKey } from './record-key.ts'

const reading = later(() => import('../engine/history/read-records.ts'))
const outlining = later(() => import('../engine/history/outline.ts'))

/** A comparison with one value for each column. */
type Conditions = Readonly<Record<string, string | number | boolean>>

export type RecordsInput = Omit<RecordsAsked, 'asOf' | 'behind' | 'onPlace' | 'where'> & {
  /**
   * By column name (or `_key`): equality, or the comparison behind the name, as in `{ 'stars>': 100 }`. In a column that
   * the stream can be filtered by at its source, `A,B` is one of several values, and `open` what the stream calls open.
   */
  readonly where?: Conditions | undefined
  readonly connection: string
  readonly stream: string
  /** As they were stored at this moment. @default now */
  readonly asOf?: Moment | undefined
}

export type OutlineInput = Omit<OutlineAsked, 'asOf' | 'where'> &
  Pick<RecordsInput, 'connection' | 'stream' | 'asOf' | 'where'>

const place = z.object({ key: z.string(), value: z.union([z.string(), z.number(), z.null()]) })
const isPlace = (given: unknown) => place.safeParse(given).success

const value = z.union([z.string(), z.number(), z.boolean()])

const which = {
  where: optional(
    pairs(
      'has one text, number or boolean for every column',
      value,
      'only records with this value in a column; also column!=, >=, <=, and ~= for a part of its text; _any~= looks in every column of text; A,B and open as in a sync (may be repeated)',
      { sign: 'column=value' },
    ),
  ),
  removed: optional(yesOrNo('the records that the source no longer has, instead of the live ones')),
  asOf: optional(moment('as they were at this time')),
}

export const records = operation<RecordsInput, AsyncGenerator<RecordRow>, Pick<RecordsAsked, 'behind' | 'onPlace'>>({
  name: 'records',
  does: 'Read the records of a stream.',
  details:
    'They are ordered by key, keys that are whole numbers by size, unless another order is given. Any number of records takes the same memory; an order by a column holds their keys.',
  scope: 'read',
  input: {
    connection: connectionInput,
    stream: streamInput,
    columns: optional(texts('only these columns, in this order', { sign: 'a,b' })),
    order: optional(order('order by this column instead of by key')),
    where: which.where,
    limit: limit(),
    removed: which.removed,
    asOf: which.asOf,
  },
  hooks: {
    behind: hook('is the place of a record', 'only what comes behind this place', isPlace),
    onPlace: listener('gets the place of each record, before the record'),
  },
  positional: ['connection', 'stream'],
  list: 'records',
  output: z.looseObject({ _key: z.string() }),
  examples: [
    { connection: 'me', stream: 'stars', limit: 10 },
    { connection: 'me', stream: 'stars', where: { language: 'TypeScript' }, order: 'stargazers_count:desc' },
    { connection: 'me', stream: 'stars', removed: true },
    { connection: 'me', stream: 'stars', asOf: '2026-11-01' },
  ],
  async *run(mirror, { connection, stream, asOf, ...query }, { behind, onPlace }) {
    const { row, ...chosen } = await chosenOf(mirror, { connection, stream, asOf, where: query.where })
    const { readRecords } = await reading()
    yield* readRecords(mirror.store, row, { ...query, ...chosen, behind, onPlace })
  },
})

export const outline = operation<OutlineInput, Promise<Outline>>({
  name: 'outline',
  does: 'Tell how many records match, what columns they have, and where every so many of them end in their order.',
  details: 'For whoever shows many of them: each part can be read alone, behind the place before it.',
  scope: 'read',
  input: {
    connection: connectionInput,
    stream: streamInput,
    order: optional(order('in the order of this column instead of by key')),
    ...which,
    every: optional(count('a place for every so many records', { least: 1, most: 1_000, otherwise: '500' })),
  },
  positional: ['connection', 'stream'],
  output: z.looseObject({
    total: z.number(),
    every: z.number(),
    places: z.array(place),
    columns: z.array(z.object({ name: z.string(), type: z.enum(['text', 'integer', 'real', 'boolean', 'json']) })),
    metrics: z.array(z.string()),
  }),
  examples: [{ connection: 'me', stream: 'stars', where: { 'stargazers_count>': 100 } }],
  async run(mirror, { order: by, every, removed, ...asked }) {
    const { row, ...chosen } = await chosenOf(mirror, asked)
    const { outlineOf } = await outlining()
    return outlineOf(mirror.store, row, { ...chosen, order: by, every, removed })
  },
})

/** The stream that is asked for, and which of its records, as the engine is asked. */
async function chosenOf(
  mirror: Mirror,
  { connection, stream, asOf, where }: Pick<RecordsInput, 'connection' | 'stream' | 'asOf' | 'where'>,
) {
  const { stream: row } = await streamOf(mirror, { connection, stream })
  const key = typeof where?.['_key'] === 'string' ? await namedKey(mirror.store, row, where['_key']) : undefined
  return {
    row,
    where: await filtered(mirror, row.shape, key === undefined ? where : { ...where, _key: key }),
    asOf: asOf === undefined ? undefined : await pastMillisecondsOf(mirror, { name: 'asOf', moment: asOf }),
  }
}

/**
 * What `where` takes, from texts: each value in the type of its column.
 *
 * @throws TidemarkError column_unknown, option_invalid
 */
export function whereFor(
  { columns, stream }: StreamShape,
  given: readonly (readonly [name: string, text: string])[],
): Readonly<Record<string, string | number>> | undefined {
  if (given.length === 0) return undefined
  const where: Record<string, string | number> = {}
  for (const [name, text] of given) {
    const condition = conditionOf(
      name,
      columns.map((known) => known.name),
    )
    const isKey = condition.column === '_key' || (condition.column === ANY && condition.by === '~')
    const column = isKey ? KEY : columns.find((known) => known.name === condition.column)
    if (!column) throw columnUnknown(stream, condition.column, ['_key', ...columns.map((candidate) => candidate.name)])
    if (name in where) throw new TidemarkError('option_conflict', `The option --where ${name} was given twice.`)
    where[name] = condition.by === '~' ? text : typedValue(column, text)
  }
  return where
}

const KEY: Column = { name: '_key', type: 'text' }

function typedValue({ name, type }: Column, text: string): string | number {
  if (type === 'boolean') {
    if (/^(?:true|1|yes)$/i.test(text)) return 1
    if (/^(?:false|0|no)$/i.test(text)) return 0
    throw wrongValue(name, text, 'true or false')
  }
  if (type !== 'integer' && type !== 'real') return text
  const digits = text.trim()
  // No number holds them all: see RecordsAsked.where.
  if (type === 'integer' && /^-?\d+$/.test(digits) && !Number.isSafeInteger(Number(digits))) return digits
  const n = digits === '' ? Number.NaN : Number(digits)
  if (!Number.isFinite(n)) throw wrongValue(name, text, 'a number')
  return n
}

function wrongValue(name: string, text: string, expected: string): TidemarkError {
  return new TidemarkError('option_invalid', `The option --where ${name} takes ${expected}, not "${text}".`)
}

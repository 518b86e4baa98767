// Owns the reading of a stream's records.

import { z } from 'zod'
import type { RecordsAsked } from '../engine/history/read-records.ts'
import { TidemarkError } from '../model/errors.ts'
import type { Column, StreamShape } from '../model/record.ts'
import { columnUnknown } from '../model/unknown-name.ts'
import type { RecordRow } from '../store/store.ts'
import { hook, listener, moment, optional, order, pairs, texts, yesOrNo } from './fields.ts'
import { connectionInput, limit, streamInput } from './inputs.ts'
import { later } from './later.ts'
import { streamOf } from './mirror.ts'
import { type Moment, pastMillisecondsOf } from './moments.ts'
import { operation } from './operation.ts'
import { namedKey } from './record-key.ts'

const reading = later(() => import('../engine/history/read-records.ts'))

export type RecordsInput = Omit<RecordsAsked, 'asOf' | 'behind' | 'onPlace'> & {
  readonly connection: string
  readonly stream: string
  /** As they were stored at this moment. @default now */
  readonly asOf?: Moment | undefined
}

const place = z.object({ key: z.string(), value: z.union([z.string(), z.number(), z.null()]) })
const isPlace = (given: unknown) => place.safeParse(given).success

const value = z.union([z.string(), z.number(), z.boolean()])

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
    where: optional(
      pairs(
        'has one text, number or boolean for every column',
        value,
        'only records with this value in a column (may be repeated)',
        {
          sign: 'column=value',
        },
      ),
    ),
    limit: limit(),
    removed: optional(yesOrNo('the records that the source no longer has, instead of the live ones')),
    asOf: optional(moment('as they were at this time')),
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
    const { stream: row } = await streamOf(mirror, { connection, stream })
    const at = asOf === undefined ? {} : { asOf: await pastMillisecondsOf(mirror, { name: 'asOf', moment: asOf }) }
    const { readRecords } = await reading()
    const { where } = query
    const key = typeof where?.['_key'] === 'string' ? await namedKey(mirror.store, row, where['_key']) : undefined
    const named = key === undefined ? {} : { where: { ...where, _key: key } }
    yield* readRecords(mirror.store, row, { ...query, ...named, ...at, behind, onPlace })
  },
})

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
    const column = name === '_key' ? KEY : columns.find((candidate) => candidate.name === name)
    if (!column) throw columnUnknown(stream, name, ['_key', ...columns.map((candidate) => candidate.name)])
    if (name in where) throw new TidemarkError('option_conflict', `The option --where ${name} was given twice.`)
    where[name] = typedValue(column, text)
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
  const n = text.trim() === '' ? Number.NaN : Number(text)
  if (!Number.isFinite(n)) throw wrongValue(name, text, 'a number')
  return n
}

function wrongValue(name: string, text: string, expected: string): TidemarkError {
  return new TidemarkError('option_invalid', `The option --where ${name} takes ${expected}, not "${text}".`)
}

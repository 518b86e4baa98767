// Owns the verbs of blends: make one, list them, look at one, end one, and set values of its records by hand.

import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { type DocumentOf, document } from '../engine/document.ts'
import { BLEND } from '../model/blend-connector.ts'
import { TidemarkError } from '../model/errors.ts'
import { knownNames } from '../model/near-miss.ts'
import type { ConnectionRow, ManualValue } from '../store/store.ts'
import { purge } from './disconnect.ts'
import { object, optional, pairs, text, texts } from './fields.ts'
import { later } from './later.ts'
import { connectorOf, type Mirror, streamRow } from './mirror.ts'
import { type Nothing, operation } from './operation.ts'
import { checkId } from './projects.ts'
import { blendedKey } from './record-key.ts'
import { runOne } from './sync.ts'

const defining = later(() => import('../engine/passes/blends/definition.ts'))
const creating = later(() => import('../engine/passes/blends/create.ts'))
const telling = later(() => import('../engine/history/blends.ts'))
const shaping = later(() => import('../engine/passes/rows/shape.ts'))
const members = later(() => import('../engine/passes/blends/member.ts'))

const blendName = text('the name of a blend', { sign: 'name' })

const sourceDocument = document({
  /** `<connection>/<stream>`. */
  source: z.string(),
  /** `failing`: its last run could not read it; `gone`: it was deleted. Its values stay as they were last known. */
  state: z.enum(['ok', 'failing', 'paused', 'unread', 'gone']),
  /** When it was last read with success; null: never. */
  lastSuccessAt: z.string().nullable(),
  /** Why it could not be read. */
  error: z.string().nullable(),
  /** Columns that fed the blend, and in which no record of the source has a value any more. */
  missing: z.array(z.string()),
})

const blendDocument = document({
  name: z.string(),
  /** The table in SQL. */
  table: z.string(),
  from: z.array(z.string()),
  /** By field. */
  map: z.record(z.string(), z.array(z.string())),
  fields: z.array(document({ name: z.string(), type: z.string(), rule: z.string() })),
  sources: z.array(sourceDocument),
  records: z.number(),
  /** When it was last made; null: never. */
  blendedAt: z.string().nullable(),
  /** What a reader has to know: sources that stand on what was last known. */
  notes: z.array(z.string()),
  /** Identities that a single source has, at most 100 of them, and records without an identity. */
  unmatched: z.array(document({ source: z.string(), sourceKey: z.string(), identity: z.string().nullable() })),
  unmatchedCount: z.number(),
})
export type BlendDocument = DocumentOf<typeof blendDocument>

const explainedField = document({
  value: z.union([z.string(), z.number(), z.boolean()]),
  /** `manual`: a person has set it. */
  rule: z.string(),
  /** Since when its source shows it, or when it was set. */
  at: z.string(),
  /** null: of all (`sum`), or set by hand. */
  source: z.string().nullable(),
  key: z.string().nullable(),
  column: z.string().nullable(),
})

const valuesDocument = document({
  blend: z.string(),
  key: z.string(),
  /** The record as it is now: by field its value, with the rule that chose it. */
  fields: z.record(z.string(), explainedField),
})
export type SetValues = DocumentOf<typeof valuesDocument>

export interface NewBlend {
  readonly name: string
  /** `<connection>/<stream>[:<column of the identity>]`, or `<connector>:*`/… for all its connections. */
  readonly from: readonly string[]
  /** By field. @default source-order */
  readonly rule?: Readonly<Record<string, string>> | undefined
  /** By field: `<connection>/<stream>.<column>`, or several. */
  readonly map?: Readonly<Record<string, string | readonly string[]>> | undefined
}

export const createBlend = operation<NewBlend, Promise<BlendDocument>>({
  name: 'createBlend',
  does: 'Make a blend: records made of several streams, by an identity and a rule for each field.',
  details:
    'It is made again after each run of its sources. Rules: max (remembers), max-current, min, latest, first, sum, manual-wins=<source>, source-order (the default).',
  scope: 'write',
  input: {
    name: blendName,
    from: texts('a stream, as <connection>/<stream>[:identity column] or <connector>:*/<stream> (may be repeated)', {
      sign: 'stream',
    }),
    rule: optional(
      pairs('is a rule by field', z.string(), 'how a field is chosen (may be repeated)', { sign: 'field=rule' }),
    ),
    map: optional(
      pairs(
        'is a column by field',
        z.union([z.string(), z.array(z.string())]),
        'another name for a column (may be repeated)',
        {
          sign: 'field=connection/stream.column',
        },
      ),
    ),
  },
  positional: ['name'],
  output: blendDocument,
  examples: [{ name: 'accounts', from: ['team/rows', 'youtube:*/channel'], rule: { followers: 'max' } }],
  async run(mirror, { name, ...wish }) {
    checkId(name, 'a blend')
    const { store, project, clock } = mirror
    if (await store.connections.find(project, name)) {
      throw new TidemarkError('connection_conflict', `There is a connection or a blend "${name}" already.`, {
        hint: `Choose another name, or end it first: tidemark blend drop ${name}`,
      })
    }
    const { define } = await creating()
    const { BLENDED, blendConnector } = await defining()
    const { compileStream } = await shaping()
    const options = await define(store, project, name, wish)
    const connector = blendConnector(name, options)
    const row = await store.connections.save({
      project,
      id: name,
      connector: BLEND,
      connectorVersion: '1',
      options,
      webhookSecret: randomBytes(24).toString('base64url'),
      secrets: [],
      forget: [],
      streams: [compileStream(connector, BLENDED).shape],
      expect: null,
      at: clock.now(),
    })
    await make(mirror, row)
    return show(mirror, row)
  },
})

export const listBlends = operation<Nothing, Promise<readonly BlendDocument[]>>({
  name: 'listBlends',
  does: 'List the blends of the project.',
  scope: 'read',
  input: {},
  list: 'blends',
  listedBy: ['name'],
  output: blendDocument,
  examples: [{}],
  async run(mirror) {
    const rows = (await mirror.store.connections.list(mirror.project)).filter(({ connector }) => connector === BLEND)
    return Promise.all(rows.map((row) => show(mirror, row)))
  },
})

export interface OneBlend {
  readonly name: string
}

export const showBlend = operation<OneBlend, Promise<BlendDocument>>({
  name: 'showBlend',
  does: 'Show a blend: its sources and how each stands, its rules, and the unmatched.',
  scope: 'read',
  input: { name: blendName },
  positional: ['name'],
  output: blendDocument,
  examples: [{ name: 'accounts' }],
  run: async (mirror, { name }) => show(mirror, await blendRow(mirror, name)),
})

export const dropBlend = operation<OneBlend, Promise<number>>({
  name: 'dropBlend',
  does: 'End a blend, and delete its records, their history and what was set by hand.',
  details: 'Its sources stay as they are.',
  scope: 'admin',
  input: { name: blendName },
  positional: ['name'],
  output: z.number().describe('how many rows were deleted'),
  examples: [{ name: 'accounts' }],
  async run(mirror, { name }) {
    const { id } = await blendRow(mirror, name)
    return purge.run(mirror, { connection: id }, {})
  },
})

export interface ValuesInput {
  readonly blend: string
  readonly key: string
  /** By field; null takes the value away again. Numbers may be written as a cell has them: `1,234`, `1.2K`. */
  readonly values: Readonly<Record<string, string | number | boolean | null>>
}

const valueSchema = z.union([z.string(), z.number(), z.boolean(), z.null()], 'is text, a number, true, false or null')

export const setValues = operation<ValuesInput, Promise<SetValues>>({
  name: 'setValues',
  does: "Set fields of a blend's record by hand: they stand above every rule until they are unset.",
  scope: 'write',
  input: {
    blend: blendName,
    key: text('the key of a record: its identity, in any spelling', { sign: 'key' }),
    values: object(z.record(z.string(), valueSchema, 'is an object, by field'), 'values by field; null unsets one'),
  },
  positional: ['blend', 'key', 'values'],
  output: valuesDocument,
  examples: [{ blend: 'accounts', key: 'https://youtube.com/@ada', values: { followers: 1200 } }],
  run: (mirror, { blend, key, values }) => change(mirror, blend, key, values),
})

export interface UnsetInput {
  readonly blend: string
  readonly key: string
  /** @default all that were set */
  readonly fields?: readonly string[] | undefined
}

export const unsetValues = operation<UnsetInput, Promise<SetValues>>({
  name: 'unsetValues',
  does: "Take back what was set by hand of a blend's record: its rules decide again.",
  scope: 'write',
  input: {
    blend: blendName,
    key: text('the key of a record: its identity, in any spelling', { sign: 'key' }),
    fields: optional(texts('only these fields', { sign: 'field', otherwise: 'all' })),
  },
  positional: ['blend', 'key', 'fields'],
  output: valuesDocument,
  examples: [{ blend: 'accounts', key: 'https://youtube.com/@ada', fields: ['followers'] }],
  async run(mirror, { blend, key, fields }) {
    const { definition } = await blendOf(mirror, blend)
    const names = fields ?? definition.fields.map(({ name }) => name)
    return change(mirror, blend, key, Object.fromEntries(names.map((name) => [name, null])))
  },
})

async function change(mirror: Mirror, blend: string, given: string, values: ValuesInput['values']): Promise<SetValues> {
  const { row, definition, streamNo } = await blendOf(mirror, blend)
  const { store, clock } = mirror
  const key = await blendedKey(store, streamNo, given)
  if (key === undefined) {
    throw new TidemarkError('record_unknown', `The blend "${blend}" has no record "${given}".`, {
      hint: `List keys with: tidemark records ${blend}/records --limit 10`,
    })
  }
  const { valueAs } = await members()
  const typed: Record<string, ManualValue | null> = {}
  for (const [name, value] of Object.entries(values)) {
    const field = definition.fields.find((one) => one.name === name)
    if (!field) {
      throw new TidemarkError('column_unknown', `The blend "${blend}" has no field "${name}".`, {
        hint: knownNames(
          name,
          definition.fields.map((one) => one.name),
        ),
      })
    }
    const read = value === null ? null : valueAs(field.type, value)
    if (value !== null && read === null) {
      const reads = value === '' ? "can't be set to nothing" : FIELD_TAKES[field.type](String(value))
      throw new TidemarkError('option_invalid', `The field ${name} ${reads}.`, {
        hint: `To take a value away: tidemark unset ${blend}/records ${key} ${name}`,
      })
    }
    typed[name] = read
  }
  await store.manual.save({ streamNo, key, values: typed, at: clock.now() })
  await make(mirror, row)
  const { chosenOf } = await telling()
  return { blend, key, fields: await chosenOf(store, streamNo, key) }
}

/** What a field of a type takes, where it is given something else. */
const FIELD_TAKES = {
  text: (value: string) => `is text, and "${value}" is none`,
  integer: (value: string) => `is a number, and "${value}" is none`,
  real: (value: string) => `is a number, and "${value}" is none`,
  boolean: (value: string) => `is true or false, and "${value}" is neither`,
} as const satisfies Record<string, (value: string) => string>

async function make(mirror: Mirror, row: ConnectionRow): Promise<void> {
  const connector = await connectorOf(mirror, row)
  const part = { mode: 'auto', where: undefined, range: undefined } as const
  const asked = { row, connector, streams: [], part }
  // A run under way may have looked before the value was set.
  for (let tries = 0; ; tries++) {
    try {
      return void (await runOne(mirror, asked, { whenActive: 'refuse' }))
    } catch (error) {
      if (tries === BUSY_TRIES || !(error instanceof TidemarkError) || error.code !== 'run_active') throw error
      await mirror.clock.sleep(BUSY_MS)
    }
  }
}

/** How often, and how long, a run that makes the blend already is waited for, in milliseconds. */
const BUSY_TRIES = 100
const BUSY_MS = 50

async function show(mirror: Mirror, row: ConnectionRow): Promise<BlendDocument> {
  const { describeBlend } = await telling()
  return describeBlend(mirror.store, row, await streamRow(mirror, row, 'records'))
}

/** @throws TidemarkError blend_unknown */
async function blendRow({ store, project }: Mirror, name: string): Promise<ConnectionRow> {
  const all = await store.connections.list(project)
  const row = all.find(({ id, connector }) => id === name && connector === BLEND)
  if (row) return row
  const names = all.filter(({ connector }) => connector === BLEND).map(({ id }) => id)
  throw new TidemarkError('blend_unknown', `There is no blend "${name}" in project "${project}".`, {
    hint: names.length > 0 ? knownNames(name, names) : 'Make one with: tidemark blend create <name> --from <stream>',
  })
}

async function blendOf(mirror: Mirror, name: string) {
  const row = await blendRow(mirror, name)
  const { definitionOf } = await defining()
  const { no: streamNo } = await streamRow(mirror, row, 'records')
  return { row, streamNo, definition: definitionOf(row.options) }
}

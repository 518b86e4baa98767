// Owns the definition of a blend: what it is made of and by which rules, as its connection keeps it, and the connector that
// follows from it.

import { z } from 'zod'
import { type Connector, defineConnector, stream } from '../../../connector/connector.ts'
import { BLEND } from '../../../model/blend-connector.ts'
import { parseRule, type Rule } from './rules.ts'

/** The one stream of a blend. */
export const BLENDED = 'records'

const definition = z.object({
  /** `<connection>/<stream>:<column>`, or `<connector>:*`/…; the first is the first in every order. */
  from: z.array(z.string()),
  /** By field. */
  rules: z.record(z.string(), z.string()),
  /** By field: `<connection>/<stream>.<column>`. */
  map: z.record(z.string(), z.array(z.string())),
  fields: z.array(z.object({ name: z.string(), type: z.enum(['text', 'integer', 'real', 'boolean']) })),
})
export type Definition = z.output<typeof definition>

/** A stream, or the same stream of all connections of a connector. */
export interface From {
  /** As it was written, without its identity. */
  readonly name: string
  readonly connection: string | undefined
  readonly connector: string | undefined
  readonly stream: string
  /** The column whose value tells which profile a record is of. */
  readonly identity: string
}

export const IDENTITY_COLUMN = 'profile_url'

/** Undefined: it names no stream. */
export function parseFrom(text: string): From | undefined {
  const found = /^([^/:]+)(:\*)?\/([^/:]+)(?::([^/:]+))?$/.exec(text.trim())
  if (!found) return undefined
  const [, owner = '', all, of = '', identity = IDENTITY_COLUMN] = found
  return {
    name: `${owner}${all ?? ''}/${of}`,
    connection: all ? undefined : owner,
    connector: all ? owner : undefined,
    stream: of,
    identity,
  }
}

/** `<connection>/<stream>.<column>`. Undefined: it is none. */
export function parseMapped(text: string): { readonly from: From; readonly column: string } | undefined {
  const place = text.lastIndexOf('.')
  const from = place < 0 ? undefined : parseFrom(text.slice(0, place))
  const column = text.slice(place + 1).trim()
  return from && column !== '' ? { from, column } : undefined
}

export function isOf(
  { connection, connector, stream: of }: From,
  one: { readonly connection: string; readonly connector: string; readonly stream: string },
): boolean {
  return one.stream === of && (connection === undefined ? one.connector === connector : one.connection === connection)
}

/** As it is kept. @throws ZodError where it is none */
export function definitionOf(options: unknown): Definition {
  return definition.parse(options)
}

export function ruleOf({ rules }: Definition, field: string): Rule {
  return parseRule(rules[field] ?? 'source-order') ?? { name: 'source-order', sources: [] }
}

const FIELD: Readonly<Record<Definition['fields'][number]['type'], () => z.ZodType>> = {
  text: () => z.string().nullish(),
  // A whole number beyond 2^53 is its digits. Such a column keeps a fraction, too.
  integer: () => z.union([z.number(), z.string()]).nullish().meta({ column: 'integer' }),
  real: () => z.number().nullish(),
  boolean: () => z.boolean().nullish(),
}

/** The connector of one blend: its one stream has the fields as its columns. */
export function blendConnector(id: string, options: unknown): Connector {
  const { fields } = definitionOf(options)
  const schema = z.looseObject(Object.fromEntries(fields.map(({ name, type }) => [name, FIELD[type]()])))
  const records = stream<unknown, Record<string, unknown>, typeof schema>({
    title: 'Records made of several streams and of what a person set, by their identity.',
    schema,
    record: (row: { readonly key: string; readonly values: object }) => ({ ...row.values, _identity: row.key }),
    key: (record) => String(record['_identity']),
    // Numbers are tracked over time.
    metrics: fields.filter(({ type }) => type === 'real' || type === 'integer').map(({ name }) => name),
    passes: [{ kind: 'blend', table: `${BLEND}_${id}` }],
  })
  return defineConnector(
    {
      name: BLEND,
      title: 'Records made of several streams by rules.',
      options: definition,
      // Nothing is asked.
      http: () => ({ baseUrl: 'http://localhost' }),
    },
    { [BLENDED]: records },
  ) as unknown as Connector
}

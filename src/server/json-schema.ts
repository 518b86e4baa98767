// Owns how the inputs and outputs of operations are described to other programs, as JSON Schema: for OpenAPI and for the
// tools of agents. Pure.

import { z } from 'zod'
import type { Field } from '../operations/fields.ts'

export type Schema = Readonly<Record<string, unknown>>

export function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Schema {
  const { $schema: _dialect, ...made } = z.toJSONSchema(schema, { unrepresentable: 'any', io })
  return made
}

/** Whether a call may leave it out. */
export const isOptional = ({ schema }: Field): boolean => schema.safeParse(undefined).success

/** A field as it stands in a JSON object. */
export function fieldSchema({ schema, kind, about, otherwise }: Field): Schema {
  // A Date is for callers in this process.
  const made = kind === 'moment' ? { type: ['string', 'number'] } : jsonSchema(schema, 'input')
  return { ...made, description: otherwise === undefined ? about : `${about} (default: ${otherwise})` }
}

/** Fields as a JSON object that has nothing else. */
export function objectSchema(fields: Readonly<Record<string, Field>>): Schema {
  const all = Object.entries(fields)
  const required = all.filter(([, field]) => !isOptional(field)).map(([name]) => name)
  return {
    type: 'object',
    properties: Object.fromEntries(all.map(([name, field]) => [name, fieldSchema(field)])),
    ...(required.length > 0 ? { required } : {}),
    additionalProperties: false,
  }
}

// Owns the proof that every operation is described well enough for the faces to derive from it.

import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { allOperations } from '../../src/operations/all.ts'
import type { Field } from '../../src/operations/fields.ts'
import { exampleCall } from '../../src/operations/perform.ts'

const all = (await allOperations()).map((operation) => [operation.name, operation] as const)

test('names are names of methods, and each stands for one operation', () => {
  const names = all.map(([name]) => name)
  expect(new Set(names).size).toBe(names.length)
  for (const name of names) expect(name).toMatch(/^[a-z][A-Za-z]+$/)
})

describe.each(all)('%s', (_name, operation) => {
  const { does, details = 'None.', input, hooks = {}, positional = [], examples, output } = operation
  const fields: readonly (readonly [string, Field])[] = Object.entries({ ...input, ...hooks })

  test('says what it does in sentences, and of every input what it is for', () => {
    expect(does).toMatch(/^[A-Z][^.]*[^. ]\.$/)
    expect(details).toMatch(/^[A-Za-z].*\.$/s)
    for (const [, { about }] of fields) expect(about).toMatch(/^(?:IANA|[^A-Z\s]).*[^.\s]$/s)
  })

  test('has examples that it takes', () => {
    const schema = z.strictObject(Object.fromEntries(Object.entries(input).map(([name, { schema: of }]) => [name, of])))
    expect(examples.length).toBeGreaterThan(0)
    for (const example of examples) expect(schema.safeParse(example).error).toBeUndefined()
    expect(exampleCall(operation)).toMatch(/^\w+\(.*\)$/)
    for (const name of positional) expect(input).toHaveProperty(name)
  })

  test('can be written down for other programs: input and output as JSON Schema', () => {
    const inputs = fields.filter(([, { kind }]) => kind !== 'hook')
    for (const [, { schema }] of inputs) expect(z.toJSONSchema(schema, { unrepresentable: 'any' })).toBeTypeOf('object')
    expect(z.toJSONSchema(output, { unrepresentable: 'any' })).toBeTypeOf('object')
  })
})

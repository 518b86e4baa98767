// What is kept of a connection's options: what its fields make of them, as long as they read it back as it is. And how a form
// asks for them.

import { describe, expect, test } from 'vitest'
import { commonOptions, keptOptions, optionForms, secret, z } from '../../src/connector/options.ts'

const options = z.object({
  ...commonOptions.shape,
  token: secret('a token'),
  pages: z.coerce.number().optional(),
  name: z.string().trim().toLowerCase().optional(),
  since: z.coerce.date().optional(),
  size: z.coerce.bigint().optional(),
  path: z
    .string()
    .transform((path) => `${path}/`)
    .optional(),
  only: z.stringbool().optional(),
  tags: z.preprocess((tags) => (typeof tags === 'string' ? tags.split(',') : tags), z.array(z.string())).optional(),
})

describe('options are kept', () => {
  test.each([
    ['a flag given as text', { allowPrivateNetwork: 'true' }, { allowPrivateNetwork: true }],
    ['a flag', { allowPrivateNetwork: false }, { allowPrivateNetwork: false }],
    ['a number given as text', { pages: '50' }, { pages: 50 }],
    ['text that is tidied', { name: ' Ada ' }, { name: 'ada' }],
    ['a list given as text', { tags: 'a,b' }, { tags: ['a', 'b'] }],
    ['what is no JSON, as it was given', { since: '2026-01-01' }, { since: '2026-01-01' }],
    ['an integer of any size, as it was given', { size: '18446744073709551615' }, { size: '18446744073709551615' }],
    ['what would change again, as it was given', { path: '/v1' }, { path: '/v1' }],
    ['what the field would not read back, as it was given', { only: 'yes' }, { only: 'yes' }],
    ['without secrets, without defaults', { token: 'abc' }, {}],
  ])('%s', (_name, given, kept) => {
    expect(keptOptions(options, given)).toEqual(kept)
    // Kept, read and kept again: nothing moves.
    expect(keptOptions(options, kept)).toEqual(kept)
    const all = { token: 'abc', ...given }
    expect(options.parse({ ...all, ...kept })).toEqual(options.parse(all))
  })
})

test('a form asks for an option by what its field tells', () => {
  const asked = z.object({
    ...commonOptions.shape,
    apiKey: secret('Where it is').meta({ advanced: true }).optional(),
    size: z.coerce.number().int().min(1).max(8).default(4).meta({ unit: 'pages' }),
    area: z.enum(['eu', 'us']).default('eu'),
    since: z.coerce.date().optional().meta({ label: 'Not before', example: '2026-01-01' }),
  })
  const usual = { choices: [], default: null, min: null, max: null, unit: null, example: null, advanced: false }
  const text = { ...usual, type: 'text', secret: false, required: false, description: '' }
  expect(optionForms(asked).map(({ label, type }) => [label, type])).toEqual([
    ['Base URL', 'address'],
    ['Allow private network', 'switch'],
    ['API key', 'text'],
    ['Size', 'number'],
    ['Area', 'choice'],
    ['Not before', 'text'],
  ])
  expect(optionForms(asked).slice(2)).toEqual([
    { ...text, name: 'apiKey', label: 'API key', secret: true, description: 'Where it is', advanced: true },
    { ...text, name: 'size', label: 'Size', type: 'number', default: 4, min: 1, max: 8, unit: 'pages' },
    { ...text, name: 'area', label: 'Area', type: 'choice', default: 'eu', choices: ['eu', 'us'] },
    { ...text, name: 'since', label: 'Not before', example: '2026-01-01' },
  ])
})

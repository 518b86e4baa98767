// Owns the answer to "why is it so", of a record or of one of its fields.

import { z } from 'zod'
import type { Explanation } from '../engine/history/explain.ts'
import { optional, text } from './fields.ts'
import type { OneRecord } from './history.ts'
import { connectionInput, keyInput, streamInput } from './inputs.ts'
import { later } from './later.ts'
import { streamOf } from './mirror.ts'
import { operation } from './operation.ts'
import { namedKey } from './record-key.ts'

const blending = later(() => import('../engine/history/blends.ts'))
const explaining = later(() => import('../engine/history/explain.ts'))

export interface ExplainQuery extends OneRecord {
  readonly field?: string | undefined
}

export const explain = operation<ExplainQuery, Promise<Explanation>>({
  name: 'explain',
  does: 'Explain why a record is as it is.',
  details:
    'For every version, removal and return: the run, the page, the requests and the rule. Requests are kept for 30 days.',
  scope: 'read',
  input: {
    connection: connectionInput,
    stream: streamInput,
    key: keyInput,
    field: optional(text('only what concerns this field', { sign: 'field' })),
  },
  positional: ['connection', 'stream', 'key', 'field'],
  output: z.looseObject({
    connection: z.string(),
    connector: z.string(),
    stream: z.string(),
    key: z.string(),
    field: z.string().nullable(),
    state: z.enum(['live', 'removed']),
    versions: z.array(
      z.looseObject({
        ordinal: z.number(),
        op: z.string(),
        at: z.string(),
        rule: z.object({ name: z.string(), says: z.string() }),
        run: z.string().nullable(),
        page: z.number().nullable(),
        reason: z.string().nullable(),
        source: z.looseObject({ connector: z.string(), mode: z.string() }).nullable(),
        changes: z.array(z.object({ field: z.string(), before: z.unknown(), after: z.unknown() })),
      }),
    ),
    blended: z
      .record(
        z.string(),
        z.object({
          value: z.union([z.string(), z.number(), z.boolean()]),
          rule: z.string(),
          at: z.string(),
          source: z.string().nullable(),
          key: z.string().nullable(),
          column: z.string().nullable(),
        }),
      )
      .optional(),
    notes: z.array(z.string()).optional(),
  }),
  examples: [{ connection: 'me', stream: 'stars', key: '1029384', field: 'stargazers_count' }],
  async run(mirror, { key: given, field, ...of }) {
    const found = await streamOf(mirror, of)
    const key = await namedKey(mirror.store, found.stream, given)
    const engine = await explaining()
    const explanation = await engine.explain(mirror.store, found, key, field)
    if (!found.stream.shape.table) return explanation
    const { chosenOf, goneNotes } = await blending()
    const all = await chosenOf(mirror.store, found.stream.no, key)
    const blended = Object.entries(all).filter(([name]) => field === undefined || name === field)
    const notes = await goneNotes(mirror.store, found.connection, field)
    return { ...explanation, blended: Object.fromEntries(blended), notes }
  },
})

// Owns which records have moved the most.

import { z } from 'zod'
import type { Mover } from '../engine/history/movers.ts'
import { moment, oneOf, optional, text } from './fields.ts'
import { connectionInput, limit, streamInput } from './inputs.ts'
import { later } from './later.ts'
import { streamOf } from './mirror.ts'
import { type Moment, pastMillisecondsOf } from './moments.ts'
import { operation } from './operation.ts'
import { titleOf } from './record-titles.ts'

const moving = later(() => import('../engine/history/movers.ts'))

export interface MoversInput {
  readonly connection: string
  readonly stream: string
  /** Which column; one of the stream's metrics. */
  readonly metric: string
  /** @default a week ago */
  readonly since?: Moment | undefined
  /** @default 'change' */
  readonly by?: 'change' | 'percent' | undefined
  /** @default 10 */
  readonly limit?: number | undefined
}

export interface MoversReport {
  /** Those that moved most first; what has not changed is left out. */
  readonly movers: readonly (Mover & {
    /** What the record is called; null: its stream declares no text. */
    readonly title: string | null
  })[]
}

const LIMIT = 10
const LIMIT_MAX = 1_000

const value = z.union([z.number(), z.bigint(), z.string()])
const taken = z.object({ value, at: z.string() })

export const movers = operation<MoversInput, Promise<MoversReport>>({
  name: 'movers',
  does: 'Find the records whose metric has moved the most.',
  details:
    'From the last value before the time began, or of a record that had none from its first one in it, to the latest; each with when it was taken. Removed records are left out.',
  scope: 'read',
  input: {
    connection: connectionInput,
    stream: streamInput,
    metric: text('which column', { sign: 'name' }),
    since: optional(moment('since when', { otherwise: '7d' })),
    by: optional(
      oneOf(['change', 'percent'], 'what counts: the change, or that in percent of what was', {
        sign: 'order',
        otherwise: 'change',
      }),
    ),
    limit: limit({ most: LIMIT_MAX, otherwise: String(LIMIT) }),
  },
  positional: ['connection', 'stream'],
  output: z.object({
    movers: z.array(
      z.object({
        key: z.string(),
        title: z.string().nullable(),
        from: taken,
        to: taken,
        change: value,
        percent: z.number().nullable(),
      }),
    ),
  }),
  examples: [{ connection: 'me', stream: 'stars', metric: 'stargazers_count', since: '30d' }],
  async run(mirror, { connection, stream, metric, since: from = '7d', by = 'change', limit: most = LIMIT }) {
    const { connection: owner, stream: row } = await streamOf(mirror, { connection, stream })
    const since = await pastMillisecondsOf(mirror, { name: 'since', moment: from })
    const { readMovers } = await moving()
    const found = await readMovers(mirror.store, row, { metric, since, by, limit: most })
    const declared = (await mirror.connectors.find(owner.connector))?.streams[stream]?.text
    const contents = await mirror.store.records.contents(
      row.no,
      found.map(({ key }) => key),
    )
    return { movers: found.map((one) => ({ ...one, title: titleOf(contents.get(one.key)?.columns, declared) })) }
  },
})

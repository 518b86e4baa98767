// Owns a metric over time.

import { z } from 'zod'
import type { MetricsQuery, MetricsReport } from '../engine/history/metrics.ts'
import { moment, oneOf, optional, text, timezone } from './fields.ts'
import { connectionInput, streamInput } from './inputs.ts'
import { later } from './later.ts'
import { streamOf } from './mirror.ts'
import { type Moment, pastMillisecondsOf } from './moments.ts'
import { operation } from './operation.ts'
import { namedKey } from './record-key.ts'

const measuring = later(() => import('../engine/history/metrics.ts'))

export type MetricsInput = Omit<MetricsQuery, 'since'> & {
  readonly connection: string
  readonly stream: string
  /** Only points from this moment on. */
  readonly since?: Moment | undefined
}

const value = z.union([z.number(), z.bigint(), z.string()])

export const metrics = operation<MetricsInput, Promise<MetricsReport>>({
  name: 'metrics',
  does: 'Show a metric over time.',
  details:
    'The value for each day, or for each run. Without a key: the total of the stream, which is the sum of the latest known values of all records that were live then. Growth is the last value minus that of one day (or of 30 days) before it; it is unknown where that value is unknown.',
  scope: 'read',
  input: {
    connection: connectionInput,
    stream: streamInput,
    key: optional(text('the key of a record (default: the total of the stream)', { sign: 'key' })),
    metric: text('which column', { sign: 'name' }),
    by: optional(oneOf(['run', 'day'], 'a point for each run, or for each day', { sign: 'unit', otherwise: 'day' })),
    since: optional(moment('only points from this time on')),
    timezone: optional(
      timezone('IANA name of the zone whose days are counted', { otherwise: 'the zone of the project' }),
    ),
  },
  positional: ['connection', 'stream', 'key'],
  output: z.object({
    points: z.array(
      z.object({
        at: z.string().optional(),
        run: z.string().optional(),
        day: z.string().optional(),
        value,
        partial: z.literal(true).optional(),
      }),
    ),
    growth: z.object({ '24h': value.nullable(), '30d': value.nullable() }),
  }),
  examples: [{ connection: 'me', stream: 'stars', metric: 'stargazers_count', by: 'day', since: '7d' }],
  async run(mirror, { connection, stream, since, ...query }) {
    const { stream: row } = await streamOf(mirror, { connection, stream })
    const { timezone: zone } = query
    const from =
      since === undefined
        ? {}
        : { since: await pastMillisecondsOf(mirror, { name: 'since', moment: since, timezone: zone }) }
    const { readMetrics } = await measuring()
    const { key } = query
    const named = key === undefined ? {} : { key: await namedKey(mirror.store, row, key) }
    return readMetrics(mirror.store, mirror.project, row, { ...query, ...named, ...from })
  },
})

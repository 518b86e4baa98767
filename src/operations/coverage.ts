// Owns what of each stream was read, on the scale of its own time.

import { z } from 'zod'
import { type DocumentOf, document } from '../engine/document.ts'
import { instant } from '../engine/runs/report.ts'
import { connectionInput } from './inputs.ts'
import { later } from './later.ts'
import { connectionRow, connectorOf } from './mirror.ts'
import { operation } from './operation.ts'

const reading = later(() => import('../engine/history/read-intervals.ts'))
const standing = later(() => import('../engine/passes/stream-run.ts'))

const intervalDocument = document({
  /** `gap`: it is known not to have been read. */
  kind: z.enum(['read', 'gap']),
  /** In the order of the source; null: from the beginning of all. */
  from: z.string().nullable(),
  to: z.string(),
  /** What is known of a gap. */
  note: z.string(),
})

const coverageDocument = document({
  stream: z.string(),
  /** In the order of time, without overlaps; null: the order of the stream is no time, or none is known of. */
  intervals: z.array(intervalDocument).nullable(),
})
export type StreamCoverage = DocumentOf<typeof coverageDocument>

export const coverage = operation<{ readonly connection: string }, Promise<readonly StreamCoverage[]>>({
  name: 'coverage',
  does: 'Show which times of each stream were read, and which are known not to have been.',
  details:
    'The times are those by which the source orders its records. Where that order is no time, status tells how complete a stream is.',
  scope: 'read',
  input: { connection: connectionInput },
  positional: ['connection'],
  list: 'coverage',
  listedBy: ['stream'],
  output: coverageDocument,
  examples: [{ connection: 'shop' }],
  async run(mirror, { connection }) {
    const row = await connectionRow(mirror, connection)
    const { streams } = await connectorOf(mirror, row)
    const [{ readIntervals }, { standingOf }] = await Promise.all([reading(), standing()])
    const rows = await mirror.store.streams.list(row.no)
    return Promise.all(
      rows.map(async ({ no, stream: name, lastSuccessAt }) => {
        const stream = streams[name]
        if (!stream) return { stream: name, intervals: null }
        const { kept, openWalks } = standingOf(name, stream, row.options, await mirror.store.streams.state(no))
        const intervals = readIntervals({ stream, cursor: kept.cursor, openWalks, lastSuccessAt })
        return { stream: name, intervals: intervals?.map(shown) ?? null }
      }),
    )
  },
})

function shown({ kind, from, to, note }: { kind: 'read' | 'gap'; from: number | null; to: number; note: string }) {
  return { kind, from: from === null ? null : instant(from), to: instant(to), note }
}

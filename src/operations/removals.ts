// Owns what runs have held or removed, and a person's decision about it.

import { z } from 'zod'
import type { Decided, Verdict } from '../engine/review/decide-removals.ts'
import { type Removals, removalsDocument } from '../engine/runs/documents.ts'
import { removalsReport } from '../engine/runs/report.ts'
import { count as readable } from '../model/plural.ts'
import type { Key } from '../model/record.ts'
import { count, oneOf, optional } from './fields.ts'
import { connectionInput, ofConnection, runInput, streamInput } from './inputs.ts'
import { later } from './later.ts'
import { connectionRow } from './mirror.ts'
import { operation } from './operation.ts'
import type { ConnectionQuery } from './quarantine.ts'

const deciding = later(() => import('../engine/review/decide-removals.ts'))

export interface RemovalsQuery extends ConnectionQuery {
  /** @default 100 */
  readonly limit?: number | undefined
}

const LIMIT = 100

export const removals = operation<RemovalsQuery, Promise<readonly Removals[]>>({
  name: 'removals',
  does: 'List removals by run, the newest first: made, held for you, and waiting for the next run to confirm them.',
  scope: 'read',
  input: {
    limit: optional(count('how many, at most', { otherwise: String(LIMIT) })),
    connection: ofConnection,
  },
  positional: ['limit'],
  list: 'removals',
  listedBy: ['-run', 'connection', 'stream'],
  output: removalsDocument,
  examples: [{ limit: 10 }, { connection: 'me' }],
  async run(mirror, { limit = LIMIT, connection }) {
    const one = connection === undefined ? undefined : (await connectionRow(mirror, connection)).no
    return (await mirror.store.review.removals(mirror.project, limit, one)).map(removalsReport)
  },
})

export type OneMiss = Pick<Removals, 'run' | 'connection' | 'stream'>

/** Keys that `unconfirmed` gives at most. */
const UNCONFIRMED_MAX = 10_000

export const unconfirmed = operation<OneMiss, Promise<readonly Key[]>>({
  name: 'unconfirmed',
  does: 'List the keys that a run was the first to miss and that wait for a second witness.',
  details: `In the order of the store, ${readable(UNCONFIRMED_MAX)} at most.`,
  scope: 'read',
  input: { run: runInput, connection: connectionInput, stream: streamInput },
  list: 'keys',
  output: z.string(),
  examples: [{ run: '01K9ZS6X1C4H8W2V7Q3M5N0B9T', connection: 'me', stream: 'stars' }],
  async run({ store, project }, { run, connection, stream }) {
    // From the store: it can be asked of a connection, too, whose connector is gone.
    const owner = await store.connections.find(project, connection)
    const row = owner && (await store.streams.list(owner.no)).find((one) => one.stream === stream)
    const found = await store.runs.find(project, run)
    return row && found ? store.review.unconfirmedOf(row.no, found.no, null, UNCONFIRMED_MAX) : []
  },
})

export interface Decision {
  readonly verdict: Verdict
  readonly run: string
}

export const VERDICTS = ['approve', 'reject', 'undo'] as const satisfies readonly Verdict[]

export const decideRemovals = operation<Decision, Promise<Decided>>({
  name: 'decideRemovals',
  does: 'Approve or reject the removals that a run holds for you, or undo those that it made.',
  details:
    'approve removes what is held, or what an earlier reject or undo has kept. reject keeps it until the source lists it again. undo brings back everything that the run removed, with its last content, and keeps it. The run counts the decision as its own: after an undo, `runs` shows as many restored as removed.',
  scope: 'write',
  input: { verdict: oneOf(VERDICTS, 'what is decided'), run: runInput },
  positional: ['verdict', 'run'],
  output: z.object({
    run: z.string(),
    verdict: z.enum(VERDICTS),
    streams: z.array(z.object({ connection: z.string(), stream: z.string(), records: z.number() })),
  }),
  examples: [{ verdict: 'approve', run: '01K9ZS6X1C4H8W2V7Q3M5N0B9T' }],
  async run(mirror, { verdict, run }) {
    const engine = await deciding()
    return engine.decideRemovals(mirror, mirror.project, run, verdict)
  },
})

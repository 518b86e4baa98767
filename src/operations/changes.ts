// Owns the reading of the change feed.

import { z } from 'zod'
import type { Change, ChangesQuery } from '../engine/history/feed.ts'
import { count, object, oneOf, optional, signal, text, yesOrNo } from './fields.ts'
import { later } from './later.ts'
import { operation } from './operation.ts'

const feed = later(() => import('../engine/history/feed.ts'))

type Watching = Pick<ChangesQuery, 'signal'>

const cursor = z.union([z.string(), z.number()], "is a cursor, its number, or 'now'")

export const changes = operation<Omit<ChangesQuery, 'signal'>, AsyncGenerator<Change>, Watching>({
  name: 'changes',
  does: 'Read the change feed: what was inserted, updated, restored and removed, in order and without gaps.',
  details:
    'With a consumer, reading continues where that reader stopped; after a crash a change may come twice, but none is skipped.',
  scope: 'read',
  input: {
    after: optional(
      object(cursor, 'only changes after this cursor; now: only changes from this moment on', {
        sign: 'cursor',
        code: 'cursor_invalid',
      }),
    ),
    consumer: optional(text('continue where this reader stopped, and remember how far it has read', { sign: 'name' })),
    acknowledge: optional(
      oneOf(['auto', 'manual'], 'when the position of a reader moves: as it reads, or only when it says so', {
        otherwise: 'auto',
      }),
    ),
    limit: optional(count('how many, at most; the oldest come first')),
    follow: optional(yesOrNo('keep reading new changes')),
  },
  hooks: { signal: signal('ends the reading') },
  list: 'changes',
  output: z.object({
    cursor: z.string(),
    seq: z.number(),
    at: z.string(),
    connection: z.string(),
    stream: z.string(),
    key: z.string(),
    op: z.enum(['insert', 'update', 'remove', 'restore']),
    run: z.string().nullable(),
    ordinal: z.number(),
  }),
  examples: [{ consumer: 'mine', follow: true }, { limit: 20 }, { after: 'now' }],
  async *run(mirror, query, { signal: ends }) {
    const { readFeed } = await feed()
    yield* readFeed(mirror, mirror.project, { ...query, ...(ends ? { signal: ends } : {}) })
  },
})

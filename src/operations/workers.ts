// Owns who works on the database, what waits for them, and the limits that they share.

import { z } from 'zod'
import { type DocumentOf, document } from '../engine/document.ts'
import { SEEN_MS } from '../engine/runs/process.ts'
import { instant } from '../engine/runs/report.ts'
import { take } from '../store/bucket.ts'
import type { LimitRow } from '../store/store.ts'
import { type Nothing, operation } from './operation.ts'

const n = z.number()

const workerDocument = document({
  id: z.string(),
  host: z.string(),
  pid: n,
  startedAt: z.string(),
  /** When it last told that it works. */
  seenAt: z.string(),
  /** Runs that it has under way. */
  running: n,
  /** Scheduled runs that it does at a time, at most. */
  together: n,
})

const queueDocument = document({
  /** Schedules whose time has come; those included that are being run. */
  due: n,
  /** Since when the longest overdue of them is due. */
  dueSince: z.string().nullable(),
  /** Runs that were ordered and have not ended. */
  ordered: n,
  /** Runs under way, also of processes that are no workers. */
  running: n,
})

const limitDocument = document({
  key: z.string(),
  /** So many requests within `perMs` milliseconds; null: not known yet. */
  capacity: n.nullable(),
  perMs: n.nullable(),
  /** Requests that it would allow now. */
  left: n.nullable(),
  /** Connections that wait for their turn. */
  waiting: n,
  /** Until when the service allows none. */
  blockedUntil: z.string().nullable(),
})

const workersDocument = document({
  workers: z.array(workerDocument),
  queue: queueDocument,
  limits: z.array(limitDocument),
})
export type Workers = DocumentOf<typeof workersDocument>

/** Limits that were used in the last hour are shown, so many at most. */
const USED_MS = 3_600_000
const LIMITS_MAX = 1_000

export const workers = operation<Nothing, Promise<Workers>>({
  name: 'workers',
  does: 'Show who works on the database, what waits for them, and the limits that they share.',
  details:
    'Of the whole database, of all projects: processes of tidemark serve and tidemark worker that were there within half a minute, what is due and ordered, and the limits of services that were used within an hour.',
  scope: 'admin',
  isLook: true,
  input: {},
  output: workersDocument,
  examples: [{}],
  async run({ store, clock }) {
    const now = clock.now()
    const [rows, load, storeNow] = await Promise.all([
      store.workers.list(now - SEEN_MS),
      store.workers.load(now),
      store.now(),
    ])
    const limits = await store.workers.limits(storeNow - USED_MS, LIMITS_MAX)
    return {
      workers: rows.map(({ holder, startedAt, seenAt, together }) => ({
        id: holder.id,
        host: holder.host,
        pid: holder.pid,
        startedAt: instant(startedAt),
        seenAt: instant(seenAt),
        running: load.running.get(holder.id) ?? 0,
        together,
      })),
      queue: {
        due: load.due,
        dueSince: load.dueSince === null ? null : instant(load.dueSince),
        ordered: load.ordered,
        running: [...load.running.values()].reduce((sum, count) => sum + count, 0),
      },
      limits: limits.map((row) => limitOf(row, storeNow)),
    }
  },
})

function limitOf({ key, bucket }: LimitRow, now: number): Workers['limits'][number] {
  const { capacity, perMs, blockedUntil, turns } = bucket
  const isKnown = capacity !== null && perMs !== null
  return {
    key,
    capacity,
    perMs,
    left: isKnown ? take(bucket, { capacity, perMs, want: capacity, now }).reservation.granted : null,
    waiting: turns.filter(([, , until]) => until > now).length,
    blockedUntil: blockedUntil > now ? instant(blockedUntil) : null,
  }
}

// Owns the parts of the store that are written once for both databases, put together.

import type { Dialect } from '../dialect.ts'
import { bind, type Drive } from '../statements.ts'
import type { RecordStore, Store } from '../store.ts'
import { answers } from './answers.ts'
import { audit } from './audit.ts'
import { batches } from './batches.ts'
import { budgets } from './budgets.ts'
import { catalogs } from './catalogs.ts'
import { connections } from './connections.ts'
import { contents } from './contents.ts'
import { feed } from './feed.ts'
import { fills } from './fills.ts'
import { inbox } from './inbox.ts'
import { intents } from './intents.ts'
import { leases } from './leases.ts'
import { limits } from './limits.ts'
import { manual } from './manual.ts'
import { orders } from './orders.ts'
import { projects } from './projects.ts'
import { pruning } from './prune.ts'
import { purging } from './purge.ts'
import { readableTables } from './readable-tables.ts'
import { records } from './records.ts'
import { review } from './review.ts'
import { runs } from './runs.ts'
import { schedules } from './schedules.ts'
import { secrets } from './secrets.ts'
import { sessions } from './sessions.ts'
import { snapshots, type Totals } from './snapshots.ts'
import { states } from './state.ts'
import type { Streams } from './streams.ts'
import { texts } from './texts.ts'
import { tokens } from './tokens.ts'
import { vectors } from './vectors.ts'
import { versionsOf } from './versions.ts'
import { walks } from './walks.ts'
import { webhooks } from './webhooks.ts'
import { workers } from './workers.ts'

interface Database {
  readonly dialect: Dialect
  readonly drive: Drive
  /** Does what has to be on the disk when it is answered. */
  readonly durably: Drive
  readonly streams: Streams
  readonly look: RecordStore['look']
  readonly totals: Totals
}

export function parts({ dialect, drive, durably, streams, look, totals }: Database) {
  const onDisk = bind(inbox(dialect), durably)
  return {
    projects: bind(projects(dialect), drive),
    connections: {
      ...bind(connections(streams), drive),
      // With secrets, which must not be lost.
      save: bind(connections(streams), durably).save,
      disconnect: bind(connections(streams), durably).disconnect,
      ...purging(dialect, streams, drive),
    },
    secrets: bind(secrets, durably),
    streams: { ...streams.methods(drive), ...bind(states, drive), ...bind(fills(dialect, streams), drive) },
    leases: bind(leases, drive),
    records: { look, ...bind(contents(dialect, streams), drive), ...bind(records(dialect, streams), drive) },
    walks: bind(walks(streams), drive),
    runs: bind(runs, drive),
    review: bind(review(streams), drive),
    history: {
      ...bind(versionsOf(dialect, streams), drive),
      ...bind(snapshots(dialect, streams, totals), drive),
      ...bind(pruning, drive),
    },
    feed: bind(feed(dialect), drive),
    tables: bind(readableTables(dialect), drive),
    schedules: bind(schedules, drive),
    limits: bind(limits(dialect), drive),
    budgets: bind(budgets(dialect), drive),
    catalogs: bind(catalogs, drive),
    intents: bind(intents, durably),
    // What a person has set, and was told so, stays.
    manual: bind(manual, durably),
    // One that was shown, or revoked, stays so.
    tokens: bind(tokens, durably),
    sessions: bind(sessions, durably),
    workers: bind(workers, drive),
    // A call that was answered is done once.
    answers: bind(answers, durably),
    audit: bind(audit, durably),
    // What was accepted is done.
    orders: bind(orders, durably),
    batches: bind(batches, drive),
    // Whoever has sent a webhook and was told so sends it no more.
    inbox: { ...bind(inbox(dialect), drive), receive: (deliveries) => onDisk.receive(deliveries) },
    // A secret that was shown stays in force.
    webhooks: bind(webhooks, durably),
    texts: bind(texts(dialect), drive),
    vectors: bind(vectors, drive),
  } satisfies Partial<Store>
}

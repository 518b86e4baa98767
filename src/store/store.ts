// Owns the store port: what the engine asks of a database, in parts, each method with its promise. SQLite (sqlite.ts and
// its neighbours) and PostgreSQL answer the same suite, test/conformance/store-suite.ts. The port is asynchronous and
// page-grained: the engine looks, decides without the database, and hands back one value that is written in one
// transaction. No method takes a callback; no transaction is open across an await of the caller.
//
// Times are milliseconds since 1970. Every time comes from the caller, never from the database's own clock, but for
// `now()`.

import type { Batch } from './batch.ts'
import type { AnswerStore } from './port/answers.ts'
import type { AuditStore } from './port/audit.ts'
import type { BatchStore } from './port/batches.ts'
import type { BudgetStore } from './port/budgets.ts'
import type { CatalogStore } from './port/catalogs.ts'
import type { ConnectionStore } from './port/connections.ts'
import type { FeedStore } from './port/feed.ts'
import type { HistoryStore } from './port/history.ts'
import type { InboxStore } from './port/inbox.ts'
import type { IntentStore } from './port/intents.ts'
import type { LeaseStore } from './port/leases.ts'
import type { LimitStore } from './port/limits.ts'
import type { ManualStore } from './port/manual.ts'
import type { OrderStore } from './port/orders.ts'
import type { ProjectStore } from './port/projects.ts'
import type { RecordStore } from './port/records.ts'
import type { ReviewStore } from './port/review.ts'
import type { RunStore } from './port/runs.ts'
import type { ScheduleStore } from './port/schedules.ts'
import type { SecretStore } from './port/secrets.ts'
import type { SessionStore } from './port/sessions.ts'
import type { StreamStore } from './port/streams.ts'
import type { TableStore } from './port/tables.ts'
import type { TextStore } from './port/texts.ts'
import type { TokenStore } from './port/tokens.ts'
import type { VectorStore } from './port/vectors.ts'
import type { WalkStore } from './port/walks.ts'
import type { WebhookStore } from './port/webhooks.ts'
import type { WorkerStore } from './port/workers.ts'

export type * from './batch.ts'
export type * from './port/answers.ts'
export type * from './port/audit.ts'
export type * from './port/batches.ts'
export type * from './port/budgets.ts'
export type * from './port/catalogs.ts'
export * from './port/connections.ts'
export type * from './port/feed.ts'
export type * from './port/history.ts'
export type * from './port/inbox.ts'
export type * from './port/intents.ts'
export type * from './port/leases.ts'
export type * from './port/limits.ts'
export type * from './port/manual.ts'
export type * from './port/orders.ts'
export type * from './port/projects.ts'
export * from './port/records.ts'
export type * from './port/review.ts'
export type * from './port/runs.ts'
export type * from './port/schedules.ts'
export type * from './port/secrets.ts'
export type * from './port/sessions.ts'
export type * from './port/streams.ts'
export type * from './port/tables.ts'
export type * from './port/texts.ts'
export type * from './port/tokens.ts'
export type * from './port/vectors.ts'
export type * from './port/walks.ts'
export * from './port/webhooks.ts'
export type * from './port/workers.ts'
export type { TableRow } from './table-rows.ts'

export interface Store {
  /** A name for messages: the file, or the host and database; never a password. */
  readonly name: string
  readonly projects: ProjectStore
  readonly connections: ConnectionStore
  readonly secrets: SecretStore
  readonly streams: StreamStore
  readonly leases: LeaseStore
  readonly records: RecordStore
  readonly walks: WalkStore
  readonly runs: RunStore
  readonly review: ReviewStore
  readonly history: HistoryStore
  readonly feed: FeedStore
  readonly tables: TableStore
  readonly schedules: ScheduleStore
  readonly limits: LimitStore
  readonly budgets: BudgetStore
  readonly catalogs: CatalogStore
  readonly intents: IntentStore
  readonly tokens: TokenStore
  readonly sessions: SessionStore
  readonly answers: AnswerStore
  readonly audit: AuditStore
  readonly orders: OrderStore
  readonly batches: BatchStore
  readonly inbox: InboxStore
  readonly webhooks: WebhookStore
  readonly texts: TextStore
  readonly vectors: VectorStore
  readonly manual: ManualStore
  readonly workers: WorkerStore

  /** The clock that leases and buckets use, the same for every process of this store. */
  now(): Promise<number>
  /**
   * Writes a page: records, versions, changes, snapshots, walks, state, coverage, ledger and counters in ONE
   * transaction, predicated on the lease's generation, which it also prolongs. A batch without a lease (what was in
   * quarantine, what a webhook announced) anchors nothing. Nothing is written, and the answer is
   * `stale`, when a record that the batch touches no longer has the ordinal that the batch expects: look again and
   * decide again.
   *
   * @throws TidemarkError lease_lost (yield), disk_full, database_busy, database_unwritable; database_limit (stop) when
   *   the store can't hold one of the values, see refused-value.ts
   */
  checkpoint(batch: Batch): Promise<'written' | 'stale'>
  close(): Promise<void>
}

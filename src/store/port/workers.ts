// Owns who works on the database: a row for each process that does, which it writes again and again while it lives, and
// what waits for them.

import type { Bucket } from '../bucket.ts'
import type { Holder } from './leases.ts'

export interface WorkerStore {
  /** Tells that a process works; forgets those that have not told so since `forgetBefore`. */
  beat(worker: WorkerRow, forgetBefore: number): Promise<void>
  /** Forgets one that works no more. */
  gone(id: string): Promise<void>
  /** Those that have told so since then, the oldest first. */
  list(since: number): Promise<readonly WorkerRow[]>
  /** What waits for them, and what they do, in the whole database. */
  load(now: number): Promise<Load>
  /** Limits that somebody waits for or that are blocked, and those that were used since then; by their key. */
  limits(since: number, most: number): Promise<readonly LimitRow[]>
}

export interface WorkerRow {
  readonly holder: Holder
  readonly startedAt: number
  readonly seenAt: number
  /** Scheduled runs that it does at a time, at most. */
  readonly together: number
}

export interface Load {
  /** Schedules whose time has come; those included that are being run. */
  readonly due: number
  /** Since when the longest overdue of them is due; null: none is. */
  readonly dueSince: number | null
  /** Runs that were ordered and have not ended. */
  readonly ordered: number
  /** Runs under way, by the id of the process that has them. */
  readonly running: ReadonlyMap<string, number>
}

export interface LimitRow {
  readonly key: string
  readonly bucket: Bucket
}

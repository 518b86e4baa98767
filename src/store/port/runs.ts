// Owns runs, with their passes and requests.

import type { Reading } from '../../model/coverage.ts'
import type { ErrorReport } from '../../model/errors.ts'
import type { Json } from '../../model/json.ts'
import type { Counts, Ended, PassKind, RunMode, RunStatus } from '../../model/run.ts'
import type { RequestRow } from '../batch.ts'
import type { FinishedCatalog } from './catalogs.ts'
import type { IntentChange } from './intents.ts'
import type { Holder, Lease } from './leases.ts'

export interface RunStore {
  /** Opens a run under a lease. A run of the same connection that is still `running` was interrupted: it is closed as failed. */
  open(run: NewRun): Promise<RunRow>
  /** Ends a run and writes what it leaves per stream, in one transaction under the lease. */
  finish(finish: FinishRun): Promise<RunRow>
  find(project: string, id: string): Promise<RunRow | undefined>
  /** Newest first; with `before`, those that were opened before the run of this number. */
  list(query: {
    project: string
    connectionNo?: number
    /** Of these only. @default any */
    statuses?: readonly RunStatus[] | undefined
    modes?: readonly RunMode[] | undefined
    /** Begun at this moment or later; before that one. */
    since?: number | undefined
    until?: number | undefined
    before?: number
    limit: number
  }): Promise<readonly RunRow[]>
  /** Asks a running run to stop; the engine looks at its next checkpoint. False: it is not running. */
  requestCancel(project: string, id: string): Promise<boolean>
  cancelRequested(runNo: number): Promise<boolean>
  /**
   * The ledger's requests that one page of a run was read with, in their order, also where another stream has read and
   * shared it; null: those that the stream made for no page. Empty: none, or no longer kept.
   */
  requestsOf(place: { runNo: number; streamNo: number; page: number | null }): Promise<readonly RequestRow[]>
  /** All requests of a run that the ledger still has, in their order; with `after`, those behind the one of that number. */
  ledgerOf(query: { runNo: number; after: number; limit: number }): Promise<readonly LedgerRow[]>
}

/** A request of a run, by its number in it, from 1. */
export interface LedgerRow extends RequestRow {
  readonly no: number
  /** The stream that it was made for; null: for the run as a whole. */
  readonly stream: string | null
}

export interface NewRun {
  readonly id: string
  readonly lease: Lease
  readonly project: string
  readonly connectionNo: number
  readonly mode: RunMode
  /** The streams that it reads. */
  readonly streams: readonly string[]
  /** It reads what matches a filter, or a past range. @default false */
  readonly partial?: boolean
  /** It may make so many requests only, or spend so much. @default false */
  readonly capped?: boolean
  /** Of the connector's code that reads; stays with the run, for `explain`. */
  readonly connectorVersion?: string
  /** What was ordered and accepted that it does, as is left of it: from then on that order has this run. @default nothing */
  readonly order?: { readonly id: string; readonly asked: Json } | undefined
  /** Of what the run costs, as ISO 4217 names it. @default not known */
  readonly currency?: string | null
  readonly at: number
  readonly holder: Holder
}

export interface RunRow {
  readonly no: number
  readonly id: string
  readonly project: string
  readonly connectionNo: number
  readonly connection: string
  readonly connectorVersion: string | null
  readonly currency: string | null
  readonly mode: RunMode
  readonly status: RunStatus
  readonly startedAt: number
  readonly finishedAt: number | null
  readonly error: ErrorReport | null
  readonly notes: readonly string[]
  readonly requests: number
  readonly billedItems: number
  readonly cost: number | null
  readonly streams: readonly string[]
  readonly partial: boolean
  readonly capped: boolean
  readonly holder: Holder
  readonly passes: readonly {
    readonly streamNo: number
    readonly stream: string
    readonly ordinal: number
    readonly kind: PassKind
    readonly ended: Ended | null
    readonly pages: number
    readonly requests: number
    readonly counts: Counts
    readonly expected: number | null
  }[]
}

export interface FinishRun {
  readonly lease: Lease
  readonly runNo: number
  readonly status: Exclude<RunStatus, 'running'>
  readonly at: number
  readonly error: ErrorReport | null
  readonly notes: readonly string[]
  /** Why the connection stands still from now on, if its login is still of the version that was refused. @default it runs */
  readonly pause?: { readonly connectionNo: number; readonly reason: string; readonly loginVersion: number } | undefined
  /** Requests that no checkpoint has carried. */
  readonly requests: readonly RequestRow[]
  /** What these and earlier ones have cost that no checkpoint has carried. @default 0, or not known */
  readonly cost?: number | undefined
  /** Upstream runs of which no checkpoint has told. @default none */
  readonly intents?: readonly IntentChange[]
  readonly streams: readonly {
    readonly streamNo: number
    /** Whether everything it set out to read was read. */
    readonly succeeded: boolean
    /** Whether nothing of it was due, and nothing went wrong. @default false */
    readonly idle?: boolean
    /** Whether a full pass came to its end; resets runs_since_full, which else grows by one with a success or an idle run. */
    readonly full: boolean
    readonly records: number
    /** What the run says of its reading; the rest of the coverage is counted whenever somebody asks. */
    readonly coverage: Reading
  }[]
  /** The catalog that the run has written, to be published with its end. @default none */
  readonly catalog?: FinishedCatalog | undefined
}

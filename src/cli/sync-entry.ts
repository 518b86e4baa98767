// Owns one connection's entry in what `sync` prints: its run, or what stands for it when none could begin. Pure.

import { instant } from '../engine/runs/report.ts'
import type { ErrorReport } from '../model/errors.ts'
import type { RunMode, RunReport, RunStatus } from '../model/run.ts'
import type { Part } from './exit-codes.ts'

/** A run report whose id is null when there was no run. */
export type SyncEntry = Omit<RunReport, 'id'> & { readonly id: string | null }

export interface Refused {
  readonly project: string
  readonly connection: string
  readonly mode: RunMode
  readonly at: number
  readonly error: ErrorReport
}

/** The entry of a connection that an error kept from running. */
export function refusedEntry({ project, connection, mode, at, error }: Refused): SyncEntry {
  return {
    id: null,
    project,
    connection,
    mode,
    status: statusOf(error),
    startedAt: instant(at),
    finishedAt: instant(at),
    streams: [],
    requests: 0,
    billedItems: 0,
    cost: null,
    error,
    notes: [],
    progress: null,
  }
}

function statusOf({ code, verdict }: ErrorReport): RunStatus {
  if (code === 'cancelled') return 'cancelled'
  return verdict === 'pause' ? 'paused' : 'failed'
}

export function partOf({ id, status, error }: SyncEntry): Part {
  return { status, refusal: id === null ? error : null, failure: error }
}

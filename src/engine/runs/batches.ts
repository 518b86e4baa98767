// Owns what a batch came to in a project: told when the last of its runs there has ended, from what they have done.

import type { ErrorReport } from '../../model/errors.ts'
import { addCounts, NO_COUNTS, type RunReport } from '../../model/run.ts'
import type { OrderRow, Store } from '../../store/store.ts'
import { isAnswer } from './attach.ts'
import { instant, runReport } from './report.ts'
import type { RunPorts } from './run.ts'

/** Batches that are looked at in one go. */
const LOOK_MAX = 100
/** Runs of a connection among which those are that were broken off. */
const RUNS_LOOKED_AT = 20

/** What a batch came to in one project. */
export interface ProjectResult {
  readonly project: string
  readonly totalRecords: number
  readonly updatedCount: number
  readonly snapshotCount: number
  readonly errors: readonly string[]
  readonly timestamp: string
}

type Ended = Pick<RunReport, 'connection' | 'streams' | 'error'>

/** Tells what batches came to wherever all of their runs have ended. Any number of processes may do so at once. */
export async function settleBatches({ store, clock }: Pick<RunPorts, 'store' | 'clock'>): Promise<void> {
  for (const { id, projects } of await store.batches.ready(LOOK_MAX)) {
    for (const project of projects) {
      const ended: Ended[] = []
      for (const order of await store.orders.ofBatch(id, project)) ended.push(await endedOf(store, order))
      const at = clock.now()
      await store.batches.finish(id, project, { result: JSON.stringify(await resultOf(store, project, ended, at)), at })
    }
  }
}

/** `ended` are the runs of the batch in the project, and what kept one from beginning. */
export async function resultOf(
  store: Store,
  project: string,
  ended: readonly Ended[],
  at: number,
): Promise<ProjectResult> {
  const counts = ended.flatMap(({ streams }) => streams).reduce((sum, one) => addCounts(sum, one.counts), NO_COUNTS)
  let totalRecords = 0
  for (const { no } of await store.connections.list(project)) {
    for (const stream of await store.streams.list(no)) totalRecords += stream.totalRecords
  }
  return {
    project,
    totalRecords,
    updatedCount: counts.inserted + counts.updated,
    snapshotCount: counts.snapshots,
    errors: ended.flatMap(({ connection, error }) => (error ? [`${connection}: ${error.code}: ${error.message}`] : [])),
    timestamp: instant(at),
  }
}

/** What its last run came to, and what those had done before that were broken off. */
async function endedOf(store: Store, order: OrderRow): Promise<Ended> {
  const { project, connection, connectionNo, at, run, error } = order
  const last = run === null ? undefined : await store.runs.find(project, run)
  if (!last) return { connection, streams: [], error: error as unknown as ErrorReport | null }
  const runs = await store.runs.list({ project, connectionNo, limit: RUNS_LOOKED_AT })
  const before = runs.filter((one) => one.startedAt >= at && one.startedAt <= last.startedAt && !isAnswer(one))
  const all = [...before.filter(({ id }) => id !== last.id), last].map((one) => runReport(one))
  return { connection, streams: all.flatMap(({ streams }) => streams), error: last.error }
}

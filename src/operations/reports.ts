// Owns the reports that several operations give: a run as it is now, and the state of a connection.

import { askedLogin } from '../engine/runs/asked-login.ts'
import type { ConnectionStatus, Standing } from '../engine/runs/documents.ts'
import { progressOf } from '../engine/runs/progress.ts'
import { asItIs, connectionStatus, runReport } from '../engine/runs/report.ts'
import { standingOf } from '../engine/runs/standing.ts'
import type { RunReport } from '../model/run.ts'
import type { ConnectionRow, RunRow } from '../store/store.ts'
import type { Mirror } from './mirror.ts'

/** A run that was found, as it is now; one under way with how far it has come. */
export async function reportOf(
  { store, isDead, clock }: Pick<Mirror, 'store' | 'isDead' | 'clock'>,
  found: RunRow,
): Promise<RunReport> {
  if (asItIs(found, isDead).status !== 'running') return runReport(asItIs(found, isDead))
  const streams = await store.streams.list(found.connectionNo)
  const row = asItIs((await store.runs.find(found.project, found.id)) ?? found, isDead)
  return runReport(row, row.status === 'running' ? progressOf(row, clock.now(), streams) : null)
}

/** Why a connection is paused, and the command that resumes it. */
export async function standing(mirror: Mirror, row: ConnectionRow): Promise<Standing> {
  // The connector says what a login consists of, which only matters where one is missing.
  const connector = row.paused.length === 0 ? undefined : await mirror.connectors.find(row.connector)
  return standingOf(row, await askedLogin(mirror.store, connector, row))
}

export async function statusOf(mirror: Mirror, row: ConnectionRow): Promise<ConnectionStatus> {
  const { store, isDead, clock } = mirror
  const streams = await store.streams.list(row.no)
  const found = await store.runs.list({ project: row.project, connectionNo: row.no, limit: 2 })
  return connectionStatus(row, {
    streams,
    runs: found.map((run) => asItIs(run, isDead)),
    schedules: await store.schedules.list(row.project, row.no),
    standing: await standing(mirror, row),
    now: clock.now(),
  })
}

// Owns what `--plan` tells of a connection: the passes that a run would do now, and what can be known of their cost. Reads
// only what is stored.

import type { Connector, Stream } from '../../connector/connector.ts'
import type { PassKind, RunMode } from '../../model/run.ts'
import type { ConnectionRow, StreamRow } from '../../store/store.ts'
import { budgetsOf } from '../passes/budget.ts'
import { HELD_ABOVE, HELD_ABOVE_SHARE } from '../passes/full-pass.ts'
import { readState } from '../passes/state.ts'
import { type Budget, budgetReports } from './budget-report.ts'
import type { RunPorts } from './run.ts'

export interface PlanReport {
  readonly connection: string
  readonly mode: RunMode
  readonly streams: readonly StreamPlan[]
  /** Requests that the run will make if the source has nothing new; null when only reading can tell. */
  readonly requests: number | null
  readonly cost: number | null
  /** The budgets that the run will draw on. */
  readonly budgets: readonly Budget[]
}

export interface StreamPlan {
  readonly stream: string
  readonly passes: readonly { readonly pass: PassKind; readonly why: string; readonly requests: number | null }[]
  /** How many tombstones the run may set without asking, at most. */
  readonly removalsAtRisk: number
  /** Removals that earlier runs have put on hold, and that nobody has decided on. */
  readonly removalsHeld: number
}

type PlanPorts = Pick<RunPorts, 'store' | 'decisions' | 'clock'>

/** `rows` are the streams to be read. */
export async function planReport(
  ports: PlanPorts,
  { connection, connector }: { readonly connection: ConnectionRow; readonly connector: Connector },
  rows: readonly StreamRow[],
  mode: RunMode,
): Promise<PlanReport> {
  const streams: StreamPlan[] = []
  for (const row of rows) streams.push(await streamPlan(ports, connector, row, mode))
  const requests = streams.flatMap(({ passes }) => passes.map((pass) => pass.requests))
  const sum = requests.includes(null) ? null : requests.reduce((total: number, n) => total + (n ?? 0), 0)
  const { project, id } = connection
  const all = await ports.store.budgets(project)
  const budgets = budgetsOf(all, { connector: connector.service.name, connection: id })
  return {
    connection: id,
    mode,
    streams,
    requests: sum,
    cost: null,
    budgets: await budgetReports(ports, project, budgets),
  }
}

async function streamPlan(
  { store, decisions, clock }: PlanPorts,
  connector: Connector,
  row: StreamRow,
  mode: RunMode,
): Promise<StreamPlan> {
  const stream = connector.streams[row.stream] as Stream
  const state = await store.state(row.no, '')
  const { confirm = false } = readState(row.stream, stream.state, state).kept
  const passes = decisions
    .planStream({ passes: stream.passes, mode, row, state, confirm, now: clock.now() })
    .map(({ pass, why, requests }) => ({ pass: pass.kind, why, requests }))
  const risk = Math.min(row.totalRecords, Math.floor(Math.max(HELD_ABOVE, row.totalRecords * HELD_ABOVE_SHARE)))
  const removalsAtRisk = passes.some(({ pass }) => pass === 'fullPass') ? risk : 0
  return { stream: row.stream, passes, removalsAtRisk, removalsHeld: state.held }
}

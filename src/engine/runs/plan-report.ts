// Owns what `--plan` tells of a connection: the passes that a run would do now, what can be known of their cost, and what
// will end the run before its time. Reads only what is stored.

import { notPromised } from '../../connector/check-connector.ts'
import type { Stream } from '../../connector/connector.ts'
import type { ErrorReport } from '../../model/errors.ts'
import { moneyText } from '../../model/money.ts'
import { plural } from '../../model/plural.ts'
import type { RunMode } from '../../model/run.ts'
import type { ConnectionRow, StreamRow } from '../../store/store.ts'
import type { PlannedPass } from '../due/plan.ts'
import { type Allowance, money } from '../passes/allowance.ts'
import { budgetsOf } from '../passes/budget.ts'
import { DECISIONS, foresee } from '../passes/kinds/all.ts'
import { placeholders, revealed } from '../passes/placeholders.ts'
import { HELD_ABOVE, HELD_ABOVE_SHARE } from '../passes/removals/guard.ts'
import { standingOf } from '../passes/stream-run.ts'
import { budgetReports } from './budget-report.ts'
import type { OpenedConnection } from './connection.ts'
import type { PlanReport, StreamPlan } from './documents.ts'
import { limitOutlook } from './known-limits.ts'
import { type Draws, drawKey, firstEnd } from './plan-end.ts'
import { type SharedPlan, sharedOnce } from './plan-listings.ts'
import type { RunPorts } from './run.ts'
import { limitsOfConnection, namedSecrets } from './secret-texts.ts'

export interface PlanOrder {
  readonly mode?: RunMode | undefined
  /** Names of streams; none: all. */
  readonly streams?: readonly string[] | undefined
  /** What the run may use, as `sync` is given it; the plan takes nothing of it. */
  readonly allowance?: Allowance | undefined
  /** What the plans before this one have foreseen of what all draw on; this plan adds its own. */
  readonly draws?: Draws | undefined
}

type PlanPorts = Pick<RunPorts, 'store' | 'decisions' | 'clock'>

/** Runs of which the cost of a request is learned. */
const PRICED_RUNS = 20

/** `rows` are the streams to be read. */
export async function planReport(
  ports: PlanPorts,
  opened: OpenedConnection,
  rows: readonly StreamRow[],
  { mode = 'auto', allowance, draws = new Map() }: PlanOrder,
): Promise<PlanReport> {
  const { store, clock } = ports
  const { row: connection, connector } = opened
  const foreseen: PlannedStream[] = []
  for (const row of rows) foreseen.push(await foreseenOf(ports, opened, row, mode))
  const planned = sharedOnce(foreseen)
  const steps = planned.flatMap(({ passes }) => passes)
  const wanted = planned.map(streamPlan)
  const opening = notPromised('opening', connector.service.opening?.(opened.options)) ?? 0
  const streams = withOpening(wanted, opening)
  const needs = sum(streams.flatMap(({ passes }) => passes.map(({ requests }) => requests)))
  const price = await priceOf(ports, connection)
  const paid = rows.some(({ stream }) => (connector.streams[stream] as Stream).passes.some((pass) => pass.paid))
  const { project, id } = connection
  const currency = connector.service.currency ?? null
  const drawnOn = budgetsOf(await store.budgets.list(project), { connector: connector.service.name, connection: id })
  const budgets = await budgetReports(ports, project, drawnOn, async () => currency)
  const limits = await knownLimits(ports, opened)
  const limit = limitOutlook(limits, needs, await store.now(), draws)
  const bounds = { limit, allowance, budgets, draws, now: clock.now() }
  const { fits, stop } = firstEnd({ requests: needs, price, paid, steps }, bounds)
  const requests = fits === 0 ? 0 : needs === null ? null : Math.min(needs, fits ?? needs)
  const cost = paid && fits !== 0 ? costOf(steps, price, requests) : null
  const owners = new Set(limits.map((one) => one.limit.key))
  draw(draws, ['requests', ...owners, ...budgets.map((one) => drawKey(one, 'requests'))], requests)
  draw(draws, ['cost', ...budgets.map((one) => drawKey(one, 'cost'))], cost)
  return {
    connection: id,
    mode,
    paused: [],
    streams: stop && fits !== null ? cut(streams, fits) : streams,
    requests,
    fits,
    stop,
    waitMs: fits === 0 ? 0 : limit.waitMs,
    paid,
    cost,
    currency,
    costNote: paid && cost === null && fits !== 0 ? costNote(steps, currency) : null,
    budgets,
  }
}

/** The plan of a connection that stands still. */
export function pausedPlan(connection: ConnectionRow, mode: RunMode, error: ErrorReport): PlanReport {
  const free = { paid: false, cost: null, currency: null, costNote: null, budgets: [] }
  const nothing = { streams: [], requests: 0, fits: 0, waitMs: 0, ...free }
  const stop = { ...error, until: null, needs: null }
  return { connection: connection.id, mode, paused: connection.paused, ...nothing, stop }
}

interface PlannedStream extends SharedPlan {
  readonly row: StreamRow
  readonly held: number
}

async function foreseenOf(
  { store, decisions = DECISIONS, clock }: PlanPorts,
  opened: OpenedConnection,
  row: StreamRow,
  mode: RunMode,
): Promise<PlannedStream> {
  const { connector, row: connection } = opened
  const stream = connector.streams[row.stream] as Stream
  const secrets = placeholders(() => namedSecrets(opened))
  const stored = revealed(await store.streams.state(row.no), secrets)
  const { kept, openWalks, isAnew } = standingOf(row.stream, stream, connection.options, stored)
  const { confirm = false, listing } = kept
  const state = { ...stored, openWalks }
  const planned = decisions.planStream({ passes: stream.passes, mode, row, state, confirm, isAnew, now: clock.now() })
  const passes = foresee(planned, { passes: stream.passes, row, state })
  return { row, held: state.held, passes, listing: openWalks.length > 0 ? undefined : listing }
}

function streamPlan({ row, held, passes: foreseen }: PlannedStream): StreamPlan {
  const passes = foreseen.map(({ pass, why, requests }) => ({ pass: pass.kind, why, requests }))
  const risk = Math.min(row.totalRecords, Math.floor(Math.max(HELD_ABOVE, row.totalRecords * HELD_ABOVE_SHARE)))
  const removalsAtRisk = passes.some(({ pass }) => pass === 'fullPass') ? risk : 0
  return { stream: row.stream, passes, removalsAtRisk, removalsHeld: held }
}

/** What passes know of their own cost, or what so many requests have cost until now; null: not known. */
function costOf(steps: readonly PlannedPass[], price: number | undefined, requests: number | null): number | null {
  const known = steps.flatMap(({ cost }) => (cost === undefined ? [] : [cost]))
  const cost = known.length > 0 ? sum(known) : price === undefined || requests === null ? null : price * requests
  return cost === null ? null : money(cost)
}

/** Why nobody knows what passes will cost, and what is known all the same: what the first upstream run of each may cost. */
function costNote(steps: readonly PlannedPass[], currency: string | null): string {
  const first = steps.flatMap(({ first: run }) => run ?? [])
  const costs = first.flatMap(({ cost }) => cost ?? [])
  if (first.length > costs.length || first.length === 0) {
    return 'the connector knows no price list for it, and nothing has been billed yet that would tell the price'
  }
  const [rows, cost] = [sum(first.map((one) => one.rows)) ?? 0, sum(costs) ?? 0]
  return `nobody knows yet how many records there are; the first ${plural(rows, 'row')} cost about ${moneyText(money(cost), currency)}, and more are asked for until all are read`
}

/**
 * What the connector does once before its first page counts with the first pass, as it will in the run. The connector
 * declares it: the ledger of earlier runs can't tell a look-up from a page, and there is none before the first run.
 */
function withOpening(streams: readonly StreamPlan[], opening: number): readonly StreamPlan[] {
  const [first, ...others] = streams
  const [pass, ...passes] = first?.passes ?? []
  if (!first || !pass || pass.requests === null) return streams
  return [{ ...first, passes: [{ ...pass, requests: pass.requests + opening }, ...passes] }, ...others]
}

/** What is left of the streams when the run ends after so many requests: the pass that it ends in is the last. */
function cut(streams: readonly StreamPlan[], fits: number): readonly StreamPlan[] {
  let left = fits
  let over = false
  return streams.flatMap((stream): readonly StreamPlan[] => {
    if (over) return []
    const passes: StreamPlan['passes'][number][] = []
    for (const pass of stream.passes) {
      if (over) break
      over = pass.requests === null || pass.requests > left
      const requests = pass.requests === null ? (left === 0 ? 0 : null) : Math.min(pass.requests, left)
      passes.push({ ...pass, requests })
      left -= requests ?? 0
    }
    return [{ ...stream, passes }]
  })
}

async function knownLimits({ store }: PlanPorts, opened: OpenedConnection) {
  return Promise.all(
    limitsOfConnection(opened).map(async ({ limit }) => ({ limit, bucket: await store.limits.bucket(limit.key) })),
  )
}

/** What a request has cost on average; undefined: nothing was paid for yet. */
async function priceOf({ store }: PlanPorts, { project, no }: ConnectionRow): Promise<number | undefined> {
  const runs = await store.runs.list({ project, connectionNo: no, limit: PRICED_RUNS })
  const paid = runs.filter(({ cost, requests }) => cost !== null && requests > 0)
  const requests = paid.reduce((total, run) => total + run.requests, 0)
  return requests === 0 ? undefined : paid.reduce((total, { cost }) => total + (cost ?? 0), 0) / requests
}

function sum(parts: readonly (number | null)[]): number | null {
  return parts.includes(null) ? null : parts.reduce((total: number, n) => total + (n ?? 0), 0)
}

function draw(draws: Draws, keys: readonly string[], amount: number | null): void {
  for (const key of keys) draws.set(key, (draws.get(key) ?? 0) + (amount ?? 0))
}

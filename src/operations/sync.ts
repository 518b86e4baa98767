// Owns running one connection once, and the plan of what such a run would do.

import type { Connector } from '../connector/connector.ts'
import type { Allowance } from '../engine/passes/allowance.ts'
import { askedLogin } from '../engine/runs/asked-login.ts'
import { type PlanReport, planDocument, runDocument } from '../engine/runs/documents.ts'
import type { RunOrder } from '../engine/runs/order.ts'
import type { Draws } from '../engine/runs/plan-end.ts'
import { connectionPaused } from '../engine/runs/standing.ts'
import { errorReport } from '../model/errors.ts'
import type { RunReport } from '../model/run.ts'
import type { ConnectionRow } from '../store/store.ts'
import { hook, listener, oneOf, optional, signal } from './fields.ts'
import { connectionInput } from './inputs.ts'
import { later } from './later.ts'
import { connectionRow, connectorOf, type Mirror, streamRow } from './mirror.ts'
import { operation } from './operation.ts'
import { type Part, partOf, type ReadingInput, readingFields, streamsField, streamsToRead } from './order.ts'

const ordering = later(() => import('../engine/runs/order.ts'))
const opening = later(() => import('../engine/runs/connection.ts'))
const runner = later(() => import('../engine/runs/run.ts'))
const attaching = later(() => import('../engine/runs/attach.ts'))
const reporting = later(() => import('../engine/runs/report.ts'))
const planning = later(() => import('../engine/runs/plan-report.ts'))

export interface SyncInput extends ReadingInput {
  readonly connection: string
  /** Names of streams; none: all. */
  readonly streams?: readonly string[] | undefined
  /**
   * While the connection is being run already: `attach` waits for that run and returns it, if it does all that is asked
   * (else for the connection to be free); `refuse` throws run_active. @default 'attach'
   */
  readonly whenActive?: 'attach' | 'refuse' | undefined
}

export type SyncHooks = Pick<RunOrder, 'signal' | 'onProgress' | 'onAttach'> & {
  /** In place of maxRequests and maxCost: what several runs may use together. */
  readonly allowance?: Allowance | undefined
}

export const allowanceHook = hook(
  'has "takeRequest": it is an allowance',
  'what several runs may use together',
  (value) => {
    return value instanceof Object && 'takeRequest' in value && typeof value.takeRequest === 'function'
  },
)

export const syncHooks = {
  allowance: allowanceHook,
  signal: signal('stops the run after its current page'),
  onProgress: listener('gets the progress of the run with every page'),
  onAttach: listener('is called when another run is waited for instead'),
}

export const sync = operation<SyncInput, Promise<RunReport>, SyncHooks>({
  name: 'sync',
  does: 'Read what is new and changed at the source.',
  details: 'What goes wrong at the source is in the report of the run.',
  scope: 'sync',
  input: {
    connection: connectionInput,
    streams: streamsField,
    ...readingFields,
    whenActive: optional(
      oneOf(['attach', 'refuse'], 'while a run is under way: wait for it, or refuse', { otherwise: 'attach' }),
    ),
  },
  hooks: syncHooks,
  positional: ['connection'],
  output: runDocument,
  examples: [
    { connection: 'me', streams: ['stars'], mode: 'full' },
    { connection: 'shop', where: { status: ['open'] } },
    { connection: 'shop', since: '7d', until: '2d' },
  ],
  async run(mirror, { connection, streams = [], whenActive, maxRequests, maxCost, ...reading }, hooks) {
    const { allowanceOf } = await ordering()
    const row = await connectionRow(mirror, connection)
    const connector = await connectorOf(mirror, row)
    const part = await partOf(mirror, reading)
    const asked = { row, connector, streams: streamsToRead(row.id, connector, streams, part), part }
    const isCapped = hooks.allowance !== undefined || maxRequests !== undefined || maxCost !== undefined
    const allowance = isCapped ? allowanceOf({ ...hooks, maxRequests, maxCost }) : undefined
    return runOne(mirror, asked, { ...hooks, allowance, whenActive })
  },
})

/** A connection with what is asked of it. */
export interface Asked {
  readonly row: ConnectionRow
  readonly connector: Connector
  readonly streams: readonly string[]
  readonly part: Part
}

type Running = SyncHooks & {
  readonly whenActive?: 'attach' | 'refuse' | undefined
}

/**
 * @throws TidemarkError connection_paused, run_active, where_unknown, options_invalid, key_wrong; what goes wrong at the
 *   source is in the report
 */
export async function runOne(mirror: Mirror, asked: Asked, running: Running): Promise<RunReport> {
  const { connector, streams, part } = asked
  const row = await connectionRow(mirror, asked.row.id)
  if (row.paused.length > 0) throw connectionPaused(row, connector, await askedLogin(mirror.store, connector, row))
  const [{ runConnection }, { attachOrStart }, { runReport }] = await Promise.all([runner(), attaching(), reporting()])
  // A run under way keeps what it began with, whatever is closed meanwhile.
  const ports = { ...mirror }
  const { mode, where, range } = part
  const { whenActive = 'attach', allowance, ...hooks } = running
  const order = {
    ...hooks,
    mode,
    streams,
    whenActive,
    ...(where ? { where } : {}),
    ...(range ? { range } : {}),
    ...(allowance ? { allowance } : {}),
    all: Object.keys(connector.streams),
  }
  const start = () => runConnection(ports, connector, row, order)
  return runReport(await (whenActive === 'refuse' ? start() : attachOrStart(ports, row, order, start)))
}

export type PlanInput = Pick<SyncInput, 'connection' | 'streams' | 'mode' | 'maxRequests' | 'maxCost'>

export const plan = operation<PlanInput, Promise<PlanReport>, Pick<SyncHooks, 'allowance'>>({
  name: 'plan',
  does: 'Show what a sync would do now.',
  details: 'Reads only what is stored, and makes no request. A paused connection has a plan that says so.',
  scope: 'read',
  input: {
    connection: connectionInput,
    streams: streamsField,
    mode: readingFields.mode,
    maxRequests: readingFields.maxRequests,
    maxCost: readingFields.maxCost,
  },
  hooks: { allowance: allowanceHook },
  positional: ['connection'],
  output: planDocument,
  examples: [{ connection: 'me', streams: ['stars'] }],
  async run(mirror, { connection, streams = [], mode, maxRequests, maxCost }, hooks) {
    const { allowanceOf } = await ordering()
    const row = await connectionRow(mirror, connection)
    const connector = await connectorOf(mirror, row)
    const part = await partOf(mirror, { mode })
    const asked = { row, connector, streams: streamsToRead(row.id, connector, streams, part), part }
    return planOne(mirror, asked, { allowance: allowanceOf({ ...hooks, maxRequests, maxCost }), draws: new Map() })
  },
})

/** What the plans of one order share. */
export interface PlanShare {
  readonly allowance: Allowance | undefined
  /** What the plans before this one have foreseen; this plan adds its own. */
  readonly draws: Draws
}

/** @throws TidemarkError options_invalid, key_wrong */
export async function planOne(
  mirror: Mirror,
  { row, connector, streams, part: { mode, where, range } }: Asked,
  { allowance, draws }: PlanShare,
): Promise<PlanReport> {
  const [{ openConnection }, { streamNames }, engine] = await Promise.all([opening(), ordering(), planning()])
  if (row.paused.length > 0) {
    const login = await askedLogin(mirror.store, connector, row)
    return engine.pausedPlan(row, mode, errorReport(connectionPaused(row, connector, login)))
  }
  const names = streamNames(connector, { streams })
  const opened = await openConnection(mirror, connector, row)
  const rows = await Promise.all(names.map((name) => streamRow(mirror, row, name)))
  const report = await engine.planReport(mirror, opened, rows, { mode, allowance, draws })
  return where || range
    ? partPlan(report, where ? 'what matches at the source' : 'the range that was asked for')
    : report
}

/** A filter or a range reads with the stream's first pass, for as long as there are pages, and removes nothing. */
function partPlan(report: PlanReport, why: string): PlanReport {
  if (report.fits === 0) return report
  const streams = report.streams.map(({ passes, ...rest }) => {
    const pass = passes[0]?.pass ?? 'byCursor'
    return { ...rest, passes: [{ pass, why, requests: null }], removalsAtRisk: 0 }
  })
  return { ...report, streams, requests: null, stop: null, waitMs: 0, cost: null }
}

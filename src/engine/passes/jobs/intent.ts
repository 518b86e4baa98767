// Owns the start of an upstream run that costs money. What is to be started is written down first; what nobody knows the
// outcome of is looked for at the vendor before anything else is started.

import type { Ask, Job } from '../../../connector/job.ts'
import { checkJobId } from '../../../connector/page-shape.ts'
import { TidemarkError } from '../../../model/errors.ts'
import { isObject, type Json } from '../../../model/json.ts'
import { moneyText } from '../../../model/money.ts'
import { plural } from '../../../model/plural.ts'
import type { PassKind } from '../../../model/run.ts'
import type { IntentChange, IntentRow } from '../../../store/store.ts'
import { ROUNDING } from '../allowance.ts'
import type { SetAside, Settlement, Taken } from '../budget.ts'
import { PaidHttp } from '../paid-http.ts'
import { askedNow, type RunScope, type StreamRun } from '../stream-run.ts'

/** So long after a start whose outcome is unknown, a run that the vendor does not list was never started. In milliseconds. */
export const FOUND_WITHIN_MS = 15_000
/** The same where an earlier process has meant to start it: what it had sent has arrived by now, or never will. */
const FOUND_LATER_WITHIN_MS = 5_000
/** The first pause between two looks for it, in milliseconds; each is twice as long as the one before. */
const LOOK_FIRST_MS = 1_000
/** The vendor's clock and ours may differ by as much, in milliseconds, beyond what its answers tell. */
const CLOCKS_APART_MS = 300_000
/** What is to be started is started within this time, waiting for a limit included. In milliseconds. */
const STARTED_WITHIN_MS = 600_000
/** After so long, the vendor knows nothing any more of what was started. In milliseconds. */
const KEPT_MAX_MS = 30 * 86_400_000

/** What is to be run upstream. */
export interface Upstream<A extends Ask = Ask> {
  readonly pass: PassKind
  readonly job: Job<unknown, A>
  readonly ask: A
  /** The ask as it is kept. */
  readonly kept: Json
  /** Rows that it asks for. */
  readonly rows: number
  /** What a row has cost until now; null: not known. */
  readonly price: number | null
}

/** What was started, or found. */
export interface Started {
  readonly intent: IntentRow
  /** The vendor's id. */
  readonly job: string
  readonly aside: SetAside
  /** When it was started, or meant to be, in milliseconds since 1970 by our clock. */
  readonly startedAt: number
  /** It was told that it may cost no more than this; null: nothing bounds it. */
  readonly costLeft: number | null
}

/** What is kept with an intent; survives JSON. */
type Memory = {
  readonly ask: Json
  /** When it was written down, by our clock. */
  readonly began: number | null
  readonly costLeft: number | null
  readonly taken: readonly Taken[]
  /** Which options the connection had, see reads.ts. */
  readonly options: string | null
}

/** What an earlier run has asked for; undefined: with other options than the connection has now. */
export function askOf(run: StreamRun, intent: IntentRow): Json | undefined {
  const { ask, options } = memoryOf(intent)
  return options === optionsOf(run) ? ask : undefined
}

/**
 * Starts a run. Where that has come to nothing for sure, what kept it from starting is the error.
 *
 * @throws what keeps it from being started, and what keeps us from knowing whether it was
 */
export async function start<A extends Ask>(
  run: StreamRun,
  upstream: Upstream<A>,
): Promise<Started | { readonly error: unknown }> {
  const { world, purse, signal, cancellation, lease, runNo, runId, options, http: free } = run.scope
  const aside = await purse.hold(signal)
  const costLeft = Number.isFinite(aside.amount) ? aside.amount : null
  const needs = costOf(upstream)
  if (costLeft !== null && needs !== null && needs > costLeft + ROUNDING) {
    await purse.release(aside)
    throw tooDear(run, upstream.rows, needs, costLeft)
  }
  const at = askedNow(run)
  const began = world.clock.now()
  const memory: Memory = { ask: upstream.kept, began, costLeft, taken: aside.taken, options: optionsOf(run) }
  const planned = { id: world.chance.id(at), streamNo: run.row.no, pass: upstream.pass, ask: memory, at }
  const intent: IntentRow = { ...planned, job: null, bill: null }
  await world.store.intents.plan(lease, { ...planned, runNo })
  const http = new PaidHttp(free, run.scope, { rejectsForFree: true })
  const request = { http, options, ask: upstream.ask, intent: intent.id, ...(costLeft === null ? {} : { costLeft }) }
  const begin = async () => checkJobId((await upstream.job.start(request))?.id, 'start')
  try {
    const job = await cancellation.finishing(() => http.mayHaveCharged, begin)
    await world.store.intents.started(lease, intent.id, job)
    world.logger.event('info', 'upstream.started', { run: runId, stream: run.name, job, rows: upstream.rows })
    return { intent: { ...intent, job }, job, aside, costLeft, startedAt: world.clock.now() }
  } catch (error) {
    if (!http.mayHaveCharged) {
      await giveUp(run, { intent, aside }, 'refused')
      throw error
    }
    const known = { intent, aside, costLeft, startedAt: at }
    const found = await adopt(run, upstream, known, FOUND_WITHIN_MS).catch((failed: unknown) => {
      purse.lose(aside)
      throw failed
    })
    return found ?? { error }
  }
}

/** What an earlier run has started, or meant to. Undefined: it came to nothing. */
export async function resume<A extends Ask>(
  run: StreamRun,
  upstream: Pick<Upstream<A>, 'job' | 'ask'>,
  intent: IntentRow,
): Promise<Started | undefined> {
  const { costLeft, taken } = memoryOf(intent)
  // The order of this run has set aside nothing for it. Where its bill is known, budgets have counted it.
  const aside: SetAside = { amount: 0, taken: intent.bill ? taken.map(emptied) : taken, counted: 0 }
  const known = { intent, aside, costLeft, startedAt: intent.at }
  if (run.scope.world.clock.now() - intent.at > KEPT_MAX_MS) return giveUp(run, known, 'lost')
  return intent.job === null ? adopt(run, upstream, known, FOUND_LATER_WITHIN_MS) : { ...known, job: intent.job }
}

/** Looks for a run of which nobody knows whether it was started, for so long. Undefined: it was not. */
async function adopt<A extends Ask>(
  run: StreamRun,
  { job, ask }: Pick<Upstream<A>, 'job' | 'ask'>,
  known: Omit<Started, 'job'>,
  withinMs: number,
): Promise<Started | undefined> {
  const { world, signal, lease, runId, http, options } = run.scope
  const { intent } = known
  const until = world.clock.mono() + withinMs
  for (let pause = LOOK_FIRST_MS; ; pause *= 2) {
    const left = until - world.clock.mono()
    const found = await job.find({ http, options, ask, intent: intent.id, ...startOf(run, intent) })
    if (found !== undefined && found !== null) {
      const id = checkJobId(found, 'find')
      await world.store.intents.started(lease, intent.id, id)
      world.logger.event('warn', 'upstream.adopted', { run: runId, stream: run.name, job: id })
      return { ...known, intent: { ...intent, job: id }, job: id }
    }
    if (left <= 0) return giveUp(run, known, 'lost')
    await world.clock.sleep(Math.min(pause, left), signal)
    if (signal.aborted) throw cancelled(intent.id)
  }
}

/** Between which times it was started, by the vendor's clock: that may be known with the first of its answers only. */
function startOf({ scope }: StreamRun, intent: IntentRow): { readonly since: number; readonly until: number } {
  const { http, world } = scope
  const began = memoryOf(intent).began ?? intent.at
  const now = world.clock.now()
  if (now < began) return { since: 0, until: Number.MAX_SAFE_INTEGER }
  const since = began + http.now() - now - CLOCKS_APART_MS
  return { since, until: since + STARTED_WITHIN_MS + 2 * CLOCKS_APART_MS }
}

async function giveUp(
  run: StreamRun,
  { intent, aside }: Pick<Started, 'intent' | 'aside'>,
  state: 'refused' | 'lost',
): Promise<undefined> {
  note(run, { id: intent.id, state, bill: intent.bill }, run.scope.purse.released(aside))
  return undefined
}

/** The next checkpoint carries it, and behind that the shared budgets hear of it. */
export function note({ scope }: StreamRun, change: IntentChange, settlement?: Settlement): void {
  scope.intents.set(change.id, change)
  if (settlement) settleBehind(scope, change.id, settlement)
}

/** The shared budgets hear of it behind the next checkpoint that carries the intent. */
export function settleBehind(
  { settlements }: Pick<RunScope, 'settlements'>,
  intent: string,
  settlement: Settlement,
): void {
  settlements.set(intent, [...(settlements.get(intent) ?? []), settlement])
}

/** What was taken, when all of it is settled. */
export function emptied(taken: Taken): Taken {
  return { ...taken, amount: 0 }
}

/** What a run may cost; null: not known. */
export function costOf({ job, rows, price }: Pick<Upstream, 'rows' | 'price'> & { job: Pick<Job<never>, 'price'> }) {
  if (job.price) return (job.price.start ?? 0) + rows * job.price.item
  return price === null ? null : rows * price
}

export function cancelled(id: string): TidemarkError {
  return new TidemarkError('cancelled', `Waiting for upstream run ${id} was cancelled.`, { scope: 'run' })
}

function tooDear({ name: stream, scope }: StreamRun, rows: number, needs: number, left: number): TidemarkError {
  const amount = (cost: number) => moneyText(cost, scope.currency, 4)
  const message =
    `The next upstream run of stream "${stream}" asks for ${plural(rows, 'row')}, which may cost ${amount(needs)}; ${amount(left)} is left.` as const
  const hint = `What was read is kept; a sync that may spend ${amount(needs)} goes on from there.`
  return new TidemarkError('cost_spent', message, { scope: 'run', hint })
}

function optionsOf({ kept }: StreamRun): string | null {
  return kept.reads?.['options'] ?? null
}

function memoryOf({ ask }: IntentRow): Memory {
  const memory = isObject(ask) ? ask : {}
  return { ask: null, began: null, costLeft: null, taken: [], options: null, ...(memory as Partial<Memory>) }
}

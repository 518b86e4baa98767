// Owns one seed: a phase in which anything may go wrong and only safety is asked for, then a phase in which nothing does,
// and the mirror must become the source's and stay still.

import type { SyncOrder } from '../../src/connection.ts'
import { judgeBill } from './judge-runs.ts'
import { Life } from './life.ts'
import { Violation } from './oracle.ts'
import { checkStill, difference } from './settled.ts'
import { Simulation, type SimulationOptions } from './simulation.ts'
import type { Item } from './source.ts'
import { upload } from './upload.ts'

export interface SeedResult {
  readonly seed: number
  readonly style: string
  /** Two runs that made the same choices have the same one. */
  readonly digest: string
  readonly syncs: number
  readonly operations: number
  readonly requests: number
  /** Milliseconds that the simulated clock moved. */
  readonly simulatedMs: number
  /** Undefined: nothing is wrong. */
  readonly failure: Failure | undefined
  /** How often each fault and mutation happened. */
  readonly happened: ReadonlyMap<string, number>
  readonly sometimes: ReadonlyMap<string, number>
}

export interface Failure {
  readonly invariant: string
  readonly message: string
  readonly trace: readonly string[]
}

/** Syncs after the first full pass that may be needed: to end what broke off, to hear a second witness, to look again. */
const SETTLING = 3

export async function runSeed(seed: number, options: SimulationOptions = {}): Promise<SeedResult> {
  const simulation = await Simulation.open(seed, options)
  const { scheduler } = simulation
  let failure: Failure | undefined
  try {
    const life = simulation.style.lived ? new Life(simulation) : undefined
    await safety(simulation, life)
    await liveness(simulation, life)
  } catch (error) {
    const violation = error instanceof Violation
    const message = violation ? error.message : error instanceof Error ? String(error.stack) : String(error)
    failure = { invariant: violation ? error.invariant : 'stuck', message, trace: [...scheduler.tail] }
  } finally {
    await simulation.close()
  }
  const { network, chaos, mutator, sometimes } = simulation
  return {
    seed,
    style: simulation.style.name,
    digest: scheduler.digest,
    syncs: simulation.syncs,
    operations: scheduler.steps,
    requests: network.exchanges.length,
    simulatedMs: scheduler.now,
    failure,
    happened: new Map([...network.counts, ...chaos.counts, ...mutator.counts]),
    sometimes: sometimes.counts,
  }
}

/** The one line that replays a failure. */
export function replayLine({ seed, style }: Pick<SeedResult, 'seed' | 'style'>): string {
  return `npm run simulate -- --seed ${seed} --style ${style}`
}

async function safety(simulation: Simulation, life: Life | undefined): Promise<void> {
  const { random } = simulation
  await life?.begin()
  for (let rounds = life ? random.int(3, 6) : random.int(2, 5); rounds > 0; rounds--) {
    const ended = await simulation.sync({ ...orderOf(simulation), ...life?.order() })
    if (isPaused(ended)) await simulation.login()
    timePasses(simulation)
    await life?.goesOn()
    if (simulation.style.files !== 'none' && random.chance(0.7)) await upload(simulation, simulation.files.choose())
  }
  await simulation.finishOthers()
}

function orderOf({ random, source, style }: Simulation): SyncOrder {
  if (random.chance(0.1)) return { maxRequests: random.int(1, 6) }
  if (random.chance(0.1)) return { mode: 'full' }
  // A past hour again.
  if (style.window && random.chance(0.05)) return { since: source.now() - 3_600_000, until: source.now() }
  return {}
}

/** Time goes by, and the source with it. */
function timePasses(simulation: Simulation): void {
  const { random, network, mutator } = simulation
  simulation.advance(random.pick([500, 20_000, 45_000, 300_000, 7_200_000]))
  network.meanwhile()
  mutator.meanwhile()
  simulation.stepClock(100)
}

function isPaused(ended: Awaited<ReturnType<Simulation['sync']>>): boolean {
  if (ended.kind === 'threw') return ended.code === 'connection_paused'
  return ended.kind === 'report' && ended.report.status === 'paused'
}

/** Weaker: what slid past an earlier reader stands alone among records that it has read; a full pass finds it. */
function hiddenIn(listing: readonly Item[], live: ReadonlyMap<string, string>): ReadonlySet<string> {
  const isLive = (item: Item | undefined) => item !== undefined && live.has(item.key)
  const alone = listing.filter((item, at) => !isLive(item) && isLive(listing[at - 1]) && isLive(listing[at + 1]))
  return new Set(alone.map(({ key }) => key))
}

/** Syncs in which a page fails and nothing else goes wrong. */
const BLOCKED_SYNCS = 3

/**
 * I20: a page that can't be read keeps nothing from coming in that stands above or below it, and no run says that all is
 * well.
 */
async function besideBadPage(simulation: Simulation): Promise<void> {
  const { source, network, sometimes, oracle, style } = simulation
  const size = Math.min(simulation.scale.pageSize, source.sizeMax)
  const hidden = hiddenIn(source.listing(), simulation.judge().live)
  const bad = network.block()
  let failures = 0
  for (let n = 0; n < BLOCKED_SYNCS; n++) {
    source.insert()
    simulation.advance(300_000)
    const before = network.exchanges.length
    const ended = await simulation.sync({})
    const mirror = simulation.judge()
    const listed = source.listing()
    const top = listed.slice(0, size).find(({ key }) => !mirror.live.has(key))
    // An access token that ran out is renewed, and the page asked for again.
    const failed = network.exchanges
      .slice(before)
      .some(({ path, shown, status }) => path.includes('/items') && !shown && status !== 401)
    // Weaker: where everything is listed by every run, a pass that goes on and comes to its end has begun before.
    if (top && (failed || style.newest)) throw new Violation('I20', `${top.key} is on the first page, and missing`)
    if (!failed) continue
    failures++
    sometimes.reached('a page could not be read for long')
    if (ended.kind === 'report' && ended.report.status !== 'failed') {
      throw new Violation('I20', `a page could not be read, and the sync ${ended.report.status}`)
    }
    // What lies below is looked for when the page fails for the second time.
    if (failures < 2) continue
    const isMissing = ({ key }: Item) => !mirror.live.has(key) && !hidden.has(key) && !oracle.isSetAside(mirror, key, 0)
    const below = listed.slice(bad * size).find((item) => isMissing(item) && oracle.reachable(item))
    if (below) throw new Violation('I20', `${below.key} stands below page ${bad}, which can't be read, and is missing`)
  }
  network.unblock()
}

async function liveness(simulation: Simulation, life: Life | undefined): Promise<void> {
  const { source, network, chaos, oracle, scale } = simulation
  chaos.calm = true
  network.settle()
  for (const item of source.listing()) if (item.poison) source.poison(item, false)
  await simulation.finishOthers()
  await life?.settle()
  // What was claimed or first seen in a future that somebody took back has to be past again.
  simulation.advance(simulation.clockSetBack)
  await simulation.login()
  if (simulation.style.blocks) await besideBadPage(simulation)
  if (simulation.style.files !== 'none') {
    // A file without the newest record of an older one can't be told to be newer.
    source.insert()
    await upload(simulation, { file: simulation.files.make(), shape: 'whole' })
  }
  let rest: string | undefined = 'nothing was read'
  const most = scale.everyRuns + SETTLING
  for (let n = 0; n < most && rest !== undefined; n++) {
    // Longer than a lease, and than anything stays invisible.
    simulation.advance(300_000)
    const ended = await simulation.sync({})
    if (ended.kind !== 'report' || !['succeeded', 'incomplete'].includes(ended.report.status)) {
      const why = ended.kind === 'report' ? JSON.stringify(ended.report.error) : JSON.stringify(ended)
      throw new Violation('I5', `nothing goes wrong any more, and a sync has not ended well: ${why}`)
    }
    rest = difference(source, simulation.judge(), oracle)
  }
  if (rest !== undefined) throw new Violation('I5', `after ${most} quiet syncs: ${rest}`)
  // Weaker: a walk that a doubt has left open, though nothing is missing, is finished before the world is asked to be still.
  let before = simulation.judge()
  for (let n = 0; n < SETTLING && before.coverage === 'gap'; n++) {
    simulation.advance(300_000)
    await simulation.sync({})
    before = simulation.judge()
  }
  simulation.advance(300_000)
  await simulation.sync({})
  checkStill(source, before, simulation.judge(), simulation.lastAsked(), (item) => oracle.wasRead(item))
  const { api, mirrors, style } = simulation
  if (style.paging === 'runs') judgeBill(api.runs.all, mirrors.intents(), mirrors.billed())
  if (before.held.size > 0) simulation.sometimes.reached('a still world was held')
  await life?.end()
}

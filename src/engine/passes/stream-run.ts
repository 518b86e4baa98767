// Owns what the passes of one stream share during one run: the declaration, the lease, what is kept between runs, and
// the counters. Everything that acts takes a StreamRun; nothing else is passed around.

import { isDeepStrictEqual } from 'node:util'
import type { Stream } from '../../connector/connector.ts'
import { findsRecords } from '../../connector/passes.ts'
import type { PacedHttp } from '../../http/pace.ts'
import type { Json } from '../../model/json.ts'
import { plural } from '../../model/plural.ts'
import type { Chance, Clock, Logger } from '../../model/ports.ts'
import type { Key } from '../../model/record.ts'
import { addCounts, type Counts, type Ended, NO_COUNTS, type PassKind } from '../../model/run.ts'
import { MESSAGE_MAX, type Scrub, shown } from '../../model/shown.ts'
import type {
  Batch,
  FinishRun,
  IntentChange,
  Lease,
  Quarantined,
  RequestRow,
  Store,
  StreamRow,
  StreamState,
  WalkRow,
} from '../../store/store.ts'
import { emptyBatch, type Place } from './batch.ts'
import type { Purse, Settlement } from './budget.ts'
import type { Cancellation } from './cancellation.ts'
import type { Decisions } from './decisions.ts'
import { KeySet } from './key-set.ts'
import type { SharedPages } from './listing/joint-pages.ts'
import type { Patience } from './patience.ts'
import { type Placeholders, revealed } from './placeholders.ts'
import { readsOf } from './reads.ts'
import type { RowParser } from './rows/shape.ts'
import { ToldMetrics } from './rows/told-metrics.ts'
import { type Kept, readState, STATE_VERSION, type Standing, unprovedIn } from './state.ts'

/** What the engine needs of the world. Each is a port that a simulation can hold. */
export interface World {
  readonly store: Store
  readonly clock: Clock
  readonly chance: Chance
  readonly logger: Logger
  readonly decisions: Decisions
}

/** One pass of a stream in this run, as its report grows. */
export interface PassEntry {
  readonly ordinal: number
  readonly kind: PassKind
  /** As it was decided. It holds once it is written. */
  ended: Ended | null
  /** As it stands in the store. */
  written: Ended | null
  pages: number
  requests: number
  /** What has been counted since the last checkpoint. */
  pending: Counts
}

export interface RunScope {
  readonly world: World
  readonly http: PacedHttp
  readonly purse: Purse
  readonly options: unknown
  /** Of what it costs, as ISO 4217 names it; null: the connector does not say. */
  readonly currency: string | null
  readonly project: string
  /** Its id, for the commands that messages name. */
  readonly connection: string
  readonly runNo: number
  readonly runId: string
  /** When the run began, on the clock that never steps. */
  readonly startedMono: number
  readonly signal: AbortSignal
  readonly cancellation: Cancellation
  readonly patience: Patience
  readonly lease: Lease
  readonly leaseMs: number
  /** Prolongs the lease, before something that costs money. Rejects where it is somebody else's by now. */
  readonly mustHold: () => Promise<void>
  /** A text without the connection's secrets. */
  readonly scrub: Scrub
  /** Keeps them out of what is stored of positions, too. */
  readonly placeholders: Placeholders
  /** The day of an instant in the project's time zone. */
  readonly dayOf: (at: number) => string
  /** Requests that no checkpoint has carried yet. */
  readonly ledger: RequestRow[]
  /** How intents go on, by their id, as no checkpoint has carried yet. */
  readonly intents: Map<string, IntentChange>
  /**
   * What the shared budgets are to be told of an intent once the store knows its change. A process that is killed between the
   * two leaves too much counted; the other way round, whoever takes its run over would give back the same money again.
   */
  readonly settlements: Map<string, readonly Settlement[]>
  /** How many requests checkpoints have carried. */
  carried: number
  /** When anything was asked for last, whichever stream asked, see `askedNow`. */
  asked: number
  /** Pages stored in this run, all streams together. */
  readonly nextPage: () => number
  readonly onPage: (scope: StreamRun) => void
  /** Pages of listings that several streams read. */
  readonly shared: SharedPages
  /** Another stream that this run has read, or tried to. */
  readonly streamOf: (name: string) => StreamRun | undefined
}

export interface StreamRun {
  readonly scope: RunScope
  readonly name: string
  readonly stream: Stream
  /** It grows with the columns that pages of an open stream tell of. */
  parser: RowParser
  readonly row: StreamRow
  /** When this run has begun with it. */
  readonly openedAt: number
  kept: Kept
  /** Something has changed that decides what is read: everything is read again. */
  readonly isAnew: boolean
  /** See `askedNow`. */
  asked: number
  /** The same when the run began with the stream. */
  readonly askedBefore: number
  openWalks: WalkRow[]
  /** Those that the next checkpoint has to move, see `Standing`. */
  moved: readonly WalkRow[]
  /** Records wait for a second witness, and no pass of the stream is one any more: the next checkpoint says so. */
  waitsInVain: boolean
  nextWalk: number
  /** Whether anything was ever checkpointed for this stream. */
  stateExists: boolean
  /** What of `kept` stands in the store; undefined: nothing, or another state. */
  keptStored: Kept | undefined
  /** Live records, kept up with every checkpoint. */
  live: number
  readonly passes: PassEntry[]
  counts: Counts
  /** What its rows tell of the metrics. */
  readonly told: ToldMetrics
  /** The records that `counts` has: each counts once in a run, however often it was read. */
  readonly counted: { readonly quarantined: KeySet; readonly snapshots: KeySet }
  /** The rows of the last page that had some, for summaries. */
  shown: readonly unknown[]
  /** The listing that is being read, where other streams read the same one. */
  listing?: string | undefined
  /** How many records the source says there are. */
  expected: number | null
  /** What keeps the stream from being complete, and no open walk, count or error says: each makes it a gap. */
  readonly notes: string[]
  /** What there is to know of a stream that is complete all the same. */
  readonly remarks: string[]
  /** What is for the report of this run only, because the coverage says it otherwise. */
  readonly asides: string[]
  /** Why the source refuses the stream, where only a person can change that. */
  refusal: string | undefined
  /** Keys that this run has shown, where the stream has a refresh, which asks for the others. */
  readonly shownKeys: Set<Key> | undefined
  /** What a refresh has not come to; undefined: nothing. */
  stale: Stale | undefined
  /** Fields that the source's rows have shown, see drift.ts. */
  readonly fields: Set<string>
  /** A full pass came to its end and was reconciled. */
  fullDone: boolean
}

/** Known records that were to be read again and were not. */
export interface Stale {
  readonly records: number
  /** When the one was read that was read longest ago. */
  readonly oldest: number
}

export function openStreamRun(
  scope: RunScope,
  init: { name: string; stream: Stream; parser: RowParser; row: StreamRow; state: StreamState; options: Json },
): StreamRun {
  const { placeholders } = scope
  const state = revealed(init.state, placeholders)
  const { kept, openWalks, moved, isAnew } = standingOf(init.name, init.stream, init.options, state)
  const { unproved } = unprovedIn(state.value)
  const isGivenUp = init.stream.passes.every(({ kind }) => kind !== 'fullPass')
  const isUploaded = init.stream.passes.some(({ kind }) => kind === 'upload')
  return {
    scope,
    name: init.name,
    stream: init.stream,
    parser: init.parser,
    row: init.row,
    openedAt: scope.world.clock.now(),
    kept,
    isAnew,
    asked: kept.asked ?? 0,
    askedBefore: kept.asked ?? 0,
    openWalks: [...openWalks],
    moved,
    waitsInVain: isGivenUp && init.row.counts.unconfirmed > 0,
    nextWalk: init.state.nextWalk,
    stateExists: init.state.value !== undefined,
    keptStored: isDeepStrictEqual(init.state.value, placeholders.conceal(stateOf(kept))) ? kept : undefined,
    live: init.row.totalRecords,
    passes: [],
    counts: NO_COUNTS,
    told: new ToldMetrics(),
    counted: { quarantined: new KeySet(), snapshots: new KeySet() },
    shown: [],
    expected: null,
    notes: [],
    remarks: isGivenUp && !isUploaded && unproved !== undefined ? [`${init.name}: ${givenUpNote(unproved)}`] : [],
    asides: [],
    refusal: undefined,
    shownKeys: init.stream.passes.some(({ kind }) => kind === 'refresh') ? new Set() : undefined,
    stale: undefined,
    fields: new Set(init.state.fields),
    fullDone: false,
  }
}

/** What is said once of records that a full pass did not list, when the stream has no full pass any more. */
function givenUpNote(unproved: number): string {
  return `${plural(unproved, 'record was', 'records were')} not listed any more; without a full pass nothing tells whether ${unproved === 1 ? 'it is' : 'they are'} gone`
}

function stateOf(kept: Kept): Json {
  return { v: STATE_VERSION, ...kept }
}

/** What is kept of a stream of a connection that has these options, its secrets aside. */
export function standingOf(name: string, { state, passes: all }: Stream, options: Json, stored: StreamState): Standing {
  const passes = all.filter(findsRecords)
  const kinds = passes.map(({ kind }) => kind)
  return readState({ name, state, kinds, reads: readsOf(passes, options) }, stored)
}

/**
 * When a page is asked for, as the order of what it will show: our clock, but never before what was asked for earlier.
 * Whoever has the lease reads what is newer, also after somebody has set the clock back.
 */
export function askedNow(run: StreamRun): number {
  const { scope } = run
  // What one stream has asked for may be shown to others: all streams of a run date by one line.
  scope.asked = Math.max(scope.asked, run.asked, scope.world.clock.now())
  run.asked = scope.asked
  return run.asked
}

export function beginPass(run: StreamRun, kind: PassKind): PassEntry {
  const entry: PassEntry = {
    ordinal: run.passes.length,
    kind,
    ended: null,
    written: null,
    pages: 0,
    requests: 0,
    pending: NO_COUNTS,
  }
  run.passes.push(entry)
  return entry
}

/** What a checkpoint says; the rest is filled in from the run. */
export type Writing = Partial<
  Omit<Batch, keyof Place | 'state' | 'requests' | 'cost' | 'pass' | 'counts' | 'expected' | 'forgetSeen'>
> & {
  /** The walk of which the store forgets what it has seen so far. */
  readonly forgetSeen?: number | undefined
  readonly counts?: Partial<Counts>
  readonly kept?: Kept
  readonly pages?: number
}

/**
 * Writes one batch under the run's lease and, if it was written, brings the run's own view up to date. `stale` leaves
 * everything as it was, the ledger included.
 */
export async function write(run: StreamRun, entry: PassEntry, writing: Writing): Promise<'written' | 'stale'> {
  const { scope } = run
  const { world } = scope
  const requests = [...scope.ledger]
  const cost = scope.purse.unwritten
  const intents = [...scope.intents.values(), ...(writing.intents ?? [])]
  const quarantined = uncounted(run.counted.quarantined, (writing.quarantine ?? []).map(recordOf))
  const snapshots = uncounted(
    run.counted.snapshots,
    (writing.snapshots ?? []).map(({ key }) => key),
  )
  const found = { quarantined: quarantined.size, snapshots: snapshots.size }
  const counts = addCounts(addCounts(entry.pending, writing.counts ?? {}), found)
  const leaseUntil = (await world.store.now()) + scope.leaseMs
  // As late as can be: what a process wrote after it had stood still would be dated, and pruned, by when it fell asleep.
  const at = world.clock.now()
  const { inserts = [], updates = [], removals = [] } = writing
  const unchanged = inserts.length + updates.length + removals.length === 0
  const before = writing.kept ?? run.kept
  const kept = unchanged ? before : { ...before, asked: Math.max(run.asked, at) }
  const { lease, project, runNo, placeholders, scrub } = scope
  const { counts: _counted, kept: _kept, pages = 0, walks: own = [], forgetSeen, ...said } = writing
  const moved = run.moved.filter(({ walk }) => own.every((other) => other.walk !== walk))
  const walks = [...moved, ...own].map((walk) => ({
    ...walk,
    // Nobody goes on at the place of a walk that is closed.
    position: walk.closedAt === null ? placeholders.conceal(walk.position) : null,
    note: shown(walk.note, scrub, MESSAGE_MAX),
  }))
  const batch: Batch = {
    ...emptyBatch({ lease, leaseUntil, project, runNo, streamNo: run.row.no, at, day: scope.dayOf(at) }),
    ...(run.waitsInVain ? { unconfirmed: { keys: [], replace: true } } : {}),
    ...said,
    walks,
    forgetSeen: [...run.moved.map(({ walk }) => walk), ...(forgetSeen === undefined ? [] : [forgetSeen])],
    ...(kept === run.keptStored ? {} : { state: placeholders.conceal(stateOf(kept)) }),
    requests,
    ...(cost === undefined ? {} : { cost }),
    intents,
    pass: { ordinal: entry.ordinal, kind: entry.kind, ended: entry.ended, pages, requests: requests.length },
    counts,
    expected: run.expected,
  }
  const result = await world.store.checkpoint(batch).catch(async (error: unknown) => {
    await forgetCarried(scope)
    throw error
  })
  if (result === 'stale') return result
  scope.ledger.splice(0, requests.length)
  if (cost !== undefined) scope.purse.written(cost)
  scope.carried += requests.length
  forgetIntents(scope, intents)
  entry.written = entry.ended
  entry.pages += pages
  entry.requests += requests.length
  entry.pending = NO_COUNTS
  run.kept = kept
  run.asked = Math.max(run.asked, kept.asked ?? 0)
  run.keptStored = kept
  run.moved = []
  run.waitsInVain = false
  run.stateExists = true
  for (const field of writing.fields ?? []) run.fields.add(field)
  run.counts = addCounts(run.counts, counts)
  for (const record of quarantined) run.counted.quarantined.add(record)
  for (const record of snapshots) run.counted.snapshots.add(record)
  run.live += counts.inserted + counts.restored - counts.removed
  for (const walk of own) {
    run.openWalks = run.openWalks.filter((open) => open.walk !== walk.walk)
    if (walk.closedAt === null) run.openWalks.push(walk)
    run.nextWalk = Math.max(run.nextWalk, walk.walk + 1)
  }
  await settle(scope, intents)
  return result
}

function forgetIntents(scope: RunScope, written: readonly IntentChange[]): void {
  for (const one of written) if (scope.intents.get(one.id) === one) scope.intents.delete(one.id)
}

/** The shared budgets hear of upstream runs whose intents are written. */
async function settle({ settlements }: RunScope, written: readonly IntentChange[]): Promise<void> {
  for (const { id } of written) {
    const due = settlements.get(id) ?? []
    settlements.delete(id)
    for (const one of due) await one()
  }
}

/**
 * What no checkpoint has carried is written with the end of the run: its requests, what they have cost, and the bills of
 * upstream runs. One without the others would count a bill twice, or never.
 */
export async function writeRest<Result>(
  scope: RunScope,
  finish: (rest: Pick<FinishRun, 'requests' | 'cost' | 'intents'>) => Promise<Result>,
): Promise<Result> {
  const intents = [...scope.intents.values()]
  const result = await finish({ requests: [...scope.ledger], cost: scope.purse.unwritten, intents })
  forgetIntents(scope, intents)
  await settle(scope, intents)
  return result
}

/** What a row that could not be read is a record of; a row without a key is one of its own. */
export function recordOf({ key, raw }: Pick<Quarantined, 'key' | 'raw'>): string {
  return key === null ? `\u0000${raw}` : key
}

function uncounted(counted: KeySet, records: readonly string[]): ReadonlySet<string> {
  return new Set(records.filter((record) => !counted.has(record)))
}

/**
 * The answer to a checkpoint may be lost after it was written. Only the store can tell; what stands in its ledger already
 * must not be written again. A store that can't be asked can't be written to either.
 */
async function forgetCarried(scope: RunScope): Promise<void> {
  const stored = await scope.world.store.runs.find(scope.project, scope.runId).catch(() => undefined)
  scope.purse.stored(stored?.cost ?? 0)
  const unheard = (stored?.requests ?? 0) - scope.carried
  if (unheard <= 0) return
  scope.ledger.splice(0, unheard)
  scope.carried += unheard
}

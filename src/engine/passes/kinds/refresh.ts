// Owns the kind of pass that reads known records again, by key: those that nothing else has shown in the run.

import { capOf, type Refresh, type RefreshByJob } from '../../../connector/passes.ts'
import { asError } from '../../../model/errors.ts'
import { isObject } from '../../../model/json.ts'
import type { Key } from '../../../model/record.ts'
import type { RunMode } from '../../../model/run.ts'
import type { Readings, StreamState } from '../../../store/store.ts'
import type { PassOf, PlannedPass } from '../../due/plan.ts'
import { paceFrom } from '../jobs/pace.ts'
import { timeOf } from '../listing/settled.ts'
import { notAskedFor } from '../read-part.ts'
import { removeAbsent } from '../refresh/absent.ts'
import { type Known, knownFrom, refreshOrder, type Turn, type Wanted } from '../refresh/order.ts'
import { Round } from '../refresh/round.ts'
import { leaveStale } from '../refresh/stale.ts'
import { RECORDS_PER_CHECKPOINT_MAX } from '../rows/page-parts.ts'
import { placeIn } from '../rows/place.ts'
import { beginPass, type PassEntry, type StreamRun, write } from '../stream-run.ts'
import type { Kind } from './kind.ts'
import { REQUESTS_OF_RUN } from './newest-by-job.ts'

type AnyRefresh = Refresh<unknown> | RefreshByJob<unknown>

/** Keys that are kept because they were asked for in vain, at most. */
export const DOUBTFUL_MAX = 1_000

export const REFRESH: Kind<PassOf<'refresh'>> = {
  standsFor: () => false,

  describe({ batch, absent = 'unavailable', needs, paid }) {
    const which = needs ? 'what is lacking of records, once for each' : 'known records again'
    return `${which}, by key, ${batch} at a time${paid ? ', by paid runs' : ''}; what is not returned is ${absent}`
  },

  /** What a first run has read, it has shown. */
  plan({ needs }, { mode, state }) {
    if (needs) return { why: 'records of which something is lacking', requests: 0 }
    return state.value === undefined && mode !== 'refresh'
      ? undefined
      : { why: 'known records that nothing else has shown', requests: 0 }
  },

  foresee(pass, plan, { row, state }, planned) {
    if (pass.needs) return [{ pass, ...plan, requests: row.totalRecords === 0 ? 0 : null }]
    const shown = planned.reduce<number | null>((sum, one) => added(sum, shownBy(one, row.totalRecords)), 0)
    if (shown === null) return [{ pass, ...plan, requests: null }]
    const rows = Math.max(0, row.totalRecords - shown)
    const batches = Math.ceil(rows / pass.batch)
    if (!('job' in pass)) return [{ pass, ...plan, requests: batches }]
    const { price } = pass.job
    const item = price?.item ?? learnedPrice(state)
    const cost = item === null ? null : batches * (price?.start ?? 0) + rows * item
    return [{ pass, ...plan, requests: batches * REQUESTS_OF_RUN, cost }]
  },

  async run(run, pass, { mode }) {
    const { logger } = run.scope.world
    const entry = beginPass(run, pass.kind)
    const wanted = await inOrder(run, pass, mode)
    logger.event('info', 'refresh.started', { run: run.scope.runId, stream: run.name, records: wanted.length })
    const round = new Round(run, entry, pass, wanted)
    try {
      await round.goOn()
      await readAll(run, entry, pass, round)
    } catch (error) {
      leave(run, round, round.turn ?? run.kept.turn)
      throw error
    }
    leave(run, round)
    entry.ended = 'exhausted'
    await write(run, entry, {})
  },
}

/** What a row of upstream runs has cost until now; null: not known. */
function learnedPrice({ value }: StreamState): number | null {
  return (isObject(value) ? paceFrom(value['pace'])?.price : undefined) ?? null
}

/** How many of so many live records a pass shows if the source has nothing new; null: only reading can tell. */
function shownBy({ pass, requests, rows }: PlannedPass, live: number): number | null {
  if (pass.kind === 'fullPass') return Math.min(live, capOf(pass.listing))
  if (pass.kind !== 'newestFirst') return 0
  if ('job' in pass) return rows === undefined ? null : Math.min(live, rows)
  return requests === null ? null : Math.min(live, pass.pageSize)
}

function added(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a + b
}

async function readAll(run: StreamRun, entry: PassEntry, pass: AnyRefresh, round: Round): Promise<void> {
  const failed = await round.ask(round.left.map(({ key }) => key))
  if (failed.size > 0) run.asides.push(notAskedFor(run, failed))
  const isRemoved = pass.absent === 'removed'
  if (isRemoved) {
    const first = round.absent.flatMap(({ key, before }) => (before ? [] : [key]))
    const gone = round.absent.flatMap(({ key, before }) => (before ? [key] : []))
    const again = new Round(run, entry, pass, [])
    await again.ask(first)
    await removeAbsent(run, entry, [...gone, ...again.absent.map(({ key }) => key)], round.returned + again.returned)
  }
  const [error] = failed.values()
  // A source that answers none of it is broken; one that answers some is asked for the rest next time.
  if (error !== undefined && round.returned + round.absent.length === 0) throw asError(error)
}

/** What was not told about is stale; what was asked for in vain comes last next time. `turn`: how far the turn has come. */
function leave(run: StreamRun, round: Round, turn?: Turn): void {
  const { turn: _turn, doubtful: _doubtful, ...kept } = run.kept
  const { left } = round
  const doubtful = left.flatMap(({ key }) => (round.doubtful.has(key) ? [key] : [])).slice(0, DOUBTFUL_MAX)
  run.kept = {
    ...kept,
    ...(left.length > 0 && turn ? { turn } : {}),
    ...(doubtful.length > 0 ? { doubtful } : {}),
  }
  leaveStale(
    run,
    left.map(({ readAt }) => readAt),
  )
}

/** A limit ended the run before it came to the refresh: all that it has not shown is stale. */
export async function leaveUnshown(run: StreamRun, pass: AnyRefresh): Promise<void> {
  leaveStale(
    run,
    (await inOrder(run, pass, 'auto')).map(({ readAt }) => readAt),
  )
}

/** The records that the pass reads, in the order in which it does. */
async function inOrder(run: StreamRun, pass: AnyRefresh, mode: RunMode): Promise<readonly Wanted[]> {
  const now = run.scope.world.clock.now()
  const { turn = { after: null, since: 0 }, doubtful = [] } = run.kept
  const doubted = new Set<Key>(doubtful)
  const known: Known[] = []
  for await (const part of pass.needs ? needing(run, pass.needs, mode) : unshown(run)) {
    const born = await bornAt(
      run,
      part.filter(({ snapshots }) => snapshots.length === 1),
    )
    for (const one of part) {
      known.push(knownFrom(one, { now, bornAt: born.get(one.key), isDoubtful: doubted.has(one.key) }))
    }
  }
  return refreshOrder(known, turn)
}

/** Live records that the run has not shown. */
async function* unshown(run: StreamRun): AsyncGenerator<readonly Readings[]> {
  for await (const part of liveRecords(run)) yield part.filter(({ key }) => run.shownKeys?.has(key) !== true)
}

/** Live records that lack something; those that were not returned before only if a person has ordered it. */
async function* needing(
  run: StreamRun,
  needs: (record: unknown) => boolean,
  mode: RunMode,
): AsyncGenerator<readonly Readings[]> {
  for await (const part of liveRecords(run)) {
    const open = part.filter(({ unavailableSince }) => unavailableSince === null || mode === 'refresh')
    const keys = open.map(({ key }) => key)
    const contents = await run.scope.world.store.records.contents(run.row.no, keys)
    yield open.filter(({ key }) => needs(contents.get(key)?.columns ?? {}))
  }
}

async function* liveRecords({ scope, row }: StreamRun): AsyncGenerator<readonly Readings[]> {
  const { store } = scope.world
  const limit = RECORDS_PER_CHECKPOINT_MAX
  let after: Key | null = null
  for (;;) {
    const part: readonly Readings[] = await store.records.readings({ streamNo: row.no, after, limit })
    yield part
    after = part.at(-1)?.key ?? null
    if (part.length < limit) return
  }
}

/** When records came to be, where the order of the listing tells: what was read once has grown since then. */
async function bornAt(run: StreamRun, records: readonly Readings[]): Promise<ReadonlyMap<Key, number>> {
  const listing = run.stream.passes.find((pass) => pass.kind === 'newestFirst' && pass.order !== undefined)
  if (listing?.kind !== 'newestFirst' || records.length === 0) return new Map()
  const keys = records.map(({ key }) => key)
  const contents = await run.scope.world.store.records.contents(run.row.no, keys)
  return new Map(
    [...contents].flatMap(([key, { columns }]) => {
      const time = timeOf(listing, placeIn(listing, columns))
      return time === undefined ? [] : [[key, time] as const]
    }),
  )
}

// Owns the walk from the newest record down to known ground through upstream runs that cost money and can't be paged, as it
// acts: start one, store its rows, and start a larger one where they do not reach. It decides nothing: see leg.ts.

import { LAG_MAX_MS } from '../../../connector/declared-fields.ts'
import type { AskNewest } from '../../../connector/job.ts'
import type { NewestByJob } from '../../../connector/passes.ts'
import { isObject, type Json } from '../../../model/json.ts'
import type { Key } from '../../../model/record.ts'
import type { Ended } from '../../../model/run.ts'
import type { IntentRow, WalkRow } from '../../../store/store.ts'
import { sightingsOf } from '../listing/page-seen.ts'
import { CLOCK_KNOWN_TO_MS, timeOf } from '../listing/settled.ts'
import { openedRow } from '../listing/walk-row.ts'
import { ProgressGuard } from '../progress-guard.ts'
import { emptyNote } from '../removals/guard.ts'
import { broughtBy, type PageDecision, type Sight, storePage } from '../rows/page.ts'
import { openWalkNumbers, writeSurely } from '../rows/page-parts.ts'
import { examinerOf, placeOf } from '../rows/place.ts'
import type { Kept } from '../state.ts'
import type { PassEntry, StreamRun } from '../stream-run.ts'
import { askOf, type Upstream } from './intent.ts'
import {
  beginning,
  countOf,
  type JobPosition,
  jobPositionFrom,
  type Leg,
  legAfter,
  legOf,
  type Verdict,
} from './leg.ts'
import { firstPace, learn, type Pace } from './pace.ts'
import { UpstreamRun } from './upstream-run.ts'

type NewestPass = NewestByJob<unknown, unknown>
type NewestRun = UpstreamRun<AskNewest>

/** So long after it was started, what an upstream run shows is too old to be taken for what there is, in milliseconds. */
export const OLD_FROM_MS = LAG_MAX_MS

/**
 * Walks to known ground or to the end. What is thrown leaves the walk open: a gap, which the next run closes. A walk that
 * closes with what an earlier run has started, and that is old, leaves another one open, for what has come since.
 */
export async function walkNewest(run: StreamRun, entry: PassEntry, pass: NewestPass, toEnd: boolean): Promise<Ended> {
  return new NewestWalk(run, entry, pass, toEnd).walk()
}

/** Where the walk stands after a page. */
interface Decided {
  readonly leg: Leg
  readonly position: JobPosition
  readonly row: WalkRow
  /** Behind the last page of a run that is whole. */
  readonly verdict?: Verdict
}

class NewestWalk {
  readonly #run: StreamRun
  readonly #entry: PassEntry
  readonly #pass: NewestPass
  /** Live records before the walk. */
  readonly #live: number
  readonly #examine: (record: unknown) => void
  #row: WalkRow
  #position: JobPosition
  /** What this run has read in the walk: rows that come again count once. */
  readonly #read = new Map<Key, string>()
  #dates: number[] = []
  /** What is read was started by an earlier run, too long ago. */
  #isOld = false

  constructor(run: StreamRun, entry: PassEntry, pass: NewestPass, toEnd: boolean) {
    const { clock } = run.scope.world
    const open = run.openWalks.find(({ pass: kind }) => kind === pass.kind)
    const kept = open ? jobPositionFrom(open.position) : beginning(toEnd)
    this.#run = run
    this.#entry = entry
    this.#pass = pass
    this.#live = run.live
    this.#examine = examinerOf(pass)
    this.#row = openedRow(open, { walk: run.nextWalk, pass: pass.kind, at: clock.now(), fromTop: false })
    // A new order to list everything asks anew.
    this.#position = toEnd && !kept.toEnd ? { ...beginning(true), leg: kept.leg } : kept
  }

  async walk(): Promise<Ended> {
    const { store } = this.#run.scope.world
    for (const intent of await store.intents.open(this.#run.row.no)) {
      if (intent.pass !== this.#pass.kind) continue
      const ended = await this.#goOn(intent)
      if (ended) return ended
    }
    this.#isOld = false
    for (;;) {
      const size = this.#decisions.sizeOf(this.#position, this.#sizing)
      const upstream = await UpstreamRun.begin(this.#run, this.#upstream(size))
      const ended = await this.#readRun(upstream, size)
      if (ended) return ended
    }
  }

  get #decisions() {
    return this.#run.scope.world.decisions
  }

  get #sizing() {
    const { clock } = this.#run.scope.world
    return { pass: this.#pass, pace: this.#run.kept.pace, live: this.#live, now: clock.now() }
  }

  #upstream(size: number): Upstream<AskNewest> {
    const { kind: pass, job } = this.#pass
    const ask = { newest: size }
    return { pass, job, ask, kept: ask, rows: size, price: this.#run.kept.pace?.price ?? null }
  }

  /** What an earlier run has started is read before anything else is paid for. */
  async #goOn(intent: IntentRow): Promise<Ended | undefined> {
    const age = this.#run.scope.world.clock.now() - intent.at
    // One from the time before somebody has set the clock back may be of any age.
    this.#isOld = age < 0 || age > OLD_FROM_MS
    const ask = askOf(this.#run, intent)
    const size = isObject(ask) && typeof ask['newest'] === 'number' ? ask['newest'] : 0
    const upstream = await UpstreamRun.resume(this.#run, this.#upstream(size), intent)
    if (size > 0) return upstream && this.#readRun(upstream, size)
    // Another profile's, say.
    upstream?.drop()
    return undefined
  }

  /** Stores the rows of an upstream run. Undefined: they are not enough. */
  async #readRun(upstream: NewestRun, size: number): Promise<Ended | undefined> {
    const { leg: before } = this.#position
    let leg = before?.intent === upstream.intent ? before : legOf(upstream.intent)
    const guard = new ProgressGuard(this.#run.name)
    if (leg.rows === 0) this.#dates = []
    for (;;) {
      const token = leg.page ?? undefined
      const page = await upstream.page(token)
      if (page.total !== undefined) this.#run.expected = page.total
      const isLast = page.next === undefined
      const closing = isLast ? await upstream.close(leg.rows + page.records.length) : undefined
      const { isWhole, askedAt } = upstream
      const walk = isWhole ? this.#row.walk : null
      const work = { ...broughtBy(page, askedAt), walk, keepSeen: false, examine: this.#examine, repeats: this.#read }
      let dates: readonly number[] = []
      const stored = await storePage<Decided>(this.#run, this.#entry, work, (sight) => {
        const after = legAfter(leg, page, this.#sightings(sight, leg.rows), {
          pass: this.#pass,
          decisions: this.#decisions,
        })
        dates = this.#datesOf(sight, leg.rows)
        const { save, decided } =
          isWhole && isLast
            ? this.#decide(after, size, upstream, [...this.#dates, ...dates])
            : this.#goesOn(after, isWhole && !isLast)
        return { save: closing ? { ...save, intents: [closing] } : save, decided }
      })
      const { leg: after, position, row, verdict } = stored.decided
      leg = after
      this.#dates.push(...dates)
      this.#position = position
      this.#row = row
      if (isWhole) for (const { incoming } of stored.parsed) this.#read.set(incoming.key, incoming.hash)
      guard.see(token, page.next, stored)
      if (!isLast) continue
      const failure = upstream.failure(leg.rows)
      if (failure) throw failure
      return this.#end(verdict)
    }
  }

  #sightings(sight: Sight, place: number) {
    const { stream, kept, scope } = this.#run
    const { walk } = this.#row
    // One that lies ahead was dated while the clock was wrong.
    const lastRead = kept.read && kept.read.at <= scope.http.now() ? kept.read : undefined
    const open = openWalkNumbers(this.#run, walk)
    const viewer = { pass: this.#pass, stream, walk, open, decisions: scope.world.decisions, lastRead, place }
    return sightingsOf(viewer, sight)
  }

  /** A page that is not the last one. Of a run that is not whole, nothing is kept: its rows prove nothing. */
  #goesOn(leg: Leg, isKept: boolean): PageDecision<Decided> {
    const position = isKept ? { ...this.#position, leg } : { ...this.#position, leg: null }
    const row = this.#rowAt(position, leg)
    return { save: { walks: [row] }, decided: { leg, position, row } }
  }

  /** What all rows of a run mean, written with the last of them. */
  #decide(leg: Leg, size: number, { price, askedAt }: NewestRun, dates: readonly number[]): PageDecision<Decided> {
    const { clock } = this.#run.scope.world
    const isEmpty = leg.rows === 0 && this.#live > 0
    const { listedNothing: wasEmpty = false, ...others } = this.#run.kept
    const facts = { leg, size, live: this.#live, wasEmpty }
    const verdict = this.#decisions.judge(this.#pass, this.#position, facts)
    const asked = this.#position.asked + size
    const further = { ...this.#position, failed: Math.max(this.#position.failed, size), brought: leg.rows, asked, leg }
    // A walk that has met nothing but an empty listing is one that has not begun.
    const position = isEmpty && this.#position.asked === 0 ? beginning(further.toEnd) : further
    const open = this.#rowAt(position, leg)
    this.#entry.ended = verdict.to === 'close' ? verdict.ended : null
    if (isEmpty) {
      const row = verdict.to === 'close' ? { ...open, closedAt: clock.now(), ended: verdict.ended } : open
      return {
        save: { walks: [row], kept: { ...others, listedNothing: true } },
        decided: { leg, position, row, verdict },
      }
    }
    if (verdict.to !== 'close') {
      const kept = wasEmpty ? { kept: others } : {}
      return { save: { walks: [open], ...kept }, decided: { leg, position, row: open, verdict } }
    }
    const row = { ...open, closedAt: clock.now(), ended: verdict.ended }
    const walks = this.#isOld ? [row, this.#walkBehind(askedAt)] : [row]
    const kept = this.#keptAfter(others, leg, { price, askedAt, dates })
    return { save: { walks, kept }, decided: { leg, position, row, verdict } }
  }

  /** The walk that looks for what has come since an old upstream run was started: a gap until it has come to its end. */
  #walkBehind(askedAt: number): WalkRow {
    const walk = Math.max(this.#run.nextWalk, this.#row.walk + 1)
    const at = this.#run.scope.world.clock.now()
    const row = openedRow(undefined, { walk, pass: this.#pass.kind, at, fromTop: true })
    const note = `what has come since ${new Date(askedAt).toISOString()} is not read yet`
    return { ...row, position: beginning(false) as Json, note }
  }

  #rowAt(position: JobPosition, { rows }: Leg): WalkRow {
    const { pages } = this.#row
    const note = `${rows} of the newest records were read`
    return { ...this.#row, position: position as Json, pages: pages + 1, records: rows, note, ended: null }
  }

  /** What a closed walk has taught. */
  #keptAfter(kept: Kept, leg: Leg, told: { price: number | null; askedAt: number; dates: readonly number[] }): Kept {
    const { scope } = this.#run
    const { askedAt, dates, price } = told
    const now = {
      pinned: leg.pinned,
      newest: leg.newest,
      count: countOf(leg),
      price: price ?? kept.pace?.price ?? null,
    }
    const pace: Pace = kept.pace
      ? { ...learn(kept.pace, { now: askedAt, found: leg.fresh }), ...now }
      : { ...firstPace(askedAt, dates), mean2: 0, excess: 0, ...now }
    if (this.#pass.settles === undefined) return { ...kept, pace }
    const bySource = askedAt + scope.http.now() - scope.world.clock.now()
    return { ...kept, pace, read: { at: Math.floor(bySource - CLOCK_KNOWN_TO_MS), total: null } }
  }

  /** When the records of a page were made, as far as their order is a time. */
  #datesOf({ parsed }: Sight, place: number): readonly number[] {
    const { pinned } = this.#pass
    return parsed.flatMap(({ record }, i) => {
      const time = pinned?.(record, place + i) ? undefined : timeOf(this.#pass, placeOf(this.#pass, record))
      return time ?? []
    })
  }

  async #end(verdict: Verdict | undefined): Promise<Ended | undefined> {
    if (verdict?.to === 'close') {
      const { runId, world } = this.#run.scope
      if (this.#run.kept.listedNothing) {
        this.#run.remarks.push(`${this.#run.name}: ${emptyNote(this.#live)}; without a full pass nothing is removed`)
      }
      world.logger.event('info', 'walk.stopped', { run: runId, stream: this.#run.name, key: null, why: verdict.ended })
      return verdict.ended
    }
    if (verdict?.to !== 'stay') return undefined
    this.#entry.ended = 'limit'
    await writeSurely(this.#run, this.#entry, { walks: [{ ...this.#row, ended: 'limit', note: verdict.why }] })
    this.#run.notes.push(`${this.#run.name}: ${verdict.why}`)
    return 'limit'
  }
}

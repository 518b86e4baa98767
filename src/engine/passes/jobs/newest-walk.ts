// Owns the walk from the newest record down to known ground through upstream runs that cost money and can't be paged, as it
// acts: start one, store its rows, and start a larger one where they do not reach. It decides nothing: see leg.ts.

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
import { type PageDecision, type Sight, storePage } from '../rows/page.ts'
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

/** How a walk ended, and when what it has shown was asked for. */
export interface NewestEnd {
  readonly ended: Ended
  readonly askedAt: number
}

/** Walks to known ground or to the end. What is thrown leaves the walk open: a gap, which the next run closes. */
export async function walkNewest(
  run: StreamRun,
  entry: PassEntry,
  pass: NewestPass,
  toEnd: boolean,
): Promise<NewestEnd> {
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

  async walk(): Promise<NewestEnd> {
    const { store } = this.#run.scope.world
    for (const intent of await store.intents.open(this.#run.row.no)) {
      if (intent.pass !== this.#pass.kind) continue
      const ended = await this.#goOn(intent)
      if (ended) return ended
    }
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
  async #goOn(intent: IntentRow): Promise<NewestEnd | undefined> {
    const ask = askOf(this.#run, intent)
    const size = isObject(ask) && typeof ask['newest'] === 'number' ? ask['newest'] : 0
    const upstream = await UpstreamRun.resume(this.#run, this.#upstream(size), intent)
    if (size > 0) return upstream && this.#readRun(upstream, size)
    // Another profile's, say.
    upstream?.drop()
    return undefined
  }

  /** Stores the rows of an upstream run. Undefined: they are not enough. */
  async #readRun(upstream: NewestRun, size: number): Promise<NewestEnd | undefined> {
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
      const work = { rows: page.records, askedAt, walk, keepSeen: false, examine: this.#examine, repeats: this.#read }
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
      const ended = await this.#end(verdict)
      return ended && { ended, askedAt }
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
    const verdict = this.#decisions.judge(this.#pass, this.#position, { leg, size, live: this.#live })
    const asked = this.#position.asked + size
    const position = { ...this.#position, failed: Math.max(this.#position.failed, size), brought: leg.rows, asked, leg }
    const open = this.#rowAt(position, leg)
    const row = verdict.to === 'close' ? { ...open, closedAt: clock.now(), ended: verdict.ended } : open
    const kept = verdict.to === 'close' ? { kept: this.#keptAfter(leg, { price, askedAt, dates }) } : {}
    this.#entry.ended = verdict.to === 'close' ? verdict.ended : null
    return { save: { walks: [row], ...kept }, decided: { leg, position, row, verdict } }
  }

  #rowAt(position: JobPosition, { rows }: Leg): WalkRow {
    const { pages } = this.#row
    const note = `${rows} of the newest records were read`
    return { ...this.#row, position: position as Json, pages: pages + 1, records: rows, note, ended: null }
  }

  /** What a closed walk has taught. */
  #keptAfter(leg: Leg, told: { price: number | null; askedAt: number; dates: readonly number[] }): Kept {
    const { kept, scope } = this.#run
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

// Owns the walk through a window of changes, for byCursor: ask from the cursor, store, keep the cursor with the page,
// and end at a bound that was fixed when the run began.

import type { Page } from '../../connector/page.ts'
import type { ByCursor } from '../../connector/passes.ts'
import { durationMs } from '../../model/duration.ts'
import { isObject, type Json } from '../../model/json.ts'
import { plural } from '../../model/plural.ts'
import type { Key } from '../../model/record.ts'
import type { Ended } from '../../model/run.ts'
import type { WalkRow } from '../../store/store.ts'
import { readPaid } from './budget.ts'
import { type Owed, owedAfter, repeatsAfter, trackFor, type Window, type WindowTrack } from './by-cursor.ts'
import { type Sight, storePage } from './page.ts'
import { ProgressGuard } from './progress-guard.ts'
import type { Kept } from './state.ts'
import { askedNow, type PassEntry, type StreamRun } from './stream-run.ts'

type WindowPass = ByCursor<unknown, unknown>

/** How well the run's start by the source's clock is known, from dates that travelled up to ten seconds. */
const START_KNOWN_TO_MS = 10_000
/** A date says of the end of its second as much as of its beginning: so much later may the run have begun. */
const DATE_BEHIND_MS = 1_000

/** Where a window walk stands; survives JSON. */
type Position = {
  /** Everything before it has been read; null: nothing yet. */
  readonly since: number | null
  readonly until: number
  /** What is still to be seen again of the group at `since`. */
  readonly owed: Owed | null
}

/** Walks from the cursor to the run's start. What is thrown leaves the walk open at the last page that was stored. */
export async function walkWindow(
  run: StreamRun,
  entry: PassEntry,
  pass: WindowPass,
  how: { readonly fromBeginning: boolean },
): Promise<Ended> {
  return new WindowWalk(run, entry, pass, how.fromBeginning).run()
}

/** A request under way, and the end of the window that it was asked with. */
interface Asked {
  readonly page: Promise<Page>
  readonly until: number
  readonly at: number
}

class WindowWalk {
  readonly #run: StreamRun
  readonly #entry: PassEntry
  readonly #pass: WindowPass
  readonly #guard: ProgressGuard
  readonly #unitMs: number | undefined
  #walk: WalkRow
  #window: Window
  #start: number
  #track: WindowTrack
  #ahead: Asked | undefined
  #repeats: ReadonlyMap<Key, string> = new Map()
  /** Different keys read in this run. */
  readonly #shown = new Set<Key>()
  /** Of the requests with the lower bound at hand: different keys that they have shown, and rows without a readable key. */
  #shownFrom: { readonly keys: Set<Key>; unreadable: number } = { keys: new Set(), unreadable: 0 }
  /** What the source promised beyond what it showed at the end of the window, in words. */
  #lack: string | undefined
  /** The window's end may not move before this; whether it has moved. */
  readonly #untilMin: number
  #moved = false

  constructor(run: StreamRun, entry: PassEntry, pass: WindowPass, fromBeginning: boolean) {
    this.#run = run
    this.#entry = entry
    this.#pass = pass
    this.#guard = new ProgressGuard(run.name)
    this.#unitMs = pass.unitMs
    this.#start = this.#startBySource()
    const open = fromBeginning ? undefined : run.openWalks.find((walk) => walk.pass === 'byCursor')
    const stood = open && positionFrom(open.position)
    const cursor = stood ? (stood.since ?? undefined) : fromBeginning ? undefined : run.kept.cursor
    this.#window = run.scope.world.decisions.windowFor({
      cursor,
      openUntil: stood?.until,
      overlap: this.#overlap(),
      start: this.#start,
    })
    this.#untilMin = Math.max(
      (this.#window.since ?? Number.NEGATIVE_INFINITY) + 1,
      stood?.until ?? Number.NEGATIVE_INFINITY,
    )
    this.#track = trackFor(this.#window, stood?.owed)
    this.#walk = open ?? {
      walk: run.nextWalk,
      pass: 'byCursor',
      openedAt: run.scope.world.clock.now(),
      closedAt: null,
      ended: null,
      position: { since: cursor ?? null, until: this.#window.until, owed: null },
      pages: 0,
      records: 0,
      note: '',
    }
  }

  async run(): Promise<Ended> {
    const { runId, world } = this.#run.scope
    for (;;) {
      const asked = this.#ahead ?? this.#ask(this.#track)
      this.#ahead = undefined
      const page = await asked.page
      this.#learnStart()
      if (page.total !== undefined) this.#run.expected = Math.max(this.#run.expected ?? 0, page.total)
      if (await this.#store(page, asked)) break
    }
    const ended = this.#endedBy(this.#track)
    world.logger.event('info', 'walk.stopped', {
      run: runId,
      stream: this.#run.name,
      key: this.#track.largest,
      why: ended,
    })
    return ended
  }

  #ask(track: WindowTrack): Asked {
    const { scope } = this.#run
    const { http, options } = scope
    const { until } = this.#window
    const since = track.since ?? undefined
    const at = askedNow(this.#run)
    const request = { http, options, page: track.token ?? undefined, where: {}, since, until }
    const page = readPaid(scope, this.#pass.paid, (costLeft) => this.#pass.read({ ...request, costLeft }))
    return { page, until, at }
  }

  async #store(page: Page, asked: Asked): Promise<boolean> {
    const run = this.#run
    const request = this.#track
    const entry = this.#entry
    const { decisions, clock } = run.scope.world
    let track = request
    let walk = this.#walk
    let done = false
    let orders: readonly number[] = []
    const repeats = this.#repeats
    const work = {
      rows: page.records,
      askedAt: asked.at,
      walk: walk.walk,
      keepSeen: false,
      repeats,
      shown: this.#shown,
      examine: this.#pass.order,
    }
    const stored = await storePage(run, entry, work, (sight) => {
      orders = this.#orders(sight)
      const keys = sight.parsed.map(({ incoming }) => incoming.key)
      const unread = sight.unread.flatMap(({ key }) => key ?? [])
      const { next, total } = page
      const step = decisions.byCursorStep(request, { orders, keys, unread, next, total, reach: this.#reach() })
      track = step.track
      // The window's end may have moved since we asked (we learned the source's clock): then the walk goes on.
      done = step.done && asked.until >= this.#window.until
      if (step.done && !done) track = { ...track, token: null, since: track.largest ?? track.since }
      // A token belongs to the window that it was given for.
      if (asked.until !== this.#window.until) track = { ...track, token: null, group: null }
      this.#lack = done ? this.#lackOf(page, sight, request) : undefined
      if (this.#lack !== undefined) track = { ...track, unsure: track.unsure ?? { since: request.since } }
      const cursor = decisions.cursorAfter({ before: run.kept.cursor, track, done, start: this.#start })
      const ended = done ? this.#endedBy(track) : null
      const closes = ended === 'exhausted'
      entry.ended = ended
      walk = {
        ...this.#walk,
        closedAt: closes ? clock.now() : null,
        ended,
        position: { since: this.#readTo(track, done), until: this.#window.until, owed: owedAfter(track) },
        pages: this.#walk.pages + 1,
        records: this.#walk.records + sight.fetched,
        note: howFar(track.largest, this.#window.until, this.#unitMs),
      }
      if (!done && !this.#ahead && !this.#pass.paid) {
        this.#ahead = this.#ask(track)
        // Whoever awaits it sees the error; this only keeps it from being called unhandled until then.
        this.#ahead.page.catch(() => {})
      }
      const kept: Kept = cursor === undefined || cursor === run.kept.cursor ? run.kept : { ...run.kept, cursor }
      // A walk from the beginning covers the one that broke off before it.
      const covered = closes ? run.openWalks.filter((open) => open.pass === 'byCursor' && open.walk !== walk.walk) : []
      const closed = { closedAt: walk.closedAt, ended: walk.ended }
      return { walks: [walk, ...covered.map((open) => ({ ...open, ...closed }))], kept }
    })
    // Tokens belong to the lower bound that they were asked with: from a new one on, the same may come again.
    if (track.token === null) this.#guard.restart()
    else this.#guard.see(request.token ?? undefined, track.token, stored.parsed)
    if (track.unsorted && !this.#track.unsorted) {
      run.notes.push(`${run.name}: the source did not answer in order; the cursor moves at the end of the pass only`)
    }
    this.#see(page, stored, track)
    if (this.#lack !== undefined) run.notes.push(`${run.name}: ${this.#lack}`)
    else if (track.unsure && !this.#track.unsure) {
      run.notes.push(
        `${run.name}: records of one time kept changing while they were read; the next run reads them again`,
      )
    }
    const read = stored.parsed.map(({ incoming: { key, hash } }, i) => ({ key, hash, order: orders[i] as number }))
    for (const { incoming } of stored.parsed) this.#shown.add(incoming.key)
    this.#repeats = repeatsAfter(track, read, request.group ? repeats : undefined)
    this.#walk = walk
    this.#track = track
    return done
  }

  /**
   * What shows that the window's last pages lack records: their total, which counts what there is from the lower bound on.
   * Inside a group the passages over it tell; a request with a token is one of several moments, and counts with the
   * others of its lower bound.
   */
  #lackOf(page: Page, sight: Sight, request: WindowTrack): string | undefined {
    if (request.group !== null || page.total === undefined) return undefined
    const before = request.token === null ? undefined : this.#shownFrom
    const keys = new Set(before?.keys)
    for (const { incoming } of sight.parsed) keys.add(incoming.key)
    for (const { key } of sight.unread) if (key !== null) keys.add(key)
    const unreadable = (before?.unreadable ?? 0) + sight.unread.filter(({ key }) => key === null).length
    const shown = keys.size + unreadable
    if (!this.#run.scope.world.decisions.isShort(shown, page.total)) return undefined
    return `the source said that the window had ${plural(page.total, 'record')} and showed ${shown}; the next run asks again`
  }

  /** Takes note of what the requests with this lower bound have shown. */
  #see(page: Page, { parsed, unread }: Sight, { token }: WindowTrack): void {
    const from = this.#shownFrom
    for (const { incoming } of parsed) from.keys.add(incoming.key)
    for (const { key } of unread) if (key === null) from.unreadable++
    if (token === null || page.next === undefined) this.#shownFrom = { keys: new Set(), unreadable: 0 }
  }

  /** Positions of the page's records; one without a position makes the page unsorted. */
  #orders({ parsed }: Sight): readonly number[] {
    return parsed.map(({ record }) => {
      const order = this.#pass.order(record)
      return Number.isFinite(order) ? order : Number.NEGATIVE_INFINITY
    })
  }

  /** The run's start may yet be learned to be a little later than it seems. */
  #reach() {
    const cursorMax = Math.max(this.#start, this.#window.until) + this.#units(START_KNOWN_TO_MS)
    return { overlap: this.#overlap(), kept: this.#run.kept.cursor, cursorMax }
  }

  /** At the end of its window, a walk is through, unless it passed something that it can't vouch for: that is a gap. */
  #endedBy({ unsure }: WindowTrack): Ended {
    return unsure ? 'limit' : 'exhausted'
  }

  /** Up to where everything has been read. */
  #readTo({ unsure, unsorted, since }: WindowTrack, done: boolean): number | null {
    if (unsure) return unsure.since
    return unsorted && !done ? this.#stood().since : since
  }

  #stood(): Position {
    return positionFrom(this.#walk.position) ?? { since: null, until: this.#window.until, owed: null }
  }

  /** The run's start by the source's clock, in its unit, less the stream's lag; or so much later. */
  #startBySource(laterMs = 0): number {
    const { http, startedMono, world } = this.#run.scope
    if (this.#unitMs === undefined) return Number.MAX_SAFE_INTEGER - 1
    const start = http.now() - (world.clock.mono() - startedMono) - durationMs(this.#pass.lag ?? '0s')
    return Math.floor((start + laterMs) / this.#unitMs)
  }

  /**
   * An answer may have taught us the source's clock: then the window's end moves to where it should have been, once.
   * Dates have whole seconds and travel for a while: what only that explains moves nothing, for a move costs a request.
   */
  #learnStart(): void {
    this.#start = this.#startBySource()
    if (this.#unitMs === undefined || this.#moved) return
    const until = Math.max(this.#startBySource(DATE_BEHIND_MS) + 1, this.#untilMin)
    if (Math.abs(until - this.#window.until) <= this.#units(START_KNOWN_TO_MS)) return
    this.#window = { ...this.#window, until }
    this.#moved = true
  }

  /** How far to reach back, in the order's own unit. */
  #overlap(): number {
    const { overlap } = this.#pass
    return typeof overlap === 'number' ? overlap : this.#units(durationMs(overlap))
  }

  #units(ms: number): number {
    return this.#unitMs === undefined ? 0 : Math.ceil(ms / this.#unitMs)
  }
}

function positionFrom(value: Json): Position | undefined {
  if (!isObject(value) || typeof value['until'] !== 'number') return undefined
  const { since, until, owed } = value
  // A walk of an older release owes nothing.
  return { since: typeof since === 'number' ? since : null, until, owed: (owed as Owed | undefined) ?? null }
}

/** How far a walk has come, in words; positions that are times are told as times. */
function howFar(largest: number | null, until: number, unitMs: number | undefined): string {
  if (largest === null) return 'nothing read yet'
  const [at, end] = [largest, until].map((position) => timeAt(position * (unitMs ?? Number.NaN)))
  return at && end ? `read up to ${at}, of a window that ends at ${end}` : `read up to ${largest}`
}

/** Undefined: no time at all. */
function timeAt(ms: number): string | undefined {
  const time = new Date(ms)
  return Number.isFinite(time.getTime()) ? time.toISOString().replace('.000Z', 'Z') : undefined
}

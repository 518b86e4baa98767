// Owns the walk through a listing, for newestFirst and fullPass, as it acts: turn the pages, store each, ask for totals,
// and go on where an earlier walk broke off. What a page means for the walk is decided in listing-step.ts. It may start
// reading one page ahead while nothing anchored has been met, so that the source answers while the store writes.

import type { Page } from '../../connector/page.ts'
import { asError } from '../../model/errors.ts'
import type { Json } from '../../model/json.ts'
import type { Ended } from '../../model/run.ts'
import type { WalkRow } from '../../store/store.ts'
import { BadPages, tokenText } from './bad-pages.ts'
import { REREADS_MAX } from './full-pass.ts'
import { asks, countsAtEnd, countsBase, countsFirst, countsLast, type Means } from './listing-counts.ts'
import { lackAt } from './listing-end.ts'
import { type ListingPass, leavesTop, type Position, positionFrom, TOP, topAgain } from './listing-position.ts'
import { type Asked, ListingSource } from './listing-source.ts'
import {
  emptyStep,
  type Go,
  listingStep,
  type PageSeen,
  startAgain,
  startAt,
  stepBack,
  type Walking,
} from './listing-step.ts'
import { type Sight, storePage } from './page.ts'
import { openWalkNumbers, writeSurely } from './page-parts.ts'
import { expectedBy, pageSeen } from './page-seen.ts'
import { ProgressGuard } from './progress-guard.ts'
import { readBelow, stuckAt } from './read-below.ts'
import { RecentKeys } from './recent-keys.ts'
import { examinerOf } from './record-place.ts'
import { CLOCK_KNOWN_TO_MS } from './settled.ts'
import type { Kept } from './state.ts'
import { type PassEntry, type StreamRun, write } from './stream-run.ts'
import { counted, totalFrom } from './totals.ts'
import { openedRow, rowAfter, withoutPage } from './walk-row.ts'

export interface ListingResult {
  readonly ended: Ended
  readonly walk: WalkRow
  /** Where the walk stands: at its end, if it came to it. */
  readonly position: Position
  /** The listing had not a single record. */
  readonly empty: boolean
  /** The walk began at the top of the listing in this run. */
  readonly fromTop: boolean
}

interface WalkSetup extends Around {
  readonly run: StreamRun
  readonly entry: PassEntry
  readonly pass: ListingPass
  /** The walk to go on with; undefined: a new one, from the top. */
  readonly resumed: WalkRow | undefined
}

/** What a walk has to know of those beside it. */
export interface Around {
  /** Walks whose records may stop this one, though they are open: what they have not read is theirs to remember. */
  readonly ground: ReadonlySet<number>
  readonly badPages: BadPages
  /** A new walk lists everything, whatever ground it meets. @default false */
  readonly toEnd?: boolean
}

/**
 * Walks a listing. A newestFirst walk that came to its end is closed when this returns; a full pass is left open for
 * reconcile.ts, which closes it. What is thrown leaves the walk open: a gap.
 */
export async function walkListing(
  run: StreamRun,
  entry: PassEntry,
  pass: ListingPass,
  resumed: WalkRow | undefined,
  around: Around = { ground: new Set(), badPages: new BadPages() },
): Promise<ListingResult> {
  return new ListingWalk({ run, entry, pass, resumed, ...around }).run()
}

class ListingWalk {
  readonly #setup: WalkSetup
  readonly #guard: ProgressGuard
  readonly #source: ListingSource
  #row: WalkRow
  #walking: Walking
  /** Keys that this run has read in this leg, and those at which it went on. */
  #keys: RecentKeys
  /** The total that made this run begin again at the top. */
  #base: number | undefined
  /** What the source said when the walk came to its end. */
  #lastTotal: number | undefined
  readonly #beganMono: number
  /** Why the total could not be asked for when the leg began. */
  #uncounted: Error | undefined

  constructor(setup: WalkSetup) {
    const { run, pass, resumed, toEnd = false } = setup
    this.#setup = setup
    this.#guard = new ProgressGuard(run.name)
    this.#source = new ListingSource(run, pass, setup.badPages)
    const position = resumed ? positionFrom(resumed.position) : { ...TOP, toEnd }
    const fromTop = !leavesTop(position, pass)
    this.#walking = startAt(fromTop ? topAgain(position) : position, pass, fromTop)
    this.#keys = this.#keysOf(this.#walking)
    const { clock } = run.scope.world
    this.#beganMono = clock.mono()
    this.#row = openedRow(resumed, { walk: run.nextWalk, pass: pass.kind, at: clock.now(), fromTop })
  }

  async run(): Promise<ListingResult> {
    try {
      return this.#result(await this.#read())
    } catch (error) {
      await this.#breakOff(error)
      throw error
    }
  }

  get #position(): Position {
    return this.#walking.position
  }

  #keysOf({ position }: Walking): RecentKeys {
    // A newest-first walk counts what it reads; a full pass has the store count.
    return new RecentKeys(position.tail, this.#setup.pass.kind === 'newestFirst')
  }

  async #read(): Promise<Ended> {
    const { reached } = this.#position
    // An earlier run came to the end, and could not ask any more for what proves that nothing was missed.
    let go: Go = reached === null ? await this.#countFirst() : { to: 'end', ended: reached }
    let token = this.#walking.fromTop ? undefined : this.#tokenOf(go)
    for (;;) {
      const ended = await this.#act(go)
      if (ended) return ended
      if (go.to !== 'next') token = this.#tokenOf(go)
      const asked = this.#source.ask(token)
      const page = await asked.page
      const total = totalFrom(page.total)
      if (total !== undefined) this.#setup.run.expected = total
      const empty = emptyStep(this.#setup.pass, this.#walking, page, this.#row.records > 0)
      this.#walking = empty.walking
      if (empty.go) go = empty.go
      else {
        go = await this.#store(page, asked)
        this.#source.done()
        if (go.to === 'next') go = await this.#countBetween()
        token = page.next
      }
    }
  }

  /** The token to go on with after this; undefined: the first page. */
  #tokenOf(go: Go): Json | undefined {
    const { position, seeks, fromTop, pages } = this.#walking
    if (fromTop && pages === 0) return undefined
    if (go.to === 'before' || seeks) return position.token ?? undefined
    return position.next ?? undefined
  }

  /** Does what the decision asks for beside reading on; returns how the walk ended, if it did. */
  async #act(go: Go): Promise<Ended | undefined> {
    if (go.to === 'before') this.#forget()
    if (go.to === 'top') this.#restart()
    switch (go.to) {
      case 'reread':
        return this.#readAgain(go.why)
      case 'stay':
        return this.#leaveOpen(go.why)
      case 'end':
        return go.inside && (await this.#mustReadGroup()) ? undefined : this.#settle(go.ended)
      default:
        return undefined
    }
  }

  /** Stores one page and decides how to go on. */
  async #store(page: Page, asked: Asked): Promise<Go> {
    const { run, entry, pass } = this.#setup
    const { clock, decisions } = run.scope.world
    const before = this.#walking
    let walking = before
    let go = { to: 'next' } as Go
    let row = this.#row
    const work = {
      rows: page.records,
      askedAt: asked.at,
      walk: row.walk,
      keepSeen: pass.kind === 'fullPass',
      shown: this.#keys.all,
      examine: examinerOf(pass),
    }
    const stored = await storePage(run, entry, work, (sight) => {
      const seen = this.#seen(page, asked.token, sight)
      ;({ walking, go } = listingStep(pass, before, seen, decisions))
      // How many records the source has says whether a group can be left unread: that is asked before anything else.
      const isCounted = go.to === 'end' && go.inside === true && asks(pass)
      const owes = go.to === 'end' && countsAtEnd(pass, go.ended, walking)
      if (go.to === 'end' && owes && !isCounted)
        walking = { ...walking, position: { ...walking.position, reached: go.ended } }
      // Nothing is left to be asked for: the walk is closed with its page.
      const isProved = !owes && !isCounted && (this.#uncounted === undefined || walking.pages < 2)
      const closes = go.to === 'end' && go.ended === 'met-anchored' && pass.kind === 'newestFirst' && isProved
      const ended = closes ? ('met-anchored' as const) : null
      row = rowAfter(this.#row, {
        sight,
        rows: page.records.length,
        position: walking.position,
        ended,
        at: clock.now(),
      })
      entry.ended = ended
      const news = !seen.sightings.some(({ anchored }) => anchored)
      if (go.to === 'next' && (pass.kind === 'fullPass' || news || walking.position.toEnd)) this.#readAhead(page.next)
      const kept = closes ? this.#keptAfter(walking) : undefined
      return { walks: [row], ...(kept ? { kept } : {}), ...(go.to === 'top' ? { forgetSeen: row.walk } : {}) }
    })
    this.#row = row
    this.#walking = walking
    // A page in doubt is stored, and counts as read when it has been read behind the page before it once more.
    if (go.to !== 'next' && go.to !== 'end') return go
    this.#keys.add([
      ...stored.parsed.map(({ incoming }) => incoming.key),
      ...stored.unread.flatMap(({ key }) => key ?? []),
    ])
    if (go.to === 'next') this.#guard.see(asked.token ?? undefined, page.next, stored)
    return go
  }

  #seen(page: Page, token: Json, sight: Sight): PageSeen {
    const { run, pass, ground } = this.#setup
    const { walk } = this.#row
    const open = openWalkNumbers(run, walk, ground)
    const { top: topBefore, read } = run.kept
    // One that lies ahead was dated while the clock was: nobody knows when it was.
    const lastRead = read && read.at <= run.scope.http.now() ? read : undefined
    const viewer = { pass, stream: run.stream, walk, open, decisions: run.scope.world.decisions, lastRead }
    return pageSeen(page, token, sight, viewer, {
      position: this.#position,
      keys: this.#keys,
      topBefore,
      unknown: this.#walking.unknown,
    })
  }

  #readAhead(next: Json | undefined): void {
    const { pass } = this.#setup
    if (next === undefined || pass.paid || pass.listing instanceof Object) return
    // A count may have to come in between.
    const isFirst = this.#walking.pages === 0 && countsBase(pass, this.#walking)
    if (isFirst || (asks(pass) && this.#position.careful)) return
    this.#source.askAhead(next)
  }

  // ── beginning again ───────────────────────────────────────────────────────────────────────────────────────────────

  /** What is being read ahead stands below a place that no longer counts, and pages may come a second time. */
  #forget(): void {
    this.#source.forget()
    this.#guard.restart()
  }

  #restart(): void {
    this.#walking = startAgain(this.#walking, this.#setup.pass)
    const { position } = this.#walking
    // The count that raised the doubt is where the next leg begins.
    const totals = this.#base === undefined ? position.totals : counted(position.totals, this.#base).totals
    this.#walking = { ...this.#walking, position: { ...position, totals } }
    this.#base = undefined
    this.#lastTotal = undefined
    this.#keys = this.#keysOf(this.#walking)
    this.#forget()
  }

  /** Sends the walk back to the top, unless this run has been there too often: then it is left open for the next one. */
  async #readAgain(why: string): Promise<Ended | undefined> {
    const rereads = this.#position.rereads + 1
    if (rereads > REREADS_MAX && this.#walking.fromTop) {
      this.#walking = { ...this.#walking, position: { ...topAgain(this.#position), rereads: 0 } }
      return this.#leaveOpen(why)
    }
    const position = { ...this.#position, rereads, careful: this.#position.careful || !this.#walking.fromTop }
    this.#walking = { ...this.#walking, position }
    this.#restart()
    await this.#keep({ ended: null, note: why, forgetSeen: true })
    return undefined
  }

  async #leaveOpen(why: string): Promise<Ended> {
    const { run } = this.#setup
    const atTop = this.#position.page === 0
    await this.#keep({ ended: 'limit', note: why, forgetSeen: atTop })
    run.notes.push(`${run.name}: ${why}`)
    return 'limit'
  }

  /** Writes where the walk stands, without a page. */
  async #keep(how: { ended: Ended | null; note?: string; forgetSeen?: boolean }): Promise<void> {
    const { run, entry } = this.#setup
    const { ended, note = this.#row.note, forgetSeen = false } = how
    this.#row = { ...this.#row, position: this.#position, ended, note }
    entry.ended = ended
    // What is to be forgotten must not count for the listing that is read next.
    await writeSurely(run, entry, { walks: [this.#row], ...(forgetSeen ? { forgetSeen: this.#row.walk } : {}) })
  }

  // ── totals that are asked for ─────────────────────────────────────────────────────────────────────────────────────

  get #means(): Means {
    const { scope, live, stateExists } = this.#setup.run
    return { left: scope.purse.requestsLeft, live, stateExists }
  }

  /** What the source says now, against what this leg knows; how to go on if something may have been missed. */
  async #compare(total: number | undefined): Promise<Go> {
    if (total === undefined) return { to: 'next' }
    const { totals, doubt } = counted(this.#position.totals, total)
    this.#walking = { ...this.#walking, position: { ...this.#position, totals } }
    if (!doubt) return { to: 'next' }
    this.#base = total
    return { to: 'reread', why: doubt.why }
  }

  async #countFirst(): Promise<Go> {
    if (!countsFirst(this.#setup.pass, this.#walking, this.#means)) return { to: 'next' }
    return this.#compare(await this.#tryCount())
  }

  /** Between two pages. The first page is read once more after the count: something may have left in between. */
  async #countBetween(): Promise<Go> {
    const { pass } = this.#setup
    if (countsBase(pass, this.#walking)) {
      if (pass.kind === 'newestFirst' && this.#means.left < 1) return { to: 'next' }
      const total = await this.#tryCount()
      if (total === undefined) return { to: 'next' }
      await this.#compare(total)
      this.#walking = stepBack({ ...this.#walking, position: { ...this.#position, total } })
      await this.#keep({ ended: null })
      return { to: 'before' }
    }
    if (!countsLast(pass, this.#walking, this.#means)) return { to: 'next' }
    const go = await this.#compare(await this.#source.count())
    if (go.to === 'next') await this.#keep({ ended: null })
    return go
  }

  /** A count that fails keeps nothing from being read; the walk can't be closed without it. */
  async #tryCount(): Promise<number | undefined> {
    try {
      return await this.#source.count()
    } catch (error) {
      if (!this.#setup.badPages.has(error)) throw error
      this.#uncounted = asError(error)
      return undefined
    }
  }

  /**
   * A group that can't get new members is left unread if the source has as many records as it must have; else it is read
   * whole. A count after the first page is what the leg begins with, so that page is read once more.
   */
  async #mustReadGroup(): Promise<boolean> {
    const { pass, run } = this.#setup
    if (!asks(pass)) return false
    const total = await this.#tryCount()
    if (total === undefined) return this.#uncounted !== undefined
    const begins = this.#position.totals.total === null
    if (total === expectedBy(run.kept.read, this.#walking.unknown)) {
      this.#lastTotal = total
      return false
    }
    this.#walking = { ...this.#walking, whole: true }
    if (!begins) return true
    await this.#compare(total)
    this.#walking = stepBack({ ...this.#walking, position: { ...this.#position, total } })
    this.#forget()
    return true
  }

  /** What is kept of a walk from the top when it is closed. */
  #keptAfter({ fromTop, rows, position, unknown }: Walking): Kept | undefined {
    const { pass, run } = this.#setup
    // One that has read nothing, in an outage, knows nothing of what there is.
    if (pass.kind !== 'newestFirst' || pass.settles === undefined || !fromTop || rows === 0) return undefined
    const { http, world } = run.scope
    const began = http.now() - (world.clock.mono() - this.#beganMono)
    const total = this.#lastTotal ?? position.totals.total ?? expectedBy(run.kept.read, unknown)
    return { ...run.kept, read: { at: Math.floor(began - CLOCK_KNOWN_TO_MS), total } }
  }

  // ── the end ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The walk has come to where it may end: it ends, unless something shows that records were missed. */
  async #settle(ended: Ended): Promise<Ended | undefined> {
    const { run, entry, pass } = this.#setup
    if (this.#row.closedAt !== null) return ended
    if (this.#uncounted !== undefined && this.#walking.pages > 1) throw this.#uncounted
    const lack = await this.#lack(ended)
    if (lack !== undefined) return this.#readAgain(lack)
    if (pass.kind === 'newestFirst') {
      const closed = { closedAt: run.scope.world.clock.now(), ended }
      entry.ended = ended
      this.#row = { ...this.#row, ...closed }
      // Reading to the proven end covers what walks that began before have left open.
      const isCovered = ({ pass: kind, walk }: WalkRow) =>
        kind === 'newestFirst' && (walk < this.#row.walk || (this.#walking.fromTop && walk !== this.#row.walk))
      // A listing that shows nothing covers nothing: it may be an outage.
      const covered = ended === 'exhausted' && this.#row.records > 0 ? run.openWalks.filter(isCovered) : []
      const kept = this.#keptAfter(this.#walking)
      const walks = [this.#row, ...covered.map((open) => ({ ...open, ...closed }))]
      await write(run, entry, { walks, ...(kept ? { kept } : {}) })
    }
    return ended
  }

  /** What shows that records were missed, in words; undefined when nothing does. */
  async #lack(ended: Ended): Promise<string | undefined> {
    const { run, entry, pass, resumed } = this.#setup
    const isResumed = resumed !== undefined
    const leg = { run, entry, pass, isResumed, walk: this.#row.walk, walking: this.#walking, keys: this.#keys }
    const { lack, total } = await lackAt(leg, this.#source, ended)
    if (pass.total) this.#base = total
    this.#lastTotal = total ?? this.#lastTotal
    return lack
  }

  #result(ended: Ended): ListingResult {
    const { run } = this.#setup
    const { runId, world } = run.scope
    const key = this.#position.tail.at(-1) ?? null
    world.logger.event('info', 'walk.stopped', { run: runId, stream: run.name, key, why: ended })
    const { fromTop, rows } = this.#walking
    return { ended, walk: this.#row, position: this.#position, empty: fromTop && rows === 0, fromTop }
  }

  /** Keeps which page could not be read, and reads what lies below it when it could not be read before either. */
  async #breakOff(error: unknown): Promise<void> {
    const { run, entry, pass, resumed, badPages } = this.#setup
    if (run.scope.signal.aborted) return
    const { current } = this.#source
    if (current !== undefined) badPages.note({ read: pass.read, token: current }, error)
    // Of a walk that has read nothing, nothing is kept: its first page is the listing's.
    if (!badPages.has(error) || this.#row.closedAt !== null || (this.#row.pages === 0 && !resumed)) return
    const token = current ?? null
    const text = current === undefined ? null : tokenText(current)
    const before = text === null ? undefined : stuckAt(text, run, this.#row, this.#position)
    const position = { ...this.#position, stuck: text, below: before?.below ?? null }
    this.#walking = { ...this.#walking, position }
    await this.#keep({ ended: 'failed', note: withoutPage(this.#row.note) })
    if (!before || token === null || !pass.skip) return
    this.#row = await readBelow({ run, entry, pass, row: this.#row, position, token, badPages })
    entry.ended = 'failed'
  }
}

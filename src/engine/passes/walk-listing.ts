// Owns the walk through a listing, for newestFirst and fullPass: turn the pages, store each, stop where the decision
// says so, and go on where an earlier walk broke off. It may start reading one page ahead while nothing anchored has
// been met, so that the source answers while the store writes.

import type { Page } from '../../connector/page.ts'
import type { Json } from '../../model/json.ts'
import { plural } from '../../model/plural.ts'
import type { Key } from '../../model/record.ts'
import type { Ended } from '../../model/run.ts'
import type { WalkRow } from '../../store/store.ts'
import { readPaid } from './budget.ts'
import { REREADS_MAX } from './full-pass.ts'
import { type ListingPass, leavesTop, movedTo, type Position, positionFrom, TOP, topAgain } from './listing-position.ts'
import { type Sighting, STOP_AFTER_MIN, TRACK_START, type WalkTrack } from './newest-first.ts'
import { type Sight, storePage } from './page.ts'
import { openWalkNumbers } from './page-parts.ts'
import { ProgressGuard } from './progress-guard.ts'
import { examinerOf, placeIn } from './record-place.ts'
import type { Parsed } from './shape.ts'
import { askedNow, type PassEntry, type StreamRun, write } from './stream-run.ts'

/** What shows that an empty page is no end. */
const NOTHING_NOW = 'the source listed nothing where it had records before'
const SHRUNK = 'the source had fewer records when the walk went on than when it broke off'

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

/**
 * Walks a listing. A newestFirst walk that came to its end is closed when this returns; a full pass is left open for
 * reconcile.ts, which closes it. What is thrown leaves the walk open: a gap.
 */
export async function walkListing(
  run: StreamRun,
  entry: PassEntry,
  pass: ListingPass,
  resumed: WalkRow | undefined,
): Promise<ListingResult> {
  return new ListingWalk(run, entry, pass, resumed).run()
}

/** A request under way, and when it was made. */
interface Asked {
  readonly page: Promise<Page>
  readonly at: number
}

class ListingWalk {
  readonly #run: StreamRun
  readonly #entry: PassEntry
  readonly #pass: ListingPass
  readonly #guard: ProgressGuard
  #walk: WalkRow
  #position: Position
  #track: WalkTrack = TRACK_START
  /** The next page must overlap what the walk has read before the walk may go on behind it. */
  #mustOverlap: boolean
  #fromTop: boolean
  #ahead: Asked | undefined
  #pagesHere = 0
  #rowsSeen = 0
  /** Different keys read from the top in this run, for newestFirst; a full pass keeps them in the store. */
  readonly #distinct = new Set<Key>()
  /** What an earlier run knew of the source's total, for newestFirst; null: nothing. */
  readonly #before: number | null
  /** What is read once more because an empty page came where there may have been more. */
  #doubt: 'nothing' | 'page before' | 'page itself' = 'nothing'
  /** The source's total at this run's first page of the walk, and at its last. */
  #totalFirst: number | undefined
  #totalLast: number | undefined

  constructor(run: StreamRun, entry: PassEntry, pass: ListingPass, resumed: WalkRow | undefined) {
    this.#run = run
    this.#entry = entry
    this.#pass = pass
    this.#guard = new ProgressGuard(run.name)
    this.#position = resumed ? positionFrom(resumed.position) : TOP
    this.#fromTop = !leavesTop(this.#position, pass)
    if (this.#fromTop) this.#position = topAgain(this.#position.rereads)
    this.#before = this.#fromTop || pass.kind === 'fullPass' ? null : this.#position.legTotal
    this.#mustOverlap = !this.#fromTop && pass.paging !== 'keyset'
    const openedAt = run.scope.world.clock.now()
    this.#walk = resumed
      ? { ...resumed, openedAt: this.#fromTop ? openedAt : resumed.openedAt }
      : {
          walk: run.nextWalk,
          pass: pass.kind,
          openedAt,
          closedAt: null,
          ended: null,
          position: TOP,
          pages: 0,
          records: 0,
          note: '',
        }
  }

  async run(): Promise<ListingResult> {
    let token = this.#startToken()
    const { reached } = this.#position
    if (reached !== null) {
      // An earlier run came to the end, and could not ask any more for what proves that nothing was missed.
      if (this.#isDoubted()) this.#learnTotal(this.#before ?? undefined)
      const ended = await this.#settle(reached)
      if (ended) return this.#result(ended)
      token = this.#restart()
    }
    await this.#countBefore()
    for (;;) {
      const asked = this.#ahead ?? this.#ask(token)
      this.#ahead = undefined
      const { at: askedAt } = asked
      const page = await asked.page
      this.#pagesHere++
      this.#rowsSeen += page.records.length
      this.#learnTotal(page.total)
      const verdict = this.#judgeEmptyEnd(page)
      if (verdict === 'look again') {
        token = this.#position.token ?? undefined
        continue
      }
      const step = verdict === 'refused' ? verdict : await this.#store(page, token, askedAt)
      if (step === 'next') {
        token = page.next
        if (this.#pagesHere === 1) {
          await this.#countBefore()
          if (this.#hasShrunk()) {
            await this.#readAgain(SHRUNK)
            token = this.#restart()
            await this.#countBefore()
          }
        }
      } else {
        const ended =
          step === 'refused'
            ? await this.#readAgain(NOTHING_NOW, this.#position.tail.length > 0)
            : await this.#settle(step)
        if (ended) return this.#result(ended)
        token = this.#restart()
        await this.#countBefore()
      }
    }
  }

  /**
   * An empty page behind pages with records may be the end, and may be an outage, unless a total tells. So the page
   * before it is read once more, and then itself: the first must have records, and only an empty second one is the end.
   * Where both are empty now, the listing is read again from its top.
   */
  #judgeEmptyEnd(page: Page): 'believed' | 'look again' | 'refused' {
    const doubt = this.#doubt
    this.#doubt = doubt === 'page before' ? 'page itself' : 'nothing'
    if (page.records.length > 0 || page.next !== undefined || doubt === 'page itself') return 'believed'
    // An empty listing closes no walk that has read records; a full pass has its guard.
    const harmless = this.#pass.kind === 'fullPass' || this.#walk.records === 0
    if (this.#position.tail.length === 0) return harmless ? 'believed' : 'refused'
    if (doubt === 'page before') return 'refused'
    if (this.#position.total !== null) return 'believed'
    this.#doubt = 'page before'
    this.#guard.restart()
    this.#track = { ...TRACK_START, unsorted: this.#track.unsorted }
    return 'look again'
  }

  #startToken(): Json | undefined {
    if (this.#fromTop) return undefined
    const { token, next } = this.#position
    return (this.#mustOverlap ? token : next) ?? undefined
  }

  #ask(token: Json | undefined): Asked {
    return { at: askedNow(this.#run), page: this.#read(token) }
  }

  #read(token: Json | undefined): Promise<Page> {
    const { scope } = this.#run
    const { http, options } = scope
    const request = { http, options, page: token, where: {} }
    return readPaid(scope, this.#pass.paid, (costLeft) => this.#pass.read({ ...request, costLeft }))
  }

  /** Stores one page and tells how to go on: the next page, again from the top, or how the walk ended. */
  async #store(page: Page, token: Json | undefined, askedAt: number): Promise<'next' | 'restart' | Ended> {
    const run = this.#run
    let how: 'next' | 'restart' | Ended = 'next'
    let track = this.#track
    let position = this.#position
    let walk = this.#walk
    const work = {
      rows: page.records,
      askedAt,
      walk: walk.walk,
      keepSeen: this.#pass.kind === 'fullPass',
      shown: this.#distinct,
      examine: examinerOf(this.#pass),
    }
    const stored = await storePage(run, this.#entry, work, (sight) => {
      const sightings = this.#sightings(sight)
      const lost = this.#mustOverlap && !this.#overlaps(sight)
      const step = run.scope.world.decisions.newestFirstStep(this.#track, sightings, this.#stopAfter())
      track = step.track
      if (lost) how = 'restart'
      else if (this.#pass.kind === 'newestFirst' && step.stopAt >= 0) how = 'met-anchored'
      else how = page.next === undefined ? 'exhausted' : 'next'
      position = lost ? topAgain(this.#position.rereads) : this.#moved(page, token, sight)
      if (isEnd(how) && this.#owesCountOnly(how)) position = { ...position, reached: how }
      // One page is one moment: nothing can have moved, and the walk is closed with it.
      const closes = how === 'met-anchored' && this.#pagesHere === 1 && this.#fromTop
      walk = this.#walkAfter(sight, page.records.length, position, closes ? 'met-anchored' : null)
      this.#entry.ended = closes ? 'met-anchored' : null
      if (how === 'next' && !this.#anythingAnchored(sightings)) this.#readAhead(page.next)
      return { walks: [walk], ...(lost ? { forgetSeen: walk.walk } : {}) }
    })
    this.#guard.see(token, page.next, stored.parsed)
    this.#walk = walk
    this.#track = track
    const unreadKeys = stored.unread.flatMap(({ key }) => key ?? [])
    const unreadable = position.unreadable + stored.unread.length - unreadKeys.length
    this.#position = { ...position, unreadable }
    if (this.#pass.kind === 'newestFirst') {
      for (const { incoming } of stored.parsed) this.#distinct.add(incoming.key)
      for (const key of unreadKeys) this.#distinct.add(key)
    }
    this.#mustOverlap = false
    return how
  }

  #stopAfter(): number {
    return (this.#pass.kind === 'newestFirst' ? this.#pass.stopAfter : undefined) ?? STOP_AFTER_MIN
  }

  #sightings(sight: Sight): readonly Sighting[] {
    const openWalks = openWalkNumbers(this.#run, this.#walk.walk)
    const { decisions } = this.#run.scope.world
    return sight.parsed.map((one) => ({
      anchored: decisions.isAnchored(sight.heads.get(one.incoming.key), openWalks) && !this.#hasMoved(one, sight),
      pinned: this.#pass.pinned?.(one.record) ?? false,
      order: this.#pass.order?.(one.record),
    }))
  }

  /** A record that stands elsewhere than it did says nothing of what lies below its new place. */
  #hasMoved({ incoming, record }: Parsed, { heads, contents }: Sight): boolean {
    const { order } = this.#pass
    if (!order || heads.get(incoming.key)?.hash === incoming.hash) return false
    const stored = contents.get(incoming.key)
    return stored === undefined || placeIn(this.#pass, stored.columns) !== order(record)
  }

  #anythingAnchored(sightings: readonly Sighting[]): boolean {
    return this.#pass.kind === 'newestFirst' && sightings.some((sighting) => sighting.anchored)
  }

  /** A page that stands in known relation to what the walk has read: it shows its tail, or begins inside its ground. */
  #overlaps({ parsed, heads }: Sight): boolean {
    const tail = new Set(this.#position.tail)
    if (parsed.some(({ incoming }) => tail.has(incoming.key))) return true
    const first = parsed[0]
    return first !== undefined && heads.get(first.incoming.key)?.walk === this.#walk.walk
  }

  #moved(page: Page, token: Json | undefined, { parsed, heads, contents }: Sight): Position {
    const isRead = this.#pass.kind === 'newestFirst' || this.#mustOverlap || this.#doubt !== 'nothing'
    return movedTo(this.#position, this.#pass, {
      token: token ?? null,
      next: page.next ?? null,
      parsed,
      again: this.#mustOverlap,
      total: this.#totalFirst ?? null,
      fromTop: this.#fromTop,
      shown: isRead ? undefined : { heads, contents, topBefore: this.#run.kept.top },
    })
  }

  #walkAfter({ parsed }: Sight, rows: number, position: Position, ended: Ended | null): WalkRow {
    const { clock } = this.#run.scope.world
    const last = parsed.at(-1)?.incoming.key
    return {
      ...this.#walk,
      closedAt: ended ? clock.now() : null,
      ended,
      position: position,
      pages: this.#walk.pages + 1,
      records: this.#walk.records + rows,
      note: last === undefined ? this.#walk.note : `read from the top down to ${last}`,
    }
  }

  #readAhead(next: Json | undefined): void {
    if (this.#ahead || next === undefined || this.#pass.paid || this.#pass.listing instanceof Object) return
    this.#ahead = this.#ask(next)
    // Whoever awaits it sees the error; this only keeps it from being called unhandled until then.
    this.#ahead.page.catch(() => {})
  }

  #restart(): undefined {
    // What is being read ahead stands below a place that no longer counts.
    this.#ahead = undefined
    this.#guard.restart()
    this.#distinct.clear()
    this.#track = TRACK_START
    this.#doubt = 'nothing'
    this.#fromTop = true
    this.#pagesHere = 0
    this.#rowsSeen = 0
    this.#totalFirst = undefined
    this.#totalLast = undefined
    this.#position = topAgain(this.#position.rereads)
    return undefined
  }

  #learnTotal(total: number | undefined): void {
    if (total === undefined) return
    this.#totalFirst ??= total
    this.#totalLast = total
    this.#run.expected = total
  }

  /**
   * Asks how many records there are, where pages don't tell, before a second page can be shifted by what happens to the
   * first: at once when everything is going to be read, else when a second page turns out to be needed. A walk that goes
   * on with its last request trusts what an earlier run knew.
   */
  async #countBefore(): Promise<void> {
    if (this.#totalFirst !== undefined || this.#pass.paging === 'keyset') return
    const { live, stateExists } = this.#run
    const full = this.#pass.kind === 'fullPass'
    const readsAll = full ? live > this.#pass.pageSize : !stateExists
    if (!readsAll && this.#pagesHere === 0) return
    if (full && this.#position.total !== null) return
    // A full pass owes the comparison when it has ended.
    if (full || this.#run.scope.purse.requestsLeft > 1) this.#learnTotal(await this.#count())
    else if (this.#isDoubted()) this.#learnTotal(this.#before ?? undefined)
  }

  async #count(): Promise<number | undefined> {
    const { http, options } = this.#run.scope
    return this.#pass.total?.({ http, options, page: undefined, where: {} })
  }

  /**
   * The walk has come to where it may end. Records that left the list while its pages were turned have shifted others
   * over a page boundary, unread: then it is read again.
   */
  async #settle(ended: Ended | 'restart'): Promise<Ended | undefined> {
    const run = this.#run
    const { clock } = run.scope.world
    if (ended === 'restart') return undefined
    if (this.#walk.closedAt !== null) return ended
    const lack = await this.#lack(ended)
    if (lack !== undefined) return this.#readAgain(lack)
    if (this.#pass.kind === 'newestFirst') {
      const closed = { closedAt: clock.now(), ended }
      this.#entry.ended = ended
      this.#walk = { ...this.#walk, ...closed }
      // Reading to the proven end covers what earlier newest-first walks left open.
      const older = run.openWalks.filter((open) => open.pass === 'newestFirst' && open.walk !== this.#walk.walk)
      const covered = ended === 'exhausted' ? older : []
      await write(run, this.#entry, { walks: [this.#walk, ...covered.map((open) => ({ ...open, ...closed }))] })
    }
    return ended
  }

  /**
   * Fewer than an earlier run knew of: what left may have left while that run turned its pages, and may have shifted
   * others. Nobody can tell, so all is read again, as often as REREADS_MAX. After that the list shrinks between all runs.
   */
  #hasShrunk(): boolean {
    return this.#isDoubted() && this.#totalFirst !== undefined && this.#totalFirst < (this.#before ?? 0)
  }

  /** Whether what an earlier run knew still counts. */
  #isDoubted(): boolean {
    return !this.#fromTop && this.#position.rereads < REREADS_MAX
  }

  /**
   * The walk's end is proved by one more request, which another run may make as well: none of what this run alone knows
   * (which keys it has seen, what pages have said of totals) is needed for it.
   */
  #owesCountOnly(ended: Ended): boolean {
    const { kind, total } = this.#pass
    if (kind !== 'newestFirst' || !total || this.#totalFirst === undefined) return false
    return this.#totalLast === this.#totalFirst && (ended === 'met-anchored' || !this.#fromTop)
  }

  /** Sends the walk back to the top, unless it has been there too often: then it is left open for the next run. */
  async #readAgain(why: string, mayHelp = true): Promise<Ended | undefined> {
    const rereads = this.#position.rereads + 1
    const again = mayHelp && rereads <= REREADS_MAX
    this.#position = topAgain(again ? rereads : 0)
    this.#walk = { ...this.#walk, position: this.#position, ended: again ? null : 'limit', note: why }
    this.#entry.ended = this.#walk.ended
    await write(this.#run, this.#entry, { walks: [this.#walk], forgetSeen: this.#walk.walk })
    if (again) return undefined
    this.#run.notes.push(`${this.#run.name}: ${why}`)
    return 'limit'
  }

  /** What shows that records were missed, in words; undefined when nothing does. */
  async #lack(ended: Ended): Promise<string | undefined> {
    const { store, decisions } = this.#run.scope.world
    if (!listsAll(this.#pass)) return undefined
    const { total, unreadable } = this.#position
    const full = this.#pass.kind === 'fullPass'
    if (ended === 'exhausted' && total !== null && (full || this.#fromTop)) {
      const read = full ? await store.countSeen(this.#run.row.no, this.#walk.walk) : this.#distinct.size
      if (!decisions.isShort(read + unreadable, total)) return undefined
      return `the source said it had ${plural(total, 'record')}, ${plural(read + unreadable, 'different one was', 'different ones were')} read`
    }
    const isOnePage = this.#pagesHere < 2 && this.#fromTop
    if (this.#isDoubted() && this.#before !== null && this.#totalFirst === undefined) this.#learnTotal(this.#before)
    if (isOnePage || this.#totalFirst === undefined) return undefined
    if (this.#hasShrunk()) return SHRUNK
    const now = this.#totalLast === this.#totalFirst ? ((await this.#count()) ?? this.#totalLast) : this.#totalLast
    if (now === undefined || now >= this.#totalFirst) return undefined
    return `the source had ${plural(this.#totalFirst, 'record')} when the walk began and ${now} at its end`
  }

  #result(ended: Ended): ListingResult {
    const { runId, world } = this.#run.scope
    const key = this.#position.tail.at(-1) ?? null
    world.logger.event('info', 'walk.stopped', { run: runId, stream: this.#run.name, key, why: ended })
    return {
      ended,
      walk: this.#walk,
      position: this.#position,
      empty: this.#fromTop && this.#rowsSeen === 0,
      fromTop: this.#fromTop,
    }
  }
}

function isEnd(how: 'next' | 'restart' | Ended): how is Ended {
  return how !== 'next' && how !== 'restart'
}

function listsAll(pass: ListingPass): boolean {
  return pass.listing === undefined || pass.listing === 'complete'
}

/** Where a walk stood, as it was kept. */

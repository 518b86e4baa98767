// Owns the walk through a window of changes, for byCursor: ask from the cursor, store, keep the cursor with the page,
// and end at a bound that was fixed when the run began. A part that can't be read is left out; see window-holes.ts.

import type { Http, Page } from '../../../connector/page.ts'
import { asError, isPageFault } from '../../../model/errors.ts'
import type { Key } from '../../../model/record.ts'
import type { Ended } from '../../../model/run.ts'
import type { WalkRow } from '../../../store/store.ts'
import type { BadPages } from '../bad-pages.ts'
import { openedRow } from '../listing/walk-row.ts'
import { ProgressGuard } from '../progress-guard.ts'
import { readPaid } from '../read-paid.ts'
import { storePage } from '../rows/page.ts'
import { writeSurely } from '../rows/page-parts.ts'
import { examinerOf, noNumber } from '../rows/place.ts'
import type { Kept } from '../state.ts'
import { askedNow, write } from '../stream-run.ts'
import { WindowBounds } from './bounds.ts'
import { type Doubt, WindowCounts } from './counts.ts'
import { findReadable, type Place } from './find-readable.ts'
import { type Hole, holeNote, holesOf, howFar, rowOfHole, windowPositionFrom, withKnown } from './position.ts'
import {
  goInside,
  type Inside,
  insideAfter,
  type Owed,
  owedAfter,
  repeatsAfter,
  trackFor,
  type WindowTrack,
} from './step.ts'

/** Parts that one run may leave out, at most. */
export const LEFT_OUT_MAX = 3

/**
 * Walks from the cursor to the run's start. What is thrown leaves the walk open at the last page that was stored. A part
 * that can't be read is left out and stays open by itself, with its error among the bad pages.
 */
export async function walkWindow(
  { run, entry, pass }: Place,
  how: { readonly fromBeginning: boolean; readonly badPages: BadPages },
): Promise<Ended> {
  const { fromBeginning, badPages } = how
  // A walk from the beginning reads what earlier ones had to leave out, too.
  const holes = fromBeginning ? [] : holesOf(run.openWalks)
  const isOwn = ({ pass: kind, position }: WalkRow) => kind === 'byCursor' && !windowPositionFrom(position)?.isHole
  const open = fromBeginning ? undefined : run.openWalks.find(isOwn)
  const stood = open && windowPositionFrom(open.position)
  const cursor = stood ? (stood.since ?? undefined) : fromBeginning ? undefined : run.kept.cursor
  const bounds = new WindowBounds(run, pass, { cursor, openUntil: stood?.until, holes })
  const { clock } = run.scope.world
  const begun = { walk: run.nextWalk, pass: pass.kind, at: clock.now(), fromTop: true }
  const position = { since: cursor ?? null, until: bounds.until, owed: null }
  const walk: WalkRow = open ?? { ...openedRow(undefined, begun), position }
  const rowAfter = ({ since, owed, inside, largest, ended }: ReadTo) => ({
    closedAt: ended === 'exhausted' ? clock.now() : null,
    ended,
    position: { since, until: bounds.until, owed, ...(inside && { inside }) },
    note: howFar(largest, bounds.until, pass.unitMs),
  })
  const { owed, inside } = stood ?? {}
  return new WindowWalk({ run, entry, pass, bounds, walk, owed, inside, rowAfter, fromBeginning, badPages }).run()
}

/** How far a walk has come with a page. */
export interface ReadTo {
  /** Everything before it has been read; null: nothing yet. */
  readonly since: number | null
  readonly owed: Owed | null
  readonly inside: Inside | null
  /** The greatest position seen. */
  readonly largest: number | null
  /** How the walk ended with this page; null: it goes on. */
  readonly ended: Ended | null
}

export interface WindowSetup extends Place {
  readonly bounds: WindowBounds
  readonly walk: WalkRow
  readonly owed?: Owed | null | undefined
  readonly inside?: Inside | null | undefined
  /** @default that of the run */
  readonly http?: Http
  /** What the walk's row says after a page; the walk is closed when that has a `closedAt`. */
  readonly rowAfter: (read: ReadTo) => Pick<WalkRow, 'closedAt' | 'ended' | 'position' | 'note'>
  readonly badPages: BadPages
  /** @default false */
  readonly fromBeginning?: boolean
  /** It is a part that was left out: a page of it that can't be read is thrown. @default false */
  readonly isPart?: boolean
}

/** A request under way. */
interface Asked {
  readonly page: Promise<Page>
  readonly until: number
  /** Where the part begins at which it ends, before the end of the window. */
  readonly hole: { readonly since: number } | undefined
  readonly at: number
}

export class WindowWalk {
  readonly #setup: WindowSetup
  readonly #guard: ProgressGuard
  readonly #bounds: WindowBounds
  readonly #counts: WindowCounts
  #walk: WalkRow
  #track: WindowTrack
  #ahead: Asked | undefined
  #repeats: ReadonlyMap<Key, string> = new Map()
  /** Different keys read in this run. */
  readonly #shown = new Set<Key>()
  /** The place inside a group that an earlier run has left to this one, until a page was read from there. */
  #resumed: Inside | undefined
  /** Walks of the parts that this one left out. */
  readonly #leftOut = new Set<number>()

  constructor(setup: WindowSetup) {
    const { run, bounds, walk, owed, inside } = setup
    this.#setup = setup
    this.#bounds = bounds
    this.#guard = new ProgressGuard(run.name)
    this.#counts = new WindowCounts(run.scope.world.decisions)
    this.#track = trackFor(bounds, owed, inside)
    this.#resumed = inside ?? undefined
    this.#walk = walk
  }

  async run(): Promise<Ended> {
    const { run } = this.#setup
    const { runId, world } = run.scope
    let ended: Ended | null = null
    while (ended === null) {
      const asked = this.#ahead ?? this.#ask(this.#track)
      this.#ahead = undefined
      const page = await asked.page.catch((error: unknown) => this.#stepOver(error))
      if (!page) continue
      this.#bounds.learn()
      if (page.total !== undefined) run.expected = Math.max(run.expected ?? 0, page.total)
      ended = await this.#store(page, asked)
    }
    world.logger.event('info', 'walk.stopped', {
      run: runId,
      stream: run.name,
      key: this.#track.largest,
      why: ended,
    })
    return ended
  }

  /** Goes on behind a page that can't be read, where there is such a place; else it throws what that page answered. */
  async #stepOver(thrown: unknown): Promise<undefined> {
    const error = asError(thrown)
    const { run, entry, pass, badPages, isPart } = this.#setup
    if (!isPageFault(thrown)) throw error
    if (this.#beginGroupAgain()) return undefined
    const { since } = this.#track
    const { until } = this.#bounds
    badPages.note({ read: pass.read, token: { since, until } }, error)
    if (isPart) throw error
    const mayStep = !pass.paid && this.#leftOut.size < LEFT_OUT_MAX
    const next = mayStep ? await findReadable({ run, entry, pass }, since, until) : undefined
    if (next === undefined) {
      entry.ended = 'failed'
      const stored = run.openWalks.filter(({ walk }) => walk === this.#walk.walk)
      await write(run, entry, { walks: stored.map((walk) => ({ ...walk, ended: 'failed' as const })) })
      run.asides.push(`${run.name}: ${error.message}`)
      throw error
    }
    await this.#leaveOut({ since, until: next })
    return undefined
  }

  /** A token of an earlier run may have become void: then the group is read from its first page. */
  #beginGroupAgain(): boolean {
    const { since, token, group } = this.#track
    const left = this.#resumed
    if (!left || group === null || since !== left.since || token === null || token !== left.token) return false
    this.#track = { ...this.#track, token: null, group: null }
    this.#resumed = undefined
    return true
  }

  /** Leaves a part out: it becomes a walk of its own, in one transaction with where this one goes on. */
  async #leaveOut(part: Pick<Hole, 'since' | 'until'>): Promise<void> {
    const { run, entry, pass } = this.#setup
    const track = { ...this.#track, since: part.until, token: null, group: null, owed: null, inside: null }
    const position = { since: this.#readTo(track, false), until: this.#bounds.until, owed: null }
    const walk = { ...this.#walk, position }
    const number = Math.max(run.nextWalk, walk.walk + 1)
    const row = { ...walk, walk: number, openedAt: run.scope.world.clock.now(), pages: 0, records: 0 }
    const hole = withKnown({ ...part, row: { ...row, ended: 'failed' } }, holesOf(run.openWalks))
    await writeSurely(run, entry, { walks: [walk, rowOfHole(hole, pass.unitMs)] })
    run.asides.push(`${run.name}: ${holeNote(hole, pass.unitMs)}`)
    this.#leftOut.add(hole.row.walk)
    this.#walk = walk
    this.#track = track
    this.#ahead = undefined
    this.#repeats = new Map()
    this.#counts.forget()
    this.#guard.restart()
  }

  #ask(track: WindowTrack): Asked {
    const { run, pass, http = run.scope.http } = this.#setup
    const { until, hole } = this.#endFrom(track.since)
    const at = askedNow(run)
    const window = { since: track.since ?? undefined, until }
    const request = { options: run.scope.options, page: track.token ?? undefined, where: {}, ...window }
    const page = readPaid(run, pass.paid, (means) => pass.read({ ...request, ...means }), http)
    return { page, until, hole, at }
  }

  /** Returns how the walk ended with the page; null: it goes on. */
  async #store(page: Page, asked: Asked): Promise<Ended | null> {
    const request = this.#track
    const { run, entry, pass, rowAfter } = this.#setup
    const bounds = this.#bounds
    const { decisions } = run.scope.world
    let track = request
    let walk = this.#walk
    let done = false
    let orders: readonly number[] = []
    let doubt: Doubt | undefined
    // What the source promised beyond what it showed at the end of the window, in words.
    let lack: string | undefined
    const repeats = this.#repeats
    const unplaced: unknown[] = []
    const work = {
      rows: page.records,
      askedAt: asked.at,
      walk: walk.walk,
      keepSeen: false,
      repeats,
      shown: this.#shown,
      examine: examinerOf(pass, unplaced),
    }
    const stored = await storePage(run, entry, work, (sight) => {
      const isAnyPlaced = sight.parsed.length > 0 || request.largest !== null || run.kept.cursor !== undefined
      if (unplaced.length > 0 && !isAnyPlaced) throw noNumber(unplaced[0])
      orders = sight.parsed.map(({ record }) => pass.order(record))
      const keys = sight.parsed.map(({ incoming }) => incoming.key)
      const unread = sight.unread.flatMap(({ key }) => key ?? [])
      const { next, total } = page
      const step = decisions.byCursorStep(request, { orders, keys, unread, next, total, reach: bounds.reach })
      track = step.track
      // Where the request ended at a hole, or the window's end has moved since (we learned the source's clock), it goes on.
      done = step.done && asked.until >= bounds.until
      if (step.done && !done) {
        const since = asked.hole ? bounds.behindHoles(asked.hole.since) : (track.largest ?? track.since)
        track = { ...track, token: null, since }
      }
      // A token belongs to the window that it was given for.
      if (asked.until !== this.#endFrom(track.since).until) track = { ...track, token: null, group: null }
      track = goInside(track)
      lack = step.done && (done || asked.hole) ? this.#counts.lackOf(page, sight) : undefined
      if (lack !== undefined) track = { ...track, unsure: track.unsure ?? { since: request.since } }
      // What a run can't afford to read once more is not asked for.
      const mayRecount = run.scope.purse.requestsLeft > 2
      doubt = track.unsorted || !mayRecount ? undefined : this.#counts.doubtOf(page, request, asked.until)
      if (doubt && 'again' in doubt) {
        done = false
        lack = undefined
        track = { ...request, since: doubt.again, token: null, group: null, largest: track.largest }
      } else if (doubt) {
        lack ??= doubt.lack
        track = { ...track, unsure: { since: doubt.from } }
      }
      // A part that does not follow on what was read says nothing of what lies before it.
      const { cursor: before } = run.kept
      const { isPart } = this.#setup
      const follows = !isPart || bounds.since === undefined || (before !== undefined && before >= bounds.since)
      const cursor = follows ? decisions.cursorAfter({ before, track, done, start: bounds.start }) : before
      // A walk that passed something that it can't vouch for is a gap; a pass that left something out has not read everything.
      const ended: Ended | null = done ? (track.unsure ? 'limit' : 'exhausted') : null
      entry.ended = ended === 'exhausted' && this.#leftOut.size > 0 ? 'failed' : ended
      const read = {
        since: this.#readTo(track, done),
        owed: owedAfter(track),
        inside: insideAfter(track),
        largest: track.largest,
        ended,
      }
      const { pages, records } = this.#walk
      walk = { ...this.#walk, ...rowAfter(read), pages: pages + 1, records: records + sight.fetched }
      if (!done && !this.#ahead && !pass.paid) {
        this.#ahead = this.#ask(track)
        // Whoever awaits it sees the error; this only keeps it from being called unhandled until then.
        this.#ahead.page.catch(() => {})
      }
      const kept: Kept = cursor === undefined || cursor === run.kept.cursor ? run.kept : { ...run.kept, cursor }
      const { closedAt } = walk
      const covered = closedAt === null ? [] : this.#covered(walk)
      const closed = { closedAt, ended: walk.ended }
      return { walks: [walk, ...covered.map((open) => ({ ...open, ...closed }))], kept }
    })
    if (track.unsorted && !this.#track.unsorted) {
      run.notes.push(`${run.name}: the source did not answer in order; the cursor moves at the end of the pass only`)
    }
    this.#counts.see(page, stored, { request, track, until: asked.until, orders, doubt })
    if (lack !== undefined) run.notes.push(`${run.name}: ${lack}`)
    else if (track.unsure && !this.#track.unsure) {
      run.notes.push(
        `${run.name}: records of one time kept changing while they were read; the next run reads them again`,
      )
    }
    const read = stored.parsed.map(({ incoming: { key, hash } }, i) => ({ key, hash, order: orders[i] as number }))
    for (const { incoming } of stored.parsed) this.#shown.add(incoming.key)
    this.#repeats = repeatsAfter(track, read, request.group || doubt ? repeats : undefined)
    this.#walk = walk
    this.#track = track
    // Tokens belong to the lower bound that they were asked with: from a new one on, the same may come again.
    if (track.token === null) this.#guard.restart()
    else {
      try {
        this.#guard.see(request.token ?? undefined, track.token, stored)
      } catch (error) {
        // Where the tokens go round in circles, what lies behind them is read all the same.
        await this.#stepOver(error)
      }
    }
    return entry.ended
  }

  /**
   * Walks that end with this one: those that broke off before it; and, if it began at the beginning of all, what earlier
   * runs had to leave out.
   */
  #covered({ walk }: WalkRow): readonly WalkRow[] {
    const { run, fromBeginning, isPart } = this.#setup
    if (isPart) return []
    const holes = new Set(fromBeginning ? [] : holesOf(run.openWalks).map(({ row }) => row.walk))
    const stays = (open: WalkRow) => open.walk === walk || this.#leftOut.has(open.walk) || holes.has(open.walk)
    return run.openWalks.filter((open) => open.pass === 'byCursor' && !stays(open))
  }

  /** Up to where everything has been read. */
  #readTo({ unsure, unsorted, since }: WindowTrack, done: boolean): number | null {
    if (unsure) return unsure.since
    return unsorted && !done ? (windowPositionFrom(this.#walk.position)?.since ?? null) : since
  }

  /** Where a request from this position ends: at the next hole, or at the end of the window. */
  #endFrom(since: number | null): Pick<Asked, 'until' | 'hole'> {
    const hole = this.#bounds.holeAfter(since)
    return { until: hole?.since ?? this.#bounds.until, hole }
  }
}

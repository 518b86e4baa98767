// Owns the walk through a window of changes, for byCursor, as it acts: ask from the cursor, wait, write, and go on behind a
// part that can't be read. It decides nothing: see reducer.ts. It starts reading one page ahead, so that the source
// answers while the store writes.

import type { Http, Page } from '../../../connector/page.ts'
import { asError, isPageFault } from '../../../model/errors.ts'
import type { Key } from '../../../model/record.ts'
import type { Ended } from '../../../model/run.ts'
import { heard } from '../../../model/told.ts'
import { type AskedPage, askPage } from '../ask-page.ts'
import type { BadPages } from '../bad-pages.ts'
import { ProgressGuard } from '../progress-guard.ts'
import { broughtBy, type Sight, storePage } from '../rows/page.ts'
import { writeSurely } from '../rows/page-parts.ts'
import { type AskedAhead, parseEarly, readBy } from '../rows/parse.ts'
import { examinerOf, noNumber } from '../rows/place.ts'
import { write } from '../stream-run.ts'
import { WindowBounds } from './bounds.ts'
import { WindowCounts } from './counts.ts'
import { findReadable, type Place } from './find-readable.ts'
import type { Hole } from './position.ts'
import {
  beginGroupAgain,
  brokenOff,
  endFrom,
  type Facts,
  leaveOut,
  mayLeaveOut,
  openWalk,
  type PageSeen,
  seePage,
  startOf,
  type Walk,
} from './reducer.ts'
import type { WindowTrack } from './step.ts'

/**
 * Walks from the cursor to the run's start. What is thrown leaves the walk open at the last page that was stored. A part
 * that can't be read is left out and stays open by itself, with its error among the bad pages.
 */
export async function walkWindow(
  { run, entry, pass }: Place,
  { fromBeginning, badPages }: { readonly fromBeginning: boolean; readonly badPages: BadPages },
): Promise<Ended> {
  const start = startOf({ kept: run.kept, openWalks: run.openWalks, fromBeginning })
  const bounds = new WindowBounds(run, pass, start)
  const { sorted = true } = pass
  const begun = openWalk({ bounds, nextWalk: run.nextWalk, now: run.scope.world.clock.now(), sorted }, start)
  return new WindowWalk({ run, entry, pass, bounds, begun, badPages, fromBeginning }).run()
}

interface WindowSetup extends Place {
  readonly bounds: WindowBounds
  readonly begun: Walk
  /** @default that of the run */
  readonly http?: Http
  readonly badPages: BadPages
  /** @default false */
  readonly fromBeginning?: boolean
  /** It reads a part that was left out: a page of it that can't be read is thrown. */
  readonly part?: Facts['part']
}

/** A page of the window that was asked for, and where its request ends. */
type AskedWindow = AskedPage & AskedAhead & Pick<PageSeen, 'until' | 'hole'>

export class WindowWalk {
  readonly #setup: WindowSetup
  readonly #guard: ProgressGuard
  readonly #counts: WindowCounts
  #walk: Walk
  #ahead: AskedWindow | undefined
  /** Different keys read in this run. */
  readonly #shown = new Set<Key>()

  constructor(setup: WindowSetup) {
    const { run, begun, pass } = setup
    this.#setup = setup
    this.#guard = new ProgressGuard(run.name)
    this.#counts = new WindowCounts(run.scope.world.decisions, pass.sorted ?? true)
    this.#walk = begun
  }

  async run(): Promise<Ended> {
    const { run, bounds } = this.#setup
    const { runId, world } = run.scope
    let ended: Ended | null = null
    while (ended === null) {
      const asked = this.#ahead ?? this.#ask(this.#walk.track)
      this.#ahead = undefined
      const page = await asked.page.catch((error: unknown) => this.#stepOver(error))
      if (!page) continue
      bounds.learn()
      if (page.total !== undefined) run.expected = Math.max(run.expected ?? 0, page.total)
      ended = await this.#store(page, asked)
    }
    const key = this.#walk.track.largest
    world.logger.event('info', 'walk.stopped', { run: runId, stream: run.name, key, why: ended })
    return ended
  }

  /** What is left of the hole of which it reads a part. */
  get hole(): Hole | undefined {
    return this.#walk.hole
  }

  get #facts(): Facts {
    const { run, pass, bounds, fromBeginning = false, part } = this.#setup
    const { kept, openWalks, nextWalk, scope } = run
    const { clock, decisions } = scope.world
    return {
      decisions,
      bounds,
      kept,
      openWalks,
      nextWalk,
      now: clock.now(),
      requestsLeft: scope.purse.requestsLeft,
      unitMs: pass.unitMs,
      sorted: pass.sorted ?? true,
      paid: pass.paid === true,
      fromBeginning,
      part,
    }
  }

  #ask(track: WindowTrack): AskedWindow {
    const { run, pass, bounds, http } = this.#setup
    const end = endFrom(bounds, track.since)
    const which = { page: track.token ?? undefined, since: track.since ?? undefined, until: end.until }
    return { ...askPage(run, pass, which, http), ...end }
  }

  /** Returns how the pass ended with the page; null: it goes on. */
  async #store(page: Page, asked: AskedWindow): Promise<Ended | null> {
    const { run, entry, pass } = this.#setup
    const before = this.#walk
    const unplaced: unknown[] = []
    const early = await asked.early
    const work = {
      ...broughtBy(page, asked.at, readBy(run, early)),
      walk: before.row.walk,
      keepSeen: false,
      repeats: before.repeats,
      shown: this.#shown,
      examine: examinerOf(pass, unplaced),
    }
    const stored = await storePage(run, entry, work, (sight) => {
      const isAnyPlaced = sight.parsed.length > 0 || before.track.largest !== null || run.kept.cursor !== undefined
      if (unplaced.length > 0 && !isAnyPlaced) throw noNumber(unplaced[0])
      const seen = this.#seen(page, asked, sight)
      const step = seePage(this.#facts, before, seen)
      entry.ended = step.ended
      if (step.ahead && !this.#ahead) {
        const ahead = this.#ask(step.ahead)
        this.#ahead = { ...ahead, early: parseEarly(run, ahead) }
        void heard(ahead.page)
      }
      return { save: step.save, decided: { ...step, seen } }
    })
    const { walk, ended, doubt, notes, seen } = stored.decided
    run.notes.push(...notes.map((note) => `${run.name}: ${note}`))
    const orders = seen.read.map(({ order }) => order)
    this.#counts.see(page, stored, { request: before.track, track: walk.track, orders, doubt })
    for (const { incoming } of stored.parsed) this.#shown.add(incoming.key)
    this.#walk = walk
    await this.#turn(before.track, stored)
    return ended
  }

  #seen(page: Page, { until, hole }: AskedWindow, sight: Sight): PageSeen {
    const { pass } = this.#setup
    return {
      until,
      hole,
      read: sight.parsed.map(({ record, incoming: { key, hash } }) => ({ key, hash, order: pass.order(record) })),
      unread: sight.unread.flatMap(({ key }) => key ?? []),
      fetched: sight.fetched,
      next: page.next,
      total: page.total,
      lack: this.#counts.lackOf(page, sight),
      doubt: this.#counts.doubtOf(page, this.#walk.track),
    }
  }

  /** Tokens belong to the lower bound that they were asked with: from a new one on, the same may come again. */
  async #turn({ token: before, since: from }: WindowTrack, stored: Parameters<ProgressGuard['see']>[2]): Promise<void> {
    const { token, since } = this.#walk.track
    // Also where it goes on at a token of another bound, which an earlier page has told.
    if (token === null || since !== from) return this.#guard.restart()
    try {
      this.#guard.see(before ?? undefined, token, stored)
    } catch (error) {
      // Where the tokens go round in circles, what lies behind them is read all the same.
      await this.#stepOver(error)
    }
  }

  /** Goes on behind a page that can't be read, where there is such a place; else it throws what that page answered. */
  async #stepOver(thrown: unknown): Promise<undefined> {
    const error = asError(thrown)
    const { run, entry, pass, bounds, badPages, part } = this.#setup
    if (!isPageFault(thrown)) throw error
    const again = beginGroupAgain(this.#walk)
    if (again) return void (this.#walk = again)
    const { since } = this.#walk.track
    const { until } = bounds
    badPages.note({ read: pass.read, token: { since, until } }, error)
    if (part) throw error
    const mayStep = mayLeaveOut(this.#facts, this.#walk)
    const next = mayStep ? await findReadable({ run, entry, pass }, since, until) : undefined
    if (next !== undefined) return this.#leaveOut({ since, until: next })
    entry.ended = 'failed'
    await write(run, entry, { walks: brokenOff(run, this.#walk) })
    run.asides.push(`${run.name}: ${error.message}`)
    throw error
  }

  async #leaveOut(between: Pick<Hole, 'since' | 'until'>): Promise<undefined> {
    const { run, entry } = this.#setup
    const { walk, save, aside } = leaveOut(this.#facts, this.#walk, between)
    await writeSurely(run, entry, save)
    run.asides.push(`${run.name}: ${aside}`)
    this.#walk = walk
    this.#ahead = undefined
    this.#counts.forget()
    this.#guard.restart()
  }
}

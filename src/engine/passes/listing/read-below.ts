// Owns reading on behind a page that can't be read, where its connector can tell the page that follows. What is read
// there is kept and anchors nothing: the walk that stands before the page reads it all once more when the page answers.

import type { Page } from '../../../connector/page.ts'
import type { ListingPass } from '../../../connector/passes.ts'
import { isPageFault } from '../../../model/errors.ts'
import type { Json } from '../../../model/json.ts'
import type { WalkRow } from '../../../store/store.ts'
import type { BadPages } from '../bad-pages.ts'
import { isCleanStop } from '../budget.ts'
import { ProgressGuard } from '../progress-guard.ts'
import { broughtBy, storePage } from '../rows/page.ts'
import { openWalkNumbers } from '../rows/page-parts.ts'
import { examinerOf } from '../rows/place.ts'
import { type PassEntry, type StreamRun, write } from '../stream-run.ts'
import { isLive, sightingsOf } from './page-seen.ts'
import { type Below, type Position, positionFrom } from './position.ts'
import { lookAtListing } from './source.ts'
import { stopAfterOf } from './step.ts'
import { TRACK_START } from './stop-rule.ts'

/** Pages in a row that can't be read; behind so many there is nothing to be had. */
export const SKIPS_MAX = 3

export interface BelowSetup {
  readonly run: StreamRun
  readonly entry: PassEntry
  readonly pass: ListingPass
  readonly row: WalkRow
  readonly position: Position
  /** Of the page that can't be read. */
  readonly token: Json
  readonly badPages: BadPages
}

/** Where the walk stood, or else the latest other one, when this page could not be read; undefined: it is the first time. */
export function stuckAt(page: string, run: StreamRun, row: WalkRow, position: Position): Position | undefined {
  const others = siblingsOf(run, row).sort((a, b) => b.walk - a.walk)
  return [position, ...others.map((other) => positionFrom(other.position))].find(({ stuck }) => stuck === page)
}

/** Open walks of the same pass. */
function siblingsOf({ openWalks }: StreamRun, { pass, walk }: WalkRow): WalkRow[] {
  return openWalks.filter((open) => open.pass === pass && open.walk !== walk)
}

/** Reads what lies below, as far as an earlier run has not; returns the walk's row as it was written. */
export async function readBelow(setup: BelowSetup): Promise<WalkRow> {
  const { run, entry, pass, badPages } = setup
  const { decisions } = run.scope.world
  const rowAt = (below: Below): WalkRow => ({ ...setup.row, position: { ...setup.position, below } })
  const guard = new ProgressGuard(run.name)
  // What later walks have read is no ground to stop at: it may stand above what an older one has not.
  const oldest = Math.min(setup.row.walk, ...siblingsOf(run, setup.row).map(({ walk }) => walk))
  let { row } = setup
  let below = belowFrom(setup)
  let track = TRACK_START
  while (below.next !== null) {
    const token = below.next
    const asked = lookAtListing(run, pass, badPages, token)
    let page: Page
    try {
      page = await asked.page
    } catch (error) {
      badPages.note({ read: pass.read, token }, error)
      // What the first page answered says more than that a limit was met below it.
      if (isCleanStop(error)) return row
      if (!isPageFault(error)) throw error
      // One more try with each run: an outage is none of this page's doing.
      const failed = below.failed + 1
      row = rowAt({ ...below, next: failed > SKIPS_MAX ? null : (pass.skip?.(token) ?? null), failed })
      await write(run, entry, { walks: [row] })
      return row
    }
    const work = {
      ...broughtBy(page, asked.at),
      walk: null,
      keepSeen: false,
      examine: examinerOf(pass),
    }
    const before = { below, track }
    const stored = await storePage(run, entry, work, (sight) => {
      const viewer = {
        pass,
        stream: run.stream,
        walk: oldest,
        open: openWalkNumbers(run, row.walk),
        decisions,
        lastRead: undefined,
      }
      const sightings = sightingsOf(viewer, sight)
      const step = decisions.newestFirstStep(before.track, sightings, stopAfterOf(pass))
      const fresh = sight.parsed.filter(({ incoming }) => !isLive(sight.heads, incoming.key)).length
      const isKnown = pass.kind === 'newestFirst' && step.stopAt >= 0
      const next = isKnown ? null : (page.next ?? null)
      const after = belowAfter(before.below, { rows: page.records.length, fresh, next })
      const walk = rowAt(after)
      return { save: { walks: [walk] }, decided: { row: walk, below: after, track: step.track } }
    })
    ;({ row, below, track } = stored.decided)
    guard.see(token, page.next, stored)
  }
  return row
}

/** Where reading goes on. What came in on top has pushed as many records down from the bad page, and nobody has read them. */
function belowFrom({ run, pass, position: { below }, token }: BelowSetup): Below {
  const first = { next: pass.skip?.(token) ?? null, failed: 1, known: run.live }
  if (below === null) return first
  const isDone = below.next === null && below.failed === 0
  const shifted = run.live - below.known
  return isDone && shifted > 0 ? { ...first, shifted } : below
}

/** Where it goes on after a page with so many rows, `fresh` of which the mirror did not have. */
function belowAfter(
  { known, shifted }: Below,
  { rows, fresh, next }: { readonly rows: number; readonly fresh: number; readonly next: Json },
): Below {
  const after = { next, failed: 0, known: known + fresh }
  if (shifted === undefined) return after
  const isPast = shifted <= rows && fresh === 0
  return { ...after, next: isPast ? null : next, shifted: Math.max(0, shifted - rows) }
}

// Owns the look at the top of a listing that its full pass takes when it has come to the end: a record that changed while
// the pages were turned, or that came between two runs of the walk, stands there now, above what was read. A look goes
// down to ground that stood at the top when the walk began. One that takes more than a page takes time, in which others
// may move: then another look follows, until one page holds all that may have moved, or two looks in a row show the same.

import type { Order } from '../../../connector/page.ts'
import { capOf, type FullPass } from '../../../connector/passes.ts'
import { TidemarkError } from '../../../model/errors.ts'
import type { Json } from '../../../model/json.ts'
import { BadPages } from '../bad-pages.ts'
import { ProgressGuard } from '../progress-guard.ts'
import { broughtBy, storePage } from '../rows/page.ts'
import { writeSurely } from '../rows/page-parts.ts'
import { examinerOf } from '../rows/place.ts'
import type { PassEntry, StreamRun } from '../stream-run.ts'
import { type Evidence, evidenceAfter, NO_EVIDENCE, newsIsOnTop } from './proof.ts'
import { lookAtListing } from './source.ts'
import type { ListingResult } from './walk.ts'

/** How many looks a pass takes, at most. A quiet listing needs one, of one page. */
export const LOOKS_MAX = 3

/** Stores what stands at the top now, as seen by the walk. `moving`: the listing moves faster than it can be read. */
export async function lookAtTop(
  run: StreamRun,
  entry: PassEntry,
  pass: FullPass<unknown, unknown>,
  { walk, position }: ListingResult,
): Promise<'still' | 'moving'> {
  // What can't be read here ends the pass.
  const badPages = new BadPages()
  let ground = position.evidence.top
  let shown: string | undefined
  for (let looks = 0; looks < LOOKS_MAX && ground !== null; looks++) {
    if (run.scope.purse.requestsLeft < 1) return 'moving'
    const look: Look = await lookDownTo(run, entry, pass, { ground, walk: walk.walk, badPages })
    if (look.empty) throw nothingThere(run.name)
    if (!look.evidence.falls) return 'moving'
    if (look.pages === 1 || look.evidence.trail === shown) return 'still'
    shown = look.evidence.trail
    ground = look.evidence.top
  }
  return 'moving'
}

/** Looks at the top that a walk begins, at most: one that did not come down to known ground may do so in the next run. */
export const LOOKS_BEGUN_MAX = 2

/**
 * Stores what has come on top since a walk left it that went on in another run. False: that can't tell what has come, because
 * the order is no time, the source has more records than were read, it lists nothing any more, or looks take more requests
 * than a run may make.
 */
export async function lookSince(
  run: StreamRun,
  entry: PassEntry,
  pass: FullPass<unknown, unknown>,
  { walk, position }: ListingResult,
  badPages: BadPages,
): Promise<boolean> {
  const { top } = position.evidence
  if (top === null || run.kept.strays || !newsIsOnTop(pass, position.evidence)) return false
  if (position.looks >= LOOKS_BEGUN_MAX) return false
  // What ends the run from here on leaves the walk at its end, with nothing but the look to be done.
  const reached = { ...position, reached: 'exhausted' as const, looks: position.looks + 1 }
  await writeSurely(run, entry, { walks: [{ ...walk, position: reached }] })
  const { evidence } = await lookDownTo(run, entry, pass, { ground: top, walk: walk.walk, badPages })
  if (!evidence.falls) return false
  const { total } = position.totals
  if (total === null) return true
  const { store, decisions } = run.scope.world
  const different = (await store.walks.countSeen(run.row.no, walk.walk)) + position.unreadable
  return !decisions.isShort(different, Math.min(total, capOf(pass.listing)))
}

interface Depth {
  /** Down to the first record that stands below this one. */
  readonly ground: Order
  readonly walk: number
  /** Takes note of a page that can't be read. */
  readonly badPages: BadPages
}

interface Look {
  /** A page was empty, where the walk has read records. */
  readonly empty: boolean
  readonly pages: number
  readonly evidence: Evidence
}

async function lookDownTo(
  run: StreamRun,
  entry: PassEntry,
  pass: FullPass<unknown, unknown>,
  { ground, walk, badPages }: Depth,
): Promise<Look> {
  const guard = new ProgressGuard(run.name)
  let token: Json | undefined
  let evidence = NO_EVIDENCE
  for (let pages = 1; ; pages++) {
    const asked = lookAtListing(run, pass, badPages, token)
    const page = await asked.page.catch((error: unknown) => {
      badPages.note({ read: pass.read, token: asked.token }, error)
      throw error
    })
    const work = {
      ...broughtBy(page, asked.at),
      walk,
      keepSeen: true,
      examine: examinerOf(pass),
    }
    const stored = await storePage(run, entry, work)
    const { parsed, heads, contents, unread } = stored
    guard.see(token, page.next, stored)
    if (page.records.length === 0) return { pages, evidence: { ...evidence, falls: false }, empty: true }
    evidence = evidenceAfter(evidence, pass, { isFirst: pages === 1, parsed, heads, contents, topBefore: undefined })
    // What can't be read may be what has moved.
    if (unread.some(({ key }) => key === null)) return { pages, evidence: { ...evidence, falls: false }, empty: false }
    const { last } = evidence
    if (page.next === undefined || (last !== null && last < ground)) return { pages, evidence, empty: false }
    token = page.next
  }
}

/** The walk has read records there. It stays open, and the next run reads again. */
function nothingThere(stream: string): TidemarkError {
  return new TidemarkError('unexpected_shape', `The source listed nothing of stream "${stream}" where it had records.`)
}

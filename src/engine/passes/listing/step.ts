// Owns the decision of a listing walk, page by page: given where the walk stands and a page, where does it stand now, and
// what is read next? Pure; walk.ts does what is decided here.

import type { Page } from '../../../connector/page.ts'
import { capOf, type ListingPass } from '../../../connector/passes.ts'
import type { Json } from '../../../model/json.ts'
import type { Key } from '../../../model/record.ts'
import type { Ended } from '../../../model/run.ts'
import type { Decisions } from '../decisions.ts'
import type { Parsed } from '../rows/shape.ts'
import { besideAtLeast } from './first-keys.ts'
import { type Doubt, movedTo, type PageRead, type Passed, type Position, TOP, topAgain, withNew } from './position.ts'
import { type Sighting, STOP_AFTER_MIN, TRACK_START, type WalkTrack } from './stop-rule.ts'
import { type Turn, turned } from './totals.ts'

/** How often the page before is read again at one boundary because the total keeps falling; then the next run tries. */
export const TURNS_MAX = 3

/** What shows that an empty page is no end. */
const NOTHING_NOW = 'the source listed nothing where it had records before'
/** What shows that records may have been missed where a walk can't find its place again. */
const LOST = 'the records at which the walk stood are listed no more'

/** What a walk knows while it reads. */
export interface Walking {
  /** Evidence of what was read without a hole, from the top down to a page; kept between runs. */
  readonly position: Position
  /** Evidence of known ground: the run of anchored records that the walk has met last. */
  readonly track: WalkTrack
  /** The next page counts only if it shows the end of what was read: nobody knows what has shifted meanwhile. */
  readonly seeks: boolean
  readonly passed: Passed
  /** The leg began at the top of the listing in this run, so that this run has seen all that the leg has read. */
  readonly fromTop: boolean
  /** Pages of this leg that this run has read: one page is one moment, in which nothing shifts. */
  readonly pages: number
  /** Rows on them: none means that the listing is empty. */
  readonly rows: number
  /** Rows that nobody knew, on the pages of this leg that this run has read. */
  readonly unknown: number
  /** Rows of the leg that were read before, for no other reason than that equals may be ordered anew on each page. */
  readonly equals: number
  /** A group of equal order values is read whole, whatever is known of it. */
  readonly whole: boolean
  readonly doubt: Doubt
}

/** A page as a walk sees it. */
export interface PageSeen {
  readonly token: Json
  readonly next: Json | undefined
  /** Its rows, those included that could not be read. */
  readonly rows: number
  readonly parsed: readonly Parsed[]
  /** Its rows that could not be read. */
  readonly quarantine: PageRead['quarantine']
  readonly sightings: readonly Sighting[]
  readonly total: number | undefined
  /** The place of the last row that belongs to the end of what was read before; -1: none does. */
  readonly met: number
  /** Rows that this leg has read before. */
  readonly repeats: number
  /** Those of them that may stand there for no other reason than that equals are ordered anew on each page. */
  readonly equals: number
  /** Keys of the end of what was read before that stand below all of its rows. */
  readonly ahead: number
  /** Rows that nobody knew, above the first one that belongs to the end of what was read. */
  readonly arrived: number
  /** Rows that nobody knew; none: there is nothing on the page that the mirror lacks. */
  readonly unknown: number
  /** What was stored of its records before. */
  readonly shown: PageRead['shown']
  /** Some row stands elsewhere than it did. */
  readonly moved: boolean
  /** How many records the source has if nothing has come or gone but what the leg has found; null: not known. */
  readonly expected: number | null
  /** How many different records this run has read in the leg, those of this page included. */
  readonly read: number
  /** How many of its rows the leg has not shown before, as far as this run knows. */
  readonly fresh: number
  /** Those among them that belong to other streams. */
  readonly others: number
  /** Keys of its rows, where the first of the list are remembered; else none. */
  readonly placed: readonly Key[]
}

/** What is done next. */
export type Go =
  /** Read the next page. */
  | { readonly to: 'next' }
  /** Read the page before once more, and go on from it: the boundary behind it is in doubt. */
  | { readonly to: 'before' }
  /** Begin again at the top: the place where the walk stood is not to be found. */
  | { readonly to: 'top' }
  /** Begin again at the top, as often as that is allowed: something was missed. */
  | { readonly to: 'reread'; readonly why: string }
  /** Leave the walk open where it stands. */
  | { readonly to: 'stay'; readonly why: string }
  /** The walk may end here, if nothing speaks against it. `inside`: of a group that can't get new members. */
  | { readonly to: 'end'; readonly ended: Ended; readonly inside?: boolean }

export interface ListingStep {
  readonly walking: Walking
  readonly go: Go
}

export function startAt(position: Position, pass: ListingPass, fromTop: boolean): Walking {
  const { unsorted, ground } = position
  const seeks = !fromTop && seeksFirst(position, pass)
  return {
    position,
    // A page that is read once more is looked at for known ground once more.
    track: { ...(!seeks && (pass.paid || position.sought) ? ground : TRACK_START), unsorted },
    seeks,
    passed: position.passed,
    fromTop,
    pages: 0,
    rows: 0,
    unknown: 0,
    equals: 0,
    whole: false,
    doubt: position.doubt,
  }
}

/**
 * Whether a walk that goes on reads the page before its next one first. A page that costs money is not read again before
 * the next one has been seen: it may show by itself that nothing was missed.
 */
function seeksFirst({ sought, pending, passed, doubt }: Position, { paging, paid }: ListingPass): boolean {
  if (doubt === 'page before') return true
  if (paging === 'keyset') return false
  return pending !== null || passed.pages > 0 || !(sought || paid)
}

/** From the top once more, in this run. */
export function startAgain({ position }: Walking, pass: ListingPass): Walking {
  return startAt(topAgain(position), pass, true)
}

/** Reading the page before once more, to see what has shifted. */
export function stepBack(walking: Walking): Walking {
  const { track } = walking
  return { ...walking, seeks: true, passed: TOP.passed, track: { ...TRACK_START, unsorted: track.unsorted } }
}

/** Whether pages count from the top, so that a record which leaves above a boundary pulls one over it. */
export function shifts({ paging }: Pick<ListingPass, 'paging'>): boolean {
  return paging !== 'keyset'
}

/** Whether this run knows how many different records the whole leg has read when it comes to the end of the listing. */
export function knowsRead(pass: ListingPass, { fromTop }: Pick<Walking, 'fromTop'>): boolean {
  return pass.kind === 'fullPass' || fromTop || !shifts(pass)
}

/**
 * Whether the totals of the leg say how many records it must have read. Of a listing that is at its cap they do within
 * one run only: what arrives between two runs pushes records out at its end.
 */
export function tellsRead({ listing }: ListingPass, { fromTop, position }: Walking): boolean {
  return fromTop || position.totals.most < capOf(listing)
}

export function listingStep(
  pass: ListingPass,
  before: Walking,
  seen: PageSeen,
  { newestFirstStep }: Pick<Decisions, 'newestFirstStep'>,
): ListingStep {
  const walking = { ...before, pages: before.pages + 1, rows: before.rows + seen.rows }
  if (before.seeks && seen.met < 0) {
    // What is known already may be passed on the way to the place where the walk stood.
    const passes = seen.unknown === 0 && seen.next !== undefined
    const { pages, rows } = before.passed
    const passed = { pages: pages + 1, rows: rows + (pages === 0 ? 0 : seen.rows) }
    const { position } = before
    // The next run looks on where this one ends.
    const onward = { ...position, pending: null, token: seen.next ?? null, passed }
    if (passes) return { walking: { ...walking, position: onward, passed }, go: { to: 'next' } }
    // In its own run, that can happen again and again.
    if (before.fromTop) return { walking, go: { to: 'reread', why: LOST } }
    return { walking: { ...walking, position: topAgain(position) }, go: { to: 'top' } }
  }
  const kind: Turn['kind'] = before.seeks ? 'again' : before.pages === 0 && before.fromTop ? 'first' : 'next'
  const meets = seen.met >= 0 || !shifts(pass)
  const shift = seen.ahead + (before.passed.pages === 0 ? 0 : before.passed.rows + seen.met + 1)
  const looked = before.position.turns > 0
  const { totals, doubt } = turned(before.position.totals, { ...seen, kind, meets, shift, looked }, capOf(pass.listing))
  if (doubt) {
    if (doubt.where === 'leg') return { walking, go: { to: 'reread', why: doubt.why } }
    const turns = before.position.turns + 1
    const evidence = withNew(before.position.evidence, seen.unknown)
    const position = { ...before.position, evidence, turns: turns > TURNS_MAX ? 0 : turns }
    const go: Go = turns > TURNS_MAX ? { to: 'stay', why: doubt.why } : { to: 'before' }
    return { walking: stepBack({ ...walking, position }), go }
  }
  // Nothing shows which records have left a listing that shifts nothing: its first total stands, see walk.ts.
  const least = shifts(pass) || totals.lies ? totals.least : (before.position.totals.least ?? totals.least)
  const shown = { ...seen, next: seen.next ?? null, again: kind === 'again', totals: { ...totals, least } }
  const moved = movedTo(before.position, pass, shown)
  const { track, ...found } = newestFirstStep(before.track, seen.sightings, stopAfterOf(pass))
  const { stopAt, insideAt } = before.position.toEnd ? NOWHERE : found
  // A page behind what was read before has answered: whatever could not be read is read.
  const answered = kind === 'again' ? {} : { stuck: null, below: null }
  const { doubt: asked } = before
  const { unsorted, ...ground } = track
  const position = { ...moved, ...answered, doubt: asked, moves: moved.moves || seen.moved, unsorted, ground }
  const unknown = before.unknown + seen.unknown
  const go = insideAt >= 0 && endsInside(pass, before, seen) ? INSIDE : goOn(pass, stopAt, seen.next)
  if (mustShowPlace(pass, before, seen)) {
    const pending = { position, ended: go.to === 'end' ? go.ended : null }
    const waits = { ...before.position, evidence: withNew(before.position.evidence, seen.unknown), pending }
    return { walking: stepBack({ ...walking, position: waits, unknown }), go: { to: 'before' } }
  }
  const { pending } = before.position
  const equals = before.equals + (kind === 'next' ? seen.equals : 0)
  const read = { ...walking, track, seeks: false, passed: TOP.passed, unknown, equals }
  if (kind !== 'again' || pending === null || !endsAsBefore(pass, before.position, seen)) {
    return { walking: { ...read, position }, go }
  }
  const counts = { ...pending.position, evidence: withNew(pending.position.evidence, seen.arrived), pending: null }
  return {
    walking: { ...read, position: { ...counts, sought: true }, track: { ...counts.ground, unsorted: counts.unsorted } },
    go: pending.ended === null ? { to: 'next' } : { to: 'end', ended: pending.ended },
  }
}

/** A walk goes on with its next page, and nothing shows that this page goes on where the one before it had ended. */
function mustShowPlace(pass: ListingPass, { pages, fromTop, seeks, position }: Walking, seen: PageSeen): boolean {
  if (pages > 0 || fromTop || seeks || pass.paging === 'keyset' || seen.met >= 0) return false
  const { total, lies } = position.totals
  return total === null || lies || seen.total === undefined
}

/**
 * Whether a page that is read again ends with the record with which it ended. With news on it, as many records have left
 * as have arrived, and nobody knows which came first.
 */
function endsAsBefore(pass: ListingPass, { tail }: Position, { parsed, met, arrived }: PageSeen): boolean {
  const isPinned = ({ record }: Parsed) => pass.pinned?.(record) ?? false
  return arrived === 0 && parsed[met]?.incoming.key === tail.at(-1) && parsed.slice(met + 1).every(isPinned)
}

const NOWHERE = { stopAt: -1, insideAt: -1 }

const INSIDE: Go = { to: 'end', ended: 'met-anchored', inside: true }

/**
 * A group that can't get new members needs no reading. Where the source tells how many records it has, that is heard, too:
 * should it be another number than expected, the group is read all the same.
 */
function endsInside(pass: ListingPass, { fromTop, whole }: Walking, { total, expected }: PageSeen): boolean {
  if (pass.kind !== 'newestFirst' || !fromTop || whole) return false
  return total === undefined || total === expected
}

function goOn(pass: ListingPass, stopAt: number, next: Json | undefined): Go {
  if (pass.kind === 'newestFirst' && stopAt >= 0) return { to: 'end', ended: 'met-anchored' }
  return next === undefined ? { to: 'end', ended: 'exhausted' } : { to: 'next' }
}

/**
 * An empty page behind pages with records may be the end, and may be an outage, unless a total tells. So the page before
 * it is read once more, and then itself: the first must have records, and only an empty second one is the end. Where both
 * are empty now, the listing is read again from its top. Without `go` the page is as good as any.
 */
export function emptyStep(
  pass: ListingPass,
  before: Walking,
  page: Page,
  hasRead: boolean,
): { readonly walking: Walking; readonly go?: Go } {
  const { doubt, position } = before
  const walking: Walking = { ...before, doubt: doubt === 'page before' ? 'page itself' : 'nothing' }
  if (page.records.length > 0 || page.next !== undefined || doubt === 'page itself') return { walking }
  if (position.tail.length === 0) {
    // An empty listing closes no walk that has read records; a full pass has its guard.
    return pass.kind === 'fullPass' || !hasRead ? { walking } : { walking, go: { to: 'stay', why: NOTHING_NOW } }
  }
  if (doubt === 'page before') return { walking, go: { to: 'reread', why: NOTHING_NOW } }
  if (position.totals.total !== null && knowsRead(pass, before) && tellsRead(pass, before)) return { walking }
  const doubted = { ...walking, position: { ...position, doubt: 'page before' as const } }
  return { walking: { ...stepBack(doubted), doubt: 'page before' }, go: { to: 'before' } }
}

export function stopAfterOf(pass: ListingPass): number {
  if (pass.kind !== 'newestFirst') return STOP_AFTER_MIN
  const { stopAfter = STOP_AFTER_MIN, order, pageSize } = pass
  return order ? stopAfter : Math.max(stopAfter, besideAtLeast(pageSize))
}

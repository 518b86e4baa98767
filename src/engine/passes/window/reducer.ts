// Owns every decision of a walk through a window: given what the walk knows and a page, what does it know now, what is
// written, and what is asked next? Pure; walk.ts acts. Where a page leads in the source's order is decided in step.ts, what
// its total shows in counts.ts.

import type { Json } from '../../../model/json.ts'
import type { Key } from '../../../model/record.ts'
import type { Ended } from '../../../model/run.ts'
import type { WalkRow } from '../../../store/store.ts'
import type { Decisions } from '../decisions.ts'
import { openedRow } from '../listing/walk-row.ts'
import type { Kept } from '../state.ts'
import type { Bounds, BoundsFrom } from './bounds.ts'
import type { Doubt } from './counts.ts'
import {
  type Hole,
  holeAfter,
  holeNote,
  holesOf,
  howFar,
  type ReadTo,
  rowOfHole,
  rowOfRest,
  type WindowPosition,
  windowPositionFrom,
  withKnown,
} from './position.ts'
import {
  goInside,
  type Inside,
  insideAfter,
  owedAfter,
  type Placed,
  repeatsAfter,
  stillGrowing,
  trackFor,
  type WindowTrack,
} from './step.ts'

/** Parts that one run may leave out, at most. */
export const LEFT_OUT_MAX = 3

/** Requests that a run keeps when two pages are read once more because their totals do not agree. */
const KEPT_FROM_RECOUNTS = 2

/** What decisions go by beside the walk. */
export interface Facts {
  readonly decisions: Pick<Decisions, 'byCursorStep' | 'cursorAfter'>
  readonly bounds: Bounds
  readonly kept: Kept
  readonly openWalks: readonly WalkRow[]
  readonly nextWalk: number
  readonly now: number
  /** Requests that the run may still make. */
  readonly requestsLeft: number
  readonly unitMs: number | undefined
  /** False: the source shows a window in no order, and knows no upper bound of it. */
  readonly sorted: boolean
  /** Its pages cost money. */
  readonly paid: boolean
  /** It reads everything, what earlier walks had to leave out included. */
  readonly fromBeginning: boolean
  /** Which part of a hole it reads: from the hole's lower bound on, or what lies above; undefined: none. */
  readonly part: 'lower' | 'upper' | undefined
}

/** What a walk knows between two pages. */
export interface Walk {
  readonly track: WindowTrack
  /** As it is stored. */
  readonly row: WalkRow
  /** What the next page may show again: hashes by key. */
  readonly repeats: ReadonlyMap<Key, string>
  /** The place inside a group that an earlier run has left to this one. */
  readonly resumed: Inside | null
  /** Walks of the parts that this run has left out. */
  readonly leftOut: ReadonlySet<number>
  /** What is left of the hole of which it reads a part. */
  readonly hole?: Hole | undefined
}

/** A page as a walk sees it. */
export interface PageSeen {
  /** Where its request ended, and where the hole begins that made it end there. */
  readonly until: number
  readonly hole: { readonly since: number } | undefined
  readonly read: readonly Placed[]
  /** Keys of the rows that could not be read. */
  readonly unread: readonly Key[]
  /** Its rows, without those that the page before had shown. */
  readonly fetched: number
  readonly next: Json | undefined
  readonly total: number | undefined
  /** What its total promises beyond what it and the pages before it have shown, in words, should it be the last one. */
  readonly lack: string | undefined
  /** How its total disagrees with those before. */
  readonly doubt: Doubt | undefined
}

export interface PageStep {
  readonly walk: Walk
  /** How the pass ended with the page; null: it goes on. */
  readonly ended: Ended | null
  /** Written with the page. */
  readonly save: { readonly walks: readonly WalkRow[]; readonly kept: Kept }
  /** From where the next page may be asked for before this one is stored. */
  readonly ahead: WindowTrack | undefined
  /** How totals disagree, where that counts. */
  readonly doubt: Doubt | undefined
  /** Keep the run from being complete. */
  readonly notes: readonly string[]
}

// ── the beginning ───────────────────────────────────────────────────────────────────────────────────────────────────

/** Where a walk begins: where an earlier one broke off, or at the cursor. */
export interface Start extends BoundsFrom {
  readonly open: WalkRow | undefined
  readonly stood: WindowPosition | undefined
}

export function startOf({
  kept,
  openWalks,
  fromBeginning,
}: Pick<Facts, 'kept' | 'openWalks' | 'fromBeginning'>): Start {
  // A walk from the beginning reads what earlier ones had to leave out, too.
  if (fromBeginning) return { open: undefined, stood: undefined, cursor: undefined, openUntil: undefined, holes: [] }
  const isOwn = ({ pass, position }: WalkRow) => pass === 'byCursor' && !windowPositionFrom(position)?.isHole
  const open = openWalks.find(isOwn)
  const stood = open && windowPositionFrom(open.position)
  const cursor = stood ? (stood.since ?? undefined) : kept.cursor
  return { open, stood, cursor, openUntil: stood?.until, holes: holesOf(openWalks) }
}

/**
 * A walk that goes on. A group in which an earlier run stood may have got records since: what became visible late stands
 * anywhere in it, also on pages that the earlier run has read.
 */
export function openWalk(
  { bounds, nextWalk, now, sorted }: Pick<Facts, 'bounds' | 'nextWalk' | 'now' | 'sorted'>,
  { open, stood, cursor }: Start,
): Walk {
  const begun = openedRow(undefined, { walk: nextWalk, pass: 'byCursor', at: now, fromTop: true })
  const row = open ?? { ...begun, position: { since: cursor ?? null, until: bounds.until, owed: null } }
  const { owed, inside } = stood
    ? stillGrowing(stood, stood.until - bounds.reach.overlap)
    : { owed: null, inside: null }
  return standingAt({ ...trackFor(bounds, owed, inside), unsorted: !sorted }, row, inside)
}

/** A walk through a part of a hole. */
export function openPart(bounds: Bounds, hole: Hole, sorted: boolean): Walk {
  return { ...standingAt({ ...trackFor(bounds), unsorted: !sorted }, hole.row), hole }
}

function standingAt(track: WindowTrack, row: WalkRow, inside?: Inside | null): Walk {
  return { track, row, repeats: new Map(), resumed: inside ?? null, leftOut: new Set() }
}

// ── pages ───────────────────────────────────────────────────────────────────────────────────────────────────────────

export function seePage(facts: Facts, before: Walk, seen: PageSeen): PageStep {
  const { track, done, lack, doubt } = heedTotals(facts, before.track, seen, goOn(facts, before.track, seen))
  // A walk that passed something that it can't vouch for is a gap.
  const ended: Ended | null = done ? (track.unsure ? 'limit' : 'exhausted') : null
  const { bounds, unitMs } = facts
  const end = unitMs === undefined ? undefined : { until: bounds.until, overlap: bounds.reach.overlap }
  const after = wentTo(facts, before, seen, {
    since: readUpTo(before, track, done),
    owed: owedAfter(track, end),
    inside: insideAfter(track, end),
    largest: track.largest,
    ended,
  })
  const { group } = before.track
  const repeats = repeatsAfter(track, seen.read, group || doubt ? before.repeats : undefined)
  return {
    walk: { ...after, track, repeats },
    // A pass that left something out has not read everything.
    ended: ended === 'exhausted' && before.leftOut.size > 0 ? 'failed' : ended,
    save: { walks: [after.row, ...covered(facts, after)], kept: keptAfter(facts, track, done) },
    ahead: done || facts.paid ? undefined : track,
    doubt,
    notes: notesOf(before.track, track, lack),
  }
}

interface GoingOn {
  readonly track: WindowTrack
  readonly done: boolean
  /** It is the last page up to where the request ended, and that end stands. */
  readonly isLast: boolean
}

/** Where the walk goes on behind a page. */
function goOn({ decisions, bounds, sorted }: Facts, before: WindowTrack, seen: PageSeen): GoingOn {
  const { read, unread, next, total, hole, until } = seen
  const [orders, keys] = [read.map(({ order }) => order), read.map(({ key }) => key)]
  const step = decisions.byCursorStep(before, { orders, keys, unread, next, total, reach: bounds.reach })
  let { track } = step
  // Where the request ended at a hole, or the window's end has moved since (we learned the source's clock), it goes on.
  const done = step.done && (until >= bounds.until || (!sorted && hole === undefined))
  if (step.done && !done) {
    const since = hole ? bounds.behindHoles(hole.since) : (track.largest ?? track.since)
    track = { ...track, token: null, since }
  }
  // A token belongs to the window that it was given for.
  if (sorted && until !== endFrom(bounds, track.since).until) track = { ...track, token: null, group: null }
  return { track: goInside(track), done, isLast: step.done && (done || hole !== undefined) }
}

/** Where a request from this position ends: at the next hole, or at the end of the window. */
export function endFrom(bounds: Bounds, since: number | null): Pick<PageSeen, 'until' | 'hole'> {
  const hole = bounds.holeAfter(since)
  return { until: hole?.since ?? bounds.until, hole }
}

/** What is said of records that the source promised and did not show, and where the walk goes on because of them. */
function heedTotals({ requestsLeft }: Facts, before: WindowTrack, seen: PageSeen, { track, done, isLast }: GoingOn) {
  const lack = isLast ? seen.lack : undefined
  const unsure = lack === undefined ? track.unsure : (track.unsure ?? { since: before.since })
  // What a run can't afford to read once more is not asked for; and of an order that does not rise totals promise nothing.
  const doubt = track.unsorted || requestsLeft <= KEPT_FROM_RECOUNTS ? undefined : seen.doubt
  if (!doubt) return { track: { ...track, unsure }, done, lack, doubt }
  if ('lack' in doubt) {
    return { track: { ...track, unsure: { since: doubt.from } }, done, lack: lack ?? doubt.lack, doubt }
  }
  const again = { ...before, since: doubt.again, token: null, group: null, largest: track.largest }
  return { track: again, done: false, lack: undefined, doubt }
}

/** Up to where everything has been read. */
function readUpTo({ row }: Walk, { unsure, unsorted, since }: WindowTrack, done: boolean): number | null {
  if (unsure) return unsure.since
  return unsorted && !done ? (windowPositionFrom(row.position)?.since ?? null) : since
}

/** The walk as it is stored with a page. */
function wentTo({ bounds, part, unitMs, now }: Facts, walk: Walk, { fetched }: PageSeen, read: ReadTo): Walk {
  const { since, owed, inside, largest, ended } = read
  const pages = walk.row.pages + 1
  const records = walk.row.records + fetched
  if (walk.hole && part) {
    const hole = holeAfter(walk.hole, { part, since: bounds.since, until: bounds.until }, read)
    return { ...walk, hole, row: { ...rowOfRest(hole, { ended, unitMs, now }), pages, records } }
  }
  const closedAt = ended === 'exhausted' ? now : null
  const position = { since, until: bounds.until, owed, ...(inside && { inside }) }
  const note = howFar(largest, bounds.until, unitMs)
  return { ...walk, row: { ...walk.row, closedAt, ended, position, note, pages, records } }
}

/**
 * Walks that are closed with this one: those that broke off before it; and, if it began at the beginning of all, what
 * earlier runs had to leave out.
 */
function covered({ openWalks, fromBeginning, part }: Facts, { row, leftOut }: Walk): readonly WalkRow[] {
  const { closedAt, ended } = row
  if (part || closedAt === null) return []
  const holes = new Set(fromBeginning ? [] : holesOf(openWalks).map((hole) => hole.row.walk))
  const stays = ({ walk }: WalkRow) => walk === row.walk || leftOut.has(walk) || holes.has(walk)
  return openWalks.flatMap((open) => (open.pass === 'byCursor' && !stays(open) ? [{ ...open, closedAt, ended }] : []))
}

/** What is kept of the stream with a page. */
function keptAfter({ decisions, bounds, kept, part }: Facts, track: WindowTrack, done: boolean): Kept {
  const { cursor: before } = kept
  // A part that does not follow on what was read says nothing of what lies before it.
  const follows = !part || bounds.since === undefined || (before !== undefined && before >= bounds.since)
  const cursor = follows ? decisions.cursorAfter({ before, track, done, start: bounds.start }) : before
  return cursor === undefined || cursor === before ? kept : { ...kept, cursor }
}

const UNSORTED = 'the source did not answer in order; the cursor moves at the end of the pass only'
const RESTLESS = 'records of one time kept changing while they were read; the next run reads them again'

/** Each is said once: when it begins. */
function notesOf(before: WindowTrack, track: WindowTrack, lack: string | undefined): readonly string[] {
  const isRestless = track.unsure !== null && before.unsure === null
  return [
    ...(track.unsorted && !before.unsorted ? [UNSORTED] : []),
    ...(lack !== undefined ? [lack] : isRestless ? [RESTLESS] : []),
  ]
}

// ── pages that can't be read ────────────────────────────────────────────────────────────────────────────────────────

/** A token of an earlier run may have become void: then the group is read from its first page. Undefined: it is none. */
export function beginGroupAgain(walk: Walk): Walk | undefined {
  const { track, resumed } = walk
  const { since, token, group } = track
  if (!resumed || group === null || since !== resumed.since || token === null || token !== resumed.token) {
    return undefined
  }
  return { ...walk, track: { ...track, token: null, group: null }, resumed: null }
}

/** Whether what can't be read may be left out. Finding where it ends takes requests, which must not cost money. */
export function mayLeaveOut({ paid }: Pick<Facts, 'paid'>, { leftOut }: Walk): boolean {
  return !paid && leftOut.size < LEFT_OUT_MAX
}

/** Leaves a part out: it becomes a walk of its own, in one transaction with where this one goes on. */
export function leaveOut(
  { bounds, openWalks, nextWalk, now, unitMs }: Facts,
  before: Walk,
  part: Pick<Hole, 'since' | 'until'>,
): { readonly walk: Walk; readonly save: { readonly walks: readonly WalkRow[] }; readonly aside: string } {
  const track = { ...before.track, since: part.until, token: null, group: null, owed: null, inside: null }
  const position = { since: readUpTo(before, track, false), until: bounds.until, owed: null }
  const row = { ...before.row, position }
  const walk = Math.max(nextWalk, row.walk + 1)
  const opened: WalkRow = { ...row, walk, openedAt: now, pages: 0, records: 0, ended: 'failed' }
  const hole = withKnown({ ...part, row: opened }, holesOf(openWalks))
  const leftOut = new Set([...before.leftOut, hole.row.walk])
  return {
    walk: { ...before, track, row, repeats: new Map(), leftOut },
    save: { walks: [row, rowOfHole(hole, unitMs)] },
    aside: holeNote(hole, unitMs),
  }
}

/** The row of a walk that stands before a page that can't be read; none where nothing of it is stored. */
export function brokenOff({ openWalks }: Pick<Facts, 'openWalks'>, { row }: Walk): readonly WalkRow[] {
  return openWalks.filter(({ walk }) => walk === row.walk).map((open) => ({ ...open, ended: 'failed' }))
}

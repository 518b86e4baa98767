// Owns the decisions of a byCursor pass: the window to ask for, the next request after a page, and the cursor that may
// be kept. Pure. All positions are in the source's own unit (unix seconds, say).
//
// Pages follow each other by position, not by the source's page token: the next request starts at the last position
// read, inclusive. So a record that leaves the window while we read (because it changed, and stands at its end now)
// can't shift an unread one over a page boundary. Only inside a group of equal positions that is larger than a page is
// the token used; there a second look proves that nothing was shifted.

import type { Json } from '../../../model/json.ts'
import type { Key } from '../../../model/record.ts'

export interface Window {
  readonly since: number | undefined
  readonly until: number
}

export interface WindowInput {
  /** What earlier passes have kept; undefined: nothing was ever read. */
  readonly cursor: number | undefined
  /** The end of the window of a walk that did not come to its end, if there is one. */
  readonly openUntil: number | undefined
  /** How far to reach back, in the source's unit. */
  readonly overlap: number
  /** The run's start by the source's clock, in its unit, less the stream's lag; rounded down. */
  readonly start: number
}

/**
 * Where to read from and to. The upper bound is exclusive and takes in the unit (the second) in which the run began.
 * A walk that broke off goes on where it stood, but no later than the overlap before its window's end: what became
 * visible late behind its position must be met. It never ends before that end: the source's clock was known then.
 */
export function windowFor({ cursor, openUntil, overlap, start }: WindowInput): Window {
  const until = Math.max(start + 1, openUntil ?? 0)
  if (cursor === undefined) return { since: undefined, until }
  const since = openUntil === undefined ? cursor - overlap : Math.min(cursor, openUntil - overlap)
  return { since, until: Math.max(until, since + 1) }
}

/** Where a byCursor walk stands; survives JSON. */
export interface WindowTrack {
  /** The lower bound of the last request; null: from the beginning. */
  readonly since: number | null
  /** The token of the last request. */
  readonly token: Json
  /** The greatest position seen in this walk. */
  readonly largest: number | null
  /** The source did not answer in ascending order; then tokens are followed and the cursor waits for the end. */
  readonly unsorted: boolean
  /** While inside a group of equal positions that is larger than a page. */
  readonly group: Group | null
  /** What an earlier run has read of a group and not seen again. */
  readonly owed: Owed | null
  /** Where an earlier run stood inside a group that this one has not come to yet. */
  readonly inside: Inside | null
  /** The lowest position that can't be vouched for, since a group there never came to rest: the walk stays open from it. */
  readonly unsure: { readonly since: number | null } | null
}

/**
 * A group of equal positions that pages cut in parts. Tokens may count in a list that moves: when a record that was
 * shown leaves the group, an unread one is shifted over a boundary that lies behind it. A total alone can't tell, for
 * another record may have entered meanwhile. So the group is read once more, until everything that could have shifted
 * anything has been shown again: then it had not left when the last page was read. Where the total stood still and the
 * next run reads the group again anyway, its first page is enough.
 */
export type Group = {
  /** What the pages of this passage showed, without its last one: behind that there is nothing to be shifted. */
  readonly shown: readonly Key[]
  /** How many of these its first page showed. */
  readonly first: number
  /** What all pages of this passage say that there is; null: they don't agree, or don't say. */
  readonly total: number | null
  /** What the passage before showed so and this one has not shown again; null in the first passage. */
  readonly sought: readonly Key[] | null
  /** Where the passage before left the group. */
  readonly left: { readonly since: number | null; readonly done: boolean } | null
  /** Passages of which something had left. */
  readonly tries: number
  /**
   * An earlier run has read a part of this passage, when records of this position could still become visible: the group
   * can't be vouched for by it. @default false
   */
  readonly late?: boolean
}

/** A group that was read through, and of which this is still to be shown again. */
export type Owed = {
  readonly since: number
  readonly sought: readonly Key[]
  /** Where it goes on behind the group; null: at the end of a window, which may be another one now. */
  readonly behind: number | null
  /** See `Group`. @default false */
  readonly late?: boolean
}

/** Keys of a group that are kept between runs; one with more is read twice in one run, or not passed. */
export const OWED_KEYS_MAX = 2_000

/** Where a run stood inside a group: the next one goes on from there, so that any budget comes to the group's end. */
export type Inside = {
  readonly since: number
  /** Null: at the beginning of a passage that is not the first. */
  readonly token: Json
  readonly group: Group
}

/** Keys of a group within which a run can go on; one with more begins again. */
export const INSIDE_KEYS_MAX = 10_000

/** What an earlier run has left of a group, where records of positions from `from` on may have become visible since. */
export function stillGrowing(
  { owed, inside = null }: { readonly owed: Owed | null; readonly inside?: Inside | null },
  from: number,
): { readonly owed: Owed | null; readonly inside: Inside | null } {
  return {
    owed: owed && owed.since >= from ? { ...owed, late: true } : owed,
    inside: inside && inside.since >= from ? { ...inside, group: { ...inside.group, late: true } } : inside,
  }
}

export function trackFor(window: Window, owed: Owed | null = null, inside: Inside | null = null): WindowTrack {
  const start = { since: window.since ?? null, token: null, largest: null, unsorted: false, group: null }
  return goInside({ ...start, owed, inside, unsure: null })
}

/** At the group in which an earlier run stood, the walk goes on where that one was. */
export function goInside(track: WindowTrack): WindowTrack {
  const { since, token, group, inside } = track
  if (!inside || since !== inside.since || token !== null || group !== null) return track
  return { ...track, token: inside.token, group: inside.group, inside: null }
}

/** Where a window ends, and how far behind that records may still become visible; undefined: it has no end in time. */
export type WindowEnd = { readonly until: number; readonly overlap: number } | undefined

/**
 * The place behind a group at which another run goes on. The end of a window is none, for that run's window ends elsewhere:
 * what was read up to it holds up to where records can't become visible any more. Null: that is the group itself.
 */
function placeBehind(since: number | null, left: Group['left'], end: WindowEnd): Group['left'] {
  if (!left?.done || !end) return left
  const still = end.until - end.overlap
  const place = left.since === since ? still : Math.min(left.since ?? still, still)
  return since !== null && place > since ? { since: place, done: false } : null
}

/** What another run needs to go on inside the group in which a walk stands; null: it stands in none, or in a huge one. */
export function insideAfter({ since, token, group, inside }: WindowTrack, end: WindowEnd): Inside | null {
  if (since === null) return null
  if (!group) return inside && since <= inside.since ? inside : null
  if (group.shown.length + (group.sought?.length ?? 0) > INSIDE_KEYS_MAX) return null
  const left = placeBehind(since, group.left, end)
  // What ends in the group itself is read once more, for records may still become visible in it.
  return { since, token, group: { ...group, left, ...(group.left && !left ? { late: true } : {}) } }
}

/** What another run would need to know of the group in which a walk stands; null: nothing, or too much. */
export function owedAfter({ since, group, owed, unsure }: WindowTrack, end: WindowEnd): Owed | null {
  // What can't be vouched for is read anew, from its beginning.
  if (!group) return owed && since !== null && since <= owed.since && unsure?.since !== owed.since ? owed : null
  if (since === null || !group.sought || group.sought.length > OWED_KEYS_MAX) return null
  const { sought, late = false } = group
  const left = placeBehind(since, group.left, end)
  return { since, sought, behind: left?.done === false ? left.since : null, ...(late ? { late } : {}) }
}

export interface WindowPage {
  /** Positions of the records, in the source's order, and their keys. */
  readonly orders: readonly number[]
  readonly keys: readonly Key[]
  /** Keys of the rows that could not be read: nobody knows where they stand. */
  readonly unread?: readonly Key[]
  readonly next: Json | undefined
  readonly total?: number | undefined
  readonly reach?: Reach | undefined
}

/** From where the next run reads. */
export interface Reach {
  readonly overlap: number
  /** The cursor that earlier passes have kept: it does not move back. */
  readonly kept: number | undefined
  /** What the cursor of this one is at most. */
  readonly cursorMax: number
}

export interface WindowStep {
  readonly track: WindowTrack
  readonly done: boolean
}

/** How many passages through a group of equal positions may fail because records left it meanwhile. */
export const GROUP_TRIES_MAX = 5

export function byCursorStep(track: WindowTrack, page: WindowPage): WindowStep {
  let { unsorted } = track
  let previous = track.token === null ? (track.since ?? Number.NEGATIVE_INFINITY) : Number.NEGATIVE_INFINITY
  let largest = track.largest
  for (const order of page.orders) {
    if (order < previous) unsorted = true
    previous = order
    if (largest === null || order > largest) largest = order
  }
  const done = page.next === undefined
  if (unsorted) {
    return { track: { ...track, token: page.next ?? null, largest, unsorted, group: null }, done }
  }
  const last = page.orders.at(-1)
  const advanced = last !== undefined && (track.since === null || last > track.since)
  const here = { ...track, token: null, largest }
  const left = done || advanced ? { since: advanced ? last : track.since, done } : null
  if (track.group) return groupStep(here, track.group, page, left)
  if (left) return { track: { ...here, since: left.since }, done }
  const group = beginPassage(here, page, { ...owedHere(here), tries: 0 })
  if (group.left && group.sought?.length === 0) return leave(unsureOf(here, group), group.left)
  return { track: { ...here, token: page.next as Json, group }, done: false }
}

/** After a page inside a group; `left` says where it leaves the group, if it does. */
function groupStep(here: WindowTrack, group: Group, page: WindowPage, left: Group['left']): WindowStep {
  const { shown, tries } = group
  const keys = keysInGroup(here, page)
  const sought = group.sought && without(group.sought, keys)
  // Where this passage itself leaves the group is no proof of what its own pages before have shown.
  const known = group.left ?? (shown.length === 0 || group.late ? left : null)
  if (known && sought?.length === 0) return leave(unsureOf(here, group), known)
  const total = group.total === page.total ? group.total : null
  if (!left) {
    const begins = here.since !== null && shown.length === 0
    const read = begins ? beginPassage(here, page, group) : { ...group, shown: [...shown, ...keys], sought, total }
    return { track: { ...here, token: page.next as Json, group: read }, done: false }
  }
  if (shown.length === 0) return leave(unsureOf(here, group), left)
  const failed = sought === null || sought.length === 0 ? tries : tries + 1
  if (failed < GROUP_TRIES_MAX) {
    const enough = total !== null && isReadAgain(here, page, left.done) ? shown.slice(0, group.first) : shown
    const anew = { shown: [], first: 0, total: null, sought: enough, left, tries: failed }
    return { track: { ...here, group: anew }, done: false }
  }
  return leave({ ...here, unsure: here.unsure ?? { since: here.since } }, left)
}

/** What an earlier run owes at the position where a group begins. */
function owedHere({ since, owed }: WindowTrack): Pick<Group, 'sought' | 'left' | 'late'> {
  if (!owed || owed.since !== since) return { sought: null, left: null }
  const { sought, behind, late = false } = owed
  return { sought, left: behind === null ? null : { since: behind, done: false }, ...(late ? { late } : {}) }
}

/** A group that is left, and can't be vouched for: the walk stays open from it. */
function unsureOf(here: WindowTrack, { late = false }: Pick<Group, 'late'>): WindowTrack {
  return late ? { ...here, unsure: here.unsure ?? { since: here.since } } : here
}

function without(sought: readonly Key[], shown: readonly Key[]): readonly Key[] {
  const again = new Set(shown)
  return sought.filter((key) => !again.has(key))
}

function beginPassage(
  here: WindowTrack,
  page: WindowPage,
  rest: Pick<Group, 'sought' | 'left' | 'tries' | 'late'>,
): Group {
  const shown = keysInGroup(here, page)
  const sought = rest.sought && without(rest.sought, shown)
  return { ...rest, sought, shown, first: shown.length, total: page.total ?? null }
}

/** Whether the next run reads the group again, since it reaches back so far. */
function isReadAgain({ since, largest }: WindowTrack, { reach }: WindowPage, done: boolean): boolean {
  if (!reach || since === null || largest === null) return false
  const cursor = done ? Math.min(largest, reach.cursorMax) : reach.cursorMax
  return since >= Math.max(cursor, reach.kept ?? cursor) - reach.overlap
}

function leave(here: WindowTrack, { since, done }: NonNullable<Group['left']>): WindowStep {
  return { track: { ...here, since, group: null }, done }
}

/** What the page shows at the group's position. A row that can't be read stands there if all others do. */
function keysInGroup({ since }: WindowTrack, { orders, keys, unread = [] }: WindowPage): readonly Key[] {
  const inside = since === null ? keys : keys.filter((_, i) => (orders[i] as number) <= since)
  return inside.length === keys.length ? [...keys, ...unread] : inside
}

/** A record where the source's order has it. */
export interface Placed {
  readonly key: Key
  readonly hash: string
  readonly order: number
}

/**
 * What the next page may show again, since it starts at the last position, inclusive: hashes by key. A record that
 * comes again with the same text counts once; with another text it has changed meanwhile. A group that is read again
 * shows all that it had `before`, too.
 */
export function repeatsAfter(
  track: WindowTrack,
  read: readonly Placed[],
  before: ReadonlyMap<Key, string> = new Map(),
): ReadonlyMap<Key, string> {
  const { since, token, group } = track
  if (since === null || (token !== null && group === null)) return new Map()
  return new Map([
    ...before,
    ...read.filter(({ order }) => order >= since).map(({ key, hash }) => [key, hash] as const),
  ])
}

export interface CursorInput {
  readonly before: number | undefined
  readonly track: WindowTrack
  readonly done: boolean
  /** The run's start by the source's clock, in its unit. */
  readonly start: number
}

/**
 * The cursor that may be kept with a page: never ahead of what is stored, never ahead of the run's start (a record
 * dated in the future would freeze the stream), never moving back.
 */
export function cursorAfter({ before, track, done, start }: CursorInput): number | undefined {
  if (track.largest === null || (track.unsorted && !done)) return before
  const reached = Math.min(track.largest, start)
  return before === undefined ? reached : Math.max(before, reached)
}

// Owns the decisions of a byCursor pass: the window to ask for, the next request after a page, and the cursor that may
// be kept. Pure. All positions are in the source's own unit (unix seconds, say).
//
// Pages follow each other by position, not by the source's page token: the next request starts at the last position
// read, inclusive. So a record that leaves the window while we read (because it changed, and stands at its end now)
// can't shift an unread one over a page boundary. Only inside a group of equal positions that is larger than a page is
// the token used; there a second look proves that nothing was shifted.

import type { Json } from '../../model/json.ts'
import type { Key } from '../../model/record.ts'

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
export interface Group {
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
}

export function trackFor(window: Window): WindowTrack {
  return { since: window.since ?? null, token: null, largest: null, unsorted: false, group: null, unsure: null }
}

export interface WindowPage {
  /** Positions of the records, in the source's order, and their keys. */
  readonly orders: readonly number[]
  readonly keys: readonly Key[]
  /** Keys of the rows that could not be read: nobody knows where they stand. */
  readonly unread?: readonly Key[]
  readonly next: Json | undefined
  readonly total?: number | undefined
  /** How far the next run reaches back from the cursor that this one keeps, and what that is at most. */
  readonly reach?: { readonly overlap: number; readonly cursorMax: number } | undefined
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
  const group = beginPassage(here, page, { sought: null, left: null, tries: 0 })
  return { track: { ...here, token: page.next as Json, group }, done: false }
}

/** After a page inside a group; `left` says where it leaves the group, if it does. */
function groupStep(here: WindowTrack, group: Group, page: WindowPage, left: Group['left']): WindowStep {
  const { shown, tries } = group
  const keys = keysInGroup(here, page)
  const again = new Set(keys)
  const sought = group.sought?.filter((key) => !again.has(key)) ?? null
  if (group.left && sought?.length === 0) return leave(here, group.left)
  const total = group.total === page.total ? group.total : null
  if (!left) {
    const begins = here.since !== null && shown.length === 0
    const read = begins
      ? beginPassage(here, page, { ...group, sought })
      : { ...group, shown: [...shown, ...keys], sought, total }
    return { track: { ...here, token: page.next as Json, group: read }, done: false }
  }
  if (shown.length === 0) return leave(here, left)
  const failed = sought === null ? tries : tries + 1
  if (failed < GROUP_TRIES_MAX) {
    const enough = total !== null && isReadAgain(here, page, left.done) ? shown.slice(0, group.first) : shown
    const anew = { shown: [], first: 0, total: null, sought: enough, left, tries: failed }
    return { track: { ...here, group: anew }, done: false }
  }
  return leave({ ...here, unsure: here.unsure ?? { since: here.since } }, left)
}

function beginPassage(here: WindowTrack, page: WindowPage, rest: Pick<Group, 'sought' | 'left' | 'tries'>): Group {
  const shown = keysInGroup(here, page)
  return { ...rest, shown, first: shown.length, total: page.total ?? null }
}

/** Whether the next run reads the group again, since it reaches back so far. */
function isReadAgain({ since, largest }: WindowTrack, { reach }: WindowPage, done: boolean): boolean {
  if (!reach || since === null || largest === null) return false
  return since >= (done ? Math.min(largest, reach.cursorMax) : reach.cursorMax) - reach.overlap
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

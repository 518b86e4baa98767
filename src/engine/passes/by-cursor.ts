// Owns the decisions of a byCursor pass: the window to ask for, the next request after a page, and the cursor that may
// be kept. Pure. All positions are in the source's own unit (unix seconds, say).
//
// Pages follow each other by position, not by the source's page token: the next request starts at the last position
// read, inclusive. So a record that leaves the window while we read (because it changed, and stands at its end now)
// can't shift an unread one over a page boundary. Only inside a group of equal positions that is larger than a page is
// the token used.

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
  /** While inside a group larger than a page: how many records the source had at its start, and how often it was read. */
  readonly group: { readonly total: number | null; readonly tries: number } | null
}

export function trackFor(window: Window): WindowTrack {
  return { since: window.since ?? null, token: null, largest: null, unsorted: false, group: null }
}

export interface WindowPage {
  readonly orders: readonly number[]
  readonly next: Json | undefined
  readonly total: number | undefined
}

export interface WindowStep {
  readonly track: WindowTrack
  readonly done: boolean
}

/** How often a group of equal positions is read again when records left it meanwhile. */
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
  if (done || advanced) {
    // Leaving a group by its end: if it shrank while tokens were followed, one of its records may have been shifted
    // over a boundary unread.
    const { group } = track
    if (group && group.total !== null && page.total !== undefined && page.total < group.total) {
      if (group.tries < GROUP_TRIES_MAX) {
        const again = { total: page.total, tries: group.tries + 1 }
        return { track: { ...track, token: null, largest, unsorted, group: again }, done: false }
      }
    }
    const since = advanced ? last : track.since
    return { track: { since, token: null, largest, unsorted, group: null }, done }
  }
  const group = track.group ?? { total: page.total ?? null, tries: 0 }
  return { track: { ...track, token: page.next, largest, unsorted, group }, done: false }
}

/** A record where the source's order has it. */
export interface Placed {
  readonly key: Key
  readonly hash: string
  readonly order: number
}

/**
 * What the next page begins with, since it starts at the last position, inclusive: hashes by key. A record that comes
 * again with the same text counts once; with another text it has changed meanwhile.
 */
export function repeatsAfter(track: WindowTrack, read: readonly Placed[]): ReadonlyMap<Key, string> {
  const { since, token } = track
  if (since === null || token !== null) return new Map()
  return new Map(read.filter(({ order }) => order >= since).map(({ key, hash }) => [key, hash]))
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

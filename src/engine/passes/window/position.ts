// Owns where a walk through a window stands, as it is kept between pages and between runs, and how that is told. Pure.

import { isObject, type Json } from '../../../model/json.ts'
import type { Ended } from '../../../model/run.ts'
import type { WalkRow } from '../../../store/store.ts'
import type { Inside, Owed } from './step.ts'

/** Where a window walk stands; survives JSON. */
export type WindowPosition = {
  /** Everything before it has been read; null: nothing yet. */
  readonly since: number | null
  readonly until: number
  /** What is still to be seen again of the group at `since`. */
  readonly owed: Owed | null
  /** Where the walk stands inside the group at `since`, if it does. */
  readonly inside?: Inside | null
  /** It could not be read, and what lies behind `until` was: a walk of its own, which is tried again by every run. */
  readonly isHole?: boolean
}

/** The position as it was stored; undefined: it is none of a window. */
export function windowPositionFrom(value: Json): WindowPosition | undefined {
  if (!isObject(value) || typeof value['until'] !== 'number') return undefined
  const { since, until, owed, inside, isHole } = value
  // A walk of an older release owes nothing.
  return {
    since: typeof since === 'number' ? since : null,
    until,
    owed: (owed as Owed | undefined) ?? null,
    ...(isObject(inside) ? { inside: inside as Inside } : {}),
    ...(isHole === true ? { isHole } : {}),
  }
}

/** A part of the order that could not be read, as the walk that stands for it says. */
export interface Hole {
  readonly row: WalkRow
  readonly since: number | null
  readonly until: number
}

export function holesOf(walks: readonly WalkRow[]): readonly Hole[] {
  return walks.flatMap((row) => {
    const position = row.pass === 'byCursor' ? windowPositionFrom(row.position) : undefined
    return position?.isHole ? [{ row, since: position.since, until: position.until }] : []
  })
}

/** A lower bound, behind the holes that it lies in: those are read by themselves. Undefined: the beginning of all. */
export function behindHoles(since: number | undefined, holes: readonly Hole[]): number | undefined {
  const from = since ?? Number.NEGATIVE_INFINITY
  const over = holes.find((hole) => (hole.since ?? Number.NEGATIVE_INFINITY) <= from && from < hole.until)
  return over ? behindHoles(over.until, holes) : since
}

/** A hole, together with the one that is known already where it lies. */
export function withKnown(hole: Hole, known: readonly Hole[]): Hole {
  const from = (since: number | null) => since ?? Number.NEGATIVE_INFINITY
  const there = known.find(({ since, until }) => from(since) < hole.until && from(hole.since) < until)
  if (!there) return hole
  const since = from(there.since) < from(hole.since) ? there.since : hole.since
  return { row: there.row, since, until: Math.max(there.until, hole.until) }
}

/** The row that stands for a hole. */
export function rowOfHole({ row, since, until }: Hole, unitMs: number | undefined): WalkRow {
  const position: WindowPosition = { since, until, owed: null, isHole: true }
  return { ...row, position, note: holeNote({ since, until }, unitMs) }
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

/** What is left of a hole after a page of a part of it: what lies above one that was read whole, or still all of it. */
export function holeAfter(
  hole: Hole,
  { part, since, until }: { part: 'lower' | 'upper'; since: number | undefined; until: number },
  read: Pick<ReadTo, 'since' | 'ended'>,
): Hole {
  const isRead = read.ended === 'exhausted'
  if (part === 'lower') return { ...hole, since: isRead ? until : read.since }
  return isRead ? { ...hole, until: since ?? hole.until } : hole
}

/** The row of what is left of a hole; closed when nothing is. */
export function rowOfRest(
  hole: Hole,
  { ended, unitMs, now }: { ended: Ended | null; unitMs: number | undefined; now: number },
): WalkRow {
  const isRead = hole.since !== null && hole.since >= hole.until
  return { ...rowOfHole(hole, unitMs), ...(isRead ? { closedAt: now, ended: 'exhausted' } : { ended }) }
}

/** How far a walk has come, in words; positions that are times are told as times. */
export function howFar(largest: number | null, until: number, unitMs: number | undefined): string {
  if (largest === null) return 'nothing read yet'
  const [at, end] = [largest, until].map((position) => timeAt(position, unitMs))
  return at && end ? `read up to ${at}, of a window that ends at ${end}` : `read up to ${largest}`
}

/** What could not be read, in words. */
export function holeNote(hole: Pick<Hole, 'since' | 'until'>, unitMs: number | undefined): string {
  return `${changedIn(hole, unitMs)} could not be read; what is newer is read`
}

/** What is unread of a range that was ordered, in words. */
export function restNote(hole: Pick<Hole, 'since' | 'until'>, unitMs: number | undefined): string {
  return `${changedIn(hole, unitMs)} was ordered and is not read yet; the next sync reads it`
}

function changedIn({ since, until }: Pick<Hole, 'since' | 'until'>, unitMs: number | undefined): string {
  const [from, to] = [since, until].map((place) => (place === null ? undefined : (timeAt(place, unitMs) ?? `${place}`)))
  return `what changed ${from === undefined ? '' : `from ${from} `}up to ${to}`
}

/** Undefined: no time at all. */
function timeAt(position: number, unitMs: number | undefined): string | undefined {
  const time = new Date(position * (unitMs ?? Number.NaN))
  return Number.isFinite(time.getTime()) ? time.toISOString().replace('.000Z', 'Z') : undefined
}

// Owns what is remembered of the top of a list that has no order of its own: its first keys, as the last closed walk read
// them. A record that is put on top again is known, and says nothing of what lies below its new place. One that stands
// where it stood does: beside its old neighbour. Pure.

import type { Stream } from '../../../connector/connector.ts'
import type { ListedPass, ListingPass } from '../../../connector/passes.ts'
import type { Key } from '../../../model/record.ts'
import { isSameRead } from '../same-read.ts'

/** The top of a list, as it was read. */
export type FirstKeys = {
  /** The number of the walk that read it. */
  readonly walk: number
  readonly keys: readonly Key[]
}

/** At least so many keys are remembered, where the list has them; */
const KEYS_MIN = 100
/** so many pages of it; */
const PAGES = 2
/** and never more than so many: they are written with each page. */
const KEYS_MAX = 1_000

/** So many records in a row have to stand beside their old neighbours where a page has room for many; a few may by chance. */
const BESIDE_MAX = 10

/** How many have to, of pages of this size: as many as a page shows below most of what is new. */
export function besideAtLeast(pageSize: number): number {
  return Math.min(BESIDE_MAX, Math.floor(pageSize / 4))
}

/** Whether a pass reads the list that a walk from the top goes down by positions alone. */
export function readsByPosition({ passes }: Pick<Stream, 'passes'>, pass: ListedPass): boolean {
  const top = passes.find(({ kind }) => kind === 'newestFirst') as ListedPass | undefined
  if (!top || 'job' in top || 'job' in pass || top.order !== undefined || pass.order !== undefined) return false
  return pass.kind === top.kind || isSameRead(pass.read, top.read)
}

/** The first keys of a leg, after its next page. */
export function withPage(
  before: readonly Key[],
  page: readonly Key[],
  { pageSize }: Pick<ListingPass, 'pageSize'>,
): readonly Key[] {
  const most = Math.min(KEYS_MAX, Math.max(KEYS_MIN, PAGES * pageSize))
  if (page.length === 0 || before.length >= most) return before
  return [...new Set([...before, ...page])].slice(0, most)
}

/**
 * The top as one walk has read it, and below that as an older one did. All that the older one has read follows, where it
 * does not know the last record.
 */
export function onTopOf(read: readonly Key[], older: readonly Key[]): readonly Key[] {
  const last = read.at(-1)
  const place = last === undefined ? -1 : older.indexOf(last)
  const has = new Set(read)
  return [...read, ...older.slice(place + 1).filter((key) => !has.has(key))].slice(0, KEYS_MAX)
}

/** What is remembered once a walk is closed that has read these keys from the top. */
export function afterWalk(
  before: FirstKeys | undefined,
  { walk, keys, isNew, isWhole }: FirstKeys & { readonly isNew: boolean; readonly isWhole: boolean },
): FirstKeys | undefined {
  // A walk that began earlier has read the top as it was before.
  if (keys.length === 0 || (!isNew && before !== undefined && before.walk > walk)) return before
  const known = before?.keys ?? []
  return { walk, keys: isWhole || !known.includes(keys.at(-1) as Key) ? keys : onTopOf(keys, known) }
}

/** The same of a stored value. */
export function firstKeysFrom(value: unknown): FirstKeys | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { walk, keys } = value as Readonly<Record<string, unknown>>
  if (typeof walk !== 'number' || !Array.isArray(keys)) return undefined
  return { walk, keys: keys.filter((key) => typeof key === 'string') }
}

/** How many of the first keys stood below each of them. */
export function placesOf(keys: readonly Key[]): ReadonlyMap<Key, number> {
  return new Map(keys.map((key, i) => [key, keys.length - 1 - i]))
}

// ── neighbours ──────────────────────────────────────────────────────────────────────────────────────────────────────

/** What a walk knows of the records above, in a list whose first keys are remembered; survives JSON. */
export type Neighbours = {
  /** How many of the first keys stood below the last record; null: it was none of them. */
  readonly left: number | null
  /** How many unchanged records in a row each stand beside the neighbour that they had. */
  readonly run: number
  /** There were enough of them, and what has followed stands as it did. */
  readonly isGround: boolean
}

export const NO_NEIGHBOURS: Neighbours = { left: null, run: 0, isGround: false }

/** A record, as its neighbours are judged. */
export interface Neighbour {
  readonly anchored: boolean
  /** It is known all the same: its content has changed, or another listing has read it. */
  readonly changed: boolean
  /** How many of the first keys stood below it; null: it is none of them. */
  readonly left: number | null
}

/**
 * Everything that was put on top stands above everything that was not. So a record that nobody knows, one that has changed
 * its place among the first, and one that has come in between show that all above it has moved.
 */
export function besideNext(before: Neighbours, { anchored, changed, left }: Neighbour, enough: number): Neighbours {
  if (!anchored && !changed) return NO_NEIGHBOURS
  // Below all that is remembered, nothing more can be told: what was ground stays it.
  if (left === null) return anchored && before.isGround && before.left === 0 ? before : NO_NEIGHBOURS
  // The source may show a record twice.
  if (left === before.left) return before
  const one = anchored ? 1 : 0
  const run = before.left === left + 1 ? before.run + one : one
  // What stood between the two has left, or was put on top.
  const goesOn = before.isGround && before.left !== null && left < before.left
  return { left, run, isGround: goesOn || run >= enough }
}

// Owns which parts of a long list are asked for while a person scrolls: those in sight first, then what comes next the way that
// they scroll, further ahead the faster they do, then what they have just passed. Pure.

/** A person who scrolls: which way, and how many rows a second. */
export interface Movement {
  readonly way: -1 | 0 | 1
  readonly speed: number
  /** Where they were, the first row, and when, in milliseconds. */
  readonly from: number
  readonly at: number
}

export const STILL: Movement = { way: 0, speed: 0, from: 0, at: 0 }

/** After so long in one place nobody scrolls any more, in milliseconds. Rows that come in have them asked for once more meanwhile. */
const STILL_AFTER_MS = 1_000
/** A turn of the wheel is drawn in several steps: what lies between two is a part of it, in milliseconds. */
const STEP_LEAST_MS = 16
/** How much of the speed before counts: hands come in jerks. */
const KEPT_SHARE = 0.8
/** So far ahead, in seconds of the way that they scroll, and in parts. */
const AHEAD_S = 2
const AHEAD = { least: 4, most: 16 } as const

/** The movement when `from` is the first row in sight. */
export function movedTo(before: Movement, from: number, at: number): Movement {
  const by = from - before.from
  const took = at - before.at
  if (by === 0) return took > STILL_AFTER_MS ? { ...before, way: 0, speed: 0 } : before
  const way = by > 0 ? 1 : -1
  const now = (Math.abs(by) / Math.max(STEP_LEAST_MS, took)) * 1_000
  const isGoingOn = way === before.way && took <= STILL_AFTER_MS
  return { way, speed: isGoingOn ? Math.max(now, before.speed * KEPT_SHARE) : now, from, at }
}

/** Parts of `every` rows that are wanted, the most urgent first. Some may lie before the list or behind it. */
export function wantedParts(
  [from, to]: readonly [from: number, to: number],
  { way, speed }: Movement,
  every: number,
): { readonly inSight: readonly number[]; readonly around: readonly number[] } {
  const first = Math.floor(from / every)
  const last = Math.floor(to / every)
  const inSight = Array.from({ length: last - first + 1 }, (_, i) => first + i)
  if (way === 0) return { inSight, around: [last + 1, first - 1] }
  const count = Math.min(AHEAD.most, Math.max(AHEAD.least, Math.ceil((speed * AHEAD_S) / every)))
  const edge = way > 0 ? last : first
  const ahead = Array.from({ length: count }, (_, n) => edge + way * (n + 1))
  return { inSight, around: [...ahead, way > 0 ? first - 1 : last + 1] }
}

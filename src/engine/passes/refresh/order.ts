// Owns in which order known records are read again: those first that are expected to have grown most since they were last
// read, so that what requests or money suffice for is spent where the mirror is furthest from the source. Pure.

import type { Key } from '../../../model/record.ts'
import type { Readings } from '../../../store/store.ts'

/** One record of so many is read in turn, whatever is expected of it: what has stood still may grow again. */
export const EXPLORE_EVERY = 20

const DAY_MS = 86_400_000
/** Two readings tell no growth when less time lies between them. */
const BETWEEN_MIN_MS = 60_000
/** What a record is taken to have grown at least, so that time alone brings up every one. */
const GROWTH_MIN = 0.5

/** A known record, and what is expected of it. */
export interface Known {
  readonly key: Key
  /** How much its metrics are expected to have grown since it was last read, all together. 0: nothing is known of it. */
  readonly growth: number
  /** When it was last read, as far as it is known. */
  readonly readAt: number
}

/** How far the turn has come: the record that was read last in it, and how many were read since. */
export type Turn = {
  readonly after: Key | null
  readonly since: number
}

/** A record to be read. */
export interface Wanted extends Known {
  /** How far the turn has come when this one is read, too. */
  readonly turn: Turn
}

/**
 * What is expected of a record at a time. Growth slows down with age: of what is added between two times, as much as the
 * logarithm of the age grows. `bornAt` is when the record came to be; `isDoubtful`: it was asked for in vain.
 */
export function knownFrom(
  { key, firstSeenAt, updatedAt, unavailableSince, snapshots }: Readings,
  { now, bornAt = firstSeenAt, isDoubtful = false }: { now: number; bornAt?: number | undefined; isDoubtful?: boolean },
): Known {
  const [last, before] = snapshots
  if (!last) return { key, growth: 0, readAt: updatedAt }
  if (unavailableSince !== null || isDoubtful) return { key, growth: 0, readAt: last.at }
  const age = (at: number) => Math.max(0, at - bornAt) + DAY_MS
  // With one reading, all there is has been added since the record came to be.
  const from = before ? age(before.at) : DAY_MS
  const to = Math.max(age(last.at), from + (before ? BETWEEN_MIN_MS : DAY_MS))
  const added = last.values.reduce<number>((sum, value, i) => {
    const earlier = before ? (before.values[i] ?? null) : 0
    return value === null || earlier === null ? sum : sum + Math.abs(value - earlier)
  }, GROWTH_MIN)
  const growth = (added * Math.log(Math.max(age(now), to) / to)) / Math.log(to / from)
  return { key, growth: Math.max(growth, Number.MIN_VALUE), readAt: last.at }
}

/** The order of reading. `known` are in the order of their keys; the turn goes through them in that order. */
export function refreshOrder(known: readonly Known[], turn: Turn): readonly Wanted[] {
  const { after } = turn
  const from = after === null ? 0 : known.findIndex(({ key }) => isBehind(key, after))
  const inTurn = from <= 0 ? known : [...known.slice(from), ...known.slice(0, from)]
  const byGrowth = known.toSorted((a, b) => b.growth - a.growth || a.readAt - b.readAt)
  // Of records that nothing is expected of, each has its turn.
  const every = byGrowth[0] && byGrowth[0].growth > 0 ? EXPLORE_EVERY : 1
  const taken = new Set<Key>()
  const order: Wanted[] = []
  const next = { turn: inTurn.values(), growth: byGrowth.values() }
  let { since } = turn
  let last = after
  while (order.length < known.length) {
    const isTurn = since + 1 >= every
    let one = next[isTurn ? 'turn' : 'growth'].next().value
    while (one && taken.has(one.key)) one = next[isTurn ? 'turn' : 'growth'].next().value
    // The turn has gone once around.
    if (!one) break
    taken.add(one.key)
    since = isTurn ? 0 : since + 1
    if (isTurn) last = one.key
    order.push({ ...one, turn: { after: last, since } })
  }
  return order
}

const encoder = new TextEncoder()

/** Whether a key stands behind another one in the store's order, that of their bytes. */
function isBehind(key: Key, other: Key): boolean {
  return Buffer.compare(encoder.encode(key), encoder.encode(other)) > 0
}

/** The same of a stored value. */
export function turnFrom(value: unknown): Turn | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { after, since } = value as Readonly<Record<string, unknown>>
  const isKnown = (after === null || typeof after === 'string') && typeof since === 'number'
  return isKnown ? { after, since } : undefined
}

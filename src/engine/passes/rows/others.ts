// Owns the rows of a listing that belong to another stream of its service (`belongs`): they stand in the list, and so they
// count for its totals, its order and the place of a walk; but nothing of them is stored. Pure.

import { atOnce } from '../../../connector/check-connector.ts'
import type { Stream } from '../../../connector/connector.ts'
import type { Head, Key } from '../../../model/record.ts'
import type { Parsed } from './shape.ts'

/** What sets the keys of such rows apart from the keys of the stream's own records, which may be the same. */
const MARK = '\u0001'

/** Whether a row of the source belongs to the stream. */
export function belongsTo({ belongs }: Pick<Stream, 'belongs'>): (row: unknown) => boolean {
  if (!belongs) return () => true
  const asked = atOnce('belongs', belongs)
  return (row) => asked(row as never)
}

/** A row of another stream, as a walk counts it. */
export function asOther(parsed: Parsed): Parsed {
  const { incoming } = parsed
  return { ...parsed, isOther: true, incoming: { ...incoming, key: `${MARK}${incoming.key}` } }
}

export function isOther(key: Key): boolean {
  return key.startsWith(MARK)
}

/** The key as the source has it. */
export function plainKey(key: Key): Key {
  return isOther(key) ? key.slice(MARK.length) : key
}

const KNOWN = {
  ordinal: 0,
  walk: null,
  missedBy: null,
  firstSeenAt: 0,
  removedAt: null,
  unavailableSince: null,
} as const

/** To a walk they are neither new nor changed, and no ground: the mirror has nothing to say of them. */
export function headsWith(heads: ReadonlyMap<Key, Head>, others: readonly Parsed[]): ReadonlyMap<Key, Head> {
  if (others.length === 0) return heads
  const all = new Map(heads)
  for (const { incoming } of others) {
    const { key, hash, order } = incoming
    all.set(key, { ...KNOWN, hash, order })
  }
  return all
}

// Owns what of a stream's order was read, as intervals of time: told where the order is a time, by what is kept of its walks.
// Pure.

import type { Stream } from '../../connector/connector.ts'
import type { WalkRow } from '../../store/store.ts'
import { positionFrom } from '../passes/listing/position.ts'
import { windowPositionFrom } from '../passes/window/position.ts'

/** `read`: what lies in it is stored; `gap`: it is known not to have been read. Times in milliseconds since 1970. */
export interface ReadInterval {
  readonly kind: 'read' | 'gap'
  /** Null: from the beginning of all. */
  readonly from: number | null
  /** Exclusive. */
  readonly to: number
  /** How a walk came to stand there; '' for what was read. */
  readonly note: string
}

interface Known {
  readonly stream: Pick<Stream, 'passes'>
  /** The cursor of a byCursor pass, in the source's unit; undefined: nothing was read to its end. */
  readonly cursor: number | undefined
  readonly openWalks: readonly WalkRow[]
  /** When the stream was last read; null: never. */
  readonly lastSuccessAt: number | null
}

/** In the order of time, without overlaps; undefined: the order of the stream is no time, or none is known of. */
export function readIntervals({
  stream,
  cursor,
  openWalks,
  lastSuccessAt,
}: Known): readonly ReadInterval[] | undefined {
  for (const pass of stream.passes) {
    if (pass.kind === 'byCursor' && pass.unitMs !== undefined) return ofWindow(pass.unitMs, cursor, openWalks)
    if (pass.kind === 'newestFirst') return ofListing(pass.unitMs, openWalks, lastSuccessAt)
  }
  return undefined
}

/** What lies before a cursor was read, but for the windows of walks that are open. */
function ofWindow(
  unitMs: number,
  cursor: number | undefined,
  walks: readonly WalkRow[],
): readonly ReadInterval[] | undefined {
  const gaps = walks
    .flatMap(({ pass, position, note }) => {
      const place = pass === 'byCursor' ? windowPositionFrom(position) : undefined
      return place === undefined ? [] : [{ since: place.since, until: place.until, note }]
    })
    .sort((a, b) => (a.since ?? Number.NEGATIVE_INFINITY) - (b.since ?? Number.NEGATIVE_INFINITY))
  const intervals: ReadInterval[] = []
  let place: number | null = null
  const add = (kind: ReadInterval['kind'], to: number, note = '') => {
    if (place !== null && to <= place) return
    intervals.push({ kind, from: place === null ? null : place * unitMs, to: to * unitMs, note })
    place = to
  }
  for (const { since, until, note } of gaps) {
    if (since !== null) add('read', since)
    add('gap', until, note)
  }
  if (cursor !== undefined) add('read', cursor)
  return intervals.length === 0 ? undefined : intervals
}

/** The first walk through a listing reads from the newest down: what lies below it is not read yet. */
function ofListing(
  unitMs: number | undefined,
  walks: readonly WalkRow[],
  lastSuccessAt: number | null,
): readonly ReadInterval[] | undefined {
  const walk = walks.find(({ pass }) => pass === 'newestFirst')
  // A later one stops at ground that is known, and where that begins is not kept as a time.
  if (walk === undefined || lastSuccessAt !== null) return undefined
  const { oldest } = positionFrom(walk.position)
  const at = typeof oldest === 'string' ? Date.parse(oldest) : (oldest ?? Number.NaN) * (unitMs ?? Number.NaN)
  if (!Number.isFinite(at)) return undefined
  return [
    { kind: 'gap', from: null, to: at, note: walk.note },
    { kind: 'read', from: at, to: Math.max(at, walk.openedAt), note: '' },
  ]
}

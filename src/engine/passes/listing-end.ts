// Owns the question that a walk asks at the end of its leg: does the source's total show that records were missed?

import { plural } from '../../model/plural.ts'
import type { Ended } from '../../model/run.ts'
import { REREADS_MAX } from './full-pass.ts'
import { countsAtEnd, countsEnd, knowsRead } from './listing-counts.ts'
import type { ListingPass } from './listing-position.ts'
import type { ListingSource } from './listing-source.ts'
import { listsAll, shifts, type Walking } from './listing-step.ts'
import { isLive } from './page-seen.ts'
import type { RecentKeys } from './recent-keys.ts'
import type { PassEntry, StreamRun } from './stream-run.ts'
import { concluded } from './totals.ts'

/** A leg of a walk that has come to its end. */
export interface Leg {
  readonly run: StreamRun
  readonly entry: PassEntry
  readonly pass: ListingPass
  readonly walk: number
  /** An earlier run began the walk. */
  readonly isResumed: boolean
  readonly walking: Walking
  readonly keys: RecentKeys
}

/** What was found at the end of a leg. */
interface Found {
  /** What shows that records were missed, in words. */
  readonly lack?: string | undefined
  /** What the source said that there is, if it was asked. */
  readonly total?: number | undefined
}

export async function lackAt(leg: Leg, source: ListingSource, ended: Ended): Promise<Found> {
  const { run, pass, walking } = leg
  if (!listsAll(pass)) return {}
  if (ended === 'exhausted' && knowsRead(pass, walking)) {
    const read = await countRead(leg)
    const isKnown = walking.position.totals.least !== null
    if (isKnown || countsEnd(pass, walking, { read, live: run.live, isResumed: leg.isResumed }))
      return shortOf(leg, source, read)
  }
  return countsAtEnd(pass, ended, walking) ? conclude(leg, source) : {}
}

/** How many different records the leg has read, rows included whose key is not certain. */
async function countRead({ run, pass, walk, walking, keys }: Leg): Promise<number> {
  const { different, unreadable } = walking.position
  if (pass.kind === 'fullPass') return (await run.scope.world.store.walks.countSeen(run.row.no, walk)) + unreadable
  return (walking.fromTop ? keys.count : different) + unreadable
}

/**
 * Whether the end came too early, by the total that the leg was told. Where pages shift nothing, records may have left
 * before they were read: then the total of now decides, without what is seen to have come on top since.
 */
async function shortOf(leg: Leg, source: ListingSource, read: number): Promise<Found> {
  const { run, pass, walking } = leg
  const { isShort } = run.scope.world.decisions
  const { least } = walking.position.totals
  if (least !== null && !isShort(read, least)) return {}
  const isFinal = least !== null && shifts(pass)
  const total = isFinal ? undefined : await source.count()
  let known = total ?? least ?? undefined
  if (!isFinal && known !== undefined && isShort(read, known)) {
    const top = await lookAtTop(leg, source)
    const now = total ?? top.total
    if (now !== undefined && top.arrived !== null) known = now - top.arrived
  }
  if (known === undefined || !isShort(read, known)) return { total }
  const were = plural(read, 'different one was', 'different ones were')
  return { lack: `the source said it had ${plural(known, 'record')}, ${were} read`, total }
}

/**
 * What the source's total says at the end of a leg that shifts. The first page is read once more where it alone tells the
 * total, and where it shows what has arrived since: both together tell what has left.
 */
async function conclude(leg: Leg, source: ListingSource): Promise<Found> {
  const { pass, walking } = leg
  const { totals, moves, rereads } = walking.position
  const now = await source.count()
  if (pass.total && now === undefined) return {}
  // Where nothing has moved, there is nothing to look for.
  const isMoved = totals.repeats > 0 || now !== totals.total
  const top = !pass.total || (totals.fromTop && isMoved) ? await lookAtTop(leg, source) : undefined
  const total = now ?? top?.total
  if (total === undefined) return {}
  const { doubt } = concluded(totals, total, totals.fromTop && top ? top.arrived : 0)
  // Records that move up are met twice, too; where they keep doing so, no reading again can tell them from new ones.
  const isLack = doubt && !(doubt.repeatsOnly && moves && rereads >= REREADS_MAX)
  return { lack: isLack ? doubt.why : undefined, total }
}

function lookAtTop({ entry, pass, walking, keys }: Leg, source: ListingSource) {
  // What a run has not read itself is known by the mirror, and what a full pass has read: it forgets keys.
  const isRead = walking.fromTop && pass.kind === 'newestFirst'
  return source.lookAtTop(entry, (key, heads) => (isRead ? keys.has(key) : isLive(heads, key)))
}

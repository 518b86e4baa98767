// Owns how a walk sees a page: what of it was read before, what is new, what stands elsewhere than it did. Pure.

import type { Stream } from '../../../connector/connector.ts'
import type { Order, Page } from '../../../connector/page.ts'
import type { ListedPass } from '../../../connector/passes.ts'
import type { Json } from '../../../model/json.ts'
import type { Key } from '../../../model/record.ts'
import type { Decisions } from '../decisions.ts'
import { isOther } from '../rows/others.ts'
import type { Sight } from '../rows/page.ts'
import { hasMoved, placeOf } from '../rows/place.ts'
import type { Parsed } from '../rows/shape.ts'
import type { Walks } from '../rows/upsert.ts'
import { readsByPosition } from './first-keys.ts'
import type { Position } from './position.ts'
import type { RecentKeys } from './recent-keys.ts'
import { isSettled, type LastRead } from './settled.ts'
import { canBeSwept } from './shown-twice.ts'
import type { PageSeen } from './step.ts'
import type { Sighting } from './stop-rule.ts'

/** Who looks at the page. */
export interface Viewer {
  readonly pass: ListedPass
  /** The place of the page's first row in the listing, where `pinned` goes by that. @default 0 */
  readonly place?: number
  readonly stream: Pick<Stream, 'passes' | 'volatile' | 'metrics' | 'belongs'>
  /** The walk's number, and the walks beside it that are open: their records are no ground for it. */
  readonly walk: number
  readonly open: Walks
  readonly decisions: Pick<Decisions, 'isAnchored'>
  readonly lastRead: LastRead | undefined
  /** How many of the first keys stood below each of them, where they are remembered. */
  readonly stood?: ReadonlyMap<Key, number> | undefined
}

export interface LegRead {
  readonly position: Position
  /** Keys that this run has read in the leg. */
  readonly keys: RecentKeys
  readonly topBefore: PageSeen['shown']['topBefore']
  /** Rows that nobody knew, on its pages before. */
  readonly unknown: number
  /** The place of the record read last, where equals may be read again at the end; undefined: they may not. */
  readonly last: Order | undefined
  /** It goes on with a leg of an earlier run, of which this run has read no page yet. */
  readonly goesOn: boolean
}

export function pageSeen(page: Page, token: Json, sight: Sight, viewer: Viewer, leg: LegRead): PageSeen {
  const { parsed, heads, contents, unread } = sight
  const { keys: read, topBefore } = leg
  const { tail } = leg.position
  const isShared = viewer.stream.belongs !== undefined
  const moved = parsed.map((one) => viewer.pass.order !== undefined && isElsewhere(viewer, one, sight))
  const keys = parsed.map(({ incoming }) => incoming.key)
  const ends = new Set(tail)
  const isEnd = (key: Key, i: number) => ends.has(key) && !moved[i]
  const isNew = (key: Key) => !isLive(heads, key)
  // Only the leg knows those of other streams; what an earlier run has read of it may have shifted down here.
  const hasArrived = (key: Key) => (isOther(key) ? !leg.goesOn && !read.has(key) : isNew(key))
  const met = keys.findLastIndex(isEnd)
  const unknown = keys.filter(isNew).length
  const fresh = [...keys.slice(met + 1), ...unread.flatMap(({ key }) => key ?? [])].filter((key) => !read.has(key))
  const equals = equalsOf(page, sight, viewer, leg)
  // Below the end of what was read before there is more on the page: nothing of that end stands further down.
  const goesOn = parsed.slice(met + 1).some(({ record }) => !isPinned(viewer, record))
  return {
    token,
    next: page.next,
    rows: page.records.length,
    parsed,
    quarantine: unread,
    sightings: sightingsOf(viewer, sight),
    total: page.total,
    met,
    equals,
    ahead: met < 0 || goesOn || equals > 0 ? 0 : tail.length - 1 - tail.lastIndexOf(keys[met] as Key),
    repeats: keys.filter((key) => read.has(key)).length,
    arrived: keys.slice(0, Math.max(0, keys.findIndex(isEnd))).filter(hasArrived).length,
    unknown,
    // The total counts the rows of other streams, too, and nobody knows which of them are new.
    expected: isShared ? (page.total ?? null) : expectedBy(viewer.lastRead, leg.unknown + unknown),
    shown: { heads, contents, topBefore },
    moved: moved.includes(true),
    read: read.count + keys.filter((key) => !read.has(key)).length,
    fresh: new Set(fresh).size,
    others: new Set(fresh.filter(isOther)).size,
    placed: readsByPosition(viewer.stream, viewer.pass) ? placedIn(viewer, sight) : [],
  }
}

/** Keys of the stream's own rows, but for pinned ones, which tell no place. */
function placedIn(viewer: Viewer, { parsed }: Sight): readonly Key[] {
  return parsed.filter((one) => !one.isOther && !isPinned(viewer, one.record)).map(({ incoming }) => incoming.key)
}

/**
 * Rows that were read before, and share their place with the record read last, while the total has not moved: the source
 * may order equals anew on each page. The walk finds out at its end; until then they tell of no arrival.
 */
function equalsOf({ total }: Page, { parsed }: Sight, { pass }: Viewer, { position, keys, last }: LegRead): number {
  if (!canBeSwept(pass) || last === undefined || total === undefined || total !== position.totals.total) return 0
  return parsed.filter(({ incoming, record }) => keys.has(incoming.key) && placeOf(pass, record) === last).length
}

/** What a walk makes of a page's records, as it looks for ground that may stop it. */
export function sightingsOf(viewer: Viewer, sight: Sight): readonly Sighting[] {
  const { pass, walk, open, decisions, lastRead, stood, place = 0 } = viewer
  return sight.parsed.map((one, i) => {
    const { key } = one.incoming
    const head = sight.heads.get(key)
    // A later walk that was closed stands above what this one has not read: its records are no ground for it.
    const isLater = (head?.walk ?? 0) > walk
    const order = placeOf(pass, one.record)
    const anchored = !isLater && decisions.isAnchored(head, open) && !isElsewhere(viewer, one, sight)
    // Another listing may have read its change: who has read it last says nothing of where it stands.
    const changed = !anchored && !isLater && isLive(sight.heads, key)
    return {
      anchored,
      ...(stood ? { changed, left: stood.get(key) ?? null } : {}),
      // A row of another stream is no ground, and hides none.
      pinned: one.isOther ?? isPinned(viewer, one.record, place + i),
      order,
      settled: isSettled(pass, order, lastRead),
    }
  })
}

function isPinned({ pass }: Viewer, record: unknown, place = 0): boolean {
  return pass.pinned?.(record, place) ?? false
}

/** How many records the source has if nothing has come or gone since then but what was found. */
export function expectedBy(lastRead: LastRead | undefined, found: number): number | null {
  return lastRead === undefined || lastRead.total === null ? null : lastRead.total + found
}

/** A record that stands elsewhere than it did says nothing of what lies below its new place. */
function isElsewhere({ pass, stream }: Viewer, one: Parsed, { heads, contents }: Sight): boolean {
  const { key, hash } = one.incoming
  const head = heads.get(key)
  if (head === undefined || head.hash === hash) return false
  return hasMoved(pass, one, contents.get(key), stream)
}

export function isLive(heads: Sight['heads'], key: Key): boolean {
  return heads.get(key)?.removedAt === null
}

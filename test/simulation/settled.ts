// Owns what must be when nothing goes wrong any more: the mirror is the source's, as far as the style can know (I5), a
// sync of a still world writes nothing (I6), and asks no more than a reader who knows everything (I7).
//
// Where a style of API cannot prove something, less is asked, and a comment beginning "Weaker:" says why.

import { contentNow, rankOf, revOf } from './api.ts'
import { REFRESH_BATCH } from './connector.ts'
import type { Mirror } from './mirror.ts'
import type { Exchange } from './network.ts'
import { type Oracle, Violation } from './oracle.ts'
import { type Item, type Source, streamOf } from './source.ts'

/** I5: what still differs from the source; undefined: nothing. */
export function difference(source: Source, mirror: Mirror, oracle: Oracle): string | undefined {
  const { style } = source
  source.settle()
  const listed = source.shown()
  for (const item of listed) {
    const content = mirror.live.get(item.key)
    if (content === contentNow(item, style)) continue
    if (style.full) return `${item.key} is ${content ?? 'missing'}, not ${contentNow(item, style)}`
    // Weaker: without a full pass only what moves can be seen to change.
    if (!oracle.reachable(item) || oracle.isSetAside(mirror, item.key, 0)) continue
    if (content === undefined) return `${item.key} is missing`
    if ((style.window || style.order === 'updated') && revOf(content) < item.bumpedRev) {
      return `${item.key} is at ${revOf(content)}, not ${item.bumpedRev}`
    }
  }
  if (style.files === 'alone') {
    const left = [...mirror.live.keys()].find(
      (key) => !listed.some((item) => item.key === key) && !mirror.held.has(key),
    )
    return left === undefined ? undefined : `${left} has left the list, and is neither removed nor held`
  }
  if (style.refreshed) return unrefreshed(source, mirror, oracle)
  return style.full ? surplus(source, mirror, listed) : undefined
}

/** What is known and not as it is at the source, though every known record is read again. */
function unrefreshed({ items, style }: Source, mirror: Mirror, oracle: Oracle): string | undefined {
  for (const [key, content] of mirror.live) {
    const item = items.get(key)
    if (!item?.seen) {
      if (!mirror.unavailable.has(key)) return `${key} is gone at the source, and not marked`
    } else if (mirror.unavailable.has(key)) return `${key} is at the source, and marked as unavailable`
    else if (content !== contentNow(item, style) && !oracle.isSetAside(mirror, key, 0)) {
      return `${key} is ${content}, not ${contentNow(item, style)}`
    }
  }
  return undefined
}

/** What is live here and gone there: nothing, or so much of a stream that it waits for a person. */
function surplus(source: Source, mirror: Mirror, listed: readonly Item[]): string | undefined {
  const readers = source.style.shared ? (['items', 'others'] as const) : [undefined]
  for (const own of readers) {
    const mine = [...mirror.live].filter(([key]) => own === undefined || mirror.streams.get(key) === own)
    const shown = listed.filter((item) => own === undefined || streamOf(item) === own)
    const left = surplusOf(source, mirror, shown, mine)
    if (left !== undefined) return left
  }
  return undefined
}

function surplusOf(
  { style, items }: Source,
  mirror: Mirror,
  listed: readonly Item[],
  all: readonly (readonly [key: string, content: string])[],
): string | undefined {
  const listedKeys = new Set(listed.map(({ key }) => key))
  const oldest = Math.min(...listed.filter(({ pinned }) => !pinned).map(({ shownRank }) => shownRank))
  const gone = all.filter(([key, content]) => {
    if (listedKeys.has(key) || mirror.kept.has(key)) return false
    // Weaker: what a capped listing lacks is gone only above an older record that it has, or where a witness can say so.
    return !style.capped || (style.witness && !items.get(key)?.there) || rankOf(content) > oldest
  })
  if (gone.length === 0) return undefined
  const live = all.length
  const tooMany = gone.length > Math.max(20, live * 0.1) || (live >= 5 && gone.length > live / 2)
  // Nobody is asked about what lies below the listing while a person has to decide on what it lacks.
  const waits = ([key, content]: readonly [string, string]) =>
    mirror.held.has(key) || (style.capped && mirror.held.size > 0 && rankOf(content) <= oldest)
  const held = gone.every(waits)
  if ((tooMany || listed.length === 0) && held) return undefined
  return `${gone.length} of ${live} are gone at the source (${gone[0]?.[0]}), ${held ? '' : 'not '}held`
}

/** I6 and I7, of one sync. `wasRead`: of records that the reader of the top has read itself. */
export function checkStill(
  source: Source,
  before: Mirror,
  after: Mirror,
  asked: readonly Exchange[],
  wasRead: (item: Item) => boolean = () => true,
): void {
  // Weaker: a paid run that asks for more shows what has changed, or came in, further down while nobody looked there.
  if (after.changes.length !== before.changes.length && source.style.paging !== 'runs') {
    const first = after.changes[before.changes.length]
    throw new Violation('I6', `a still world: change ${first?.op} of ${first?.key}`)
  }
  for (const kind of ['newest', 'full', 'window'] as const) {
    // A look at what is dated ahead of the source's clock costs a request of its own, once an hour.
    const isLook = ({ shown }: Exchange) => kind === 'window' && (shown?.since ?? 0) > source.now() / 1_000
    const pages = asked.filter(
      (one) => one.path.includes(kind === 'window' ? '/changes' : `pass=${kind}`) && !isLook(one),
    )
    // Weaker: while removals are held, a full pass looks whether the records have moved: it reads the listing again, or
    // looks at the top; where all of it has one time, it looks at all of it, twice.
    const looks = kind !== 'full' || after.held.size === 0 ? 1 : source.style.moving || source.style.unread ? 3 : 2
    const isGround = (item: Item) => after.live.has(item.key) && wasRead(item)
    const ideal = looks * idealPages(kind, source, isGround, pages[0]?.shown?.since)
    if (pages.length > ideal + 1) {
      throw new Violation('I7', `a still world: ${pages.length} pages of ${kind}, ${ideal} are enough`)
    }
  }
  const others = asked.filter(({ path }) => !/\/(items|changes|runs)/.test(path)).length
  const known = source.style.refreshed ? Math.ceil(after.live.size / REFRESH_BATCH) : 0
  if (others > 2 + known) throw new Violation('I7', `a still world: ${others} requests beside the listing`)
}

type Reading = 'newest' | 'full' | 'window'

/**
 * How many pages a reader needs that knows everything. `isGround`: of records that may stop a reader of the top; `since`:
 * the lower bound of the window that was asked for.
 */
function idealPages(
  kind: Reading,
  source: Source,
  isGround: (item: Item) => boolean,
  since: number | undefined,
): number {
  const { scale, sizeMax } = source
  const size = Math.min(scale.pageSize, sizeMax)
  if (kind === 'window') {
    // A clock that is far from ours is learned from the first answer, which may have been asked for too little.
    const learning = Math.abs(scale.skewMs) > 2_000 ? 1 : 0
    return learning + windowPages(source.window(since ?? 0, Number.POSITIVE_INFINITY), size)
  }
  const all = source.shown()
  const whole = Math.max(1, Math.ceil(all.length / size))
  if (kind === 'full') return whole
  // Of a listing that two streams read, each passes by what belongs to the other one.
  const readers = source.style.shared ? (['items', 'others'] as const) : [undefined]
  const stops = readers.map((own) => stopAt(source, all, isGround, own))
  const pages = Math.max(1, Math.min(whole, Math.ceil(Math.max(...stops) / size)))
  // Where the order breaks in what is read, nothing but the end may stop a reader.
  return isSorted(source, all.slice(0, pages * size)) ? pages : whole
}

function isSorted({ style }: Source, part: readonly Item[]): boolean {
  const ranks = part.filter(({ pinned }) => !pinned).map(({ shownRank }) => shownRank)
  return style.order === 'position' || ranks.every((rank, index) => index === 0 || rank <= (ranks[index - 1] as number))
}

/** After how many records enough known ones have been met in a row, and the group of the last of them has ended. */
function stopAt(
  { style, scale }: Source,
  all: readonly Item[],
  isGround: (item: Item) => boolean,
  own: string | undefined,
): number {
  const byPosition = style.order === 'position'
  const enough = Math.max(3, scale.stopAfter)
  let run = 0
  let last: Item | undefined
  for (const [index, item] of all.entries()) {
    if (item.pinned || (own !== undefined && streamOf(item) !== own)) continue
    if (last && run >= enough && (byPosition || item.shownRank !== last.shownRank)) return index + 1
    run = isGround(item) ? run + 1 : 0
    last = item
  }
  return all.length
}

/**
 * Every request starts at the last position read, inclusive. Inside a group that fills a page the token is followed; all
 * but the last of its pages are read once more, for a record that leaves a group may hide another.
 */
function windowPages(all: readonly Item[], size: number): number {
  let pages = 0
  let at = 0
  let from = Number.NEGATIVE_INFINITY
  let again = 0
  for (;;) {
    pages++
    if (at + size >= all.length) return pages + again
    const bound = all[at + size - 1]!.updated
    if (bound > from) {
      pages += again
      again = 0
      at = all.findIndex(({ updated }) => updated === bound)
    } else {
      again++
      at += size
    }
    from = bound
  }
}

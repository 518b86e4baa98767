// Owns how many pages a reader needs that knows everything: the bound that the oracle holds a sync of a still world to.

import type { Mirror } from './mirror.ts'
import type { Item, Source } from './source.ts'

export type Reading = 'newest' | 'full' | 'window'

/** `since` is the lower bound of the window that was asked for. */
export function idealPages(kind: Reading, source: Source, mirror: Mirror, since: number | undefined): number {
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
  const pages = Math.min(whole, Math.ceil(stopAt(source, all, mirror) / size))
  // Where the order breaks in what is read, nothing but the end may stop a reader.
  return isSorted(source, all.slice(0, pages * size)) ? pages : whole
}

function isSorted({ style }: Source, part: readonly Item[]): boolean {
  const ranks = part.filter(({ pinned }) => !pinned).map(({ shownRank }) => shownRank)
  return style.order === 'position' || ranks.every((rank, index) => index === 0 || rank <= (ranks[index - 1] as number))
}

/** After how many records enough known ones have been met in a row, and the group of the last of them has ended. */
function stopAt({ style, scale }: Source, all: readonly Item[], mirror: Mirror): number {
  const byPosition = style.order === 'position'
  const enough = Math.max(3, scale.stopAfter)
  let run = 0
  let last: Item | undefined
  for (const [index, item] of all.entries()) {
    if (item.pinned) continue
    if (last && run >= enough && (byPosition || item.shownRank !== last.shownRank)) return index + 1
    run = mirror.live.has(item.key) ? run + 1 : 0
    last = item
  }
  return all.length
}

/** Every request starts at the last position read, inclusive; inside a group that fills a page the token is followed. */
function windowPages(all: readonly Item[], size: number): number {
  let pages = 0
  let at = 0
  let from = Number.NEGATIVE_INFINITY
  for (;;) {
    pages++
    const page = all.slice(at, at + size)
    if (at + size >= all.length) return pages
    const bound = page.at(-1)!.updated
    at = bound > from ? all.findIndex(({ updated }) => updated === bound) : at + size
    from = bound
  }
}

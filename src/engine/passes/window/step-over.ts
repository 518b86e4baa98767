// Owns the search for the next position from which a window can be read, when the page at hand can't be. Pure: it says
// where to ask next, and what is known when it has asked enough.
//
// The end of the window comes first: if not even that can be read, the source is down, and nothing is stepped over. Then
// steps grow by STEP_FACTOR, forwards from the page at hand (or backwards from the end, if that page is the first of all).
// Between the last position that fails and the first that does not, the search goes on by halves.

/** Requests that one search makes, at most. */
export const PROBES_MAX = 24
/** By how much a step is longer than the one before. */
export const STEP_FACTOR = 8

export interface Search {
  /** The page that can't be read begins here; null: at the beginning of all. */
  readonly from: number | null
  /** The end of the window. */
  readonly until: number
  /** The greatest position known to fail. */
  readonly bad: number
  /** The least position known to be readable; undefined: none. */
  readonly good: number | undefined
  readonly isGrowing: boolean
  readonly step: number
  readonly probes: number
  /** Positions are times: the least one is not near zero. */
  readonly isTime: boolean
}

export function searchFrom(from: number | null, until: number, isTime: boolean): Search {
  return { from, until, bad: from ?? 0, good: undefined, isGrowing: true, step: 1, probes: 0, isTime }
}

/** Where to ask next; undefined: enough is known, or nothing can be. */
export function probeAt(search: Search): number | undefined {
  const { bad, good, until, isGrowing, step, probes } = search
  if (probes >= PROBES_MAX) return undefined
  if (good === undefined) return probes === 0 && until - 1 > bad ? until - 1 : undefined
  if (good - bad <= 1) return undefined
  if (!isGrowing) return bad + Math.floor((good - bad) / 2)
  return isBackwards(search) ? Math.max(bad + 1, good - step) : Math.min(good - 1, bad + step)
}

/** What is known after a probe. */
export function probed(search: Search, at: number, isReadable: boolean): Search {
  const { bad, good, step, probes } = search
  const known = isReadable ? { good: at } : { bad: at }
  const first = good === undefined
  // A place on the other side has been found: from here on, halves.
  const isTurned = !first && isReadable !== isBackwards(search)
  const grown = first ? step : step * STEP_FACTOR
  return {
    ...search,
    bad,
    good,
    ...known,
    isGrowing: search.isGrowing && !isTurned,
    step: grown,
    probes: probes + 1,
  }
}

function isBackwards({ from, isTime }: Search): boolean {
  return from === null && isTime
}

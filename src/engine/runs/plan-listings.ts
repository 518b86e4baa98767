// Owns what a plan makes of a listing that several streams read: a run asks for each of its pages once. Pure.

import type { PlannedPass } from '../due/plan.ts'

/** What is foreseen of a stream. */
export interface SharedPlan {
  readonly passes: readonly PlannedPass[]
  /** The name of its listing, as the run before found it; undefined: its own, or a walk that broke off goes on with it. */
  readonly listing: string | undefined
}

/** The streams in their turn, without the requests for pages that one of them reads before another. */
export function sharedOnce<T extends SharedPlan>(streams: readonly T[]): readonly T[] {
  /** By listing: how many pages are read of it, from its top. */
  const read = new Map<string, number>()
  return streams.map((stream) => {
    const { listing, passes } = stream
    const [first, ...others] = passes
    if (listing === undefined || !first || first.requests === null) return stream
    const { requests, beside = 0 } = first
    const pages = requests - beside
    const before = read.get(listing) ?? 0
    read.set(listing, Math.max(before, pages))
    return { ...stream, passes: [{ ...first, requests: Math.max(0, pages - before) + beside }, ...others] }
  })
}

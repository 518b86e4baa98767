// Owns the estimate of a reading that is under way: how fast it is, and when it will be done, or nothing at all where
// no honest answer exists. Pure.

import { etaOf, percentOf } from '../../engine/runs/progress.ts'

/** What was known at one moment. */
export interface Sample {
  /** Milliseconds on a clock that never steps. */
  readonly at: number
  readonly processed: number
}

export interface Estimate {
  /** Records a second over the last while; null before there are two moments to compare. */
  readonly rate: number | null
  readonly percent: number | null
  /** Null when the total is unknown or exceeded, or the rate moves too much to be multiplied. */
  readonly etaSeconds: number | null
}

/** How far back the rate looks. */
const WINDOW_MS = 30_000
/** Before this much was watched, no end is foretold. */
const WATCHED_MS = 3_000
const SAMPLES_MIN = 6
/** The slower half of the window must reach this share of the faster half. */
const STEADY = 0.5

/** Adds a sample and forgets those that the window has left, but for the last one before it. */
export function addSample(samples: readonly Sample[], sample: Sample): readonly Sample[] {
  const from = sample.at - WINDOW_MS
  const first = samples.findLastIndex(({ at }) => at <= from)
  return [...samples.slice(Math.max(0, first)), sample]
}

/** `total` is null where nobody knows it, or where the reading may end before it. */
export function estimate(samples: readonly Sample[], total: number | null): Estimate {
  const last = samples.at(-1)
  const processed = last?.processed ?? 0
  const rate = rateBetween(samples[0], last)
  const etaSeconds = rate !== null && isSteady(samples) ? etaOf(processed, total, rate) : null
  return { rate, percent: percentOf(processed, total), etaSeconds }
}

function isSteady(samples: readonly Sample[]): boolean {
  const first = samples[0]
  const last = samples.at(-1)
  if (!first || !last || samples.length < SAMPLES_MIN || last.at - first.at < WATCHED_MS) return false
  const middle = samples.find(({ at }) => at >= first.at + (last.at - first.at) / 2)
  const before = rateBetween(first, middle)
  const after = rateBetween(middle, last)
  return before !== null && after !== null && Math.min(before, after) >= STEADY * Math.max(before, after)
}

function rateBetween(a: Sample | undefined, b: Sample | undefined): number | null {
  if (!a || !b || b.at <= a.at) return null
  return ((b.processed - a.processed) / (b.at - a.at)) * 1_000
}

// Owns the estimate of a reading that is under way: how fast it is, and when it will be done, or nothing at all where
// no honest answer exists. Pure.

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
/** Beyond this an estimate is a guess. */
const ETA_MAX_SECONDS = 24 * 3_600

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
  const isWithin = total !== null && total > 0 && processed <= total
  const percent = isWithin ? Math.floor((processed / total) * 100) : null
  const rate = rateBetween(samples[0], last)
  return { rate, percent, etaSeconds: isWithin && rate !== null ? eta(samples, total - processed, rate) : null }
}

function eta(samples: readonly Sample[], left: number, rate: number): number | null {
  const first = samples[0]
  const last = samples.at(-1)
  if (!first || !last || samples.length < SAMPLES_MIN || last.at - first.at < WATCHED_MS || rate <= 0) return null
  const middle = samples.find(({ at }) => at >= first.at + (last.at - first.at) / 2)
  const before = rateBetween(first, middle)
  const after = rateBetween(middle, last)
  if (before === null || after === null || Math.min(before, after) < STEADY * Math.max(before, after)) return null
  const seconds = Math.ceil(left / rate)
  return seconds <= ETA_MAX_SECONDS ? seconds : null
}

function rateBetween(a: Sample | undefined, b: Sample | undefined): number | null {
  if (!a || !b || b.at <= a.at) return null
  return ((b.processed - a.processed) / (b.at - a.at)) * 1_000
}

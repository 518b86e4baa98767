// Owns what is learned of a stream's pace: how many records come in a given time. Pure.
//
// The rate is a gamma posterior that forgets: what was counted halves in weight every HALF_LIFE_MS. Records come in bursts,
// so that their number in an interval is negative binomial; its shape is learned from how far the predictions were off,
// because what is unknown of the rate does not tell how bursty it is.

import { isObject, type Json } from '../../../model/json.ts'

const DAY_MS = 86_400_000
const HALF_LIFE_MS = 30 * DAY_MS
/** Before anything is known: half a record a day, which one day of looking outweighs. */
const PRIOR = { records: 0.5, ms: DAY_MS } as const
/** Before any prediction was seen to be off: bursts of medium size, which a few intervals outweigh. */
const PRIOR_SHAPE = { mean2: 2, excess: 1 } as const
/** Dates of records are believed as far back as this when nothing else is known of the rate. */
const LOOK_BACK_MS = 60 * DAY_MS

/** Survives JSON. */
export type Pace = {
  /** When the last walk that is closed began. */
  readonly at: number
  /** How many records came, and in how many milliseconds, both forgetting. */
  readonly records: number
  readonly ms: number
  /** Sums over intervals, forgetting: of the square of the number predicted, and of what varied beyond chance. */
  readonly mean2: number
  readonly excess: number
  /** When the newest of those was made that are not pinned; null: their order tells no time. */
  readonly newest: number | null
  /** How many pinned records the last answer had. */
  readonly pinned: number
  /** How many records the source said it had then, exactly or about; null: it did not say. */
  readonly count: number | null
  /** What a record has cost, on average; null: nothing was charged. */
  readonly price: number | null
}

/** A negative binomial distribution. */
export interface Predicted {
  readonly mean: number
  readonly shape: number
}

/** How many records may have come since the last walk. */
export function predict(pace: Pace | undefined, now: number): Predicted {
  const { records, ms, mean2, excess, at } = pace ?? { records: 0, ms: 0, mean2: 0, excess: 0, at: now }
  const counted = records + PRIOR.records
  const mean = (counted / (ms + PRIOR.ms)) * Math.max(0, now - at)
  const bursts = (PRIOR_SHAPE.mean2 + mean2) / Math.max(PRIOR_SHAPE.excess + excess, 1e-6)
  // What varies by bursts, and what is not known of the rate.
  return { mean, shape: 1 / (1 / bursts + 1 / counted) }
}

/** What is known after a walk that found so many records. */
export function learn(pace: Pace, { now, found }: { now: number; found: number }): Pace {
  const ms = Math.max(0, now - pace.at)
  const keep = 2 ** (-ms / HALF_LIFE_MS)
  const { mean } = predict(pace, now)
  return {
    ...pace,
    at: now,
    records: pace.records * keep + found,
    ms: pace.ms * keep + ms,
    mean2: pace.mean2 * keep + mean ** 2,
    excess: Math.max(0, pace.excess * keep + (found - mean) ** 2 - mean),
  }
}

/** What the dates of the first records that are read tell of the rate; `dates` are times in milliseconds. */
export function firstPace(now: number, dates: readonly number[]): Pick<Pace, 'at' | 'records' | 'ms'> {
  const past = dates.filter((date) => date <= now)
  const oldest = Math.max(Math.min(now, ...past), now - LOOK_BACK_MS)
  const recent = past.filter((date) => date >= oldest)
  return { at: now, records: recent.length, ms: recent.length === 0 ? 0 : now - oldest }
}

export function paceFrom(value: Json | undefined): Pace | undefined {
  if (!isObject(value)) return undefined
  const numbers = ['at', 'records', 'ms', 'mean2', 'excess', 'pinned'] as const
  if (!numbers.every((name) => typeof value[name] === 'number')) return undefined
  const orNull = (name: string) => (typeof value[name] === 'number' ? value[name] : null)
  return { ...(value as unknown as Pace), newest: orNull('newest'), count: orNull('count'), price: orNull('price') }
}

// Owns how many records the next upstream run is asked for: it delivers the newest so many, from the top, and bills each. Too
// few prove nothing, and all are billed once more with the next run; too many are billed for nothing. Pure.
//
// The size with the least expected bill, by dynamic programming over the sizes that were not enough; beyond the model's
// tail it doubles. A bound holds whatever the model says, see FACTORS.

import type { Predicted } from './pace.ts'

/** Sizes that the model weighs, at most; beyond them it doubles. */
const SIZES_MAX = 400
/** What is left of the distribution beyond the sizes that are weighed. */
const TAIL = 1e-4

/**
 * With k new records, at most `factor * (k + 10) + 3` are billed, as long as an answer has to show no more than 10 records
 * beside the new ones: the pinned ones, the known ones that stop the walk, and those with the same place as the last of
 * these. Where answers tell how many records there are, the bound supposes that none has left, which hides a new one.
 */
const FACTORS = { counted: 2, uncounted: 4 } as const
const SLACK = { records: 10, items: 3 } as const
/** Asked for when nothing is known: enough for the vendor to tell how many there are. */
export const FIRST_ASK = 10
/** The same of a vendor for whom starting a run costs as much as many records. */
const FIRST_ASK_DEAR = 20
/** A start that costs as much as so many records is dear. */
const DEAR_START = 10

export interface SizeQuestion {
  readonly predicted: Predicted
  /** Known records that an answer has to show below the new ones, pinned ones included. */
  readonly overlap: number
  /** The largest size that was not enough in this walk; 0: nothing was asked for. */
  readonly failed: number
  /** New records that it brought. */
  readonly fresh: number
  /** Records that this walk has asked for. */
  readonly asked: number
  /** What starting a run costs, in records. */
  readonly start: number
  /** Answers tell how many records there are. */
  readonly isCounted: boolean
  /** How many new ones there are by that count; undefined: not known yet. */
  readonly known?: number | undefined
}

/** How many records to ask for, where older ones are known. */
export function nextSize(question: SizeQuestion): number {
  const size = countedSize(question) ?? Math.min(bestSize(question), mostOf(question))
  return Math.max(question.failed + 1, leastOf(question), size)
}

/**
 * What shows all new records where their number is known, with the ground that is known to lie below them; and with all that
 * may lie there where that was not enough, or where the bound allows no other run behind this one. Undefined: not even that
 * was enough, so records have left, which the count hides.
 */
function countedSize({ failed, fresh, asked, overlap, known }: SizeQuestion): number | undefined {
  if (known === undefined) return undefined
  const news = Math.max(known, fresh)
  const exact = news + overlap
  const whole = news + Math.max(SLACK.records, overlap)
  if (exact > failed && asked + exact <= whole + SLACK.items) return exact
  return whole > failed ? whole : undefined
}

/** The first size of a stream of which nothing is known, and the next where that was not enough. */
export function firstSize({ start, failed, count }: { start: number; failed: number; count: number | null }): number {
  if (failed === 0) return start >= DEAR_START ? FIRST_ASK_DEAR : FIRST_ASK
  // Some more than were counted: an answer that is shorter than asked for shows the end.
  return count !== null && count >= failed ? count + SLACK.items : failed * 2
}

/** The most that may be asked for now, so that the bill stays within its bound whatever has come. */
function mostOf({ failed, fresh, asked, overlap, isCounted }: SizeQuestion): number {
  // Fewer than one more than were not enough: these would have been.
  const least = Math.max(fresh + Math.max(SLACK.records, overlap), failed + 1)
  return FACTORS[isCounted ? 'counted' : 'uncounted'] * least + SLACK.items - asked
}

/**
 * The least, so that it can go on doubling within the bound if this is not enough either: what was asked for until then
 * must not be more than twice the last size, and what the bound leaves beside.
 */
function leastOf({ asked }: SizeQuestion): number {
  return asked - FACTORS.uncounted - SLACK.items
}

function bestSize({ predicted, overlap, failed, start, isCounted }: SizeQuestion): number {
  // By size: the chance that it is not enough.
  const above = chancesAbove(predicted, overlap)
  const last = above.length - 1
  if (failed >= last) return failed * 2
  // By size that was not enough: what everything behind it is expected to cost.
  const after = isCounted ? exactAfter(above, start) : new Array<number>(last).fill(0).concat(start + 4 * last)
  const bestAfter = (from: number) => {
    const left = above[from] as number
    let best = { size: last, cost: Number.POSITIVE_INFINITY }
    // What is larger than all that the best one costs is not weighed.
    for (let size = Math.max(from + 1, overlap); size <= last && start + size < best.cost; size++) {
      const fails = left <= 0 ? 0 : (above[size] as number) / left
      const cost = start + size + fails * (after[size] as number)
      if (cost < best.cost) best = { size, cost }
    }
    return best
  }
  if (!isCounted) for (let size = last - 1; size > failed; size--) after[size] = bestAfter(size).cost
  return bestAfter(failed).size
}

/** By size: the chance that so many records are not enough to show all new ones and the overlap below them. */
function chancesAbove({ mean, shape }: Predicted, overlap: number): readonly number[] {
  const above: number[] = Array.from({ length: overlap }, () => 1)
  // A negative binomial with this mean: p(0) = (r / (r + m))^r, p(n + 1) = p(n) * (n + r) / (n + 1) * m / (r + m).
  const ratio = mean / (shape + mean)
  let p = (shape / (shape + mean)) ** shape
  let left = 1
  for (let n = 0; above.length < SIZES_MAX && left > TAIL; n++) {
    left = Math.max(0, left - p)
    above.push(left)
    p *= ((n + shape) / (n + 1)) * ratio
  }
  return above
}

/** By size that was not enough: what a run costs that asks for exactly what is there then. */
function exactAfter(above: readonly number[], start: number): number[] {
  const last = above.length - 1
  const after = new Array<number>(last + 1).fill(start + 2 * last)
  // E[D | D > s] = s + 1 + the sum over t > s of P(D > t) / P(D > s).
  let tail = 0
  for (let size = last - 1; size >= 0; size--) {
    tail += above[size + 1] as number
    const left = above[size] as number
    after[size] = start + size + 1 + (left <= 0 ? 0 : tail / left)
  }
  return after
}

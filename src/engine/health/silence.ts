// Owns the question whether a stream has been silent for longer than its own rate allows. Pure.

import { durationText } from '../../model/duration.ts'
import type { RunRow } from '../../store/store.ts'
import type { Found } from './findings.ts'

/** Arrivals that a rate is learned from, at least. */
const ARRIVALS_MIN = 8
/** How many arrivals must be missing: at a steady rate this comes by chance once in some 20,000 silences (e^-10). */
const MISSING_MIN = 10
/** And how much longer than the longest silence before, for what arrives in bursts. */
const LONGER = 2

/**
 * From the runs that read a stream: what came new in each of them gives the rate, the oldest one left out, because it
 * read what was there before. Only runs that succeeded are listened to: a stream that nobody reads isn't silent.
 */
export function silence(stream: string, runs: readonly RunRow[], now: number): readonly Found[] {
  const heard = runs
    .filter(({ status }) => status === 'succeeded' || status === 'incomplete')
    .map((run) => ({ at: run.startedAt, arrived: arrivedIn(run, stream) }))
    .filter((run): run is { at: number; arrived: number } => run.arrived !== undefined)
    .toReversed()
  const [first, ...later] = heard
  const arrivals = later.filter(({ arrived }) => arrived > 0)
  const [last, newest] = [arrivals.at(-1), heard.at(-1)]
  const sum = arrivals.reduce((all, { arrived }) => all + arrived, 0)
  if (!first || !last || !newest || sum < ARRIVALS_MIN || arrivals.length < 3) return []
  // Nobody listened after that.
  const silentMs = Math.min(now, newest.at) - last.at
  const rate = sum / (last.at - first.at)
  const longest = arrivals.reduce((most, { at }, i) => Math.max(most, at - (arrivals[i - 1] ?? first).at), 0)
  if (silentMs * rate < MISSING_MIN || silentMs < LONGER * longest) return []
  const usual = durationText(1 / rate)
  return [
    {
      finding: 'silent',
      severity: 'suspicion',
      message: `nothing new for ${durationText(silentMs)}, where a record every ${usual} is usual`,
      hint: 'Look whether the source still shows everything to this login.',
    },
  ]
}

function arrivedIn({ passes }: RunRow, stream: string): number | undefined {
  const own = passes.filter((pass) => pass.stream === stream)
  return own.length === 0 ? undefined : own.reduce((sum, { counts }) => sum + counts.inserted, 0)
}

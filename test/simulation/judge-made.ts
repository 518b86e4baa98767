// Owns the judgement of what is made of the mirror: after a complete run it is made of what the mirror has then.

import type { Mirror, Mirrors } from './mirror.ts'
import { Violation } from './violation.ts'

/** I22: a summary adds up the records that there are. */
export function judgeSummary(mirror: Mirror, summary: ReturnType<Mirrors['summary']>): void {
  const scores = [...mirror.live.values()].map((content) => Number(/"score":(-?\d+)/.exec(content)?.[1]))
  const score = scores.length === 0 ? null : scores.reduce((sum, one) => sum + one, 0)
  const { count, score: told } = summary ?? {}
  if (count === mirror.live.size && told === score) return
  throw new Violation(
    'I22',
    `${mirror.live.size} records have a score of ${score}, the summary says ${count} and ${told}`,
  )
}

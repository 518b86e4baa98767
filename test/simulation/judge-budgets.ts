// Owns the judgement of budgets (I8): in no window are more requests sent than the budget allows, and one that has room
// stops nobody.

import type { Exchange } from './network.ts'
import { Violation } from './violation.ts'

export interface Budget {
  readonly max: number
  readonly perMs: number
}

/** A budget while it stands: for the syncs that begin with one and before the other. */
interface Stretch extends Budget {
  readonly fromSync: number
  toSync: number
}

export class Budgets {
  readonly #stretches: Stretch[] = []

  /**
   * What holds for every sync from this one on; undefined: nothing does. Those from `underWay` on may have looked before or
   * afterwards.
   */
  set(budget: Budget | undefined, fromSync: number, underWay: number): void {
    const last = this.#stretches.at(-1)
    if (last) last.toSync = Math.min(last.toSync, underWay)
    if (budget) this.#stretches.push({ ...budget, fromSync, toSync: Number.POSITIVE_INFINITY })
  }

  /**
   * Weaker: a request is counted by the time at which it is about to be sent. A process that stands still after looking at
   * the clock sends it later, and a clock that is set makes windows longer or shorter: windows with such a moment
   * (`disturbed`) are left out.
   */
  check(exchanges: readonly Exchange[], disturbed: readonly number[]): void {
    for (const { max, perMs, fromSync, toSync } of this.#stretches) {
      const sent = exchanges.filter(({ sync }) => sync >= fromSync && sync < toSync).map(({ sentAt }) => sentAt)
      sent.sort((a, b) => a - b)
      for (let i = 0; i + max < sent.length; i++) {
        const [first, last] = [sent[i] as number, sent[i + max] as number]
        if (last - first >= perMs || disturbed.some((at) => at >= first - perMs && at <= last)) continue
        throw new Violation(
          'I8',
          `${max + 1} requests in ${Math.round(last - first)} ms; ${max} in ${perMs} are allowed`,
        )
      }
    }
  }
}

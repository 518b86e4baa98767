// Owns the judgement of what a reader of the feed was given (I11): everything, in order, again perhaps after it was
// killed, and nothing left out.

import type { Change } from '../../src/engine/history/feed.ts'
import type { Change as Logged } from './mirror.ts'
import { Violation } from './violation.ts'

export class Reader {
  readonly name: string
  readonly acknowledge: 'auto' | 'manual'
  /** The last change that it was given, by number. */
  seen = 0
  /** It is done with everything up to here, and is not given that again. */
  done = 0
  /** It was there before: what comes from then on is kept for it. */
  known = false

  constructor(name: string, acknowledge: 'auto' | 'manual') {
    this.name = name
    this.acknowledge = acknowledge
  }

  /** What it was given from where it stood until it stopped, or was killed. */
  judge(given: readonly Change[], log: readonly Logged[]): void {
    const first = given[0]?.seq
    if (first === undefined) return
    if (first > this.seen + 1) throw new Violation('I11', `${this.name} had seen ${this.seen}, and is given ${first}`)
    if (first <= this.done) throw new Violation('I11', `${this.name} was done with ${this.done}, and is given ${first}`)
    for (const [index, { seq, key, op, ordinal }] of given.entries()) {
      if (seq !== first + index) throw new Violation('I11', `${this.name} is given ${seq} after ${first + index - 1}`)
      const logged = log[seq - 1]
      if (logged?.key === key && logged.op === op && logged.ordinal === ordinal) continue
      throw new Violation(
        'I11',
        `${this.name} is given ${op} of ${key} as ${seq}, which is ${logged?.op} of ${logged?.key}`,
      )
    }
    this.seen = Math.max(this.seen, given.at(-1)?.seq ?? 0)
  }

  /** It read to the end, and the feed has so many changes. */
  judgeEnd(log: readonly Logged[]): void {
    if (this.seen !== log.length) throw new Violation('I11', `${this.name} has seen ${this.seen} of ${log.length}`)
  }
}

// Owns the judgement of the past (I10): what the mirror was at a moment is what it was seen to be at that moment, whatever
// came afterwards.

import type { RecordRow } from '../../src/store/store.ts'
import { contentOf } from './api.ts'
import type { Mirror } from './mirror.ts'
import { Violation } from './violation.ts'

export interface Moment {
  /** By the wall clock, milliseconds since 1970. */
  readonly at: number
  readonly mirror: Mirror
}

export class Past {
  #moments: Moment[] = []
  /** Times up to here have been twice, since somebody set the clock back. */
  #ambiguousTo = 0

  remember(at: number, mirror: Mirror): void {
    if (at > this.#ambiguousTo) this.#moments.push({ at, mirror })
  }

  /** Something was written with this time on it: what was seen at that time, or since, was not all of it. */
  wrote(at: number): void {
    while ((this.#moments.at(-1)?.at ?? 0) >= at) this.#moments.pop()
  }

  /** The clock was set by so much, and shows this now. */
  clockSet(ms: number, at: number): void {
    if (ms >= 0) return
    this.#ambiguousTo = Math.max(this.#ambiguousTo, at - ms)
    this.wrote(at)
  }

  /** Moments after this one. */
  since(after: number): readonly Moment[] {
    return this.#moments.filter(({ at }) => at > after)
  }
}

export function judgePast({ at, mirror }: Moment, rows: readonly RecordRow[], removed: boolean): void {
  const found = new Map(rows.map((row) => [row._key, contentOf(String(row['_raw']))]))
  const expected = removed ? new Map([...mirror.removed].map((key) => [key, undefined])) : mirror.live
  const when = `as of ${new Date(at).toISOString()}`
  for (const [key, content] of expected) {
    if (!found.has(key)) throw new Violation('I10', `${when}, ${key} is missing`)
    if (content !== undefined && found.get(key) !== content) {
      throw new Violation('I10', `${when}, ${key} is ${found.get(key)}, and was ${content}`)
    }
  }
  for (const key of found.keys()) if (!expected.has(key)) throw new Violation('I10', `${when}, there was no ${key} yet`)
}

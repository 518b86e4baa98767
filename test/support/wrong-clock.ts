// Owns a clock for tests that is wrong until somebody mends it, and on which time passes when a test says so. Whoever sleeps
// on it wakes at once.

import { type Clock, tick } from '../../src/model/ports.ts'
import { testClock } from '../../src/testing/test-clock.ts'

export const DAY_MS = 86_400_000

export interface WrongClock extends Clock {
  /** By how much it is ahead of the time, in milliseconds; below 0 it is behind. */
  wrongBy: number
  /** Lets time pass. */
  pass(ms: number): void
}

export function wrongClock(wrongBy: number): WrongClock {
  const inner = testClock()
  let passed = 0
  return {
    wrongBy,
    now() {
      return inner.now() + passed + this.wrongBy
    },
    mono: () => inner.mono() + passed,
    sleep: (ms, signal) => inner.sleep(ms, signal),
    tick: (ms, signal) => tick(inner, ms, signal),
    pass(ms) {
      passed += ms
    },
  }
}

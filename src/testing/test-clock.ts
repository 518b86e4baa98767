// Owns the clock of connector tests: it runs with the machine's, but whoever sleeps on it wakes at once and finds that
// the time has passed. So a test of waiting takes no time.

import { systemClock } from '../engine/system.ts'
import type { Clock } from '../model/ports.ts'

/** A clock that begins at `startAt` (milliseconds since 1970; absent: now). */
export function testClock(startAt?: number): Clock {
  const began = performance.now()
  const origin = startAt ?? Date.now()
  let slept = 0
  return {
    now: () => Math.round(origin + performance.now() - began + slept),
    mono: () => performance.now() + slept,
    async sleep(ms, signal) {
      if (!signal?.aborted) slept += ms
      await new Promise((resolve) => setImmediate(resolve))
    },
    // The heartbeat of a run ticks again and again; skipped, it would drive the time on by itself.
    tick: (ms, signal) => systemClock.sleep(ms, signal),
  }
}

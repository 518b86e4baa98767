// Owns a clock for tests of limits: what would be waited for is skipped and counted.

import { systemClock, systemTurn } from '../../src/engine/system.ts'

/** A clock on which sleeping takes no time: what would be waited for is only counted. */
export function sleeplessClock() {
  let skipped = 0
  return {
    now: () => Date.now() + skipped,
    mono: () => performance.now() + skipped,
    async sleep(ms: number) {
      skipped += ms
      await systemTurn()
    },
    tick: (ms: number, signal?: AbortSignal) => systemClock.sleep(ms, signal),
    waited: () => skipped,
  }
}

// Owns a clock that stands still, for stores whose callers bring every time that matters.

import type { Clock } from '../../src/model/ports.ts'
import { T0 } from './world.ts'

export function fixedClock(now = T0): Clock {
  return { now: () => now, mono: () => 0, sleep: async () => {} }
}

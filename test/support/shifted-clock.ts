// Owns a clock for tests with real sockets: real time, which a test may let jump ahead, and in which pauses are short:
// those of the scheduler between two looks, and those between the tries of a request.

import { systemClock } from '../../src/engine/system.ts'
import type { Clock } from '../../src/model/ports.ts'

/** From here on it is no pause but a limit of time. */
const LONG_MS = 10_000

export class ShiftedClock implements Clock {
  /** What `now` says is the machine's time plus this. */
  #ahead: number

  /** Begins at the given moment. */
  constructor(at = systemClock.now()) {
    this.#ahead = at - systemClock.now()
  }

  now(): number {
    return Math.floor(systemClock.now() + this.#ahead)
  }

  mono(): number {
    return systemClock.mono() + this.#ahead
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return systemClock.sleep(ms >= LONG_MS ? ms : Math.min(ms, 5), signal)
  }

  tick(ms: number, signal?: AbortSignal): Promise<void> {
    return systemClock.sleep(ms, signal)
  }

  skip(ms: number): void {
    this.#ahead += ms
  }
}

// Owns a clock for tests: nobody waits, whoever sleeps wakes in the order of time. Time passes only by sleeping, or when
// a test says so.

import type { Clock } from '../../src/model/ports.ts'

interface Sleeper {
  readonly until: number
  readonly wake: () => void
}

export class ManualClock implements Clock {
  /** Every sleep that was asked for, in milliseconds, in order. */
  readonly slept: number[] = []
  #wall: number
  #mono = 1_000
  readonly #sleepers: Sleeper[] = []

  constructor(now = Date.UTC(2026, 0, 1)) {
    this.#wall = now
  }

  now(): number {
    return this.#wall
  }

  mono(): number {
    return this.#mono
  }

  /** Lets time pass. */
  pass(ms: number): void {
    this.#mono += ms
    this.#wall += ms
  }

  /** Sets the wall clock, as an administrator does; the other clock does not notice. */
  step(ms: number): void {
    this.#wall += ms
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    this.slept.push(ms)
    if (signal?.aborted) return Promise.resolve()
    return new Promise((wake) => {
      this.#sleepers.push({ until: this.#mono + ms, wake })
      signal?.addEventListener('abort', () => wake(), { once: true })
      setImmediate(() => this.#wakeNext())
    })
  }

  #wakeNext(): void {
    this.#sleepers.sort((a, b) => a.until - b.until)
    const next = this.#sleepers.shift()
    if (!next) return
    this.pass(Math.max(0, next.until - this.#mono))
    next.wake()
  }
}

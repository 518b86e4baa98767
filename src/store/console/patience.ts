// Owns the time that another process is waited for. That process lives in real time, whatever clock the engine is given,
// so this file reads the system's.

export class Patience {
  readonly #expired: () => void
  #leftMs: number

  /** `expired` is called once all waits together have taken `ms` milliseconds. */
  constructor(ms: number, expired: () => void) {
    this.#leftMs = ms
    this.#expired = expired
  }

  /** Waits; only the time within counts. */
  async during<T>(wait: Promise<T>): Promise<T> {
    const since = performance.now()
    const timer = setTimeout(this.#expired, this.#leftMs)
    try {
      return await wait
    } finally {
      clearTimeout(timer)
      this.#leftMs = Math.max(0, this.#leftMs - (performance.now() - since))
    }
  }
}

/** Acts after `ms` milliseconds unless `done` comes first; keeps no process alive. */
export function unlessDone(done: Promise<unknown>, ms: number, act: () => void): void {
  const timer = setTimeout(act, ms)
  timer.unref()
  void done.then(() => clearTimeout(timer))
}

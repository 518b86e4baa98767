// Owns Ctrl-C: the first press asks what is under way to stop cleanly, the second ends the program at once. SIGTERM
// counts as a press, because whoever sends it waits before it kills. With nothing under way the first press ends it.

export const INTERRUPTED = 130

const SIGNALS = ['SIGINT', 'SIGTERM'] as const

export class Interruption {
  readonly #controller = new AbortController()
  #isGraceful = false
  readonly #onSignal = () => {
    if (!this.#isGraceful || this.#controller.signal.aborted) process.exit(INTERRUPTED)
    this.#controller.abort()
  }

  constructor() {
    for (const name of SIGNALS) process.on(name, this.#onSignal)
  }

  /** From here on the first press only aborts the signal. */
  graceful(): AbortSignal {
    this.#isGraceful = true
    return this.#controller.signal
  }

  /** As the first press does. */
  stop(): void {
    this.#controller.abort()
  }

  end(): void {
    for (const name of SIGNALS) process.off(name, this.#onSignal)
  }
}

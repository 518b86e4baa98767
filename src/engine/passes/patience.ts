// Owns how long connector code is waited for. What it waits for from its source has limits of its own; code that waits for
// anything else, or for nothing, is given up after a while, and at once when the run ends.

import { durationText } from '../../model/duration.ts'
import { asError, TidemarkError } from '../../model/errors.ts'
import { heard } from '../../model/told.ts'
import type { WatchedHttp } from './watched-http.ts'

/** How long one call of connector code may go on without a request of its own under way, in milliseconds. */
export const IDLE_MAX_MS = 600_000

interface Call {
  /** The function's name, as connectors declare it. */
  readonly what: string
  readonly http: WatchedHttp
  readonly giveUp: (error: TidemarkError) => void
}

export class Patience {
  readonly #signal: AbortSignal | undefined
  readonly #idleMaxMs: number
  readonly #calls = new Set<Call>()

  /** `signal` ends every call at once. */
  constructor(signal: AbortSignal | undefined, idleMaxMs = IDLE_MAX_MS) {
    this.#signal = signal
    this.#idleMaxMs = idleMaxMs
  }

  /**
   * Awaits what connector code returns. `look` has to be called meanwhile, now and then.
   *
   * @throws what the call throws, as an error; TidemarkError connector_stuck (stop), cancelled
   */
  async await<T>(what: string, http: WatchedHttp, act: () => T | Promise<T>): Promise<T> {
    const signal = this.#signal
    let end = () => {}
    const ended = new Promise<never>((_, reject) => {
      const call = { what, http, giveUp: reject }
      const onAbort = () => reject(cancelled(what))
      if (signal?.aborted) onAbort()
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#calls.add(call)
      end = () => {
        this.#calls.delete(call)
        signal?.removeEventListener('abort', onAbort)
      }
    })
    void heard(ended)
    try {
      return await Promise.race([act(), ended])
    } catch (thrown) {
      throw http.meaningOf(asError(thrown))
    } finally {
      end()
    }
  }

  /** Gives up the calls that have been idle for too long. */
  look(): void {
    for (const { what, http, giveUp } of this.#calls) {
      if (http.idleMs > this.#idleMaxMs) giveUp(stuck(what, this.#idleMaxMs))
    }
  }
}

function cancelled(what: string): TidemarkError {
  return new TidemarkError('cancelled', `The run ended while ${what} of the connector was awaited.`, { scope: 'run' })
}

function stuck(what: string, ms: number): TidemarkError {
  const message =
    `The ${what} of the connector has not answered for ${durationText(ms)}, and has no request under way.` as const
  return new TidemarkError('connector_stuck', message, { scope: 'stream' })
}

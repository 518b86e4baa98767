// Owns turns: what a server does only so often at a time, while others wait for a while.

import type { TidemarkError } from '../../model/errors.ts'

/** Who may act, so many at a time, in the order in which they came. */
export class Turns {
  #free: number
  readonly #waitingMax: number
  readonly #waiting = new Set<() => void>()
  readonly #busy: () => TidemarkError

  constructor(together: number, waitingMax: number, busy: () => TidemarkError) {
    this.#free = together
    this.#waitingMax = waitingMax
    this.#busy = busy
  }

  /** @throws TidemarkError what `busy` gives, when too many wait, or its turn does not come in time */
  async take(ms: number, signal: AbortSignal): Promise<void> {
    if (this.#free > 0) {
      this.#free--
      return
    }
    if (this.#waiting.size >= this.#waitingMax) throw this.#busy()
    const turn = Promise.withResolvers<boolean>()
    const mine = () => turn.resolve(true)
    // Out of the queue at once: a turn that is given back meanwhile must not go to whoever has left.
    const late = () => {
      if (this.#waiting.delete(mine)) turn.resolve(false)
    }
    this.#waiting.add(mine)
    const timer = setTimeout(late, ms)
    signal.addEventListener('abort', late, { once: true })
    const hasTurn = await turn.promise
    clearTimeout(timer)
    signal.removeEventListener('abort', late)
    if (!hasTurn) throw this.#busy()
  }

  giveBack(): void {
    const [next] = this.#waiting
    if (next === undefined) {
      this.#free++
      return
    }
    this.#waiting.delete(next)
    next()
  }
}

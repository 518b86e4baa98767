// Owns what whoever orders something allows it to use: requests and money, once, for all runs of the order together. They
// may run at the same time: what one of them has taken, no other has.

import { TidemarkError } from '../../model/errors.ts'
import { moneyText } from '../../model/money.ts'
import { plural } from '../../model/plural.ts'

export interface Caps {
  /** Requests, in all. */
  readonly maxRequests?: number | undefined
  /** Money, in all, in the vendors' currency. */
  readonly maxCost?: number | undefined
}

/** Adding up money loses less than this; less is nothing. */
export const ROUNDING = 1e-9

/** A sum of money as people write it: without what adding up binary fractions leaves behind the tenth digit. */
export function money(sum: number): number {
  return Number(sum.toFixed(10))
}

export class Allowance {
  readonly #maxRequests: number
  readonly #maxCost: number
  #requests = 0
  #cost = 0
  /** Set aside for pages that are being asked for. */
  #held = 0
  #waiting: (() => void)[] = []

  /** @throws TidemarkError option_invalid for what is no amount */
  constructor({ maxRequests, maxCost }: Caps) {
    if (maxRequests !== undefined && !(Number.isSafeInteger(maxRequests) && maxRequests >= 0)) {
      throw new TidemarkError('option_invalid', `The option maxRequests is a whole number, not ${String(maxRequests)}.`)
    }
    if (maxCost !== undefined && !(maxCost >= 0 && Number.isFinite(maxCost))) {
      throw new TidemarkError('option_invalid', `The option maxCost is an amount such as 2.50, not ${String(maxCost)}.`)
    }
    this.#maxRequests = maxRequests ?? Number.POSITIVE_INFINITY
    this.#maxCost = maxCost ?? Number.POSITIVE_INFINITY
  }

  /** What nobody has taken; infinite: it has no end. */
  get left(): { readonly requests: number; readonly cost: number } {
    const cost = Math.max(0, money(this.#maxCost - this.#cost - this.#held))
    return { requests: this.#maxRequests - this.#requests, cost: cost < ROUNDING ? 0 : cost }
  }

  /** @throws TidemarkError requests_spent */
  takeRequest(): void {
    if (this.#requests >= this.#maxRequests) {
      const requests: `The ${string}` =
        this.#maxRequests === 1 ? 'The one request' : `The ${plural(this.#maxRequests, 'request')}`
      throw spent('requests_spent', requests, 'made', this.#maxRequests === 1 ? ONE_IS_SLOW : GOES_ON)
    }
    this.#requests++
  }

  /** A request that was taken and is not made. */
  giveBackRequest(): void {
    this.#requests--
  }

  /**
   * Sets aside all the money that is left, for a page of which nobody knows what it will cost. While another run holds
   * the rest, waits for its page: most of it may come back.
   *
   * @param currency of whoever asks; null: not known
   * @throws TidemarkError cost_spent when nothing is left; cancelled when the signal aborts meanwhile
   */
  async setAside(signal?: AbortSignal, currency: string | null = null): Promise<number> {
    while (this.left.cost === 0 && this.#held > 0) {
      await this.#change(signal)
      if (signal?.aborted) throw new TidemarkError('cancelled', 'The request was cancelled.', { scope: 'run' })
    }
    const { cost } = this.left
    if (cost === 0) {
      const amount: `The ${string}` = `The ${moneyText(this.#maxCost, currency)}${currency === null ? ' in cost' : ''}`
      throw spent('cost_spent', amount, 'spent', GOES_ON)
    }
    if (Number.isFinite(cost)) this.#held += cost
    return cost
  }

  /** Ends when something comes back, or when nobody waits for it any more. */
  async #change(signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiting.push(resolve)
    const stop = (): void => resolve()
    signal?.addEventListener('abort', stop, { once: true })
    if (signal?.aborted) resolve()
    await promise
    signal?.removeEventListener('abort', stop)
  }

  /** Says what was used of an amount that was set aside, which may be more than that. The rest is there again. */
  settle(aside: number, used: number): void {
    if (!Number.isFinite(aside)) return
    this.#held = Math.max(0, this.#held - aside)
    if (this.#held < ROUNDING) this.#held = 0
    this.#cost += used
    const waiting = this.#waiting
    this.#waiting = []
    for (const wake of waiting) wake()
  }
}

/** The hint where money or requests were not enough for everything. */
export const GOES_ON = 'What was read is kept; the next sync goes on from there.'
/** A walk that goes on may have to read its last page again, to see that nothing has shifted meanwhile. */
const ONE_IS_SLOW = `${GOES_ON} With at least 2 requests it gets on faster.`

function spent(
  code: 'requests_spent' | 'cost_spent',
  what: `The ${string}`,
  done: string,
  hint: string,
): TidemarkError {
  const verb = what.startsWith('The one ') ? `was allowed is ${done}` : `were allowed are ${done}`
  return new TidemarkError(code, `${what} that ${verb}.`, { scope: 'run', hint })
}

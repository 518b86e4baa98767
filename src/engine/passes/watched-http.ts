// Owns the HTTP client as one call of connector code is given it, with what is learned of that call: whether it sent what
// may not be sent again, whether it waits for an answer, and what it was answered last. So a slip of the connector over an answer that is no object is
// told as what it is: an answer of another shape.

import type { Http, HttpAnswer, HttpInit } from '../../connector/page.ts'
import { TidemarkError } from '../../model/errors.ts'
import type { Clock } from '../../model/ports.ts'
import { heard } from '../../model/told.ts'

export class WatchedHttp implements Http {
  readonly #inner: Http
  readonly #clock: Pick<Clock, 'mono'>
  #open = 0
  /** When the last answer came, or the call began. */
  #since: number
  #last: { readonly body: unknown } | undefined
  /** Whether anything was asked for. */
  hasAsked = false
  /** Whether anything was asked for that may not be asked for twice. */
  once = false

  constructor(inner: Http, clock: Pick<Clock, 'mono'>) {
    this.#inner = inner
    this.#clock = clock
    this.#since = clock.mono()
  }

  /** For how long no request of the call has been under way, in milliseconds. */
  get idleMs(): number {
    return this.#open > 0 ? 0 : this.#clock.mono() - this.#since
  }

  get(path: string, init?: HttpInit): Promise<HttpAnswer> {
    return heard(this.#watch(init, () => this.#inner.get(path, init)))
  }

  post(path: string, init?: HttpInit): Promise<HttpAnswer> {
    return heard(this.#watch(init, () => this.#inner.post(path, init)))
  }

  now(): number {
    return this.#inner.now()
  }

  /** What to throw in place of what the call threw. */
  meaningOf(thrown: unknown): unknown {
    if (!(thrown instanceof TypeError) || !this.#last) return thrown
    const { body } = this.#last
    if (typeof body === 'object' && body !== null) return thrown
    const what = body === undefined ? 'nothing' : body === null ? 'null' : `a ${typeof body}`
    return new TidemarkError('unexpected_shape', `The answer is ${what}, not an object or a list.`, {
      scope: 'page',
      cause: thrown,
    })
  }

  async #watch(init: HttpInit | undefined, ask: () => Promise<HttpAnswer>): Promise<HttpAnswer> {
    this.hasAsked = true
    if (init?.once) this.once = true
    this.#open++
    try {
      const answer = await ask()
      this.#last = { body: answer.body }
      return answer
    } finally {
      this.#open--
      this.#since = this.#clock.mono()
    }
  }
}

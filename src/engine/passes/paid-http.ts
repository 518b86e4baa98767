// Owns the HTTP client as the reader of a page that costs money is given it: it sends each request once, and knows
// whether the vendor may have charged for any of them.

import type { Http, HttpAnswer, HttpInit } from '../../connector/page.ts'
import { neverConnected } from '../../http/network-errors.ts'
import { TidemarkError } from '../../model/errors.ts'

export class PaidHttp implements Http {
  readonly #inner: Http
  /** Requests that cost money and were not refused: answered, failed in an unknown way, or under way. */
  #charged = 0

  constructor(inner: Http) {
    this.#inner = inner
  }

  get mayHaveCharged(): boolean {
    return this.#charged > 0
  }

  get(path: string, init?: HttpInit): Promise<HttpAnswer> {
    return this.#send(init, (once) => this.#inner.get(path, once))
  }

  post(path: string, init?: HttpInit): Promise<HttpAnswer> {
    return this.#send(init, (once) => this.#inner.post(path, once))
  }

  now(): number {
    return this.#inner.now()
  }

  async #send(init: HttpInit | undefined, send: (init: HttpInit) => Promise<HttpAnswer>): Promise<HttpAnswer> {
    const once = init?.once ?? true
    if (once) this.#charged++
    try {
      return await send({ ...init, once })
    } catch (error) {
      if (once && isRefusal(error)) this.#charged--
      throw error
    }
  }
}

/** Whether it is certain that the source did nothing: it asked to wait, refused the login, or was never reached. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof TidemarkError)) return false
  return error.verdict === 'wait' || error.verdict === 'pause' || neverConnected(error.cause)
}

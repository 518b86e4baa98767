// Owns the HTTP client as the reader of a page that costs money is given it: it sends each request once, and knows
// whether the vendor may have charged for any of them.

import type { Http, HttpAnswer, HttpInit } from '../../connector/page.ts'
import type { Followed } from '../../http/followed.ts'
import type { RunScope } from './stream-run.ts'

export class PaidHttp implements Http {
  readonly #inner: Http
  readonly #beforeSent: () => Promise<void>
  readonly #onRefused: () => void
  readonly #rejectsForFree: boolean
  /** Requests that cost money and were not refused: answered, failed in an unknown way, or on their way. */
  #charged = 0

  /** `rejectsForFree`: what the vendor answers with a 4xx, it has not begun. */
  constructor(
    inner: Http,
    { cancellation, mustHold }: Pick<RunScope, 'cancellation' | 'mustHold'>,
    { rejectsForFree = false } = {},
  ) {
    this.#inner = inner
    this.#beforeSent = mustHold
    this.#onRefused = () => cancellation.look()
    this.#rejectsForFree = rejectsForFree
  }

  get mayHaveCharged(): boolean {
    return this.#charged > 0
  }

  get(path: string, init?: HttpInit): Promise<HttpAnswer> {
    return this.#inner.get(path, this.#followed(init))
  }

  post(path: string, init?: HttpInit): Promise<HttpAnswer> {
    return this.#inner.post(path, this.#followed(init))
  }

  now(): number {
    return this.#inner.now()
  }

  #followed(init: HttpInit | undefined): HttpInit & Followed {
    const once = init?.once ?? true
    if (!once) return { ...init, once }
    let isCharged = false
    const note = (now: boolean) => {
      this.#charged += Number(now) - Number(isCharged)
      isCharged = now
    }
    const onRefused = () => (note(false), this.#onRefused())
    return {
      ...init,
      once,
      beforeSent: this.#beforeSent,
      onSent: () => note(true),
      onRefused,
      ...(this.#rejectsForFree ? { onRejected: onRefused } : {}),
    }
  }
}

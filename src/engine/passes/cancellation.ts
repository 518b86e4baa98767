// Owns when a run that is cancelled stops: at once, but for what can't be had twice, such as a page that is being paid
// for. That is waited for, with the limits of its own requests, and the run stops behind it.

/** Why a run's signal was aborted. */
export type Abort = 'cancelled' | 'lease_lost' | 'over'

/** Whether something is under way that must not be cut off now. */
type MustEnd = () => boolean

export class Cancellation {
  readonly #abort: AbortController
  readonly #underWay = new Set<MustEnd>()
  #isAsked = false

  constructor(abort: AbortController) {
    this.#abort = abort
  }

  /** Cancels the run, as soon as nothing is under way that must come to its end. */
  ask(): void {
    this.#isAsked = true
    this.look()
  }

  /** Stops a run that was to be cancelled, where nothing keeps it any more. */
  look(): void {
    if (!this.#isAsked || [...this.#underWay].some((mustEnd) => mustEnd())) return
    this.#abort.abort('cancelled' satisfies Abort)
  }

  /** Does what is not cut off by a cancellation while `mustEnd` says so. */
  async finishing<T>(mustEnd: MustEnd, act: () => Promise<T>): Promise<T> {
    this.#underWay.add(mustEnd)
    try {
      return await act()
    } finally {
      this.#underWay.delete(mustEnd)
      this.look()
    }
  }
}

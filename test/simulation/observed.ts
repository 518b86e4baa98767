// Owns what is seen from outside of the engine's doings, beside the mirror: who wrote and when, which release declared
// the columns last, which runs are over, and when time itself was disturbed.

import type { Batch, Fill, FinishRun, NewRun, RunRow } from '../../src/store/store.ts'

interface Call {
  readonly sync: number
  readonly release: number
  readonly method: string
  readonly args: readonly unknown[]
  readonly result: unknown
  readonly tick: number
}

export class Observed {
  /** Simulated times at which a process went on that had stood still, or somebody set the clock. */
  readonly disturbed: number[] = []
  /** Who wrote records, in order. */
  readonly writers: number[] = []
  /** Syncs that came to an end of their own, and how. */
  readonly statuses = new Map<number, string>()
  /** How many contents were given new columns. */
  filled = 0
  /** The last release of the connector that there is. */
  newest = 0
  pruned = 0
  /** Somebody has written, with this time on it, which may be some time ago: a process can stand still before it writes. */
  onWrite: (at: number) => void = () => {}
  onClockSet: (ms: number) => void = () => {}
  readonly #runs = new Map<number, string>()
  readonly #over = new Set<string>()
  disconnected = false
  #declaredBy = 0
  #complete = true
  readonly #releases = new Map<number, number>()

  /** A call of the store that had its effect. */
  stored({ sync, release, method, args, result }: Call): void {
    this.#releases.set(sync, release)
    switch (method) {
      case 'checkpoint':
        if (result !== 'written') return
        this.writers.push(sync)
        this.onWrite((args[0] as Batch).at)
        if (release !== this.#declaredBy) this.#complete = false
        return
      case 'streams.define':
        if (release === this.#declaredBy) return
        this.#declaredBy = release
        this.#complete = false
        return
      case 'secrets.drop':
        this.disconnected = true
        return
      case 'streams.fill':
        this.filled += (args.at(-1) as Fill).rows.length
        return
      case 'history.prune':
        this.pruned += Number(result)
        return
      case 'runs.open':
        this.#runs.set((result as RunRow).no, (args[0] as NewRun).id)
        return
      case 'runs.finish':
        this.#over.add(this.#runs.get((args[0] as FinishRun).runNo) ?? '')
        return
      default:
    }
  }

  /** Whether a sync was done by a release that has a newer one. */
  isOld(sync: number): boolean {
    return (this.#releases.get(sync) ?? 0) < this.newest
  }

  /**
   * Weaker: another release has declared columns while this one was under way. What it then writes is refused by the
   * database, in no kind words; the next sync declares its own again.
   */
  isOverruled(sync: number): boolean {
    return this.isOld(sync) && this.#declaredBy !== this.#releases.get(sync)
  }

  clockSet(ms: number): void {
    this.onClockSet(ms)
  }

  isOver(run: string): boolean {
    return this.#over.has(run)
  }

  /** A sync has come to its end. Whoever reads has given every content its columns before. */
  ended(sync: number, status: string): void {
    this.statuses.set(sync, status)
    const read = status === 'succeeded' || status === 'incomplete'
    if (read && this.#releases.get(sync) === this.#declaredBy) this.#complete = true
  }

  /** The release whose columns every content has; undefined: not every one has them yet. */
  get complete(): number | undefined {
    return this.#complete ? this.#declaredBy : undefined
  }
}

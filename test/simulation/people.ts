// Owns what people have decided on removals, as far as whoever judges can know it, and what has to come of it (I17): what
// they keep stays until its source lists it again, and no longer; what they let go of is gone until then.

import type { Decidable } from './mirror.ts'
import type { Sighting } from './oracle.ts'
import { Violation } from './violation.ts'

export class People {
  /** Syncs that have read all there was: what they were shown, they have stored. */
  readonly complete = new Set<number>()
  /** By key, the world's count of events when it was said. */
  readonly #kept = new Map<string, number>()
  readonly #letGo = new Map<string, number>()
  /** What somebody was about to keep, who was killed. */
  readonly #perhapsKept = new Set<string>()
  readonly #held = new Map<string, { readonly run: string; readonly tick: number }>()
  readonly #sightingsOf: (key: string) => readonly Sighting[]

  constructor(sightingsOf: (key: string) => readonly Sighting[]) {
    this.#sightingsOf = sightingsOf
  }

  keep(keys: Iterable<string>, tick: number): void {
    for (const key of keys) this.#kept.set(key, tick)
  }

  perhapsKeep(keys: Iterable<string>): void {
    for (const key of keys) this.#perhapsKept.add(key)
  }

  /** A record was removed, by a pass or because a person approved it. */
  removed(key: string, tick: number, approved: boolean): void {
    const since = this.#kept.get(key)
    if (!approved && since !== undefined && since < tick && !this.#isSeen(key, since, tick)) {
      throw new Violation('I17', `${key} was removed, which a person keeps, and no listing has shown it since`)
    }
    if (approved) this.#letGo.set(key, tick)
    else this.#letGo.delete(key)
    this.#kept.delete(key)
  }

  /** Whether a person has let go of it, and none of these syncs was shown it since. */
  isLetGo(key: string, ended: ReadonlySet<number>): boolean {
    const since = this.#letGo.get(key)
    if (since === undefined) return false
    return !this.#sightingsOf(key).some(({ sync, deliveredTick }) => deliveredTick > since && ended.has(sync))
  }

  /** What is shown of decisions must be what was decided. */
  check({ held, kept }: Decidable, live: ReadonlyMap<string, string>, tick: number): void {
    for (const key of kept.keys()) {
      if (!this.#kept.has(key) && this.#perhapsKept.has(key)) this.#kept.set(key, tick)
      const since = this.#kept.get(key)
      if (since === undefined) throw new Violation('I17', `${key} is kept, and nobody has said so`)
      if (this.#isStored(key, since)) throw new Violation('I17', `${key} is kept still, and was listed since`)
    }
    for (const [key, since] of this.#kept) {
      if (kept.has(key) && live.has(key)) continue
      if (!this.#isSeen(key, since, tick))
        throw new Violation('I17', `${key} is kept no longer, and was not listed since`)
      this.#kept.delete(key)
    }
    for (const [key, run] of held) {
      const known = this.#held.get(key)
      if (known?.run !== run) this.#held.set(key, { run, tick })
      else if (this.#isStored(key, known.tick)) {
        throw new Violation('I17', `${key} is on hold for ${run} still, and was listed since`)
      }
    }
    for (const key of this.#held.keys()) if (!held.has(key)) this.#held.delete(key)
  }

  /** A listing has shown it, whatever became of who read it. */
  #isSeen(key: string, since: number, before: number): boolean {
    return this.#sightingsOf(key).some(({ deliveredTick }) => deliveredTick > since && deliveredTick < before)
  }

  #isStored(key: string, since: number): boolean {
    return this.#sightingsOf(key).some(({ servedTick, sync }) => servedTick > since && this.complete.has(sync))
  }
}

// Owns what goes wrong with the simulated processes themselves: they are killed, stand still, are cancelled, meet a
// rival, a busy database, or a wall clock that somebody sets. Each seed knows some of it, at rates of its own.

import type { Random } from '../../src/testing/emulators/kit/random.ts'
import type { Fate } from './scheduler.ts'

const KINDS = ['crash', 'pause', 'busy', 'stale', 'clock-step', 'cancel', 'rival'] as const

type Kind = (typeof KINDS)[number]

export class Chaos {
  readonly counts = new Map<string, number>()
  /** Nothing goes wrong any more. */
  calm = false
  readonly #random: Random
  readonly #without: ReadonlySet<string>
  readonly #rates: Readonly<Record<Kind, number>>

  constructor(random: Random, without: ReadonlySet<string>) {
    this.#random = random
    this.#without = without
    this.#rates = {
      crash: random.pick([0, 0.001, 0.003, 0.008]),
      pause: random.pick([0, 0, 0.0015, 0.004]),
      busy: random.pick([0, 0, 0, 0.004]),
      stale: random.pick([0, 0, 0.02]),
      'clock-step': random.pick([0, 0, 0, 0.002]),
      cancel: random.pick([0, 0, 0.001]),
      rival: random.pick([0, 0, 0.002]),
    }
  }

  /** What becomes of an operation of a process that is syncing. Writes are where it hurts. */
  fate(label: string): Fate {
    const weight = label.startsWith('checkpoint') ? 5 : 1
    if (this.#happens('crash', weight)) return this.#random.chance(0.5) ? 'crash-before' : 'crash-after'
    if (this.#happens('pause', weight)) return this.#random.chance(0.7) ? 'pause-before' : 'pause-after'
    return 'run'
  }

  /** A database that another program keeps busy, or a record that another writer changed, for once. */
  upset(method: string): 'busy' | 'stale' | undefined {
    if (method === 'checkpoint' && this.#happens('stale')) return 'stale'
    return method !== 'now' && this.#happens('busy') ? 'busy' : undefined
  }

  cancels(): boolean {
    return this.#happens('cancel')
  }

  rival(): boolean {
    return this.#happens('rival')
  }

  /** By how much somebody sets the wall clock now, in milliseconds; 0: nobody does. */
  clockStep(weight = 1): number {
    if (!this.#happens('clock-step', weight)) return 0
    const most = this.#random.pick([5_000, 90_000, 3_600_000])
    return Math.round((this.#random.next() * 2 - 1) * most)
  }

  #happens(kind: Kind, weight = 1): boolean {
    const drawn = this.#random.next()
    if (this.calm || this.#without.has(kind) || drawn >= this.#rates[kind] * weight) return false
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1)
    return true
  }
}

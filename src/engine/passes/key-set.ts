// Owns a set of many keys that takes up to 32 bytes for each, whatever its length, and not its text. Keys are known by 63
// bits of a hash: two of a million share one with a probability below 10^-6. It is for counting, and for what is foreseen;
// nothing is stored or removed by it.

import type { Key } from '../../model/record.ts'

const FIRST_SLOTS = 1 << 6

export class KeySet {
  /** Two numbers a slot; both 0: it is free. Never more than half full. */
  #slots = new Uint32Array(2 * FIRST_SLOTS)
  #count = 0

  /** Whether it was not there before. */
  add(key: Key): boolean {
    const [high, low] = hashOf(key)
    const at = placeOf(this.#slots, high, low)
    if (this.#slots[at] !== 0 || this.#slots[at + 1] !== 0) return false
    this.#slots[at] = high
    this.#slots[at + 1] = low
    if (++this.#count * 4 > this.#slots.length) this.#grow()
    return true
  }

  has(key: Key): boolean {
    const [high, low] = hashOf(key)
    const at = placeOf(this.#slots, high, low)
    return this.#slots[at] !== 0 || this.#slots[at + 1] !== 0
  }

  #grow(): void {
    const old = this.#slots
    const slots = new Uint32Array(2 * old.length)
    for (let i = 0; i < old.length; i += 2) {
      const [high, low] = [old[i] ?? 0, old[i + 1] ?? 0]
      if (high === 0 && low === 0) continue
      const at = placeOf(slots, high, low)
      slots[at] = high
      slots[at + 1] = low
    }
    this.#slots = slots
  }
}

/** Where a hash stands, or would. */
function placeOf(slots: Uint32Array, high: number, low: number): number {
  const mask = slots.length - 1
  for (let at = (low * 2) & mask; ; at = (at + 2) & mask) {
    const [a, b] = [slots[at], slots[at + 1]]
    if ((a === high && b === low) || (a === 0 && b === 0)) return at
  }
}

/** Two halves that are mixed in other ways; never both 0. */
function hashOf(key: Key): readonly [number, number] {
  let high = 0x2545f491
  let low = 0x5bd1e995
  for (let i = 0; i < key.length; i++) {
    const code = key.charCodeAt(i)
    high = Math.imul(high ^ code, 0x01000193)
    low = Math.imul((low << 5) ^ (low >>> 27) ^ code, 0x27d4eb2d)
  }
  return [(mixed(high) | 1) >>> 0, mixed(low)]
}

function mixed(half: number): number {
  const once = Math.imul(half ^ (half >>> 16), 0x7feb352d)
  const twice = Math.imul(once ^ (once >>> 15), 0x846ca68b)
  return (twice ^ (twice >>> 16)) >>> 0
}

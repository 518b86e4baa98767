// Owns the emulators' dice: one seed gives one sequence, on every machine.

/** A seeded source of random choices (sfc32). Never use it for anything secret. */
export interface Random {
  /** In [0, 1). */
  next(): number
  /** A whole number from `min` to `max`, both included. */
  int(min: number, max: number): number
  chance(probability: number): boolean
  pick<T>(values: readonly T[]): T
  /** A copy in random order. */
  shuffle<T>(values: readonly T[]): T[]
  /** `length` random digits, the first of them not 0. */
  digits(length: number): string
  /** `length` random characters of 0-9a-f. */
  hex(length: number): string
}

export function seeded(seed: number | string): Random {
  let [a, b, c, d] = spread(String(seed))
  const next = (): number => {
    const t = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + t
    c |= 0
    return (t >>> 0) / 4294967296
  }
  for (let warm = 0; warm < 12; warm++) next()
  const int = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1))
  return {
    next,
    int,
    chance: (probability) => next() < probability,
    pick: (values) => {
      if (values.length === 0) throw new RangeError('pick: there is nothing to choose from')
      return values[int(0, values.length - 1)] as (typeof values)[number]
    },
    shuffle: (values) => {
      const copy = [...values]
      for (let i = copy.length - 1; i > 0; i--) {
        const j = int(0, i)
        const kept = copy[i] as (typeof values)[number]
        copy[i] = copy[j] as (typeof values)[number]
        copy[j] = kept
      }
      return copy
    },
    digits: (length) => {
      let text = String(int(1, 9))
      while (text.length < length) text += String(int(0, 9))
      return text
    },
    hex: (length) => {
      let text = ''
      while (text.length < length) text += int(0, 15).toString(16)
      return text
    },
  }
}

/** Four well-mixed 32-bit words from a text (xmur3). */
function spread(text: string): [number, number, number, number] {
  let h = 1779033703 ^ text.length
  for (let i = 0; i < text.length; i++) {
    h = Math.imul(h ^ text.charCodeAt(i), 3432918353)
    h = (h << 13) | (h >>> 19)
  }
  const word = (): number => {
    h = Math.imul(h ^ (h >>> 16), 2246822507)
    h = Math.imul(h ^ (h >>> 13), 3266489909)
    h ^= h >>> 16
    return h | 0
  }
  return [word(), word(), word(), word()]
}

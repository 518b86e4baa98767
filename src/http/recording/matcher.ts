// Owns finding any of many texts in one walk over a text, however many they are (Aho and Corasick, 1975). Pure.

/** A text that was found, by its number, and where it ends (exclusive). */
type Found = (needle: number, end: number) => void

interface Node {
  readonly next: Map<number, Node>
  /** Characters from the root to here. */
  readonly depth: number
  /** A needle that begins like this. */
  readonly start: number
  /** Where to go on when the next unit leads nowhere: the longest proper ending of this node that is a beginning. */
  fallback: Node | undefined
  /** The longest needle that ends here. */
  needle: number
}

export class Matcher {
  readonly #root: Node = { next: new Map(), depth: 0, start: -1, fallback: undefined, needle: -1 }
  readonly #longest: number

  /** Empty needles are left out. */
  constructor(needles: readonly string[]) {
    needles.forEach((needle, number) => {
      if (needle !== '') this.#nodeOf(needle, number).needle = number
    })
    this.#connect()
    this.#longest = needles.reduce((longest, { length }) => Math.max(longest, length), 0)
  }

  #nodeOf(needle: string, number: number): Node {
    let node = this.#root
    for (let at = 0; at < needle.length; at++) {
      const unit = needle.charCodeAt(at)
      let next = node.next.get(unit)
      if (!next) {
        next = { next: new Map(), depth: at + 1, start: number, fallback: this.#root, needle: -1 }
        node.next.set(unit, next)
      }
      node = next
    }
    return node
  }

  /** From the shortest beginnings to the longest, since each falls back on a shorter one. */
  #connect(): void {
    const waiting = [...this.#root.next.values()]
    for (let i = 0; i < waiting.length; i++) {
      const node = waiting[i]!
      if (node.needle < 0) node.needle = node.fallback?.needle ?? -1
      for (const [unit, next] of node.next) {
        next.fallback = this.#step(node.fallback, unit)
        waiting.push(next)
      }
    }
  }

  #step(from: Node | undefined, unit: number): Node {
    for (let node = from; node; node = node.fallback) {
      const next = node.next.get(unit)
      if (next) return next
    }
    return this.#root
  }

  /** Tells of the longest needle that ends at each place where one does, in order. */
  each(text: string, found: Found): void {
    if (this.#root.next.size === 0) return
    let node = this.#root
    for (let at = 0; at < text.length; at++) {
      node = this.#step(node, text.charCodeAt(at))
      if (node.needle >= 0) found(node.needle, at + 1)
    }
  }

  /** The longest beginning of a needle with which a text ends: which one, and how many characters of it; none has zero. */
  ending(text: string): { readonly needle: number; readonly length: number } {
    let node = this.#root
    // What stands further from the end than the longest needle is long can be no part of it.
    for (let at = Math.max(0, text.length - this.#longest); at < text.length; at++) {
      node = this.#step(node, text.charCodeAt(at))
    }
    return { needle: node.start, length: node.depth }
  }
}

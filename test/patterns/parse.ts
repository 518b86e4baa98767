// Owns reading a regular expression into a tree. What a class of characters holds is asked of the engine itself.

export type Tree =
  | { readonly kind: 'chars'; readonly source: string }
  | { readonly kind: 'seq'; readonly parts: readonly Tree[] }
  | { readonly kind: 'alt'; readonly parts: readonly Tree[] }
  | { readonly kind: 'repeat'; readonly part: Tree; readonly min: number; readonly max: number }
  | { readonly kind: 'ahead'; readonly part: Tree }
  | { readonly kind: 'behind'; readonly part: Tree; readonly negative: boolean }
  | { readonly kind: 'begin' | 'end' | 'boundary' | 'inside' }

const EMPTY: Tree = { kind: 'seq', parts: [] }

/** @throws RangeError for what it does not know */
export function parse(source: string): Tree {
  return new Parser(source).pattern()
}

class Parser {
  readonly #source: string
  #at = 0
  /** By their number, from 1. */
  readonly #groups: Tree[] = [EMPTY]
  readonly #names = new Map<string, number>()

  constructor(source: string) {
    this.#source = source
  }

  pattern(): Tree {
    const tree = this.#alternatives()
    if (this.#at < this.#source.length) throw new RangeError(`unexpected "${this.#source.slice(this.#at)}"`)
    return tree
  }

  #take(text: string): boolean {
    const found = this.#source.startsWith(text, this.#at)
    if (found) this.#at += text.length
    return found
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    const sticky = new RegExp(pattern, 'y')
    sticky.lastIndex = this.#at
    const match = sticky.exec(this.#source) ?? undefined
    if (match) this.#at = sticky.lastIndex
    return match
  }

  #alternatives(): Tree {
    const parts = [this.#sequence()]
    while (this.#take('|')) parts.push(this.#sequence())
    return parts.length === 1 ? parts[0]! : { kind: 'alt', parts }
  }

  #sequence(): Tree {
    const parts: Tree[] = []
    while (this.#at < this.#source.length && !'|)'.includes(this.#source[this.#at]!)) {
      parts.push(this.#repeated(this.#atom()))
    }
    return parts.length === 1 ? parts[0]! : { kind: 'seq', parts }
  }

  #repeated(part: Tree): Tree {
    const match = this.#match(/[*+?]|\{(\d+)(?:(,)(\d*))?\}/)
    if (!match) return part
    this.#take('?')
    const [sign, min, comma, max] = match
    if (sign === '*') return { kind: 'repeat', part, min: 0, max: Number.POSITIVE_INFINITY }
    if (sign === '+') return { kind: 'repeat', part, min: 1, max: Number.POSITIVE_INFINITY }
    if (sign === '?') return { kind: 'repeat', part, min: 0, max: 1 }
    const most = comma === undefined ? Number(min) : max === '' ? Number.POSITIVE_INFINITY : Number(max)
    return { kind: 'repeat', part, min: Number(min), max: most }
  }

  #atom(): Tree {
    if (this.#take('^')) return { kind: 'begin' }
    if (this.#take('$')) return { kind: 'end' }
    if (this.#take(String.raw`\b`)) return { kind: 'boundary' }
    if (this.#take(String.raw`\B`)) return { kind: 'inside' }
    if (this.#take('(?:')) return this.#closed()
    if (this.#take('(?=') || this.#take('(?!')) return { kind: 'ahead', part: this.#closed() }
    if (this.#take('(?<=')) return { kind: 'behind', part: this.#closed(), negative: false }
    if (this.#take('(?<!')) return { kind: 'behind', part: this.#closed(), negative: true }
    const named = this.#match(/\(\?<([A-Za-z_]\w*)>/)
    if (named || this.#take('(')) return this.#group(named?.[1])
    const back = this.#match(/\\([1-9])|\\k<(\w+)>/)
    // What a group has matched may come again: at most as ambiguous as the group itself.
    if (back) return this.#groups[back[2] === undefined ? Number(back[1]) : (this.#names.get(back[2]) ?? 0)] ?? EMPTY
    const chars = this.#match(
      /\[(?:\\.|[^\]\\])*\]|\\u\{[^}]*\}|\\u[\da-fA-F]{4}|\\x[\da-fA-F]{2}|\\[pP]\{[^}]*\}|\\.|[^\\]/su,
    )
    if (!chars) throw new RangeError(`unexpected "${this.#source.slice(this.#at)}"`)
    return { kind: 'chars', source: chars[0] }
  }

  #group(name: string | undefined): Tree {
    const number = this.#groups.push(EMPTY) - 1
    const tree = this.#closed()
    this.#groups[number] = tree
    if (name !== undefined) this.#names.set(name, number)
    return tree
  }

  #closed(): Tree {
    const tree = this.#alternatives()
    if (!this.#take(')')) throw new RangeError(`no ")" at ${this.#at}`)
    return tree
  }
}

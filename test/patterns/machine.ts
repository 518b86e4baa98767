// Owns a regular expression as a machine: positions, and which of them follow each other over which kind of character.
// Repetitions with a limit are shortened: they make a pattern slower by a factor, never by the length of a text.

import { parse, type Tree } from './parse.ts'

/** Characters that stand for all: those of ASCII, and some of every other kind. */
const SAMPLES = [
  ...Array.from({ length: 128 }, (_, i) => i),
  0xa0,
  0xdf,
  0xe9,
  0x130,
  0x2028,
  0x4e00,
  0xd7ff,
  0xfeff,
  0xffff,
].map((code) => String.fromCharCode(code))

/** Copies of a part that may come so many times. */
const COPIES_MAX = 2

/** What has to hold between two characters; `undefined` is the beginning. */
type Condition = (before: string | undefined, after: string) => boolean

interface State {
  readonly over: { readonly holds: (char: string) => boolean; readonly to: number }[]
  readonly free: { readonly to: number; readonly when: Condition | undefined }[]
}

export interface Machine {
  /** Representatives of the kinds of characters that this pattern tells apart. */
  readonly kinds: readonly string[]
  /** What may stand before a character, as far as that makes a difference. */
  readonly befores: readonly (string | undefined)[]
  readonly start: number
  /** Positions after a character, and the start. */
  readonly positions: readonly number[]
  /** Where one may be after `char`, with in how many ways (2: more than one). */
  step(from: number, before: string | undefined, char: string): ReadonlyMap<number, number>
  /** Whether a match may end here, whatever follows. */
  ends(at: number): boolean
}

export function machineOf(source: string, flags: string): Machine {
  const builder = new Builder(flags)
  const end = builder.state()
  const start = builder.state()
  builder.build(parse(source), start, end)
  // A pattern that is not bound to a place is tried at every place: what was skipped before is a loop, too.
  if (!flags.includes('y') && !isBound(parse(source), flags)) {
    builder.states[start]!.over.push({ holds: () => true, to: builder.prefix(start) })
  }
  return builder.machine(start, end)
}

/** Whether every way through the pattern begins at the beginning of the text. */
function isBound(tree: Tree, flags: string): boolean {
  if (flags.includes('m')) return false
  if (tree.kind === 'begin') return true
  if (tree.kind === 'alt') return tree.parts.every((part) => isBound(part, flags))
  return tree.kind === 'seq' && tree.parts[0] !== undefined && isBound(tree.parts[0], flags)
}

class Builder {
  readonly states: State[] = []
  readonly #flags: string
  readonly #sets: ((char: string) => boolean)[] = []

  constructor(flags: string) {
    this.#flags = flags.replaceAll(/[gyd]/g, '')
  }

  state(): number {
    return this.states.push({ over: [], free: [] }) - 1
  }

  /** A position behind characters that were skipped before the pattern, from which it may begin as from `start`. */
  prefix(start: number): number {
    const [skipped, begun] = [this.state(), this.state()]
    this.states[begun]!.over.push(...this.states[start]!.over)
    this.states[begun]!.free.push(...this.states[start]!.free)
    this.states[skipped]!.over.push({ holds: () => true, to: skipped })
    this.#free(skipped, begun)
    return skipped
  }

  #free(from: number, to: number, when?: Condition): void {
    this.states[from]!.free.push({ to, when })
  }

  #holds(source: string): (char: string) => boolean {
    const test = new RegExp(`^(?:${source})$`, this.#flags)
    const known = new Map<string, boolean>()
    const holds = (char: string) => {
      const found = known.get(char) ?? test.test(char)
      known.set(char, found)
      return found
    }
    this.#sets.push(holds)
    return holds
  }

  build(tree: Tree, from: number, to: number): void {
    switch (tree.kind) {
      case 'chars':
        this.states[from]!.over.push({ holds: this.#holds(tree.source), to })
        return
      case 'seq':
        return this.#sequence(tree.parts, from, to)
      case 'alt':
        for (const part of tree.parts) this.#between(part, from, to)
        return
      case 'repeat':
        return this.#repeat(tree.part, tree, from, to)
      case 'ahead':
        // It is walked over, and then the text goes on where it began; it leads to no end of its own.
        this.#free(from, to)
        return this.#between(tree.part, from, this.state())
      case 'behind':
        return this.#free(from, to, this.#behind(tree))
      case 'begin':
        return this.#free(from, to, (before) => before === undefined || (this.#flags.includes('m') && before === '\n'))
      case 'end':
        return this.#free(from, to, this.#flags.includes('m') ? (_, after) => after === '\n' : () => false)
      case 'boundary':
        return this.#free(from, to, (before, after) => isWord(before) !== isWord(after))
      case 'inside':
        return this.#free(from, to, (before, after) => isWord(before) === isWord(after))
    }
  }

  #between(tree: Tree, from: number, to: number): void {
    const [first, last] = [this.state(), this.state()]
    this.#free(from, first)
    this.build(tree, first, last)
    this.#free(last, to)
  }

  #sequence(parts: readonly Tree[], from: number, to: number): void {
    let at = from
    for (const part of parts) {
      const next = this.state()
      this.build(part, at, next)
      at = next
    }
    this.#free(at, to)
  }

  #repeat(part: Tree, { min, max }: { readonly min: number; readonly max: number }, from: number, to: number): void {
    let at = from
    const copies = Math.min(Number.isFinite(max) ? max : min, COPIES_MAX)
    for (let i = 0; i < copies; i++) {
      const next = this.state()
      if (i >= min) this.#free(at, next)
      this.#between(part, at, next)
      at = next
    }
    if (!Number.isFinite(max)) {
      const loop = this.state()
      this.#free(at, loop)
      this.#between(part, loop, loop)
      at = loop
    }
    this.#free(at, to)
  }

  /** Only one character is looked back at; a longer look says nothing here. */
  #behind({ part, negative }: Extract<Tree, { kind: 'behind' }>): Condition | undefined {
    if (part.kind !== 'chars') return undefined
    const holds = this.#holds(part.source)
    return (before) => (before !== undefined && holds(before)) !== negative
  }

  machine(start: number, end: number): Machine {
    const { states } = this
    const kinds = new Map(
      SAMPLES.map((char) => [
        `${this.#sets.map((holds) => holds(char)).join()} ${isWord(char)} ${char === '\n'}`,
        char,
      ]),
    )
    const positions = new Set([start, ...states.flatMap(({ over }) => over.map(({ to }) => to))])
    const known = new Map<string, ReadonlyMap<number, number>>()
    const hasConditions = states.some(({ free }) => free.some(({ when }) => when !== undefined))
    return {
      kinds: [...kinds.values()],
      befores: hasConditions ? [undefined, ...kinds.values()] : [undefined],
      start,
      positions: [...positions],
      step(from, before, char) {
        const key = hasConditions ? `${from} ${before} ${char}` : `${from} ${char}`
        const found = known.get(key) ?? stepOf(states, from, before, char)
        known.set(key, found)
        return found
      },
      ends: (at) => leads(states, at, end),
    }
  }
}

function stepOf(states: readonly State[], from: number, before: string | undefined, char: string) {
  const reached = new Map<number, number>()
  // No way takes the same turn twice: an iteration without a character is not repeated.
  const walk = (at: number, taken: ReadonlySet<object>) => {
    for (const { holds, to } of states[at]!.over) {
      if (holds(char)) reached.set(to, Math.min(2, (reached.get(to) ?? 0) + 1))
    }
    for (const turn of states[at]!.free) {
      const { to, when } = turn
      if (!taken.has(turn) && (when === undefined || when(before, char))) walk(to, new Set([...taken, turn]))
    }
  }
  walk(from, new Set())
  return reached
}

/** Whether the end is reached without a character and without a condition. */
function leads(states: readonly State[], from: number, end: number): boolean {
  const seen = new Set([from])
  for (const at of seen) for (const { to, when } of states[at]!.free) if (when === undefined) seen.add(to)
  return seen.has(end)
}

function isWord(char: string | undefined): boolean {
  return char !== undefined && /\w/.test(char)
}

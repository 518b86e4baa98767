// Owns the question whether a regular expression may take longer than in proportion to the text. It may when a text can
// be read in more and more ways the longer it is: when two places p and q have a word that leads from p to p, from p to q
// and from q to q (Weber and Seidl, 1991), and what follows the word can still fail.

import { type Machine, machineOf } from './machine.ts'

/** What is wrong with a pattern, in words; undefined when every text is read in linear time. */
export function slowness(source: string, flags: string): string | undefined {
  const machine = machineOf(source, flags)
  const loops = reachable(machine)
  const looping = machine.positions.filter((at) => loops.get(at)!.has(at))
  for (const p of looping) {
    if (!machine.ends(p)) {
      const word = doubled(machine, p, loops)
      if (word !== undefined) return `exponential: ${JSON.stringify(word)} again and again is read in ever more ways`
    }
    for (const q of looping) {
      if (p === q || machine.ends(q) || !loops.get(p)!.has(q)) continue
      const word = shared(machine, p, q, loops)
      if (word !== undefined) return `quadratic: ${JSON.stringify(word)} again and again, and then an end that fails`
    }
  }
  return undefined
}

type Reached = ReadonlyMap<number, ReadonlySet<number>>

/** Where one may come from each position, by one character or more. */
function reachable(machine: Machine): Reached {
  const { positions, kinds, befores } = machine
  const next = new Map(
    positions.map((at) => {
      const steps = kinds.flatMap((char) => befores.flatMap((before) => [...machine.step(at, before, char).keys()]))
      return [at, new Set(steps)]
    }),
  )
  return new Map(
    positions.map((from) => {
      const seen = new Set(next.get(from))
      for (const at of seen) for (const to of next.get(at) ?? []) seen.add(to)
      return [from, seen]
    }),
  )
}

/** A word over which p comes back to itself in two ways. */
function doubled(machine: Machine, p: number, reached: Reached): string | undefined {
  const within = (at: number) => reached.get(at)!.has(p)
  return walk(
    machine,
    [p, p, 0],
    (at, before, char) => {
      const [left, right, parted] = at as [number, number, number]
      const next: number[][] = []
      for (const [l, ways] of machine.step(left, before, char)) {
        for (const r of machine.step(right, before, char).keys()) {
          if (!within(l) || !within(r)) continue
          next.push([l, r, parted === 1 || l !== r || ways > 1 ? 1 : 0])
        }
      }
      return next
    },
    ([left, right, parted]) => left === p && right === p && parted === 1,
  )
}

/** A word that leads from p to p, from p to q and from q to q. */
function shared(machine: Machine, p: number, q: number, reached: Reached): string | undefined {
  const canReach = (at: number, to: number) => reached.get(at)!.has(to) || at === to
  return walk(
    machine,
    [p, p, q],
    (at, before, char) => {
      const [first, middle, last] = at as [number, number, number]
      const next: number[][] = []
      for (const f of machine.step(first, before, char).keys()) {
        if (!canReach(f, p)) continue
        for (const l of machine.step(last, before, char).keys()) {
          if (!canReach(l, q)) continue
          for (const m of machine.step(middle, before, char).keys()) if (canReach(m, q)) next.push([f, m, l])
        }
      }
      return next
    },
    ([first, middle, last]) => first === p && middle === q && last === q,
  )
}

/** The shortest word from `start` to a place that `isGoal`, such that it can come again: it ends as what went before it. */
function walk(
  machine: Machine,
  start: readonly number[],
  step: (at: readonly number[], before: string | undefined, char: string) => readonly (readonly number[])[],
  isGoal: (at: readonly number[]) => boolean,
): string | undefined {
  for (const first of machine.befores.length > 1 ? machine.kinds : machine.kinds.slice(0, 1)) {
    const seen = new Set<string>()
    let level: { at: readonly number[]; before: string; word: string }[] = [{ at: start, before: first, word: '' }]
    while (level.length > 0) {
      const next: typeof level = []
      for (const { at, before, word } of level) {
        for (const char of machine.kinds) {
          for (const to of step(at, before, char)) {
            const key = `${to.join()} ${char}`
            if (seen.has(key)) continue
            seen.add(key)
            if (isGoal(to) && (char === first || machine.befores.length === 1)) return word + char
            next.push({ at: to, before: char, word: word + char })
          }
        }
      }
      level = next
    }
  }
  return undefined
}

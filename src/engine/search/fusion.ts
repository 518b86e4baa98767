// Owns making one order of several: by reciprocal ranks, so that what stands well in each comes first, whatever their scores
// mean. Pure.

/** How much the very first ranks stand out: the smaller, the more. The value of those who described the method. */
const RANKS_BEFORE = 60

/** Those that stand in any of the lists, the best first; `nameOf` tells which are the same. */
export function fused<Item>(
  lists: readonly (readonly Item[])[],
  nameOf: (item: Item) => string,
): readonly { readonly item: Item; readonly score: number }[] {
  const scores = new Map<string, { item: Item; score: number }>()
  for (const list of lists) {
    for (const [rank, item] of list.entries()) {
      const name = nameOf(item)
      const entry = scores.get(name) ?? { item, score: 0 }
      entry.score += 1 / (RANKS_BEFORE + rank + 1)
      scores.set(name, entry)
    }
  }
  return [...scores.values()].toSorted((a, b) => b.score - a.score)
}

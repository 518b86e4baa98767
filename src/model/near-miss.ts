// Owns suggestions: which of the names that exist somebody probably meant by one that doesn't. Pure.

/** Names that a hint lists, at most; of more it says how many there are. */
const LISTED_MAX = 30
/** Names that are compared, at most: a suggestion is not worth a second of work. */
const COMPARED_MAX = 2_000
/** Characters of a name that are compared, at most. */
const COMPARED_CHARS_MAX = 80

/**
 * The name that is closest to what was given: the same but for case and separators, an abbreviation of one name only, or
 * a few letters away (one in three, at most two). Undefined: none is close.
 */
export function nearest(given: string, names: Iterable<string>): string | undefined {
  const wanted = plain(given)
  if (wanted === '') return undefined
  let best: string | undefined
  let least = Math.min(2, Math.floor(wanted.length / 3)) + 1
  const abbreviated: string[] = []
  let compared = 0
  for (const name of names) {
    if (name === given || ++compared > COMPARED_MAX) continue
    const candidate = plain(name)
    if (candidate === wanted) return name
    if (wanted.length >= 2 && candidate.startsWith(wanted)) abbreviated.push(name)
    // Of two that are as close, the one that begins like it: people rarely miss the first letter.
    const away = distance(wanted, candidate, Math.ceil(least)) + (candidate[0] === wanted[0] ? 0 : 0.5)
    if (away >= least) continue
    least = away
    best = name
  }
  // One that all others only continue is the one that is abbreviated.
  const shortest = abbreviated.toSorted((a, b) => a.length - b.length)[0]
  return best ?? (abbreviated.every((name) => name.startsWith(shortest!)) ? shortest : undefined)
}

/** `Did you mean github? ` with a space behind it, to stand before the rest of a hint; empty when no name is close. */
export function didYouMean(given: string, names: Iterable<string>): string {
  const name = nearest(given, names)
  return name === undefined ? '' : `Did you mean ${name}? `
}

/** The hint for a name that doesn't exist: what was probably meant, and what exists. */
export function knownNames(given: string, names: readonly string[], before = 'There are'): string {
  return `${didYouMean(given, names)}${before}: ${listed(names)}`
}

function listed(names: readonly string[]): string {
  const more = names.length - LISTED_MAX
  if (more <= 1) return names.join(', ')
  return `${names.slice(0, LISTED_MAX).join(', ')} and ${more} more`
}

function plain(name: string): string {
  return name
    .slice(0, COMPARED_CHARS_MAX)
    .toLowerCase()
    .replaceAll(/[\s_.-]+/g, '')
}

/** Insertions, deletions, replacements and swaps of neighbours between two texts; `most` where there are as many or more. */
function distance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) >= most) return most
  let [before, row]: [number[], number[]] = [[], Array.from({ length: b.length + 1 }, (_, j) => j)]
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      let least = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + cost)
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (isSwap) least = Math.min(least, (before[j - 2] ?? 0) + 1)
      next.push(least)
    }
    if (Math.min(...next) >= most) return most
    ;[before, row] = [row, next]
  }
  return Math.min(most, row[b.length] ?? most)
}

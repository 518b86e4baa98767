// Owns how a condition on a column is written: the column alone for equality, or with a comparison behind its name, so that
// `stars>=100` reads as it is meant: the name `stars>`, and the value behind the `=`. Pure.

/** Stands for the key and every column of text: what is looked for is in one of them. */
export const ANY = '_any'

/** `~`: has the text in it, letters from A to Z in any case. `>` and `<` take what is equal, too. */
export type Comparison = '=' | '!' | '>' | '<' | '~'

export interface Condition {
  readonly column: string
  readonly by: Comparison
}

/** A column that has such a name itself is compared for equality. */
export function conditionOf(name: string, columns: readonly string[]): Condition {
  const sign = name.at(-1) ?? ''
  if (columns.includes(name) || !isSign(sign)) return { column: name, by: '=' }
  return { column: name.slice(0, -1), by: sign }
}

function isSign(sign: string): sign is Exclude<Comparison, '='> {
  return ['!', '>', '<', '~'].includes(sign)
}

// Owns what the words of a filter mean: `open` stands for the values that a stream calls open, wherever somebody filters by it.

import type { Stream } from './connector.ts'

type Filter = NonNullable<Stream['filters']>[string]

/** Values as they are, each once; `open` as those that it stands for. */
export function meantBy({ open }: Pick<Filter, 'open'>, asked: readonly string[]): readonly string[] {
  return [...new Set(asked.flatMap((value) => (value === 'open' && open ? open : [value])))]
}

// Owns how what stands in an address is read: what is not what a page knows is left out.

/** A text of the address; undefined: it has none. */
export function textIn(search: Record<string, unknown>, name: string): string | undefined {
  const value = search[name]
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** One of some words. */
export function wordIn<Word extends string>(
  search: Record<string, unknown>,
  name: string,
  words: readonly Word[],
): Word | undefined {
  return words.find((word) => word === search[name])
}

/** Only what is there, so that no address says `q=undefined`. */
export function given<Search extends object>(search: Search): Partial<Search> {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined)) as Partial<Search>
}

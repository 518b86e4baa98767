// Owns how a check says what it found: a promise that is broken, or one that can't be looked at here.

/** The promise is broken. */
export class Broken extends Error {}

/** The promise can't be looked at here. */
export class NotStaged extends Error {}

export function broken(message: string): never {
  throw new Broken(message)
}

export function notStaged(why: string): never {
  throw new NotStaged(why)
}

/** A few keys, for messages. */
export function some(keys: readonly string[]): string {
  const shown = keys.slice(0, 3).map((key) => `"${key}"`)
  return keys.length > 3 ? `${shown.join(', ')}, …` : shown.join(', ')
}

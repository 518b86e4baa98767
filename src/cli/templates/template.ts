// Owns what the templates of new connectors share: their files, and the names in them.

export interface Template {
  /** Ends in the name of the file. */
  readonly file: string
  readonly text: string
}

export interface Names {
  /** Lower-case words joined by dashes. */
  readonly name: string
  /** The same for people. */
  readonly title: string
  /** What is made of it in names of functions. */
  readonly variable: string
}

export function capital(word: string): string {
  return `${word.charAt(0).toUpperCase()}${word.slice(1)}`
}

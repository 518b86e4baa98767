// Owns how actors read what they are given: lists of addresses or names, and how many rows are asked for.
//
// Documented in the input schemas of the actors: the names, and that a list may hold addresses or bare names.

import type { Row } from './platform.ts'

/** The texts of a list, or none; what is no text is passed over. */
export function texts(input: Row, name: string): readonly string[] {
  const value = input[name]
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : []
}

export function count(input: Row, name: string): number {
  const value = input[name]
  return typeof value === 'number' && value > 0 ? value : Number.POSITIVE_INFINITY
}

/** The last segment of an address that matters, such as the name in `https://www.instagram.com/ada/reels/`. */
export function segmentAfter(address: string, before: string): string | undefined {
  const path = URL.parse(address)
    ?.pathname.split('/')
    .filter((part) => part !== '')
  if (!path) return undefined
  const at = before === '' ? 0 : path.indexOf(before) + 1
  return before !== '' && at === 0 ? undefined : path[at]
}

/** An address that is signed anew whenever it is given, as those of media are: it ends. */
export function signed(path: string, run: number): string {
  return `https://cdn.example/${path}?x-expires=${1_700_000_000 + run}&x-signature=${run.toString(36)}`
}

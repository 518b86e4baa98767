// Owns where in a statement the database's complaint points. Pure.

export interface Position {
  /** Where it begins and ends in the text. */
  readonly from: number
  readonly to: number
  /** From 1. */
  readonly line: number
  readonly column: number
}

/** Both databases' words for what they stumbled over. */
const STUMBLES = [
  /near "([^"]+)"/i,
  /no such (?:table|column|function): ([^\s]+?)\.?$/im,
  /(?:column|relation|function) "?([\w.]+)"?(?:\(.*\))? does not exist/i,
] as const

/** The one place where what the message names stands; undefined: it names nothing, or that stands in several places. */
export function positionOf(message: string, sql: string): Position | undefined {
  for (const stumble of STUMBLES) {
    const name = stumble.exec(message)?.[1]
    if (name === undefined) continue
    const [only, ...others] = placesOf(name, sql)
    if (only === undefined || others.length > 0) return undefined
    const before = sql.slice(0, only).split('\n')
    return { from: only, to: only + name.length, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
  }
  return undefined
}

function placesOf(name: string, sql: string): readonly number[] {
  const text = sql.toLowerCase()
  const sought = name.toLowerCase()
  const places: number[] = []
  for (let at = text.indexOf(sought); at >= 0; at = text.indexOf(sought, at + 1)) {
    const isWhole = !isWord(text[at - 1], sought[0]) && !isWord(text[at + sought.length], sought.at(-1))
    if (isWhole) places.push(at)
  }
  return places
}

/** Whether a sign goes on with the word that the other one belongs to. */
function isWord(sign: string | undefined, other: string | undefined): boolean {
  return /^\w$/.test(sign ?? '') && /^\w$/.test(other ?? '')
}

// Owns JSON as text that may be shown: nothing in it moves a cursor or turns the direction of text around. Pure.

/** C0 and C1 controls but for line ends and tabs, DEL, and the marks that turn the direction of text around. */
export const UNSAFE_BUT_LINES =
  // oxlint-disable-next-line no-control-regex
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g

/** JSON text of a value. What a terminal might obey is escaped the JSON way, so that nothing is lost. */
export function jsonText(value: unknown, space?: number): string {
  const text = stringify(value, space) ?? 'null'
  return text.replace(UNSAFE_BUT_LINES, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** Looking at every member costs more than writing it, so that is done only where JSON refuses: there is a bigint. */
function stringify(value: unknown, space: number | undefined): string | undefined {
  try {
    return JSON.stringify(value, undefined, space)
  } catch {
    return JSON.stringify(value, exactly, space)
  }
}

/** Integers that JavaScript's numbers cannot hold are written as text, digit by digit. */
function exactly(_name: string, value: unknown): unknown {
  if (typeof value !== 'bigint') return value
  return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
}

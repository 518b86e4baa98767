// Owns how a moment is read that a service writes as text. Nothing is guessed: Date.parse takes "09/10/2024" for a day in
// September, "2024" for a midnight, and what names no zone for the time of the machine. Pure.

const ISO = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,9})?)?(?:[Zz]|[+-]\d\d:?\d\d)$/

/**
 * Milliseconds since 1970 of a moment as ISO 8601 writes it, with its zone; blanks around it do not matter. Undefined: it is
 * none, as 30 February and 24:01 are.
 *
 * @example instantOf('2024-09-29T21:01:51+02:00') // 1727636511000
 */
export function instantOf(text: string): number | undefined {
  const said = text.trim()
  const [, ...parts] = ISO.exec(said) ?? []
  if (parts.length === 0) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.map((part) => Number(part ?? 0))
  if (!isDay(year, month, day) || hour > 23 || minute > 59 || second > 59) return undefined
  const at = Date.parse(said.toUpperCase().replace(/([+-]\d\d)(\d\d)$/, '$1:$2'))
  return Number.isNaN(at) ? undefined : at
}

/** Whether the calendar has the day: 30 February would be another one. */
export function isDay(year: number, month: number, day: number): boolean {
  const date = new Date(Date.UTC(year, month - 1, day))
  return year > 0 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day
}

// Owns reading dates in headers: the three forms that HTTP has had, and ISO 8601 for the services that write it. Pure.
// Date.parse is not asked, since it would make a date even of "page 7".

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
/** `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110). */
const FIXED = /^[a-z]{3}, (\d\d?) ([a-z]{3}) (\d{4}) (\d\d):(\d\d):(\d\d) (?:gmt|utc)$/i
/** `Sunday, 06-Nov-94 08:49:37 GMT` (RFC 850). */
const WITH_DASHES = /^[a-z]{3,9}, (\d\d)-([a-z]{3})-(\d\d|\d{4}) (\d\d):(\d\d):(\d\d) (?:gmt|utc)$/i
/** `Sun Nov  6 08:49:37 1994` (asctime). */
const OF_C = /^[a-z]{3} ([a-z]{3}) +(\d\d?) (\d\d):(\d\d):(\d\d) (\d{4})$/i
const ISO = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?) ?(Z|UTC|[+-]\d\d:?\d\d)?$/i
/** No date in a header is longer. */
const LENGTH_MAX = 40

/**
 * Milliseconds since 1970 of a date as HTTP writes it, in any of its three forms. Undefined for anything else.
 *
 * @example httpDate('Sun, 06 Nov 1994 08:49:37 GMT') // 784111777000
 */
export function httpDate(value: string | undefined): number | undefined {
  const text = value?.trim() ?? ''
  if (text.length > LENGTH_MAX) return undefined
  const c = OF_C.exec(text)
  if (c) return instant(c[6], c[1], c[2], c.slice(3, 6))
  const match = FIXED.exec(text) ?? WITH_DASHES.exec(text)
  return match ? instant(match[3], match[2], match[1], match.slice(4, 7)) : undefined
}

/** The same, also for ISO 8601 (`2026-01-01T12:00:30Z`); a time without a zone is UTC. */
export function instantOf(value: string): number | undefined {
  const text = value.trim()
  if (text.length > LENGTH_MAX) return undefined
  const iso = ISO.exec(text)
  if (!iso) return httpDate(text)
  const zone = (iso[3] ?? 'Z').toUpperCase().replace('UTC', 'Z')
  const at = Date.parse(`${iso[1]}T${iso[2]}${zone}`)
  return Number.isNaN(at) ? undefined : at
}

function instant(
  year: string | undefined,
  month: string | undefined,
  day: string | undefined,
  time: readonly (string | undefined)[],
): number | undefined {
  const monthNo = MONTHS.indexOf((month ?? '').toLowerCase())
  const [hours = 0, minutes = 0, seconds = 0] = time.map(Number)
  const dayNo = Number(day)
  const isDate = monthNo >= 0 && dayNo >= 1 && dayNo <= 31 && hours <= 23 && minutes <= 59 && seconds <= 60
  return isDate ? Date.UTC(fullYear(year ?? ''), monthNo, dayNo, hours, minutes, seconds) : undefined
}

/** Two digits are a year from 1970 to 2069. */
function fullYear(year: string): number {
  if (year.length > 2) return Number(year)
  return Number(year) + (Number(year) < 70 ? 2_000 : 1_900)
}

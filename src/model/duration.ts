// Owns durations as people write them ('5m', '1h', '30d') and as the engine counts them (milliseconds).

/** A number and a unit: `'500ms'`, `'90s'`, `'5m'`, `'1h'`, `'30d'`. */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** The longest duration, in days: a thousand years, so that a moment which is counted from it has a date. */
export const DURATION_MAX_DAYS = 365_000

/**
 * Milliseconds of a duration. Throws a RangeError for anything that is not a number followed by ms, s, m, h or d, and for
 * more than `DURATION_MAX_DAYS`.
 */
export function durationMs(duration: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(duration.trim())
  if (!match) throw new RangeError(`"${duration}" is not a duration; write a number and a unit, such as 5m, 1h or 30d`)
  const ms = Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS]
  if (ms <= DURATION_MAX_DAYS * UNIT_MS.d) return ms
  throw new RangeError(`"${duration}" is too long a duration; the longest is ${DURATION_MAX_DAYS}d`)
}

/** A duration for people, to two units at most: 950 → "950 ms", 65_000 → "1m 5s". */
export function durationText(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 10_000) return `${(ms / 1_000).toFixed(1)} s`
  const seconds = Math.round(ms / 1_000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes}m ${seconds % 60}s`
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return `${hours}h ${minutes % 60}m`
  return `${Math.floor(hours / 24)}d ${hours % 24}h`
}

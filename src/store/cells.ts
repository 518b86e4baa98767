// Owns reading what stands in a row of the system tables: each is known to be what was written.

export function count(value: unknown): number {
  return value as number
}

export function countOrNull(value: unknown): number | null {
  return (value ?? null) as number | null
}

export function text(value: unknown): string {
  return value as string
}

export function textOrNull(value: unknown): string | null {
  return (value ?? null) as string | null
}

/** What a column of JSON holds; the caller knows what was written. */
export function json(value: unknown): unknown {
  return JSON.parse(value as string)
}

/** A yes or no: SQLite has it as a number. */
export function flag(value: unknown): boolean {
  return value === true || value === 1
}

// Owns the question whether a group of records with one order value can still get new members. Pure.
//
// A new record may stand anywhere among its equals, behind records that are known. So a walk reads a group whole, unless
// its connector says for how long after their time records may come into the listing (`settles`), and a closed walk has
// begun later than that: then whoever belongs to the group was there.

import type { Order } from '../../../connector/page.ts'
import type { ListedPass, NewestFirst } from '../../../connector/passes.ts'
import { durationMs } from '../../../model/duration.ts'

/** How well the source's clock is known, from dates that travelled up to ten seconds. */
export const CLOCK_KNOWN_TO_MS = 10_000

/** What is kept of the last walk that began at the top and was closed. */
export type LastRead = {
  /** When it began, by the source's clock, in milliseconds since 1970. */
  readonly at: number
  /** How many records the source had, those included that were found since; null: it didn't say. */
  readonly total: number | null
}

/** Whether no record with this order value can have come in since then. */
export function isSettled(pass: ListedPass, order: Order | undefined, last: LastRead | undefined): boolean {
  if (pass.kind !== 'newestFirst' || pass.settles === undefined || !last) return false
  const time = timeOf(pass, order)
  return time !== undefined && isSettledAt(pass, time, last.at)
}

/** The same of a time, in milliseconds since 1970; one that is given in seconds is that of their beginning. */
export function isSettledAt({ settles, unitMs = 1 }: Settling, time: number, at: number): boolean {
  return settles !== undefined && time + Math.max(unitMs, 1_000) + durationMs(settles) <= at
}

type Settling = Pick<NewestFirst<unknown, unknown>, 'settles' | 'unitMs'>

/** The time that an order value is, in milliseconds since 1970; undefined: it is none. */
export function timeOf({ unitMs }: { readonly unitMs?: number }, order: Order | undefined): number | undefined {
  const time = typeof order === 'number' ? order * (unitMs ?? Number.NaN) : Date.parse(order ?? '')
  return Number.isFinite(time) ? time : undefined
}

/** The same of a stored value. */
export function lastReadFrom(value: unknown): LastRead | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { at, total } = value as Readonly<Record<string, unknown>>
  return typeof at === 'number' ? { at, total: typeof total === 'number' ? total : null } : undefined
}

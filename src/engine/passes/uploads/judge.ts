// Owns the decisions about an uploaded file: how old it is compared with the last one, and what becomes of a row because
// of that. Pure.

import type { Order } from '../../../connector/page.ts'
import { isObject, type Json } from '../../../model/json.ts'
import type { Head } from '../../../model/record.ts'
import { timeOf } from '../listing/settled.ts'
import type { GuardInput } from '../removals/guard.ts'

/** The reason that tombstones of an upload carry. */
export const REASON_NOT_IN_UPLOAD = 'not_in_upload'

/** What is kept of the newest file that was uploaded. */
export type LastUpload = {
  /** The greatest order value of its rows. */
  readonly newest: Order
  /** Absent while it is being written: an upload that broke off has written a part of it. */
  readonly done?: true
  /**
   * When it began to be stored; kept while it is being written, and while its removals are held. What was stored since then
   * does not show that a file is of the same account.
   */
  readonly since?: number
}

/**
 * How old a file is. `first`: no dated file came before it. `same`: its greatest date is that of the last one; as every new
 * record would have a greater one, a record that it lacks has gone since. `undated`: nothing tells.
 */
export type UploadAge = 'first' | 'newer' | 'same' | 'older' | 'undated'

export function lastUploadFrom(value: Json | undefined): LastUpload | undefined {
  if (!isObject(value)) return undefined
  const { newest, done, since } = value
  if (typeof newest !== 'number' && typeof newest !== 'string') return undefined
  return { newest, ...(done === true ? { done } : {}), ...(typeof since === 'number' ? { since } : {}) }
}

/** How far ahead of our clock a date may lie, in milliseconds: dates of files name no zone, and clocks differ. */
export const AHEAD_MAX_MS = 26 * 3_600_000

/** Whether an order value is a time that has not come yet. */
export type IsAhead = (place: Order) => boolean

export function aheadOf(pass: { readonly unitMs?: number }, now: number): IsAhead {
  return (place) => (timeOf(pass, place) ?? now) > now + AHEAD_MAX_MS
}

/** What the rows of a file are dated. */
export interface Dates {
  /** The greatest order value; where some rows are dated ahead of our clock and others are not, that of the others. */
  readonly newest: Order | undefined
  /** How many rows are dated ahead. */
  readonly ahead: number
  /** How many are not. */
  readonly past: number
}

export const NO_DATES: Dates = { newest: undefined, ahead: 0, past: 0 }

/** A single wrong date in the future must not make every later file an older one. */
export function withDate(dates: Dates, place: Order | undefined, isAhead: IsAhead): Dates {
  if (place === undefined) return dates
  const { newest, ahead, past } = dates
  if (isAhead(place)) return { newest: past > 0 ? newest : later(newest, place), ahead: ahead + 1, past }
  return { newest: later(past > 0 ? newest : undefined, place), ahead, past: past + 1 }
}

/** The later of two; what is of another type than what came before is passed over. */
function later(newest: Order | undefined, place: Order): Order {
  if (newest === undefined) return place
  return typeof place === typeof newest && place > newest ? place : newest
}

export function ageOf(
  newest: Order | undefined,
  last: LastUpload | undefined,
  isAhead: IsAhead = () => false,
): UploadAge {
  if (newest === undefined) return 'undated'
  if (last === undefined || typeof last.newest !== typeof newest) return 'first'
  if (isAhead(last.newest) && !isAhead(newest)) return 'first'
  if (newest > last.newest) return 'newer'
  if (newest < last.newest) return 'older'
  // The file that broke off is written to its end.
  return last.done ? 'same' : 'newer'
}

/** What a file has in common with what was stored before a time. */
export interface Overlap {
  readonly known: number
  /** How many of these are live. */
  readonly live: number
}

export const NO_OVERLAP: Overlap = { known: 0, live: 0 }

export function addOverlap({ known, live }: Overlap, heads: readonly UploadHead[], before: number): Overlap {
  const older = heads.filter(({ firstSeenAt }) => firstSeenAt < before)
  return { known: known + older.length, live: live + older.filter(({ removedAt }) => removedAt === null).length }
}

export type UploadHead = Pick<Head, 'firstSeenAt' | 'removedAt'>

/** What is beside a file: live records that it lacks, and what it has in common with the others. */
export interface Beside {
  readonly missing: number
  /** How many of these were stored before `since`, see LastUpload. */
  readonly before: number
  readonly sinceThen: Overlap
  readonly sinceNow: Overlap
}

export const FOREIGN =
  'the file has no record in common with what is stored: it may be of another account, or everything was replaced'

/** Why a person has to decide on what a file lacks. What it has added itself makes that no smaller part of what was there. */
export function uploadHeld(
  { missing, before, sinceThen, sinceNow }: Beside,
  heldReason: (input: GuardInput) => string | undefined,
): string | undefined {
  const isForeign = (gone: number, { known }: Overlap) => gone > 0 && known === 0
  if (isForeign(before, sinceThen) || isForeign(missing, sinceNow)) return FOREIGN
  const guarded = (gone: number, { live }: Overlap) => heldReason({ missing: gone, live: live + gone, listed: 1 })
  return guarded(before, sinceThen) ?? guarded(missing, sinceNow)
}

/** Whether a file of this age is the whole list, so that what it lacks is gone. */
export function isProof(age: UploadAge): boolean {
  return age === 'newer' || age === 'same'
}

/** What becomes of a row: it is stored, or only counted. `isSame`: it adds nothing to what is stored of its record. */
export function fateOf(
  age: UploadAge,
  head: Pick<Head, 'removedAt'> | undefined,
  isSame: boolean,
): 'store' | 'unchanged' | 'superseded' {
  const isLive = head?.removedAt === null
  switch (age) {
    case 'first':
    case 'newer':
      return 'store'
    case 'same':
      return head === undefined || isLive ? 'store' : 'superseded'
    case 'undated':
      return head === undefined ? 'store' : isLive ? 'unchanged' : 'superseded'
    case 'older':
      return isLive && isSame ? 'unchanged' : 'superseded'
    default:
      return age satisfies never
  }
}

// Owns the decisions about an uploaded file: how old it is compared with the last one, and what becomes of a row because
// of that. Pure.

import type { Order } from '../../../connector/page.ts'
import { isObject, type Json } from '../../../model/json.ts'
import type { Head } from '../../../model/record.ts'

/** The reason that tombstones of an upload carry. */
export const REASON_NOT_IN_UPLOAD = 'not_in_upload'

/** What is kept of the newest file that was uploaded. */
export type LastUpload = {
  /** The greatest order value of its rows. */
  readonly newest: Order
  /** Absent while it is being written: an upload that broke off has written a part of it. */
  readonly done?: true
}

/**
 * How old a file is. `first`: no dated file came before it. `same`: its greatest date is that of the last one; as every new
 * record would have a greater one, a record that it lacks has gone since. `undated`: nothing tells.
 */
export type UploadAge = 'first' | 'newer' | 'same' | 'older' | 'undated'

export function lastUploadFrom(value: Json | undefined): LastUpload | undefined {
  if (!isObject(value)) return undefined
  const { newest, done } = value
  if (typeof newest !== 'number' && typeof newest !== 'string') return undefined
  return { newest, ...(done === true ? { done } : {}) }
}

/** The later of two; what is no place, or of another type than what came before, is passed over. */
export function later(newest: Order | undefined, place: unknown): Order | undefined {
  const isPlace = typeof place === 'string' ? place !== '' : typeof place === 'number' && Number.isFinite(place)
  if (!isPlace) return newest
  const found = place as Order
  if (newest === undefined) return found
  return typeof found === typeof newest && found > newest ? found : newest
}

export function ageOf(newest: Order | undefined, last: LastUpload | undefined): UploadAge {
  if (newest === undefined) return 'undated'
  if (last === undefined || typeof last.newest !== typeof newest) return 'first'
  if (newest > last.newest) return 'newer'
  if (newest < last.newest) return 'older'
  // The file that broke off is written to its end.
  return last.done ? 'same' : 'newer'
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

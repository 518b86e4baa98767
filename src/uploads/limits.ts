// Owns how much of an uploaded file is read. Each limit is above what services export, and below what hurts a machine.

import { TidemarkError } from '../model/errors.ts'

export interface UploadLimits {
  /** Bytes of the file itself. */
  readonly fileBytes: number
  /** Entries of a ZIP, folders included. */
  readonly entries: number
  /** Bytes of the names, attributes and comments of all entries. */
  readonly directoryBytes: number
  /** Bytes that a ZIP may unpack to, all that is read of it together. */
  readonly unpackedBytes: number
  /** Bytes that one packed byte may unpack to, of an entry above `ratioFromBytes`. */
  readonly ratio: number
  /** Bytes up to which an entry may be packed as tightly as it likes. */
  readonly ratioFromBytes: number
  /** Characters of the JSON text of one row. */
  readonly rowChars: number
  /** Characters of the JSON texts of all rows of the stream. */
  readonly allRowsChars: number
}

const MIB = 1 << 20

export const UPLOAD_LIMITS: UploadLimits = {
  fileBytes: 4_096 * MIB,
  entries: 20_000,
  directoryBytes: 16 * MIB,
  unpackedBytes: 8_192 * MIB,
  ratio: 100,
  ratioFromBytes: 16 * MIB,
  rowChars: 16 * MIB,
  allRowsChars: 8_192 * MIB,
}

/** @throws TidemarkError upload_too_large when `found` is more than `most` */
export function checkLimit(what: string, found: number, most: number): void {
  if (found <= most) return
  const message = `The upload is too large: ${what} is ${amount(found)}, and ${amount(most)} is the most.` as const
  throw new TidemarkError('upload_too_large', message)
}

function amount(n: number): string {
  return n.toLocaleString('en')
}

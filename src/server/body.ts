// Owns reading the body of a request up to a size. The rest of one that is too large is thrown away as it comes, so that whoever
// sends it hears the answer, and the connection serves its next call.

import { TidemarkError } from '../model/errors.ts'

/** Bytes behind the end that are read, at most; the connection of whoever sends more is cut. */
const REST_MAX = 8 * 2 ** 20

/** The bytes of a body. @throws TidemarkError body_invalid; what `tooLarge` makes, where it has more than `max` bytes */
export async function bodyWithin(request: Request, max: number, tooLarge: () => Error): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let size = 0
  try {
    for await (const part of request.body ?? []) {
      size += part.length
      if (size <= max) parts.push(part)
      else parts.length = 0
      if (size > max + REST_MAX) break
    }
  } catch (cause) {
    // Nothing but the caller's hanging up ends a body early.
    throw new TidemarkError('body_invalid', 'The body broke off before its end.', { cause })
  }
  if (size > max) throw tooLarge()
  return Buffer.concat(parts)
}

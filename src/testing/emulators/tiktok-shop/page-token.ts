// Owns page tokens: opaque to clients, full of characters that an unescaped URL would spoil, bound to their search.
//
// Documented (TikTok Shop Partner Center): opaque, and with characters of Base64. How long one is good, and what it holds, is assumed.

import { createHash } from 'node:crypto'
import type { Place } from './search.ts'

interface Sealed {
  readonly place: Place
  readonly asked: string
  readonly at: number
}

// As base64 these are `+/+/`: a client that doesn't escape its query sends spaces, and is refused.
const MARK = Buffer.from([0xfb, 0xff, 0xbf])

export function sealToken(place: Place, asked: string, now: number): string {
  const sealed: Sealed = { place, asked: digest(asked), at: now }
  return Buffer.concat([MARK, Buffer.from(JSON.stringify(sealed))]).toString('base64')
}

/** The place that a token stands for; the beginning for none; undefined when it is spoilt, foreign or too old. */
export function openToken(
  token: string | null,
  asked: string,
  now: number,
  seconds = Number.POSITIVE_INFINITY,
): Place | undefined {
  if (token === null || token === '') return { offset: 0 }
  const bytes = Buffer.from(token, 'base64')
  if (bytes.toString('base64') !== token || !bytes.subarray(0, MARK.length).equals(MARK)) return undefined
  try {
    const sealed = JSON.parse(bytes.subarray(MARK.length).toString()) as Sealed
    if (sealed.asked !== digest(asked) || now - sealed.at > seconds * 1000) return undefined
    return sealed.place
  } catch {
    return undefined
  }
}

function digest(asked: string): string {
  return createHash('sha256').update(asked).digest('base64url').slice(0, 12)
}

// Owns what becomes of the bytes of a body: decompressed within a limit, then read as text without guessing.

import { isUtf8 } from 'node:buffer'
import { promisify } from 'node:util'
import * as zlib from 'node:zlib'
import { TidemarkError } from '../model/errors.ts'

/** Compressed bodies up to this size are unpacked at once; larger ones on another thread, which costs a detour. */
const AT_ONCE_BYTES = 32 * 1024

interface Coding {
  readonly atOnce: (body: Buffer, options: { maxOutputLength: number }) => Buffer
  readonly aside: (body: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>
}

const GZIP: Coding = { atOnce: zlib.gunzipSync, aside: promisify(zlib.gunzip) }
const CODINGS: ReadonlyMap<string, Coding> = new Map([
  ['gzip', GZIP],
  ['x-gzip', GZIP],
  ['br', { atOnce: zlib.brotliDecompressSync, aside: promisify(zlib.brotliDecompress) }],
  ['zstd', { atOnce: zlib.zstdDecompressSync, aside: promisify(zlib.zstdDecompress) }],
  ['deflate', { atOnce: zlib.inflateSync, aside: promisify(zlib.inflate) }],
])
/** What some servers send as "deflate": the same without its two-byte head. */
const BARE_DEFLATE: Coding = { atOnce: zlib.inflateRawSync, aside: promisify(zlib.inflateRaw) }

/** Nobody compresses three times but to hide something. */
const CODINGS_MAX = 2

/**
 * The text of a body. Synchronous unless it has to unpack much.
 *
 * @throws TidemarkError body_incomplete, body_not_text (retry), body_too_large (stop)
 */
export function decodeText(
  body: Buffer,
  headers: Readonly<Record<string, string>>,
  bytesMax: number,
  url: URL,
): string | Promise<string> {
  const encoding = headers['content-encoding']
  if (encoding === undefined || encoding === '' || encoding === 'identity' || body.length === 0) {
    return textOf(body, headers['content-type'], url)
  }
  const codings = encoding
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== 'identity')
  if (codings.length > CODINGS_MAX) throw unknownCoding(encoding, url)
  return unpack(body, codings, bytesMax, url, headers['content-type'])
}

function unpack(
  body: Buffer,
  codings: readonly string[],
  bytesMax: number,
  url: URL,
  contentType: string | undefined,
): string | Promise<string> {
  const name = codings.at(-1)
  if (name === undefined) return textOf(body, contentType, url)
  const coding = name === 'deflate' && !hasDeflateHead(body) ? BARE_DEFLATE : CODINGS.get(name)
  if (!coding) throw unknownCoding(name, url)
  const rest = codings.slice(0, -1)
  const options = { maxOutputLength: bytesMax }
  if (body.length > AT_ONCE_BYTES) {
    return coding.aside(body, options).then(
      (unpacked) => unpack(unpacked, rest, bytesMax, url, contentType),
      (error: unknown) => {
        throw unpackError(error, name, bytesMax, url)
      },
    )
  }
  let unpacked: Buffer
  try {
    unpacked = coding.atOnce(body, options)
  } catch (error) {
    throw unpackError(error, name, bytesMax, url)
  }
  return unpack(unpacked, rest, bytesMax, url, contentType)
}

/** RFC 1950: method 8 in the low bits, and the first two bytes together divisible by 31. */
function hasDeflateHead(body: Buffer): boolean {
  return body.length >= 2 && (body[0]! & 0x0f) === 8 && body.readUInt16BE(0) % 31 === 0
}

/** UTF-8, or what the server names, if the bytes really are that. Replacement characters would be silent damage. */
function textOf(body: Buffer, contentType: string | undefined, url: URL): string {
  if (isUtf8(body)) {
    const marked = body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf
    return marked ? body.toString('utf8', 3) : body.toString('utf8')
  }
  const charset = /charset="?([\w.:-]+)/i.exec(contentType ?? '')?.[1]
  try {
    if (charset) return new TextDecoder(charset, { fatal: true }).decode(body)
  } catch {
    // An unknown name, or bytes that are not what the name says: told below.
  }
  throw new TidemarkError('body_not_text', `The answer of ${url.host} is not valid ${charset ?? 'UTF-8'} text.`, {
    scope: 'page',
  })
}

export function tooLarge(url: URL, bytesMax: number): TidemarkError {
  const size = bytesMax >= 1 << 20 ? `${Math.round(bytesMax / (1 << 20))} MiB` : `${bytesMax} bytes`
  return new TidemarkError('body_too_large', `The answer of ${url.host} is longer than ${size}.`, { scope: 'page' })
}

function unpackError(error: unknown, coding: string, bytesMax: number, url: URL): TidemarkError {
  if (error instanceof TidemarkError) return error
  if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return tooLarge(url, bytesMax)
  return new TidemarkError('body_incomplete', `The answer of ${url.host} cannot be unpacked as ${coding}.`, {
    scope: 'page',
    cause: error,
  })
}

function unknownCoding(encoding: string, url: URL): TidemarkError {
  // A part of what is no name could be a part of anything.
  const name = /^[\w-]{1,40}$/.test(encoding) ? `as "${encoding}"` : 'in several ways or one without a name'
  const message = `The answer of ${url.host} is packed ${name}, which we did not ask for.` as const
  return new TidemarkError('body_not_text', message, {
    scope: 'page',
    hint: 'Check that no proxy in between changes answers.',
  })
}

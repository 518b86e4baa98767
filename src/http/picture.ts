// Owns the fetching of one picture for a browser that is not to ask elsewhere: through the checked transport, of a few kinds, and of
// a bounded size. What the bytes are, they say themselves.

import { type Sentence, TidemarkError } from '../model/errors.ts'
import { REDIRECTS } from './redirects.ts'
import type { Transport } from './transport.ts'

/** The largest picture, in bytes. */
export const PICTURE_BYTES_MAX = 8_388_608
const TIMEOUT_MS = 15_000
const HOPS_MAX = 3

export type PictureType = 'image/jpeg' | 'image/png' | 'image/gif' | 'image/webp' | 'image/avif'

export interface Picture {
  readonly type: PictureType
  readonly bytes: Uint8Array
}

export interface PictureAsked {
  readonly url: URL
  /** Whether an address may be one of a private network; each one that a redirect leads to is asked about anew. */
  readonly mayBePrivate: (url: URL) => boolean
  readonly signal: AbortSignal
}

/**
 * Neither cookies nor credentials are sent.
 *
 * @throws TidemarkError image_refused; what the transport throws
 */
export async function fetchPicture(
  { send }: Pick<Transport, 'send'>,
  { url: first, mayBePrivate, signal }: PictureAsked,
): Promise<Picture> {
  let url = first
  for (let hops = 0; hops <= HOPS_MAX; hops++) {
    const { status, headers, body } = await send({
      method: 'GET',
      url,
      headers: { accept: 'image/avif,image/webp,image/*;q=0.8', 'accept-encoding': 'identity' },
      body: undefined,
      isBytes: true,
      timeoutMs: TIMEOUT_MS,
      bytesMax: PICTURE_BYTES_MAX,
      allowPrivateNetwork: mayBePrivate(url),
      signal,
    })
    const next = REDIRECTS.has(status) ? URL.parse(headers['location'] ?? '', url.href) : null
    if (next) {
      url = next
      continue
    }
    if (status !== 200 || !body) throw refused(`Host ${url.host} answered with ${status}.`)
    const type = pictureTypeOf(body)
    if (!type) throw refused(`What ${url.host} gave is no JPEG, PNG, GIF, WebP or AVIF.`)
    return { type, bytes: body }
  }
  throw refused(`Host ${url.host} still redirects after ${HOPS_MAX} redirects.`)
}

const refused = (message: Sentence) => new TidemarkError('image_refused', message)

/** By its first bytes, whatever its server calls it. SVG is none: it can hold a program. */
export function pictureTypeOf(bytes: Uint8Array): PictureType | undefined {
  const head = Buffer.from(bytes.subarray(0, 16)).toString('latin1')
  if (head.startsWith('\u00ff\u00d8\u00ff')) return 'image/jpeg'
  if (head.startsWith('\u0089PNG\r\n\u001a\n')) return 'image/png'
  if (/^GIF8[79]a/.test(head)) return 'image/gif'
  if (/^RIFF[^]{4}WEBP/.test(head)) return 'image/webp'
  return /^[^]{4}ftypavi[fs]/.test(head) ? 'image/avif' : undefined
}

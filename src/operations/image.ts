// Owns the picture of a record: fetched from the address that the record holds, by this machine, so that whoever looks at it asks
// nobody else. No other address is ever fetched.

import { z } from 'zod'
import type { Picture } from '../http/picture.ts'
import { TidemarkError } from '../model/errors.ts'
import type { ConnectionRow } from '../store/store.ts'
import { optional, signal, text } from './fields.ts'
import { connectionInput, keyInput, streamInput } from './inputs.ts'
import { later } from './later.ts'
import { streamOf } from './mirror.ts'
import { operation } from './operation.ts'
import { namedKey } from './record-key.ts'

const fetching = later(() => import('../http/picture.ts'))

export interface ImageInput {
  readonly connection: string
  readonly stream: string
  readonly key: string
  /** @default the first of those that services call so */
  readonly column?: string | undefined
}

/** What the address of a picture is called, the likeliest first. */
const COLUMNS = ['poster_url', 'thumbnail_url', 'image_url', 'cover_url', 'avatar_url', 'picture_url']

export const image = operation<ImageInput, Promise<Picture>, { readonly signal: AbortSignal }>({
  name: 'image',
  does: 'Fetch the picture of a record from the address that it holds.',
  details:
    'JPEG, PNG, GIF, WebP and AVIF up to 8 MiB, without the credentials of the connection. A private address is asked only where it is that of the service itself.',
  scope: 'read',
  input: {
    connection: connectionInput,
    stream: streamInput,
    key: keyInput,
    column: optional(text('the column with the address (default: the first such as poster_url)', { sign: 'name' })),
  },
  hooks: { signal: signal('ends the fetching') },
  positional: ['connection', 'stream', 'key'],
  output: z.object({ type: z.string(), bytes: z.custom<Uint8Array>((value) => value instanceof Uint8Array) }),
  examples: [{ connection: 'tv', stream: 'movies', key: '1200' }],
  async run(mirror, { key: given, column, ...of }, { signal: ending = new AbortController().signal }) {
    const { connection, stream } = await streamOf(mirror, of)
    const key = await namedKey(mirror.store, stream, given)
    const columns = (await mirror.store.records.contents(stream.no, [key])).get(key)?.columns
    if (!columns) throw new TidemarkError('record_unknown', `Stream "${of.stream}" has no record "${given}".`)
    const found = (column === undefined ? COLUMNS : [column]).map((name) => columns[name]).find(isAddress)
    const url = found === undefined ? null : URL.parse(found)
    if (!url) throw new TidemarkError('image_unknown', `The record "${given}" holds no address of a picture.`)
    const { fetchPicture } = await fetching()
    return fetchPicture(mirror.transport, { url, mayBePrivate: ownPlaces(connection), signal: ending })
  },
})

function isAddress(value: unknown): value is string {
  return typeof value === 'string' && /^https?:\/\//i.test(value)
}

/** What a record says may come from anybody: a private network is open to it only where the service itself is. */
function ownPlaces({ options }: Pick<ConnectionRow, 'options'>): (url: URL) => boolean {
  const { allowPrivateNetwork, ...others } = options as Readonly<Record<string, unknown>>
  const origins = Object.values(others).flatMap((value) => (isAddress(value) ? (URL.parse(value)?.origin ?? []) : []))
  return ({ origin }) => allowPrivateNetwork === true && origins.includes(origin)
}

// Owns a connector whose stream is read from files alone, `likes`, and one that has an API, too, `saved`; and the files that
// their service would export.

import { text } from 'node:stream/consumers'
import { z } from 'zod'
import { defineConnector, stream } from '../../src/connector/connector.ts'
import { csvRows } from '../../src/connector/csv.ts'
import { rows } from '../../src/connector/page.ts'
import { newestFirst, upload } from '../../src/connector/passes.ts'
import type { UploadRequest } from '../../src/connector/uploaded.ts'
import { TidemarkError } from '../../src/model/errors.ts'

export interface Like {
  readonly id?: number | string | null
  readonly date?: string
  readonly title?: string | null
  readonly more?: unknown
}

const row = z.object({
  id: z.union([z.string(), z.number()]).meta({ column: 'text' }),
  date: z.string().nullish(),
  title: z.string().nullish(),
  views: z.number().int().nullish(),
})

async function* readLikes({ files }: UploadRequest<unknown>): AsyncGenerator {
  let found = false
  for (const file of files) {
    if (!file.name.endsWith('.json')) continue
    const whole = await text(file.bytes())
    const likes = jsonOf(whole)['likes']
    if (likes === undefined) continue
    found = true
    for (const like of rows(likes ?? [], 'likes')) yield like
  }
  if (!found) throw new TidemarkError('section_missing', 'The file has no list of likes.', { scope: 'stream' })
}

function jsonOf(whole: string): Record<string, unknown> {
  try {
    return JSON.parse(whole) as Record<string, unknown>
  } catch {
    throw new TidemarkError('upload_unreadable', 'The file is no JSON.')
  }
}

export const likes = defineConnector(
  { name: 'exported', title: 'Likes', options: z.object({}), http: () => ({ baseUrl: 'http://127.0.0.1:1' }) },
  {
    likes: stream({
      schema: row,
      key: ({ id }) => String(id),
      passes: [upload({ accepts: 'likes.json', read: readLikes, order: ({ date }) => date ?? undefined })],
    }),
    saved: stream({
      schema: row,
      key: ({ id }) => String(id),
      metrics: ['views'],
      passes: [
        newestFirst({
          pageSize: 10,
          read: async ({ http, page }) => {
            const { body } = await http.get('/saved', { query: { page: page as number | undefined } })
            const { items, next } = body as { items: unknown; next?: number }
            return { records: rows(items, 'items'), next }
          },
        }),
        upload({
          accepts: 'saved.csv',
          async *read({ files: [file] }) {
            if (file) yield* csvRows(file.bytes())
          },
        }),
      ],
    }),
  },
)

export const day = (n: number) => `2026-01-${String(n).padStart(2, '0')} 10:00:00`

/** Likes with these numbers, each of its own day, as a file has them. */
export const liked = (...numbers: readonly number[]): readonly Like[] =>
  numbers.map((n) => ({ id: n, date: day(n), title: `video ${n}` }))

/** An export with these likes; without any, one that does not have the section. */
export function exported(list: readonly Like[] | null | undefined): Uint8Array {
  return Buffer.from(JSON.stringify({ profile: { name: 'ada' }, ...(list === undefined ? {} : { likes: list }) }))
}

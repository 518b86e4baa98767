// Owns a small service that hands out files, as an author might write a connector for it: a diary, exported as JSON. Each
// test breaks one thing of it.

import { defineConnector, jsonLists, stream, TidemarkError, type UploadRequest, upload, z } from 'tidemark'

export interface Entry {
  readonly id: string
  readonly at: string
  readonly text: string
}

/** Entries of that many days, from the 1st on. */
export function entries(count: number): readonly Entry[] {
  return Array.from({ length: count }, (_, i) => ({
    id: `e${i + 1}`,
    at: new Date(Date.UTC(2026, 0, 1 + i)).toISOString(),
    text: `Day ${i + 1}: – „Ä” ☀`,
  }))
}

export function diaryFile(list: readonly Entry[] | undefined): Uint8Array {
  return Buffer.from(JSON.stringify({ owner: 'ada', ...(list ? { entries: list } : {}) }))
}

type Files = UploadRequest<unknown>

export async function* readEntries({ files }: Files): AsyncGenerator {
  let isFound = false
  for (const file of files) {
    for await (const { found, rows } of jsonLists(file.bytes(), (path) => path.join() === 'entries')) {
      if (found !== 'list') throw new TidemarkError('upload_unreadable', 'The entries are no list.')
      isFound = true
      yield* rows
    }
  }
  if (!isFound) throw new TidemarkError('section_missing', 'The file has no entries.', { scope: 'stream' })
}

export interface DiaryParts {
  readonly read?: (files: Files) => AsyncGenerator
  readonly order?: (entry: { readonly at: string }) => string
}

export function diaryConnector({ read = readEntries, order = ({ at }) => at }: DiaryParts = {}) {
  return defineConnector(
    { name: 'diary', title: 'A diary', options: z.object({}), http: () => ({ baseUrl: 'http://127.0.0.1:1' }) },
    {
      entries: stream({
        schema: z.object({ id: z.string(), at: z.string(), text: z.string() }),
        key: ({ id }) => id,
        passes: [upload({ accepts: 'diary.json', read, order })],
      }),
    },
  )
}

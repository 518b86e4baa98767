// Owns the text of a new connector that reads files which people upload, and of its test.

import type { Names, Template } from './template.ts'

/** A service that hands out files. */
export function fileTemplates({ name, title }: Names): readonly Template[] {
  return [
    { file: `${name}.ts`, text: connector(name, title) },
    { file: `${name}.test.ts`, text: test(name, title) },
  ]
}

const connector = (
  name: string,
  title: string,
) => `// Owns the ${name} connector: the notes in the files that ${title} exports.
//
// It reads ONE file when asked, as a stream. It never writes or remembers: the engine does.
// How to declare the rest honestly: docs/writing-a-connector.md of tidemark.

import { defineConnector, jsonLists, stream, TidemarkError, type UploadRequest, upload, z } from 'tidemark'

const HINT = 'Ask ${title} for an export of your notes, as JSON.'

/** The rows, one by one, out of the file or of the entries of a ZIP. A table of text would be read with csvRows. */
async function* readNotes({ files }: UploadRequest<unknown>): AsyncGenerator<unknown> {
  let isFound = false
  for (const file of files.filter(({ name }) => files.length === 1 || name.endsWith('.json'))) {
    for await (const { found, rows } of jsonLists(file.bytes(), (path) => path.join('.') === 'notes')) {
      if (found === 'other') throw new TidemarkError('upload_unreadable', 'The notes of the file are no list.', { hint: HINT })
      isFound = true
      yield* rows
    }
  }
  // A file without the list says nothing; an empty list says that there are none.
  if (!isFound) throw new TidemarkError('section_missing', 'The file has no notes.', { hint: HINT, scope: 'stream' })
}

export default defineConnector(
  {
    name: '${name}',
    title: 'Notes of ${title}, from the files that it exports',
    options: z.object({}),
    // Nobody is asked for anything.
    http: () => ({ baseUrl: 'https://${name}.example' }),
    check: async () => ({}),
  },
  {
    notes: stream({
      title: 'Notes',
      // The fields that become columns; the rest stays in _raw.
      schema: z.object({ id: z.string(), title: z.string(), written_at: z.string() }),
      key: (note) => note.id,
      passes: [
        upload({
          accepts: 'notes.json, or the ZIP that it came in',
          read: readNotes,
          // Tells which file is the newer one. Without it, files only add.
          order: (note) => note.written_at,
        }),
      ],
    }),
  },
)
`

const test = (
  name: string,
  title: string,
) => `// Owns the proof that the ${name} connector keeps what it declares: its files are read whole, again, late, cut and without
// their list, by the engine itself. Run it with: node --test ${name}.test.ts

import { test } from 'node:test'
import { testConnector } from 'tidemark/testing'
import connector from './${name}.ts'

const notes = Array.from({ length: 120 }, (_, i) => ({
  id: \`n\${i + 1}\`,
  title: \`Note \${i + 1}\`,
  written_at: new Date(Date.UTC(2026, 0, 1) + i * 60_000).toISOString(),
}))

/** A file as ${title} exports it. Where it differs from a real one, the test proves nothing: write it from a real one. */
const fileOf = (content: object) => Buffer.from(JSON.stringify({ account: 'ada', ...content }))

test('${title}: the connector keeps its promises', async () => {
  // Nobody is asked, so any address on this machine will do.
  await testConnector(connector, { url: 'http://127.0.0.1:1' }, {
    options: {},
    uploads: {
      notes: {
        file: fileOf({ notes }),
        name: 'notes.json',
        holds: notes.map((note) => note.id),
        older: fileOf({ notes: notes.slice(0, 80) }),
        without: fileOf({}),
      },
    },
  })
})
`

// A connector of one's own: thirty lines for a plain API that lists its notes newest first.

import {
  defineConnector,
  fullPass,
  newestFirst,
  openTidemark,
  type Page,
  type PageRequest,
  rows,
  secret,
  stream,
  z,
} from 'tidemark'

async function readNotes({ http, page }: PageRequest<unknown>): Promise<Page> {
  const { body } = await http.get('/notes', { query: { after: page as string | undefined, limit: 50 } })
  const { notes, next } = body as { notes: unknown; next?: string }
  return { records: rows(notes, 'notes'), next }
}

export const notebook = defineConnector(
  {
    name: 'notebook',
    title: 'Notes of a made-up notebook service',
    options: z.object({ token: secret('API token') }),
    http: ({ token }) => ({
      baseUrl: 'https://api.notebook.example',
      headers: { authorization: `Bearer ${token}` },
    }),
  },
  {
    notes: stream({
      schema: z.object({ id: z.string(), title: z.string(), written_at: z.string(), likes: z.int() }),
      key: (note) => note.id,
      metrics: ['likes'],
      passes: [
        newestFirst({ read: readNotes, pageSize: 50, paging: 'keyset', order: (note) => note.written_at }),
        fullPass({ read: readNotes, pageSize: 50, paging: 'keyset', everyRuns: 10 }),
      ],
    }),
  },
)

if (import.meta.main) {
  await using tidemark = await openTidemark({ database: 'notes.db' })
  const options = {
    token: process.env['NOTEBOOK_TOKEN'] ?? 'demo',
    baseUrl: process.env['NOTEBOOK_URL'] ?? 'http://127.0.0.1:8080',
    allowPrivateNetwork: true,
  }
  const mine = await tidemark.connect(notebook, { id: 'mine', options })
  const run = await mine.sync()
  console.log(`${run.status}: ${run.streams.map((part) => `${part.counts.inserted} new ${part.stream}`).join(', ')}`)
  if (run.error) console.error(`${run.error.code}: ${run.error.message}`)
  if (run.status !== 'succeeded') process.exitCode = 1
  for await (const note of mine.records('notes', { limit: 3 })) console.log(note._key, note.title)
}

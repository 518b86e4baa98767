// Owns the text of a new connector, of an emulator of its service, and of the test that holds one against the other.

import { capital, emulatorText, type Names, type Template, testText } from './template.ts'

/** A service with an API that is read page by page. */
export function apiTemplates(names: Names): readonly Template[] {
  const { name, title } = names
  return [
    { file: `${name}.ts`, text: connector(name, title) },
    { file: `${name}.emulator.ts`, text: emulator(names) },
    { file: `${name}.test.ts`, text: test(names) },
  ]
}

const connector = (name: string, title: string) => `// Owns the ${name} connector: the notes of ${title}.
//
// It fetches ONE page when asked. It never loops, sleeps, retries or remembers: the engine does.
// How to declare the rest honestly: docs/writing-a-connector.md of tidemark.

import {
  defineConnector,
  fullPass,
  id,
  integer,
  newestFirst,
  type Page,
  type PageRequest,
  type RefreshRequest,
  refresh,
  rows,
  secret,
  stream,
  z,
} from 'tidemark'

const PAGE_SIZE = 50

interface Options {
  readonly token: string
}

/** One page: the rows, and whatever asks for the next one; undefined when the source says that this was the last. */
async function readNotes({ http, page }: PageRequest<Options>): Promise<Page> {
  const { body } = await http.get('/notes', { query: { after: page as string | undefined, limit: PAGE_SIZE } })
  const { notes, next } = body as { notes: unknown; next: string | null }
  return { records: rows(notes, 'notes'), next: next ?? undefined }
}

/** The notes with these ids, as far as the service still has them. */
async function readAgain({ http, keys }: RefreshRequest<Options>): Promise<readonly unknown[]> {
  const { body } = await http.get('/notes', { query: { ids: keys.join(',') } })
  return rows((body as { notes: unknown }).notes, 'notes')
}

/** How the list is read: \`keyset\` if a page continues exactly behind the last record, \`offset\` for page numbers. */
const listing = { read: readNotes, pageSize: PAGE_SIZE, paging: 'keyset' } as const

export default defineConnector(
  {
    name: '${name}',
    title: 'Notes of ${title}',
    // What a person gives. secret() marks what is sealed.
    options: z.object({ token: secret('API token') }),
    http: ({ token }) => ({
      baseUrl: 'https://api.${name}.example',
      headers: { authorization: \`Bearer \${token}\` },
      // What the service allows. Connections whose limits have the same key share them.
      // limits: [{ key: '${name}', requests: 60, per: '1m' }],
    }),
  },
  {
    notes: stream({
      title: 'Notes, newest first',
      // The fields that become columns; the rest stays in _raw.
      schema: z.object({ id: id(), title: z.string(), written_at: z.string(), likes: integer() }),
      key: (note) => note.id,
      // Kept as a snapshot for each run and day.
      metrics: ['likes'],
      passes: [
        newestFirst({ ...listing, order: (note) => note.written_at }),
        // Notices what was removed, every tenth run.
        fullPass({ ...listing, everyRuns: 10 }),
        // Reads the others again, by id: their likes change where no listing shows it.
        refresh({ read: readAgain, batch: 50 }),
      ],
    }),
  },
)
`

const emulator = (names: Names) => {
  const { variable } = names
  return emulatorText(names, {
    declares: `
export interface Note {
  readonly id: number
  readonly title: string
  readonly written_at: string
  readonly likes: number
}

export interface ${capital(variable)}Emulator {
  readonly url: string
  readonly token: string
  /** The truth, newest first. */
  readonly notes: Note[]
  close(): Promise<void>
}

/** An emulator with so many notes. */
export async function ${variable}Emulator(count: number): Promise<${capital(variable)}Emulator> {`,
    starts: `  const notes: Note[] = Array.from({ length: count }, (_, i) => ({
    id: count - i,
    title: \`Note \${count - i}\`,
    written_at: new Date(Date.UTC(2026, 0, 1) + (count - i) * 60_000).toISOString(),
    likes: i % 7,
  }))
  const server = createServer((request, response) => {
    const give = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://localhost')
    if (request.headers.authorization !== \`Bearer \${token}\`) return give(401, { message: 'unknown token' })
    if (pathname !== '/notes') return give(404, { message: 'no such thing' })
    const ids = query.get('ids')?.split(',')
    if (ids) return give(200, { notes: notes.filter(({ id }) => ids.includes(String(id))) })
    const after = query.get('after')
    const from = after === null ? 0 : notes.findIndex((note) => String(note.id) === after) + 1
    const page = notes.slice(from, from + Number(query.get('limit') ?? 50))
    const last = page.at(-1)
    const isEnd = last === undefined || from + page.length >= notes.length
    return give(200, { notes: page, next: isEnd ? null : String(last.id) })
  })`,
    gives: `    notes,`,
  })
}

const test = (names: Names) =>
  testText(names, {
    proves: `every page is turned, every run killed and every
// answer broken, by the engine itself.`,
    count: 120,
    knows: `      options: { token: emulator.token },
      truth: { notes: () => emulator.notes.map((note) => String(note.id)) },
      remove: { notes: () => emulator.notes.splice(2, 1).map((note) => String(note.id))[0] },`,
  })

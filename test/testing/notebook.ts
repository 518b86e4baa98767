// Owns a small service for these tests, as an author might write one: a plain HTTP server with notes, newest first, and
// a sound connector for it, of which each test breaks one thing.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  byCursor,
  type Connector,
  defineConnector,
  type Failure,
  fullPass,
  id,
  integer,
  newestFirst,
  type Page,
  type PageRequest,
  type RawAnswer,
  type RefreshRequest,
  refresh as refreshing,
  rows,
  secret,
  stream,
  type WindowRequest,
  z,
} from 'tidemark'

export interface Note {
  readonly id: number
  readonly title: string
  readonly written_at: string
  readonly changed: number
  readonly likes: number
}

export interface Notebook extends AsyncDisposable {
  readonly url: string
  readonly notes: Note[]
  readonly token: string
  readonly refresh: string
  readonly requests: () => number
  /** Removes the third note and returns its key. */
  remove(): string
  /** The access token that is in use ends. */
  expire(): void
}

export const TOKEN = 'token-of-the-notebook/1'
export const PAGE_SIZE = 20

/** A notebook with so many notes. `views` counts in every answer, which no sound service would show as content. */
export async function notebookService(count: number, views = false): Promise<Notebook> {
  const notes: Note[] = Array.from({ length: count }, (_, i) => ({
    id: 5_000 + (count - i) * 3,
    title: `Note ${(count - i) % 7}`,
    written_at: new Date(Date.UTC(2026, 0, 1) + (count - i) * 60_000).toISOString(),
    changed: 1_760_000_000 + (count - i) * 60,
    likes: (i * 7) % 11,
  }))
  const removed: Note[] = []
  let requests = 0
  let issued = 1
  let [token, refresh] = [TOKEN, 'refresh-of-the-notebook-1']
  const server = createServer((request, response) => {
    requests++
    const url = new URL(request.url ?? '', 'http://localhost')
    const query = url.searchParams
    const give = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    if (url.pathname === '/renew') {
      if (query.get('refresh') !== refresh) return give(401, { message: 'unknown refresh token' })
      issued++
      ;[token, refresh] = [`token-of-the-notebook/${issued}`, `refresh-of-the-notebook-${issued}`]
      return give(200, { access_token: token, refresh_token: refresh })
    }
    if (request.headers.authorization !== `Bearer ${token}` && query.get('token') !== token) return give(401, {})
    const ids = query.get('ids')?.split(',')
    if (ids) return give(200, { notes: notes.filter((note) => ids.includes(String(note.id))) })
    const limit = Number(query.get('limit') ?? PAGE_SIZE)
    const shown = query.get('removed') === 'yes' ? [...notes, ...removed] : notes
    const all = url.pathname === '/changes' ? changes(shown, query) : shown
    const after = query.get('after')
    const number = Number(query.get('page') ?? 0)
    const from = after === null ? number * limit : all.findIndex((note) => String(note.id) === after) + 1
    const page = all.slice(from, from + limit)
    const left = all.length - from - page.length
    const next = left > 0 ? String(page.at(-1)?.id) : null
    return give(200, {
      notes: views ? page.map((note) => ({ ...note, views: requests })) : page,
      next,
      left,
      pages: Math.ceil(all.length / limit),
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    notes,
    get token() {
      return token
    },
    get refresh() {
      return refresh
    },
    requests: () => requests,
    remove() {
      const [note] = notes.splice(2, 1)
      removed.push(note as Note)
      return String(note?.id)
    },
    expire: () => void (token = 'none'),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function changes(notes: readonly Note[], query: URLSearchParams): readonly Note[] {
  const since = Number(query.get('since') ?? 0)
  const until = Number(query.get('until'))
  const sorted = notes
    .toSorted((a, b) => a.changed - b.changed)
    .filter(({ changed }) => changed >= since && changed < until)
  return query.get('order') === 'desc' ? sorted.toReversed() : sorted
}

export interface Options {
  readonly token: string
  readonly refresh?: string | undefined
}

type Request = PageRequest<Options>

/** A connector for the notebook; what is given takes the place of what is sound. */
export interface Parts {
  readonly read?: (request: Request) => Promise<Page>
  readonly readWindow?: (request: WindowRequest<Options>) => Promise<Page>
  readonly schema?: z.ZodObject
  // Each test has a record type of its own.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly key?: (note: any) => any
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly order?: (note: any) => number | string
  readonly metrics?: readonly string[]
  readonly total?: () => Promise<number>
  /** With a refresh, and in place of the full pass. */
  readonly again?: (request: RefreshRequest<Options>) => Promise<readonly unknown[]>
  readonly classify?: (answer: RawAnswer) => Failure | undefined
  readonly renew?: boolean | ((found: { access_token: string; refresh_token: string }) => Record<string, string>)
}

export async function readNotes({ http, page }: Request, query: Record<string, string> = {}): Promise<Page> {
  const { body } = await http.get('/notes', {
    query: { after: page as string | undefined, limit: PAGE_SIZE, ...query },
  })
  const { notes, next } = body as { notes: unknown; next: string | null }
  return { records: rows(notes, 'notes'), next: next ?? undefined }
}

export async function readChanges(
  request: WindowRequest<Options>,
  query: Record<string, string | number | undefined> = {},
): Promise<Page> {
  const { http, page, since, until } = request
  const { body } = await http.get('/changes', {
    query: { since, until, limit: PAGE_SIZE, after: page as string | undefined, ...query },
  })
  const { notes, next } = body as { notes: unknown; next: string | null }
  return { records: rows(notes, 'notes'), next: next ?? undefined }
}

export async function readAgain({ http, keys }: RefreshRequest<Options>): Promise<readonly unknown[]> {
  const { body } = await http.get('/notes', { query: { ids: keys.join() } })
  return rows((body as { notes: unknown }).notes, 'notes')
}

export const noteSchema = z.object({
  id: id(),
  title: z.string(),
  written_at: z.string(),
  changed: z.int(),
  likes: integer(),
})

export function notebookConnector(parts: Parts = {}): Connector<Options> {
  const { schema = noteSchema, key = (note: { id: string }) => note.id, metrics = ['likes'] } = parts
  const { read = readNotes, readWindow, order = (note: { written_at: string }) => note.written_at } = parts
  const { total } = parts
  const listing = {
    read: (request: Request) => read(request),
    pageSize: PAGE_SIZE,
    paging: 'keyset',
    ...(total ? { total } : {}),
  } as const
  const window = readWindow && {
    read: readWindow,
    pageSize: PAGE_SIZE,
    order: (note: { changed: number }) => note.changed,
    unitMs: 1_000,
    overlap: '5m' as const,
  }
  const { again } = parts
  const others = again
    ? [refreshing({ read: (request: RefreshRequest<Options>) => again(request), batch: 8 })]
    : [fullPass({ ...listing, everyRuns: 10 })]
  const passes = window ? [byCursor(window)] : [newestFirst({ ...listing, order }), ...others]
  const { renew } = parts
  return defineConnector(
    {
      name: 'notebook',
      title: 'Notes of a made-up notebook service',
      options: z.object({ token: secret('API token'), refresh: secret('Refresh token').optional() }),
      http: ({ token }) => ({
        baseUrl: 'https://api.notebook.example',
        headers: { authorization: `Bearer ${token as string}` },
        ...(parts.classify ? { classify: parts.classify } : {}),
      }),
      ...(renew
        ? {
            async renew({ http, options }) {
              const { body } = await http.get('/renew', { query: { refresh: String(options.refresh) } })
              const found = body as { access_token: string; refresh_token: string }
              const sound = { token: found.access_token, refresh: found.refresh_token }
              return { secrets: typeof renew === 'function' ? renew(found) : sound }
            },
          }
        : {}),
    },
    {
      notes: stream({
        schema,
        key: key as never,
        metrics,
        passes: passes as never,
      }),
    },
  ) as unknown as Connector<Options>
}

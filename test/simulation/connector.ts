// Owns the connectors of the simulated styles: what an author would write for such a source, and nothing more.

import { text as textOf } from 'node:stream/consumers'
import type { Connector } from '../../src/connector/connector.ts'
import { defineConnector, stream } from '../../src/connector/connector.ts'
import { decimal, flag, id, integer, text } from '../../src/connector/fields.ts'
import type { AskKeys, AskNewest, Job, JobState } from '../../src/connector/job.ts'
import { secret, z } from '../../src/connector/options.ts'
import type {
  HttpAnswer,
  KeysRequest,
  Order,
  Page,
  PageRequest,
  WindowRequest,
  Witness,
} from '../../src/connector/page.ts'
import {
  byCursor,
  fullPass,
  newestFirst,
  type Pass,
  refresh as refreshing,
  summary,
  upload,
} from '../../src/connector/passes.ts'
import type { UploadRequest } from '../../src/connector/uploaded.ts'
import type { Duration } from '../../src/model/duration.ts'
import { TidemarkError } from '../../src/model/errors.ts'
import { parseExact } from '../../src/model/exact-json.ts'
import { isObject, type Json } from '../../src/model/json.ts'
import type { Scale, Style } from './style.ts'

interface Item {
  readonly id: string
  readonly title: string | null
  readonly created: number
  readonly rev: number
  readonly rank: number
  readonly updated: number
  readonly pinned: boolean
  /** The stream that it belongs to, where a listing shows two. */
  readonly of?: string
}

interface Body {
  readonly items: readonly unknown[]
  readonly more: boolean
  readonly next?: Json
  readonly total?: number
}

type Passes = readonly Pass<unknown, Item>[]

/** What its author has learned up to a release. The first one of a lived style knows less than those of the others. */
export interface Release {
  readonly no: number
  /** Columns that not every release declares. */
  readonly columns: readonly GrownColumn[]
  /** It reads a title that is a number, too. */
  readonly lenient: boolean
  /** The version of what it keeps between runs, and whether it carries a cursor over from the one before. */
  readonly state: number
  readonly migrates: boolean
}

export type GrownColumn = 'created' | 'score'

const GROWN: readonly GrownColumn[] = ['created', 'score']

function schemaOf(release: Release | undefined): z.ZodObject {
  const columns = {
    id: id(),
    title: release?.lenient ? decimal() : text(),
    rev: integer(),
    created: integer(),
    updated: integer(),
    rank: integer(),
    pinned: flag(),
    score: integer(),
  }
  const missing: readonly string[] = release ? GROWN.filter((name) => !release.columns.includes(name)) : []
  return z.object(Object.fromEntries(Object.entries(columns).filter(([name]) => !missing.includes(name))))
}

export const BASE_URL = 'https://source.example'

/** Without a release: all that there is to declare. */
export function connectorFor(style: Style, scale: Scale, release?: Release): Connector {
  const passes: Passes = [
    ...(style.newest ? [newest(style, scale)] : []),
    ...(style.window ? [window(scale)] : []),
    ...(style.full ? [full(style, scale)] : []),
    ...(style.refreshed ? [refreshed(style)] : []),
    ...uploads(style),
  ]
  const listed = (own: string | undefined) =>
    stream<unknown, Item>({
      schema: schemaOf(release) as unknown as z.ZodType<Item>,
      key: (row) => row.id,
      passes,
      ...(own === undefined ? {} : { belongs: (row: unknown) => isObject(row) && row['of'] === own }),
      ...(scale.versioned ? { version: (row: Item) => row.rev } : {}),
      ...(scale.volatile ? { volatile: ['img'] } : {}),
      ...(scale.metrics ? { metrics: ['score' as never] } : {}),
      ...(release ? { state: stateOf(release) } : {}),
    })
  return defineConnector(
    {
      name: 'sim',
      title: 'A simulated source',
      ...(style.published ? { catalog: { streams: { items: 'pinned' } } } : {}),
      ...(release ? { version: String(release.no) } : {}),
      options: z.object({ token: secret('Access token'), refresh: secret('Refresh token') }),
      http: ({ token }) => ({
        baseUrl: BASE_URL,
        headers: { authorization: `Bearer ${token}` },
        limits: [{ key: 'sim:app', requests: 300, per: '10s' }],
        classify: ({ status, body }) => {
          const error = isObject(body) ? body['error'] : undefined
          if (status === 401) return { verdict: 'refresh', code: 'token_expired', message: 'the token has ended' }
          if (error === 'invalid_grant') return { verdict: 'pause', code: 'login_needed', message: 'log in again' }
          if (status === 200 && error !== undefined)
            return { verdict: 'retry', code: 'busy', message: 'no rows, but an error' }
          return undefined
        },
      }),
      renew: async ({ http, options }) => {
        const { body } = await http.post('/token', { form: { refresh: options.refresh } })
        const { access, refresh } = body as { access: string; refresh: string }
        return { secrets: { token: access, refresh } }
      },
    },
    {
      items: listed(style.shared ? 'items' : undefined),
      ...(style.shared ? { others: listed('others') } : {}),
      ...(style.summed ? { about: ABOUT } : {}),
    },
  ) as unknown as Connector
}

const ABOUT = stream({
  schema: z.object({ id: id(), count: integer(), score: integer() }),
  key: ({ id: key }) => key,
  passes: [
    summary({
      of: 'items',
      sums: ['score'],
      make: ({ totals, count }) => ({ id: 'all', count, score: totals['score'] ?? null }),
    }),
  ],
})

function stateOf({ state, migrates }: Release) {
  return { version: state, ...(migrates ? { migrate: (cursor: number) => cursor } : {}) }
}

function listing(style: Style, scale: Scale, pass: 'newest' | 'full') {
  const { pageSize } = scale
  return {
    pageSize,
    paging: style.paging === 'keyset' ? ('keyset' as const) : ('offset' as const),
    ...(style.capped ? { listing: { cap: scale.cap } } : {}),
    ...(style.order === 'position' ? {} : { order: (row: Item): Order => row.rank }),
    ...(style.pins ? { pinned: (row: Item) => row.pinned } : {}),
    ...(style.total === 'asked' ? { total: countOf } : {}),
    ...(style.shared ? { sharedAs: async () => 'list' } : {}),
    ...(style.blocks ? { skip: (page: unknown) => Number(page ?? 1) + 1 } : {}),
    read: async ({ http, page }: PageRequest<unknown>): Promise<Page> => {
      const place = style.paging === 'offset' ? { page: (page ?? 1) as number } : { after: page as string | undefined }
      return pageOf(await http.get('/items', { query: { pass, size: pageSize, ...place } }))
    },
  }
}

function newest(style: Style, scale: Scale): Passes[number] {
  const { stopAfter } = scale
  if (style.paging !== 'runs') return newestFirst<unknown, Item>({ ...listing(style, scale, 'newest'), stopAfter })
  return newestFirst<unknown, Item>({
    job: jobOf<AskNewest>(({ newest: most }) => ({ newest: most })),
    order: (row) => row.rank,
    pinned: (row) => row.pinned,
    stopAfter,
  })
}

const jobOf = <Ask extends AskNewest | AskKeys>(asked: (ask: Ask) => object): Job<unknown, Ask> => ({
  async start({ http, ask, intent }) {
    const { body } = await http.post('/runs', { json: { ...asked(ask), intent } })
    return { id: (body as { id: string }).id }
  },
  async find({ http, intent }) {
    const { runs } = (await http.get('/runs')).body as { runs: readonly { id: string; intent: string }[] }
    return runs.find((run) => run.intent === intent)?.id
  },
  async poll({ http, id: run }) {
    const { state, rows } = (await http.get(`/runs/${run}`)).body as { state: JobState['state']; rows: number }
    return { state, billed: { items: rows, cost: rows } }
  },
  async read({ http, id: run, page }) {
    return pageOf(await http.get(`/runs/${run}/rows`, { query: { from: page as number | undefined } }))
  },
})

/** What is read of files, and by key what their rows lack. */
function uploads({ files }: Style): Passes {
  if (files === 'none') return []
  const accepts = 'items.json'
  if (files === 'beside') return [upload({ accepts, read: itemsOf })]
  return [
    upload({ accepts, read: itemsOf, order: ({ created }) => created }),
    refreshing({ read: known, batch: REFRESH_BATCH, needs: ({ title }) => title === null }),
  ]
}

async function* itemsOf({ files }: UploadRequest<unknown>): AsyncGenerator {
  const whole = await textOf(files[0]!.bytes())
  let body: Partial<Body>
  try {
    body = parseExact(whole) as Partial<Body>
  } catch {
    throw new TidemarkError('upload_unreadable', 'The file is no JSON.')
  }
  if (!body.items) throw new TidemarkError('section_missing', 'The file has no items.', { scope: 'stream' })
  yield* body.items
}

function refreshed({ paging }: Style): Passes[number] {
  if (paging !== 'runs') return refreshing({ read: known, batch: REFRESH_BATCH })
  return refreshing({ job: jobOf<AskKeys>(({ keys }) => ({ keys })), batch: REFRESH_BATCH })
}

function full(style: Style, scale: Scale) {
  return fullPass<unknown, Item>({
    ...listing(style, scale, 'full'),
    ...(style.newest || style.window ? { everyRuns: scale.everyRuns } : {}),
    ...(style.witness ? { witness } : {}),
  })
}

function window(scale: Scale) {
  return byCursor<unknown, Item>({
    pageSize: scale.pageSize,
    order: (row) => row.updated,
    unitMs: 1_000,
    overlap: `${scale.overlapSeconds}s` as Duration,
    lag: `${scale.lagSeconds}s` as Duration,
    read: async ({ http, page, since, until }: WindowRequest<unknown>) => {
      const query = { size: scale.pageSize, since, until, token: page as string | undefined }
      return pageOf(await http.get('/changes', { query }))
    },
  })
}

function pageOf({ body }: HttpAnswer): Page {
  const { items, more, next, total } = body as Body
  return { records: items, next: more ? next : undefined, total }
}

async function countOf({ http }: PageRequest<unknown>): Promise<number> {
  const { body } = await http.get('/count')
  return (body as { count: number }).count
}

/** Records that are read again in one request. */
export const REFRESH_BATCH = 6

async function known({ http, keys }: KeysRequest<unknown>): Promise<readonly unknown[]> {
  const { body } = await http.get('/by-key', { query: { ids: keys.join(',') } })
  return (body as Body).items
}

const witness: Witness<unknown> = async ({ http, keys }) => {
  const { body } = await http.get('/by-key', { query: { ids: keys.join(',') } })
  const found = new Set((body as Body).items.map((row) => String((row as { id: string | number }).id)))
  return new Map(keys.map((key) => [key, found.has(key) ? 'present' : 'gone']))
}

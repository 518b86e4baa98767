// Owns a vendor of upstream runs, over a real socket: each run delivers the newest posts of a profile, bills every row, and
// is started, listed, polled and read like those of a platform for scrapers. A connector that reads it.

import type { ServerResponse } from 'node:http'
import { defineConnector, type Job, newestFirst, refresh, rows, stream, z } from '../../src/index.ts'
import { type Scripted, serve } from '../http/scripted-server.ts'

export interface Post {
  readonly id: string
  /** Unix seconds. */
  readonly at: number
  views: number
}

/** A run as the vendor keeps it. */
export interface VendorRun {
  readonly id: string
  readonly input: { readonly intent: string; readonly newest?: number; readonly keys?: readonly string[] }
  readonly cap: number | null
  readonly rows: readonly Post[]
  readonly cost: number
  status: 'RUNNING' | 'SUCCEEDED' | 'FAILED'
  polls: number
}

/** Called when a run is started, before it is answered; true: it has answered itself. */
export type OnStart = (response: ServerResponse, run: VendorRun) => boolean | void

export interface Vendor extends Scripted {
  /** Newest first. */
  posts: Post[]
  /** Ids that stand above all others. */
  pinned: string[]
  readonly runs: VendorRun[]
  /** Starts that were asked for, those included that were refused. */
  starts: number
  /** Says how many posts there are. */
  tells: 'estimate' | 'total' | 'nothing'
  /** Whether a word says how a run is, or two flags do. */
  tellsState: 'word' | 'flags'
  /** Polls until a run has ended. */
  polls: number
  price: number
  rowsPerPage: number
  /** Says what time it is, by the machine's clock. */
  tellsTime: boolean
  /** How the next runs end. */
  ends: 'SUCCEEDED' | 'FAILED'
  /** Refuses a start before it comes to anything. */
  refuses: ((response: ServerResponse) => void) | undefined
  onStart: OnStart | undefined
  /** Rows billed, in all. */
  readonly billed: number
  add(count: number, at: number): void
}

export async function paidVendor(): Promise<Vendor> {
  let numbers = 0
  const state = {
    posts: [] as Post[],
    pinned: [] as string[],
    runs: [] as VendorRun[],
    starts: 0,
    tells: 'estimate' as Vendor['tells'],
    tellsState: 'word' as Vendor['tellsState'],
    polls: 0,
    price: 0.01,
    rowsPerPage: 1_000,
    tellsTime: false,
    ends: 'SUCCEEDED' as Vendor['ends'],
    refuses: undefined as Vendor['refuses'],
    onStart: undefined as OnStart | undefined,
    get billed() {
      return state.runs.reduce((sum, run) => sum + run.rows.length, 0)
    },
    add(count: number, at: number) {
      for (let i = 0; i < count; i++) state.posts.unshift({ id: `p${++numbers}`, at: at + i, views: 0 })
    },
  }
  const listed = () => {
    const pinned = state.posts.filter(({ id }) => state.pinned.includes(id))
    return [...pinned, ...state.posts.filter(({ id }) => !state.pinned.includes(id))]
  }
  const send = (response: ServerResponse, status: number, body: unknown) =>
    response
      .writeHead(status, {
        'content-type': 'application/json',
        ...(state.tellsTime ? { date: new Date().toUTCString() } : {}),
      })
      .end(JSON.stringify(body))
  const shown = ({ id, status, rows: { length }, cost }: VendorRun) => {
    const flags = { done: status !== 'RUNNING', failed: status === 'FAILED' }
    return { id, ...(state.tellsState === 'flags' ? flags : { status }), items: length, cost }
  }
  const begin = (response: ServerResponse, body: string, cap: string | null) => {
    state.starts++
    if (state.refuses) return state.refuses(response)
    const input = JSON.parse(body) as VendorRun['input']
    const { newest, keys } = input
    const asked = keys ? listed().filter(({ id }) => keys.includes(id)) : listed().slice(0, newest)
    const all = asked
      .slice(0, cap === null ? undefined : Math.floor(Number(cap) / state.price + 1e-9))
      .map((post) => ({ ...post }))
    const delivered = state.ends === 'FAILED' ? all.slice(0, Math.ceil(all.length / 2)) : all
    const run: VendorRun = {
      id: `run${state.runs.length + 1}`,
      input,
      cap: cap === null ? null : Number(cap),
      rows: delivered,
      cost: delivered.length * state.price,
      status: 'RUNNING',
      polls: 0,
    }
    state.runs.push(run)
    const ends = state.ends
    Object.assign(run, { end: ends })
    if (state.onStart?.(response, run) === true) return
    send(response, 201, shown(run))
  }
  const server = await serve((response, { method, path, body }) => {
    const url = new URL(path, 'http://vendor')
    const [, , id, part] = url.pathname.split('/')
    if (method === 'POST') return begin(response, body, url.searchParams.get('cap'))
    if (id === undefined)
      return send(response, 200, { runs: state.runs.map(({ id: run, input }) => ({ id: run, input })) })
    const run = state.runs.find((one) => one.id === id)
    if (!run) return send(response, 404, {})
    if (part === undefined) {
      if (run.polls++ >= state.polls) run.status = (run as VendorRun & { end: Vendor['ends'] }).end
      return send(response, 200, shown(run))
    }
    const from = Number(url.searchParams.get('from') ?? 0)
    const to = from + state.rowsPerPage
    send(response, 200, {
      rows: run.rows.slice(from, to),
      next: to < run.rows.length ? to : null,
      ...(state.tells === 'nothing' ? {} : { [state.tells]: state.posts.length }),
    })
  })
  return Object.assign(state, server)
}

type State = { id: string; status: string; items: number; cost: number }

/** Its runs, as a connector declares them. */
export function vendorJob(more: Partial<Job<unknown>> = {}): Job<unknown> {
  return {
    async start({ http, ask, intent, costLeft }) {
      const json = { ...('keys' in ask ? { keys: ask.keys } : ask), intent }
      const { body } = await http.post('/runs', { json, query: { cap: costLeft }, accept: [201] })
      return { id: (body as State).id }
    },
    async find({ http, intent }) {
      const { body } = await http.get('/runs')
      const { runs } = body as { runs: { id: string; input: { intent: string } }[] }
      return runs.find(({ input }) => input.intent === intent)?.id
    },
    async poll({ http, id }) {
      const { status, items, cost } = (await http.get(`/runs/${id}`)).body as State
      if (status === 'RUNNING') return { state: 'running' }
      if (!['SUCCEEDED', 'FAILED'].includes(status)) throw new Error(`What is the status "${status}"?`)
      return { state: status === 'FAILED' ? 'failed' : 'succeeded', why: status, billed: { items, cost } }
    },
    async read({ http, id, page }) {
      const { body } = await http.get(`/runs/${id}/rows`, { query: { from: page as number | undefined } })
      const { rows: list, ...said } = body as { rows: unknown; next: number | null }
      return { records: rows(list, 'rows'), ...said }
    },
    ...more,
  }
}

type Posts = Partial<Job<unknown>> & {
  /** How many pinned posts stand first. */
  readonly pins?: number
  /** Known posts are read again, so many at a time. */
  readonly batch?: number
}

/** The posts of a profile, which shows `pins` pinned ones first without saying so. */
export function vendorPosts({ pins = 0, batch, ...more }: Posts = {}) {
  return defineConnector(
    {
      name: 'vendor',
      title: 'Posts that cost',
      options: z.object({ profile: z.string().default('ada') }),
      http: () => ({ baseUrl: 'http://127.0.0.1' }),
    },
    {
      posts: stream({
        schema: z.object({ id: z.string(), at: z.number(), views: z.number() }),
        metrics: ['views'],
        key: (post) => post.id,
        passes: [
          newestFirst({
            job: vendorJob(more),
            order: (post: Post) => post.at,
            unitMs: 1_000,
            settles: '1h',
            ...(pins > 0 ? { pinned: (_: Post, place: number) => place < pins } : {}),
          }),
          ...(batch === undefined ? [] : [refresh({ job: vendorJob(more), batch })]),
        ],
      }),
    },
  )
}

// Owns a source whose list moves while its numbered pages are turned, and a mirror of it. Requests go through the
// transport port, without sockets and without waiting, so that a test can try thousands of schedules.

import { z } from 'zod'
import { defineConnector, stream } from '../../src/connector/connector.ts'
import { type Page, type PageRequest, rows } from '../../src/connector/page.ts'
import { fullPass, newestFirst } from '../../src/connector/passes.ts'
import type { Transport, TransportRequest } from '../../src/http/transport.ts'
import { type Connection, openTidemark, type RunReport, type Tidemark } from '../../src/index.ts'
import type { Coverage } from '../../src/model/coverage.ts'
import type { Duration } from '../../src/model/duration.ts'
import type { Clock } from '../../src/model/ports.ts'
import { testClock } from '../../src/testing/test-clock.ts'

/** What the list tells of its length: with every page, with the first page only, when asked, or never. */
export type Totals = 'page' | 'first' | 'asked' | 'none'

export interface MovingListOptions {
  readonly pageSize: number
  readonly totals: Totals
  readonly passes: readonly ('newestFirst' | 'fullPass')[]
  /** Numbers of its records, newest first. */
  readonly records: readonly number[]
  /** The full pass is due after so many runs. @default every run, if there is no other pass */
  readonly everyRuns?: number
  /** The source shows so many records at most, its newest, and tells how many it has, or `listed`, how many it shows. */
  readonly cap?: number
  readonly tells?: 'all' | 'listed'
  /** Whether the connector can tell the page behind one that can't be read. */
  readonly skips?: boolean
  /** Records that share an order value: `order(n)`; null: its passes declare no order. @default n */
  readonly order?: ((n: number) => number) | null
  /** For how long after its time a record may come in; order values are seconds then. */
  readonly settles?: Duration
  /** Names of its streams, which all show the same list; the first may have faults. @default notes */
  readonly streams?: readonly string[]
  /** Each page costs 1. */
  readonly paid?: boolean
  /** @default the machine's, on which waiting takes no time */
  readonly clock?: Clock
}

/** What becomes of a request in place of its answer: a status with a body, or an error. */
export type Fault = { readonly status: number; readonly text?: string } | { readonly error: Error }

export class MovingList implements AsyncDisposable {
  readonly records: number[]
  /** Called after every answer, with the path that was asked for; the list may change here. */
  afterwards: (asked: string) => void = () => {}
  /** What goes wrong with a page, or with the count (0). */
  fault: (page: number) => Fault | undefined = () => undefined
  /** The page that follows, in place of the true one. */
  nextOf: (page: number) => number | undefined = () => undefined
  /** A page that is cut short: it names no next one, or shows nothing at all. */
  cut: (page: number) => 'end' | 'blank' | undefined = () => undefined
  /** What the source says in place of its true total. */
  told: (total: number) => unknown = (total) => total
  /** Paths of all requests: `p3` for the third page, `count`. */
  readonly asked: string[] = []
  readonly tidemark: Tidemark
  readonly connection: Connection
  readonly #options: MovingListOptions

  static async open(options: MovingListOptions): Promise<MovingList> {
    const clock = options.clock ?? testClock()
    const transport: Transport = { send: async (request) => list.#answer(request), close: async () => {} }
    const tidemark = await openTidemark({ database: ':memory:', key: new Uint8Array(32).fill(7), transport, clock })
    const connection = await tidemark.connect(connectorOf(options), { id: 'me', options: {} })
    const list = new MovingList(options, tidemark, connection)
    return list
  }

  private constructor(options: MovingListOptions, tidemark: Tidemark, connection: Connection) {
    this.#options = options
    this.records = [...options.records]
    this.tidemark = tidemark
    this.connection = connection
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.tidemark.close()
  }

  sync(order: { maxRequests?: number; maxCost?: number; mode?: 'auto' | 'full' } = {}): Promise<RunReport> {
    return this.connection.sync(order)
  }

  /** Numbers of the records that the mirror has, removed ones too when they are asked for. */
  async mirrored(): Promise<Set<number>> {
    const found = new Set<number>()
    for await (const record of this.connection.records('notes')) found.add(Number(record._key))
    return found
  }

  /** What the source shows and the mirror lacks. */
  async missing(): Promise<readonly number[]> {
    const stored = await this.mirrored()
    return this.records.slice(0, this.#options.cap).filter((n) => !stored.has(n))
  }

  async coverage(): Promise<Coverage> {
    return (await this.connection.stream('notes')).coverage
  }

  #answer({ url }: TransportRequest) {
    const { pageSize, totals, cap, tells: tellsOf } = this.#options
    const page = url.pathname === '/count' ? 0 : Number(url.searchParams.get('page') ?? 1)
    const path = page === 0 ? 'count' : `p${page}`
    this.asked.push(path)
    const headers = { 'content-type': 'application/json' }
    const fault = url.pathname === '/notes' || page === 0 ? this.fault(page) : undefined
    if (fault && 'error' in fault) throw fault.error
    if (fault) return { status: fault.status, headers, text: fault.text ?? '{"message":"broken"}' }
    const records = this.records.slice(0, cap)
    const total = this.told(tellsOf === 'listed' ? records.length : this.records.length)
    const cut = page === 0 ? undefined : this.cut(page)
    const tells = totals === 'page' || (totals === 'first' && page === 1)
    const shown = cut === 'blank' ? [] : records.slice((page - 1) * pageSize, page * pageSize)
    const items = shown.map((n) => ({ id: String(n), n }))
    const follows = this.nextOf(page) ?? page + 1
    const next = cut === undefined && page * pageSize < records.length ? { next: follows } : {}
    const body = page === 0 ? { total } : { items, ...next, ...(tells ? { total } : {}) }
    const text = JSON.stringify(body)
    this.afterwards(path)
    return { status: 200, headers, text }
  }
}

const note = z.object({ id: z.string(), n: z.int() })
type Note = z.output<typeof note>

function connectorOf(options: MovingListOptions) {
  const {
    pageSize,
    totals,
    passes,
    everyRuns,
    skips,
    settles,
    cap,
    paid = false,
    order = (n) => n,
    streams = ['notes'],
  } = options
  const streamOf = (path: string) => {
    const listing = {
      pageSize,
      read: readOf(path, paid),
      ...(paid ? { paid } : {}),
      ...(order === null ? {} : { order: ({ n }: Note) => order(n) }),
      ...(totals === 'asked' ? { total: count } : {}),
      ...(cap === undefined ? {} : { listing: { cap } }),
      ...(skips ? { skip: (token: unknown) => Number(token ?? 1) + 1 } : {}),
    }
    const rounds = everyRuns === undefined ? {} : { everyRuns }
    const ways = passes.map((kind) =>
      kind === 'newestFirst'
        ? newestFirst({ ...listing, ...(settles ? { settles, unitMs: 1_000 } : {}) })
        : fullPass({ ...listing, ...rounds }),
    )
    return stream({ schema: note, key: ({ id }) => id, passes: ways })
  }
  return defineConnector(
    { name: 'notes', title: 'Notes', options: z.object({}), http: () => ({ baseUrl: 'https://notes.example' }) },
    Object.fromEntries(streams.map((name) => [name, streamOf(`/${name}`)])),
  )
}

function readOf(path: string, paid: boolean) {
  return async ({ http, page }: PageRequest<unknown>): Promise<Page> => {
    const { body } = await http.get(path, { query: { page: (page as number | undefined) ?? 1 } })
    const { items, next, total } = body as { items: unknown; next?: number; total?: number }
    const records = rows(items, 'items')
    return { records, next, total, ...(paid ? { billed: { items: records.length, cost: 1 } } : {}) }
  }
}

async function count({ http }: PageRequest<unknown>): Promise<number> {
  return ((await http.get('/count')).body as { total: number }).total
}

/** Numbers from `from` down to 1. */
export function down(from: number): readonly number[] {
  return Array.from({ length: from }, (_, i) => from - i)
}

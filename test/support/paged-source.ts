// Owns a source that lists its items newest first (`/list`) and by their time (`/changes`), and a way to read it with any
// passes. Requests go through the transport port, without sockets and without waiting.

import { z } from 'zod'
import { defineConnector, stream } from '../../src/connector/connector.ts'
import { type Http, rows } from '../../src/connector/page.ts'
import type { Transport } from '../../src/http/transport.ts'
import { type Connection, openTidemark, type RunReport, type Tidemark } from '../../src/index.ts'
import { testClock } from '../../src/testing/test-clock.ts'

export interface Item {
  readonly id: string
  /** Seconds since 1970. */
  readonly at: number
  text: string
}

export const PAGE_SIZE = 5
const DAY_S = 86_400
/** From one item to the next. */
export const STEP_S = 600

/** So many items, ten minutes apart, the last ones of them some days old. */
export function items(count: number, prefix = 'k'): Item[] {
  const first = Math.floor(testClock().now() / 1000) - 30 * DAY_S
  return Array.from({ length: count }, (_, i) => ({ id: `${prefix}${i}`, at: first + i * STEP_S, text: `text ${i}` }))
}

type Read = (request: unknown) => Promise<{ records: never; next?: unknown; total?: number }>

/** Reads of `/list` and `/changes` of a stream's own items. */
export function reads(name = 'notes', pageSize = PAGE_SIZE): { readonly list: never; readonly changes: never } {
  const reading =
    (what: string): Read =>
    async (request) => {
      const { http, page, since, until } = request as { http: Http } & Record<string, never>
      const query = { page, since, until, size: pageSize }
      const { body } = await http.get(`/${name}/${what}`, { query })
      const { found, next, total } = body as { found: unknown; next?: number; total: number }
      return { records: rows(found, 'found') as never, next, total }
    }
  return { list: reading('list') as never, changes: reading('changes') as never }
}

export const order = ({ at }: Item): number => at

export class PagedSource implements AsyncDisposable {
  /** By the name of the stream. */
  readonly items: Record<string, Item[]>
  /** Paths that were asked for: `notes/list 0`. */
  readonly asked: string[] = []
  /** Which page answers with an error, by its path and what would be on it. */
  fails: (path: string, page: readonly Item[]) => boolean = () => false
  /** Called with every request. */
  onRequest: (path: string) => void = () => {}
  #tidemark?: Tidemark

  constructor(given: Record<string, Item[]>) {
    this.items = given
  }

  readonly transport: Transport = {
    send: async ({ url }) => {
      const { pathname, searchParams } = url
      const [, name = '', what] = pathname.split('/')
      const number = (key: string, otherwise: number) => Number(searchParams.get(key) ?? otherwise)
      const [from, size] = [number('page', 0), number('size', PAGE_SIZE)]
      const [since, until] = [number('since', 0), number('until', Number.POSITIVE_INFINITY)]
      const ascending = [...(this.items[name] ?? [])].sort((a, b) => a.at - b.at)
      const all = what === 'list' ? ascending.toReversed() : ascending.filter(({ at }) => at >= since && at < until)
      const found = all.slice(from, from + size)
      const path = `${name}/${what} ${from}`
      this.asked.push(path)
      this.onRequest(path)
      const headers = { 'content-type': 'application/json' }
      if (this.fails(path, found)) return { status: 500, headers, text: '{}' }
      const next = from + size < all.length ? { next: from + size } : {}
      return { status: 200, headers, text: JSON.stringify({ found, total: all.length, ...next }) }
    },
    close: async () => {},
  }

  /** Opens a mirror of it, in place of the one that is open. */
  async open(database = ':memory:'): Promise<Tidemark> {
    await this.#tidemark?.close()
    const seams = { transport: this.transport, clock: testClock() }
    this.#tidemark = await openTidemark({ database, key: new Uint8Array(32).fill(7), ...seams })
    return this.#tidemark
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tidemark?.close()
  }
}

const schema = z.object({ id: z.string(), at: z.int(), text: z.string() })

/** A connector whose streams have these passes. */
export function connectorOf(streams: Record<string, readonly unknown[]>) {
  const made = Object.entries(streams).map(([name, passes]) => {
    return [name, stream({ schema, key: ({ id }) => id, passes: passes as never })] as const
  })
  return defineConnector(
    { name: 'paged', title: 'Paged', options: z.object({}), http: () => ({ baseUrl: 'https://paged.example' }) },
    Object.fromEntries(made),
  )
}

/** The keys of live records, sorted as the source numbers them. */
export async function keysOf(connection: Connection, name = 'notes'): Promise<readonly string[]> {
  const found: string[] = []
  for await (const { _key } of connection.records(name)) found.push(_key)
  return found.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
}

/** Syncs so often, and returns the last report. */
export async function syncTimes(times: number, sync: () => Promise<RunReport>): Promise<RunReport> {
  let report = await sync()
  for (let n = 1; n < times; n++) report = await sync()
  return report
}

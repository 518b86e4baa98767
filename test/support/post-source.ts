// Owns a source of posts whose counters grow: listed newest first (`/list`), and read by key (`/by-id`). Requests go
// through the transport port; time passes when the test says so.

import { z } from 'zod'
import { defineConnector, stream } from '../../src/connector/connector.ts'
import { type KeysPage, type RefreshRequest, rows } from '../../src/connector/page.ts'
import { newestFirst, type Refresh, refresh } from '../../src/connector/passes.ts'
import type { Transport } from '../../src/http/transport.ts'
import type { Connection } from '../../src/index.ts'
import type { Clock } from '../../src/model/ports.ts'
import { testClock } from '../../src/testing/test-clock.ts'
import { type Mirror, openMirror } from './mirror.ts'

export interface Post {
  readonly id: string
  /** Seconds since 1970. */
  readonly at: number
  views: number
  /** Views a day. */
  growth: number
}

export const PAGE_SIZE = 5
const DAY_MS = 86_400_000

export class PostSource implements AsyncDisposable {
  posts: Post[]
  /** What was asked for: `list 0`, or the keys, in their order. */
  readonly asked: string[] = []
  /** Keys that are not returned when they are asked for. */
  readonly away = new Set<string>()
  /** Keys on which an answer breaks. */
  readonly poison = new Set<string>()
  /** Called with the keys of each request; what it returns is the answer. */
  onKeys: (keys: readonly string[]) => { status: number; body: unknown } | undefined = () => undefined
  readonly clock: Clock
  #mirror: Mirror | undefined
  #ahead = 0

  constructor(count: number, growth: (i: number) => number = () => 10) {
    const clock = testClock()
    this.clock = { ...clock, now: () => clock.now() + this.#ahead, mono: () => clock.mono() + this.#ahead }
    const first = Math.floor(clock.now() / 1000) - 400 * 86_400
    this.posts = Array.from({ length: count }, (_, i) => this.#post(i, first + i * 86_400, growth(i)))
  }

  #post(i: number, at: number, growth: number): Post {
    return { id: `p${String(i).padStart(3, '0')}`, at, views: 1_000, growth }
  }

  /** So many days pass, in which each post grows. */
  pass(days: number): void {
    this.#ahead += days * DAY_MS
    for (const post of this.posts) post.views += post.growth * days
  }

  publish(): Post {
    const post = this.#post(this.posts.length, Math.floor(this.clock.now() / 1000), 100)
    this.posts.push(post)
    return post
  }

  /** Keys that were asked for since the last look, and forgets what was asked. */
  takeKeys(): readonly string[] {
    return this.asked.splice(0).flatMap((path) => (path.startsWith('list') ? [] : path.split(',')))
  }

  readonly transport: Transport = {
    send: async ({ url }) => {
      const headers = { 'content-type': 'application/json' }
      const listed = [...this.posts].sort((a, b) => b.at - a.at)
      const shown = (post: Post) => ({ id: post.id, at: post.at, views: post.views })
      if (url.pathname === '/list') {
        const from = Number(url.searchParams.get('from') ?? 0)
        this.asked.push(`list ${from}`)
        const next = from + PAGE_SIZE < listed.length ? from + PAGE_SIZE : null
        const posts = listed.slice(from, from + PAGE_SIZE).map(shown)
        return { status: 200, headers, text: JSON.stringify({ posts, next }) }
      }
      const keys = (url.searchParams.get('ids') ?? '').split(',')
      this.asked.push(keys.join())
      const answer = this.onKeys(keys)
      if (answer) return { status: answer.status, headers, text: JSON.stringify(answer.body) }
      if (keys.some((key) => this.poison.has(key))) return { status: 500, headers, text: '{}' }
      const posts = listed.filter(({ id }) => keys.includes(id) && !this.away.has(id)).map(shown)
      return { status: 200, headers, text: JSON.stringify({ posts }) }
    },
    close: async () => {},
  }

  async open(): Promise<Mirror> {
    this.#mirror = await openMirror({ transport: this.transport, clock: this.clock })
    return this.#mirror
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#mirror?.[Symbol.asyncDispose]()
  }
}

const schema = z.object({ id: z.string(), at: z.int(), views: z.int().nullable() })

async function readByKey({ http, keys }: RefreshRequest<unknown>): Promise<readonly unknown[] | KeysPage> {
  const { body } = await http.get('/by-id', { query: { ids: keys.join() } })
  return rows((body as { posts?: unknown }).posts, 'posts')
}

export const listed = newestFirst<unknown, Post>({
  async read({ http, page }) {
    const { body } = await http.get('/list', { query: { from: (page as number | undefined) ?? 0 } })
    const { posts, next } = body as { posts: unknown; next: number | null }
    return { records: rows(posts, 'posts'), next: next ?? undefined }
  },
  pageSize: PAGE_SIZE,
  order: ({ at }) => at,
  unitMs: 1_000,
})

/** A stream of posts, with a refresh by four unless it is told otherwise. */
export function postsWith(over: Partial<Refresh<unknown>> = {}, passes: readonly unknown[] = [listed]) {
  const again = refresh({ read: readByKey, batch: 4, ...over })
  return defineConnector(
    { name: 'feed', title: 'Feed', options: z.object({}), http: () => ({ baseUrl: 'https://feed.example' }) },
    {
      posts: stream({
        schema,
        key: ({ id }) => id,
        metrics: ['views'],
        passes: [again as never, ...(passes as never[])],
      }),
    },
  )
}

/** Keys with the views that are stored. */
export async function viewsOf(connection: Connection): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>()
  for await (const { _key, views } of connection.records('posts')) found.set(_key, Number(views))
  return found
}

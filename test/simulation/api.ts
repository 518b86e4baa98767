// Owns what the simulated source answers: its listing, its window of changes, its records by key, its tokens, each as
// the exact text that goes over the wire. What happens to an answer on its way is network.ts's business.

import type { TransportAnswer, TransportRequest } from '../../src/http/transport.ts'
import type { Random } from '../../src/testing/emulators/kit/random.ts'
import { PaidRuns } from './paid-runs.ts'
import { type Item, type Source, streamOf } from './source.ts'
import type { Style } from './style.ts'

/** A row as it was shown. `content` is its text without what changes in every answer. */
export interface Row {
  readonly key: string
  readonly text: string
  readonly content: string
}

/** What a good answer showed, for the oracle. */
export interface Shown {
  readonly kind: 'newest' | 'full' | 'window' | 'keys' | 'count' | 'token'
  readonly rows: readonly Row[]
  /** The first page of a listing. */
  readonly first: boolean
  /** The source said that this is the end. */
  readonly end: boolean
  /** It was empty because of an outage. */
  readonly outage: boolean
  /** The lower bound of a window, and whether the request carried a token. Of a paid run, the tick when it was started. */
  readonly since: number | undefined
  readonly token: boolean
  readonly asked: readonly string[]
}

export interface Served {
  readonly answer: TransportAnswer
  /** Undefined for an answer that is none. */
  readonly shown: Shown | undefined
}

const NOTHING: Omit<Shown, 'kind'> = {
  rows: [],
  first: false,
  end: false,
  outage: false,
  since: undefined,
  token: false,
  asked: [],
}

export class Api {
  readonly #source: Source
  readonly #random: Random
  /** The access token that is good now, and the refresh token that makes the next one. */
  #login = { access: 'access-0', refresh: 'refresh-0', spent: '' }
  #logins = 0
  readonly runs: PaidRuns

  constructor(source: Source, random: Random) {
    this.#source = source
    this.#random = random
    this.runs = new PaidRuns(source, random, {
      rows: (items, byKey) => this.#rows(items, byKey),
      reply: (body, shown) => ({ answer: this.reply(200, body), shown: { ...NOTHING, kind: 'count', ...shown } }),
    })
  }

  /** What a person who logs in again is given. */
  login(): { access: string; refresh: string } {
    const n = ++this.#logins
    this.#login = { access: `access-${n}`, refresh: `refresh-${n}`, spent: '' }
    return this.#login
  }

  /** The access token ends. */
  expire(): void {
    this.#login = { ...this.#login, access: `none-${this.#logins}` }
  }

  /** Every answer carries the source's date. */
  reply(status: number, body: unknown, headers: Record<string, string> = {}): TransportAnswer {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const date = new Date(this.#source.now()).toUTCString()
    return { status, headers: { 'content-type': 'application/json', date, ...headers }, text }
  }

  serve(request: TransportRequest): Served {
    this.#source.settle()
    const { pathname, searchParams } = request.url
    if (pathname === '/token') return this.#renew(new URLSearchParams(request.body ?? '').get('refresh') ?? '')
    if (request.headers['authorization'] !== `Bearer ${this.#login.access}`) {
      return { answer: this.reply(401, { error: 'token_expired' }), shown: undefined }
    }
    if (pathname.startsWith('/runs')) return this.runs.serve(request)
    switch (pathname) {
      case '/items':
        return this.#list(searchParams)
      case '/changes':
        return this.#changes(searchParams)
      case '/by-key':
        return this.#byKey((searchParams.get('ids') ?? '').split(','))
      case '/count': {
        const count = this.#source.outage ? 0 : this.#source.listing().length
        return { answer: this.reply(200, { count }), shown: { ...NOTHING, kind: 'count' } }
      }
      default:
        return { answer: this.reply(404, { error: 'no such path' }), shown: undefined }
    }
  }

  #renew(refresh: string): Served {
    const { scale } = this.#source
    const again = scale.grace && refresh === this.#login.spent
    if (refresh !== this.#login.refresh && !again) {
      return { answer: this.reply(400, { error: 'invalid_grant' }), shown: undefined }
    }
    if (!again) {
      const n = ++this.#logins
      this.#login = { access: `access-${n}`, refresh: `refresh-${n}`, spent: refresh }
    }
    const { access, refresh: next } = this.#login
    return { answer: this.reply(200, { access, refresh: next }), shown: { ...NOTHING, kind: 'token' } }
  }

  #list(query: URLSearchParams): Served {
    const source = this.#source
    const { style } = source
    if (style.resaves) source.rememberPairs()
    const kind = query.get('pass') === 'full' ? 'full' : 'newest'
    const size = Math.min(Number(query.get('size')), source.sizeMax)
    const all = source.shown()
    const given = query.get(style.paging === 'offset' ? 'page' : 'after')
    // A source that goes round in circles shows its first page to whoever asks for another one.
    const token = source.looping ? null : given
    const start = style.paging === 'offset' ? (Number(token ?? '1') - 1) * size : placeAfter(all, token, style)
    const part = source.outage ? [] : all.slice(start, start + size)
    const more = !source.outage && start + size < all.length
    const asked = Number(query.get('page') ?? '1')
    const next = !more ? undefined : style.paging === 'offset' ? asked + 1 : tokenOf(part.at(-1) as Item, style)
    const total = style.total === 'page' ? { total: source.outage ? 0 : all.length } : {}
    const rows = this.#rows(part)
    return {
      answer: this.reply(200, page(rows, { more, next, ...total })),
      shown: {
        ...NOTHING,
        kind,
        rows,
        first: start === 0 && (!source.looping || given === null || given === '1'),
        end: !more,
        outage: source.outage,
        token: token !== null,
      },
    }
  }

  #changes(query: URLSearchParams): Served {
    const source = this.#source
    const since = query.get('since')
    const size = Math.min(Number(query.get('size')), source.sizeMax)
    const all = source.window(since === null ? 0 : Number(since), Number(query.get('until')))
    // The token looks opaque and is a position in a list that moves.
    const token = query.get('token')
    const start = token === null ? 0 : Number.parseInt(token.slice(1), 36)
    const part = source.outage ? [] : all.slice(start, start + size)
    const more = !source.outage && start + size < all.length
    const next = more ? `t${(start + size).toString(36)}` : undefined
    const total = source.style.total === 'page' ? { total: source.outage ? 0 : all.length } : {}
    const rows = this.#rows(part)
    return {
      answer: this.reply(200, page(rows, { more, next, ...total })),
      shown: {
        ...NOTHING,
        kind: 'window',
        rows,
        first: start === 0,
        end: !more,
        outage: source.outage,
        since: since === null ? undefined : Number(since),
        token: token !== null,
      },
    }
  }

  #byKey(asked: readonly string[]): Served {
    const rows = this.#rows(this.#source.byKey(asked), true)
    return { answer: this.reply(200, page(rows, {})), shown: { ...NOTHING, kind: 'keys', rows, asked } }
  }

  /** Now and then a record stands twice in a page. */
  #rows(items: readonly Item[], byKey = false): readonly Row[] {
    const rows = items.map((item) => this.#row(item, byKey))
    if (rows.length > 0 && this.twice > 0 && this.#random.chance(this.twice)) {
      const at = this.#random.int(0, rows.length - 1)
      rows.splice(at, 0, rows[at] as Row)
    }
    return rows
  }
  twice = 0

  /** How often the listing shows a record in an older version. */
  lags = 0
  #lagged = 0

  /** Who asks by key is told the id. */
  #row(item: Item, byKey: boolean): Row {
    const { style, scale } = this.#source
    const isOld = this.lags > 0 && !byKey && !item.poison && item.rev > 1 && this.#random.chance(this.lags)
    const shown = isOld ? { ...item, rev: item.rev - 1, score: 1_000_000 + ++this.#lagged } : item
    const content = contentNow(shown, byKey ? { ...style, unread: false } : style)
    const address = scale.volatile ? `,"img":"https://cdn.example/${this.#random.hex(8)}"}` : '}'
    return { key: item.key, text: content.slice(0, -1) + address, content }
  }
}

/** The text of a record as it is now, without what changes in every answer. */
export function contentNow(item: Item, style: Style): string {
  const place = style.order === 'position' ? '' : `,"rank":${item.shownRank}`
  const of = style.shared ? `,"of":"${streamOf(item)}"` : ''
  const lost = style.unread && item.poison && item.tie % 3 > 0
  const id = lost ? `null,"was":${item.key}` : item.key
  const title = item.poison && !lost ? '7' : JSON.stringify(item.title)
  return (
    `{"id":${id},"title":${title},"rev":${item.rev},"created":${item.created},"updated":${item.updated}` +
    `${place}${of},"pinned":${item.pinned},"score":${item.score}}`
  )
}

/** The text of a record without what changes in every answer. */
export function contentOf(text: string): string {
  return text.replace(/,"img":"[^"]*"/, '')
}

export function page(rows: readonly Row[], rest: Record<string, unknown>): string {
  const tail = JSON.stringify(rest).slice(1, -1)
  return `{"items":[${rows.map((row) => row.text).join(',')}]${tail === '' ? '' : `,${tail}`}}`
}

/** Where a page ended: a place that stays whatever is inserted or removed, or the record that stood there. */
function tokenOf(item: Item, { paging }: Style): string {
  return paging === 'record' ? item.key : `${item.pinned ? 1 : 0}.${item.rank}.${item.tie}`
}

/** Where the next page starts. Behind a record that is gone there is nothing. */
function placeAfter(all: readonly Item[], token: string | null, { paging }: Style): number {
  if (token === null) return 0
  if (paging === 'record') {
    const place = all.findIndex(({ key }) => key === token)
    return place < 0 ? all.length : place + 1
  }
  const [pinned, rank, tie] = token.split('.').map(Number) as [number, number, number]
  const index = all.findIndex((item) => {
    const mine = item.pinned ? 1 : 0
    return mine !== pinned ? mine < pinned : item.rank !== rank ? item.rank < rank : item.tie > tie
  })
  return index < 0 ? all.length : index
}

// What the oracle reads from a content, since nobody else tells it.

export function revOf(content: string): number {
  return Number(/"rev":(\d+)/.exec(content)?.[1])
}

export function rankOf(content: string): number {
  return Number(/"rank":(-?\d+)/.exec(content)?.[1])
}

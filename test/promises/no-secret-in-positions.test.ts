// Page tokens may repeat the secrets that a request was sent with: a link to the next page, a token that the connector has
// made. What is stored of a position holds none of them, and reading goes on there all the same, with another login too.

import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Placeholders, placeholders, revealed } from '../../src/engine/passes/placeholders.ts'
import { byCursor, defineConnector, fullPass, newestFirst, openTidemark, secret, stream, z } from '../../src/index.ts'
import type { Json } from '../../src/model/json.ts'
import type { StreamState } from '../../src/store/store.ts'
import { PostgresDatabase } from '../support/postgres-database.ts'
import { withPostgres } from '../support/with-postgres.ts'

const TOKEN = 'k3y/of+ada&"Zq9XvLw7Rk3T'
const OTHER = 'another-key:100%Hf4Gj1Ks0'
const PAGES = 6

interface Asked {
  readonly key: string
  readonly page: number
}

/** Three rows a page, newest first; the answer says under which address the next page is. */
class LinkedPages {
  readonly asked: Asked[] = []
  readonly #server = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '', 'http://x')
    const page = Number(searchParams.get('page') ?? '1')
    this.asked.push({ key: searchParams.get('api_key') ?? '', page })
    const rows = [0, 1, 2].map((row) => 100 - 3 * page - row).map((at) => ({ id: `n${at}`, at }))
    searchParams.set('page', String(page + 1))
    const next = page < PAGES ? `/rows?${searchParams.toString()}` : undefined
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ rows, next }))
  })

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    return new Promise((resolve) => this.#server.close(() => resolve()))
  }
}

/** How a connector keeps the address of the next page. */
const TOKENS = {
  'as a link': [(link: string): Json => link, (token: Json) => token as string],
  'packed into Base64': [
    (link: string): Json => Buffer.from(JSON.stringify({ link })).toString('base64url'),
    (token: Json) => (JSON.parse(Buffer.from(token as string, 'base64url').toString()) as { link: string }).link,
  ],
  'in an object': [
    (link: string): Json => ({ [link]: [link], $secret: true }),
    (token: Json) => Object.keys(token as object)[0] as string,
  ],
} as const

const KINDS = ['newestFirst', 'fullPass', 'byCursor'] as const

function connectorOf(kind: (typeof KINDS)[number], [keep, read]: (typeof TOKENS)[keyof typeof TOKENS]) {
  type Ask = Parameters<Parameters<typeof fullPass>[0]['read']>[0]
  const readPage = async ({ http, page, options }: Ask) => {
    const { token } = options as { token: string }
    const path = page === undefined ? `/rows?${new URLSearchParams({ api_key: token }).toString()}` : read(page)
    const body = (await http.get(path)).body as { rows: { id: string; at: number }[]; next?: string }
    return { records: body.rows, next: body.next === undefined ? undefined : keep(body.next) }
  }
  const order = (row: { at: number }) => row.at
  const pass = {
    fullPass: fullPass({ pageSize: 3, paging: 'keyset', read: readPage }),
    newestFirst: newestFirst({ pageSize: 3, paging: 'keyset', read: readPage, order }),
    // One group of equal times, in which only the tokens tell the place.
    byCursor: byCursor({ pageSize: 3, read: readPage, order: () => 5, unitMs: 1_000, overlap: '1s' }),
  }[kind]
  return defineConnector(
    {
      name: 'linked',
      title: 'Links to its next page',
      options: z.object({ token: secret('API key') }),
      http: () => ({ baseUrl: 'http://127.0.0.1' }),
    },
    {
      rows: stream({
        schema: z.object({ id: z.string(), at: z.number() }),
        key: (row) => row.id,
        passes: [pass as never],
      }),
    },
  )
}

/** Every way in which a secret may stand in what was stored. */
const WAYS = (text: string) => [
  text,
  encodeURIComponent(text),
  new URLSearchParams([['', text]]).toString().slice(1),
  JSON.stringify(text).slice(1, -1),
  // What stands within Base64 begins at any of three places.
  ...[0, 1, 2].map((at) => Buffer.from(encodeURIComponent(text).slice(at)).toString('base64url').slice(0, 16)),
]

function positions(databaseOf: () => Promise<string>, dump: () => Promise<string>): void {
  for (const kind of KINDS)
    for (const how of Object.keys(TOKENS) as (keyof typeof TOKENS)[])
      it(`a ${kind} that breaks off goes on where it stood, its tokens kept ${how}`, async () => {
        await using source = new LinkedPages()
        const baseUrl = await source.listen()
        await using tidemark = await openTidemark({
          database: await databaseOf(),
          connectors: [connectorOf(kind, TOKENS[how])],
          key: new Uint8Array(32).fill(7),
        })
        const login = (token: string) =>
          tidemark.connect('linked', { id: 'me', options: { token, baseUrl, allowPrivateNetwork: true }, check: false })
        const connection = await login(TOKEN)
        expect((await connection.sync({ maxRequests: 2 })).status).toBe('incomplete')
        const stored = await dump()
        expect(stored).toContain('n95')
        for (const way of WAYS(TOKEN)) expect(stored).not.toContain(way)
        await login(OTHER)
        source.asked.length = 0
        expect(await connection.sync()).toMatchObject({ status: 'succeeded' })
        expect(source.asked[0]).toMatchObject({ key: OTHER })
        // Inside a group, a window reads its last page again.
        const first = kind === 'byCursor' ? 2 : 3
        expect(source.asked.slice(0, 4).map(({ page }) => page)).toEqual([0, 1, 2, 3].map((at) => first + at))
        expect(new Set(source.asked.map(({ key }) => key))).toEqual(new Set([OTHER]))
        expect(await tidemark.status().then(([me]) => me?.totalRecords)).toBe(3 * PAGES)
        const kept = await dump()
        for (const way of [...WAYS(TOKEN), ...WAYS(OTHER)]) expect(kept).not.toContain(way)
      })
}

describe('SQLite: no table holds the secret of a position', () => {
  let folder = ''
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tidemark-test-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  let file = ''
  let number = 0
  positions(
    async () => (file = join(folder, `${number++}.db`)),
    async () => {
      const database = new DatabaseSync(file, { readOnly: true })
      const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all()
      const rows = tables.flatMap(({ name }) => database.prepare(`SELECT * FROM "${String(name)}"`).all())
      database.close()
      return rows.flatMap((row) => Object.values(row)).join('\n')
    },
  )
})

withPostgres('PostgreSQL: no table holds the secret of a position', () => {
  let database: PostgresDatabase
  afterEach(() => database.drop())
  positions(
    async () => {
      database = await PostgresDatabase.open()
      return database.url()
    },
    async () => {
      const tables = await database.query(
        "SELECT tablename FROM pg_tables WHERE schemaname NOT LIKE 'pg\\_%' AND schemaname <> 'information_schema'",
      )
      const texts: string[] = []
      for (const { tablename } of tables) {
        const rows = await database.query(`SELECT * FROM "${String(tablename)}"`)
        texts.push(
          ...rows
            .flatMap((row) => Object.values(row))
            .map((value) => (typeof value === 'string' ? value : JSON.stringify(value))),
        )
      }
      return texts.join('\n')
    },
  )
})

describe('what is stored in place of a secret', () => {
  const login: { token?: string; other?: string } = {}
  const secrets = () => Object.entries(login)
  const fresh = (next: typeof login): Placeholders => {
    for (const name of ['token', 'other'] as const) delete login[name]
    Object.assign(login, next)
    return placeholders(secrets)
  }
  const uri = encodeURIComponent

  it.each([
    ['a text', (text: string) => `token ${text}, and again ${text}`],
    ['a query', (text: string) => `https://x.example/rows?a=1&key=${uri(text)}&page=2`],
    ['a form', (text: string) => `key=${new URLSearchParams([['', text]]).toString().slice(1)}&page=2`],
    ['an address in an address', (text: string) => `/go?to=${uri(`https://x.example/?key=${uri(text)}`)}`],
    ['JSON', (text: string) => JSON.stringify({ key: text, page: 2 })],
    ['Base64', (text: string) => Buffer.from(`ada:${text}`).toString('base64')],
    [
      'JSON in Base64 in an address',
      (text: string) => `/go?c=${uri(Buffer.from(JSON.stringify({ text })).toString('base64'))}`,
    ],
    ['hexadecimal', (text: string) => `c-${Buffer.from(text).toString('hex')}`],
    ['members', (text: string) => ({ a: [1, null, { [text]: text }], $secret: [text] })],
  ] as const)('comes back as it was from %s, and with another login as that one would stand there', (_how, write) => {
    const { conceal } = fresh({ token: TOKEN })
    const stored = conceal(write(TOKEN))
    const said = JSON.stringify(stored)
    for (const way of WAYS(TOKEN)) expect(said).not.toContain(way)
    expect(placeholders(secrets).reveal(stored)).toEqual(write(TOKEN))
    expect(fresh({ token: OTHER }).reveal(stored)).toEqual(write(OTHER))
    expect(fresh({ other: TOKEN }).reveal(stored)).toBeUndefined()
  })

  it('escapes in an address what the next login has in it, where this one has nothing to escape', () => {
    const stored = fresh({ token: 'plain-token-1' }).conceal('/rows?key=plain-token-1&page=2')
    expect(fresh({ token: 'a&b=c of ada' }).reveal(stored)).toBe('/rows?key=a%26b%3Dc%20of%20ada&page=2')
  })

  it('is nothing where there is no secret, or one too short to be told from words', () => {
    const value = { token: '/rows?key=abcd', tail: ['a'] }
    expect(fresh({}).conceal(value)).toBe(value)
    expect(fresh({ token: 'abcd' }).conceal(value)).toBe(value)
    expect(fresh({ token: 'abcd' }).reveal(value)).toBe(value)
  })

  it('begins anew where it stands in a way that cannot be written again', () => {
    const { conceal } = fresh({ token: TOKEN })
    const stored = conceal({ token: `x-${TOKEN.replace('&', '&amp;')}`, page: 2 })
    expect(JSON.stringify(stored)).not.toContain('Zq9XvLw7Rk3T')
    const walk = { walk: 1, openedAt: 0, closedAt: null, ended: null, pages: 2, records: 2, note: '', position: stored }
    const state: StreamState = {
      value: { v: 1, cursor: 7, top: stored },
      openWalks: [
        { ...walk, pass: 'fullPass' },
        { ...walk, pass: 'byCursor', position: { since: 5, until: 9, inside: stored } },
      ],
      nextWalk: 2,
      held: 0,
      kept: 0,
      fields: [],
    }
    expect(revealed(state, placeholders(secrets))).toMatchObject({
      value: { cursor: 7, top: null },
      openWalks: [{ position: null }, { position: { since: 5, until: 9, inside: null } }],
    })
  })
})

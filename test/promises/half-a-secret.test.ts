// What a source or a connector says is scrubbed before it is cut, and has a limit: no part of a secret is left at the place
// where somebody cut a text, whoever it was, and no error fills the database.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import type { Failure, RawAnswer } from '../../src/connector/connector.ts'
import { createRecorder } from '../../src/http/recording/record.ts'
import { ConnectorError, defineConnector, fullPass, openTidemark, secret, stream, z } from '../../src/index.ts'
import { openMirror } from '../support/mirror.ts'

const TOKEN = 'Zq9XvLw7Rk3Tn5Yb8Mc2Pd6Hf4Gj1Ks0'
const WRITTEN: Readonly<Record<string, string>> = {
  'as it is': TOKEN,
  'in hexadecimal': Buffer.from(TOKEN).toString('hex'),
  'in Base64': Buffer.from(`ada:${TOKEN}`).toString('base64'),
  'as an address': Array.from(TOKEN, (char) => `%${char.charCodeAt(0).toString(16)}`).join(''),
}
/** More than this of it is a part by which it is known. */
const PART = 8

interface Parts {
  readonly classify?: (answer: RawAnswer) => Failure | undefined
  readonly record?: (row: { readonly id: string }) => unknown
  readonly read?: (body: unknown) => never
}

function own({ classify, record, read }: Parts = {}) {
  return defineConnector(
    {
      name: 'own',
      title: 'Own',
      options: z.object({ token: secret('API token') }),
      http: ({ token }) => ({
        baseUrl: 'http://127.0.0.1',
        headers: { authorization: `Bearer ${token}` },
        ...(classify ? { classify } : {}),
      }),
    },
    {
      rows: stream({
        schema: z.object({ id: z.string() }),
        ...(record ? { record } : {}),
        key: (row) => row.id,
        passes: [
          fullPass({
            pageSize: 10,
            read: async ({ http }) => {
              const { body } = await http.get('/rows')
              return read ? read(body) : { records: body as { id: string }[] }
            },
          }),
        ],
      }),
    },
  )
}

async function source(status: number, body: unknown) {
  const server = createServer((_, answer) => {
    answer.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, [Symbol.dispose]: () => void server.close() }
}

/** Everything that a run, the status, the log and the database have to say of it. */
async function saidOf(connector: ReturnType<typeof own>, status: number, body: unknown): Promise<string> {
  const events: unknown[] = []
  using from = await source(status, body)
  await using mirror = await openMirror({ logger: { event: (...event: unknown[]) => void events.push(event) } })
  const options = { token: TOKEN, baseUrl: from.url, allowPrivateNetwork: true }
  const mine = await mirror.tidemark.connect(connector, { id: 'mine', options })
  const run = await mine.sync()
  const check = await mine.check()
  const rows = ['runs', 'quarantine', 'requests'].map((table) => mirror.sql(`select * from ${table}`))
  const plain = rows.flat().map(({ raw: _raw, ...row }) => row)
  return JSON.stringify([run, check, await mirror.tidemark.status(), events, plain])
}

function expectNoPart(said: string, written: string): void {
  for (let at = 0; at + 2 * PART <= written.length; at++) {
    expect(said).not.toContain(written.slice(at, at + 2 * PART))
  }
}

const EVERYWHERE = Object.entries(WRITTEN).flatMap(([how, written]) =>
  [100, 150, 180, 190].map((before) => [how, before, written] as const),
)

test.each(EVERYWHERE)(
  'not of a secret %s that an answer repeats behind %i characters',
  async (_how, before, written) => {
    const body = { message: `refused ${'x'.repeat(before)} ${written} and more` }
    const said = await saidOf(own(), 400, body)
    expect(said).toContain('refused xxx')
    expectNoPart(said, written)
  },
)

test.each(EVERYWHERE)('nor one %s that a classifier cuts behind %i characters', async (_how, before, written) => {
  const classify = ({ status, body }: RawAnswer): Failure | undefined =>
    status === 200
      ? { verdict: 'stop', code: 'odd', message: `odd: ${(body as { text: string }).text.slice(0, 200)} (${status})` }
      : undefined
  const said = await saidOf(own({ classify }), 200, { text: `${'x'.repeat(before)} ${written} and more` })
  expect(said).toContain('odd: xxx')
  expectNoPart(said, written)
})

test.each(EVERYWHERE)('nor one %s that a connector cuts behind %i characters', async (_how, before, written) => {
  const read = (body: unknown): never => {
    throw new ConnectorError('odd', `strange body: ${JSON.stringify(body).slice(0, 200)}, see the log`)
  }
  const said = await saidOf(own({ read }), 200, [{ id: `${'x'.repeat(before)} ${written} and more` }])
  expect(said).toContain('strange body: ')
  expectNoPart(said, written)
})

test('nor what JavaScript itself quotes of a text that is no JSON', async () => {
  const read = (): never => JSON.parse(`{"a": ${TOKEN}, "b": 1}`) as never
  const said = await saidOf(own({ read }), 200, [])
  expect(said).toContain('SyntaxError')
  expectNoPart(said, TOKEN)
  for (let at = 0; at + PART <= TOKEN.length; at++) expect(said).not.toContain(TOKEN.slice(at, at + PART))
})

test('nor when what is in quarantine is read again', async () => {
  const record = (row: { readonly id: string }) => {
    throw new ConnectorError('odd', `can't read the row for ${TOKEN}`, { hint: row.id })
  }
  using from = await source(200, [{ id: 'a' }])
  await using mirror = await openMirror()
  const options = { token: TOKEN, baseUrl: from.url, allowPrivateNetwork: true }
  const mine = await mirror.tidemark.connect(own({ record }), { id: 'mine', options })
  await mine.sync()
  const { remaining } = await mirror.tidemark.retryQuarantine()
  expect(remaining).toMatchObject([{ message: "can't read the row for …" }])
  const key = new Uint8Array(32).fill(9)
  await using stranger = await openTidemark({ database: mirror.file, connectors: [own({ record })], key })
  const [left] = (await stranger.retryQuarantine()).remaining
  expect(left?.message).toMatch(/^The reason is not shown: .* \(key_wrong\)\.$/)
})

test('nor in a recording', async () => {
  const answer = { status: 200, headers: {}, text: JSON.stringify({ log: [TOKEN.slice(0, 24), TOKEN.slice(9)] }) }
  const recorder = createRecorder({ send: () => Promise.resolve(answer), close: () => Promise.resolve() }, () => 0)
  recorder.about({ connector: 'own', baseUrl: 'https://x.example', options: { token: TOKEN }, secrets: ['token'] })
  const url = new URL('https://x.example/rows')
  const never = new AbortController().signal
  const limits = { timeoutMs: 1, bytesMax: 1, allowPrivateNetwork: false, signal: never }
  await recorder.transport.send({ method: 'GET', url, headers: {}, body: undefined, ...limits })
  const said = JSON.stringify(recorder.finish())
  expect(said).toContain('redacted-token')
  expect(said).not.toMatch(/Zq9XvLw7|Rk3Tn5Yb|8Mc2Pd6H/)
})

test('an error of a megabyte is shown in some thousand characters, wherever it goes', async () => {
  const long = 'long '.repeat(1 << 18)
  const read = (): never => {
    throw new ConnectorError('odd', `odd: ${long}`, { hint: long })
  }
  const record = (row: { readonly id: string }) => {
    throw new Error(`${row.id} ${long}`)
  }
  for (const parts of [{ read }, { record }]) {
    const said = await saidOf(own(parts), 200, [{ id: 'a' }])
    expect(said).toMatch(/long long/)
    expect(said.length).toBeLessThan(100_000)
    expect(said).not.toContain('long '.repeat(2_100))
  }
})

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ConnectorError, defineConnector, fullPass, secret, stream, z } from '../../src/index.ts'
import { githubEmulator } from '../../src/testing/emulators/index.ts'
import { openMirror } from '../support/mirror.ts'

test('a secret that the source repeats in its errors stands in no log, no report and no file', async () => {
  await using github = await githubEmulator({ stars: 3 })
  const events: unknown[] = []
  const logger = { event: (...event: unknown[]) => void events.push(event) }
  await using mirror = await openMirror({ logger })
  const me = await mirror.github(github)
  const body = JSON.stringify({ message: 'worker 7 crashed on "Bearer token-of-ada"' })
  github.faults.next({ kind: 'status', status: 500, body }, 1)
  const retried = await me.sync()
  expect(retried.status).toBe('succeeded')
  github.faults.next({ kind: 'status', status: 422, body }, 1)
  const failed = await me.sync()
  expect(failed).toMatchObject({ status: 'failed', error: { message: expect.stringContaining('worker 7') } })
  const said = JSON.stringify([events, retried, failed])
  expect(said).toContain('request.retried')
  expect(said).not.toContain('token-of-ada')
  for (const ending of ['', '-wal']) expect(readFileSync(mirror.file + ending).includes('token-of-ada')).toBe(false)
})

const TOKEN = 'tok_/+s3cret&"ada'
const ECHOES: readonly (readonly [string, (text: string) => string])[] = [
  ['as it is', (text) => text],
  ['as an address, twice', (text) => encodeURIComponent(encodeURIComponent(text))],
  ['as HTML', (text) => text.replaceAll('&', '&amp;').replaceAll('"', '&#34;').replaceAll('/', '&#x2F;')],
  [
    'as units of JSON',
    (text) => Array.from(text, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''),
  ],
  ['in Base64 in an address', (text) => encodeURIComponent(Buffer.from(`ada:${text}`).toString('base64'))],
  ['in hexadecimal in JSON', (text) => JSON.stringify(Buffer.from(text).toString('hex'))],
]

test.each(ECHOES)('nor when the connector repeats it %s, in an error, a row or a log', async (_how, write) => {
  const echo = write(TOKEN)
  const leaky = defineConnector(
    {
      name: 'leaky',
      title: 'Repeats what it knows',
      options: z.object({ token: secret('API token') }),
      http: () => ({ baseUrl: 'http://127.0.0.1' }),
    },
    {
      rows: stream({
        schema: z.object({ id: z.string() }),
        record: (row: { id?: string }) => {
          if (row.id === undefined) throw new Error(`no id in the row for ${echo}`)
          return row
        },
        key: (row) => row.id,
        passes: [fullPass({ pageSize: 10, read: () => Promise.resolve({ records: [{ id: 'a' }, {}] }) })],
      }),
      broken: stream({
        schema: z.object({ id: z.string() }),
        key: (row) => row.id,
        passes: [
          fullPass({
            pageSize: 10,
            read: () => Promise.reject(new ConnectorError('odd', `refused ${echo}`, { hint: `Not ${echo}` })),
          }),
        ],
      }),
    },
  )
  const events: unknown[] = []
  const logger = { event: (...event: unknown[]) => void events.push(event) }
  await using mirror = await openMirror({ logger })
  const connection = await mirror.tidemark.connect(leaky, { id: 'mine', options: { token: TOKEN } })
  const run = await connection.sync()
  expect(run).toMatchObject({ status: 'failed', error: { message: expect.stringMatching(/^refused .*…/) } })
  const said = JSON.stringify([events, run, mirror.sql('select * from quarantine'), mirror.sql('select * from runs')])
  expect(said).toMatch(/no id in the row for [^ ]*…/)
  for (const text of [said, readFileSync(mirror.file, 'latin1'), readFileSync(`${mirror.file}-wal`, 'latin1')]) {
    expect(text).not.toContain(echo)
    expect(text).not.toContain(JSON.stringify(echo).slice(1, -1))
  }
})

test('nor when a limit is named by it, or an account', async () => {
  const named = defineConnector(
    {
      name: 'named',
      title: 'Names things by what it knows',
      options: z.object({ token: secret('API token') }),
      http: ({ token }) => ({
        baseUrl: 'https://x.example',
        limits: [{ key: `named:${encodeURIComponent(token)}`, requests: 1, per: '1h' }],
      }),
      check: async ({ options: { token } }) => ({ account: `user ada (${token})` }),
    },
    {
      rows: stream({
        schema: z.object({ id: z.string() }),
        key: (row) => row.id,
        passes: [
          fullPass({
            pageSize: 1,
            read: async ({ http }) => ({ records: [(await http.get('/')).body as { id: string }] }),
          }),
        ],
      }),
    },
  )
  const events: unknown[] = []
  const logger = { event: (...event: unknown[]) => void events.push(event) }
  const headers = { 'content-type': 'application/json' }
  const transport = { send: async () => ({ status: 200, headers, text: '{"id":"a"}' }), close: async () => {} }
  await using mirror = await openMirror({ logger, transport })
  const connection = await mirror.tidemark.connect(named, { id: 'mine', options: { token: TOKEN } })
  const runs = [await connection.sync(), await connection.sync()]
  expect(runs[1]).toMatchObject({ error: { code: 'rate_limited', message: expect.stringContaining('"named:') } })
  const checked = await connection.check()
  expect(checked).toMatchObject({ outcome: 'ok', account: 'user ada (…)' })
  const plan = await connection.plan()
  expect(plan.stop?.message).toContain('"named:')
  const said = JSON.stringify([events, runs, checked, plan])
  for (const text of [said, readFileSync(mirror.file, 'latin1'), readFileSync(`${mirror.file}-wal`, 'latin1')]) {
    for (const echo of [TOKEN, encodeURIComponent(TOKEN)]) expect(text).not.toContain(echo)
  }
  // As a release before left it.
  const { store } = mirror.tidemark
  const now = await store.now()
  await store.limits.block({ key: `named:${encodeURIComponent(TOKEN)}`, until: now - 1, now: now - 2 })
  await connection.sync()
  expect(mirror.sql('select key from tm_buckets')).toEqual([{ key: expect.stringMatching(/^named:[^%]+$/) }])
})

test('nor in what is told of a walk that broke off, when a key repeats it', async () => {
  const keyed = defineConnector(
    {
      name: 'keyed',
      title: 'Has it in its keys',
      options: z.object({ token: secret('API token') }),
      http: () => ({ baseUrl: 'https://x.example' }),
    },
    {
      rows: stream({
        schema: z.object({ id: z.string() }),
        key: (row) => row.id,
        passes: [
          fullPass({
            pageSize: 1,
            paging: 'keyset',
            read: async ({ http, page = 0 }) => {
              await http.get('/')
              return { records: [{ id: `${TOKEN} ${page as number}` }], next: (page as number) + 1 }
            },
          }),
        ],
      }),
    },
  )
  const headers = { 'content-type': 'application/json' }
  const transport = { send: async () => ({ status: 200, headers, text: '{}' }), close: async () => {} }
  await using mirror = await openMirror({ transport })
  const connection = await mirror.tidemark.connect(keyed, { id: 'mine', options: { token: TOKEN } })
  const run = await connection.sync({ maxRequests: 2 })
  expect(run.status).toBe('incomplete')
  const [status] = await mirror.tidemark.status()
  const told = { notes: run.notes, status, audit: await mirror.tidemark.audit() }
  const stored = ['tm_walks', 'tm_streams', 'tm_runs', 'tm_states'].map((table) => mirror.sql(`select * from ${table}`))
  expect(JSON.stringify(stored)).toContain('read down to key … 1')
  for (const text of [JSON.stringify(told), JSON.stringify(stored)]) {
    expect(text).not.toContain(JSON.stringify(TOKEN).slice(1, -1))
  }
})

// Owns the proof of sessions: a token is exchanged for a cookie that acts for it, no page of another site can use it, and it
// ends when it is told to, by itself, and with its token.

import { expect, test } from 'vitest'
import { SESSION_MS } from '../../src/server/api/sessions.ts'
import { apiWorld } from './api-world.ts'

type World = Awaited<ReturnType<typeof apiWorld>>

const OWN = { 'sec-fetch-site': 'same-origin' }

async function begun({ call }: World, token: string): Promise<string> {
  const { status, headers } = await call('/api/session', token, { method: 'POST' })
  expect(status).toBe(201)
  return (headers.get('set-cookie') ?? '').split(';')[0] ?? ''
}

test('a session may do what its token may, in its project', async () => {
  const world = await apiWorld()
  const { call, connected, tokens, mirror } = world
  await connected()
  const answer = await call('/api/session', tokens.sync, { method: 'POST' })
  expect(answer.json).toEqual({
    token: expect.any(String),
    project: 'default',
    scopes: ['sync'],
    expiresAt: expect.any(String),
  })
  const set = answer.headers.get('set-cookie') ?? ''
  expect(set).toMatch(/^tidemark_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+$/)
  expect(Number(/Max-Age=(\d+)/.exec(set)?.[1])).toBeLessThanOrEqual(SESSION_MS / 1_000)
  const cookie = set.split(';')[0] ?? ''
  const sent = { method: 'POST', body: {}, headers: { cookie, ...OWN } }
  expect((await call('/api/connections/me/runs', undefined, sent)).status).toBe(202)
  expect((await call('/api/status', undefined, { headers: { cookie } })).json.code).toBe('scope_refused')
  const lab = await begun(world, tokens.lab)
  expect((await call('/api/session', undefined, { headers: { cookie: lab } })).json.project).toBe('lab')
  expect((await call('/api/connections/me', undefined, { headers: { cookie: lab } })).status).toBe(404)
  // What is stored opens nothing.
  const rows = mirror.sql('SELECT * FROM tm_sessions')
  expect(rows).toHaveLength(2)
  expect(JSON.stringify(rows)).not.toContain(cookie.split('=')[1])
})

test('a cookie of another server of this machine, under the same name, shuts nobody out', async () => {
  const world = await apiWorld()
  const { call, tokens } = world
  const cookie = await begun(world, tokens.admin)
  const others = ['tidemark_session=other', `tidemark_session=${'a'.repeat(43)}`]
  for (const sent of [
    [...others, cookie],
    [cookie, ...others],
  ]) {
    const headers = { cookie: sent.join('; ') }
    expect((await call('/api/session', undefined, { headers })).status).toBe(200)
  }
  const headers = { cookie: [...others, cookie].join('; '), ...OWN }
  expect((await call('/api/session', undefined, { method: 'DELETE', headers })).status).toBe(204)
  expect((await call('/api/session', undefined, { headers: { cookie } })).status).toBe(401)
})

test('no page of another site uses it, and none that does not say where it comes from changes anything', async () => {
  const world = await apiWorld()
  const { call, tokens, server } = world
  const cookie = await begun(world, tokens.admin)
  const post = (headers: object) =>
    call('/api/projects', undefined, { method: 'POST', body: { id: 'new' }, headers: { cookie, ...headers } })
  const foreign = [
    {},
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'none' },
    { origin: 'https://example.org' },
    { origin: 'null' },
    { origin: 'https://example.org', 'x-requested-with': 'page' },
    { origin: server.url.replace(/\d+$/, '1') },
    { origin: server.url, 'sec-fetch-site': 'same-site' },
  ]
  for (const headers of foreign) {
    const { status, json } = await post(headers)
    expect([headers, status, json.code]).toEqual([headers, 403, 'origin_refused'])
  }
  for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }, { origin: 'null' }]) {
    expect((await call('/api/status', undefined, { headers: { cookie, ...headers } })).status).toBe(403)
  }
  expect((await call('/api/status', undefined, { headers: { cookie, 'sec-fetch-site': 'none' } })).status).toBe(200)
  expect((await call('/api/projects', tokens.read)).json.projects).toHaveLength(1)
  expect((await post(OWN)).status).toBe(201)
  expect((await post({ origin: server.url })).status).toBe(201)
  expect((await post({ 'x-requested-with': 'program' })).status).toBe(201)
  // No page logs a person in, and a token in a header needs no such proof.
  const login = { method: 'POST', headers: { origin: 'https://example.org' } }
  expect((await call('/api/session', tokens.admin, login)).status).toBe(403)
  const body = { id: 'other' }
  expect((await call('/api/projects', tokens.admin, { method: 'POST', body })).status).toBe(201)
})

test('it ends when it is told to, by itself, and with its token', async () => {
  const world = await apiWorld()
  const { call, tokens, tidemark } = world
  const status = async (cookie: string) => (await call('/api/session', undefined, { headers: { cookie } })).status
  const one = await begun(world, tokens.read)
  const two = await begun(world, tokens.read)
  expect((await call('/api/session', undefined, { method: 'DELETE', headers: { cookie: one } })).status).toBe(403)
  const out = await call('/api/session', undefined, { method: 'DELETE', headers: { cookie: one, ...OWN } })
  expect([out.status, out.headers.get('set-cookie')]).toEqual([204, expect.stringContaining('Max-Age=0')])
  expect([await status(one), await status(two)]).toEqual([401, 200])
  const [{ id } = { id: '' }] = (await tidemark.tokens()).filter(({ scopes }) => scopes.includes('read'))
  await tidemark.revokeToken(id)
  expect(await status(two)).toBe(401)
  const short = await tidemark.createToken({ scopes: ['read'], expires: '1h' })
  const { json } = await call('/api/session', short.token, { method: 'POST' })
  expect(json.expiresAt).toBe(short.expiresAt)
  const write = (await tidemark.tokens()).find(({ scopes }) => scopes.includes('write'))!
  const hash = 'a'.repeat(64)
  await tidemark.store.sessions.begin({ hash, token: write.id, createdAt: 0, expiresAt: 1 })
  expect((await tidemark.store.sessions.find(hash))?.expiresAt).toBe(1)
  for (const cookie of ['tidemark_session=', `tidemark_session=${'x'.repeat(43)}`, 'tidemark_session=%', 'other=1']) {
    expect(await status(cookie)).toBe(401)
  }
})

test('behind encryption the cookie is bound to this host; an agent needs a token', async () => {
  const world = await apiWorld()
  const { call, tokens } = world
  const sent = { method: 'POST', headers: { 'x-forwarded-proto': 'https' } }
  const set = (await call('/api/session', tokens.read, sent)).headers.get('set-cookie') ?? ''
  expect(set).toMatch(/^__Host-tidemark_session=[\w-]{43}; Path=\/; .*; Secure$/)
  const cookie = set.split(';')[0] ?? ''
  expect((await call('/api/session', undefined, { headers: { cookie } })).status).toBe(200)
  const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' }
  expect((await call('/mcp', undefined, { method: 'POST', body: list, headers: { cookie, ...OWN } })).status).toBe(401)
  // Who has no token gets no session, from a session neither.
  expect((await call('/api/session', undefined, { method: 'POST', headers: { cookie, ...OWN } })).status).toBe(401)
})

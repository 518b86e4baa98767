// Owns the promises that hold for every route of the API alike: nobody comes in without a token and its scope, nobody sees
// another project, every answer is one that the OpenAPI document describes, and nothing that is sent breaks the server.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { operationNamed } from '../../src/operations/all.ts'
import { FAILURES_MAX } from '../../src/server/api/callers.ts'
import { fieldsOf, paramsOf } from '../../src/server/api/input.ts'
import { operationId } from '../../src/server/api/openapi.ts'
import { ROUTES, type Route } from '../../src/server/api/routes.ts'
import { createApp } from '../../src/server/app.ts'
import { apiWorld } from './api-world.ts'

/** What stands for the parts of a path. */
const PARTS: Readonly<Record<string, string>> = {
  id: 'me',
  stream: 'stars',
  key: '1',
  name: 'github',
  n: '1',
  a: '1',
  b: '2',
}

function pathOf({ path }: Route, parts: Readonly<Record<string, string>> = {}): string {
  return paramsOf(path).reduce(
    (text, name) => text.replace(`{${name}}`, encodeURIComponent(parts[name] ?? PARTS[name] ?? 'x')),
    path,
  )
}

const ALL = ROUTES.map((route) => [`${route.method} ${route.path}`, route] as const)

test('every route has a name of its own, and says what it does', async () => {
  const ids = ROUTES.map(operationId)
  expect(new Set(ids).size).toBe(ids.length)
  const { call, tokens } = await apiWorld()
  const { json } = await call('/api/openapi.json', tokens.read)
  expect(json.openapi).toBe('3.1.0')
  for (const { method, path } of ROUTES) {
    const described = json.paths[path][method.toLowerCase()]
    expect(described.summary).toMatch(/^[A-Z].*\.$/)
    expect(described.parameters.filter((one: { in: string }) => one.in === 'path')).toHaveLength(paramsOf(path).length)
  }
})

test('every reference of the OpenAPI document resolves from its root', async () => {
  const { call, tokens } = await apiWorld()
  const { json } = await call('/api/openapi.json', tokens.read)
  const refs = [...JSON.stringify(json).matchAll(/"\$ref":"([^"]*)"/g)].map(([, ref]) => ref ?? '')
  expect(refs).not.toEqual([])
  const at = (ref: string) =>
    ref
      .split('/')
      .slice(1)
      .reduce<Record<string, never> | undefined>((part, name) => part?.[name], json)
  expect(refs.filter((ref) => at(ref) === undefined)).toEqual([])
})

test('nobody comes in without a token, with a wrong one, or with one that may not do it', async () => {
  const { call, connected, tokens, failures } = await apiWorld()
  await connected()
  for (const [name, route] of ALL) {
    const { method } = route
    const path = pathOf(route)
    const { scope } = await operationNamed(route.operation)
    const none = await call(path, undefined, { method })
    expect([name, none.status, none.json.code]).toEqual([name, 401, 'token_missing'])
    for (const other of (['read', 'sync', 'write'] as const).filter((one) => one !== scope)) {
      const refused = await call(path, tokens[other], { method, ...(method === 'GET' ? {} : { body: {} }) })
      expect([name, other, refused.status, refused.json.code]).toEqual([name, other, 403, 'scope_refused'])
    }
  }
  for (const path of ['/api/openapi.json', '/metrics', '/api/nothing', '/api']) {
    expect([path, (await call(path, undefined)).status]).toEqual([path, 401])
  }
  expect(failures).toEqual([])
})

/** What the queries of some routes cannot do without, by the end of their paths. */
const NEEDED: Readonly<Record<string, string>> = {
  metrics: '?metric=stargazers_count',
  movers: '?metric=stargazers_count',
  image: '?stream=stars&key=1',
}

test('a caller of another project finds nothing of this one', async () => {
  const { call, connected, synced, tokens } = await apiWorld()
  await connected()
  const run = await synced()
  for (const [name, route] of ALL) {
    const { method } = route
    if (!paramsOf(route.path).some((part) => part === 'id')) continue
    const isRun = route.path.startsWith('/api/runs') || route.path.startsWith('/api/removals')
    const [, last = ''] = /\/(\w+)$/.exec(route.path) ?? []
    const path = pathOf(route, { id: isRun ? run.id : 'me' }) + (NEEDED[last] ?? '')
    const body = route.path.endsWith('/schedule') ? { spec: 'off' } : {}
    const found = await call(path, tokens.lab, { method, ...(method === 'GET' || method === 'DELETE' ? {} : { body }) })
    const { scope } = await operationNamed(route.operation)
    expect([name, found.status]).toEqual([name, scope === 'admin' ? 403 : 404])
  }
  for (const path of [
    '/api/connections',
    '/api/status',
    '/api/runs',
    '/api/removals',
    '/api/quarantine',
    '/api/gaps',
  ]) {
    const { json } = await call(path, tokens.lab)
    expect([
      path,
      ...Object.values(json)
        .flat()
        .filter((one) => one !== null),
    ]).toEqual([path])
  }
  expect((await call('/api/projects', tokens.lab)).json.projects.map(({ id }: { id: string }) => id)).toEqual(['lab'])
  expect((await call('/api/changes', tokens.lab)).text).toBe('')
  const { json } = await call('/api/sql', tokens.lab, {
    method: 'POST',
    body: { sql: 'select count(*) as n from runs' },
  })
  expect(json.rows).toEqual([{ n: 0 }])
})

test('whoever guesses tokens is shut out for a while', async () => {
  const { call, tokens } = await apiWorld()
  for (let i = 0; i < FAILURES_MAX; i++) expect((await call('/api/status', `tidemark_${i}`)).status).toBe(401)
  expect(await call('/api/status', 'tidemark_more')).toMatchObject({ status: 429, json: { code: 'calls_refused' } })
  // Behind a proxy, others come from the same address.
  expect((await call('/api/status', tokens.read)).status).toBe(200)
})

test('a token that was revoked, or ran out, may do nothing', async () => {
  const { call, tokens, tidemark } = await apiWorld()
  const made = await call('/api/tokens', tokens.admin, { method: 'POST', body: { scopes: ['read'], expires: '1h' } })
  expect(made).toMatchObject({ status: 201, json: { scopes: ['read'], token: expect.stringMatching(/^tidemark_/) } })
  expect((await call('/api/status', made.json.token)).status).toBe(200)
  expect((await call('/api/tokens', tokens.admin)).text).not.toContain(made.json.token)
  await call(`/api/tokens/${made.json.id}`, tokens.admin, { method: 'DELETE' })
  expect((await call('/api/status', made.json.token)).json.code).toBe('token_refused')
  const short = await tidemark.createToken({ scopes: ['read'], expires: '1ms' })
  await new Promise((resolve) => setTimeout(resolve, 10))
  expect((await call('/api/status', short.token)).json.code).toBe('token_refused')
})

const problem = z.object({ status: z.int(), code: z.string(), detail: z.string(), hint: z.string().nullable() })
/** Not to be turned by chance: they wait, or end the world of the others. */
const STEADY = new Set(['/api/events', '/api/runs/{id}/events', '/api/changes'])

test('nothing that is sent breaks the server, and every answer is as it is described', async () => {
  const { call, connected, synced, tokens, failures } = await apiWorld()
  await connected()
  await synced()
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.constantFrom(
      'me',
      'stars',
      'github',
      '1',
      '-1',
      '0',
      'true',
      'off',
      'every 15m',
      'a=b',
      '2026-11-01',
      '../..',
      '%',
    ),
  )
  const value = fc.oneof(
    text,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(text, { maxLength: 3 }),
    fc.dictionary(text, text, { maxKeys: 3 }),
  )
  const routes = ROUTES.filter(({ path }) => !STEADY.has(path))
  const described = new Map(
    await Promise.all(routes.map(async (route) => [route, await operationNamed(route.operation)] as const)),
  )
  const sent = fc.constantFrom(...routes).chain((route) => {
    const operation = described.get(route)
    const names = operation ? fieldsOf(route, operation).map(({ as }) => as) : []
    const name = fc.oneof({ weight: 4, arbitrary: fc.constantFrom('cursor', 'limit', ...names) }, text)
    return fc.record({
      route: fc.constant(route),
      parts: fc.dictionary(fc.constantFrom('id', 'stream', 'key', 'name', 'n', 'a', 'b'), text, { maxKeys: 2 }),
      given: fc.array(fc.tuple(name, value), { maxLength: 3 }),
    })
  })
  await fc.assert(
    fc.asyncProperty(sent, async ({ route, parts, given }) => {
      const { method } = route
      // What a part of a path can't be is no route.
      const clean = Object.fromEntries(Object.entries(parts).filter(([, part]) => part !== '' && !/^\.+$/.test(part)))
      const isQuery = method === 'GET' || method === 'DELETE'
      const query = new URLSearchParams(
        given.map(([name, one]): [string, string] => [name, typeof one === 'string' ? one : JSON.stringify(one)]),
      )
      const body = Object.fromEntries(given.filter(([name]) => name !== '__proto__'))
      const path = pathOf(route, clean) + (isQuery ? `?${query.toString()}` : '')
      const answer = await call(path, tokens.admin, { method, ...(isQuery ? {} : { body }) })
      expect([path, answer.status < 500, failures]).toEqual([path, true, []])
      if (answer.status >= 400) {
        problem.parse(answer.json)
        return
      }
      const { output, list } = described.get(route) as { output: z.ZodType; list?: string }
      if (route.special || route.result || answer.status === 304) return
      const items = list === undefined ? [answer.json] : answer.json[list]
      for (const item of items) expect(output.safeParse(item).error).toBeUndefined()
    }),
    { numRuns: 300 },
  )
}, 300_000)

test('the page to read has every route, and asks for nothing from elsewhere', async () => {
  const { call, tokens } = await apiWorld()
  const page = await call('/api/docs', tokens.read)
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
  for (const { method, path } of ROUTES) expect(page.text).toContain(`${method} ${path}`)
  expect(page.text).not.toMatch(/https?:|<script|style=/)
  expect(page.headers.get('content-security-policy')).toContain("style-src 'self'")
  // On this machine, too: it is a route like the others.
  const { tidemark } = await apiWorld()
  const local = createApp({ api: { tidemark: () => tidemark } })
  expect((await local.request('http://localhost/api/docs')).status).toBe(401)
})

// Owns the walk of the OpenAPI document as another program would take it: every call that it describes is taken, every answer has
// a status and a body that it declares, and nothing goes wrong inside.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { type Answered, apiWorld } from './api-world.ts'

type Json = Answered['json']
type JsonSchema = Parameters<typeof z.fromJSONSchema>[0]

interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query'
  readonly required?: boolean
  readonly schema: Schema
}

interface Schema {
  readonly type?: string | readonly string[]
  readonly enum?: readonly string[]
  readonly minimum?: number
  readonly maximum?: number
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
}

interface Described {
  readonly path: string
  readonly method: string
  readonly parameters: readonly Parameter[]
  readonly body: Schema | undefined
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { schema: JsonSchema }>> }>>
}

/** As it is written in an address. */
const textOf = (value: unknown) => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))

/** They wait, or take a file. */
const APART = new Set(['/api/events', '/api/runs/{id}/events', '/api/changes'])

async function world() {
  const made = await apiWorld({ stars: 12 })
  await made.connected()
  const run = await made.synced()
  const { json: document } = await made.call('/api/openapi.json', made.tokens.read)
  const calls = Object.entries<Record<string, Json>>(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(
      ([method, { parameters, requestBody, responses }]): Described => ({
        ...{ path, method: method.toUpperCase(), parameters, responses },
        body: requestBody?.content?.['application/json']?.schema,
      }),
    ),
  )
  const problem = z.fromJSONSchema(document.components.schemas.Problem)
  /** What is wrong with an answer by what the document says of it; undefined: nothing. */
  const wrong = ({ responses }: Described, { status, headers, json }: Answered) => {
    // On a busy machine a statement takes longer than the second that it may have been given.
    if (status >= 500 && json?.code !== 'sql_timeout') return 'it failed inside'
    if (status >= 400) return problem.safeParse(json).error
    const declared = responses[status]
    if (declared === undefined) return `only ${Object.keys(responses).join(', ')} are declared`
    if (declared.content === undefined) return undefined
    const type = (headers.get('content-type') ?? '').split(';')[0] ?? ''
    const content = declared.content[type]
    if (content === undefined) return `${type} is not declared`
    return type === 'application/json' ? z.fromJSONSchema(content.schema).safeParse(json).error : undefined
  }
  const check = (described: Described, answer: Answered) => {
    const said = `${described.method} ${described.path}: ${answer.status} ${answer.text.slice(0, 300)}`
    expect(wrong(described, answer), said).toBeUndefined()
  }
  return { ...made, run, document, calls, check }
}

test('no call has a parameter twice, and every limit that it allows is taken', async () => {
  const { calls, call, check, tokens, run, github } = await world()
  const star = String(github.world.starIds('ada')[0])
  for (const described of calls) {
    const { path, method, parameters } = described
    const names = parameters.map((one) => `${one.in} ${one.name}`)
    expect([method, path, names]).toEqual([method, path, [...new Set(names)]])
    if (method !== 'GET' || APART.has(path)) continue
    for (const { name, schema } of parameters) {
      if (name !== 'limit') continue
      for (const limit of [schema.minimum ?? 1, schema.maximum]) {
        const parts: Readonly<Record<string, string>> = { id: 'me', stream: 'stars', key: star, name: 'github' }
        const needed = parameters
          .filter((one) => one.in === 'query' && one.required)
          .map((one) => `&${one.name}=${one.name === 'metric' ? 'stargazers_count' : 'a'}`)
        const where = path.replace(/\{(\w+)\}/g, (_, part: string) =>
          path.includes('/runs/') ? run.id : (parts[part] ?? '1'),
        )
        const answer = await call(`${where}?limit=${limit}${needed.join('')}`, tokens.admin)
        expect([path, limit, answer.status, answer.text.slice(0, 200)]).toEqual([
          path,
          limit,
          200,
          answer.text.slice(0, 200),
        ])
        check(described, answer)
      }
    }
  }
})

test('a run that is under way, and one that waits, are answered as it is declared', async () => {
  const { calls, call, check, tokens, github } = await world()
  const start = calls.find(({ method, path }) => method === 'POST' && path === '/api/connections/{id}/runs')
  const batch = calls.find(({ method, path }) => method === 'POST' && path === '/api/runs')
  const post = (path: string, body: object) => call(path, tokens.sync, { method: 'POST', body })
  github.faults.when({}, { kind: 'delay', ms: 3_000 })
  const runs = [{}, {}, { mode: 'full', maxRequests: 9 }]
  const answers: Answered[] = []
  for (const body of runs) answers.push(await post('/api/connections/me/runs', body))
  expect(answers.map(({ status }) => status)).toEqual([202, 200, 202])
  expect(answers[2]?.json.status).toBe('queued')
  for (const answer of answers) check(start as Described, answer)
  github.faults.clear()
  for (const [wait, status] of [
    [true, 200],
    [false, 202],
  ] as const) {
    const answer = await post('/api/runs', { wait })
    expect(answer.status).toBe(status)
    check(batch as Described, answer)
  }
})

test('whatever a program makes of it, every answer is as it is declared', async () => {
  const { calls, call, check, tokens, run, failures } = await world()
  const text = fc.oneof(
    fc.constantFrom('me', 'stars', 'github', run.id as string, '1', 'every 15m', 'off', '7d', 'a=b', 'read'),
    fc.string({ unit: 'binary', maxLength: 12 }),
  )
  const valueOf = (schema: Schema): fc.Arbitrary<unknown> => {
    const type = typeof schema.type === 'string' ? schema.type : 'string'
    if (schema.enum) return fc.constantFrom(...schema.enum)
    if (type === 'boolean') return fc.boolean()
    if (type === 'integer' || type === 'number') {
      return fc.integer({ min: schema.minimum ?? 0, max: Math.min(schema.maximum ?? 100, 2_000) })
    }
    if (type === 'array') return fc.array(valueOf(schema.items ?? {}), { maxLength: 2 })
    if (type === 'object') return fc.dictionary(text, text, { maxKeys: 2 })
    return text
  }
  const walked = calls.filter(
    ({ path, method, body }) => !APART.has(path) && (method === 'GET' || method === 'DELETE' || body),
  )
  const sent = fc.constantFrom(...walked).chain((described) => {
    const { parameters, body } = described
    const some = (names: readonly (readonly [string, Schema, boolean])[]) =>
      fc.record(Object.fromEntries(names.map(([name, schema]) => [name, valueOf(schema)])), {
        requiredKeys: names.filter(([, , required]) => required).map(([name]) => name),
      }) as fc.Arbitrary<Readonly<Record<string, unknown>>>
    const of = (place: string) =>
      parameters.filter((one) => one.in === place).map((one) => [one.name, one.schema, one.required === true] as const)
    const fields = Object.entries(body?.properties ?? {}).map(([name, schema]) => [name, schema, false] as const)
    return fc.record({
      described: fc.constant(described),
      path: some(of('path')),
      query: some(of('query')),
      body: some(fields),
    })
  })
  await fc.assert(
    fc.asyncProperty(sent, async ({ described, path, query, body }) => {
      const { method } = described
      const where = described.path.replace(/\{(\w+)\}/g, (_, name: string) => {
        const part = textOf(path[name])
        return encodeURIComponent(part === '' || /^\.+$/.test(part) ? 'me' : part)
      })
      const pairs = Object.entries(query).map(([name, value]): [string, string] => [name, textOf(value)])
      const asked = new URLSearchParams(pairs).toString()
      const answer = await call(`${where}?${asked}`, tokens.admin, { method, ...(described.body ? { body } : {}) })
      check(described, answer)
      expect(failures).toEqual([])
    }),
    { numRuns: 250 },
  )
}, 300_000)

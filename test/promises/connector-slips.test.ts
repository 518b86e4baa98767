// Code of a connector that returns something else than it should is refused by name after one request; what can be done
// without is done without; and a slip over an answer that is no object is told as an answer of another shape.

import { setImmediate } from 'node:timers/promises'
import {
  byCursor,
  ConnectorError,
  defineConnector,
  fullPass,
  openTidemark,
  type PageRequest,
  rows,
  secret,
  stream,
  TidemarkError,
  z,
} from 'tidemark'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { TransportRequest } from '../../src/http/transport.ts'
import { testClock } from '../../src/testing/test-clock.ts'

// oxlint-disable-next-line typescript/no-explicit-any -- what an author in JavaScript may write
type Any = any
interface Answer {
  readonly status?: number
  readonly text: string
}
type Answering = (request: TransportRequest) => Answer

const LIST = '{"items":[{"id":"a"},{"id":"b"}],"next":null}'
const listed: Answering = () => ({ text: LIST })
const refused: Answering = () => ({ status: 401, text: '{"message":"the account was closed"}' })

/** Connects a connector with this code to a source that answers so. */
async function connected(
  answering: Answering,
  code: { http?: Any; service?: Any; stream?: Any; read?: Any; pass?: Any } = {},
) {
  let requests = 0
  const send = async (request: TransportRequest) => {
    requests++
    const { status = 200, text } = answering(request)
    return { status, headers: { 'content-type': 'application/json' }, text }
  }
  const transport = { send, close: async () => {} }
  const tidemark = await openTidemark({
    database: ':memory:',
    key: new Uint8Array(32).fill(7),
    transport,
    clock: testClock(),
  })
  onTestFinished(() => tidemark.close())
  const read = async ({ http, page }: PageRequest<unknown>) => {
    const { items, next } = (await http.get('/items', { query: { page: page as number | undefined } })).body as Any
    return { records: rows(items, 'items'), next }
  }
  const pass = fullPass<unknown, { id: string }>({ read: code.read ?? read, pageSize: 2, ...code.pass })
  const connector = defineConnector(
    {
      name: 'own',
      title: 'Own',
      options: z.object({ token: secret('Token') }),
      http: ({ token }: { token: string }) => ({
        baseUrl: 'https://own.example',
        headers: { authorization: `Bearer ${token}` },
        ...code.http,
      }),
      ...code.service,
    },
    { items: stream({ schema: z.object({ id: z.string() }), key: ({ id }) => id, passes: [pass], ...code.stream }) },
  )
  const options = { token: 'first-token' } as Any
  const me = await tidemark.connect(connector, { id: 'me', options })
  const stored = async () => {
    const keys: string[] = []
    for await (const { _key } of me.records('items')) keys.push(_key)
    return keys
  }
  return { me, stored, requests: () => requests }
}

describe('the end of a listing', () => {
  for (const next of [null, undefined]) {
    test(`may be written as ${next}`, async () => {
      const read = async ({ http }: PageRequest<unknown>) => {
        const { body } = await http.get('/items')
        return { records: rows((body as Any).items, 'items'), next }
      }
      const { me, stored, requests } = await connected(listed, { read })
      expect(await me.sync()).toMatchObject({ status: 'succeeded', error: null })
      expect([await stored(), requests()]).toEqual([['a', 'b'], 1])
    })
  }
})

describe('classify', () => {
  const saying = (failure: unknown) => ({
    http: { classify: ({ status }: Any) => (status === 401 ? failure : undefined) },
  })

  for (const verdict of ['pause', 'stop', 'wait', 'retry'] as const) {
    test(`that says ${verdict} without a message is told by its code and what the source said`, async () => {
      const { me, requests } = await connected(refused, saying({ verdict, code: 'shop_closed' }))
      const { error } = await me.sync()
      expect(error).toMatchObject({ code: 'shop_closed', verdict })
      expect(error?.message).toContain('own.example answered: shop closed (401): the account was closed')
      expect(requests()).toEqual({ pause: 1, stop: 1, wait: expect.any(Number), retry: 5 }[verdict])
    })
  }

  const WRONG: Readonly<Record<string, unknown>> = {
    'no failure': 'pause',
    'no code': { verdict: 'pause' },
    'a verdict that there is not': { verdict: 'give-up', code: 'x' },
    'the verdict of a lost lease': { verdict: 'yield', code: 'x' },
    'a misspelt field': { verdict: 'pause', code: 'x', scop: 'page' },
    'a promise': Promise.resolve({ verdict: 'pause', code: 'x', message: 'x' }),
  }
  for (const [what, failure] of Object.entries(WRONG)) {
    test(`that returns ${what} is refused by name after one request`, async () => {
      const { me, requests } = await connected(refused, saying(failure))
      const { status, error } = await me.sync()
      expect({ status, error }).toMatchObject({
        status: 'failed',
        error: { code: 'connector_invalid', message: expect.stringContaining('classify') },
      })
      expect(requests()).toBe(1)
    })
  }

  test('that trips over an answer is no success of that answer', async () => {
    const trips = { http: { classify: ({ body }: Any) => (body.error.code === 1 ? undefined : undefined) } }
    const { me } = await connected(listed, trips)
    expect((await me.sync()).error).toMatchObject({ code: 'unexpected_shape', verdict: 'retry' })
    const refusing = await connected(() => ({ status: 401, text: 'null' }), trips)
    expect((await refusing.me.sync()).error).toMatchObject({ code: 'token_rejected', verdict: 'pause' })
  })
})

describe('an error that read throws', () => {
  const SAID: Readonly<Record<string, () => Error>> = {
    'the verdict of a lost lease': () => new ConnectorError('shop_busy', 'Busy.', { verdict: 'yield' } as Any),
    'the code of a lost lease': () => new ConnectorError('lease_lost', 'Busy.'),
    'a lost lease as one of ours': () => new TidemarkError('lease_lost', 'Busy.'),
    'a verdict that there is not': () => new ConnectorError('shop_busy', 'Busy.', { verdict: 'give-up' } as Any),
  }
  for (const [what, error] of Object.entries(SAID)) {
    test(`with ${what} fails the run, which is closed`, async () => {
      const read = async () => {
        throw error()
      }
      const { me } = await connected(listed, { read })
      expect(await me.sync()).toMatchObject({ status: 'failed', error: { message: 'Busy.', verdict: 'stop' } })
    })
  }
})

describe('renew', () => {
  const renewing = (renew: () => unknown) => ({
    http: { classify: ({ status }: Any) => (status === 401 ? { verdict: 'refresh', code: 'expired' } : undefined) },
    service: { renew },
  })

  const WRONG: Readonly<Record<string, unknown>> = {
    nothing: null,
    'a text': 'new-token',
    'no secrets': { token: 'new-token' },
    'a number for a secret': { secrets: { token: 5 } },
    'an option that there is not': { secrets: { tokn: 'new-token' } },
  }
  for (const [what, renewal] of Object.entries(WRONG)) {
    test(`that returns ${what} is refused by name after one request, and nothing of it is stored`, async () => {
      let answer: unknown = renewal
      const { me, requests } = await connected(
        ({ headers }) => (headers['authorization'] === 'Bearer good-token' ? listed({} as Any) : refused({} as Any)),
        renewing(async () => answer),
      )
      const { status, error } = await me.sync()
      expect({ status, error }).toMatchObject({
        status: 'failed',
        error: { code: 'connector_invalid', message: expect.stringContaining('renew') },
      })
      expect(requests()).toBe(1)
      answer = { secrets: { token: 'good-token' } }
      expect(await me.sync()).toMatchObject({ status: 'succeeded' })
    })
  }

  test('that throws is called once', async () => {
    let calls = 0
    const { me, requests } = await connected(
      refused,
      renewing(async () => {
        calls++
        throw new TypeError('a slip')
      }),
    )
    expect((await me.sync()).error).toMatchObject({ code: 'unexpected', message: 'TypeError: a slip' })
    expect([calls, requests()]).toEqual([1, 1])
  })

  test('that a connector lacks names the command once', async () => {
    const { me } = await connected(refused, { ...renewing(() => null), service: {} })
    const { error } = await me.sync()
    expect(error?.hint).toBe('Create new ones and run: tidemark connect own --id me --secret-env token=OWN_TOKEN')
  })
})

describe('sign', () => {
  const WRONG: Readonly<Record<string, () => unknown>> = {
    'a promise': async () => ({ headers: { signature: 'x' } }),
    'a text': () => 'x',
    'headers that are no texts': () => ({ headers: { signature: 1 } }),
  }
  for (const [what, sign] of Object.entries(WRONG)) {
    test(`that returns ${what} is refused by name before anything is sent`, async () => {
      const { me, requests } = await connected(listed, { http: { sign } })
      const { status, error } = await me.sync()
      expect({ status, error }).toMatchObject({
        status: 'failed',
        error: { code: 'connector_invalid', message: expect.stringContaining('sign') },
      })
      expect(requests()).toBe(0)
    })
  }

  test('that returns nothing adds nothing', async () => {
    const { me } = await connected(listed, { http: { sign: () => undefined } })
    expect(await me.sync()).toMatchObject({ status: 'succeeded' })
  })
})

describe('a promise that rejects', () => {
  const unheard: unknown[] = []
  const hear = (error: unknown) => void unheard.push(error)
  beforeAll(() => void process.on('unhandledRejection', hear))
  afterAll(() => void process.off('unhandledRejection', hear))
  const rejects = async () => {
    throw new Error('too late')
  }

  for (const what of ['order', 'pinned']) {
    test(`is no answer of ${what}, and is nobody's to hear`, async () => {
      const { me, requests } = await connected(listed, { pass: { [what]: rejects } })
      const { status, error } = await me.sync()
      expect({ status, error }).toMatchObject({
        status: 'failed',
        error: { code: 'connector_invalid', message: expect.stringContaining(`its ${what} returned a promise`) },
      })
      expect(requests()).toBe(1)
      await setImmediate()
      expect(unheard).toEqual([])
    })
  }

  for (const what of ['key', 'record', 'version']) {
    test(`is no answer of ${what}: the rows are set aside`, async () => {
      const { me, stored } = await connected(listed, { stream: { [what]: rejects } })
      const run = await me.sync()
      expect(run.streams[0]?.counts).toMatchObject({ quarantined: 2, inserted: 0 })
      expect(await stored()).toEqual([])
      await setImmediate()
      expect(unheard).toEqual([])
    })
  }

  for (const what of ['http', 'opening']) {
    test(`is no answer of ${what}`, async () => {
      const service = { [what]: rejects }
      const planned = connected(listed, { service }).then(({ me }) => me.plan())
      await expect(planned).rejects.toMatchObject({ code: 'connector_invalid' })
      await setImmediate()
      expect(unheard).toEqual([])
    })
  }
})

describe('a body that is no object', () => {
  for (const text of ['null', '5', '"sorry"']) {
    for (const paid of [false, true]) {
      test(`(${text}) is an unexpected shape, not a bug${paid ? ', of a paid page too' : ''}`, async () => {
        const read = async ({ http }: PageRequest<unknown>) => {
          const { items } = (await http.get('/items')).body as Any
          return { records: items.map((item: unknown) => item) }
        }
        const { me, requests } = await connected(() => ({ text }), { read, pass: { paid } })
        const { status, error } = await me.sync()
        expect({ status, error }).toMatchObject({ status: 'failed', error: { code: 'unexpected_shape' } })
        expect(requests()).toBe(paid ? 1 : 5)
      })
    }
  }
})

describe('what no run can use is refused by name:', () => {
  const WAYS: Readonly<Record<string, Any>> = {
    'records with holes': async () => ({ records: Object.assign([], { length: 2 ** 32 - 1 }) }),
    'a next with holes': async () => ({ records: [], next: { list: new Array(2 ** 32 - 1) } }),
    'a path that is a number': async ({ http }: Any) => ({ records: (await http.get(5)).body }),
    'no path': async ({ http }: Any) => ({ records: (await http.get()).body }),
    'a run that its connector calls cancelled': async () => {
      throw new ConnectorError('cancelled', 'I do not want to.')
    },
  }
  for (const [what, read] of Object.entries(WAYS)) {
    test(what, async () => {
      const { me, requests } = await connected(listed, { read })
      expect(await me.sync()).toMatchObject({ status: 'failed', error: { code: 'connector_invalid' } })
      expect(requests()).toBe(0)
    })
  }

  test('an address that no service takes, without a request', async () => {
    const read = async ({ http }: Any) => ({ records: (await http.get('/', { query: { q: 'x'.repeat(5e6) } })).body })
    const { me, requests } = await connected(listed, { read })
    expect(await me.sync()).toMatchObject({ error: { code: 'url_refused' } })
    expect(requests()).toBe(0)
  })
})

test('a connect that is refused leaves the connection with the connector that it had', async () => {
  const transport = { send: async () => ({ status: 200, headers: {}, text: LIST }), close: async () => {} }
  const tidemark = await openTidemark({ database: ':memory:', key: new Uint8Array(32).fill(7), transport })
  onTestFinished(() => tidemark.close())
  const made = (size: Any) =>
    defineConnector(
      { name: 'own', title: 'Own', options: z.object({}), http: () => ({ baseUrl: 'https://own.example' }) },
      {
        items: stream({
          schema: z.object({ id: z.string(), size }),
          key: ({ id }) => id,
          passes: [
            fullPass({
              read: async ({ http }) => ({ records: rows(((await http.get('/')).body as Any).items, 'items') }),
              pageSize: 9,
            }),
          ],
        }),
      },
    )
  const me = await tidemark.connect(made(z.int().optional()), { id: 'me', options: {} })
  expect((await me.sync()).status).toBe('succeeded')
  const other = tidemark.connect(made(z.string().optional()), { id: 'me', options: {} })
  await expect(other).rejects.toMatchObject({ code: 'shape_conflict' })
  expect((await me.sync()).status).toBe('succeeded')
})

test.each([
  ['a plain object', (keys: readonly string[]) => Object.fromEntries(keys.map((key) => [key, 'gone']))],
  ['nothing', () => undefined],
  ['a word of its own', (keys: readonly string[]) => new Map(keys.map((key) => [key, 'Gone']))],
])('a witness that returns %s is refused, and nothing is removed', async (_, says) => {
  let text = LIST
  const { me, stored } = await connected(() => ({ text }), {
    pass: { witness: async ({ keys }: Any) => says(keys) },
  })
  await me.sync()
  text = '{"items":[{"id":"a"}],"next":null}'
  expect(await me.sync()).toMatchObject({ status: 'failed', error: { code: 'connector_invalid' } })
  expect(await stored()).toEqual(['a', 'b'])
})

test('a position beyond 2^53 is refused, for windows are asked for by exact numbers', async () => {
  const read = async ({ http }: Any) => ({ records: rows((await http.get('/items')).body.items, 'items') })
  const pass = byCursor<unknown, { id: string }>({ read, pageSize: 2, order: () => 2 ** 60, overlap: '0s' })
  const { me } = await connected(listed, { stream: { passes: [pass] } })
  expect(await me.sync()).toMatchObject({
    status: 'failed',
    error: { code: 'connector_invalid', message: expect.stringContaining('2^53') },
  })
})

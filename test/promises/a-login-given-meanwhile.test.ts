// Owns the promise that the login which was given last is the one that counts: no run that began with an older one
// writes over it, pauses it, or begins after the connection was paused or disconnected.

import { expect, test } from 'vitest'
import { defineConnector, fullPass, secret, stream, z } from '../../src/index.ts'
import { serve } from '../http/scripted-server.ts'
import { openMirror } from '../support/mirror.ts'

type Renew = 'renews' | 'renews not'

function connector(renew: Renew) {
  return defineConnector(
    {
      name: 'notes',
      title: 'Notes',
      options: z.object({ token: secret('Access token') }),
      http: ({ token }) => ({
        baseUrl: 'http://127.0.0.1',
        headers: { authorization: `Bearer ${String(token)}` },
        classify: ({ status }) =>
          status === 401 && renew === 'renews'
            ? { verdict: 'refresh', code: 'token_expired', message: 'expired' }
            : undefined,
      }),
      ...(renew === 'renews' && {
        renew: async ({ http }) => ({
          secrets: { token: ((await http.post('/renew')).body as { token: string }).token },
        }),
      }),
    },
    {
      notes: stream({
        schema: z.object({ id: z.string() }),
        key: ({ id }) => id,
        passes: [
          fullPass({
            pageSize: 10,
            read: async ({ http }) => ({ records: (await http.get('/notes')).body as { id: string }[] }),
          }),
        ],
      }),
    },
  )
}

/** A service that answers its first request for notes once it may, and refuses the logins that it is told to. */
async function service(refused: readonly string[]) {
  const asked = Promise.withResolvers<void>()
  const answered = Promise.withResolvers<void>()
  const logins: string[] = []
  const server = await serve(async (response, { path, headers }) => {
    const login = String(headers.authorization).replace('Bearer ', '')
    logins.push(`${path} ${login}`)
    if (path === '/renew') return response.end(`{"token":"${login}-renewed"}`)
    asked.resolve()
    await answered.promise
    return refused.includes(login) ? response.writeHead(401).end('{}') : response.end('[{"id":"a"}]')
  })
  return Object.assign(server, { asked: asked.promise, answer: () => answered.resolve(), logins })
}

async function world(refused: readonly string[], renew: Renew = 'renews not') {
  const stack = new AsyncDisposableStack()
  const source = stack.use(await service(refused))
  const { tidemark } = stack.use(await openMirror())
  const connect = (token: string) => {
    const options = { token, baseUrl: source.url, allowPrivateNetwork: true }
    return tidemark.connect(connector(renew), { id: 'mine', options })
  }
  const notes = await connect('token-of-ada')
  const paused = async () => (await tidemark.store.connections.find('default', 'mine'))?.paused
  return { source, tidemark, connect, notes, paused, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

test.each(['renews', 'renews not'] as const)(
  'after a disconnect is not overwritten by a run that %s',
  async (renew) => {
    await using w = await world(['token-of-ada'], renew)
    const run = w.notes.sync()
    await w.source.asked
    await w.tidemark.disconnect('mine')
    await w.connect('token-of-bob')
    w.source.answer()
    expect((await run).status).toBe('succeeded')
    expect(await w.paused()).toEqual([])
    w.source.logins.length = 0
    expect((await w.notes.sync()).status).toBe('succeeded')
    expect(w.source.logins).toEqual(['/notes token-of-bob'])
  },
)

test('is taken over by a run whose own was refused', async () => {
  await using w = await world(['token-of-ada'])
  const run = w.notes.sync()
  await w.source.asked
  await w.connect('token-of-bob')
  w.source.answer()
  expect((await run).status).toBe('succeeded')
  expect(await w.paused()).toEqual([])
})

test('while a run of a refused one comes to its end is not paused', async () => {
  await using w = await world(['token-of-ada'])
  const { runs } = w.tidemark.store
  const finish = runs.finish.bind(runs)
  // The last moment at which it can be given: the run has looked for a newer one already.
  Object.assign(runs, {
    finish: async (...order: Parameters<typeof finish>) => {
      await w.connect('token-of-bob')
      return finish(...order)
    },
  })
  w.source.answer()
  expect((await w.notes.sync()).status).toBe('paused')
  expect(await w.paused()).toEqual([])
  expect((await w.notes.sync()).status).toBe('succeeded')
})

test('while a check of a refused one is under way is not paused', async () => {
  await using w = await world(['token-of-ada'])
  const { connections } = w.tidemark.store
  const setPaused = connections.setPaused.bind(connections)
  Object.assign(connections, {
    setPaused: async (...order: Parameters<typeof setPaused>) => {
      await w.connect('token-of-bob')
      return setPaused(...order)
    },
  })
  w.source.answer()
  expect((await w.notes.check()).outcome).toBe('refused')
  expect(await w.paused()).toEqual([])
})

test.each(['disconnected', 'paused'] as const)('no run begins that waited for another while it was %s', async (how) => {
  await using w = await world([])
  const first = w.notes.sync()
  await w.source.asked
  const waiting = Promise.withResolvers<void>()
  // A run that lists everything is not the one that is under way.
  const { runs } = w.tidemark.store
  const list = runs.list.bind(runs)
  Object.assign(runs, {
    list: async (...query: Parameters<typeof list>) => {
      waiting.resolve()
      return list(...query)
    },
  })
  const second = w.notes.sync({ mode: 'full' })
  await waiting.promise
  await (how === 'paused' ? w.notes.pause() : w.tidemark.disconnect('mine'))
  w.source.answer()
  expect((await first).status).toBe('succeeded')
  await expect(second).rejects.toMatchObject({ code: 'connection_paused' })
  expect(w.source.logins).toHaveLength(1)
})

test('and what else is given at the same moment are kept both', async () => {
  await using w = await world([])
  const { connections } = w.tidemark.store
  const save = connections.save.bind(connections)
  let saves = 0
  Object.assign(connections, {
    save: async (...given: Parameters<typeof save>) => {
      if (saves++ === 0) await w.connect('token-of-bob')
      return save(...given)
    },
  })
  await w.tidemark.connect(connector('renews not'), { id: 'mine', options: { allowPrivateNetwork: true } })
  w.source.answer()
  expect((await w.notes.sync()).status).toBe('succeeded')
  expect(w.source.logins).toEqual(['/notes token-of-bob'])
  expect(saves).toBe(3)
})

test('in another option does not lose a token that was renewed at the same moment', async () => {
  await using w = await world(['token-of-ada'], 'renews')
  const { secrets } = w.tidemark.store
  const save = secrets.save.bind(secrets)
  let saves = 0
  Object.assign(secrets, {
    save: async (...renewed: Parameters<typeof save>) => {
      const options = { allowPrivateNetwork: true }
      if (saves++ === 0) await w.tidemark.connect(connector('renews'), { id: 'mine', options })
      return save(...renewed)
    },
  })
  w.source.answer()
  expect((await w.notes.sync()).status).toBe('succeeded')
  expect((await w.notes.sync()).status).toBe('succeeded')
  expect(w.source.logins).toEqual([
    '/notes token-of-ada',
    '/renew token-of-ada',
    '/notes token-of-ada-renewed',
    '/notes token-of-ada-renewed',
  ])
  expect(saves).toBe(2)
})

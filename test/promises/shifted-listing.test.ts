// A record that leaves a listing while its pages are turned shifts the next one over the boundary, unread. However the
// walk is cut into runs, by a budget or by a crash, that is noticed before the walk is called complete.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { assemble } from '../../src/assemble.ts'
import { defineConnector, stream } from '../../src/connector/connector.ts'
import { type Page, type PageRequest, rows } from '../../src/connector/page.ts'
import { fullPass, newestFirst, type Pass } from '../../src/connector/passes.ts'
import { systemClock } from '../../src/engine/system.ts'
import { isObject } from '../../src/model/json.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import type { Batch, Store } from '../../src/store/store.ts'
import { wrap } from '../simulation/process.ts'
import { openMirror } from '../support/mirror.ts'

const PAGE = 10

/** A list, newest first, in numbered pages; what happens when a page was read is the test's. */
async function noteServer(size: number) {
  const notes = Array.from({ length: size }, (_, i) => ({ id: `n${i}`, place: 1_000 - i }))
  const hooks: { afterwards?: (page: number) => void; totalInPages: boolean; isDown: boolean } = {
    totalInPages: false,
    isDown: false,
  }
  const answer = (url: URL): unknown => {
    if (hooks.isDown) return {}
    if (url.pathname === '/total') return { total: notes.length }
    const page = Number(url.searchParams.get('page'))
    const body = {
      items: notes.slice((page - 1) * PAGE, page * PAGE),
      ...(page * PAGE < notes.length ? { next: page + 1 } : {}),
      ...(hooks.totalInPages ? { total: notes.length } : {}),
    }
    hooks.afterwards?.(page)
    return body
  }
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(answer(new URL(request.url ?? '', 'http://x'))))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    notes,
    hooks,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function read({ http, page }: PageRequest<unknown>): Promise<Page> {
  const { body } = await http.get('/notes', { query: { page: (page as number | undefined) ?? 1 } })
  const { items, next, total } = body as { items: unknown; next?: number; total?: number }
  return { records: rows(items, 'items'), next, total }
}

async function count({ http }: PageRequest<unknown>): Promise<number> {
  return ((await http.get('/total')).body as { total: number }).total
}

const note = z.object({ id: z.string(), place: z.int() })

function connector(...passes: readonly Pass<unknown, z.output<typeof note>>[]) {
  return defineConnector(
    { name: 'notes', title: 'Notes', options: z.object({}), http: () => ({ baseUrl: 'https://notes.example' }) },
    { notes: stream({ schema: note, key: ({ id }) => id, passes }) },
  )
}

const order = ({ place }: { place: number }) => place
const asked = newestFirst({ pageSize: PAGE, order, read, total: count })
const told = newestFirst({ pageSize: PAGE, order, read })

describe('of a walk from the newest down', () => {
  test.each([2, 3, 4, 5, 6])('in runs of %i requests', async (maxRequests) => {
    await using source = await noteServer(60)
    await using mirror = await openMirror()
    const options = { baseUrl: source.url, allowPrivateNetwork: true }
    const me = await mirror.tidemark.connect(connector(asked), { id: 'me', options })
    source.hooks.afterwards = (page) => {
      if (page !== 2) return
      source.hooks.afterwards = () => {}
      source.notes.splice(3, 1)
    }
    let status = ''
    for (let i = 0; i < 20 && status !== 'succeeded'; i++) ({ status } = await me.sync({ maxRequests }))
    expect(status).toBe('succeeded')
    const stored = mirror.sql('SELECT _key FROM notes_notes_all').map(({ _key }) => _key)
    expect(stored).toEqual(expect.arrayContaining(source.notes.map(({ id }) => id)))
  })

  test('in runs between each of which a record leaves: it ends all the same', async () => {
    await using source = await noteServer(200)
    await using mirror = await openMirror()
    const options = { baseUrl: source.url, allowPrivateNetwork: true }
    const me = await mirror.tidemark.connect(connector(asked), { id: 'me', options })
    let status = ''
    for (let i = 0; i < 12 && status !== 'succeeded'; i++) {
      ;({ status } = await me.sync({ maxRequests: 8 }))
      source.notes.splice(3, 1)
    }
    expect(status).toBe('succeeded')
    const stored = mirror.sql('SELECT _key FROM notes_notes_all').map(({ _key }) => _key)
    expect(stored).toEqual(expect.arrayContaining(source.notes.map(({ id }) => id)))
  })

  test('when the process dies as it notices', async () => {
    await using source = await noteServer(30)
    source.hooks.totalInPages = true
    source.hooks.afterwards = (page) => {
      if (page !== 1) return
      source.hooks.afterwards = () => {}
      source.notes.splice(3, 1)
    }
    await using mirror = await openMirror()
    const options = { baseUrl: source.url, allowPrivateNetwork: true }
    const key = new Uint8Array(32).fill(7)
    for (const dies of [true, false]) {
      const store = dying(await openSqliteStore({ path: mirror.file, clock: systemClock }), dies)
      const tidemark = await assemble({ store, key, connectors: [connector(told)], isDead: () => !dies })
      const me = await tidemark.connect(connector(told), { id: 'me', options })
      const ended = await me.sync().then(
        ({ status }) => status,
        () => 'died',
      )
      expect(ended).toBe(dies ? 'died' : 'succeeded')
      await tidemark.close()
      await store.close()
    }
    const stored = mirror.sql('SELECT _key FROM notes_notes_all').map(({ _key }) => _key)
    expect(stored).toEqual(expect.arrayContaining(source.notes.map(({ id }) => id)))
  })
})

test('of a full pass whose first run may make one request: nothing is removed that is listed', async () => {
  await using source = await noteServer(60)
  await using mirror = await openMirror()
  const notes = connector(fullPass({ pageSize: PAGE, read, total: count }))
  const me = await mirror.tidemark.connect(notes, {
    id: 'me',
    options: { baseUrl: source.url, allowPrivateNetwork: true },
  })
  await me.sync()
  for (let round = 0; round < 2; round++) {
    await me.sync({ maxRequests: 1 })
    const shifted = source.notes[20]!
    source.hooks.afterwards = (page) => {
      if (page !== 2) return
      source.hooks.afterwards = () => {}
      source.notes.splice(13, 1)
    }
    await me.sync({ maxRequests: 4 })
    await me.sync()
    // The same one stands behind the boundary the next time, too.
    source.notes.splice(source.notes.indexOf(shifted), 1)
    source.notes.splice(20, 0, shifted)
  }
  const gone = mirror.sql('SELECT _key FROM notes_notes_all WHERE _removed_at IS NOT NULL').map(({ _key }) => _key)
  const listed = new Set(source.notes.map(({ id }) => id))
  expect(gone.filter((id) => listed.has(String(id)))).toEqual([])
})

test('a stream of which nothing could be read is unread, not complete', async () => {
  await using source = await noteServer(5)
  await using mirror = await openMirror()
  const options = { baseUrl: source.url, allowPrivateNetwork: true }
  const me = await mirror.tidemark.connect(connector(told), { id: 'me', options })
  source.hooks.isDown = true
  expect(await me.sync()).toMatchObject({ status: 'failed' })
  const coverage = () => mirror.sql('SELECT coverage, last_success_at IS NULL AS never FROM streams')
  expect(coverage()).toEqual([{ coverage: 'unread', never: 1 }])
  source.hooks.isDown = false
  expect(await me.sync()).toMatchObject({ status: 'succeeded' })
  expect(coverage()).toEqual([{ coverage: 'complete', never: 0 }])
})

/** A store whose process dies when a walk is to read the page before once more. */
function dying(store: Store, dies: boolean): Store {
  let dead = false
  return wrap(store, (method, args, call) => {
    const { walks = [] } = (args[0] ?? {}) as Partial<Batch>
    const isBack = walks.some(({ position }) => isObject(position) && position['turns'] !== 0)
    if (method === 'checkpoint' && dies && isBack) dead = true
    return dead && method !== 'close' ? Promise.reject(new Error('the process is dead')) : call(args)
  })
}

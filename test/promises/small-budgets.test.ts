// However few requests a run may make, as long as it is more than one: run after run, a listing is read to its end.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { defineConnector, stream } from '../../src/connector/connector.ts'
import { rows } from '../../src/connector/page.ts'
import { byCursor } from '../../src/connector/passes.ts'
import { githubEmulator } from '../../src/testing/emulators/index.ts'
import { openMirror } from '../support/mirror.ts'

describe.each([2, 3, 4, 5])('with %i requests a run', (maxRequests) => {
  test('the first walk comes to its end, and says so', async () => {
    await using github = await githubEmulator({ stars: 450 })
    await using mirror = await openMirror()
    const me = await mirror.github(github)
    const ends: string[] = []
    for (let i = 0; i < 8 && ends.at(-1) !== 'succeeded'; i++) {
      const { status, requests } = await me.sync({ maxRequests })
      expect(requests).toBeLessThanOrEqual(maxRequests)
      ends.push(status)
    }
    expect(ends.at(-1)).toBe('succeeded')
    expect(mirror.value('SELECT count(*) FROM github_stars')).toBe(450)
    expect(mirror.value('SELECT count(*) FROM gaps')).toBe(0)
  })

  test('nothing is missed when the list shrinks between two runs', async () => {
    await using github = await githubEmulator({ stars: 450 })
    await using mirror = await openMirror()
    const me = await mirror.github(github)
    const stored = () => mirror.sql('SELECT _key FROM github_stars_all').map(({ _key }) => String(_key))
    let status = ''
    for (let i = 0; i < 20 && status !== 'succeeded'; i++) {
      ;({ status } = await me.sync({ maxRequests }))
      if (i < 2) github.world.unstarAt('ada', 40 + i)
    }
    expect(status).toBe('succeeded')
    // What a full pass finds later does not count.
    expect(mirror.value('SELECT count(*) FROM streams WHERE last_full_at IS NOT NULL')).toBe(0)
    expect(stored()).toEqual(expect.arrayContaining(github.world.starIds('ada').map(String)))
  })
})

test('a full pass goes on from run to run', async () => {
  await using github = await githubEmulator({ stars: 450 })
  await using mirror = await openMirror()
  const me = await mirror.github(github)
  await me.sync()
  let { status } = await me.sync({ mode: 'full', maxRequests: 3 })
  for (let i = 0; i < 4 && status !== 'succeeded'; i++) ({ status } = await me.sync({ maxRequests: 3 }))
  expect(status).toBe('succeeded')
  expect(mirror.value('SELECT last_full_at IS NOT NULL FROM streams')).toBe(1)
})

test('one request is not enough, and the run says so', async () => {
  await using github = await githubEmulator({ stars: 150 })
  await using mirror = await openMirror()
  const me = await mirror.github(github)
  const run = await me.sync({ maxRequests: 1 })
  expect(mirror.value('SELECT count(*) FROM github_stars')).toBe(100)
  expect(run).toMatchObject({
    status: 'incomplete',
    error: { code: 'requests_spent', hint: expect.stringContaining('at least 2') },
  })
})

test.each([6, 7, 8])(
  'a group of equal times is passed with %i requests, though two looks at it take nine',
  async (most) => {
    const notes = Array.from({ length: 38 }, (_, i) => ({
      id: `n${i}`,
      at: 1_700_000_000 + (i < 8 ? i - 100 : i < 30 ? 0 : i),
    }))
    await using server = await cursorServer(notes)
    await using mirror = await openMirror()
    const options = { baseUrl: server.url, allowPrivateNetwork: true }
    const me = await mirror.tidemark.connect(notebook, { id: 'me', options })
    let status = ''
    for (let i = 0; i < 6 && status !== 'succeeded'; i++) ({ status } = await me.sync({ maxRequests: most }))
    expect(status).toBe('succeeded')
    expect(mirror.value('SELECT count(*) FROM notebook_notes')).toBe(notes.length)
  },
)

/** Notes by time, five a page, without a total. */
async function cursorServer(notes: readonly { id: string; at: number }[]) {
  const server = createServer((request, response) => {
    const asked = new URL(request.url ?? '', 'http://x').searchParams
    const within = notes.filter(({ at }) => at >= Number(asked.get('since') ?? 0) && at < Number(asked.get('until')))
    const from = Number(asked.get('from') ?? 0)
    const next = from + 5 < within.length ? from + 5 : undefined
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ notes: within.slice(from, from + 5), next }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const notebook = defineConnector(
  { name: 'notebook', title: 'Notes', options: z.object({}), http: () => ({ baseUrl: 'https://notes.example' }) },
  {
    notes: stream({
      schema: z.object({ id: z.string(), at: z.int() }),
      key: ({ id }) => id,
      passes: [
        byCursor({
          pageSize: 5,
          order: ({ at }) => at,
          unitMs: 1_000,
          overlap: '1m',
          read: async ({ http, page, since, until }) => {
            const { body } = await http.get('/notes', { query: { from: page as number | undefined, since, until } })
            const { notes, next } = body as { notes: unknown; next?: number }
            return { records: rows(notes, 'notes'), next }
          },
        }),
      ],
    }),
  },
)

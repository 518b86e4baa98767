// Promise: a full pass that asks for several pages at once loses nothing and is never ahead of its data, whatever comes and
// goes meanwhile, in whatever order the pages are answered, and wherever the run ends.

import { expect, onTestFinished, test } from 'vitest'
import { LIMITS } from '../../src/http/request-limits.ts'
import type { Transport } from '../../src/http/transport.ts'
import { defineConnector, fullPass, openTidemark, type PageRequest, rows, stream, z } from '../../src/index.ts'
import { TidemarkError } from '../../src/model/errors.ts'
import { seeded } from '../../src/testing/emulators/kit/random.ts'
import { testClock } from '../../src/testing/test-clock.ts'

const SIZE = 5
const AT_ONCE = 6

/** A list, newest first, whose pages are answered in any order, each as the list is at that moment. */
function moving(seed: number, length: number) {
  const random = seeded(`ahead ${seed}`)
  let next = length
  const list = Array.from({ length }, (_, i) => length - i)
  const state = { under: 0, most: 0, moves: 0, faults: 0, asked: [] as number[] }
  const move = () => {
    if (!random.chance(state.moves)) return
    if (random.chance(0.5)) list.unshift(++next)
    else list.splice(random.int(0, list.length - 1), 1)
  }
  const transport: Transport = {
    async send({ url }) {
      const p = Number(url.searchParams.get('p'))
      state.asked.push(p)
      state.most = Math.max(state.most, ++state.under)
      for (let turns = random.int(0, 6); turns > 0; turns--) await new Promise(setImmediate)
      state.under--
      move()
      const json = { 'content-type': 'application/json' }
      if (random.chance(state.faults)) {
        const [status, retryAfter] = random.pick([[503], [429, '1'], [500]] as const)
        if (random.chance(0.3))
          throw new TidemarkError('network_failed', 'The connection was reset.', { scope: 'page' })
        return { status, headers: { ...json, ...(retryAfter ? { 'retry-after': retryAfter } : {}) }, text: '{}' }
      }
      const items = list.slice((p - 1) * SIZE, p * SIZE).map((id) => ({ id: String(id), at: id }))
      return { status: 200, headers: json, text: JSON.stringify({ items, total: list.length }) }
    },
    close: async () => {},
  }
  return { list, state, transport, random }
}

const page = (token: unknown) => (token as number | undefined) ?? 1

const connector = defineConnector(
  {
    name: 'moving',
    title: 'A list that moves',
    options: z.object({}),
    http: () => ({ baseUrl: 'http://list.example', atOnce: AT_ONCE }),
  },
  {
    items: stream({
      schema: z.object({ id: z.string(), at: z.number() }),
      key: (row) => row.id,
      passes: [
        fullPass({
          read: async ({ http, page: token }: PageRequest<unknown>) => {
            const { body } = await http.get('/list', { query: { p: page(token) } })
            const { items, total } = body as { items: unknown; total: number }
            return {
              records: rows(items, 'items'),
              total,
              next: page(token) * SIZE < total ? page(token) + 1 : undefined,
            }
          },
          pageSize: SIZE,
          skip: (token) => page(token) + 1,
          order: ({ at }) => at,
          everyRuns: 1,
        }),
      ],
    }),
  },
)

async function opened(seed: number, length: number) {
  const world = moving(seed, length)
  const tidemark = await openTidemark({
    database: ':memory:',
    key: new Uint8Array(32),
    transport: world.transport,
    clock: testClock(),
  })
  onTestFinished(() => tidemark.close())
  const me = await tidemark.connect(connector, { id: 'me', options: {} })
  const stored = async () => {
    const found = new Set<number>()
    for await (const { _key } of me.records('items')) found.add(Number(_key))
    return found
  }
  return { ...world, me, stored }
}

test('pages are asked for at once, as many as the source bears, and none behind the last one', async () => {
  const { me, state, list, stored } = await opened(1, 1_500)
  expect((await me.sync()).status).toBe('succeeded')
  expect(await stored()).toEqual(new Set(list))
  expect(state.most).toBe(AT_ONCE)
  expect(state.asked.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 300 }, (_, i) => i + 1))
})

test('the first request that fails halves what is asked for at once', async () => {
  const { me, state } = await opened(2, 1_000)
  state.faults = 0.2
  for (let run = 0; run < 9; run++) if ((await me.sync()).status === 'succeeded') break
  expect(state.most).toBeLessThan(AT_ONCE)
})

test.each(Array.from({ length: 8 }, (_, i) => i + 1))(
  'what stays in the list is in the mirror once a run succeeds (world %i)',
  async (seed) => {
    const { me, state, list, stored, random } = await opened(seed, 40 + ((seed * 37) % 200))
    state.moves = seed % 3 === 0 ? 0 : 0.08
    state.faults = seed % 4 === 0 ? 0.05 : 0
    for (let run = 0; run < 6; run++) {
      const before = new Set(list)
      const { status } = await me.sync(random.chance(0.5) ? { maxRequests: random.int(3, 40) } : {})
      const has = await stored()
      const missing = list.filter((id) => before.has(id) && !has.has(id))
      expect([run, status, status === 'succeeded' ? missing : []]).toEqual([run, status, []])
    }
    state.moves = 0
    state.faults = 0
    for (let run = 0; run < 6; run++) await me.sync()
    expect(await stored()).toEqual(new Set(list))
  },
)

test('a page that fails is the one that is told, and nothing below it is stored before it', async () => {
  const { me, state, stored, list } = await opened(3, 200)
  const { maxRequests } = { maxRequests: 30 + LIMITS.attempts }
  expect((await me.sync({ maxRequests })).status).toBe('incomplete')
  const has = await stored()
  // From the top down, without a hole.
  expect([...has].sort((a, b) => b - a)).toEqual(list.slice(0, has.size))
  expect(state.asked.length).toBeLessThanOrEqual(maxRequests)
  expect((await me.sync()).status).toBe('succeeded')
  expect(await stored()).toEqual(new Set(list))
})

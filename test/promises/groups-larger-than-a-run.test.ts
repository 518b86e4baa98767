// A group of records with one time may be larger than all the pages that a run may ask for. The next run goes on inside it,
// so that any budget comes to its end, and to what lies behind it.

import { byCursor, defineConnector, stream, z } from 'tidemark'
import { expect, test } from 'vitest'
import { ConnectorError } from '../../src/model/errors.ts'
import { openMirror } from '../support/mirror.ts'
import { wrongClock } from '../support/wrong-clock.ts'

const PAGE = 10

interface Item {
  readonly id: string
  readonly at: number
}

/** A source whose pages are numbered. Its tokens hold in every run, unless `lasting` says that they don't. */
async function sourceOf(group: number, { lasting = true, lateMs = 3_600_000 } = {}) {
  const clock = wrongClock(0)
  const at = Math.floor((clock.now() - lateMs) / 1_000)
  const items: Item[] = Array.from({ length: group }, (_, i) => ({ id: `g${i}`, at }))
  let requests = 0
  let runs = 0
  const own = defineConnector(
    { name: 'own', title: 'own', options: z.object({}), http: () => ({ baseUrl: 'https://x.example' }) },
    {
      items: stream({
        schema: z.object({ id: z.string(), at: z.int() }),
        key: ({ id }) => id,
        passes: [
          byCursor({
            pageSize: PAGE,
            order: (item) => item.at,
            unitMs: 1_000,
            overlap: '10m',
            read: async ({ http, since, until, page }) => {
              await http.get('/items')
              requests++
              const standing = items.filter((item) => item.at >= (since ?? 0) && item.at < until)
              const [from, run] = (page as [number, number] | undefined) ?? [0, runs]
              if (!lasting && run !== runs)
                throw new ConnectorError('http_status', 'the token has lapsed', { verdict: 'skip' })
              const next = from + PAGE < standing.length ? [from + PAGE, run] : undefined
              return { records: standing.slice(from, from + PAGE), next }
            },
          }),
        ],
      }),
    },
  )
  const transport = {
    send: async () => ({ status: 200, headers: { 'content-type': 'application/json' }, text: '{}' }),
    close: async () => {},
  }
  const mirror = await openMirror({ clock, transport })
  const me = await mirror.tidemark.connect(own, { id: 'me' })
  return {
    items,
    now: () => Math.floor(clock.now() / 1_000),
    asked: () => requests,
    stored: () => mirror.value('select count(*) from own_items'),
    sync: async (maxRequests: number) => {
      runs++
      clock.pass(60_000)
      return me.sync({ maxRequests })
    },
    [Symbol.asyncDispose]: () => mirror[Symbol.asyncDispose](),
  }
}

test.each([
  ['long ago', 3_600_000, 1],
  // What was read of it while it could still get records is read once more.
  ['within the overlap', 60_000, 2],
])('any budget comes to the end of a group of %s, and to what is new behind it', async (_, lateMs, times) => {
  await using source = await sourceOf(300, { lateMs })
  let status = ''
  let runs = 0
  for (; runs < 30 && status !== 'succeeded'; runs++) {
    source.items.push({ id: `new${runs}`, at: source.now() + 30 })
    ;({ status } = await source.sync(8))
  }
  expect(status).toBe('succeeded')
  expect(source.stored()).toBe(source.items.length)
  // Each page of the group twice, and no more than two requests a run beside that.
  expect(source.asked()).toBeLessThanOrEqual(60 * times + 3 * runs)
})

test('what leaves a group between two runs hides nothing of it', async () => {
  await using source = await sourceOf(100)
  expect(await source.sync(5)).toMatchObject({ status: 'incomplete' })
  // Five records of pages that were read are changed: what stands behind them moves up.
  for (const item of source.items.splice(0, 5)) source.items.push({ ...item, at: source.now() })
  let status = ''
  for (let i = 0; i < 20 && status !== 'succeeded'; i++) ({ status } = await source.sync(5))
  expect(status).toBe('succeeded')
  expect(source.stored()).toBe(100)
})

test('a token that does not hold until the next run begins the group again', async () => {
  await using source = await sourceOf(60, { lasting: false })
  expect(await source.sync(4)).toMatchObject({ status: 'incomplete' })
  expect(await source.sync(30)).toMatchObject({ status: 'succeeded' })
  expect(source.stored()).toBe(60)
})

test('what becomes visible late on pages of a group that an earlier run has read is not missed', async () => {
  await using source = await sourceOf(60, { lateMs: 60_000 })
  // It stands inside the second passage when its requests end.
  expect(await source.sync(8)).toMatchObject({ status: 'incomplete' })
  const [first] = source.items
  source.items.unshift({ id: 'late', at: first?.at ?? 0 })
  let status = ''
  for (let i = 0; i < 20 && status !== 'succeeded'; i++) ({ status } = await source.sync(8))
  expect(status).toBe('succeeded')
  expect(source.stored()).toBe(61)
})

// What a source dates ahead of its own clock is said, moves no cursor, and is read again when its time has come.

import { byCursor, ConnectorError, defineConnector, stream, z } from 'tidemark'
import { expect, test } from 'vitest'
import { openMirror } from '../support/mirror.ts'
import { wrongClock } from '../support/wrong-clock.ts'

const HOUR = 3_600
const now = () => Math.floor(Date.now() / 1_000)

interface Item {
  id: string
  at: number
}

function world(pageSize = 10, latest = Number.POSITIVE_INFINITY) {
  const items: Item[] = [1, 2, 3].map((n) => ({ id: `r${n}`, at: now() - n * HOUR }))
  const asked: (number | undefined)[] = []
  const read = async ({ since, until }: { since: number | undefined; until: number }) => {
    asked.push(since)
    if (until > latest) throw new ConnectorError('time_invalid', `There is no time ${until}.`)
    const rest = items.filter(({ at }) => at >= (since ?? 0) && at < until).sort((a, b) => a.at - b.at)
    return { records: rest.slice(0, pageSize), ...(rest.length > pageSize ? { next: 1 } : {}) }
  }
  const pass = byCursor<unknown, Item>({ read, order: ({ at }) => at, pageSize, unitMs: 1_000, overlap: '5m' })
  const about = { name: 'own', title: 'own', options: z.object({}), http: () => ({ baseUrl: 'https://x.example' }) }
  const schema = z.object({ id: z.string(), at: z.int() })
  const streams = { items: stream({ schema, key: ({ id }) => id, passes: [pass] }) }
  return { items, asked, connector: defineConnector(about, streams) }
}

test('notes, coverage and audit say it; the cursor stays where it is', async () => {
  const { items, asked, connector } = world()
  items.push({ id: 'early', at: now() + HOUR })
  await using mirror = await openMirror()
  const me = await mirror.tidemark.connect(connector, { id: 'me' })
  const said = "1 record is dated ahead of the source's own clock"
  expect(await me.sync()).toMatchObject({ status: 'succeeded', notes: [expect.stringContaining(said)] })
  expect(mirror.value('select coverage_note from streams')).toContain(said)
  expect(mirror.value("select count(*) from own_items where _key = 'early'")).toBe(1)
  const findings = async () => (await mirror.tidemark.audit()).findings
  expect(await findings()).toMatchObject([{ finding: 'dated_ahead', message: expect.stringContaining(said) }])
  asked.length = 0
  await me.sync()
  expect(asked[0]).toBeLessThanOrEqual(now() - HOUR)
  items.pop()
  expect(await me.sync()).toMatchObject({ status: 'succeeded', notes: [] })
  expect(mirror.value('select coverage_note from streams')).toBe('')
  expect(await findings()).toEqual([])
})

test('more of it than a page is not read, and said so', async () => {
  const { items, connector } = world(3)
  for (let n = 0; n < 7; n++) items.push({ id: `early${n}`, at: now() + HOUR + n })
  await using mirror = await openMirror()
  const me = await mirror.tidemark.connect(connector, { id: 'me' })
  const said = 'at least 3 records are dated ahead'
  expect(await me.sync()).toMatchObject({ status: 'incomplete', notes: [expect.stringContaining(said)] })
  expect(mirror.value('select coverage from streams')).toBe('gap')
})

test('without news, and without anything ahead, a sync makes one request', async () => {
  const { asked, connector } = world()
  await using mirror = await openMirror()
  const me = await mirror.tidemark.connect(connector, { id: 'me' })
  await me.sync()
  asked.length = 0
  await me.sync()
  expect(asked).toHaveLength(1)
})

test('a record that is dated years ahead is said from the first sync on, without a request in every run', async () => {
  const { items, asked, connector } = world()
  items.push({ id: 'typo', at: now() + 40 * 366 * 24 * HOUR })
  await using mirror = await openMirror()
  const me = await mirror.tidemark.connect(connector, { id: 'me' })
  const said = { status: 'succeeded', notes: ["items: 1 record is dated ahead of the source's own clock"] }
  expect(await me.sync()).toMatchObject(said)
  expect(mirror.value("select count(*) from own_items where _key = 'typo'")).toBe(1)
  asked.length = 0
  expect(await me.sync()).toMatchObject(said)
  expect(asked).toHaveLength(1)
  expect(mirror.value('select coverage_note from streams')).toContain('1 record is dated ahead')
  expect((await mirror.tidemark.audit()).findings).toMatchObject([{ finding: 'dated_ahead' }])
})

test('a source that knows no times so late is asked for the next year alone', async () => {
  const { items, asked, connector } = world(10, now() + 400 * 24 * HOUR)
  items.push({ id: 'early', at: now() + HOUR })
  await using mirror = await openMirror()
  const me = await mirror.tidemark.connect(connector, { id: 'me' })
  const said = { status: 'succeeded', notes: ["items: 1 record is dated ahead of the source's own clock"] }
  expect(await me.sync()).toMatchObject(said)
  expect(asked).toHaveLength(3)
  asked.length = 0
  expect(await me.sync()).toMatchObject(said)
  expect(asked).toHaveLength(2)
})

test('where only the look tells the source’s clock, the window that ended by ours is read on', async () => {
  // Ours is behind by a quarter of an hour, and the first answer is so slow that its date teaches nothing.
  const clock = wrongClock(-900_000)
  const sourceNow = () => clock.now() + 900_000
  // Behind the window's end as ours has it, and before what the look asks for.
  const items = [{ id: 'a', at: Math.floor(clock.now() / 1_000) + 15 }]
  let slow = false
  const transport = {
    async send() {
      if (slow) clock.pass(20_000)
      slow = false
      const headers = { 'content-type': 'application/json', date: new Date(sourceNow()).toUTCString() }
      return { status: 200, headers, text: '{}' }
    },
    close: async () => {},
  }
  const own = defineConnector(
    { name: 'own', title: 'own', options: z.object({}), http: () => ({ baseUrl: 'https://x.example' }) },
    {
      items: stream({
        schema: z.object({ id: z.string(), at: z.int() }),
        key: ({ id }) => id,
        passes: [
          byCursor<unknown, { id: string; at: number }>({
            pageSize: 10,
            order: ({ at }) => at,
            unitMs: 1_000,
            overlap: '1m',
            read: async ({ http, since = 0, until }) => {
              await http.get('/items')
              return { records: items.filter(({ at }) => at >= since && at < until), next: undefined }
            },
          }),
        ],
      }),
    },
  )
  await using mirror = await openMirror({ clock, transport })
  const me = await mirror.tidemark.connect(own, { id: 'me' })
  slow = true
  expect(await me.sync()).toMatchObject({ status: 'succeeded' })
  expect(mirror.value('select count(*) from own_items')).toBe(1)
})

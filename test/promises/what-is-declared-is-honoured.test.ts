// What a connector declares is honoured, or refused by name with what was probably meant. Nothing is ignored.

import { byCursor, type Connector, defineConnector, fullPass, newestFirst, openTidemark, stream, z } from 'tidemark'
import { expect, test } from 'vitest'
import { openMirror } from '../support/mirror.ts'

const read = async () => ({ records: [] })
const order = () => 1
const listing = { read, pageSize: 10 }
const window = { ...listing, order, overlap: '5m', unitMs: 1_000 }
const sound = { schema: z.object({ id: z.string(), state: z.string() }), key: ({ id }: { id: string }) => id }

/** As JavaScript may write it. */
function own(parts: object, about: object = {}): Connector<never> {
  const service = {
    name: 'shop',
    title: 'A shop',
    options: z.object({}),
    http: () => ({ baseUrl: 'https://x.example' }),
  }
  const items = { ...sound, passes: [fullPass(listing)], ...parts }
  return defineConnector({ ...service, ...about }, { items: stream(items as never) })
}

const only = (kind: string, parts: object) => ({
  passes: [{ kind, ...(kind === 'byCursor' ? window : listing), ...parts }],
})

test.each<[says: string, hint: string, parts: object, about?: object]>([
  ['stream "items": its fullPass has no option "everyRunz"', 'mean everyRuns?', only('fullPass', { everyRunz: 10 })],
  ['stream "items": its fullPass has no option "stopAfter"', 'Its options: ', only('fullPass', { stopAfter: 3 })],
  ['stream "items": its fullPass has no option "cap"', 'listing', only('fullPass', { cap: 100 })],
  ['its newestFirst has no option "witness"', 'Its options: ', only('newestFirst', { witness: read })],
  ['its byCursor has no option "overlapp"', 'mean overlap?', only('byCursor', { overlapp: '1h' })],
  ['listing of its fullPass has no option "capp"', 'mean cap?', only('fullPass', { listing: { cap: 5, capp: 5 } })],
  ['stream "items": it has no option "metric"', 'mean metrics?', { metric: ['state'] }],
  ['stream "items": byKey of it has no option "bach"', 'mean batch?', { byKey: { read, batch: 5, bach: 5 } }],
  ['stream "items": state of it has no option "versions"', 'mean version?', { state: { version: 1, versions: 2 } }],
  ['its filter "state" has no option "opened"', 'mean open?', { filters: { state: { values: ['a'], opened: ['a'] } } }],
  ['its filter "stat" is no column of it', 'mean state?', { filters: { stat: { values: ['a'] } } }],
  ['it has no option "renews"', 'mean renew?', {}, { renews: read }],
  ['the pageSize of its fullPass is "0"', 'a whole number from 1 up', only('fullPass', { pageSize: 0 })],
  ['the pageSize of its fullPass is "10.5"', 'a whole number', only('fullPass', { pageSize: 10.5 })],
  ['the paging of its fullPass is "cursor"', "'keyset' or 'offset'", only('fullPass', { paging: 'cursor' })],
  ['the listing of its fullPass is "all"', "'complete' or", only('fullPass', { listing: 'all' })],
  ['the cap of listing of its fullPass is "-1"', 'from 1 up', only('fullPass', { listing: { cap: -1 } })],
  ['the everyRuns of its fullPass is "0"', 'from 1 up', only('fullPass', { everyRuns: 0 })],
  ['the witness of its fullPass is no function', 'a function', only('fullPass', { witness: true })],
  ['the paid of its fullPass is "yes"', 'true or false', only('fullPass', { paid: 'yes' })],
  ['the stopAfter of its newestFirst is "1"', 'from 3 up', only('newestFirst', { stopAfter: 1 })],
  ['the unitMs of its byCursor is "0"', 'above 0', only('byCursor', { unitMs: 0 })],
  ['the lag of its byCursor is "5m"', 'at most 90s', only('byCursor', { lag: '5m' })],
  [
    'the overlap of its byCursor is "1h", and without unitMs',
    'unitMs: 1000',
    only('byCursor', { overlap: '1h', unitMs: undefined }),
  ],
  ['the overlap of its byCursor is 300, and its order is a time', 'a duration', only('byCursor', { overlap: 300 })],
  [
    'the lag of its byCursor means nothing without unitMs',
    'unitMs',
    only('byCursor', { overlap: 1, unitMs: undefined, lag: '5s' }),
  ],
  ['witnessBatch of its fullPass means nothing without a witness', 'witness', only('fullPass', { witnessBatch: 5 })],
  ['it has two passes fullPass', 'once', { passes: [fullPass(listing), fullPass(listing)] }],
  [
    '"b", which its filter "state" calls open, is none of its values',
    'There are: a',
    { filters: { state: { values: ['a'], open: ['b'] } } },
  ],
  ['its volatile is "img"', 'a list of texts', { volatile: 'img' }],
  [
    'the metadata "column" of its field "id" is "txt"',
    "'text' or",
    { schema: z.object({ id: z.string().meta({ column: 'txt' }) }) },
  ],
  [
    'its field "id" has the metadata "colum"',
    'mean column?',
    { schema: z.object({ id: z.string().meta({ colum: 'text' }).optional() }) },
  ],
  [
    'its option "token" has the metadata "secrett"',
    'mean secret?',
    {},
    { options: z.object({ token: z.string().meta({ secrett: true }) }) },
  ],
])('%s', async (says, hint, parts, about = {}) => {
  const opened = openTidemark({ database: ':memory:', connectors: [own(parts, about)] })
  await expect(opened).rejects.toMatchObject({ code: 'connector_invalid', hint: expect.stringContaining(hint) })
  await expect(opened).rejects.toThrow(says)
})

test.each<[says: string, hint: string, settings: object]>([
  ['its http has no option "limit"', 'mean limits?', { limit: [] }],
  [
    'limits of its http has no option "perr"',
    'mean per?',
    { limits: [{ key: 'k', requests: 1, per: '1h', perr: '1s' }] },
  ],
  ['the requests of limits of its http is "0"', 'from 1 up', { limits: [{ key: 'k', requests: 0, per: '1h' }] }],
  ['the per of limits of its http is "hourly"', 'such as 5m', { limits: [{ key: 'k', requests: 5, per: 'hourly' }] }],
  ['the baseUrl of its http is "ftp://x"', 'an http address', { baseUrl: 'ftp://x' }],
  ['the headers of its http is an object', 'an object of texts', { headers: { accept: 1 } }],
])('what http returns, at connecting: %s', async (says, hint, settings) => {
  await using tidemark = await openTidemark({ database: ':memory:' })
  const connector = own({}, { http: () => ({ baseUrl: 'https://x.example', ...settings }) })
  const connected = tidemark.connect(connector, { id: 'mine' })
  await expect(connected).rejects.toMatchObject({ code: 'connector_invalid', hint: expect.stringContaining(hint) })
  await expect(connected).rejects.toThrow(says)
  expect(await tidemark.connections()).toEqual([])
})

const CIRCLE: { self?: unknown } = {}
CIRCLE.self = CIRCLE

test('an order that is neither a number nor a text is named, and no record is blamed', async () => {
  await using mirror = await openMirror()
  const page = async () => ({ records: [{ id: 'a', state: 'x' }] })
  const pass = fullPass<unknown, { id: string }>({ ...listing, read: page, order: () => 1n as never })
  const me = await mirror.tidemark.connect(own({ passes: [pass] }), { id: 'me' })
  const { error } = await me.sync()
  expect(error).toMatchObject({ code: 'connector_invalid', message: 'Order of the connector returned a bigint.' })
  expect(mirror.value('select count(*) from quarantine')).toBe(0)
})

test.each([
  ['a text instead of a number', '2026-11-28T15:00:00Z'],
  ['undefined', undefined],
  ['null', null],
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
])('a window whose order is always %s is refused by name, and no record is blamed', async (says, place) => {
  await using mirror = await openMirror()
  const asked: unknown[] = []
  const page = async ({ since }: { since: number | undefined }) => {
    asked.push(since)
    return {
      records: [
        { id: 'a', state: 'x' },
        { id: 'b', state: 'x' },
      ],
    }
  }
  const pass = byCursor<unknown, { id: string }>({
    ...listing,
    overlap: '5m',
    unitMs: 1,
    read: page,
    order: () => place as never,
  })
  const me = await mirror.tidemark.connect(own({ passes: [pass] }), { id: 'me' })
  for (let run = 0; run < 2; run++) {
    const { error } = await me.sync()
    expect(error).toMatchObject({
      code: 'connector_invalid',
      message: `Order of byCursor returned ${says} for all records.`,
    })
  }
  expect(asked).toEqual([undefined, undefined])
  expect(mirror.value('select count(*) from quarantine')).toBe(0)
})

test.each([null, undefined, Number.NaN])('newestFirst stops at what it knows where order gives %s', async (place) => {
  await using mirror = await openMirror()
  let asked = 0
  const page = async ({ page: token }: { page: unknown }) => {
    asked++
    const at = Number(token ?? 0)
    const records = [0, 1, 2, 3, 4].map((i) => ({ id: `${at + i}`, state: 'x' }))
    return { records, ...(at < 40 ? { next: at + 5 } : {}) }
  }
  const pass = newestFirst<unknown, { id: string }>({
    ...listing,
    pageSize: 5,
    read: page,
    order: () => place as never,
  })
  const me = await mirror.tidemark.connect(own({ passes: [pass] }), { id: 'me' })
  expect(await me.sync()).toMatchObject({ status: 'succeeded' })
  asked = 0
  expect(await me.sync()).toMatchObject({ status: 'succeeded' })
  expect(asked).toBeLessThanOrEqual(2)
})

test.each<[says: string, page: object]>([
  ['no field "nextPage"', { records: [{ id: 'a', state: 'x' }], nextPage: 2 }],
  ['The total of a page of the connector is "many"', { records: [], total: 'many' }],
  ['The total of a page of the connector is NaN', { records: [], total: Number.NaN }],
  ["The next of a page of the connector can't be stored as JSON (bigint)", { records: [], next: 1n }],
  ["The next of a page of the connector can't be stored as JSON (object)", { records: [], next: CIRCLE }],
])('a page with %s is none', async (says, page) => {
  await using mirror = await openMirror()
  const me = await mirror.tidemark.connect(
    own({ passes: [fullPass({ ...listing, read: async () => page as never })] }),
    { id: 'me' },
  )
  const run = await me.sync()
  expect(run).toMatchObject({ status: 'failed', error: { code: 'connector_invalid' } })
  expect(run.error?.message).toContain(says)
})

test('an overlap in the unit of a growing number reaches back so far', async () => {
  const world = [1, 2, 3, 5, 6].map((seq) => ({ id: `r${seq}`, seq }))
  const asked: (number | undefined)[] = []
  const pass = byCursor<unknown, { id: string; seq: number }>({
    pageSize: 50,
    order: ({ seq }) => seq,
    overlap: 3,
    read: async ({ since, until }) => {
      asked.push(since)
      return { records: world.filter(({ seq }) => seq >= (since ?? 0) && seq < until).sort((a, b) => a.seq - b.seq) }
    },
  })
  const schema = z.object({ id: z.string(), seq: z.int() })
  const about = { name: 'log', title: 'A log', options: z.object({}), http: () => ({ baseUrl: 'https://x.example' }) }
  const connector = defineConnector(about, { rows: stream({ schema, key: ({ id }) => id, passes: [pass] }) })
  await using mirror = await openMirror()
  const me = await mirror.tidemark.connect(connector, { id: 'me' })
  await me.sync()
  // Its transaction was committed after those of later numbers.
  world.push({ id: 'r4', seq: 4 })
  await me.sync()
  expect(asked).toEqual([undefined, 3])
  expect(mirror.value('select count(*) from log_rows')).toBe(6)
})

test('the compiler refuses what it can', () => {
  const timed = { read, pageSize: 10, order } as const
  // @ts-expect-error a duration needs to know its unit
  byCursor({ ...timed, overlap: '1h' })
  // @ts-expect-error so does a lag
  byCursor({ ...timed, overlap: 5, lag: '5s' })
  // @ts-expect-error a time reaches back by a duration
  byCursor({ ...timed, unitMs: 1_000, overlap: 300 })
  // @ts-expect-error a misspelt name
  fullPass({ read, pageSize: 10, everyRunz: 5 })
  // @ts-expect-error a full pass stops nowhere
  fullPass({ read, pageSize: 10, stopAfter: 5 })
  // @ts-expect-error only a full pass asks a witness
  newestFirst({ read, pageSize: 10, witness: async () => new Map() })
  expect(byCursor({ ...timed, overlap: '0s' }).kind).toBe('byCursor')
  expect(byCursor({ ...timed, overlap: 50 }).overlap).toBe(50)
  expect(byCursor({ ...timed, unitMs: 1_000, overlap: '1h', lag: '5s' }).lag).toBe('5s')
})

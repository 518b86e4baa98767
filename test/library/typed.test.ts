// Owns the proof that the types of the library say what it does: what the compiler knows of options, streams and records
// is what comes back at run time. `npm run types` checks the lines that must not compile.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  type Connection,
  type ConnectionOf,
  decimal,
  defineConnector,
  flag,
  fullPass,
  id,
  integer,
  json,
  type RecordOf,
  rows,
  secret,
  stream,
  type Tidemark,
  text,
  z,
} from 'tidemark'
import github from 'tidemark/connectors/github'
import { expect, expectTypeOf, test } from 'vitest'
import { githubEmulator } from '../../src/testing/emulators/index.ts'
import { openMirror } from '../support/mirror.ts'

/** Every kind of field that a schema can have, by the value that is read back. */
const schema = z.object({
  id: id(),
  name: z.string(),
  note: text(),
  mood: z.enum(['good', 'bad']),
  likes: integer(),
  weight: z.number().optional(),
  huge: z.bigint(),
  amount: decimal(),
  open: z.boolean(),
  hidden: flag(),
  said: z.stringbool(),
  anything: json(),
  tags: z.array(z.string()).nullable(),
  owner: z.object({ login: z.string(), since: z.coerce.date() }),
  day: z.coerce.date(),
  doubled: z.string().transform((digits) => Number(digits) * 2),
  perhaps: z.union([z.number(), z.null()]),
  either: z.union([z.string(), z.number()]),
  shape: z.union([z.object({ side: z.number() }), z.string()]),
})

const ROW = {
  id: 7,
  name: 'first',
  mood: 'good',
  likes: 3,
  huge: '9007199254740993',
  amount: 12.5,
  open: true,
  said: 'yes',
  anything: '5',
  tags: ['a', 'b'],
  owner: { login: 'ada', since: '2026-01-02' },
  day: '2026-01-02',
  doubled: '21',
  perhaps: 4,
  either: 5,
  shape: { side: 2 },
}

const things = defineConnector(
  {
    name: 'things',
    title: 'Things of every kind',
    options: z.object({
      token: secret('A token'),
      pages: z.coerce.number<string | number>().optional(),
      tags: z
        .string()
        .transform((tags) => tags.split(','))
        .optional(),
    }),
    http: ({ token }) => ({ baseUrl: 'https://things.example', headers: { authorization: `Bearer ${token}` } }),
  },
  {
    things: stream({
      schema,
      record: ({ huge, ...row }: { huge: string }) => ({ ...row, huge: BigInt(huge) }),
      key: (thing) => thing.id,
      metrics: ['likes'],
      passes: [
        fullPass({
          // The options are the connector's here, too.
          read: async ({ http, options }) => {
            expectTypeOf(options.tags).toEqualTypeOf<string[] | undefined>()
            return { records: rows((await http.get('/things')).body, 'things') }
          },
          pageSize: 10,
        }),
      ],
    }),
    places: stream({
      schema: z.object({ city: z.string() }),
      key: (place) => place.city,
      passes: [fullPass({ read: async () => ({ records: [{ city: 'Ulm' }] }), pageSize: 10 })],
    }),
  },
)

async function thingsService(row: object) {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify([row]))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, [Symbol.dispose]: () => void server.close() }
}

test('a record is what its types say', async () => {
  using service = await thingsService(ROW)
  await using mirror = await openMirror()
  const options = { token: 'demo', baseUrl: service.url, allowPrivateNetwork: true, tags: 'a,b' }
  const mine = await mirror.tidemark.connect(things, { id: 'mine', options })
  const run = await mine.sync({ streams: ['things'] })
  expect(run).toMatchObject({ status: 'succeeded', streams: [{ counts: { inserted: 1, quarantined: 0 } }] })
  const found = []
  for await (const thing of mine.records('things', { where: { open: true } })) found.push(thing)
  const [thing] = found
  if (!thing) throw new Error('there is no record')

  expectTypeOf(thing._key).toEqualTypeOf<string>()
  expectTypeOf(thing._removed_at).toEqualTypeOf<string | null>()
  expectTypeOf(thing.id).toEqualTypeOf<string>()
  expectTypeOf(thing.name).toEqualTypeOf<string>()
  expectTypeOf(thing.note).toEqualTypeOf<string | null>()
  expectTypeOf(thing.mood).toEqualTypeOf<'good' | 'bad'>()
  expectTypeOf(thing.likes).toEqualTypeOf<number | null>()
  expectTypeOf(thing.weight).toEqualTypeOf<number | null>()
  expectTypeOf(thing.huge).toEqualTypeOf<number | bigint | string>()
  expectTypeOf(thing.amount).toEqualTypeOf<string | null>()
  expectTypeOf(thing.open).toEqualTypeOf<boolean>()
  expectTypeOf(thing.hidden).toEqualTypeOf<boolean | null>()
  expectTypeOf(thing.said).toEqualTypeOf<boolean>()
  expectTypeOf(thing.anything).toEqualTypeOf<unknown>()
  expectTypeOf(thing.tags).toEqualTypeOf<readonly string[] | null>()
  expectTypeOf(thing.owner).toEqualTypeOf<{ readonly login: string; readonly since: string }>()
  expectTypeOf(thing.day).toEqualTypeOf<string>()
  expectTypeOf(thing.doubled).toEqualTypeOf<string>()
  expectTypeOf(thing.perhaps).toEqualTypeOf<number | null>()
  expectTypeOf(thing.either).toEqualTypeOf<string>()
  expectTypeOf(thing.shape).toEqualTypeOf<string | { readonly side: number }>()
  expect(thing).toEqual({
    _project: 'default',
    _connection: 'mine',
    _key: '7',
    id: '7',
    name: 'first',
    note: null,
    mood: 'good',
    likes: 3,
    weight: null,
    huge: 9_007_199_254_740_993n,
    amount: '12.5',
    open: true,
    hidden: null,
    said: true,
    anything: '5',
    tags: ['a', 'b'],
    owner: { login: 'ada', since: '2026-01-02T00:00:00.000Z' },
    day: '2026-01-02T00:00:00.000Z',
    doubled: '42',
    perhaps: 4,
    either: '5',
    shape: { side: 2 },
    _first_seen_at: expect.stringMatching(/Z$/),
    _updated_at: expect.stringMatching(/Z$/),
    _removed_at: null,
    _removed_reason: null,
    _unavailable_since: null,
    _raw: JSON.stringify(ROW),
  })

  const [version] = await mine.history('things', '7')
  expectTypeOf(version!.columns.tags).toEqualTypeOf<readonly string[] | null>()
  const { _raw, ...columns } = Object.fromEntries(
    Object.entries(thing).filter(([name]) => !name.startsWith('_') || name === '_raw'),
  )
  expect(version).toMatchObject({ op: 'insert', at: thing._first_seen_at, raw: _raw, columns })
  const digits = []
  for await (const { _key } of mine.records('things', { where: { huge: '9007199254740993' } })) digits.push(_key)
  expect(digits).toEqual(['7'])
  // A Date is a moment like its number.
  const seen = new Date(thing._first_seen_at)
  for (const asOf of [seen, seen.getTime()]) {
    const then = []
    for await (const { _key } of mine.records('things', { asOf })) then.push(_key)
    expect(then).toEqual(['7'])
  }
  const since = (moment: Date | number) => mine.metrics('things', { metric: 'likes', since: moment })
  expect(await since(seen)).toEqual(await since(seen.getTime()))
  // The same record with small digits: a number, as the type allows.
  using other = await thingsService({ ...ROW, id: 8, huge: '12' })
  await mirror.tidemark.connect(things, { id: 'mine', options: { token: undefined, baseUrl: other.url } })
  await mine.sync({ streams: ['things'] })
  for await (const { huge } of mine.records('things', { where: { _key: '8' } })) expect(huge).toBe(12)
})

test('names of streams, columns and options are the connector’s', async () => {
  await using mirror = await openMirror()
  const { tidemark } = mirror
  const mine = await tidemark.connect(things, { id: 'mine', options: { token: 'demo', pages: '5' } })
  const first = <T>(from: AsyncGenerator<T>) => from.next()

  // @ts-expect-error: there is no such stream
  await expect(first(mine.records('thing'))).rejects.toMatchObject({ code: 'stream_unknown' })
  // @ts-expect-error: and it has no such column
  await expect(first(mine.records('things', { where: { colour: 'red' } }))).rejects.toMatchObject({
    code: 'column_unknown',
  })
  // @ts-expect-error: there is no such stream
  await expect(mine.sync({ streams: ['thing'] })).rejects.toMatchObject({ code: 'stream_unknown' })
  // @ts-expect-error: there is no such stream
  await expect(mine.plan({ streams: ['thing'] })).rejects.toMatchObject({ code: 'stream_unknown' })
  // @ts-expect-error: there is no such stream
  await expect(mine.history('thing', '7')).rejects.toMatchObject({ code: 'stream_unknown' })
  await expect(mine.history('things', 'nobody')).rejects.toMatchObject({ code: 'record_unknown' })
  // @ts-expect-error: a place has no likes
  await expect(mine.metrics('places', { metric: 'likes' })).rejects.toMatchObject({ code: 'metric_unknown' })
  // @ts-expect-error: there is no such option
  await expect(tidemark.connect(things, { id: 'a', options: { tokn: 'demo' } })).rejects.toMatchObject({
    code: 'options_unknown',
  })
  // @ts-expect-error: a token is required
  await expect(tidemark.connect(things, { id: 'a', options: {} })).rejects.toMatchObject({ code: 'options_invalid' })
  // @ts-expect-error: likes are a number
  await expect(first(mine.records('things', { where: { likes: 'five' } }))).rejects.toMatchObject({
    code: 'argument_invalid',
    message: 'In records: where.likes is a whole number, not "five".',
  })
  // @ts-expect-error: and a name is text
  await expect(first(mine.records('things', { where: { name: true } }))).rejects.toMatchObject({
    code: 'argument_invalid',
    message: 'In records: where.name is text, not true.',
    hint: '"name" of stream "things" is a column of type text.',
  })
  // @ts-expect-error: whether it is open is true or false
  await expect(first(mine.records('things', { where: { open: 5 } }))).rejects.toMatchObject({
    code: 'argument_invalid',
  })
  await expect(first(mine.records('things', { where: { weight: Number.NaN } }))).rejects.toMatchObject({
    code: 'option_invalid',
  })
  // A number beyond 2^53 is told by its digits, as it is read.
  await first(mine.records('things', { where: { huge: '9007199254740993', weight: 0.5, likes: 3, _key: '7' } }))
  // @ts-expect-error: a token is text
  await expect(tidemark.connect(things, { id: 'a', options: { token: 5 } })).rejects.toMatchObject({
    code: 'options_invalid',
  })
  // @ts-expect-error: options are given as the connector reads them, not as its code sees them
  await expect(tidemark.connect(things, { id: 'a', options: { token: 'x', tags: ['a'] } })).rejects.toMatchObject({
    code: 'options_invalid',
  })

  // What the environment does not have is not given.
  await tidemark.connect(things, { id: 'mine', options: { token: process.env['NO_SUCH_VARIABLE'] } })
  await expect(mine.explain('places', 'Ulm', 'city')).rejects.toMatchObject({ code: 'record_unknown' })
})

test('a built-in connector is typed like one’s own, and one by name takes any', async () => {
  const emulator = await githubEmulator({ stars: 3, limits: false })
  try {
    await using mirror = await openMirror()
    const { tidemark } = mirror
    const options = { user: 'ada', token: 'token-of-ada', baseUrl: emulator.url, allowPrivateNetwork: true }
    const me = await tidemark.connect(github, { id: 'me', options })
    await me.sync()
    const names: string[] = []
    for await (const star of me.records('stars')) {
      expectTypeOf(star.full_name).toEqualTypeOf<string>()
      expectTypeOf(star.private).toEqualTypeOf<boolean | null>()
      expectTypeOf(star.stargazers_count).toEqualTypeOf<number | null>()
      names.push(star.full_name)
    }
    expect(names).toHaveLength(3)

    // Only some columns, in an order: nothing else is read, and the types know it.
    const some: unknown[] = []
    for await (const star of me.records('stars', { columns: ['full_name', '_key'], order: 'full_name:desc' })) {
      expectTypeOf(star).toEqualTypeOf<{ readonly full_name: string; readonly _key: string }>()
      some.push(star)
    }
    expect(some.map((star) => Object.keys(star as object))).toEqual(names.map(() => ['full_name', '_key']))
    expect(some.map((star) => (star as { full_name: string }).full_name)).toEqual(names.toSorted().toReversed())
    // @ts-expect-error: there is no such column
    await expect(me.records('stars', { columns: ['full_nam'] }).next()).rejects.toMatchObject({
      code: 'column_unknown',
    })
    // @ts-expect-error: there is no such direction
    await expect(me.records('stars', { order: 'full_name:up' }).next()).rejects.toThrow(/can't go "up"/)

    const loose = await tidemark.connect('github', { id: 'me', options: { user: 'ada' } })
    expect((await loose.records('stars', { columns: ['_key'], order: '_key:desc', limit: 1 }).next()).value).toEqual({
      _key: expect.any(String),
    })
    expectTypeOf(loose).toEqualTypeOf<Connection>()
    for await (const star of loose.records('stars', { limit: 1, where: { fork: false } })) {
      expectTypeOf(star['full_name']).toEqualTypeOf<unknown>()
      expectTypeOf(star._key).toEqualTypeOf<string>()
      expect(names).toContain(star['full_name'])
    }
    // Their types have names, for functions of one's own.
    const named: ConnectionOf<typeof github> = me
    const nameOf = (star: RecordOf<typeof github, 'stars'>): string => star.full_name
    for await (const star of named.records('stars', { limit: 1 })) expect(names).toContain(nameOf(star))
    // One that is typed can be handed to whatever takes any.
    const all: Connection[] = [me, loose]
    expect(all.map((connection) => connection.id)).toEqual(['me', 'me'])
  } finally {
    await emulator.close()
  }
})

test('the compiler explains a wrong option by the typed way to connect, not by the one that takes a name', () => {
  // Of overloads, both an error and `Parameters` show the last one.
  expectTypeOf<Parameters<Tidemark['connect']>[0]>().not.toBeString()
})

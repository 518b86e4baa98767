// Owns the promise that no digit of a number is lost: what the source wrote is in `_raw`, in `decimal()` and in `json()`
// with its exact value, a number that changes in its last digit has changed, and one that is only written differently has
// not. Both stores say the same.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type Connection,
  decimal,
  defineConnector,
  fullPass,
  integer,
  json,
  openTidemark,
  real,
  rows,
  stream,
  z,
} from '../../src/index.ts'
import { canonicalDigits } from '../../src/model/exact-number.ts'
import { openMirror } from '../support/mirror.ts'
import { postgresServer } from '../support/postgres.ts'
import { withPostgres } from '../support/with-postgres.ts'

async function source(listed: () => string) {
  const server = createServer((_, answer) => {
    answer.setHeader('content-type', 'application/json')
    answer.end(listed())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, [Symbol.dispose]: () => server.close() }
}

const columns = {
  amount: decimal(),
  near: real(),
  deep: json(),
  // An author's own way to say that a number becomes text.
  own: z.union([z.string(), z.number()]).nullable().default(null),
  big: z.coerce.bigint().nullable().default(null),
  lines: z.array(z.object({ price: decimal(), weight: z.number() })).default([]),
  whole: integer(),
}

function wallets(more: Record<string, z.ZodType> = columns, version = '1') {
  return defineConnector(
    {
      name: 'wallets',
      title: 'Wallets',
      version,
      options: z.object({}),
      http: () => ({ baseUrl: 'http://127.0.0.1' }),
    },
    {
      wallets: stream({
        schema: z.object({ id: z.string(), ...more }),
        key: (wallet) => wallet['id'],
        ...('amount' in more ? { metrics: ['amount'] as never } : {}),
        volatile: ['views'],
        passes: [
          fullPass({
            pageSize: 1_000,
            read: async ({ http }) => ({ records: rows((await http.get('/wallets')).body, 'wallets') }),
          }),
        ],
      }),
    },
  )
}

const key = new Uint8Array(32).fill(7)

interface Stored {
  readonly amount: string | null
  readonly near: number | null
  readonly deep: unknown
  readonly own: string | null
  readonly big: number | bigint | string | null
  readonly lines: unknown
  readonly _raw: string
}

async function all(connection: Connection): Promise<ReadonlyMap<string, Stored>> {
  const found = new Map<string, Stored>()
  for await (const row of connection.records('wallets')) found.set(row._key, row as unknown as Stored)
  return found
}

const counts = async (connection: Connection) => (await connection.sync()).streams[0]!.counts

/** A number of JSON in one of its many spellings. */
const number = fc.oneof(
  fc.stringMatching(/^-?(0|[1-9][0-9]{0,22})([.][0-9]{1,22})?([eE][+-]?[0-9]{1,3})?$/),
  fc.double({ noDefaultInfinity: true, noNaN: true }).map(String),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String),
)

const lastDigitChanged = (text: string) =>
  text.replace(/\d(?=([eE][+-]?\d+)?$)/, (digit) => String((Number(digit) + 1) % 10))

/** The promise, with many numbers at once: each is a record of its own. Returns how many there were. */
async function everyNumberIsKept(database: string, numRuns: number): Promise<number> {
  let text = '[]'
  using server = await source(() => text)
  const loose = wallets({ amount: decimal(), deep: json(), own: columns.own })
  await using tidemark = await openTidemark({ database, key, connectors: [loose] })
  const options = { baseUrl: server.url, allowPrivateNetwork: true }
  const mine: Connection = await tidemark.connect('wallets', { id: 'mine', options })
  let tried = 0
  await fc.assert(
    fc.asyncProperty(fc.array(number, { minLength: 1, maxLength: 60 }), async (numbers) => {
      tried += numbers.length
      const list = (texts: readonly string[]) =>
        `[${texts.map((n, i) => `{"id":"${i}","amount":${n},"own":${n},"deep":{"n":[${n}],"plain":1}}`).join(',')}]`
      const settle = async (texts: readonly string[]) => {
        text = list(texts)
        const counted = await counts(mine)
        expect(counted).toMatchObject({ quarantined: 0, fetched: texts.length })
        const found = await all(mine)
        for (const [i, n] of texts.entries()) {
          const wanted = canonicalDigits(n)
          const { amount, own, deep, _raw } = found.get(String(i))!
          expect([canonicalDigits(amount!), canonicalDigits(own!)], n).toEqual([wanted, wanted])
          expect(canonicalDigits(String((deep as { n: [unknown] }).n[0])), n).toBe(wanted)
          expect(canonicalDigits(/"amount":([^,]*),/.exec(_raw)![1]!), n).toBe(wanted)
        }
        return counted
      }
      await settle(numbers)
      expect(await settle(numbers)).toMatchObject({ updated: 0, unchanged: numbers.length })
      const changed = numbers.map(lastDigitChanged)
      const differ = changed.filter((n, i) => canonicalDigits(n) !== canonicalDigits(numbers[i]!)).length
      expect(await settle(changed)).toMatchObject({ updated: differ, unchanged: numbers.length - differ })
      const respelt = changed.map((n) => canonicalDigits(n))
      expect(await settle(respelt)).toMatchObject({ updated: 0, unchanged: numbers.length })
    }),
    { numRuns },
  )
  return tried
}

test('every number keeps its digits, and changes with its last one', { timeout: 60_000 }, async () => {
  await using mirror = await openMirror()
  expect(await everyNumberIsKept(mirror.file, 25)).toBeGreaterThan(100)
})

withPostgres('PostgreSQL', () => {
  test('every number keeps its digits, and changes with its last one', { timeout: 60_000 }, async () => {
    const server = await postgresServer()
    expect(await everyNumberIsKept(server.url(await server.createDatabase()), 8)).toBeGreaterThan(30)
  })
})

test('what each kind of column holds of a number with too many digits', async () => {
  const row =
    '{"id":"a","amount":1234567890123456.78,"near":0.1234567890123456789,"deep":{"n":0.1234567890123456789,"__proto__":1e400},' +
    '"own":0.1234567890123456789e1,"big":9007199254740993.0,"whole":3,"lines":[{"price":0.1234567890123456789,"weight":0.1234567890123456789}]}'
  using server = await source(() => `[${row}]`)
  await using mirror = await openMirror()
  const options = { baseUrl: server.url, allowPrivateNetwork: true }
  const mine: Connection = await mirror.tidemark.connect(wallets(), { id: 'mine', options })
  expect(await counts(mine)).toMatchObject({ inserted: 1, quarantined: 0 })
  expect((await all(mine)).get('a')).toMatchObject({
    amount: '1234567890123456.78',
    // Whoever declares a number gets the nearest one.
    near: 0.12345678901234568,
    deep: { n: '0.1234567890123456789', ['__proto__']: '1e400' },
    own: '1.234567890123456789',
    big: 9007199254740993n,
    lines: [{ price: '0.1234567890123456789', weight: 0.12345678901234568 }],
    _raw: row,
  })
  expect(mirror.value('select deep from wallets_wallets')).toBe('{"n":"0.1234567890123456789","__proto__":"1e400"}')
  const growth = await mine.metrics('wallets', { metric: 'amount', key: 'a' })
  expect(growth.points.map(({ value }) => value)).toEqual(['1234567890123456.78'])
})

test('a fraction that only looks like a whole number sets its record aside, as any other fraction does', async () => {
  using server = await source(
    () => '[{"id":"a","whole":5.00000000000000000001},{"id":"b","big":5.00000000000000000001},{"id":"c","whole":5.0}]',
  )
  await using mirror = await openMirror()
  const options = { baseUrl: server.url, allowPrivateNetwork: true }
  const mine: Connection = await mirror.tidemark.connect(wallets(), { id: 'mine', options })
  expect(await counts(mine)).toMatchObject({ inserted: 1, quarantined: 2 })
  expect(mirror.sql('select key, message from quarantine order by key')).toEqual([
    { key: 'a', message: 'whole: Invalid input: expected int, received 5.00000000000000000001' },
    { key: 'b', message: 'big: Invalid input: expected int, received 5.00000000000000000001' },
  ])
})

test('volatile fields are left out of the comparison, digits of others are not', async () => {
  let text = '[{"id":"a","amount":1234567890.123456781,"views":0.10000000000000000001}]'
  using server = await source(() => text)
  await using mirror = await openMirror()
  const options = { baseUrl: server.url, allowPrivateNetwork: true }
  const mine: Connection = await mirror.tidemark.connect(wallets(), { id: 'mine', options })
  await counts(mine)
  text = '[{"id":"a","views":0.10000000000000000002,"amount":1234567890.123456781}]'
  expect(await counts(mine)).toMatchObject({ updated: 0, unchanged: 1 })
  text = '[{"id":"a","views":0.10000000000000000002,"amount":1234567890.123456799}]'
  expect(await counts(mine)).toMatchObject({ updated: 1, unchanged: 0 })
  expect((await mine.history('wallets', 'a')).map(({ columns: { amount } }) => amount)).toEqual([
    '1234567890.123456781',
    '1234567890.123456799',
  ])
})

test('a column that is declared later gets all digits of what was stored before', async () => {
  using server = await source(() => '[{"id":"a","amount":1234567890123456.78,"deep":[1e400]}]')
  await using mirror = await openMirror()
  const options = { baseUrl: server.url, allowPrivateNetwork: true }
  const old = await mirror.tidemark.connect(wallets({}), { id: 'mine', options })
  await old.sync()
  const grown = wallets({ amount: decimal(), deep: json() }, '2')
  await using newer = await openTidemark({ database: mirror.file, connectors: [grown], key })
  expect(await counts(await newer.connection('mine'))).toMatchObject({ unchanged: 1 })
  expect(mirror.sql('select amount, deep from wallets_wallets')).toEqual([
    { amount: '1234567890123456.78', deep: '["1e400"]' },
  ])
})

test('a connector that makes its own rows keeps the digits that it hands on', async () => {
  using server = await source(() => '[{"id":"a","cost":{"amount":1234567890123456.78,"rate":0.12345678901234567891}}]')
  await using mirror = await openMirror()
  const connector = defineConnector(
    { name: 'wallets', title: 'Wallets', options: z.object({}), http: () => ({ baseUrl: 'http://127.0.0.1' }) },
    {
      wallets: stream({
        schema: z.object({ id: z.string(), amount: decimal(), text: z.string(), half: z.number(), cost: json() }),
        record: ({ id, cost }: { id: string; cost: { amount: number; rate: number } }) => {
          return { id, amount: cost.amount, text: String(cost.rate), half: cost.amount / 2, cost }
        },
        key: (wallet) => wallet.id,
        passes: [
          fullPass({
            pageSize: 10,
            read: async ({ http }) => ({ records: rows((await http.get('/wallets')).body, 'wallets') }),
          }),
        ],
      }),
    },
  )
  const options = { baseUrl: server.url, allowPrivateNetwork: true }
  const mine: Connection = await mirror.tidemark.connect(connector, { id: 'mine', options })
  expect(await counts(mine)).toMatchObject({ inserted: 1 })
  expect((await all(mine)).get('a')).toMatchObject({
    amount: '1234567890123456.78',
    text: '0.12345678901234567891',
    half: Number('1234567890123456.78') / 2,
    cost: { amount: '1234567890123456.78', rate: '0.12345678901234567891' },
  })
})

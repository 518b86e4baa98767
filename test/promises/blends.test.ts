// Owns the promise of blends, on both stores: what several sources and a person say of one account meets in one record, by the
// rules of its fields, and `explain` tells why each value is what it is.

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { defineConnector, fullPass, openTidemark, stream, type Tidemark } from '../../src/index.ts'
import type { Lease } from '../../src/store/store.ts'
import { testClock } from '../../src/testing/test-clock.ts'
import { postgresServer } from '../support/postgres.ts'
import { withPostgres } from '../support/with-postgres.ts'

type Row = Readonly<Record<string, unknown>> & { readonly id: string }

/** Services whose accounts a test moves. */
class Services {
  readonly rows = new Map<string, readonly Row[]>()
  readonly down = new Set<string>()

  connector(name: string, fields: Readonly<Record<string, z.ZodType>>) {
    const schema = z.looseObject({ id: z.string(), ...fields })
    return defineConnector(
      { name, title: name, options: z.object({ of: z.string() }), http: () => ({ baseUrl: 'https://x.example' }) },
      {
        account: stream({
          schema,
          key: (row) => row.id,
          passes: [
            fullPass({
              pageSize: 5_000,
              listing: 'complete',
              read: async ({ options }: { options: { of: string } }) => {
                if (this.down.has(options.of)) throw new Error('The sheet is away.')
                return { records: this.rows.get(options.of) ?? [] }
              },
            } as never),
          ],
        }),
      },
    )
  }
}

const number = z.int().nullish()
const textual = z.string().nullish()

let opened: Tidemark | undefined
/** A database of its own for each test. */
let database = async () => ':memory:'
afterEach(async () => {
  await opened?.close()
  opened = undefined
})

async function world(rows: Readonly<Record<string, readonly Row[]>> = {}) {
  const services = new Services()
  for (const [name, some] of Object.entries(rows)) services.rows.set(name, some)
  const still = { at: Date.UTC(2026, 10, 29, 12) }
  const clock = {
    ...testClock(),
    now: () => still.at,
    advance: (ms: number) => {
      still.at += ms
    },
  }
  const tidemark = await openTidemark({
    database: await database(),
    clock,
    key: Buffer.alloc(32, 1),
    timezone: 'Europe/Berlin',
  })
  opened = tidemark
  const sheet = services.connector('paper', { profile_url: textual, followers: textual, note: textual })
  const tube = services.connector('tube', { profile_url: textual, followers: number, name: textual })
  const gram = services.connector('gram', { profile_url: textual, followers: number })
  await tidemark.connect(sheet, { id: 'team', options: { of: 'team' } })
  await tidemark.connect(tube, { id: 'yt', options: { of: 'yt' } })
  await tidemark.connect(gram, { id: 'ig', options: { of: 'ig' } })
  const sync = async (...ids: readonly string[]) => {
    for (const id of ids) await (await tidemark.connection(id)).sync()
    await tidemark.settled()
  }
  const all = async () => {
    const found: Record<string, unknown>[] = []
    for await (const one of (await tidemark.connection('accounts')).records('records')) found.push(one)
    return found
  }
  return { services, clock, tidemark, sync, all }
}

const ADA = 'https://youtube.com/@ada'
const FROM = ['team/account', 'yt/account']
const ROWS = {
  team: [{ id: '1', profile_url: 'http://www.YouTube.com/@Ada/', followers: '1,000', note: 'hers' }],
  yt: [{ id: 'UC1', profile_url: ADA, followers: 950, name: 'Ada' }],
}

async function blended(rule: Readonly<Record<string, string>> = { followers: 'max' }) {
  const here = await world(ROWS)
  await here.sync('team', 'yt')
  await here.tidemark.blends.create('accounts', { from: FROM, rule })
  return here
}

function promises() {
  test('joins sources by the profile, whatever its spelling, and remembers the largest value', async () => {
    const { services, sync, all, tidemark, clock } = await blended()
    expect(await all()).toMatchObject([{ _key: ADA, followers: 1000, name: 'Ada', note: 'hers' }])
    clock.advance(60_000)
    services.rows.set('yt', [{ id: 'UC1', profile_url: ADA, followers: 1050, name: 'Ada' }])
    await sync('yt')
    expect(await all()).toMatchObject([{ followers: 1050 }])
    services.rows.set('yt', [{ id: 'UC1', profile_url: ADA, followers: 900, name: 'Ada' }])
    await sync('yt')
    expect(await all()).toMatchObject([{ followers: 1050 }])
    const told = await (await tidemark.connection('accounts')).explain('records', ADA, 'followers')
    expect(told.blended).toEqual({
      followers: {
        value: 1050,
        rule: 'max',
        source: 'yt/account',
        key: 'UC1',
        column: 'followers',
        at: '2026-11-29T12:01:00.000Z',
      },
    })
    const rows = await tidemark.store.tables.rows('default', 'blend_accounts', 10)
    expect(rows).toMatchObject([{ _key: ADA, followers: 1050 }])
  })

  test.each(['max', 'max-current', 'min', 'sum', 'latest', 'source-order'])(
    'keeps every digit of whole numbers beyond 2^53: %s',
    async (rule) => {
      const { services, sync, all, tidemark, clock } = await world()
      const [small, large] = ['9007199254740992', '9007199254740993']
      const [first, second] = rule === 'max' || rule === 'max-current' ? [small, large] : [large, '9007199254740994']
      services.rows.set('team', [{ id: '1', profile_url: ADA, followers: first }])
      services.rows.set('yt', [{ id: 'UC1', profile_url: ADA, followers: null, name: 'Ada' }])
      await sync('team', 'yt')
      await tidemark.blends.create('accounts', { from: FROM, rule: { followers: rule } })
      clock.advance(60_000)
      services.rows.set('team', [
        { id: '1', profile_url: ADA, followers: first },
        { id: '2', profile_url: ADA, followers: rule === 'sum' ? '0' : second },
        { id: '3', profile_url: 'https://youtube.com/@bob', followers: '1.5' },
      ])
      await sync('team')
      const found = (await all()).map(({ _key, followers }) => [_key, String(followers)])
      const chosen = rule === 'latest' ? second : large
      expect(found).toEqual([
        [ADA, chosen],
        ['https://youtube.com/@bob', '1.5'],
      ])
      const rows = await tidemark.store.tables.rows('default', 'blend_accounts', 10)
      expect(rows.map(({ followers }) => String(followers))).toEqual([chosen, '1.5'])
    },
  )

  test('says which numbers it rounds where its column was made for smaller ones', async () => {
    const { services, sync, all, tidemark } = await blended()
    services.rows.set('team', [{ ...ROWS.team[0], id: '1', followers: '9,007,199,254,740,993' }])
    await sync('team')
    expect(await all()).toMatchObject([{ followers: 9007199254740992 }])
    const [run] = await tidemark.runs({ connection: 'accounts' })
    expect(JSON.stringify(run)).toContain(
      'followers keeps the nearest number to whole ones beyond 2^53, such as 9007199254740993',
    )
  })

  test('that a process which died has left behind is made again as soon as something serves', async () => {
    const { services, sync, all, tidemark } = await blended()
    // Whoever follows for this project has it in hand, and never comes to it.
    await tidemark.settled()
    const now = await tidemark.store.now()
    const holder = { id: 'other', host: 'elsewhere', pid: 1, startedAt: 1 }
    const resource = 'follower:blends:default'
    const taken = await tidemark.store.leases.claim({ resource, holder, now, expiresAt: now + 30_000 })
    expect(taken).toHaveProperty('lease')
    services.rows.set('yt', [{ id: 'UC1', profile_url: ADA, followers: 5000, name: 'Ada' }])
    await sync('yt')
    expect(await all()).toMatchObject([{ followers: 1000 }])
    await tidemark.store.leases.release((taken as { lease: Lease }).lease)
    const over = new AbortController()
    const kept = tidemark.start({ signal: over.signal })
    await expect.poll(all).toMatchObject([{ followers: 5000 }])
    over.abort()
    await kept
  })

  test('that was being made when its source changed is made again after the next run, changes or not', async () => {
    const { services, sync, all, tidemark } = await blended()
    const { no } = (await tidemark.store.connections.find('default', 'accounts'))!
    const now = await tidemark.store.now()
    const holder = { id: 'other', host: 'elsewhere', pid: 1, startedAt: 1 }
    const resource = `connection:${no}`
    const taken = await tidemark.store.leases.claim({ resource, holder, now, expiresAt: now + 30_000 })
    expect(taken).toHaveProperty('lease')
    services.rows.set('yt', [{ id: 'UC1', profile_url: ADA, followers: 5000, name: 'Ada' }])
    await sync('yt')
    expect(await all()).toMatchObject([{ followers: 1000 }])
    await tidemark.store.leases.release((taken as { lease: Lease }).lease)
    await sync('yt')
    expect(await all()).toMatchObject([{ followers: 5000 }])
  })

  test.each([
    ['some changes', 1],
    ['many', 150],
  ])('remembers what a source showed while the blend was not made: %s', async (_many, more) => {
    const account = (n: number, followers: number) => ({
      id: `UC${n}`,
      profile_url: `https://youtube.com/@a${n}`,
      followers,
      name: `name ${followers}`,
    })
    const others = (followers: number) => Array.from({ length: more }, (_, i) => account(i + 10, followers))
    const { services, clock, sync, all, tidemark } = await world({ yt: [account(1, 10), account(2, 20), ...others(1)] })
    await sync('yt')
    await tidemark.blends.create('accounts', { from: ['yt/account'], rule: { followers: 'max', name: 'first' } })
    await (await tidemark.connection('accounts')).pause()
    const shows = async (...rows: readonly Row[]) => {
      clock.advance(60_000)
      services.rows.set('yt', rows)
      await sync('yt')
    }
    await shows(account(1, 100), account(2, 20), account(3, 7), ...others(2))
    await shows(account(1, 50), account(2, 200), account(3, 3), ...others(3))
    await shows(account(1, 60), account(3, 3), ...others(4))
    await shows(account(1, 60), account(3, 3), ...others(4))
    await (await tidemark.connection('accounts')).resume()
    clock.advance(60_000)
    await shows(account(1, 70), account(3, 3), ...others(4))
    const told = async () => (await all()).filter(({ _key }) => /@a[123]$/.test(String(_key)))
    expect(await told()).toMatchObject([
      { _key: 'https://youtube.com/@a1', followers: 100, name: 'name 10' },
      { _key: 'https://youtube.com/@a3', followers: 7, name: 'name 7' },
    ])
    const accounts = await tidemark.connection('accounts')
    expect((await accounts.explain('records', 'https://youtube.com/@a1', 'followers')).blended).toMatchObject({
      followers: { value: 100, source: 'yt/account', key: 'UC1', at: '2026-11-29T12:01:00.000Z' },
    })
    // What left meanwhile is as it was when it comes back.
    await shows(account(1, 70), account(2, 5), account(3, 3), ...others(4))
    const back = (await all()).find(({ _key }) => _key === 'https://youtube.com/@a2')
    expect(back).toMatchObject({ followers: 200, name: 'name 20' })
  })

  test('a value that was set by hand stands above every rule until it is unset', async () => {
    const { services, sync, all, tidemark } = await blended()
    expect(
      await tidemark.blends.set('accounts', 'youtube.com/@ADA', { followers: '1.2K', note: 'ours' }),
    ).toMatchObject({
      key: ADA,
      fields: { followers: { value: 1200, rule: 'manual', source: null }, note: { value: 'ours' } },
    })
    services.rows.set('yt', [{ id: 'UC1', profile_url: ADA, followers: 5000, name: 'Ada' }])
    await sync('yt')
    expect(await all()).toMatchObject([{ followers: 1200, note: 'ours' }])
    await tidemark.blends.unset('accounts', ADA, ['followers'])
    expect(await all()).toMatchObject([{ followers: 5000, note: 'ours' }])
    // An empty text is no value of any field.
    for (const [field, said] of [
      ['note', /note can't be set to nothing/],
      ['followers', /followers can't be set to nothing/],
    ] as const) {
      const refused = tidemark.blends.set('accounts', ADA, { [field]: '' })
      await expect(refused).rejects.toMatchObject({
        code: 'option_invalid',
        message: expect.stringMatching(said),
        hint: expect.stringContaining(`unset accounts/records ${ADA} ${field}`),
      })
    }
    await expect(tidemark.blends.set('accounts', ADA, { followers: 'many' })).rejects.toMatchObject({
      code: 'option_invalid',
    })
    await expect(tidemark.blends.set('accounts', 'https://youtube.com/@bob', { followers: 1 })).rejects.toMatchObject({
      code: 'record_unknown',
    })
  })

  test('stands on what was last known while a source is away, and says so', async () => {
    const { services, sync, all, tidemark } = await blended({ followers: 'max-current' })
    services.down.add('team')
    services.rows.set('yt', [{ id: 'UC1', profile_url: ADA, followers: 970, name: 'Ada L.' }])
    await sync('team', 'yt')
    expect(await all()).toMatchObject([{ followers: 1000, name: 'Ada L.', note: 'hers' }])
    const { sources, notes } = await tidemark.blends.show('accounts')
    expect(sources).toMatchObject([
      { source: 'team/account', state: 'failing' },
      { source: 'yt/account', state: 'ok' },
    ])
    expect(notes.join()).toContain('team/account could not be read')
  })

  test('takes later connections of a connector, and lists the unmatched', async () => {
    const { services, sync, tidemark, all } = await world(ROWS)
    await sync('team', 'yt')
    await tidemark.blends.create('accounts', { from: ['team/account', 'tube:*/account', 'gram:*/account'] })
    services.rows.set('two', [{ id: 'UC2', profile_url: 'https://youtube.com/@bob', followers: 5, name: 'Bob' }])
    await tidemark.connect('tube', { id: 'two', options: { of: 'two' } })
    await sync('two')
    expect((await all()).map(({ _key }) => _key)).toEqual([ADA, 'https://youtube.com/@bob'])
    services.rows.set('ig', [{ id: '9', profile_url: null, followers: 3 }])
    await sync('ig')
    expect(await tidemark.blends.show('accounts')).toMatchObject({
      unmatchedCount: 2,
      unmatched: [
        { source: 'two/account', sourceKey: 'UC2', identity: 'https://youtube.com/@bob' },
        { source: 'ig/account', sourceKey: '9', identity: null },
      ],
    })
  })

  test('follows a record to another identity, and keeps what a deleted source was known to say', async () => {
    const { services, sync, tidemark, all } = await blended()
    services.rows.set('team', [{ id: '1', profile_url: 'https://youtube.com/@eve', followers: '7', note: 'hers' }])
    await sync('team')
    expect(await all()).toMatchObject([
      { _key: ADA, followers: 1000, note: null },
      { _key: 'https://youtube.com/@eve', followers: 7, note: 'hers' },
    ])
    await tidemark.purge('team')
    services.rows.set('yt', [{ id: 'UC1', profile_url: ADA, followers: 2000, name: 'Ada' }])
    await sync('yt')
    expect(await all()).toMatchObject([{ followers: 2000 }, { followers: 7, note: 'hers' }])
    expect((await tidemark.blends.show('accounts')).sources).toMatchObject([
      { source: 'yt/account', state: 'ok' },
      { source: 'team/account', state: 'gone' },
    ])
  })

  test('writes nothing when nothing has changed, and a snapshot of every record once a day', async () => {
    const { services, sync, tidemark, clock } = await blended()
    const runs = async () => (await tidemark.runs({ connection: 'accounts' })).length
    const before = await runs()
    await sync('yt', 'team')
    expect(await runs()).toBe(before)
    clock.advance(86_400_000)
    await sync('yt')
    services.rows.set('yt', [{ id: 'UC1', profile_url: ADA, followers: 1100, name: 'Ada' }])
    clock.advance(3_600_000)
    await sync('yt')
    const accounts = await tidemark.connection('accounts')
    const { points, growth } = await accounts.metrics('records', { metric: 'followers', key: ADA, by: 'day' })
    expect(points).toEqual([
      { day: '2026-11-29', value: 1000 },
      { day: '2026-11-30', value: 1100 },
    ])
    expect(growth).toEqual({ '24h': 100, '30d': null })
    clock.advance(2 * 86_400_000)
    await sync('yt')
    expect((await accounts.metrics('records', { metric: 'followers', key: ADA, by: 'day' })).growth['24h']).toBeNull()
    expect((await accounts.history('records', ADA)).map(({ op }) => op)).toEqual(['insert', 'update'])
  })

  test('refuses what it can’t be made of', async () => {
    const { tidemark } = await blended()
    const create = (name: string, options: Parameters<Tidemark['blends']['create']>[1]) =>
      tidemark.blends.create(name, options)
    const code = (what: string) => expect.objectContaining({ code: what })
    await expect(create('b', { from: ['nobody/account'] })).rejects.toEqual(code('connection_unknown'))
    await expect(create('b', { from: ['yt/nothing'] })).rejects.toEqual(code('stream_unknown'))
    await expect(create('b', { from: ['yt'] })).rejects.toEqual(code('blend_invalid'))
    await expect(create('b', { from: ['yt/account:nothing'] })).rejects.toEqual(code('column_unknown'))
    await expect(create('b', { from: FROM, rule: { nothing: 'max' } })).rejects.toEqual(code('column_unknown'))
    await expect(create('b', { from: FROM, rule: { name: 'max' } })).rejects.toEqual(code('blend_invalid'))
    await expect(create('b', { from: FROM, rule: { name: 'best' } })).rejects.toEqual(code('blend_invalid'))
    await expect(create('b', { from: FROM, map: { likes: 'yt/account.likes' } })).rejects.toEqual(
      code('column_unknown'),
    )
    await expect(create('accounts', { from: FROM })).rejects.toEqual(code('connection_conflict'))
    await expect(create('b', { from: ['blend:*/records'] })).rejects.toEqual(code('blend_circular'))
    await expect(create('b', { from: ['b/account'] })).rejects.toEqual(code('blend_circular'))
    await expect(create('b', { from: FROM, rule: { name: 'manual-wins' } })).rejects.toMatchObject({
      code: 'blend_invalid',
      message: 'The rule manual-wins of name names no source that wins.',
      hint: expect.stringContaining('--rule name=manual-wins=team/account'),
    })
    await expect(create('b', { from: FROM, rule: { name: 'source-order=' } })).rejects.toEqual(code('blend_invalid'))
    await expect(tidemark.blends.show('b')).rejects.toEqual(code('blend_unknown'))
  })

  test('has a table that no other blend of the project has', async () => {
    const { tidemark } = await blended()
    await tidemark.blends.create('acc-1', { from: FROM })
    const refused = async (name: string, of: { message: string; code?: string }) => {
      const error = { code: 'name_taken', hint: expect.stringContaining('Choose a name'), ...of }
      await expect(tidemark.blends.create(name, { from: FROM })).rejects.toMatchObject(error)
    }
    const taken = (name: string, table: string, other: string) => ({
      message: `The blend "${name}" needs the table name "${table}", which "${other}" has.`,
    })
    await refused('acc_1', taken('acc_1', 'blend_acc_1', 'acc-1'))
    await refused('Acc-1', taken('Acc-1', 'blend_acc_1', 'acc-1'))
    await refused('acc-1-daily', taken('acc-1-daily', 'blend_acc_1_daily', 'acc-1'))
    await tidemark.blends.create('one_all', { from: FROM })
    await refused('one', taken('one', 'blend_one_all', 'one_all'))
    const hint = 'Write letters, digits, dashes and underscores, 47 at most.'
    for (const name of ['acc.1', 'a'.repeat(48)]) {
      await refused(name, {
        code: 'blend_invalid',
        message: `"${name}" names no table, and a blend has one.`,
        hint,
      } as never)
    }
    await tidemark.blends.create('a'.repeat(47), { from: FROM })
    const own = new Services().connector('blend', { profile_url: textual })
    await expect(tidemark.connect(own, { id: 'mine', options: { of: 'x' } })).rejects.toMatchObject({
      code: 'name_taken',
    })
  })

  test('renames columns, names the source that wins, and ends without a trace', async () => {
    const { tidemark, all } = await world(ROWS)
    await (await tidemark.connection('team')).sync()
    await (await tidemark.connection('yt')).sync()
    await tidemark.blends.create('accounts', {
      from: ['yt/account', 'team/account'],
      map: { fans: ['yt/account.followers', 'team/account.followers'] },
      rule: { fans: 'manual-wins=team/account' },
    })
    expect(await all()).toMatchObject([{ fans: 1000 }])
    await tidemark.blends.set('accounts', ADA, { fans: 1 })
    expect(await tidemark.blends.drop('accounts')).toBeGreaterThan(0)
    expect(await tidemark.blends.list()).toEqual([])
    await tidemark.blends.create('accounts', { from: ['yt/account'], map: { fans: 'yt/account.followers' } })
    expect(await all()).toMatchObject([{ fans: 950 }])
  })

  test('makes only what has changed of 1,000 accounts again', async () => {
    const url = (i: number) => `https://youtube.com/@a${i}`
    const team = Array.from({ length: 1_000 }, (_, i) => ({
      id: `${i}`,
      profile_url: url(i),
      followers: `${i}`,
      note: 'x',
    }))
    const yt = team.map(({ id, profile_url }) => ({ id, profile_url, followers: 500, name: id }))
    const ig = team.map(({ id, profile_url }) => ({ id, profile_url, followers: 400 }))
    const { services, sync, tidemark } = await world({ team, yt, ig })
    await sync('team', 'yt', 'ig')
    const from = ['team/account', 'yt/account', 'ig/account']
    expect(await tidemark.blends.create('accounts', { from, rule: { followers: 'max' } })).toMatchObject({
      records: 1_000,
      unmatchedCount: 0,
    })
    services.rows.set(
      'team',
      team.map((row) => (row.id === '7' ? { ...row, followers: '9,000' } : row)),
    )
    await sync('team')
    const [run] = await tidemark.runs({ connection: 'accounts', limit: 1 })
    expect(run?.streams[0]?.counts).toMatchObject({ fetched: 1, updated: 1, inserted: 0 })
    expect(await (await tidemark.connection('accounts')).explain('records', url(7), 'followers')).toMatchObject({
      value: 9000,
      blended: { followers: { source: 'team/account' } },
    })
  })
}

describe('a blend', () => {
  promises()
})

withPostgres('a blend in PostgreSQL', () => {
  const before = database
  beforeAll(async () => {
    const server = await postgresServer()
    database = async () => server.url(await server.createDatabase())
  })
  afterAll(() => {
    database = before
  })
  promises()
})

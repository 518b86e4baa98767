// Owns the promise of the smart merge, walked through over HTTP on both stores: values edited by hand in a sheet meet what a
// platform shows, the result is read at once, a sheet that is away takes nothing, and each day has one snapshot.

import { afterEach, expect, test } from 'vitest'
import { assemble } from '../../src/assemble.ts'
import { createApp } from '../../src/server/app.ts'
import { listen } from '../../src/server/listen.ts'
import { sheetsEmulator, youtubeEmulator } from '../../src/testing/emulators/index.ts'
import { postgresServer } from '../support/postgres.ts'
import { ShiftedClock } from '../support/shifted-clock.ts'
import { withPostgres } from '../support/with-postgres.ts'

const ADA = 'https://youtube.com/@ada'
const TAB = 'Accounts'
const DAY_MS = 86_400_000

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

/** A person's server: a sheet, a platform, and a blend of both, made by calls alone. */
async function world(database: string) {
  const sheets = await sheetsEmulator({ people: 0 })
  ends.push(() => sheets.close())
  const tube = await youtubeEmulator({ channels: { '@ada': 2 } })
  ends.push(() => tube.close())
  sheets.world.addTab(TAB, [
    ['Profile', 'Followers', 'Note'],
    ['http://www.YouTube.com/@Ada/', '1,000', 'corrected'],
    ['https://youtube.com/@grace', 'n/a', null],
  ])
  const clock = new ShiftedClock(Date.UTC(2026, 10, 29, 12))
  const tidemark = await assemble({ database, clock, key: new Uint8Array(32).fill(7), timezone: 'Europe/Berlin' })
  ends.push(() => tidemark.close())
  const closing = new AbortController()
  const server = await listen(createApp({ api: { tidemark: () => tidemark, closing: closing.signal } }), { port: 0 })
  ends.push(async () => {
    closing.abort()
    await server.close()
  })
  const { token } = await tidemark.createToken({ scopes: ['admin'] })
  const call = async (method: string, path: string, body?: unknown) => {
    const answer = await fetch(`${server.url}/api/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    expect(answer.ok, `${method} ${path}: ${answer.status}`).toBe(true)
    // An answer is looked at, not typed.
    // oxlint-disable-next-line typescript/no-explicit-any
    return (await answer.json()) as any
  }
  const { spreadsheetId, serviceAccount } = sheets
  const sheet = { spreadsheetId, sheet: TAB, keyColumn: 'Profile', serviceAccount, baseUrl: sheets.url }
  const channel = { channel: '@ada', apiKey: tube.apiKey, baseUrl: tube.apiUrl }
  for (const [id, connector, options] of [
    ['team', 'sheets', sheet],
    ['yt', 'youtube', channel],
  ] as const) {
    await call('POST', 'connections', { connector, id, options: { ...options, allowPrivateNetwork: true } })
  }
  const ada = tube.world.channel('@ada') as { subscribers: number }
  ada.subscribers = 950
  const records = 'connections/accounts/streams/records/records'
  const one = `${records}/${encodeURIComponent(ADA)}`
  return {
    sheets,
    tube,
    clock,
    tidemark,
    call,
    ada,
    sheet,
    run: async (body: object = {}) => call('POST', 'runs', { wait: true, ...body }),
    one: () => call('GET', one),
    why: async () => (await call('GET', `${one}/explain?field=followers`)).blended.followers,
    all: async () => (await call('GET', records)).records,
    growth: async () =>
      call(
        'GET',
        `connections/accounts/streams/records/metrics?metric=followers&key=${encodeURIComponent(ADA)}&by=day`,
      ),
    blend: () =>
      call('POST', 'blends', {
        name: 'accounts',
        from: ['team/rows:profile', 'youtube:*/channel'],
        rule: { followers: 'max' },
        map: { followers: ['team/rows.followers', 'youtube:*/channel.subscriber_count'] },
      }),
  }
}

const OK = { success: true, totalProjects: 1, successCount: 1, errorCount: 0 }

async function walked(database: string) {
  const { sheets, clock, tidemark, call, ada, run, one, why, all, growth, blend } = await world(database)
  await expect(tidemark.blends.create('early', { from: ['team/rows:profile'] })).rejects.toMatchObject({
    hint: expect.stringMatching(/^Nothing of it is stored yet\. .* tidemark sync team$/),
  })
  expect(await run()).toMatchObject({ ...OK, results: [{ project: 'default', errors: [] }] })
  await blend()

  // The larger one stands, whoever shows it, and is known to be whose it is.
  expect(await one()).toMatchObject({ followers: 1000, note: 'corrected' })
  expect(await why()).toMatchObject({ value: 1000, rule: 'max', source: 'team/rows' })
  ada.subscribers = 1050
  expect(await run()).toMatchObject(OK)
  expect(await one()).toMatchObject({ followers: 1050 })
  expect(await why()).toMatchObject({ value: 1050, source: 'yt/channel', column: 'subscriber_count' })
  // What can't be read is nothing, and never 0.
  expect(await all()).toMatchObject([{ _key: ADA }, { _key: 'https://youtube.com/@grace', followers: null }])

  // A sheet that is away takes nothing, stops nobody, and is said to be away.
  sheets.world.setAccess('private')
  ada.subscribers = 1060
  const summary = await run()
  expect(summary).toMatchObject({ success: false, totalProjects: 1, successCount: 0, errorCount: 1 })
  expect(summary.results[0].errors).toEqual([expect.stringMatching(/^team: forbidden: /)])
  expect(await one()).toMatchObject({ followers: 1060, note: 'corrected' })
  const shown = await call('GET', 'blends/accounts')
  expect(shown.sources).toMatchObject([
    {
      source: 'team/rows',
      state: 'failing',
      lastSuccessAt: expect.any(String),
      error: expect.stringContaining('permission'),
    },
    { source: 'yt/channel', state: 'ok', error: null },
  ])
  expect(shown.notes.join()).toContain('team/rows could not be read')
  // What stands in parentheses is no sentence of its own.
  expect(shown.notes.join()).not.toMatch(/\.\):/)
  sheets.world.setAccess('shared')
  expect(await run()).toMatchObject(OK)
  expect((await call('GET', 'blends/accounts')).notes).toEqual([])

  // However often a day is read, it has one snapshot.
  expect((await growth()).points).toEqual([{ day: '2026-11-29', value: 1060 }])
  clock.skip(DAY_MS)
  ada.subscribers = 1160
  expect(await run()).toMatchObject(OK)
  const grown = await growth()
  expect(grown.points).toEqual([
    { day: '2026-11-29', value: 1060 },
    { day: '2026-11-30', value: 1160 },
  ])
  expect(grown.growth).toEqual({ '24h': 100, '30d': null })

  // A platform that is away stops no sheet, either.
  ada.subscribers = 2000
  await call('PATCH', 'connections/yt', { paused: true })
  sheets.world.edit(TAB, 'http://www.YouTube.com/@Ada/', 'Followers', '1.2K')
  await run()
  expect(await one()).toMatchObject({ followers: 1200 })
  expect(await why()).toMatchObject({ source: 'team/rows', key: 'http://www.YouTube.com/@Ada/' })

  // Each half an hour, by its own schedule; or by whoever has a token and a cron.
  for (const id of ['team', 'yt']) await call('PUT', `connections/${id}/schedule`, { spec: 'every 30m' })
  const { schedules } = await call('GET', 'connections/team')
  expect(schedules).toMatchObject([{ schedule: 'every 30m', nextRunAt: expect.any(String) }])

  // Every project for itself, each with its own result.
  await tidemark.createProject('lab')
  return run({ project: 'all' })
}

const ALL = { totalProjects: 2, successCount: 2, errorCount: 0, results: [{ errors: [] }, { errors: [] }] }

test('in SQLite', async () => {
  expect(await walked(':memory:')).toMatchObject(ALL)
}, 60_000)

withPostgres('in PostgreSQL', () => {
  test('as well', async () => {
    const server = await postgresServer()
    expect(await walked(server.url(await server.createDatabase()))).toMatchObject(ALL)
  }, 60_000)
})

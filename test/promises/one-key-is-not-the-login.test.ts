// What the source says of one record, of one page or of a limit never pauses a connection; only a refused login does.

import { expect, test } from 'vitest'
import type { Fault } from '../../src/testing/emulators/index.ts'
import { githubEmulator, tiktokShopEmulator } from '../../src/testing/emulators/index.ts'
import { openMirror } from '../support/mirror.ts'
import { ShiftedClock } from '../support/shifted-clock.ts'
import { sleeplessClock } from '../support/sleepless-clock.ts'

const body = (status: number, value: unknown): Fault => ({ kind: 'body', status, body: JSON.stringify(value) })

const ANSWERS: readonly (readonly [string, Fault])[] = [
  ['403, blocked', body(403, { message: 'Repository access blocked', block: { reason: 'tos' } })],
  ['403, no permission', body(403, { message: 'Resource not accessible by personal access token' })],
  ['403, a web page', { kind: 'html', status: 403 }],
  ['451', body(451, { message: 'Repository access blocked', block: { reason: 'dmca' } })],
  ['410', body(410, { message: 'Gone' })],
  ['301 that leads nowhere', body(301, { message: 'Moved Permanently' })],
  ['422', body(422, { message: 'Validation Failed' })],
  ['500', body(500, { message: 'Server Error' })],
  ['200 with a web page', { kind: 'html' }],
  ['401', body(401, { message: 'Requires authentication' })],
]

test.each(ANSWERS)('a witness that answers %s for one record says nothing of the others', async (_what, fault) => {
  await using github = await githubEmulator({ stars: 60 })
  await using mirror = await openMirror({ clock: new ShiftedClock() })
  const me = await mirror.github(github)
  await me.sync()
  const gone = [5, 20, 40].map((place) => github.world.unstarAt('ada', place))
  const [odd] = gone as [number]
  const path = `/user/starred/${String(github.world.repo(odd)?.['full_name'])}`
  github.faults.when({ path }, fault)
  const run = await me.sync({ mode: 'full' })
  expect(run).toMatchObject({ status: 'succeeded', error: null })
  expect(run.streams[0]?.counts.removed).toBe(2)
  expect(mirror.value(`select count(*) from github_stars where _key = '${odd}'`)).toBe(1)
  // Nothing testified for it: a second full pass is the second witness.
  expect((await me.sync()).streams[0]).toMatchObject({ passes: [{ pass: 'fullPass' }], counts: { removed: 1 } })
  expect((await me.status()).paused ?? []).toEqual([])
})

test('a witness that finds the login refused has found a lost login', async () => {
  await using github = await githubEmulator({ stars: 60 })
  await using mirror = await openMirror()
  const me = await mirror.github(github)
  await me.sync()
  for (const place of [5, 20, 40]) github.world.unstarAt('ada', place)
  let revoked = false
  // The token ends when the listing has been read.
  github.faults.when(
    ({ path }) => {
      revoked ||= path !== '/user/starred'
      return revoked
    },
    body(401, { message: 'Bad credentials' }),
  )
  const before = github.log.count()
  expect(await me.sync({ mode: 'full' })).toMatchObject({ status: 'paused', error: { code: 'token_rejected' } })
  expect(github.log.count() - before).toBeLessThanOrEqual(6)
  expect(mirror.value('select count(*) from github_stars')).toBe(60)
})

test('a record whose name another one has taken is not taken for that one', async () => {
  await using github = await githubEmulator({ stars: 60 })
  await using mirror = await openMirror()
  const me = await mirror.github(github)
  await me.sync()
  const gone = github.world.starIds('ada')[10]!
  const [owner, name] = String(github.world.repo(gone)?.['full_name']).split('/') as [string, string]
  github.world.remove(gone)
  const [successor] = github.world.star('ada') as [number]
  github.world.transfer(successor, owner)
  github.world.rename(successor, name)
  for (const mode of ['full', 'full'] as const) expect((await me.sync({ mode })).status).toBe('succeeded')
  expect(mirror.value(`select count(*) from github_stars where _key = '${gone}'`)).toBe(0)
  expect(mirror.value(`select _key from github_stars where full_name = '${owner}/${name}'`)).toBe(String(successor))
})

test('a record that cannot be read by key leaves the run incomplete, and the others are read', async () => {
  await using tiktok = await tiktokShopEmulator({ orders: 300 })
  await using mirror = await openMirror()
  const shop = await mirror.shop(tiktok)
  await shop.sync()
  const open = mirror.sql("select _key from tiktok_shop_orders where status = 'AWAITING_SHIPMENT'")
  const [odd, shipped] = open.map((row) => String(row['_key'])) as [string, string]
  for (const key of [odd, shipped]) tiktok.world.setStatus(key, 'IN_TRANSIT')
  tiktok.faults.when(
    ({ query }) => query.get('ids')?.split(',').includes(odd) === true,
    body(451, { message: 'Unavailable' }),
  )
  const run = await shop.sync({ where: { status: ['AWAITING_SHIPMENT'] } })
  expect(run.status).toBe('incomplete')
  expect(run.notes.join()).toContain(`record "${odd}" could not be read by key`)
  expect(mirror.value(`select status from tiktok_shop_orders where _key = '${shipped}'`)).toBe('IN_TRANSIT')
})

test.each([
  ['a limit without headers', body(403, { message: 'API rate limit exceeded for 1.2.3.4.' })],
  ['a secondary limit without headers', body(403, { message: 'You have exceeded a secondary rate limit.' })],
] as const)('%s is waited for, not taken for a lost login', async (_what, fault) => {
  await using github = await githubEmulator({ stars: 30 })
  const clock = sleeplessClock()
  await using mirror = await openMirror({ clock })
  const me = await mirror.github(github)
  github.faults.next(fault)
  expect((await me.sync()).status).toBe('succeeded')
  expect(Math.round(clock.waited() / 1_000)).toBe(60)
  github.faults.when({ path: '/user/starred' }, fault)
  expect(await me.sync()).toMatchObject({ status: 'incomplete', error: { code: 'rate_limited', verdict: 'wait' } })
})

test.each([
  ['a web page of a firewall', { kind: 'html', status: 403 }, 'unexpected_html'],
  ['a missing permission', body(403, { message: 'Resource not accessible by personal access token' }), 'forbidden'],
] as const)('%s fails the run, and the next one goes on without a person', async (_what, fault, code) => {
  await using github = await githubEmulator({ stars: 30 })
  await using mirror = await openMirror({ clock: new ShiftedClock() })
  const me = await mirror.github(github)
  github.faults.when({ path: '/user/starred' }, fault)
  expect(await me.sync()).toMatchObject({ status: 'failed', error: { code } })
  github.faults.clear()
  expect((await me.sync()).status).toBe('succeeded')
})

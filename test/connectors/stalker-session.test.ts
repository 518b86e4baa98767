// Owns the proof that sessions of a portal end without a person having to act: another box with the same address opens one,
// the watchdog drops ours, or the portal says that the token before was none.

import { expect, onTestFinished, test } from 'vitest'
import { type StalkerOptions, stalkerEmulator } from '../../src/testing/emulators/index.ts'
import { testClock } from '../../src/testing/test-clock.ts'
import { openMirror } from '../support/mirror.ts'

async function started(options: StalkerOptions = {}) {
  const portal = await stalkerEmulator({ titles: 60, channels: 5, ...options })
  onTestFinished(() => portal.close())
  const mirror = await openMirror({ clock: testClock() })
  onTestFinished(() => mirror[Symbol.asyncDispose]())
  const keys = (stream: string) => mirror.sql(`select _key from stalker_${stream} order by 1`).map(({ _key }) => _key)
  const asked = (action: string) => portal.log.all().filter(({ query }) => query.includes(`action=${action}`))
  return { portal, mirror, world: portal.world, keys, asked, tv: await mirror.portal(portal) }
}

test.each([1, 4])('a box that opens its own session while ours is opened (%i times) pauses nothing', async (times) => {
  const { portal, world, keys, asked, tv } = await started()
  portal.signInElsewhere(times)
  expect(await tv.sync()).toMatchObject({ status: 'succeeded', notes: [] })
  expect(keys('movies')).toEqual(world.ids('movies').sort())
  expect(asked('handshake')).toHaveLength(1 + times)
})

test('a box that does so for ever is told: only one of an address is let in', async () => {
  const { portal, asked, tv } = await started()
  portal.signInElsewhere(1_000)
  const run = await tv.sync({ streams: ['movies'] })
  expect(run).toMatchObject({ status: 'paused', error: { code: 'login_expired' } })
  expect(run.error?.hint).toContain('no other box or connection uses this MAC address')
  expect(asked('handshake')).toHaveLength(5)
})

test.each(['ministra', 'xtream'] as const)(
  '%s: a session that the watchdog drops every two minutes is opened again, as often as that is',
  async (kind) => {
    const { portal, world, keys, asked, tv } = await started({
      kind,
      titles: 600,
      watchdogSeconds: 120,
      clock: { at: Date.now() },
    })
    portal.pages.every(() => portal.clock.advance(25_000))
    expect(await tv.sync()).toMatchObject({ status: 'succeeded', notes: [] })
    for (const stream of ['movies', 'series'] as const) expect(keys(stream)).toEqual(world.ids(stream).sort())
    expect(asked('handshake').length).toBeGreaterThan(5)
  },
)

test('a portal that says of the token before that it is none is told so with the profile', async () => {
  const { portal, asked, tv } = await started()
  portal.faults.when(
    { query: { action: 'handshake' } },
    { kind: 'rewrite', find: '"not_valid":0', replace: '"not_valid":1' },
  )
  expect(await tv.sync()).toMatchObject({ status: 'succeeded' })
  expect(asked('get_profile').map(({ query }) => /not_valid_token=(\d)/.exec(query)?.[1])).toContain('1')
})

test('a portal that locks out who asks in parallel says so once, and is read page by page from where it was', async () => {
  const { portal, mirror, world, keys, tv } = await started({ titles: 600, pagesAtOnce: 1 })
  // Pages that take a moment are what is asked for in parallel.
  portal.faults.when({ query: { action: 'get_ordered_list' } }, { kind: 'delay', ms: 20 })
  const run = await tv.sync()
  expect(run).toMatchObject({ status: 'paused', error: { code: 'login_expired' } })
  expect(run.error?.message).toContain('Too many connections at once')
  expect(run.error?.hint).toContain('set the option requestsAtOnce to 1')
  const kept = keys('movies').length
  expect(kept).toBeGreaterThan(0)
  world.unblock()
  portal.log.reset()
  const calm = await mirror.portal(portal, { requestsAtOnce: 1 })
  expect(await calm.sync()).toMatchObject({ status: 'succeeded' })
  for (const stream of ['movies', 'series'] as const) expect(keys(stream)).toEqual(world.ids(stream).sort())
  // Somebody who asks for one page at a time is never told to.
  world.block()
  expect((await calm.sync()).error?.hint).not.toContain('requestsAtOnce')
})

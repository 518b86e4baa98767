// Owns the proof of how the Reddit connector logs in, whose limits it keeps, and what each refusal means.

import { describe, expect, test } from 'vitest'
import reddit from '../../src/connectors/reddit.ts'
import type { Fault } from '../../src/testing/emulators/index.ts'
import { redditEmulator } from '../../src/testing/emulators/index.ts'
import { openMirror } from '../support/mirror.ts'
import { sleeplessClock } from '../support/sleepless-clock.ts'
import { connect, connected, loginOf } from './reddit-world.ts'

const LIST = { path: '/user/ada/saved' }

describe('a login', () => {
  test('begins with the refresh token alone, and is renewed when the access token has run out', async () => {
    await using world = await connected({ saved: 20 })
    const { site, sync, saved } = world
    expect(await saved.check()).toMatchObject({ outcome: 'ok', account: 'user ada', error: null })
    await sync()
    expect(site.log.count('/api/v1/access_token')).toBe(1)
    site.world.expireAccess()
    expect(await sync()).toMatchObject({ status: 'succeeded' })
    expect(site.log.count('/api/v1/access_token')).toBe(2)
  })

  test('of an installed app has no secret, and one whose refresh token changes keeps the new one', async () => {
    await using world = await connected({ saved: 20, clientSecret: '', grants: { rotates: true } }).catch(
      () => undefined,
    )
    expect(world).toBeUndefined()
    await using site = await redditEmulator({ saved: 20, clientSecret: '', grants: { rotates: true } })
    await using mirror = await openMirror()
    const saved = await connect(mirror, site, { clientSecret: undefined })
    for (let i = 0; i < 3; i++) {
      expect(await saved.sync()).toMatchObject({ status: 'succeeded', error: null })
      site.world.expireAccess()
    }
  })

  test.each([400, 200] as const)('that was taken back pauses the connection (%i)', async (grantStatus) => {
    await using world = await connected({ saved: 20, grantStatus })
    const { site, sync } = world
    await sync()
    site.world.expireAccess()
    site.world.revoke('ada')
    const { status, error } = await sync()
    expect(status).toBe('paused')
    expect(error).toMatchObject({
      code: 'login_expired',
      verdict: 'pause',
      hint: expect.stringContaining('duration=permanent'),
    })
  })

  test('of an app that Reddit does not know says which options are wrong', async () => {
    await using site = await redditEmulator({ saved: 20 })
    await using mirror = await openMirror()
    const saved = await connect(mirror, site, { clientSecret: 'another-secret' })
    const { status, error } = await saved.sync()
    expect(status).toBe('paused')
    expect(error).toMatchObject({ code: 'token_rejected', hint: expect.stringContaining('clientSecret') })
  })

  test.each([
    [423, '{}', 'request_refused'],
    [409, '{}', 'request_refused'],
    [402, '{}', 'request_refused'],
    [413, '{}', 'request_refused'],
    [400, '{}', 'request_refused'],
    [400, '{"error":"unsupported_grant_type"}', 'request_refused'],
    [400, '{"error":"temporarily_unavailable"}', 'server_error'],
    [200, '{"error":"server_error"}', 'server_error'],
    [200, '{"error":"something"}', 'unexpected_shape'],
    [200, 'null', 'unexpected_shape'],
  ])(
    'that an answer of the token address does not refuse is tried again by the next sync (%i %s)',
    async (status, body, code) => {
      await using world = await connected({ saved: 20 })
      const { site, sync } = world
      await sync()
      site.world.expireAccess()
      site.faults.when({ path: '/api/v1/access_token' }, { kind: 'body', status, body }, 20)
      expect(await sync()).toMatchObject({ status: 'failed', error: { code } })
      site.faults.clear()
      expect(await sync()).toMatchObject({ status: 'succeeded', error: null })
    },
  )

  test.each([
    [400, '{"error":"invalid_grant"}', 'login_expired'],
    [200, '{"error":"unauthorized_client"}', 'login_expired'],
    [400, '{"message":"Bad Request","error":400}', 'login_expired'],
    [400, '{"error":"invalid_client"}', 'token_rejected'],
    [401, '{"error":"invalid_client"}', 'token_rejected'],
  ])('that the token address refuses pauses the connection (%i %s)', async (status, body, code) => {
    await using world = await connected({ saved: 20 })
    const { site, sync } = world
    site.faults.when({ path: '/api/v1/access_token' }, { kind: 'body', status, body }, 20)
    expect(await sync()).toMatchObject({ status: 'paused', error: { code, verdict: 'pause' } })
  })

  test('that needs a token address which is down is no end of it', async () => {
    await using world = await connected({ saved: 20 })
    const { site, sync } = world
    site.faults.when({ path: '/api/v1/access_token' }, { kind: 'status', status: 503 }, 20)
    expect(await sync()).toMatchObject({ status: 'failed', error: { code: 'server_error', verdict: 'retry' } })
    site.faults.clear()
    site.faults.when({ path: '/api/v1/access_token' }, { kind: 'body', body: '{"token_type":"bearer"}' }, 20)
    expect(await sync()).toMatchObject({ status: 'failed', error: { code: 'unexpected_shape' } })
  })
})

describe('requests', () => {
  test('say who asks in Reddit’s form, or as the options say', async () => {
    await using site = await redditEmulator({ saved: 20 })
    await using mirror = await openMirror()
    const { http } = reddit.service
    const options = { ...loginOf(site), clientId: 'my-app' } as unknown as Parameters<typeof http>[0]
    expect(http(options).headers).toMatchObject({ 'user-agent': 'node:tidemark.my-app:v1 (by /u/ada)' })
    const userAgent = 'python-requests/2.32'
    expect(http({ ...options, userAgent }).headers).toMatchObject({ 'user-agent': userAgent })
    // A default one is answered by a page for people, and asks to wait.
    const saved = await connect(mirror, site, { userAgent })
    expect(await saved.sync({ maxRequests: 2 })).toMatchObject({ status: 'incomplete' })
  })

  test('of all connections of a client id share one limit', async () => {
    await using site = await redditEmulator({ users: { ada: 20, bob: 20 } })
    await using mirror = await openMirror()
    const ada = await connect(mirror, site, { id: 'ada' })
    const bob = await connect(mirror, site, { id: 'bob', username: 'bob' })
    await ada.sync()
    await bob.sync()
    const buckets = mirror.sql('select key from tm_buckets').map(({ key }) => key)
    expect(buckets).toEqual([`reddit:client:${site.clientId}`])
  })

  test('wait for as many seconds as a spent limit says', async () => {
    const clock = sleeplessClock()
    await using world = await connected({ saved: 20 }, { clock })
    const { site, sync } = world
    const headers = { 'X-Ratelimit-Remaining': '0.0', 'X-Ratelimit-Reset': '40', 'X-Ratelimit-Used': '1000' }
    site.faults.when(LIST, { kind: 'status', status: 429, headers }, 1)
    expect(await sync()).toMatchObject({ status: 'succeeded' })
    expect(clock.waited()).toBeGreaterThanOrEqual(40_000)
    expect(clock.waited()).toBeLessThan(50_000)
    site.faults.when(LIST, { kind: 'status', status: 429, headers: { ...headers, 'X-Ratelimit-Reset': '400' } })
    expect(await sync()).toMatchObject({ status: 'incomplete', error: { code: 'rate_limited', verdict: 'wait' } })
  })
})

describe('a refusal', () => {
  test.each([
    ['the list of somebody else', { username: 'bob' }, 'forbidden', 'username'],
    ['an account that there is not', { username: 'nobody' }, 'not_found', 'username'],
  ])('of %s stops, and says what to check', async (_what, over, code, hint) => {
    await using site = await redditEmulator({ users: { ada: 20, bob: 20 } })
    await using mirror = await openMirror()
    const saved = await mirror.tidemark.connect('reddit', { id: 'me', options: { ...loginOf(site), ...over } })
    const { status, error } = await saved.sync()
    expect(status).toBe('failed')
    expect(error).toMatchObject({ code, verdict: 'stop', hint: expect.stringContaining(hint) })
  })

  test.each([
    ['suspended', 'forbidden', 'suspended'],
    ['shadowbanned', 'not_found', 'shadow-banned'],
  ] as const)('of an account that is %s removes nothing', async (standing, code, hint) => {
    await using world = await connected({ saved: 20 })
    const { site, sync, keys } = world
    await sync()
    site.world.setStanding('ada', standing)
    const { status, error } = await sync('full')
    expect(status).toBe('failed')
    expect(error).toMatchObject({ code, hint: expect.stringContaining(hint) })
    expect(keys()).toHaveLength(20)
  })

  test('for a scope that was not allowed names it', async () => {
    await using site = await redditEmulator({ saved: 20 })
    site.world.grants.authorize('ada', site.clientId, ['identity'])
    await using mirror = await openMirror()
    const { error } = await (await connect(mirror, site)).sync()
    expect(error).toMatchObject({
      code: 'scope_missing',
      verdict: 'stop',
      hint: expect.stringContaining('scope=history'),
    })
  })

  test('by a page of Reddit’s is about the app or its user agent', async () => {
    await using world = await connected({ saved: 20 })
    const { site, sync } = world
    const body = '<html><body>whoa there, pardner! Your request has been blocked due to a network policy.</body></html>'
    site.faults.when(LIST, { kind: 'body', status: 403, body, contentType: 'text/html' }, 20)
    const { error } = await sync()
    expect(error).toMatchObject({ code: 'forbidden', hint: expect.stringContaining('userAgent') })
  })
})

describe('an answer that is none', () => {
  const answers: readonly (readonly [string, Fault, string])[] = [
    ['a web page', { kind: 'html' }, 'unexpected_html'],
    ['half of one', { kind: 'truncate' }, 'invalid_json'],
    ['a list', { kind: 'body', body: '[]' }, 'unexpected_shape'],
    [
      'a listing without children',
      { kind: 'body', body: '{"kind":"Listing","data":{"after":null}}' },
      'unexpected_shape',
    ],
    [
      'children that are no list',
      { kind: 'body', body: '{"data":{"after":null,"children":{"0":{}}}}' },
      'unexpected_shape',
    ],
    ['one that has no after', { kind: 'body', body: '{"data":{"children":[]}}' }, 'unexpected_shape'],
    ['one whose after is a number', { kind: 'body', body: '{"data":{"after":7,"children":[]}}' }, 'unexpected_shape'],
    ['an error with status 200', { kind: 'body', body: '{"error":403}' }, 'forbidden'],
    ['an outage with status 200', { kind: 'body', body: '{"message":"Internal","error":500}' }, 'server_error'],
    ['nothing', { kind: 'body', body: '' }, 'empty_body'],
  ]
  test.each(answers)('%s fails the run and removes nothing', async (_what, fault, code) => {
    await using world = await connected({ saved: 20 })
    const { site, sync, keys } = world
    await sync()
    site.faults.when(LIST, fault, 50)
    expect(await sync('full')).toMatchObject({ status: 'failed', error: { code } })
    expect(keys()).toHaveLength(20)
  })

  test('rows that can’t be read are set aside, and the others are stored', async () => {
    await using world = await connected({ saved: 20 })
    const { site, sync, keys } = world
    const rows = [
      null,
      7,
      { kind: 't3' },
      { kind: 't3', data: {} },
      { kind: 't3', data: { name: 't3_1', score: 'many' } },
    ]
    const good = { kind: 't3', data: { name: 't3_2', score: null, edited: false, title: 'Good' } }
    const body = JSON.stringify({ kind: 'Listing', data: { after: null, children: [...rows, good] } })
    site.faults.when(LIST, { kind: 'body', body })
    expect(await sync()).toMatchObject({ status: 'incomplete', counts: { inserted: 1, quarantined: 5 } })
    expect(keys()).toEqual(['t3_2'])
  })

  test('a page that leads to itself is a loop', async () => {
    await using world = await connected({ saved: 250 })
    const { site, sync } = world
    const body = '{"data":{"after":"t3_1","children":[{"kind":"t3","data":{"name":"t3_1"}}]}}'
    site.faults.when(LIST, { kind: 'body', body }, 50)
    expect(await sync()).toMatchObject({ status: 'failed', error: { code: 'page_loop' } })
  })

  test('a witness that answers nonsense is no witness', async () => {
    await using world = await connected({ saved: 20 })
    const { site, sync, keys } = world
    await sync()
    site.world.unsaveAt('ada', 3)
    for (const body of ['{}', '[]', '{"data":{"after":null,"children":[null,{"data":{"name":5}}]}}']) {
      site.faults.when({ path: '/api/info' }, { kind: 'body', body }, 50)
      expect((await sync('full')).counts).toMatchObject({ removed: 0 })
    }
    expect(keys()).toHaveLength(20)
    site.faults.clear()
    expect((await sync('full')).counts).toMatchObject({ removed: 1 })
  })
})

// Owns the promises about notifications of browsers: encrypted for that browser alone, of what is worth an interruption and
// nothing else, in no run's way, never to where they may not go, and over as soon as the browser or its token is.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { assemble } from '../../src/assemble.ts'
import { nodeTransport } from '../../src/http/node-transport.ts'
import type { OpenOptions } from '../../src/open.ts'
import { findKey } from '../../src/secrets/keys.ts'
import { githubEmulator } from '../../src/testing/emulators/index.ts'
import { openMirror } from '../support/mirror.ts'
import { type PushBrowser, pushService } from '../support/push-service.ts'
import { ShiftedClock } from '../support/shifted-clock.ts'

const PUSH = { allowPrivateNetwork: true, contact: 'mailto:me@example.com' }
const SECOND = 1_000

async function world({ stars = 30, ...options }: OpenOptions & { readonly stars?: number } = {}) {
  const clock = new ShiftedClock()
  const github = await githubEmulator({ stars, limits: false })
  const real = nodeTransport()
  /** What the next request seems to take, in milliseconds. */
  let delay = 0
  const transport = {
    close: () => real.close(),
    send: (request: Parameters<typeof real.send>[0]) => {
      clock.skip(delay)
      delay = 0
      return real.send(request)
    },
  }
  const mirror = await openMirror({ clock, push: PUSH, transport, ...options })
  onTestFinished(async () => {
    await mirror[Symbol.asyncDispose]()
    await github.close()
  })
  const me = await mirror.github(github)
  const { tidemark } = mirror
  const synced = async ({
    lasting = 0,
    mode = 'auto',
  }: {
    readonly lasting?: number
    readonly mode?: 'auto' | 'full'
  } = {}) => {
    delay = lasting
    const report = await me.sync({ mode })
    await tidemark.settled()
    return report
  }
  const subscribe = ({ endpoint, p256dh, auth }: PushBrowser, more: object = {}) =>
    tidemark.push.subscribe({ endpoint, p256dh, auth, ...more })
  const rows = () => Number(mirror.value('SELECT count(*) FROM tm_webhooks') ?? 0)
  return { clock, github, mirror, tidemark, me, synced, subscribe, rows }
}

test('a login that must be renewed is told at once, readable for that browser alone', async () => {
  const { tidemark, github, synced, subscribe, mirror } = await world()
  const service = await pushService()
  const browser = service.browser()
  const { publicKey } = await tidemark.push.key()
  expect(Buffer.from(publicKey, 'base64url')).toHaveLength(65)
  const { id } = await subscribe(browser, { note: 'Phone' })
  await synced()
  // A run of a moment that ended well is worth no interruption.
  expect(browser.told).toEqual([])
  github.world.revokeToken('token-of-ada')
  const { id: run, error } = await synced()
  expect(browser.told).toEqual([
    { title: 'me needs a new login', body: error?.message, path: '/connections/me', tag: run },
  ])
  const [{ headers, claims, bytes }] = browser.sent as [PushBrowser['sent'][number]]
  expect(headers).toMatchObject({ 'content-encoding': 'aes128gcm', ttl: '86400', topic: run })
  expect(claims).toMatchObject({ aud: service.url, sub: PUSH.contact, key: publicKey })
  expect(bytes.includes('login')).toBe(false)
  // The pair is made once, and neither it nor the browser's secret stands anywhere in clear.
  expect(await tidemark.push.key()).toEqual({ publicKey })
  expect(await tidemark.push.list()).toMatchObject([{ id, note: 'Phone', waiting: 0, longRun: 20 }])
  expect(mirror.value(`SELECT count(*) FROM tm_webhooks WHERE instr(sealed, '${browser.auth}') > 0`)).toBe(0)
  expect(JSON.stringify(await tidemark.push.list())).not.toContain('/send/')
  // No webhook is one of them.
  expect(await tidemark.webhooks.list()).toEqual([])
})

test('a long run is told of when it ends, each browser by its own patience; what it holds comes first', async () => {
  const { github, synced, subscribe } = await world({ stars: 150 })
  const service = await pushService()
  const [hasty, patient] = [service.browser(), service.browser()]
  await subscribe(hasty, { longRun: 2 })
  await subscribe(patient)
  const { id } = await synced({ lasting: 3 * SECOND })
  expect(hasty.told).toMatchObject([{ title: 'The run of me has ended: succeeded', path: `/runs?run=${id}`, tag: id }])
  expect(patient.told).toEqual([])
  for (let i = 0; i < 30; i++) github.world.unstarAt('ada', 0)
  await synced({ lasting: 3 * SECOND, mode: 'full' })
  const review = { title: 'me holds 30 removals for you', path: '/connections/me?tab=review' }
  expect([hasty.told.slice(1), patient.told]).toMatchObject([[review], [review]])
})

test('a browser that its push service does not know any more is forgotten, with what waits for it', async () => {
  const { tidemark, synced, subscribe, rows, mirror } = await world()
  const service = await pushService()
  const [gone, there] = [service.browser(), service.browser()]
  const { id } = await subscribe(gone, { longRun: 1 })
  await subscribe(there, { longRun: 1 })
  service.forget(gone)
  expect(await tidemark.push.test(id)).toMatchObject({ state: 'dead', status: 404, event: 'push.test' })
  expect(rows()).toBe(1)
  await expect(tidemark.push.test(id)).rejects.toMatchObject({ code: 'subscription_unknown' })
  service.answers.push(410)
  await synced({ lasting: 2 * SECOND })
  expect([rows(), mirror.value('SELECT count(*) FROM tm_outbox')]).toEqual([0, 0])
})

test('one that is not taken comes again, and never twice where it was', async () => {
  const { tidemark, synced, subscribe, clock } = await world()
  const service = await pushService([500])
  const browser = service.browser()
  await subscribe(browser, { longRun: 1 })
  await synced({ lasting: 2 * SECOND })
  expect([browser.told.length, (await tidemark.push.list())[0]?.waiting]).toEqual([0, 1])
  clock.skip(10 * SECOND)
  await synced()
  expect([browser.told.length, (await tidemark.push.list())[0]?.waiting]).toEqual([1, 0])
})

test('the same browser has one row, and ends by itself or with the token that has subscribed it', async () => {
  const { tidemark, synced, subscribe, rows } = await world()
  const service = await pushService()
  const browser = service.browser()
  const { id } = await subscribe(browser, { longRun: 1 })
  expect(await subscribe({ ...service.browser(), endpoint: browser.endpoint }, { longRun: 1 })).toMatchObject({ id })
  expect(await subscribe(browser, { longRun: 1 })).toMatchObject({ id })
  await synced({ lasting: 2 * SECOND })
  expect([rows(), browser.told.length]).toEqual([1, 1])
  expect(await tidemark.push.unsubscribe(id)).toMatchObject({ id })
  await synced({ lasting: 2 * SECOND })
  expect([rows(), browser.told.length]).toEqual([0, 1])
  const { id: token } = await tidemark.createToken({ scopes: ['read'] })
  const { endpoint, p256dh, auth } = browser
  await tidemark.performFor({ project: 'default', who: `token ${token}` }, 'subscribe', {}, { endpoint, p256dh, auth })
  expect(rows()).toBe(1)
  await tidemark.revokeToken(token)
  expect(rows()).toBe(0)
})

test('nothing goes to this machine or its networks unless that is allowed, and no keys are taken that are none', async () => {
  const { tidemark, subscribe, rows } = await world({ push: { contact: PUSH.contact } })
  const service = await pushService()
  const { p256dh, auth } = service.browser()
  const to = (endpoint: string, keys: object = {}) => tidemark.push.subscribe({ endpoint, p256dh, auth, ...keys })
  for (const endpoint of ['https://127.0.0.1/send/1', 'https://localhost/send/1', 'https://169.254.169.254/'])
    await expect(to(endpoint)).rejects.toMatchObject({ code: 'address_refused' })
  for (const endpoint of [service.browser().endpoint, 'http://push.example.com/', 'https://a:b@push.example.com/', 'x'])
    await expect(to(endpoint)).rejects.toMatchObject({ code: 'option_invalid' })
  const elsewhere = 'https://push.example.com/send/1'
  for (const keys of [{ auth: 'AAAA' }, { p256dh: auth }, { p256dh: Buffer.alloc(65, 4).toString('base64url') }])
    await expect(to(elsewhere, keys)).rejects.toMatchObject({ code: 'option_invalid' })
  expect(rows()).toBe(0)
  await subscribe({ ...service.browser(), endpoint: elsewhere })
  for (let i = 0; i < 49; i++) await to(`${elsewhere}/${i}`)
  await expect(to(`${elsewhere}/50`)).rejects.toMatchObject({ hint: expect.stringContaining('tidemark push delete') })
  expect(rows()).toBe(50)
  await expect(world({ push: { contact: 'me' } })).rejects.toMatchObject({ code: 'option_invalid' })
})

test('its keys are sealed anew with every rotation; without their key all of it is given up', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-key-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'key')
  writeFileSync(file, Buffer.alloc(32, 5).toString('base64'), { mode: 0o600 })
  const { tidemark, synced, subscribe, rows, mirror, clock } = await world({
    key: findKey({ TIDEMARK_KEY_FILE: file }, () => {}),
  })
  const service = await pushService()
  const browser = service.browser()
  const { publicKey } = await tidemark.push.key()
  await subscribe(browser, { longRun: 1 })
  const sealed = () => mirror.value('SELECT hex(sealed) FROM tm_push_key')
  const before = sealed()
  expect(await tidemark.rotateKeys()).toMatchObject({ outcome: 'rotated', unreadable: [], secrets: 3 })
  expect(sealed()).not.toBe(before)
  await synced({ lasting: 2 * SECOND })
  expect(browser.sent).toMatchObject([{ claims: { key: publicKey } }])
  const away = await assemble({ database: mirror.file, key: new Uint8Array(32).fill(9), clock })
  expect((await away.resetKey()).map(({ connector }) => connector)).toEqual(['github', 'browser', 'server'])
  await away.close()
  expect([rows(), mirror.value('SELECT count(*) FROM tm_push_key')]).toEqual([0, 0])
})

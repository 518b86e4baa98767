// Owns the promises about webhooks that the project sends: signed, of everything that happened and nothing else, again until
// they are taken, never in the way of a run, and never to where they may not go.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { assemble } from '../../src/assemble.ts'
import { PAUSES_MS, TEST } from '../../src/engine/outbox/send.ts'
import { signedId } from '../../src/model/standard-webhooks.ts'
import type { OpenOptions } from '../../src/open.ts'
import { findKey } from '../../src/secrets/keys.ts'
import { githubEmulator } from '../../src/testing/emulators/index.ts'
import { openMirror } from '../support/mirror.ts'
import { ShiftedClock } from '../support/shifted-clock.ts'

interface Received {
  readonly headers: Record<string, string>
  readonly body: Buffer
}

/** Takes webhooks; answers with the statuses of a list, then with 204. */
async function receiver(answers: number[] = []) {
  const received: Received[] = []
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      received.push({ headers: request.headers as Record<string, string>, body: Buffer.concat(parts) })
      const status = answers.shift() ?? 204
      response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve()).closeAllConnections()))
  const bodies = () => received.map(({ body }) => JSON.parse(body.toString()))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/told`, received, bodies, answers }
}

async function world(key: OpenOptions['key'] = new Uint8Array(32).fill(7)) {
  const clock = new ShiftedClock()
  const github = await githubEmulator({ stars: 30, limits: false })
  const mirror = await openMirror({ clock, key })
  onTestFinished(async () => {
    await mirror[Symbol.asyncDispose]()
    await github.close()
  })
  const me = await mirror.github(github)
  const { tidemark } = mirror
  const synced = async () => {
    const report = await me.sync()
    await tidemark.settled()
    return report
  }
  return { clock, github, mirror, tidemark, me, synced }
}

const LOCAL = { allowPrivateNetwork: true }

test('the end of a run is told, signed, with the run as it is stored', async () => {
  const { tidemark, synced, clock } = await world()
  const to = await receiver()
  const { id, secret } = await tidemark.webhooks.create(to.url, LOCAL)
  expect(secret).toMatch(/^whsec_[\w+/]{43}=$/)
  const report = await synced()
  expect(to.bodies()).toMatchObject([{ type: 'run.finished', data: { project: 'default', run: report } }])
  const [{ headers, body }] = to.received as [Received]
  expect(signedId(secret, { headers, body, now: clock.now() })).toBe(headers['webhook-id'])
  expect(signedId(secret, { headers, body: Buffer.concat([body, body]), now: clock.now() })).toBeUndefined()
  expect(await tidemark.webhooks.show(id)).toMatchObject({
    ...{ waiting: 0, dead: 0 },
    messages: [{ id: headers['webhook-id'], state: 'delivered', tries: 1, status: 204, error: null }],
  })
  // The secret is nowhere in the database, and shown no more.
  expect(JSON.stringify(await tidemark.webhooks.list())).not.toContain(secret)
})

test('only what was asked for is told, and a failed run is one', async () => {
  const { tidemark, github, synced } = await world()
  const failures = await receiver()
  const held = await receiver()
  await tidemark.webhooks.create(failures.url, { ...LOCAL, events: ['run.failed', 'run.paused'] })
  await tidemark.webhooks.create(held.url, { ...LOCAL, events: ['removals.held'] })
  await synced()
  github.faults.when({}, { kind: 'status', status: 404 })
  expect(await synced()).toMatchObject({ status: 'failed' })
  expect(failures.bodies()).toMatchObject([{ type: 'run.failed', data: { run: { error: { code: 'not_found' } } } }])
  expect(held.bodies()).toEqual([])
  await expect(tidemark.webhooks.create(held.url, { ...LOCAL, events: ['run.fail'] })).rejects.toMatchObject({
    code: 'option_invalid',
    hint: expect.stringContaining('run.failed'),
  })
})

test('one that is not taken comes again under the same id, until it is given up, and again when a person asks', async () => {
  const { tidemark, synced, clock, mirror } = await world()
  const to = await receiver([302, ...PAUSES_MS.map(() => 500)])
  const { id } = await tidemark.webhooks.create(to.url, LOCAL)
  await synced()
  expect(await tidemark.webhooks.show(id)).toMatchObject({
    messages: [{ state: 'waiting', tries: 1, status: 302, error: expect.stringContaining('no redirect') }],
  })
  void tidemark.start()
  const state = () => mirror.sql('SELECT next_at, delivered_at, tries FROM tm_outbox')[0]!
  while (state()['next_at'] !== null) {
    clock.skip(1_000_000)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  expect(to.received.length).toBe(PAUSES_MS.length + 1)
  expect(new Set(to.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
  expect(new Set(to.received.map(({ body }) => body.toString())).size).toBe(1)
  expect(await tidemark.webhooks.list()).toMatchObject([{ waiting: 0, dead: 1 }])
  expect(await tidemark.webhooks.replay(id)).toEqual({ webhook: id, replayed: 1 })
  while (state()['delivered_at'] === null) await new Promise((resolve) => setTimeout(resolve, 10))
  expect(await tidemark.webhooks.list()).toMatchObject([{ waiting: 0, dead: 0 }])
  await expect(tidemark.webhooks.replay(id, 'msg_nothing')).rejects.toMatchObject({ code: 'webhook_unknown' })
})

test('a receiver that is away keeps no run waiting, and a message outlives the process', async () => {
  const { tidemark, synced, mirror } = await world()
  const to = await receiver()
  const { id } = await tidemark.webhooks.create('http://127.0.0.1:1/nobody', LOCAL)
  await tidemark.webhooks.create(to.url, LOCAL)
  expect(await synced()).toMatchObject({ status: 'succeeded' })
  expect(to.bodies()).toHaveLength(1)
  expect(await tidemark.webhooks.show(id)).toMatchObject({ waiting: 1, messages: [{ status: null, tries: 1 }] })
  expect(mirror.value('SELECT count(*) FROM tm_outbox WHERE next_at IS NOT NULL')).toBe(1)
})

test('a receiver that is away is asked now and then, however much there is for it, and others are told meanwhile', async () => {
  const { tidemark, synced, clock, mirror } = await world()
  const away = await receiver([503])
  const { id } = await tidemark.webhooks.create(away.url, LOCAL)
  const { webhooks } = tidemark.store
  const { no: webhookNo } = (await webhooks.list())[0]!
  const at = clock.now()
  for (let i = 0; i < 12; i++) await webhooks.enqueue({ webhookNo, id: `m${i}`, event: TEST, at, nextAt: at })
  const to = await receiver()
  await tidemark.webhooks.create(to.url, LOCAL)
  await synced()
  expect([away.received.length, to.received.length]).toEqual([1, 1])
  expect(mirror.sql('SELECT DISTINCT tries FROM tm_outbox WHERE next_at = at')).toEqual([])
  expect(await tidemark.webhooks.show(id)).toMatchObject({ waiting: 13, dead: 0 })
  // It is back: nothing is lost.
  void tidemark.start()
  while (Number(mirror.value('SELECT count(*) FROM tm_outbox WHERE next_at IS NOT NULL')) > 0) {
    clock.skip(60_000)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  // Once each at least: the minute that is skipped may be that of an answer, which is then late and asked for again.
  expect(away.received.length).toBeGreaterThanOrEqual(14)
  expect(new Set(away.received.map(({ headers }) => headers['webhook-id'])).size).toBe(13)
})

test('none goes into private networks unless that is allowed, whatever a name leads to', async () => {
  const { tidemark, synced } = await world()
  const to = await receiver()
  for (const url of [
    to.url,
    'http://localhost:9/',
    'http://[::1]/',
    'http://169.254.169.254/latest',
    'http://10.0.0.1/',
  ])
    await expect(tidemark.webhooks.create(url)).rejects.toMatchObject({ code: 'address_refused' })
  await expect(tidemark.webhooks.create('http://169.254.169.254/', LOCAL)).rejects.toMatchObject({
    code: 'address_refused',
  })
  for (const url of ['ftp://example.com', 'example.com', 'https://ada:secret@example.com', ''])
    await expect(tidemark.webhooks.create(url)).rejects.toMatchObject({ code: 'option_invalid' })
  await synced()
  expect(to.received).toEqual([])
})

test('a try tells at once what comes of it, and is not repeated', async () => {
  const { tidemark, synced } = await world()
  const to = await receiver([503])
  const { id } = await tidemark.webhooks.create(to.url, LOCAL)
  expect(await tidemark.webhooks.test(id)).toMatchObject({ event: 'webhook.test', state: 'dead', status: 503 })
  expect(await tidemark.webhooks.test(id)).toMatchObject({ state: 'delivered', status: 204 })
  expect(to.bodies()[0]).toEqual({ type: 'webhook.test', timestamp: expect.any(String), data: { project: 'default' } })
  expect(await tidemark.webhooks.delete(id)).toMatchObject({ id })
  await synced()
  expect(to.received).toHaveLength(2)
  await expect(tidemark.webhooks.test(id)).rejects.toMatchObject({ code: 'webhook_unknown' })
})

test('its secret is sealed anew with every rotation, and goes on signing; without its key it is given up', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-key-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'key')
  writeFileSync(file, Buffer.alloc(32, 5).toString('base64'), { mode: 0o600 })
  const { tidemark, synced, mirror, clock } = await world(findKey({ TIDEMARK_KEY_FILE: file }, () => {}))
  const to = await receiver()
  const { id, secret } = await tidemark.webhooks.create(to.url, LOCAL)
  const sealed = () => mirror.value('SELECT hex(sealed) FROM tm_webhooks')
  const before = sealed()
  expect(await tidemark.rotateKeys()).toMatchObject({ outcome: 'rotated', unreadable: [] })
  expect(sealed()).not.toBe(before)
  expect(await tidemark.checkSecrets()).toContainEqual(
    expect.objectContaining({ connection: `webhook:${id}`, connector: 'webhook', error: null }),
  )
  await synced()
  const [{ headers, body }] = to.received as [Received]
  expect(signedId(secret, { headers, body, now: clock.now() })).toBe(headers['webhook-id'])
  const away = await assemble({ database: mirror.file, key: new Uint8Array(32).fill(9), clock })
  expect(await away.resetKey()).toContainEqual(
    expect.objectContaining({ connection: `webhook:${id}`, secrets: ['signing'] }),
  )
  await away.close()
  expect(await tidemark.webhooks.list()).toEqual([])
})

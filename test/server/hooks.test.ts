// Owns the promises about webhooks that services send: who is let in, that each is on the disk before it is answered, and
// that what it tells of is read from the service, and never believed.

import { createHmac } from 'node:crypto'
import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import { DatabaseSync } from 'node:sqlite'
import { gzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import type { Config } from '../../src/config.ts'
import { defineConnector, fullPass, secret, standardWebhook, stream, type Tidemark, z } from '../../src/index.ts'
import { webhookSignature } from '../../src/model/standard-webhooks.ts'
import { createApp } from '../../src/server/app.ts'
import { listen } from '../../src/server/listen.ts'
import { signWebhook, tiktokShopEmulator } from '../../src/testing/emulators/index.ts'
import { openMirror } from '../support/mirror.ts'

async function served(connectors: NonNullable<Config['connectors']> = []) {
  const mirror = await openMirror({ connectors })
  const failures: unknown[] = []
  const api = { tidemark: () => mirror.tidemark, onFailure: (error: unknown) => void failures.push(error) }
  const server = await listen(createApp({ api }), { port: 0 })
  onTestFinished(async () => {
    await server.close()
    await mirror[Symbol.asyncDispose]()
  })
  const addressOf = async (id: string) => {
    const found = (await mirror.tidemark.listConnections({ all: true })).find((one) => one.id === id)
    return server.url + (found?.webhookUrl ?? '')
  }
  return { mirror, server, addressOf, failures }
}

async function shopWorld(options: Record<string, unknown> = {}) {
  const emulator = await tiktokShopEmulator({ orders: 30 })
  onTestFinished(() => emulator.close())
  const world = await served()
  const shop = await world.mirror.shop(emulator, options)
  const url = await world.addressOf('shop')
  const status = (id: string) => world.mirror.value(`SELECT status FROM tiktok_shop_orders WHERE id = '${id}'`)
  return { ...world, emulator, shop, url, status }
}

/** Reads what webhooks have told of until nothing of it is left. */
async function drained(tidemark: Tidemark, left: () => unknown) {
  const stop = new AbortController()
  const reports: { readonly status: string }[] = []
  const kept = tidemark.start({ signal: stop.signal, onRun: ({ report }) => void reports.push(report) })
  while (Number(left()) > 0) await new Promise((resolve) => setTimeout(resolve, 20))
  stop.abort()
  await kept
  return reports
}

const OPEN = 'SELECT count(*) FROM tm_inbox WHERE next_at IS NOT NULL'

test('an order that changed is read from the shop, by its id, and nothing else is', async () => {
  const { mirror, emulator, shop, url, status } = await shopWorld()
  await shop.sync()
  emulator.webhooks.start()
  const [fresh = ''] = emulator.world.create(1)
  emulator.world.touchRandom(1)
  expect(await emulator.webhooks.deliver(url, { duplicate: 1 })).toEqual([200, 200, 200, 200])
  expect(mirror.value(OPEN)).toBe(2)
  // Later than the webhook tells: what counts is what the shop says when it is asked.
  emulator.webhooks.stop()
  emulator.world.setStatus(fresh, 'CANCELLED')
  const cursor = () => mirror.value("SELECT json_extract(value, '$.cursor') FROM tm_states")
  const before = cursor()
  const reports = await drained(mirror.tidemark, () => mirror.value(OPEN))
  expect(reports).toMatchObject([
    {
      status: 'succeeded',
      requests: 1,
      streams: [{ stream: 'orders', counts: { fetched: 2, inserted: 1, updated: 1 } }],
    },
  ])
  expect(status(fresh)).toBe('CANCELLED')
  expect(cursor()).toBe(before)
  // Sent again, they are known.
  expect(mirror.value('SELECT count(*) FROM tm_inbox')).toBe(2)
})

test('one that lies about an order changes nothing', async () => {
  const { mirror, emulator, shop, url, status } = await shopWorld()
  await shop.sync()
  const [id] = Object.values(mirror.sql("SELECT id FROM tiktok_shop_orders WHERE status <> 'CANCELLED'")[0] ?? {})
  const before = status(String(id))
  const body = JSON.stringify({
    type: 1,
    shop_id: '7',
    data: { order_id: id, order_status: 'CANCEL', update_time: 9e9 },
  })
  const { appKey, appSecret } = emulator
  expect((await post(url, body, { authorization: signWebhook(appKey, appSecret, body) })).status).toBe(200)
  await drained(mirror.tidemark, () => mirror.value(OPEN))
  expect(status(String(id))).toBe(before)
})

test('nobody comes in without the secret and the signature, and no answer tells which was wrong', async () => {
  const { mirror, emulator, url, addressOf, server } = await shopWorld()
  await mirror.github({ url: 'http://127.0.0.1:9' } as never)
  const body = JSON.stringify({ type: 1, tts_notification_id: '1', shop_id: emulator.shopId, data: { order_id: '5' } })
  const authorization = signWebhook(emulator.appKey, emulator.appSecret, body)
  const secretOf = (address: string) => address.split('/').at(-1) ?? ''
  const strangers = [
    `${server.url}/hooks/shop/${'x'.repeat(32)}`,
    `${server.url}/hooks/nobody/${secretOf(url)}`,
    `${server.url}/hooks/shop/${secretOf(url).toUpperCase()}`,
    // Its connector takes no webhooks.
    await addressOf('me'),
    `${server.url}/hooks/me/${secretOf(url)}`,
  ]
  const answers = await Promise.all(strangers.map((address) => post(address, body, { authorization })))
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
  expect(answers.map(({ status }) => status)).toEqual(strangers.map(() => 404))
  const forged = await Promise.all([
    post(url, body),
    post(url, `${body} `, { authorization }),
    post(url, body.replace('"5"', '"6"'), { authorization }),
    post(url, body, { authorization: `Bearer ${authorization}` }),
    post(url, body, { authorization: signWebhook(emulator.appKey, 'another', body) }),
  ])
  expect(forged.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401])
  expect((await fetch(url)).status).toBe(404)
  expect(mirror.value('SELECT count(*) FROM tm_inbox')).toBe(0)
  expect((await post(url, body, { authorization })).status).toBe(200)
  await mirror.tidemark.disconnect('shop')
  expect((await post(url, body, { authorization })).status).toBe(404)
})

test('one that is packed is verified as it came, and then unpacked, up to a limit', async () => {
  const { mirror, emulator, url, failures } = await shopWorld()
  const packed = async (text: string, more: object = {}) => {
    const body = gzipSync(text)
    const authorization = createHmac('sha256', emulator.appSecret).update(emulator.appKey).update(body).digest('hex')
    const response = await fetch(url, {
      method: 'POST',
      body,
      headers: { authorization, 'content-encoding': 'gzip', ...more },
    })
    return response.status
  }
  const told = (id: string) =>
    JSON.stringify({ type: 1, tts_notification_id: id, shop_id: emulator.shopId, data: { order_id: '5' } })
  const kept = () => mirror.value('SELECT count(*) FROM tm_inbox')
  expect(await packed(told('1'))).toBe(200)
  expect(kept()).toBe(1)
  expect(await packed(told('2'), { authorization: 'forged' })).toBe(401)
  // What is not packed as it says is theirs, and tells nothing.
  expect(await packed(told('3'), { 'content-encoding': 'br' })).toBe(200)
  expect(await packed(`${told('4')}${' '.repeat(2 ** 21)}`)).toBe(413)
  expect(kept()).toBe(1)
  expect(failures).toEqual([])
})

test('a body is read up to its limit, and by whatever name the server is called', async () => {
  const { emulator, url, failures } = await shopWorld()
  const signed = (size: number) => {
    const body = JSON.stringify({ type: 1, data: { order_id: '5' }, more: '' }).replace('""', `"${'x'.repeat(size)}"`)
    return [body, { authorization: signWebhook(emulator.appKey, emulator.appSecret, body) }] as const
  }
  expect((await post(url, ...signed(200_000))).status).toBe(200)
  expect(await post(url, ...signed(300_000))).toMatchObject({ status: 413 })
  const [body, headers] = signed(1)
  expect(await postAs('hooks.example.com', url, body, headers)).toBe(200)
  expect(await postAs('hooks.example.com', url.replace(/hooks.*/, 'api/status'), body, headers)).toBe(421)
  const broken = '{"type":1,'
  const authorization = signWebhook(emulator.appKey, emulator.appSecret, broken)
  expect((await post(url, broken, { authorization })).status).toBe(200)
  expect(failures).toEqual([])
})

test('who hangs up in the middle is no failure of ours, and a body that is too large leaves the connection as it was', async () => {
  const { url, failures, server } = await shopWorld()
  const { port, pathname } = new URL(url)
  for (let i = 0; i < 3; i++) {
    const socket = connect(Number(port), '127.0.0.1')
    socket.write(`POST ${pathname} HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\n{`)
    await new Promise((resolve) => setTimeout(resolve, 20))
    socket.destroy()
  }
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  onTestFinished(() => agent.destroy())
  const ask = (path: string, body?: string) =>
    new Promise((resolve, reject) => {
      const sent = request(server.url + path, { method: body === undefined ? 'GET' : 'POST', agent }, (answer) => {
        answer.resume().on('end', () => resolve([answer.statusCode, sent.reusedSocket]))
      })
      sent.on('error', reject).end(body)
    })
  expect(await ask(pathname, 'x'.repeat(3_000_000))).toEqual([413, false])
  expect(await ask('/healthz')).toEqual([200, true])
  expect(failures).toEqual([])
})

test('what comes at once is written together, and none is lost or doubled', async () => {
  const { mirror, emulator, url, failures } = await shopWorld()
  const { appKey, appSecret } = emulator
  const bodies = Array.from({ length: 600 }, (_, i) =>
    JSON.stringify({ type: 1, tts_notification_id: `n${i}`, data: { order_id: String(1_000 + i) } }),
  )
  const statuses = await Promise.all(
    [...bodies, ...bodies.slice(0, 100)].map(
      async (body) => (await post(url, body, { authorization: signWebhook(appKey, appSecret, body) })).status,
    ),
  )
  expect(new Set(statuses)).toEqual(new Set([200]))
  expect(mirror.value('SELECT count(*) FROM tm_inbox')).toBe(600)
  expect(failures).toEqual([])
})

test('a shop that fails is asked again, a paused one later, and one that always fails is left to the next sync', async () => {
  const { mirror, emulator, url } = await shopWorld()
  emulator.webhooks.start()
  emulator.world.create(1)
  await mirror.tidemark.perform((await import('../../src/operations/pause.ts')).pause, { connection: 'shop' })
  expect(await emulator.webhooks.deliver(url)).toEqual([200])
  expect(await mirror.tidemark.store.inbox.due(Date.now() + 1_000, 10)).toEqual([])
  await mirror.tidemark.perform((await import('../../src/operations/pause.ts')).resume, { connection: 'shop' })
  emulator.faults.when({}, { kind: 'status', status: 403 })
  const waits = 'SELECT count(*) FROM tm_inbox WHERE tries = 0'
  const [report] = await drained(mirror.tidemark, () => mirror.value(waits))
  expect(report).toMatchObject({ status: 'failed' })
  expect(mirror.value(OPEN)).toBe(1)
  expect(mirror.value('SELECT min(next_at - at) > 20000 FROM tm_inbox')).toBe(1)
})

test('one that could not be kept is not answered with 2xx', async () => {
  const { mirror, emulator, url } = await shopWorld()
  const body = JSON.stringify({ type: 1, tts_notification_id: '1', data: { order_id: '5' } })
  const headers = { authorization: signWebhook(emulator.appKey, emulator.appSecret, body) }
  const disk = new DatabaseSync(mirror.file)
  disk.exec('ALTER TABLE tm_inbox RENAME TO tm_inbox_away')
  expect((await post(url, body, headers)).status).toBeGreaterThanOrEqual(500)
  disk.exec('ALTER TABLE tm_inbox_away RENAME TO tm_inbox')
  disk.close()
  expect((await post(url, body, headers)).status).toBe(200)
  expect(mirror.value(OPEN)).toBe(1)
})

test('a connector of one’s own takes Standard Webhooks, by streams or by keys', async () => {
  const KEY = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
  let listed = 0
  const notes = defineConnector(
    {
      name: 'notes',
      title: 'Notes',
      options: z.object({ signing: secret('the secret of the webhook') }),
      http: () => ({ baseUrl: 'http://127.0.0.1:9' }),
      webhook: standardWebhook({
        secret: 'signing',
        hint: ({ json }) =>
          json === undefined ? undefined : { streams: ['notes', 'gone'], records: { notes: ['7'] } },
      }),
    },
    {
      notes: stream({
        schema: z.object({ id: z.string() }),
        key: (row) => row.id,
        passes: [
          fullPass({
            pageSize: 10,
            read: async () => {
              listed++
              return { records: [{ id: '7' }], next: undefined, total: 1 }
            },
          }),
        ],
      }),
    },
  )
  const { mirror, addressOf } = await served([notes])
  await mirror.tidemark.connect(notes, { id: 'mine', options: { signing: KEY } })
  const url = await addressOf('mine')
  const send = (id: string, key = KEY, at = Date.now()) => {
    const body = '{"changed":true}'
    const timestamp = Math.floor(at / 1_000)
    const signature = webhookSignature(key, { id, timestamp, body: Buffer.from(body) })
    return post(url, body, { 'webhook-id': id, 'webhook-timestamp': `${timestamp}`, 'webhook-signature': signature })
  }
  expect((await send('m1')).status).toBe(200)
  expect((await send('m1')).status).toBe(200)
  expect((await send('m2', 'whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA')).status).toBe(401)
  expect((await send('m3', KEY, Date.now() - 400_000)).status).toBe(401)
  expect(mirror.value('SELECT count(*) FROM tm_inbox')).toBe(1)
  await drained(mirror.tidemark, () => mirror.value(OPEN))
  expect([listed, mirror.value('SELECT count(*) FROM notes_notes')]).toEqual([1, 1])
})

async function post(url: string, body: string, headers: Record<string, string> = {}) {
  const answer = await fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } })
  return { status: answer.status, text: await answer.text() }
}

/** With another name of the host than the address has. */
function postAs(host: string, url: string, body: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', headers: { ...headers, host } }, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode ?? 0))
    })
    sent.on('error', reject).end(body)
  })
}

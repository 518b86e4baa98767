// Owns the proof that what the API has accepted is done: by this server, or by the next one.

import { expect, onTestFinished, test } from 'vitest'
import { assemble } from '../../src/assemble.ts'
import { ORDERS_MAX } from '../../src/engine/runs/orders.ts'
import { apiWorld } from './api-world.ts'

const KEY = new Uint8Array(32).fill(7)

async function busyWorld() {
  const world = await apiWorld({ stars: 300 })
  await world.connected()
  await world.synced()
  const post = (body: object) => world.call('/api/connections/me/runs', world.tokens.sync, { method: 'POST', body })
  const runs = async () => (await world.call('/api/runs', world.tokens.read)).json.runs
  /** What the source answers takes so long, in milliseconds. */
  const slow = (ms: number) => {
    world.github.faults.clear()
    if (ms > 0) world.github.faults.when({}, { kind: 'delay', ms })
  }
  return { ...world, post, runs, slow }
}

test('what has to wait is told with an order, under which its run is found', async () => {
  const { post, runs, slow, call, tokens, ended } = await busyWorld()
  slow(3_000)
  const first = await post({ maxRequests: 1_000 })
  expect(first).toMatchObject({ status: 202, json: { status: 'running' } })
  const second = await post({ mode: 'full' })
  expect(second).toMatchObject({ status: 202, json: { id: null, connection: 'me', status: 'queued' } })
  const { order } = second.json
  const ask = async () => (await call(`/api/orders/${order}`, tokens.read)).json
  expect(await ask()).toEqual({ order, connection: 'me', status: 'queued', run: null, error: null })
  expect((await call(`/api/orders/${order}`, tokens.lab)).json.code).toBe('order_unknown')
  slow(0)
  await expect.poll(async () => (await ask()).status, { timeout: 60_000 }).toBe('ended')
  const { run } = await ask()
  expect([run.mode, run.status, (await ended(first.json.id)).status]).toEqual(['full', 'succeeded', 'succeeded'])
  expect((await runs()).map(({ id }: { id: string }) => id)).toContain(run.id)
})

test('each of several that ask at once for runs of their own is told its own', async () => {
  const { post, runs } = await busyWorld()
  const before = new Set((await runs()).map(({ id }: { id: string }) => id))
  const answers = await Promise.all([3, 4, 5].map((maxRequests) => post({ maxRequests })))
  const told = answers.map(({ json }) => json.id)
  expect([answers.map(({ status }) => status), new Set(told).size]).toEqual([[202, 202, 202], 3])
  await expect
    .poll(async () => (await runs()).every(({ status }: { status: string }) => status !== 'running'))
    .toBe(true)
  const made = (await runs()).filter(({ id }: { id: string }) => !before.has(id))
  expect(new Set(made.map(({ id }: { id: string }) => id))).toEqual(new Set(told))
})

test('those who ask at once for the same get one run', async () => {
  const { post, runs, slow } = await busyWorld()
  const before = (await runs()).length
  slow(100)
  const answers = await Promise.all([{}, {}, {}].map(post))
  expect(new Set(answers.map(({ json }) => json.id)).size).toBe(1)
  expect(answers.filter(({ status }) => status === 202)).toHaveLength(1)
  slow(0)
  await expect.poll(async () => (await runs())[0].status).toBe('succeeded')
  expect((await runs()).length).toBe(before + 1)
})

test('what goes wrong before a run begins is the answer, and waits for nothing', async () => {
  const { post, tidemark, call, tokens, slow } = await busyWorld()
  slow(3_000)
  await post({ maxRequests: 1_000 })
  const { json } = await post({ mode: 'full' })
  await tidemark.perform((await import('../../src/operations/pause.ts')).pause, { connection: 'me' })
  slow(0)
  const ask = async () => (await call(`/api/orders/${json.order}`, tokens.read)).json
  await expect.poll(async () => (await ask()).status, { timeout: 60_000 }).toBe('ended')
  expect(await ask()).toMatchObject({ run: null, error: { code: 'connection_paused' } })
})

test('so many may wait, and no more', async () => {
  const { tidemark, post } = await busyWorld()
  const row = (await tidemark.connection('me')).row
  const lease = await tidemark.store.leases.claim({
    resource: `orders:${row.no}`,
    holder: { id: 'other', host: 'elsewhere', pid: 1, startedAt: 1 },
    now: Date.now(),
    expiresAt: Date.now() + 600_000,
  })
  expect(lease).toHaveProperty('lease')
  for (let i = 0; i < ORDERS_MAX; i++) {
    await tidemark.store.orders.add({ id: `o${i}`, connectionNo: row.no, at: 0, asked: { mode: 'auto', streams: [] } })
  }
  expect(await post({ mode: 'full' })).toMatchObject({ status: 429, json: { code: 'orders_full' } })
})

test('an order that its server leaves is carried out by another one, with what is left of its caps', async () => {
  const { post, mirror, tidemark, slow, github } = await busyWorld()
  github.world.star('ada', 400)
  slow(1_000)
  const first = await post({ mode: 'full', maxRequests: 5 })
  expect(first.json.status).toBe('running')
  const queued = await post({ maxRequests: 20 })
  expect(queued.json.status).toBe('queued')
  await tidemark.close()
  slow(0)
  const other = await assemble({ database: mirror.file, key: KEY })
  const stop = new AbortController()
  const kept = other.start({ signal: stop.signal })
  onTestFinished(async () => {
    stop.abort()
    await kept
    await other.close()
  })
  const order = async () => other.performFor('default', 'ordered', { order: queued.json.order })
  await expect.poll(async () => (await order()).status, { timeout: 60_000 }).toBe('ended')
  const [last, goneOn, released] = await other.runs()
  expect([released?.id, released?.status]).toEqual([first.json.id, 'cancelled'])
  expect([goneOn?.mode, goneOn?.status]).toEqual(['full', 'incomplete'])
  expect((goneOn?.requests ?? 0) + (released?.requests ?? 0)).toBe(5)
  expect((await order()).run?.id).toBe(last?.id)
  expect(await other.runs()).toHaveLength(4)
})

test('a run that somebody has cancelled is not ordered again', async () => {
  const { post, tidemark, call, tokens, slow, ended, runs } = await busyWorld()
  slow(500)
  const { json } = await post({ mode: 'full' })
  await call(`/api/runs/${json.id}/cancel`, tokens.sync, { method: 'POST' })
  expect((await ended(json.id)).status).toBe('cancelled')
  slow(0)
  const orders = async () => tidemark.store.orders.open({ limit: 10 })
  await expect.poll(orders).toEqual([])
  expect((await runs())[0].id).toBe(json.id)
})

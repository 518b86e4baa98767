// Owns the proof that a call with an Idempotency-Key is done once: at the same time, on two servers, after a restart, and
// however many other keys come; and that nobody who reads the database reads its answer.

import { spawnSync } from 'node:child_process'
import { expect, onTestFinished, test } from 'vitest'
import { assemble } from '../../src/assemble.ts'
import { thisHolder } from '../../src/engine/runs/process.ts'
import { tokenHash } from '../../src/secrets/tokens.ts'
import { GONE_MS } from '../../src/server/api/idempotency.ts'
import { createApp } from '../../src/server/app.ts'
import type { Holder } from '../../src/store/store.ts'
import { apiWorld } from './api-world.ts'

const NEW_TOKEN = { scopes: ['read'], note: 'once' }

async function world() {
  const made = await apiWorld()
  const other = await assemble({ database: made.mirror.file, key: new Uint8Array(32).fill(7) })
  onTestFinished(() => other.close())
  const app = createApp({ api: { tidemark: () => other } })
  type Sending = readonly [path: string, token: string, key: string, body: object]
  const sent = (key: string, body: object) => ({ method: 'POST', body, headers: { 'idempotency-key': key } })
  const here = ([path, token, key, body]: Sending) => made.call(path, token, sent(key, body))
  const there = async ([path, token, key, body]: Sending) => {
    const headers = { authorization: `Bearer ${token}`, 'idempotency-key': key, 'content-type': 'application/json' }
    const answer = await app.request(`http://localhost${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
    const text = await answer.text()
    return { status: answer.status, text, json: JSON.parse(text) }
  }
  const notes = async () => (await made.tidemark.tokens()).filter(({ note }) => note === 'once').length
  return { ...made, here, there, notes }
}

test('at once on two servers it is done once, and another call with its key is refused', async () => {
  const { here, there, notes, tokens } = await world()
  const call = ['/api/tokens', tokens.admin, 'k', NEW_TOKEN] as const
  const all = await Promise.all(Array.from({ length: 20 }, (_, i) => (i % 2 ? here(call) : there(call))))
  expect([new Set(all.map(({ text }) => text)).size, all[0]?.status, await notes()]).toEqual([1, 201, 1])
  // In another order of its fields it is the same call.
  const reversed = { note: 'once', scopes: ['read'] }
  expect((await there(['/api/tokens', tokens.admin, 'k', reversed])).text).toBe(all[0]?.text)
  const wrong = await there(['/api/tokens', tokens.admin, 'k', { scopes: ['sync'] }])
  expect([wrong.status, wrong.json.code]).toEqual([422, 'key_reused'])
})

test('keys of others do not push it out', async () => {
  const { here, there, notes, tokens, tidemark } = await world()
  const call = ['/api/tokens', tokens.admin, 'k', NEW_TOKEN] as const
  const first = await here(call)
  const { store } = tidemark
  const holder = thisHolder('others')
  for (let i = 0; i < 700; i++) {
    const row = { caller: `caller ${i % 3}`, key: `k${i}`, id: `${i}`, call: 'c', at: Date.now(), holder }
    await store.answers.take(row, { since: 0, most: 1_000 })
  }
  expect((await there(call)).text).toBe(first.text)
  // The same key of another token is another key.
  const lab = await here(['/api/quarantine/retry', tokens.lab, 'k', {}])
  expect([lab.status, await notes()]).toEqual([200, 1])
})

test('what was refused may be sent again with the same key, mended', async () => {
  const { here, notes, tokens } = await world()
  expect((await here(['/api/tokens', tokens.admin, 'k', { scopes: ['none'] }])).status).toBe(400)
  expect([(await here(['/api/tokens', tokens.admin, 'k', NEW_TOKEN])).status, await notes()]).toEqual([201, 1])
})

test('a call whose server died is carried out by the next one, under the same id', async () => {
  const { here, tokens, tidemark, connected, call, ended } = await world()
  await connected()
  const { pid } = spawnSync(process.execPath, ['-e', ''])
  const dead = { ...thisHolder('gone'), pid }
  const run = ['/api/connections/me/runs', tokens.sync, 'k', { maxRequests: 9 }] as const
  const first = await here(run)
  await ended(first.json.id)
  const place = { caller: tokenHash(tokens.sync), key: 'k' }
  const before = { ...place, id: 'x', call: 'c', at: Date.now(), holder: dead }
  const kept = await tidemark.store.answers.take(before, { since: 0, most: 10 })
  if (typeof kept !== 'object') throw new Error('the answer was not kept')
  const { store } = tidemark
  expect(await store.orders.find('default', kept.id)).toMatchObject({ run: first.json.id })
  // As it was before it was answered.
  await store.answers.keep(place, { status: null as never, sealed: null })
  expect(await store.answers.takeOver({ ...place, at: Date.now() }, kept.holder, dead)).toBe(true)
  const again = await here(run)
  expect([again.status, again.json.id]).toEqual([202, first.json.id])
  expect((await call('/api/runs', tokens.read)).json.runs).toHaveLength(1)
})

test('a call of a machine that is gone is waited for, and after an hour carried out here', async () => {
  const { here, there, notes, tokens, tidemark } = await world()
  const { store } = tidemark
  const call = ['/api/tokens', tokens.admin, 'k', NEW_TOKEN] as const
  await here(call)
  const place = { caller: tokenHash(tokens.admin), key: 'k' }
  const asked = { ...place, id: 'x', call: 'c', at: Date.now(), holder: thisHolder('x') }
  const kept = await store.answers.take(asked, { since: 0, most: 10 })
  if (typeof kept !== 'object') throw new Error('the answer was not kept')
  // As it was before it was answered, by a machine of which nobody here knows anything.
  const foreign = { id: 'gone', host: 'elsewhere', pid: 1, startedAt: 1, space: 'of another machine' }
  const left = async (at: number, from: Holder) => {
    await store.answers.keep(place, { status: null as never, sealed: null })
    expect(await store.answers.takeOver({ ...place, at }, from, foreign)).toBe(true)
  }
  await left(Date.now() - GONE_MS + 600_000, kept.holder)
  const waits = here(call)
  await new Promise((resolve) => setTimeout(resolve, 800))
  expect(await notes()).toBe(1)
  await left(Date.now() - GONE_MS - 10_000, foreign)
  const all = await Promise.all([waits, there(call), here(call)])
  expect([new Set(all.map(({ text }) => text)).size, all[0]?.status, await notes()]).toEqual([1, 201, 2])
})

test('nobody reads an answer, or what was asked, in the database', async () => {
  const { here, tokens, mirror } = await world()
  const { json } = await here(['/api/tokens', tokens.admin, 'k', NEW_TOKEN])
  const [row] = mirror.sql('SELECT * FROM tm_answers')
  const text = Object.values(row ?? {})
    .map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value)))
    .join(' ')
  expect(text).not.toMatch(/once|tidemark_|scopes/)
  expect(text).not.toContain(json.token)
})

test('of an answer that is not kept it is told that the call is done', async () => {
  const { here, notes, tokens, tidemark } = await world()
  const call = ['/api/tokens', tokens.admin, 'k', NEW_TOKEN] as const
  await here(call)
  await tidemark.store.answers.keep({ caller: tokenHash(tokens.admin), key: 'k' }, { status: 201, sealed: null })
  expect((await here(call)).json.code).toBe('answer_not_kept')
  expect(await notes()).toBe(1)
})

// Owns the promise that an answer which takes long ends when its caller hangs up, its token ends, or the server closes; and
// with it the statement that it was made for.

import { expect, test, vi } from 'vitest'
import { isAlive, processesBelow } from '../support/processes-below.ts'
import { apiWorld } from './api-world.ts'

const ENDLESS = 'with recursive c(x) as (select 1 union all select x + 1 from c) select '
const statements = () => processesBelow(process.pid, 'console/process')
/** Waits for what has to become true; how long that takes is not looked at. */
const soon = (holds: () => void) => vi.waitFor(holds, { timeout: 30_000, interval: 50 })

for (const how of ['revoked', 'ran out']) {
  test(`streams and waits end with a token that was, or that ${how}`, async () => {
    const { call, connected, synced, tokens, tidemark, server } = await apiWorld()
    await connected()
    await synced()
    const more = how === 'revoked' ? {} : { expires: '3s' }
    const token = await tidemark.createToken({ scopes: ['read'], ...more })
    const open = (path: string, sent: RequestInit = {}) =>
      fetch(server.url + path, { ...sent, headers: { authorization: `Bearer ${token.token}` } })
    const last = (await call('/api/changes?limit=1000', tokens.read)).text.trim().split('\n').at(-1) ?? ''
    const events = await open('/api/events')
    const waiting = open(`/api/changes?wait=60&after=${JSON.parse(last).cursor}`)
    const asked = open('/api/sql', {
      method: 'POST',
      body: JSON.stringify({ sql: `${ENDLESS}count(*) from c`, timeout: 600 }),
    })
    if (how === 'revoked') await tidemark.revokeToken(token.id)
    expect([events.status, await events.text()]).toEqual([200, expect.not.stringContaining('done')])
    const answer = await waiting
    expect([answer.status, await answer.json()]).toEqual([401, expect.objectContaining({ code: 'token_refused' })])
    expect((await asked).status).toBeGreaterThanOrEqual(400)
    await soon(() => expect(statements()).toEqual([]))
  }, 120_000)
}

for (const { columns, begins } of [
  { columns: 'count(*) from c', begins: undefined },
  // An answer without an end begins all the same.
  { columns: 'x from c', begins: '{"columns":["x"],"rows":[{"x":1},{"x":2},' },
]) {
  test(`a statement (${columns}) ends when its caller hangs up, and when the server closes`, async () => {
    const { tokens, server, closing, failures } = await apiWorld()
    for (const end of ['caller', 'server']) {
      const gone = new AbortController()
      const answer = fetch(`${server.url}/api/sql`, {
        method: 'POST',
        signal: gone.signal,
        headers: { authorization: `Bearer ${tokens.read}` },
        body: JSON.stringify({ sql: ENDLESS + columns, limit: 10_000_000, timeout: 600 }),
      })
      answer.catch(() => {})
      const part = begins === undefined ? undefined : await (await answer).body?.getReader().read()
      expect(Buffer.from(part?.value ?? '').toString()).toSatisfy((text: string) => text.startsWith(begins ?? ''))
      await soon(() => expect(statements()).toHaveLength(1))
      const [pid = 0] = statements()
      if (end === 'caller') gone.abort()
      else closing.abort()
      await soon(() => expect(isAlive(pid)).toBe(false))
    }
    expect(failures).toEqual([])
  }, 120_000)
}

test('a failure within a long answer cuts it off, and one before it is told', async () => {
  const { call, tokens } = await apiWorld()
  const ask = (sql: string) => call('/api/sql', tokens.read, { method: 'POST', body: { sql } })
  const late = "select iif(x < 90000, x, json(x || '{')) as x from c limit 100000"
  expect(await ask(`${ENDLESS}${late.slice('select '.length)}`).catch(() => 'cut')).toBe('cut')
  const early = "iif(x < 9, x, json(x || '{')) as x from c limit 10"
  expect(await ask(ENDLESS + early)).toMatchObject({ status: 400, json: { code: 'sql_failed' } })
  expect((await ask(`${ENDLESS}x from c limit 3`)).json).toEqual({
    columns: ['x'],
    rows: [{ x: 1 }, { x: 2 }, { x: 3 }],
    truncated: false,
  })
  expect((await ask(`${ENDLESS}x from c limit 50000`)).json.rows).toHaveLength(50_000)
}, 60_000)

test('a HEAD of what is streamed leaves nothing at work', async () => {
  const { server, tokens, connected, synced } = await apiWorld({ stars: 5 })
  await connected()
  await synced()
  const timers = () => process.getActiveResourcesInfo().filter((what) => what === 'Timeout').length
  for (const path of ['/api/events', '/api/connections/me/streams/stars/export']) {
    const headers = { authorization: `Bearer ${tokens.read}` }
    const ask = async () => (await fetch(server.url + path, { method: 'HEAD', headers })).status
    expect(await ask()).toBe(200)
    const before = timers()
    for (let i = 0; i < 10; i++) expect([path, await ask()]).toEqual([path, 200])
    await soon(() => expect(timers()).toBeLessThan(before + 5))
  }
})

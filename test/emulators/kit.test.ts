// Owns the proof of the emulators' common parts: clock, chance, limits, log, hooks and admin endpoint do
// what they promise.

import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { fixedWindow, seeded, startClock, tokenBucket } from '../../src/testing/emulators/index.ts'
import { admin, ask, askRaw, failureOf } from './asking.ts'
import { counting, ROWS } from './counting.ts'

describe('a request', () => {
  test('is answered over a real socket, with date, type and length', async () => {
    const emulator = await counting()
    const before = Date.now()
    const reply = await ask(`${emulator.url}/rows?a=1`)
    expect(reply.status).toBe(200)
    expect(reply.json.rows).toEqual(ROWS)
    expect(reply.headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(Number(reply.headers.get('content-length'))).toBe(Buffer.byteLength(reply.text))
    // It is dated by whole seconds.
    const date = Date.parse(reply.headers.get('date') ?? '')
    expect([date > before - 1_000, date <= Date.now()]).toEqual([true, true])
  })

  test('may have a body, or an answer without one', async () => {
    const emulator = await counting()
    const posted = await ask(`${emulator.url}/rows`, { method: 'POST', body: 'grüße' })
    expect(posted.json.body).toBe('grüße')
    const nothing = await ask(`${emulator.url}/nothing`)
    expect([nothing.status, nothing.text, nothing.headers.get('content-type')]).toEqual([204, '', null])
  })

  test('that the emulator itself fails at is told apart from the provider', async () => {
    const emulator = await counting()
    const reply = await ask(`${emulator.url}/broken`)
    expect(reply.status).toBe(599)
    expect(reply.text).toContain('a mistake of the emulator')
  })

  test('is compressed when both sides want that', async () => {
    const emulator = await counting({ gzip: true })
    const plain = await askRaw(emulator.url, 'GET /rows HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    expect(plain).not.toMatch(/content-encoding/i)
    const reply = await ask(`${emulator.url}/rows`)
    expect(reply.headers.get('content-encoding')).toBe('gzip')
    expect(reply.json.rows).toEqual(ROWS)
    const small = gzipSync(JSON.stringify({ count: 2, body: '', rows: ROWS }), { level: 1 }).length
    expect(Number(reply.headers.get('content-length'))).toBe(small)
  })

  test('is no longer taken after close, and the port is free', async () => {
    const emulator = await counting()
    await ask(`${emulator.url}/rows`)
    await emulator.close()
    expect(await failureOf(ask(`${emulator.url}/rows`))).toMatch(/ECONNREFUSED|UND_ERR_SOCKET|ECONNRESET/)
  })
})

describe('the clock', () => {
  test('stands, is wound, runs on with a skew, and dates every answer', async () => {
    const clock = startClock({ at: '2026-03-01T12:00:00Z' })
    const emulator = await counting({ clock })
    const date = async () => (await ask(`${emulator.url}/rows`)).headers.get('date')
    expect(await date()).toBe('Sun, 01 Mar 2026 12:00:00 GMT')
    clock.advance(61_000)
    expect(await date()).toBe('Sun, 01 Mar 2026 12:01:01 GMT')
    clock.set('2020-01-01T00:00:00Z')
    expect([clock.stopped, clock.seconds(), await date()]).toEqual([
      true,
      1_577_836_800,
      'Wed, 01 Jan 2020 00:00:00 GMT',
    ])
    clock.run(-90_000)
    expect(clock.stopped).toBe(false)
    const expectBehind = (ms: number) => {
      const [before, said, after] = [Date.now(), clock.now(), Date.now()]
      expect([said >= before - ms, said <= after - ms]).toEqual([true, true])
    }
    expectBehind(90_000)
    clock.advance(1000)
    expectBehind(89_000)
    expect(() => clock.set('yesterday')).toThrow(/not a moment/)
  })
})

describe('limits', () => {
  test('a fixed window counts per key, refunds, and starts anew', () => {
    const window = fixedWindow(60_000)
    const states = [window.take('a', 2, 0), window.take('a', 2, 10), window.take('a', 2, 20)]
    expect(states.map(({ allowed, remaining }) => [allowed, remaining])).toEqual([
      [true, 1],
      [true, 0],
      [false, 0],
    ])
    expect(states[2]).toMatchObject({ used: 2, resetAt: 60_000 })
    expect(window.take('b', 2, 20)).toMatchObject({ allowed: true, resetAt: 60_020 })
    expect(window.refund('a', 2, 30)).toMatchObject({ remaining: 1 })
    expect(window.take('a', 2, 60_000)).toMatchObject({ allowed: true, remaining: 1, resetAt: 120_000 })
    expect(window.peek('a', 2, 60_001)).toMatchObject({ allowed: true, used: 1 })
  })

  test('a bucket empties, says how long to wait, and refills', () => {
    const bucket = tokenBucket({ perSecond: 2, burst: 3 })
    expect([1, 2, 3].map(() => bucket.take('a', 0).allowed)).toEqual([true, true, true])
    expect(bucket.take('a', 0)).toEqual({ allowed: false, waitMs: 500 })
    expect(bucket.take('a', 499).allowed).toBe(false)
    expect(bucket.take('a', 500).allowed).toBe(true)
    expect(bucket.take('b', 500).allowed).toBe(true)
    expect([1, 2, 3, 4].map(() => bucket.take('a', 60_000).allowed)).toEqual([true, true, true, false])
    expect(() => tokenBucket({ perSecond: 0, burst: 1 })).toThrow(RangeError)
  })
})

describe('chance', () => {
  test('is the same for a seed, fair enough, and other for another', () => {
    const draw = (seed: number) =>
      Array.from(
        { length: 1000 },
        (
          (random) => () =>
            random.next()
        )(seeded(seed)),
      )
    const first = draw(1)
    expect(draw(1)).toEqual(first)
    expect(draw(2)).not.toEqual(first)
    expect(Math.abs(first.reduce((a, b) => a + b) / 1000 - 0.5)).toBeLessThan(0.05)
    expect(first.every((value) => value >= 0 && value < 1)).toBe(true)
  })
})

describe('the log and the hooks', () => {
  test('count what was asked, per path, method and status', async () => {
    const clock = startClock({ at: 1_700_000_000_000 })
    const emulator = await counting({ clock })
    await ask(`${emulator.url}/rows?x=%20y`)
    await ask(`${emulator.url}/rows`, { method: 'POST', body: '{}' })
    emulator.faults.next({ kind: 'status', status: 500 })
    await ask(`${emulator.url}/other/1`)
    const { log } = emulator
    expect(log.all()[0]).toEqual({
      number: 1,
      method: 'GET',
      path: '/rows',
      query: 'x=%20y',
      status: 200,
      at: 1_700_000_000_000,
    })
    expect(log.count()).toBe(3)
    expect(log.count('/rows')).toBe(2)
    expect(log.count('/other/*')).toBe(1)
    expect(log.count({ method: 'POST' })).toBe(1)
    expect(log.count({ status: 500 })).toBe(1)
    expect(emulator.stats()).toMatchObject({
      requests: 3,
      pages: 2,
      perPath: { 'GET /rows': 1, 'POST /rows': 1 },
      perStatus: { 200: 2, 500: 1 },
      faults: { status: 1 },
    })
    log.reset()
    expect([log.count(), log.all(), log.perPath()]).toEqual([0, [], {}])
  })

  test('a hook runs after its page and before the next request', async () => {
    const emulator = await counting()
    const { world } = emulator
    const seen: number[] = []
    emulator.pages.after(2, () => world.add(100))
    const stop = emulator.pages.every((page) => seen.push(page))
    const counts = []
    for (let i = 0; i < 4; i++) counts.push((await ask(`${emulator.url}/rows`)).json.count)
    await ask(`${emulator.url}/other`)
    stop()
    await ask(`${emulator.url}/rows`)
    expect(counts).toEqual([1, 2, 103, 104])
    expect(seen).toEqual([1, 2, 3, 4])
    expect(emulator.pages.served).toBe(5)
  })
})

describe('the admin endpoint', () => {
  test('steers clock, faults, world and hooks, and is seen in none of them', async () => {
    const emulator = await counting()
    expect((await admin(emulator, 'POST', 'clock', { set: '2026-01-01T00:00:00Z' })).json).toEqual({
      now: 1767225600000,
    })
    expect((await admin(emulator, 'POST', 'clock', { advance: 5000 })).json).toEqual({ now: 1767225605000 })
    await admin(emulator, 'POST', 'faults', { next: { kind: 'status', status: 500 }, times: 1 })
    await admin(emulator, 'POST', 'faults', { when: { path: '/rows' }, fault: { kind: 'html' }, times: 1 })
    expect((await admin(emulator, 'POST', 'mutate', { name: 'add', args: [10] })).json).toEqual({ result: 10 })
    expect((await ask(`${emulator.url}/rows`)).status).toBe(500)
    expect((await ask(`${emulator.url}/rows`)).headers.get('content-type')).toMatch(/html/)
    await admin(emulator, 'POST', 'pages', { after: 1, name: 'add', args: [1000] })
    expect((await ask(`${emulator.url}/rows`)).json.count).toBe(11)
    expect((await ask(`${emulator.url}/rows`)).json.count).toBe(1012)
    expect((await admin(emulator, 'GET', 'log?path=/rows&limit=2')).json).toMatchObject([{ number: 3 }, { number: 4 }])
    expect((await admin(emulator, 'GET', 'stats')).json).toMatchObject({ requests: 4, pages: 2 })
    expect((await admin(emulator, 'GET', 'world/total?args=[2]')).json).toEqual({ total: 2024 })
    expect((await admin(emulator, 'DELETE', 'log')).status).toBe(200)
    expect(emulator.log.count()).toBe(0)
    await admin(emulator, 'POST', 'faults', { random: [{ rate: 1, fault: { kind: 'status', status: 418 } }] })
    expect((await ask(`${emulator.url}/rows`)).status).toBe(418)
    await admin(emulator, 'DELETE', 'faults')
    expect((await ask(`${emulator.url}/rows`)).status).toBe(200)
  })

  test('refuses what it doesn’t know, with a sentence', async () => {
    const emulator = await counting()
    const wrong = await admin(emulator, 'POST', 'mutate', { name: 'constructor' })
    expect([wrong.status, wrong.json.error]).toEqual([400, 'unknown "constructor": one of add'])
    expect((await admin(emulator, 'POST', 'faults', { next: { kind: 'x' } })).status).toBe(400)
    expect((await admin(emulator, 'POST', 'faults', {})).json.error).toMatch(/next/)
    expect((await admin(emulator, 'GET', 'nothing')).status).toBe(404)
    expect((await ask(`${emulator.url}/__emulator/mutate`, { method: 'POST', body: 'no json' })).status).toBe(400)
  })
})

// Owns the proof that each fault looks on the wire as its name says, and comes when it was scripted.

import { describe, expect, test } from 'vitest'
import type { Fault } from '../../src/testing/emulators/index.ts'
import { until } from '../cli/program.ts'
import { ask, failureOf } from './asking.ts'
import { counting, ROWS } from './counting.ts'

describe('a fault on the wire', () => {
  const served = async (fault: Fault) => {
    const emulator = await counting()
    emulator.faults.next(fault)
    return { emulator, url: `${emulator.url}/rows` }
  }

  test.each([500, 502, 503, 429, 401])('status %i in the words of the provider', async (status) => {
    const { emulator, url } = await served({ kind: 'status', status })
    const reply = await ask(url)
    expect([reply.status, reply.json, reply.headers.get('retry-after')]).toEqual([
      status,
      { error: `refused ${status}` },
      null,
    ])
    expect(emulator.world.count).toBe(0)
    expect((await ask(url)).status).toBe(200)
  })

  test('a status with Retry-After in seconds or as a date, other headers, another body', async () => {
    const { emulator, url } = await served({ kind: 'status', status: 503, retryAfter: 7 })
    emulator.faults.next({
      kind: 'status',
      status: 429,
      retryAfter: 'Tue, 10 Oct 2017 16:00:00 GMT',
      headers: { 'X-Why': 'test' },
      body: '{"busy":true}',
      effect: true,
    })
    expect((await ask(url)).headers.get('retry-after')).toBe('7')
    const second = await ask(url)
    expect(second.headers.get('retry-after')).toBe('Tue, 10 Oct 2017 16:00:00 GMT')
    expect([second.headers.get('x-why'), second.json, emulator.world.count]).toEqual(['test', { busy: true }, 1])
  })

  test.each([false, true])('a reset before the answer, effect: %s', async (effect) => {
    const { emulator, url } = await served({ kind: 'reset', effect })
    expect(await failureOf(ask(url))).toMatch(/ECONNRESET|UND_ERR_SOCKET/)
    expect(emulator.world.count).toBe(effect ? 1 : 0)
    expect(emulator.log.all()).toMatchObject([{ status: 0, fault: 'reset' }])
  })

  test('a reset in the middle of the body', async () => {
    const { url } = await served({ kind: 'cut', bytes: 100 })
    const answer = await fetch(url)
    expect(answer.status).toBe(200)
    expect(Number(answer.headers.get('content-length'))).toBeGreaterThan(1000)
    expect(await failureOf(answer.text())).toMatch(/ECONNRESET|UND_ERR_SOCKET|TypeError/)
  })

  test('a truncated body whose length is right', async () => {
    const { url } = await served({ kind: 'truncate' })
    const reply = await ask(url)
    expect(reply.status).toBe(200)
    expect(Number(reply.headers.get('content-length'))).toBe(Buffer.byteLength(reply.text))
    expect(reply.text).toMatch(/^\{"count":1,/)
    expect(reply.json).toBeUndefined()
  })

  test.each([200, 403])('an HTML page with status %i', async (status) => {
    const { emulator, url } = await served({ kind: 'html', status })
    const reply = await ask(url)
    expect([reply.status, reply.headers.get('content-type')]).toEqual([status, 'text/html; charset=utf-8'])
    expect(reply.text).toMatch(/^<!DOCTYPE html>/)
    expect(emulator.world.count).toBe(0)
  })

  test.each(['', '[]', '{}', 'null'])('the body %j instead of the right one', async (body) => {
    const { url } = await served({ kind: 'body', body })
    const reply = await ask(url)
    expect([reply.status, reply.text]).toEqual([200, body])
  })

  test('gzip that is none', async () => {
    const { url } = await served({ kind: 'garbage' })
    const answer = await fetch(url)
    expect(answer.headers.get('content-encoding')).toBe('gzip')
    expect(await failureOf(answer.text())).not.toBe('no failure')
  })

  test('a slow body', async () => {
    const { emulator, url } = await served({ kind: 'slow', ms: 600_000 })
    const answer = await fetch(url)
    const reader = answer.body!.getReader()
    const { value } = await reader.read()
    expect(answer.status).toBe(200)
    expect(value!.length).toBeLessThan(Number(answer.headers.get('content-length')))
    await reader.cancel()
    emulator.faults.next({ kind: 'slow', ms: 10 })
    expect((await ask(url)).json.rows).toEqual(ROWS)
  })

  test('another content type', async () => {
    const { url } = await served({ kind: 'type', contentType: 'text/html' })
    const reply = await ask(url)
    expect(reply.headers.get('content-type')).toBe('text/html')
    expect(reply.json.rows).toEqual(ROWS)
  })

  test.each(['before', 'after'] as const)('a delay %s the effect', async (when) => {
    const { emulator, url } = await served({ kind: 'delay', ms: 600_000, when })
    const abort = new AbortController()
    const asked = failureOf(fetch(url, { signal: abort.signal }))
    await until(() => emulator.faults.served()['delay'] === 1)
    const before = when === 'after' ? 1 : 0
    expect(emulator.world.count).toBe(before)
    abort.abort()
    expect(await asked).toBe('AbortError')
    emulator.faults.next({ kind: 'delay', ms: 10, when })
    expect((await ask(url)).json.count).toBe(before + 1)
  })

  test('a duplicate key', async () => {
    const { emulator, url } = await served({ kind: 'duplicateKey', key: 'name', value: '"second"' })
    emulator.faults.next({ kind: 'duplicateKey' })
    const reply = await ask(url)
    expect(reply.text).toContain('"name":"row 1 – ü","name":"second"')
    expect(reply.json.rows[0].name).toBe('second')
    expect(reply.json.rows[1].name).toBe('row 2 – ü')
    expect((await ask(url)).text).toContain('{"id":1,"id":null,"name"')
  })

  test('a body and headers rewritten', async () => {
    const { emulator, url } = await served({
      kind: 'rewrite',
      find: '"id":(\\d)\\b',
      replace: '"id":"$1"',
      headers: { Link: '<x>' },
    })
    const reply = await ask(url)
    expect(reply.json.rows.slice(7, 11).map((row: { id: unknown }) => row.id)).toEqual(['8', '9', 10, 11])
    expect(reply.headers.get('link')).toBe('<x>')
    expect(() => emulator.faults.next({ kind: 'rewrite', find: '(' })).toThrow(SyntaxError)
  })

  test('no answer at all', async () => {
    const { emulator, url } = await served({ kind: 'hang' })
    const abort = new AbortController()
    const asked = failureOf(fetch(url, { signal: abort.signal }))
    await until(() => emulator.faults.served()['hang'] === 1)
    abort.abort()
    expect(await asked).toBe('AbortError')
    expect(emulator.world.count).toBe(0)
    expect((await ask(url)).status).toBe(200)
  })

  test('is refused when it is none', async () => {
    const emulator = await counting()
    expect(() => emulator.faults.next({ kind: 'nonsense' } as never)).toThrow(/unknown fault/)
    expect(() => emulator.faults.next({ kind: 'status', status: 99 })).toThrow(/200 to 599/)
    expect(() =>
      emulator.faults.random([
        { rate: 0.7, fault: { kind: 'reset' } },
        { rate: 0.7, fault: { kind: 'garbage' } },
      ]),
    ).toThrow(/sum/)
  })
})

describe('the script of faults', () => {
  const teapot: Fault = { kind: 'status', status: 418 }

  test('serves what is queued in its order, then nothing', async () => {
    const emulator = await counting()
    emulator.faults.next({ kind: 'status', status: 500 }, 2)
    emulator.faults.next({ kind: 'status', status: 502 })
    const statuses = []
    for (let i = 0; i < 4; i++) statuses.push((await ask(`${emulator.url}/rows`)).status)
    expect(statuses).toEqual([500, 500, 502, 200])
    expect(emulator.faults.served()).toEqual({ status: 3 })
  })

  test('matches by method, path, query, predicate, number', async () => {
    const emulator = await counting()
    emulator.faults.when({ path: '/rows', query: { page: '2' } }, teapot, 1)
    emulator.faults.when({ path: '/api/*', method: 'post', after: 1 }, teapot)
    emulator.faults.when((target) => target.body === 'bad', { kind: 'status', status: 422 })
    const status = async (path: string, init?: RequestInit) => (await ask(emulator.url + path, init)).status
    expect(await status('/rows?page=1')).toBe(200)
    expect(await status('/rows?page=2')).toBe(418)
    expect(await status('/rows?page=2')).toBe(200)
    const post = { method: 'POST', body: 'x' }
    expect(await status('/api/a', post)).toBe(200)
    expect(await status('/api/b', post)).toBe(418)
    expect(await status('/api/b')).toBe(200)
    expect(await status('/other', { method: 'PUT', body: 'bad' })).toBe(422)
    emulator.faults.clear()
    expect(await status('/api/b', post)).toBe(200)
  })

  test('throws seeded dice: the same seed, the same faults', async () => {
    const play = async (seed: number) => {
      const emulator = await counting()
      emulator.faults.random(
        [
          { rate: 0.3, fault: teapot },
          { rate: 0.2, fault: { kind: 'html' } },
        ],
        seed,
      )
      const kinds = []
      for (let i = 0; i < 60; i++)
        kinds.push((await ask(`${emulator.url}/rows`)).headers.get('content-type')?.slice(0, 9))
      return { kinds, served: emulator.faults.served() }
    }
    const [first, again, other] = [await play(1), await play(1), await play(2)]
    expect(again).toEqual(first)
    expect(other.kinds).not.toEqual(first.kinds)
    expect(first.served['status']).toBeGreaterThan(8)
    expect(first.served['html']).toBeGreaterThan(4)
    expect((first.served['status'] ?? 0) + (first.served['html'] ?? 0)).toBeLessThan(45)
  })
})

// The client against a real server: what it asks again, and for how long it waits.

import { describe, expect, test } from 'vitest'
import type { RawAnswer } from '../../src/connector/connector.ts'
import { nodeTransport } from '../../src/http/node-transport.ts'
import { TidemarkError } from '../../src/model/errors.ts'
import { clientWorld, failure } from './client-world.ts'
import { json, raw, text } from './scripted-server.ts'

const ok = json({ ok: true })

describe('asking again', () => {
  test('succeeds as soon as the source does', async () => {
    await using world = await clientWorld([json({}, 500), text('', 200), raw(''), text('<html>'), ok])
    expect((await world.http.get('/a')).body).toEqual({ ok: true })
    expect(world.rows.map(({ outcome, attempt }) => `${attempt} ${outcome}`)).toEqual([
      '1 server_error',
      '2 empty_body',
      '3 network_failed',
      '4 unexpected_html',
      '5 ok',
    ])
    expect(world.events.filter(({ name }) => name === 'request.retried')).toHaveLength(4)
  })

  test('says at the end how often it was tried', async () => {
    await using world = await clientWorld([json({ message: 'oops' }, 500)])
    const error = await failure(world.http.get('/a'))
    expect(error.message).toBe(`Host 127.0.0.1:${world.server.port} failed (500): oops (tried 5 times in 5.6 s).`)
  })

  test('is not done for a request that may be sent once only', async () => {
    for (const answerer of [json({}, 500), raw(''), text('')]) {
      await using world = await clientWorld([answerer, ok])
      expect(await failure(world.http.post('/start', { json: {}, once: true }))).toMatchObject({ verdict: 'retry' })
      expect(world.server.seen).toHaveLength(1)
    }
    // A refusal is known not to have done anything.
    await using world = await clientWorld([json({}, 429, { 'retry-after': '1' }), ok])
    expect((await world.http.post('/start', { once: true })).body).toEqual({ ok: true })
  })

  test('ends with the signal, also while it sleeps', async () => {
    const abort = new AbortController()
    await using world = await clientWorld([json({}, 500)], {
      setup: { signal: abort.signal, logger: { event: () => abort.abort() } },
    })
    expect(await failure(world.http.get('/'))).toMatchObject({ code: 'cancelled' })
    expect(world.server.seen).toHaveLength(1)
    expect(await failure(world.http.get('/'))).toMatchObject({ code: 'cancelled' })
    expect(world.server.seen).toHaveLength(1)
    // What was not sent is not in the ledger.
    expect(world.rows).toHaveLength(1)
  })

  test('is not even begun when the signal was there first, with permits at hand', async () => {
    await using world = await clientWorld([ok])
    for (let i = 0; i < 4; i++) await world.http.get('/')
    const sent = world.rows.length
    expect(await failure(world.client({ signal: AbortSignal.abort() }).get('/'))).toMatchObject({ code: 'cancelled' })
    expect(world.rows).toHaveLength(sent)
  })

  test('is checked against the budget before every try', async () => {
    let left = 3
    const spent = new TidemarkError('budget_spent', 'It is spent.')
    await using world = await clientWorld([json({}, 500)], {
      setup: {
        beforeTry: () => {
          if (left-- === 0) throw spent
        },
      },
    })
    expect(await failure(world.http.get('/'))).toBe(spent)
    expect(world.rows).toHaveLength(3)
  })

  const nameless = nodeTransport({ resolve: async () => [] })
  test.each([
    ['address_refused', 'to this machine', { allowPrivateNetwork: false }, 0],
    ['header_refused', 'with a broken token', { settings: { baseUrl: '', headers: { authorization: 'a\nb' } } }, 0],
    // These were tries on the wire, though nobody heard of them.
    ['network_failed', 'where nobody listens', { baseUrl: 'http://127.0.0.1:9' }, 5],
    ['network_failed', 'to a name without address', { baseUrl: 'http://no.example', transport: nameless }, 5],
  ] as const)('gives back what it took when it never left: %s, %s', async (code, _what, changes, tries) => {
    let taken = 0
    await using world = await clientWorld([ok])
    const beforeTry = () => {
      taken++
      return () => void taken--
    }
    expect(await failure(world.client({ ...changes, beforeTry }).get('/'))).toMatchObject({ code })
    expect([taken, world.rows.length, world.server.seen.length]).toEqual([tries, tries, 0])
  })
})

describe('waiting', () => {
  test('for as long as the source says, without spending a try', async () => {
    const limited = json({}, 429, { 'retry-after': '7' })
    await using world = await clientWorld([limited, limited, limited, ok])
    expect((await world.http.get('/')).body).toEqual({ ok: true })
    expect(world.clock.slept).toEqual([7_000, 7_000, 7_000])
    expect(world.rows.map(({ attempt }) => attempt)).toEqual([1, 1, 1, 1])
    expect(world.rows[0]).toMatchObject({ status: 429, outcome: 'rate_limited' })
  })

  test('for a date of the source’s clock', async () => {
    const sourceNow = Date.UTC(2026, 0, 1, 5)
    const headers = {
      date: new Date(sourceNow).toUTCString(),
      'retry-after': new Date(sourceNow + 20_000).toUTCString(),
    }
    await using world = await clientWorld([json({}, 503, headers), ok])
    await world.http.get('/')
    expect(world.clock.slept).toHaveLength(1)
    expect(world.clock.slept[0]).toBeGreaterThan(18_000)
    expect(world.clock.slept[0]).toBeLessThanOrEqual(20_000)
  })

  test('for the reset of an exhausted window, also with status 403', async () => {
    const reset = Math.floor(Date.UTC(2026, 0, 1) / 1_000) + 40
    const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(reset) }
    await using world = await clientWorld([json({}, 403, headers), ok])
    await world.http.get('/')
    expect(world.clock.slept).toEqual([41_000])
  })

  test('longer than one may is an error with its time, for everybody', async () => {
    await using world = await clientWorld([json({ message: 'slow down' }, 429, { 'retry-after': '61' })], {
      setup: { connection: 'me' },
    })
    const error = await failure(world.http.get('/'))
    expect(error).toMatchObject({ code: 'rate_limited', verdict: 'wait', retryAt: world.clock.now() + 61_000 })
    expect(error.message).toBe(
      `Host 127.0.0.1:${world.server.port} asks to wait (429): slow down; the next request is allowed in 1m 1s.`,
    )
    expect(error.hint).toBe('The limit ends at 2026-01-01T00:01:01.000Z; a sync after that goes on from here.')
    // Another client of the connection does not even ask.
    expect(await failure(world.client().get('/'))).toMatchObject({
      code: 'rate_limited',
      retryAt: world.clock.now() + 61_000,
      hint: error.hint,
    })
    // One of another connection does.
    expect(await failure(world.client({ connection: 'you' }).get('/'))).toMatchObject({ code: 'rate_limited' })
    expect(world.server.seen).toHaveLength(2)
  })

  const NOW = Date.UTC(2026, 0, 1)
  const SECONDS = NOW / 1_000
  const GROWING = [1_125, 1_688, 2_532, 3_797, 5_696, 8_543, 12_815, 19_222]
  test.each<[string, Record<string, string>, readonly number[]]>([
    ['says nothing', {}, GROWING],
    ['says nothing that can be read', { 'retry-after': 'soon' }, GROWING],
    ['says: less than nothing', { 'retry-after': '-5' }, GROWING],
    ['says: at once', { 'retry-after': '0' }, GROWING],
    ['names a date that is over', { 'retry-after': 'Wed, 31 Dec 2025 00:00:00 GMT' }, GROWING],
    [
      'names a reset that is over',
      { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(SECONDS - 60) },
      GROWING,
    ],
    ['asks for little', { 'retry-after': '3' }, [3_000, 3_000, 3_000, 3_797, 5_696, 8_543, 12_815, 19_222]],
    ['asks for some', { 'retry-after': '9' }, [9_000, 9_000, 9_000, 9_000, 9_000, 9_000]],
    ['asks for much', { 'retry-after': '50, 53' }, [53_000]],
    [
      'names a date in an old form',
      { 'retry-after': 'Thursday, 01-Jan-26 00:00:45 GMT' },
      [45_000, 1_688, 2_532, 3_797, 5_696],
    ],
    ['asks for days', { 'retry-after': '99999999999' }, []],
  ])('ends after a minute in all when the source %s without end', async (_what, headers, slept) => {
    await using world = await clientWorld([json({}, 429, headers)])
    const error = await failure(world.http.get('/'))
    expect(error).toMatchObject({ code: 'rate_limited', verdict: 'wait', scope: 'run' })
    expect(error.retryAt).toBeGreaterThan(world.clock.now())
    expect(world.clock.slept).toEqual(slept)
    expect(world.server.seen).toHaveLength(slept.length + 1)
    expect(/after .* of waiting for it\.$/.test(error.message)).toBe(slept.length > 0)
  })

  test('in long waits ends after a minute for all requests together', async () => {
    const limited = json({}, 429, { 'retry-after': '25' })
    await using world = await clientWorld([limited, ok, limited, ok, limited, ok])
    await world.http.get('/')
    await world.http.get('/')
    expect(await failure(world.http.get('/'))).toMatchObject({ code: 'rate_limited', verdict: 'wait' })
    expect(world.clock.slept).toEqual([25_000, 25_000])
  })

  test.each([
    ['a message of GitHub', { message: 'API rate limit exceeded for user ID 1.' }],
    ['a message of GitHub’s secondary limits', { message: 'You have exceeded a secondary rate limit.' }],
    ['a message of Google', { error: { code: 403, message: 'The request exceeded your daily quota.' } }],
    ['words', 'Too many requests, slow down'],
  ])('for a limit that a 403 tells of in %s, without headers', async (_what, body) => {
    const limited = typeof body === 'string' ? text(body, 403) : json(body, 403)
    await using world = await clientWorld([limited, ok])
    expect((await world.http.get('/')).body).toEqual({ ok: true })
    expect(world.rows[0]?.outcome).toBe('rate_limited')
    expect(world.clock.slept).toEqual([1_125])
  })

  test.each([500, 502, 503, 504])('for what a %i asks for, without spending a try', async (status) => {
    await using world = await clientWorld([json({}, status, { 'retry-after': '4' }), ok])
    await world.http.get('/')
    expect(world.rows.map(({ attempt }) => attempt)).toEqual([1, 1])
    expect(world.clock.slept).toEqual([4_000])
  })

  test('for an answer that is not finished yet', async () => {
    await using world = await clientWorld([json({}, 202, { 'retry-after': '2' }), json({}, 202), ok])
    expect((await world.http.get('/')).body).toEqual({ ok: true })
    expect(world.clock.slept).toEqual([2_000, 375])
    expect(world.rows.map(({ outcome }) => outcome)).toEqual(['not_ready', 'not_ready', 'ok'])
  })

  test.each([Number.NaN, -1, Number.POSITIVE_INFINITY])(
    'as the careful default says for a classifier’s %d',
    async (waitMs) => {
      const classify = ({ status }: RawAnswer) =>
        status === 400 ? ({ verdict: 'wait', code: 'rate_limited', message: 'too fast', waitMs } as const) : undefined
      await using world = await clientWorld([json({}, 400), ok], { settings: { classify } })
      await world.http.get('/')
      expect(world.clock.slept).toEqual([1_125])
    },
  )

  test('as the classifier says', async () => {
    const classify = ({ body }: RawAnswer) =>
      (body as { code?: number }).code === 36009002
        ? ({ verdict: 'wait', code: 'rate_limited', message: 'too fast', waitMs: 5_000 } as const)
        : undefined
    await using world = await clientWorld([json({ code: 36009002 }), json({ code: 0 })], { settings: { classify } })
    expect((await world.http.get('/')).body).toEqual({ code: 0 })
    expect(world.clock.slept).toEqual([5_000])
  })

  test('as the headers say, where the classifier names no time', async () => {
    const classify = ({ status }: RawAnswer) =>
      status === 403 ? ({ verdict: 'wait', code: 'secondary_limit', message: 'too fast' } as const) : undefined
    await using world = await clientWorld([json({}, 403, { 'retry-after': '33' }), ok], { settings: { classify } })
    await world.http.get('/')
    expect(world.clock.slept).toEqual([33_000])
    expect(world.rows[0]?.outcome).toBe('secondary_limit')
  })

  test.each([
    [200, 1],
    [202, 1],
    [403, 7],
  ])('a %i whose Retry-After lies in the year 9999 is believed for %i days', async (status, days) => {
    const classify = (answer: RawAnswer) =>
      answer.status === 202 ? undefined : ({ verdict: 'wait', code: 'rate_limited', message: 'too fast' } as const)
    const headers = { 'retry-after': 'Fri, 31 Dec 9999 23:59:59 GMT' }
    await using world = await clientWorld([json({}, status, headers), ok], { settings: { classify } })
    const { retryAt } = (await failure(world.http.get('/'))) as { retryAt?: number }
    expect(retryAt).toBe(world.clock.now() + days * 86_400_000)
  })

  test('declared limits are kept, and the keys are theirs', async () => {
    const limits = [{ key: 'shop:app:1', requests: 2, per: '10s' }] as const
    await using world = await clientWorld([ok], { settings: { limits } })
    for (let i = 0; i < 4; i++) await world.http.get('/')
    expect(world.clock.slept).toEqual([11_000])
    expect(new Set(world.store.reserved.map(({ key }) => key))).toEqual(new Set(['shop:app:1']))
  })

  test('headers of good answers are obeyed', async () => {
    const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '25' }
    await using world = await clientWorld([json({}, 200, headers), ok])
    await world.http.get('/')
    expect(world.clock.slept).toEqual([])
    await world.http.get('/')
    expect(world.clock.slept).toEqual([26_000])
    expect(world.events.find(({ name }) => name === 'limit.headers')?.values).toMatchObject({
      remaining: 0,
      resetMs: 26_000,
    })
  })
})

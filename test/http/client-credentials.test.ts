// Credentials: renewed once when they ran out, and in no message, no ledger row and no log.

import { describe, expect, test } from 'vitest'
import type { Failure, HttpSettings, RawAnswer } from '../../src/connector/connector.ts'
import { scrubber, secretsIn } from '../../src/http/scrub.ts'
import { ledgerUrl } from '../../src/http/urls.ts'
import { TidemarkError } from '../../src/model/errors.ts'
import { clientWorld, failure } from './client-world.ts'
import { type Answerer, json } from './scripted-server.ts'

const expired = ({ status }: RawAnswer): Failure | undefined =>
  status === 401 ? { verdict: 'refresh', code: 'token_expired', message: 'the token ran out' } : undefined

function settings(token: string): HttpSettings {
  return { baseUrl: '', headers: { authorization: `Bearer ${token}` }, classify: expired }
}

/** Lets only one token in. */
function accepts(token: string): Answerer {
  return (response, seen) =>
    seen.headers.authorization === `Bearer ${token}`
      ? json({ ok: true })(response, seen)
      : json({ message: 'no' }, 401)(response, seen)
}

describe('renewal', () => {
  test('happens once, then the request is made again with what is new', async () => {
    let renewals = 0
    await using world = await clientWorld([accepts('new-token')], {
      settings: settings('old-token'),
      setup: {
        renew: () => {
          renewals++
          return Promise.resolve(settings('new-token'))
        },
      },
    })
    await world.http.get('/a')
    await world.http.get('/b')
    expect(renewals).toBe(1)
    expect(world.rows.map(({ url, outcome, attempt }) => [url, outcome, attempt])).toEqual([
      ['/a', 'token_expired', 1],
      ['/a', 'ok', 1],
      ['/b', 'ok', 1],
    ])
    expect(world.clock.slept).toEqual([])
  })

  test('that changes nothing ends in a pause, not in a circle', async () => {
    let renewals = 0
    await using world = await clientWorld([accepts('another-token')], {
      settings: settings('old-token'),
      setup: { renew: () => Promise.resolve(settings(`token-number-${++renewals}`)) },
    })
    expect(await failure(world.http.get('/a'))).toMatchObject({ code: 'token_expired', verdict: 'pause' })
    expect(renewals).toBe(1)
    expect(world.rows).toHaveLength(2)
  })

  test('that nobody can do ends in a pause at once', async () => {
    await using world = await clientWorld([accepts('another-token')], { settings: settings('old-token') })
    expect(await failure(world.http.get('/a'))).toMatchObject({ code: 'token_expired', verdict: 'pause' })
    expect(world.rows).toHaveLength(1)
  })

  test('that fails goes to the caller as it is', async () => {
    const refused = new TidemarkError('token_rejected', 'Log in again.')
    await using world = await clientWorld([accepts('another-token')], {
      settings: settings('old-token'),
      setup: { renew: () => Promise.reject(refused) },
    })
    expect(await failure(world.http.get('/a'))).toBe(refused)
  })

  test('is shared by requests that run at the same time', async () => {
    let renewals = 0
    await using world = await clientWorld([accepts('new-token')], {
      settings: settings('old-token'),
      setup: {
        renew: async () => {
          renewals++
          await new Promise((resolve) => setTimeout(resolve, 10))
          return settings('new-token')
        },
      },
    })
    await Promise.all(Array.from({ length: 6 }, async (_, i) => world.http.get(`/${i}`)))
    expect(renewals).toBe(1)
    expect(world.rows.filter(({ outcome }) => outcome === 'ok')).toHaveLength(6)
  })

  test('that is over already when a late refusal comes is not made again', async () => {
    let renewals = 0
    const arrived = Promise.withResolvers<() => void>()
    const slowly: Answerer = (response, seen) => {
      const answer = () => accepts('new-token')(response, seen)
      if (seen.path === '/late' && seen.headers.authorization === 'Bearer old-token')
        arrived.resolve(() => void answer())
      else answer()
    }
    await using world = await clientWorld([slowly], {
      settings: settings('old-token'),
      setup: { renew: () => Promise.resolve(settings(`${++renewals === 1 ? 'new' : 'newer'}-token`)) },
    })
    const late = world.http.get('/late')
    const release = await arrived.promise
    await world.http.get('/early')
    release()
    expect((await late).body).toEqual({ ok: true })
    expect(renewals).toBe(1)
  })

  test('signs with the new settings', async () => {
    const signing = (token: string): HttpSettings => ({
      baseUrl: '',
      classify: ({ body }) =>
        (body as { code: number }).code === 105002 ? { verdict: 'refresh', code: 'expired', message: '' } : undefined,
      sign: () => ({ query: { sign: token }, headers: { 'x-token': token } }),
    })
    await using world = await clientWorld([json({ code: 105002 }), json({ code: 0 })], {
      settings: signing('one'),
      setup: { renew: () => Promise.resolve(signing('two')) },
    })
    expect((await world.http.get('/a')).body).toEqual({ code: 0 })
    expect(world.server.seen.map(({ path, headers }) => [path, headers['x-token']])).toEqual([
      ['/a?sign=one', 'one'],
      ['/a?sign=two', 'two'],
    ])
  })
})

describe('secrets', () => {
  const token = 'tok_4f9b/27+c1 "x"'
  const forms = [
    token,
    encodeURIComponent(token),
    'tok_4f9b%2F27%2Bc1+%22x%22',
    JSON.stringify(token).slice(1, -1),
    Buffer.from(token).toString('base64'),
  ]

  test('that a service repeats stand in no error, no ledger row and no log, in any form', async () => {
    const answerer = json(
      { message: `bad token ${forms.join(' and ')}, Bearer header-token-value, cookie-value-1` },
      400,
    )
    await using world = await clientWorld([answerer], {
      settings: { headers: { authorization: 'Bearer header-token-value', cookie: 'a=cookie-value-1' } },
      setup: { secrets: [token], connection: 'me' },
    })
    const error = await failure(
      world.http.get(`/hooks/${encodeURIComponent(token)}`, { query: { access_token: token, page: 2 } }),
    )
    const told = JSON.stringify([error.message, error.hint, String(error.stack), world.rows, world.events])
    for (const form of [...forms, 'header-token-value', 'cookie-value-1']) expect(told).not.toContain(form)
    expect(error.message).toContain('bad token … and …')
    expect(world.rows[0]?.url).toBe('/hooks/…?access_token=…&page=2')
  })

  test('that became known later are taken out too', async () => {
    const secrets: string[] = []
    await using world = await clientWorld(
      [json({ message: 'late-secret' }, 500), json({ message: 'late-secret' }, 400)],
      {
        setup: { secrets: () => secrets, logger: { event: () => void secrets.push('late-secret') } },
      },
    )
    expect((await failure(world.http.get('/'))).message).toMatch(/\(400\): …\.$/)
  })

  test('before and after a renewal are taken out', async () => {
    const both = (response: Parameters<Answerer>[0], seen: Parameters<Answerer>[1]) =>
      seen.headers.authorization === 'Bearer old-token'
        ? json({}, 401)(response, seen)
        : json({ message: 'old-token new-token' }, 400)(response, seen)
    await using world = await clientWorld([both], {
      settings: settings('old-token'),
      setup: { renew: () => Promise.resolve(settings('new-token')) },
    })
    expect((await failure(world.http.get('/'))).message).toMatch(/\(400\): … …\.$/)
  })

  test('what a service says is one line of bounded length', async () => {
    await using world = await clientWorld([json({ message: `a\n\tb\u0000${'x'.repeat(500)}` }, 400)])
    const { message } = await failure(world.http.get('/'))
    expect(message).toMatch(/: a b x+…\.$/)
    expect(message.length).toBeLessThan(260)
  })

  test('very short values are left alone, and the longest goes first', () => {
    const clean = scrubber(() => ['a', 'abcdef', 'abcdefghi'])
    expect(clean('a banana abcdefghi abcdef')).toBe('a banana … …')
  })

  test('are found in the host of an address, which is written in small letters', () => {
    const clean = scrubber(() => ['Qk7ZpL2mXw9R', 'PasswordOnly'])
    expect(clean('https://qk7zpl2mxw9r.example/ and the word passwordonly')).toBe(
      'https://….example/ and the word passwordonly',
    )
  })

  test('are found in headers that carry credentials, and only there', () => {
    const found = secretsIn({
      Authorization: 'Bearer 12345678',
      'X-Shop-Token': 'shop-token',
      Accept: 'application/json',
      'api-key': 'key-12345',
    })
    expect(found).toEqual(expect.arrayContaining(['12345678', 'shop-token', 'key-12345']))
    expect(found.join()).not.toContain('application/json')
  })
})

describe('the ledger’s addresses', () => {
  const base = new URL('https://api.example/v1')
  test.each([
    ['https://api.example/v1/orders', '/v1/orders'],
    [
      'https://api.example/v1/orders?page=2&per_page=100&sort=created&direction=desc',
      '/v1/orders?page=2&per_page=100&sort=created&direction=desc',
    ],
    [
      'https://api.example/x?since=2026-01-01T00:00:00Z&until=2026-01-02',
      '/x?since=2026-01-01T00:00:00Z&until=2026-01-02',
    ],
    [
      'https://api.example/x?access_token=abc&sign=123&app_key=1&timestamp=1',
      '/x?access_token=…&sign=…&app_key=…&timestamp=…',
    ],
    ['https://api.example/x?page=ghp_16C7e42F292c6912E7710c838347Ae178B4a', '/x?page=…'],
    ['https://api.example/x?after=t3_1abcd&sort=a%20b%26c', '/x?after=t3_1abcd&sort=…'],
    ['https://other.example/token?code=1', 'https://other.example/token?code=…'],
  ])('%s', (url, written) => {
    expect(ledgerUrl(new URL(url), base)).toBe(written)
  })

  test('keys that are asked for are kept where they are the whole of a value', () => {
    const names = new Set(['t3_1', 't1_2'])
    const written = (query: string) => ledgerUrl(new URL(`https://api.example/x?${query}`), base, names)
    expect(written('id=t3_1,t1_2&sign=t3_1x')).toBe('/x?id=t3_1,t1_2&sign=…')
    expect(written('id=t3_1,t1_3')).toBe('/x?id=…')
  })
})

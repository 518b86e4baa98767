// Owns the proof that a recording shows no secret in any of its forms, and that what stands in their place still fits
// together.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isPersonal, isSecretName, Redaction } from '../../src/http/recording/redaction.ts'

const SECRET = 'aB3/+=&"?ß-0815'

describe('a secret', () => {
  const CASES: [where: string, text: string][] = [
    ['as it is', `x ${SECRET} y`],
    ['in an address', `https://x.example/?k=${encodeURIComponent(SECRET)}`],
    [
      'in an address in lower case',
      `?k=${encodeURIComponent(SECRET).replaceAll(/%../g, (code) => code.toLowerCase())}`,
    ],
    ['in a form', new URLSearchParams({ k: SECRET }).toString()],
    ['in JSON', JSON.stringify({ k: SECRET })],
    ['in hexadecimal', Buffer.from(SECRET).toString('hex')],
    ['in Base64', Buffer.from(SECRET).toString('base64')],
    ['in Basic authentication', Buffer.from(`user:${SECRET}`).toString('base64')],
    ['in the middle of Base64', Buffer.from(`{"k":"${SECRET}","more":1}`).toString('base64url')],
  ]

  test.each(CASES)('is not there %s', (_, text) => {
    const redaction = new Redaction()
    redaction.secret('token', SECRET)
    const clean = redaction.clean(text)
    expect(clean).toContain('redacted-token')
    const decodings = [clean, decodeURIComponent(clean.replaceAll('%', '%25')), Buffer.from(clean, 'base64').toString()]
    for (const decoded of decodings) expect(decoded).not.toContain(SECRET.slice(0, 10))
  })

  test('of any text is gone wherever it stands', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 8, unit: 'grapheme-ascii' }),
        fc.string(),
        fc.string(),
        (secret, before, after) => {
          fc.pre(!'redacted-token'.includes(secret))
          const redaction = new Redaction()
          redaction.secret('token', secret)
          expect(redaction.clean(`${before}${secret}${after}`)).toContain('redacted-token')
          expect(redaction.clean(JSON.stringify([secret]))).toBe('["redacted-token"]')
        },
      ),
    )
  })

  test('that an answer names is known from then on, in every text', () => {
    const redaction = new Redaction()
    redaction.learn('{"data":{"access_token":"abc\\/def-1","expires":1}}')
    expect(redaction.clean('the token is abc/def-1')).toBe('the token is redacted-access-token')
    expect(redaction.clean('{"access_token":"abc\\/def-1"}')).not.toContain('def-1')
  })

  test('has the same placeholder everywhere, and another has another', () => {
    const redaction = new Redaction()
    redaction.learn('{"refresh_token":"first-token"} {"refresh_token":"second-token"}')
    expect(redaction.clean('first-token second-token first-token')).toBe(
      'redacted-refresh-token redacted-refresh-token-2 redacted-refresh-token',
    )
  })
})

test.each([
  ['access_token', true],
  ['accessToken', true],
  ['client-secret', true],
  ['api_key', true],
  ['password', true],
  ['next_page_token', false],
  ['nextPageToken', false],
  ['cursor', false],
  ['key', false],
  ['tokens_used_today', false],
])('a member called %s is secret: %s', (name, secret) => expect(isSecretName(name)).toBe(secret))

test('parameters of addresses lose their secrets, also in addresses that stand in JSON', () => {
  const redaction = new Redaction()
  expect(redaction.clean('https://x.example/a?key=K1&page=2&sig=abc#d')).toBe(
    'https://x.example/a?key=redacted-key&page=2&sig=redacted-sig#d',
  )
  expect(redaction.clean(String.raw`{"next":"https://x.example/?page=2\u0026access_token=abc"}`)).toBe(
    String.raw`{"next":"https://x.example/?page=2\u0026access_token=redacted-access-token"}`,
  )
  expect(redaction.form('grant=refresh&client_secret=abc&page_token=p1')).toBe(
    'grant=refresh&client_secret=redacted-client-secret&page_token=p1',
  )
})

test('headers are kept by name only where they are known to be harmless', () => {
  const given = {
    Authorization: 'Bearer abc',
    Cookie: 'a=b',
    'Set-Cookie': 'a=b',
    'X-Session-Token': 'abc',
    'Content-Type': 'application/json',
    'X-RateLimit-Remaining': '7',
    Link: '<https://x.example/?page=2&token=abc>; rel="next"',
  }
  expect(new Redaction().headers(given)).toEqual({
    'content-type': 'application/json',
    'x-ratelimit-remaining': '7',
    link: '<https://x.example/?page=2&token=redacted-token>; rel="next"',
  })
})

test('what belongs to a person is replaced as a whole word, in the shape that it had', () => {
  expect([isPersonal('user', 'ada'), isPersonal('region', 'EU1'), isPersonal('pageUrl', 'https://x.example')]).toEqual([
    true,
    false,
    false,
  ])
  const redaction = new Redaction()
  expect(redaction.personal('user', 'ada')).toBe('redacted-user')
  expect(redaction.personal('shopId', '7494')).toMatch(/^9\d{3}$/)
  expect(redaction.personal('login', 'ada@mail.example')).toBe('redacted-login@example.invalid')
  expect(redaction.clean('/users/Ada/starred, Canada, ada_b')).toBe(
    '/users/redacted-user/starred, Canada, redacted-user_b',
  )
  expect(redaction.clean('mail grace@mail.example, grace@mail.example and joan@mail.example')).toBe(
    'mail person-1@example.invalid, person-1@example.invalid and person-2@example.invalid',
  )
})

describe('what stands under the name of a secret goes', () => {
  const S = 'SECRETVALUE123'
  const inString = (value: unknown) => JSON.stringify({ payload: JSON.stringify(value) })
  const CASES: [where: string, text: string][] = [
    ['in JSON inside of a string', inString({ access_token: S })],
    ['in JSON inside of a string of such JSON', inString({ inner: JSON.stringify({ access_token: S, b: '"' }) })],
    ['in an array', JSON.stringify({ cookies: [`sid=${S}`, 'a'], tokens: [[S]] })],
    ['in an object', JSON.stringify({ credentials: { kind: 'x', list: [{ value: S }], end: 1 }, after: 1 })],
    ['in single quotes', `{'token': '${S}'}`],
    ['in a script', `var x = {access_token: "${S}"}`],
    ['in an attribute', `<session token="${S}"/>`],
    ['in XML', `<a><ns:access_token type="x">\n${S}\n</ns:access_token></a>`],
    ['in CDATA', `<password><![CDATA[${S}]]></password>`],
    ['in a form', `access_token=${S}&token_type=bearer`],
    ['in a form of one field', `password=${S}`],
    ['before the host of an address', JSON.stringify({ url: `https://ada:${S}@portal.example/x` })],
    ['where the text was cut off', `{"access_token":"${S}`],
    ['after a scheme', `{"authorization":"Bearer ${S}"}`],
    ['in a cookie', JSON.stringify({ cookies: [`sid=${S}; path=/`] })],
    ['with a name that is written in escapes', String.raw`{"acc\u0065ss_token":"${S}"}`],
    ...['bearer', 'passphrase', 'auth', 'access_code', 'otp', 'verificationCode'].map((name): [string, string] => [
      `as ${name}`,
      JSON.stringify({ [name]: S }),
    ]),
  ]

  test.each(CASES)('%s, and wherever else it stands', (_, text) => {
    const redaction = new Redaction()
    expect(new Redaction().clean(text.includes(String.raw`\u0065`) ? '' : text)).not.toContain(S)
    redaction.learn(text)
    expect(redaction.clean(text)).not.toContain(S)
    expect(redaction.clean(`see /x/${S}/y`)).not.toContain(S)
  })

  test('also after what looks like a placeholder', () => {
    const text = '{"token":"redacted-x SECRETVALUE123","password":"redacted-secretvalue"}'
    const [plain, learned] = [new Redaction(), new Redaction()]
    learned.learn(text)
    for (const one of [plain, learned])
      expect(one.clean(text)).toBe('{"token":"redacted-token","password":"redacted-password"}')
  })

  test('as a number, by a number, and the document stays one', () => {
    const redaction = new Redaction()
    const text = '{"access_token":123456789012,"otp":"654321","pin":[1],"id":9123456789012,"n":{"tokens":[4711]}}'
    redaction.learn(text)
    const clean = JSON.parse(redaction.clean(text)) as Record<string, unknown>
    expect(clean).toMatchObject({ id: 9123456789012, pin: [1] })
    expect(redaction.clean(text)).not.toMatch(/(?<!\d)123456789012(?!\d)|654321|4711/)
    expect(redaction.clean('/x/123456789012')).toBe(`/x/${String(clean['access_token'])}`)
    expect(typeof clean['access_token']).toBe('number')
  })

  test('but not what only counts, and not twice', () => {
    const redaction = new Redaction()
    const text = '{"prompt_tokens":1234,"auth":true,"token":null,"password":"","secret":"abc"}'
    expect(redaction.clean(text)).toBe(text.replace('abc', 'redacted-secret'))
    expect(redaction.clean(redaction.clean(text))).toBe(redaction.clean(text))
  })

  test('and JSON stays JSON, whatever is in it', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string({ minLength: 8, unit: 'grapheme-ascii' }), (other, secret) => {
        fc.pre(!/^redacted|^\d+$|^[\s-]*$/.test(secret))
        const redaction = new Redaction()
        const text = JSON.stringify({ a: 1, access_token: secret, deep: [JSON.stringify({ password: secret })] })
        redaction.learn(text)
        expect(JSON.parse(redaction.clean(text))).toMatchObject({ a: 1 })
        expect((JSON.parse(redaction.clean(text)) as { access_token: string }).access_token).toMatch(/^redacted-/)
        expect(() => JSON.parse(new Redaction().clean(JSON.stringify({ token: other, auth: [other] })))).not.toThrow()
      }),
    )
  })
})

test('texts that are made to take long take no longer than others', () => {
  const pieces = [
    '<u8>',
    '<a ',
    '<a><![CDATA[',
    '\\',
    '\\"',
    '"token":{',
    '"token":[',
    '"token":[1',
    '1',
    ' ',
    '"a"',
    'a =',
  ]
  const hard = [...pieces, '"token":', "{'token':", 'https://', 'x@y.', '?token=x', '&lt;u8&gt;', '%25', '{"a":']
  for (const piece of hard) {
    const text = `"token":[${piece.repeat(120_000 / piece.length)}`
    const redaction = new Redaction()
    redaction.learn(text)
    expect(redaction.clean(text).length).toBeGreaterThan(0)
  }
})

test('secrets without end fill a recording, and each that it knows is gone', () => {
  const redaction = new Redaction()
  const text = Array.from({ length: 12_000 }, (_, i) => `{"token":"secret-${i}-x","otp":${i + 1_000_000}}`).join()
  redaction.learn(text)
  expect(redaction.isFull).toBe(true)
  expect(redaction.clean(`${text} secret-77-x`)).not.toMatch(/secret-\d+-x|"otp":1\d{6}\b/)
})

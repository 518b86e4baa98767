// Of a secret that was cut, in whatever form it stood, no part is left by which it is known; what is shown is scrubbed first
// and cut afterwards.

import { describe, expect, test } from 'vitest'
import { scrubber } from '../../src/http/scrub.ts'
import { PART_LENGTH_MIN } from '../../src/http/secret-finder.ts'
import { ConnectorError, errorReport } from '../../src/model/errors.ts'
import { CODE_MAX, MESSAGE_MAX, shortened, shown } from '../../src/model/shown.ts'

interface Form {
  readonly write: (text: string) => string
  readonly read: (text: string) => string
}

const hexOf = (char: string) => char.charCodeAt(0).toString(16).padStart(2, '0')
const eachChar = (write: (char: string) => string) => (text: string) => Array.from(text, write).join('')
const code = (base: number) => (_: string, digits: string) => String.fromCharCode(Number.parseInt(digits, base))
const unpack = (pattern: RegExp, packing: 'base64' | 'hex') => (text: string) =>
  text.replaceAll(pattern, (run) => `${Buffer.from(run, packing).toString('latin1')} `)

const base64: Form = {
  write: (text) => Buffer.from(text).toString('base64'),
  read: unpack(/[A-Za-z0-9+/]{4,}/g, 'base64'),
}
const hex: Form = { write: (text) => Buffer.from(text).toString('hex'), read: unpack(/(?:[0-9a-f]{2})+/g, 'hex') }
const percent: Form = {
  write: eachChar((char) => `%${hexOf(char)}`),
  read: (text) => text.replaceAll(/%([0-9a-f]{2})/g, code(16)),
}
const json: Form = {
  write: eachChar((char) => String.raw`\u00${hexOf(char)}`),
  read: (text) => text.replaceAll(/\\u00([0-9a-f]{2})/g, code(16)),
}
const html: Form = {
  write: eachChar((char) => `&#${char.charCodeAt(0)};`),
  read: (text) => text.replaceAll(/&#(\d+);?/g, code(10)),
}
const both = (outer: Form, inner: Form): Form => ({
  write: (text) => outer.write(inner.write(text)),
  read: (text) => inner.read(outer.read(text)),
})

const FORMS: Readonly<Record<string, Form>> = {
  'as it is': { write: (text) => text, read: (text) => text },
  'in Base64': base64,
  'in Base64 behind a name': { ...base64, write: (text) => base64.write(`ada:${text}`) },
  'in hexadecimal': hex,
  'as an address': percent,
  'as units of JSON': json,
  'as HTML': html,
  'in hexadecimal in Base64': both(base64, hex),
  'in Base64 in an address': both(percent, base64),
  'in JSON in HTML': both(html, json),
}

const SECRETS: Readonly<Record<string, string>> = {
  'a token': 'Zq9XvLw7Rk3Tn5Yb8Mc2Pd6Hf4Gj1Ks0',
  'a token of letters': 'correcthorsebatterystapleandmore',
  'a phrase': 'no Boat, no Tide: only 9 seagulls',
  'a short one': 'tok_Zx81-öpen',
}

/** Whether so many characters of the secret stand together in a text, as it stands or when it is read in its form. */
function shows(text: string, secret: string, { read }: Form, least = PART_LENGTH_MIN): boolean {
  const all = `${text}\n${read(text)}`
  for (let at = 0; at + least <= secret.length; at++) if (all.includes(secret.slice(at, at + least))) return true
  return false
}

/** What stands behind the place at which a text was cut. */
const ENDS = ['', '…', '...', '"', '…" (400)', '"} ', '']

describe.each(Object.entries(FORMS))('a secret %s', (_form, form) => {
  test.each(Object.entries(SECRETS))('that is %s leaves no part behind, wherever its end is cut', (_kind, secret) => {
    const scrub = scrubber(() => [secret])
    const written = form.write(secret)
    const step = Math.ceil(written.length / 150)
    for (let at = 0; at <= written.length; at += step) {
      const end = ENDS[(at / step) % ENDS.length]!
      const text = scrub(`the service said: ${written.slice(0, at)}${end}`)
      expect([at, end, shows(text, secret, form)]).toEqual([at, end, false])
      expect(text.startsWith('the service said: ')).toBe(true)
      expect(text.endsWith(end)).toBe(true)
    }
  })

  test('that is a token leaves no part behind, wherever it is cut on both sides, whatever follows', () => {
    const secret = SECRETS['a token']!
    const scrub = scrubber(() => [secret])
    const written = form.write(secret)
    for (let from = 0; from < written.length; from += 7) {
      for (let to = from; to <= written.length; to += 11) {
        const text = scrub(`Unexpected token in ${written.slice(from, to)} and more`)
        expect([from, to, shows(text, secret, form)]).toEqual([from, to, false])
      }
    }
  })

  test('is gone before a text is cut', () => {
    for (const secret of Object.values(SECRETS)) {
      const scrub = scrubber(() => [secret])
      for (let at = 0; at < 210; at += 9) {
        const text = shown(`${'x'.repeat(at)} ${form.write(secret)} tail`, scrub, 200)
        expect([at, text.length <= 200, shows(text, secret, form, 5)]).toEqual([at, true, false])
      }
    }
  })
})

describe('nothing else is touched', () => {
  test('by what begins or ends like a secret in words of its own', () => {
    const scrub = scrubber(() => ['github_pat_11ABCDEFG', 'Bearer tok-and-more', 'https://hooks.example/T1/B2/xyz'])
    for (const text of [
      'A token of GitHub begins with github_pat_ and goes on.',
      'The header Bearer is missing',
      'Ask https://hooks.example/ for another one',
      'github_',
    ]) {
      expect(scrub(text)).toBe(text)
    }
  })

  test('by the parts of a document that is a secret', () => {
    const document = '{"type":"service_account","token_uri":"https://oauth2.example.com/token","key":"MIIEvQIBADANBg"}'
    expect(scrubber(() => [document])('oauth2.example.com failed (500)')).toBe('oauth2.example.com failed (500)')
  })
})

describe('what is shown of an error has limits', () => {
  test('its code, its message and its hint', () => {
    const long = 'é'.repeat(1 << 20)
    const report = errorReport(new ConnectorError(long, long, { hint: long }))
    expect([report.code.length, report.message.length, report.hint?.length]).toEqual([
      CODE_MAX,
      MESSAGE_MAX,
      MESSAGE_MAX,
    ])
    expect(report.message.endsWith('é…')).toBe(true)
    expect(errorReport(new Error(long)).message).toHaveLength(MESSAGE_MAX)
    expect(errorReport(long).message).toHaveLength(MESSAGE_MAX)
  })

  test('and no character is cut in two', () => {
    expect(shortened('ab😀cd', 4)).toBe('ab…')
    expect(shortened('ab😀cd', 5)).toBe('ab😀…')
    expect(shortened('ab😀cd', 6)).toBe('ab😀cd')
  })

  test('whatever was thrown', () => {
    const odd = [Object.create(null), Symbol('x'), null, undefined, 5n, { toString: () => ({}) }] as unknown[]
    for (const one of odd) expect(errorReport(one)).toMatchObject({ code: 'unexpected', message: expect.any(String) })
  })
})

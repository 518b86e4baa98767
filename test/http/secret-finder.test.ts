// Secrets are found in whatever form they stand, and nothing else is touched.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { scrubber } from '../../src/http/scrub.ts'
import { SecretFinder } from '../../src/http/secret-finder.ts'

type Encoding = (text: string) => string

const perChar = (write: (code: number, char: string) => string): Encoding => {
  return (text) => Array.from(text, (char) => write(char.codePointAt(0)!, char)).join('')
}
const units = (write: (unit: number) => string): Encoding => {
  return (text) => Array.from({ length: text.length }, (_, i) => write(text.charCodeAt(i))).join('')
}
const hex4 = (unit: number) => unit.toString(16).padStart(4, '0')
const NAMED: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '/': '&sol;',
}
const bytes = (text: string) => Buffer.from(text, 'utf8')

const ENCODINGS: Readonly<Record<string, Encoding>> = {
  'as it is': (text) => text,
  'as an address': encodeURIComponent,
  'as an address in lower case': (text) => encodeURIComponent(text).replaceAll(/%../g, (code) => code.toLowerCase()),
  'as an address, every byte': (text) =>
    [...bytes(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
  'as a form': (text) => new URLSearchParams({ '': text }).toString().slice(1),
  'as HTML by name': (text) => text.replaceAll(/[&<>"'/]/g, (char) => NAMED[char] ?? char),
  'as HTML in decimal': perChar((code) => `&#${code};`),
  'as HTML in hexadecimal': perChar((code) => `&#x${code.toString(16).toUpperCase()};`),
  'as HTML, padded': perChar((code) => `&#${String(code).padStart(5, '0')};`),
  'as JSON': (text) => JSON.stringify(text).slice(1, -1),
  'as JSON with slashes': (text) => JSON.stringify(text).slice(1, -1).replaceAll('/', String.raw`\/`),
  'as JSON, every unit': units((unit) => String.raw`\u${hex4(unit)}`),
  'as JSON, every unit in upper case': units((unit) => String.raw`\u${hex4(unit).toUpperCase()}`),
  'as a script': perChar((code, char) => (code < 128 ? String.raw`\x${code.toString(16).padStart(2, '0')}` : char)),
  'for a shell': (text) =>
    text.replaceAll(/[^A-Za-z0-9]/gu, (char) => (/[nrtbfux\d\s]/.test(char) ? char : `\\${char}`)),
  'in Base64': (text) => bytes(text).toString('base64'),
  'in Base64 for addresses': (text) => bytes(text).toString('base64url'),
  'in hexadecimal': (text) => bytes(text).toString('hex'),
  'in hexadecimal in upper case': (text) => bytes(text).toString('hex').toUpperCase(),
}
const names = Object.keys(ENCODINGS)

/** Letters, digits, signs that encodings escape, spaces, and what is beyond ASCII; no backslash escape of its own. */
const secrets = fc
  .array(fc.constantFrom(...'abcXYZ0123456789-_.~+/=&<>"\'%?#:;@ éß漢😀'.match(/./gu)!), {
    minLength: 10,
    maxLength: 40,
  })
  .map((chars) => chars.join(''))
  .filter((text) => text.trim() === text && text.replaceAll(/[^a-zA-Z0-9]/g, '').length >= 6)
  .filter((text) => !/%[0-9a-fu]|&[#a-z]|^[0-9A-Fa-f]|[0-9A-Fa-f]$/i.test(text))
const around = fc.constantFrom('', ' ', '"', 'x=', '<b>', ', ', '\n', '{"a":"')

function finderOf(secret: string): SecretFinder {
  const finder = new SecretFinder()
  finder.add(secret)
  return finder
}

describe('a secret is found', () => {
  test.each(names)('in any encoding %s', (outer) => {
    fc.assert(
      fc.property(secrets, fc.constantFrom(...names), around, around, (secret, inner, before, after) => {
        const encoded = ENCODINGS[outer]!(ENCODINGS[inner]!(secret))
        const clean = finderOf(secret).replace(before + encoded + after, () => '…')
        expect(clean.startsWith(`${before}…`)).toBe(true)
        expect(clean.endsWith(after)).toBe(true)
        // At most what fills up the last group of Base64 is left.
        const left = clean.length - before.length - '…'.length - after.length
        expect(left).toBeLessThanOrEqual(ENCODINGS[outer]!('==').length + 2)
      }),
      { numRuns: 150 },
    )
  })

  test.each([0, 1, 2, 3, 4, 5])('in Base64 of a longer text, at place %i', (shift) => {
    const secret = 'tok_Zx81-öffnet'
    const packed = Buffer.from(`${'u'.repeat(shift)}:${secret}:more`).toString('base64')
    for (const text of [packed, `Basic_${packed}`, `wrapped ${packed.replaceAll(/.{7}/g, '$&\r\n')}`]) {
      const clean = finderOf(secret).replace(text, () => '…')
      expect(clean).toContain('…')
      expect(Buffer.from(clean.replaceAll(/\s/g, ''), 'base64').toString('latin1')).not.toContain('Zx81')
    }
  })

  test('across line breaks', () => {
    const secret = '-----BEGIN KEY-----\nMIIabcdef0123456789\nXYZ==\n-----END KEY-----'
    for (const text of [secret.replaceAll('\n', '\r\n'), secret.replaceAll('\n', ''), JSON.stringify(secret)]) {
      expect(finderOf(secret).replace(`key: ${text}!`, () => '…')).not.toMatch(/MII|XYZ/)
    }
  })

  test('with another one in it, or beside it', () => {
    const finder = new SecretFinder()
    for (const secret of ['abcdefgh', 'abcdefgh-ijkl', 'ijkl-mnop']) finder.add(secret)
    expect(finder.replace('abcdefgh-ijkl', (secret) => `<${secret}>`)).toBe('<abcdefgh-ijkl>')
    expect(finder.replace('abcdefgh-ijkl-mnop.', () => '…')).toBe('….')
    expect(finder.replace('abcdefghijkl-mnop', () => '…')).toBe('……')
  })

  test('by a scrubber that has learned it since', () => {
    const known = ['first-secret']
    const scrub = scrubber(() => known)
    expect(scrub('first-secret second-secret')).toBe('… second-secret')
    known.push('second-secret')
    expect(scrub('first-secret second-secret')).toBe('… …')
  })
})

describe('nothing else is touched', () => {
  test('in texts without a secret', () => {
    const finder = finderOf('tok_0123456789abcdef')
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        fc.pre(!text.includes('tok_0123456789abcdef'))
        expect(finder.replace(text, () => '…')).toBe(text)
      }),
    )
  })

  test('where an escape has the name of something that every object has', () => {
    const finder = finderOf('tok_0123456789abcdef')
    for (const name of Object.getOwnPropertyNames(Object.prototype)) {
      expect(finder.replace(`&${name}; tok_0123456789abcdef`, () => '…')).toBe(`&${name}; …`)
    }
  })

  test('by secrets that are too short, and words by short ones that a space divides', () => {
    for (const secret of ['', 'a', 'abcd']) expect(finderOf(secret).find(`x ${secret} y`)).toEqual([])
    expect(finderOf('admin').replace('bad minds, admin', () => '…')).toBe('bad minds, …')
  })

  test('however long and odd a text is', () => {
    const finder = finderOf('tok_0123456789abcdef')
    const size = 300_000
    for (const piece of [
      '\\',
      '%',
      '&',
      '&#',
      '%25',
      '\\u',
      '\\u005c',
      'A',
      'f',
      'QUFB',
      ' ',
      '&amp;',
      '<u8>',
      '\\"',
    ]) {
      const text = piece.repeat(size / piece.length)
      expect(finder.replace(text, () => '…')).toBe(text)
    }
  })
})

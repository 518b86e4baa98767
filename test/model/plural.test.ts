// Owns the proof of counts in words, and that no message makes its own.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { count, plural } from '../../src/model/plural.ts'

const src = join(import.meta.dirname, '..', '..', 'src')

test.each([
  [plural(0, 'record'), '0 records'],
  [plural(1, 'record'), '1 record'],
  [plural(2, 'record'), '2 records'],
  [plural(83_183, 'record'), '83,183 records'],
  [plural(1, 'repository', 'repositories'), '1 repository'],
  [plural(3, 'repository', 'repositories'), '3 repositories'],
  [plural(1, 'record is', 'records are'), '1 record is'],
])('%s', (text, expected) => expect(text).toBe(expected))

test('a number is grouped as Intl groups it', () => {
  const numbers = fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -20_000, max: 20_000 }), fc.double({ min: 0.001 }))
  fc.assert(
    fc.property(numbers, (n) => {
      expect(count(n)).toBe(n.toLocaleString('en-US'))
    }),
  )
})

/** Nouns that messages count. What is never one (a limit with a name) may be written out. */
const COUNTED =
  /\$\{(?![A-Z_]+\}|\w+Max\})[^}]*\} (?:records|requests|rows|pages|versions|runs(?! again|\.)|secrets|removals|columns|bytes|characters|failures|changes)\b(?! per\b)/
const OWN = /=== 1 \? '' : 's'/

test('no message counts a thing in its own way', () => {
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !/^testing[\\/]/.test(file),
  )
  const found = files.flatMap((file) =>
    readFileSync(join(src, file), 'utf8')
      .split('\n')
      .filter((line) => OWN.test(line) || (COUNTED.test(line) && !/plural\(/.test(line)))
      .map((line) => `${file}: ${line.trim()}`),
  )
  expect(found).toEqual([])
})

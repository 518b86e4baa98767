// Every regular expression of the source reads every text in linear time, whoever wrote the text. What is slow for some text
// is found by looking at the pattern, not by measuring.

import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { slowness } from './patterns/ambiguity.ts'
import { patternsIn } from './patterns/literals.ts'

const ROOT = join(import.meta.dirname, '..')

/** Files that put patterns together while the program runs, and why those are linear. */
const COMPOSED: Readonly<Record<string, string>> = {
  'src/cli/config.ts': 'an escaped name and single signs around it',
  'src/operations/moments.ts': 'constants of a fixed length between anchors',
  'src/http/named-secrets.ts': 'a copy of a literal',
  'src/http/recording/redaction.ts': 'an escaped text between looks at one sign',
  'src/store/postgres/statement-check.ts': 'names of ours, then digits and spaces to their end',
  'src/testing/emulators/kit/faults.ts': 'what the author of a test wrote',
  'src/testing/emulators/kit/serve-fault.ts': 'what the author of a test wrote',
}

const files = globSync('src/**/*.ts', { cwd: ROOT }).map((file) => file.replaceAll('\\', '/'))

test('every pattern in the source is linear', () => {
  const slow = files.flatMap((file) =>
    patternsIn(readFileSync(join(ROOT, file), 'utf8')).literals.flatMap(({ line, source, flags }) => {
      const why = slowness(source, flags)
      return why === undefined ? [] : [`${file}:${line} /${source}/${flags} is ${why}`]
    }),
  )
  expect(slow).toEqual([])
}, 120_000)

test('patterns are literals, but for those that are known', () => {
  const composed = files.filter((file) => patternsIn(readFileSync(join(ROOT, file), 'utf8')).composed.length > 0)
  expect(composed.sort()).toEqual(Object.keys(COMPOSED).sort())
})

describe('the look at a pattern', () => {
  test.each([
    ['^(a+)+$', ''],
    ['^(?:a|aa)*$', ''],
    ['^(?:\\w+\\s?)*$', ''],
    ['^(?:a*)*b', ''],
    ['^a*a*b', ''],
    ['^\\s*(.*?)\\s*$', ''],
    ['\\s+$', ''],
    ['=+$', ''],
    ['a*b', ''],
    ['(\\\\*)"', 'g'],
    ['\\/\\*[^]*?\\*\\/', ''],
    ['<([^<>]*?[^<>\\s][^<>]*?)\\s*<', 'g'],
    ['--[^\\n]*$', ''],
    ['(?=a*b)c', ''],
    ['^(["\'])(?:\\\\?.)*?\\1$', ''],
  ])('finds what is slow in /%s/%s', (source, flags) => {
    expect(slowness(source, flags)).toMatch(/quadratic|exponential/)
  })

  test.each([
    ['^\\s+', ''],
    ['\\s+', 'g'],
    ['^(?:a|b)*$', ''],
    ['(?<!=)=+$', ''],
    ['(?<!\\\\)(\\\\*)"', 'g'],
    ['\\b\\w+\\s*=', ''],
    ['"[^"]*"', 'g'],
    ['[\\w.+-]{1,64}@', 'g'],
    ['a*b', 'y'],
    ['^"(?:[^"\\\\]|\\\\.)*"$', ''],
    ['^\\d+(?:\\.\\d+)*$', ''],
    ['(?:^|;)\\s*rel\\s*=\\s*(?:"([^"]*)"|([^\\s;]+))', 'i'],
  ])('finds nothing slow in /%s/%s', (source, flags) => {
    expect(slowness(source, flags)).toBeUndefined()
  })

  test('finds the patterns among strings, templates, comments and divisions', () => {
    const source = [
      'const a = 4 / 2 / 1 // no /pattern/',
      'const b = `${text.replace(/[/]x`/g, `${a}`)} / ${/y}/.source} /`',
      "const c = '/z/' + /q\\//i.source /* /r/ */",
      'if (a) return /s/',
      'new RegExp(c)',
    ].join('\n')
    const { literals, composed } = patternsIn(source)
    expect(literals.map(({ line, source: found, flags }) => `${line} ${found} ${flags}`)).toEqual([
      '2 [/]x` g',
      '2 y} ',
      '3 q\\/ i',
      '4 s ',
    ])
    expect(composed).toEqual([5])
  })
})

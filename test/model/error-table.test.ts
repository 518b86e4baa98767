// Owns the proof of the table of errors: no code is dead, no two mean the same, and docs/errors.md is what it says.
// `UPDATE_DOCS=1 npx vitest run test/model/error-table.test.ts` rewrites the document.

import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ERROR_SECTIONS, meaningOfCode } from '../../src/model/error-table.ts'

const root = join(import.meta.dirname, '..', '..')
const file = join(root, 'docs', 'errors.md')
const TABLE = /(<!-- errors -->\n)[^]*?(<!-- end of errors -->)/

const codes = Object.values(ERROR_SECTIONS).flatMap((rows) => Object.keys(rows))

test('every code stands in one section', () => expect(new Set(codes).size).toBe(codes.length))

test('every code is made somewhere', () => {
  const source = globSync('src/**/*.ts', { cwd: root })
    .filter((path) => !path.endsWith('error-table.ts'))
    .map((path) => readFileSync(join(root, path), 'utf8'))
    .join('\n')
  expect(codes.filter((code) => !source.includes(`'${code}'`))).toEqual([])
})

test('no two codes mean the same', () => {
  const words = codes.map((code) => code.split('_').sort().join(' '))
  expect(new Set(words).size).toBe(codes.length)
  expect(new Set(codes.map((code) => meaningOfCode(code).means)).size).toBe(codes.length)
})

test('a hint is a sentence, and ends with a full stop or a command', () => {
  const hints = codes.flatMap((code) => meaningOfCode(code).hint ?? [])
  expect(hints.filter((hint) => !/^[A-Z].*(?:\.|: .+)$/.test(hint))).toEqual([])
})

test('who acts, the exit code and the HTTP status agree', () => {
  const odd = codes.filter((code) => {
    const { verdict, exit, http } = meaningOfCode(code)
    return (verdict === 'pause') !== (exit === 4) || http < 400 || http > 599
  })
  expect(odd).toEqual([])
})

test('of a code of somebody else nothing is known', () => {
  expect(meaningOfCode('shop_closed')).toMatchObject({ verdict: 'stop', exit: 1, hint: undefined })
  expect(meaningOfCode('constructor')).toMatchObject({ verdict: 'stop', exit: 1, hint: undefined })
})

function tables(): string {
  const rows = (section: object) =>
    Object.keys(section).map((code) => {
      const { verdict, exit, http, means } = meaningOfCode(code)
      return `| \`${code}\` | ${verdict} | ${exit} | ${http} | ${means} |`
    })
  const head = ['| code | verdict | exit | HTTP | what happened, what to do |', '|---|---|---|---|---|']
  return Object.entries(ERROR_SECTIONS)
    .map(([title, section]) => [`## ${title}`, '', ...head, ...rows(section), ''].join('\n'))
    .join('\n')
}

if (process.env['UPDATE_DOCS'] === '1') {
  const text = readFileSync(file, 'utf8')
  writeFileSync(
    file,
    text.replace(TABLE, (_, start: string, end: string) => `${start}${tables()}${end}`),
  )
}

test('docs/errors.md has every code', () => expect(TABLE.exec(readFileSync(file, 'utf8'))?.[0]).toContain(tables()))

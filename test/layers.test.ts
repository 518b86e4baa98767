// Owns the proof that the house stands as drawn: the rules of layers/rules.ts on the source as it is, and each rule on
// a planted violation, so that it is known to be able to fail.

import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { RULES, RULES_ELSEWHERE } from './layers/rules.ts'
import { readSources, toSource } from './layers/source.ts'

const root = join(import.meta.dirname, '..')
const OPENING = '// Owns a planted case.\n'

describe('the source', () => {
  const sources = readSources(join(root, 'src'))

  test('is there', () => expect(sources.length).toBeGreaterThan(5))
  for (const [name, rule] of Object.entries(RULES)) test(name, () => expect(rule(sources)).toEqual([]))
})

describe.each(['test', 'scripts', 'examples'].filter((folder) => existsSync(join(root, folder))))('%s/', (folder) => {
  // This file and its rules name what they forbid.
  const sources = readSources(join(root, folder)).filter(({ path }) => !path.startsWith('layers'))

  for (const [name, rule] of Object.entries(RULES_ELSEWHERE)) test(name, () => expect(rule(sources)).toEqual([]))
})

test('src/ is TypeScript that the rules can read', () => {
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  expect(files.filter((file) => /\.([cm][jt]s|[jt]sx|js)$/.test(file))).toEqual([])
})

test.runIf(existsSync(join(root, 'web')))('the dashboard talks HTTP only', () => {
  const files = readdirSync(join(root, 'web'), { recursive: true, encoding: 'utf8' })
  const knowing = files
    .filter((file) => /\.tsx?$/.test(file) && !file.includes('node_modules'))
    .filter((file) => /from '(tidemark|(\.\.\/)+src\/)/.test(readFileSync(join(root, 'web', file), 'utf8')))
  expect(knowing).toEqual([])
})

test.runIf(existsSync(join(root, 'web')))('files of the dashboard are small, and open with what they own', () => {
  const files = readdirSync(join(root, 'web', 'src'), { recursive: true, encoding: 'utf8' })
  const wrong = files
    .filter((file) => /\.(?:tsx?|css)$/.test(file) && !file.endsWith('schema.d.ts'))
    .filter((file) => {
      const text = readFileSync(join(root, 'web', 'src', file), 'utf8')
      return !/^\/[/*] Owns \S+ \S+/.test(text) || text.split('\n').length > 350
    })
  expect(wrong).toEqual([])
})

describe('a planted violation is found', () => {
  const CASES: [rule: string, files: Record<string, string>][] = [
    ['imports go down only', { 'model/a.ts': "import { b } from '../store/b.ts'" }],
    ['imports go down only', { 'model/a.ts': "import type { B } from '../engine/b.ts'" }],
    ['imports go down only', { 'store/a.ts': "import {\n  type B,\n} from '../connector/b.ts'" }],
    ['imports go down only', { 'http/a.ts': "export * from '../secrets/b.ts'" }],
    ['imports go down only', { 'connectors/a.ts': "import { b } from '../store/b.ts'" }],
    ['imports go down only', { 'connectors/a.ts': "import { b } from '../http/b.ts'" }],
    ['imports go down only', { 'engine/a.ts': "const b = await import('../open.ts')" }],
    ['imports go down only', { 'engine/a.ts': "let b: import('../cli/b.ts').B" }],
    ['imports go down only', { 'engine/a.ts': "new Worker(new URL('../server/b.ts', import.meta.url))" }],
    ['imports go down only', { 'engine/a.ts': "import { b } from '../connectors/b.ts'" }],
    ['imports go down only', { 'open.ts': "import { b } from './index.ts'" }],
    ['imports go down only', { 'open.ts': "import { b } from 'tidemark/testing'" }],
    ['imports go down only', { 'index.ts': "export { b } from './testing/b.ts'" }],
    ['imports go down only', { 'server/a.ts': "import '../testing/b.ts'" }],
    ['imports go down only', { 'tools/a.ts': "import '../model/b.ts'" }],
    ['rooms of the engine import those below', { 'engine/due/a.ts': "import { b } from '../runs/b.ts'" }],
    ['rooms of the engine import those below', { 'engine/a.ts': "import { b } from './runs/b.ts'" }],
    ['imports name the file that exists', { 'engine/a.ts': "import { b } from './b.js'", 'engine/b.ts': '' }],
    [
      'no file imports itself through others',
      {
        'engine/a.ts': "import { b } from './b.ts'",
        'engine/b.ts': "import type { C } from './c.ts'",
        'engine/c.ts': "export { a } from './a.ts'",
      },
    ],
    ['each package has its place', { 'engine/a.ts': "import { DatabaseSync } from 'node:sqlite'" }],
    ['each package has its place', { 'engine/a.ts': "import type { Client } from 'pg'" }],
    ['each package has its place', { 'connectors/a.ts': "import { request } from 'node:https'" }],
    ['each package has its place', { 'engine/a.ts': "import { lookup } from 'node:dns/promises'" }],
    ['each package has its place', { 'http/a.ts': "import http from 'http'" }],
    ['each package has its place', { 'engine/a.ts': "import { Hono } from 'hono/tiny'" }],
    [
      'each package has its place',
      { 'cli/a.ts': "import { Client } from '@modelcontextprotocol/sdk/client/index.js'" },
    ],
    ['each package has its place', { 'model/a.ts': "import { z } from 'zod'" }],
    ['only store/ contains SQL', { 'engine/a.ts': 'db.run(`SELECT a,\n b FROM ${table}`)' }],
    ['only store/ contains SQL', { 'server/a.ts': "const text = 'select count(*) from runs'" }],
    ['only store/ contains SQL', { 'cli/a.ts': "exec('insert into runs values (1)')" }],
    ['only store/ contains SQL', { 'cli/a.ts': "exec('PRAGMA integrity_check')" }],
    ['a file is named by what it owns', { 'engine/utils.ts': '' }],
    ['a file is named by what it owns', { 'engine/run-manager.ts': '' }],
    ['a file is named by what it owns', { 'helpers/walk.ts': '' }],
    ['a file opens with what it owns', { 'engine/a.ts': "import '../model/b.ts'" }],
    ['a file can be read in one sitting', { 'engine/a.ts': 'export {}\n'.repeat(500) }],
    ['the clock is a port', { 'engine/a.ts': 'const now = new Date()' }],
    ['the clock is a port', { 'store/a.ts': 'const now = Date()' }],
    ['the source runs on Node 22 as it is', { 'engine/a.ts': '  await using lease = claim()' }],
    ['nothing is left for later', { 'engine/a.ts': '// TODO: the rest' }],
  ]

  for (const [rule, files] of CASES) {
    test(`${rule}: ${Object.entries(files).flat().join(' ').replaceAll('\n', ' ').slice(0, 90)}`, () => {
      const opening = rule === 'a file opens with what it owns' ? '' : OPENING
      const planted = Object.entries(files).map(([path, text]) => toSource(path, opening + text))
      expect(RULES[rule]?.(planted)).toHaveLength(1)
    })
  }

  test('a test that runs alone', () => {
    const planted = toSource('a.test.ts', "describe.each([1]).only('x', () => {})\ntest.only('x', () => {})")
    expect(RULES_ELSEWHERE['no test runs alone']?.([planted])).toHaveLength(1)
  })

  test('and every rule has one', () => {
    expect(new Set(CASES.map(([rule]) => rule))).toEqual(new Set(Object.keys(RULES)))
  })
})

describe('what is allowed is not found', () => {
  test('imports downwards, comments, strings and patterns that look like faults', () => {
    const files = {
      'model/run.ts': 'export type Run = string',
      'store/port.ts': "import type { Run } from '../model/run.ts'\nexport const text = 'SELECT 1 FROM runs'",
      'engine/walk.ts': [
        "import { text } from '../store/port.ts'",
        "// import { serve } from '../server/app.ts'",
        "/* import '../cli/main.ts' and SELECT a FROM b */",
        "const scaffold = `import { defineConnector } from 'tidemark'`",
        'const sentence = "Delete from the list what you don\'t need, then create one."',
        'const quote = /[\'"`]/.test(sentence) ? new Date(0) : new Date(Date.parse(text))',
        "const url = 'https://example.org/' // new Date()",
        'export const using = 1',
      ].join('\n'),
      'index.ts': "export { text } from './store/port.ts'\nexport * from './open.ts'",
      'open.ts': "export { url } from './engine/walk.ts'",
      'cli/sql.ts': "export const example = 'tidemark sql \"select title from github_stars\"'\nimport 'commander'",
    }
    const sources = Object.entries(files).map(([path, text]) => toSource(path, OPENING + text))
    for (const rule of Object.values(RULES)) expect(rule(sources)).toEqual([])
  })
})

test('the linter keeps clock, chance, timers and network out of the engine', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-lint-'))
  cpSync(join(root, '.oxlintrc.json'), join(folder, '.oxlintrc.json'))
  mkdirSync(join(folder, 'src', 'engine'), { recursive: true })
  const planted = [
    "import { randomUUID } from 'node:crypto'",
    "import { setTimeout as sleep } from 'node:timers/promises'",
    'export const now = Date.now()',
    'export const chance = Math.random()',
    'export const id = randomUUID() + crypto.randomUUID()',
    'export const later = setTimeout(() => sleep(1), 1)',
    "export const answer = fetch('http://127.0.0.1/')",
  ]
  writeFileSync(join(folder, 'src', 'engine', 'a.ts'), planted.join('\n'))
  const oxlint = join(root, 'node_modules', 'oxlint', 'bin', 'oxlint')
  const { stdout } = spawnSync(process.execPath, [oxlint, '-f', 'unix'], { cwd: folder, encoding: 'utf8' })
  rmSync(folder, { recursive: true })
  const lines = [...stdout.matchAll(/^src\/engine\/a\.ts:(\d+):.*no-restricted/gm)].map((match) => Number(match[1]))
  expect(new Set(lines), stdout).toEqual(new Set([1, 2, 3, 4, 5, 6, 7]))
})

// Owns the proof of the last line: a run of real test files, each broken in its own way, in a folder of its own.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
let folder = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-reporter-'))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction')
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
})

afterEach(() => rmSync(folder, { recursive: true }))

const CASES: [name: string, body: string, line: string, status: number][] = [
  ['tests that pass', "test('a', () => {}); test('b', () => {})", '2 passed, 0 failed', 0],
  [
    'one that fails, one skipped',
    "test('a', () => { throw Error() }); test.skip('b')",
    '0 passed, 1 failed, 1 skipped',
    1,
  ],
  ['one that is to be written', "test('a', () => {}); test.todo('b')", '1 passed, 0 failed, 1 skipped', 0],
  ['a file that does not load', "throw Error('no'); test('a', () => {})", '0 passed, 1 failed', 1],
  ['a file without a test', '', '0 passed, 1 failed', 1],
  ['a hook that throws', "beforeAll(() => { throw Error() }); test('a', () => {})", '0 passed, 1 failed, 1 skipped', 1],
  ['an error outside of any test', "test('a', () => { void Promise.reject(Error()) })", '1 passed, 1 failed', 1],
  [
    'a worker that dies',
    "test('a', () => { process.kill(process.pid, 'SIGKILL'); return new Promise(() => {}) })",
    '0 passed, 2 failed',
    1,
  ],
]

test.each(CASES)('%s', (_, body, line, status) => {
  writeFileSync(join(folder, 'a.test.js'), `import { beforeAll, test } from 'vitest'\n${body}\nvoid beforeAll\n`)
  const run = runTests()
  expect(run.lastLine, run.output).toBe(line)
  expect(run.status).toBe(status)
})

test('no file at all', () => {
  const run = runTests()
  expect(run.lastLine, run.output).toBe('0 passed, 0 failed')
  expect(run.status).toBe(1)
})

function runTests() {
  const reporter = join(root, 'test', 'reporter.ts')
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const args = [vitest, 'run', '--root', folder, '--reporter=default', `--reporter=${reporter}`]
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' })
  return { status, output: stdout + stderr, lastLine: stdout.trimEnd().split('\n').at(-1) }
}

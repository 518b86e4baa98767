// Owns the proof of the last line: a run of real test files, each broken in its own way, in a folder of its own.

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { until } from './cli/program.ts'
import { lacks, NO_POSIX } from './support/on-posix.ts'

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
  expect(run.lastLine, run.output).toBe('0 passed, 1 failed')
  expect(run.status).toBe(1)
})

test.each([
  ['a setup of all that throws', 'export default () => { throw Error() }', '0 passed, 1 failed'],
  ['an end of all that throws', 'export default () => () => { throw Error() }', '1 passed, 1 failed'],
])('%s', (_, setup, line) => {
  writeFileSync(join(folder, 'a.test.js'), "import { test } from 'vitest'\ntest('a', () => {})\n")
  writeFileSync(join(folder, 'setup.js'), setup)
  writeFileSync(join(folder, 'vitest.config.js'), "export default { test: { globalSetup: './setup.js' } }")
  const run = runTests()
  expect(run.lastLine, run.output).toBe(line)
  expect(run.status).toBe(1)
})

test.skipIf(NO_POSIX)(`a run that is broken off${lacks('signals')}`, async () => {
  const begun = join(folder, 'begun')
  const body = `writeFileSync(${JSON.stringify(begun)}, ''); return new Promise(() => {})`
  const imports = "import { writeFileSync } from 'node:fs'\nimport { test } from 'vitest'\n"
  writeFileSync(join(folder, 'a.test.js'), `${imports}test('a', () => { ${body} }, 1e9)\n`)
  const run = spawn(process.execPath, VITEST(), { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] })
  let output = ''
  run.stdout.on('data', (chunk) => (output += chunk))
  await until(() => existsSync(begun))
  run.kill('SIGTERM')
  expect(await once(run, 'close')).toEqual([143, null])
  expect(lastOf(output), output).toBe('0 passed, 1 failed')
})

const VITEST = () => {
  const reporter = join(root, 'test', 'reporter.ts')
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  return [vitest, 'run', '--root', folder, '--reporter=default', `--reporter=${reporter}`]
}

const lastOf = (text: string) => text.trimEnd().split('\n').at(-1)

function runTests() {
  const { stdout, stderr, status } = spawnSync(process.execPath, VITEST(), { cwd: folder, encoding: 'utf8' })
  return { status, output: stdout + stderr, lastLine: lastOf(stdout) }
}

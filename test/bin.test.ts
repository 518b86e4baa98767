// Owns the proof of the start: the command runs in this Node, or in the one that npm put beside it when started by an
// older one, and nobody can tell the difference: not by its exit code, not by a signal, not by kill -9.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')

const MAIN = `
export async function main(argv: string[]): Promise<number> {
  if (argv[0] === 'code') return Number(argv[1])
  if (argv[0] === 'echo') console.log(JSON.stringify(argv.slice(1)))
  if (argv[0] === 'die') process.kill(process.pid, 'SIGKILL')
  if (argv[0] === 'sqlite') new (await import('node:sqlite')).DatabaseSync(':memory:').close()
  if (argv[0] === 'warn') {
    process.emitWarning('SQLite is an experimental feature and might change at any time', 'ExperimentalWarning')
    process.emitWarning('Something else is an experimental feature', 'ExperimentalWarning')
  }
  if (argv[0] === 'read') for await (const chunk of process.stdin) process.stdout.write(chunk)
  if (argv[0] === 'wait') {
    console.log(process.pid)
    await new Promise((resolve) => setTimeout(resolve, 600_000))
  }
  if (argv[0] === 'stop') return stopped()
  return 0
}

function stopped(): Promise<number> {
  let times = 0
  const waiting = setTimeout(() => {}, 600_000)
  return new Promise((resolve) => {
    process.on('SIGINT', () => {
      console.log('interrupted', ++times)
      setTimeout(() => resolve(130), 300)
      clearTimeout(waiting)
    })
    console.log(process.pid)
  })
}
`

// What a process looks like from inside when an old Node runs it.
const OLD = "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } })"

let folder = ''

beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'tidemark-bin-')))
  cpSync(join(root, 'bin'), join(folder, 'bin'), { recursive: true })
  mkdirSync(join(folder, 'src', 'cli'), { recursive: true })
  writeFileSync(join(folder, 'src', 'cli', 'main.ts'), MAIN)
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  writeFileSync(join(folder, 'old.cjs'), OLD)
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction')
})

afterAll(() => rmSync(folder, { recursive: true }))

const NEW_NODE = () => [join(folder, 'bin', 'tidemark.js')]
const OLD_NODE = () => ['--require', join(folder, 'old.cjs'), join(folder, 'bin', 'tidemark.js')]

describe.each([
  ['started by a new Node', NEW_NODE],
  ['started by an old Node', OLD_NODE],
])('%s', (_, node) => {
  const run = (args: string[], input = '') =>
    spawnSync(process.execPath, [...node(), ...args], { cwd: tmpdir(), encoding: 'utf8', input })
  const start = (args: string[]) =>
    spawn(process.execPath, [...node(), ...args], { stdio: ['ignore', 'pipe', 'inherit'] })

  test('arguments arrive as they are', () => {
    expect(JSON.parse(run(['echo', 'a b', '--c', '', '"d"']).stdout)).toEqual(['a b', '--c', '', '"d"'])
  })

  test('the exit code is the command’s own', () => {
    expect(run(['code', '0']).status).toBe(0)
    expect(run(['code', '3']).status).toBe(3)
  })

  test('standard input arrives', () => expect(run(['read'], 'text').stdout).toBe('text'))

  test('its own SQLite is no experiment to the user, other warnings are passed on', () => {
    expect(run(['sqlite']).stderr).toBe('')
    const { stderr } = run(['warn'])
    expect(stderr).toContain('Something else')
    expect(stderr).not.toContain('SQLite')
  })

  test('a signal that nobody handles ends it, the child too', async () => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      const command = start(['wait'])
      await ready(command)
      command.kill(signal)
      const [code, by] = await once(command, 'close')
      expect(by ?? code).toBe(node === NEW_NODE ? signal : 128 + { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 }[signal])
    }
  })

  test('a signal that the command handles is its own to answer', async () => {
    const command = start(['stop'])
    await ready(command)
    command.kill('SIGINT')
    expect(await once(command, 'exit')).toEqual([130, null])
  })

  test('kill -9 leaves nobody behind', async () => {
    const command = start(['wait'])
    await ready(command)
    command.kill('SIGKILL')
    // Closed is its output, which whoever still works holds open for longer than a test may take.
    expect(await once(command, 'close')).toEqual([null, 'SIGKILL'])
  })
})

describe('started by an old Node', () => {
  test('Ctrl-C, which reaches both, is one interruption', async () => {
    const command = spawn(process.execPath, [...OLD_NODE(), 'stop'], {
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    })
    let said = ''
    command.stdout.on('data', (chunk) => (said += chunk))
    await ready(command)
    process.kill(-(command.pid as number), 'SIGINT')
    expect(await once(command, 'close')).toEqual([130, null])
    expect(said.match(/interrupted/g)).toHaveLength(1)
  })

  test('killed from outside, it tells so', () => {
    expect(spawnSync(process.execPath, [...OLD_NODE(), 'die']).status).toBe(137)
  })

  test('without another Node it says in one sentence which it needs', () => {
    const alone = mkdtempSync(join(tmpdir(), 'tidemark-alone-'))
    cpSync(join(root, 'bin'), alone, { recursive: true })
    const args = ['--require', join(folder, 'old.cjs'), join(alone, 'tidemark.js')]
    const { status, stderr, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' })
    rmSync(alone, { recursive: true })
    expect(stderr).toMatch(/^tidemark needs Node 22\.18 or newer and was started by v\d+\.\d+\.\d+: [^\n]+\n$/)
    expect([status, stdout]).toEqual([2, ''])
  })
})

/** Until the command says its first word. */
async function ready(command: ChildProcess): Promise<void> {
  await once(command.stdout as NodeJS.ReadableStream, 'data')
}

// Owns how these tests use the program: the real one in a process of its own, in a folder of its own, against emulators
// over sockets; and, where a process would only cost time, its main function with streams of its own.

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { onTestFinished as atEnd } from 'vitest'
import { mainIn } from '../../src/cli/main.ts'
import type { Emulator } from '../../src/testing/emulators/index.ts'

const BIN = join(import.meta.dirname, '..', '..', 'bin', 'tidemark.js')

interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  // What it holds is what the tests are about: a wrong shape fails the assertion that reads it.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly json: any
}

interface Started {
  readonly child: ChildProcess
  readonly ended: Promise<Outcome>
  /** Resolves when the output (stdout and stderr together) matches. */
  saw(pattern: RegExp): Promise<void>
}

interface More {
  readonly env?: Record<string, string | undefined>
  readonly input?: string
}

export interface Place {
  readonly folder: string
  readonly env: Record<string, string | undefined>
  readonly start: (args: readonly string[], more?: More) => Started
  /** Runs the program to its end, in a process of its own. */
  readonly run: (args: readonly string[], more?: More) => Promise<Outcome>
  /** The same in this process, on the database that `run` uses by default. */
  readonly ask: (args: readonly string[], more?: More) => Promise<Outcome>
}

/** Where a test says what has to be done when it is over; tests that run beside others each have their own. */
export interface Ending {
  readonly onTestFinished: (finish: () => void | Promise<void>) => void
}

/** An empty folder in which the program runs until the test is over. */
export function place(ending: Ending = { onTestFinished: atEnd }): Place {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'tidemark-cli-')))
  const running = new Set<ChildProcess>()
  ending.onTestFinished(() => {
    for (const child of running) child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })
  const env = { ...process.env, TMPDIR: folder, NO_COLOR: undefined }
  const start: Place['start'] = (args, more = {}) => {
    const stdin = more.input === undefined ? 'ignore' : 'pipe'
    const child = spawn(process.execPath, [BIN, ...args], {
      cwd: folder,
      env: { ...env, ...more.env },
      stdio: [stdin, 'pipe', 'pipe'],
    })
    running.add(child)
    child.stdin?.end(more.input)
    return watched(child, () => running.delete(child))
  }
  return {
    folder,
    env,
    start,
    run: (args, more) => start(args, more).ended,
    ask: (args, more) =>
      ask(['--database', join(folder, 'tidemark.db'), ...args], { ...more, env: { ...env, ...more?.env } }),
  }
}

async function ask(args: readonly string[], { env = {}, input = '' }: More): Promise<Outcome> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const said = Promise.all([stdout.toArray(), stderr.toArray()])
  const stdin = Readable.from([Buffer.from(input)])
  const code = await mainIn(
    { stdin: stdin as never, stdout: stdout as never, stderr: stderr as never, environment: env },
    args,
  )
  stdout.end()
  stderr.end()
  const [out, err] = (await said).map((chunks) => Buffer.concat(chunks as Buffer[]).toString())
  return { code, stdout: out ?? '', stderr: err ?? '', json: parsed(out ?? '') }
}

function watched(child: ChildProcess, onEnd: () => void): Started {
  const said = { stdout: '', stderr: '' }
  const watchers = new Set<() => void>()
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      said[name] += text
      for (const look of watchers) look()
    })
  }
  const ended = new Promise<Outcome>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      onEnd()
      resolve({ code, ...said, json: parsed(said.stdout) })
    })
  })
  const saw = (pattern: RegExp) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if (!pattern.test(said.stdout + said.stderr)) return
        watchers.delete(look)
        resolve()
      }
      watchers.add(look)
      child.once('close', () => reject(new Error(`ended without ${pattern}: ${said.stdout}${said.stderr}`)))
      look()
    })
  return { child, ended, saw }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The words of `connect` for an emulated GitHub account, which is asked nothing: the tests count what else is asked. */
export function connectGitHub(github: Emulator<unknown>, id = 'me'): string[] {
  const set = ['--set', `baseUrl=${github.url}`, '--set', 'allowPrivateNetwork=true', '--set', 'token=token-of-ada']
  return ['connect', 'github', '--id', id, '--no-check', ...set]
}

/** Resolves when a condition holds that nobody announces. */
export async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 12_000; tries++) {
    if (holds()) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error('it did not come to hold within two minutes')
}

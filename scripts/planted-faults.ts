// Owns the proof that the tests notice: each planted fault is put into a copy of the checkout, and the tests that are to
// catch it are run there. First they are run without it, for what fails anyway catches nothing.
//
//   npm run planted-faults                       all of them; exit code 1 if one survives, or no longer fits
//   npm run planted-faults -- --only no-fence    one, by its id (or several, with commas)

import { spawn } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Catcher, PlantedFault, Seeds, Tests } from '../test/planted/fault.ts'
import { occurrences, PLANTED } from '../test/planted/planted.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
/** What the tests need of the checkout. */
const COPIED = [
  'src',
  'test',
  'scripts',
  'bin',
  'docs',
  'examples',
  'package.json',
  'tsconfig.json',
  'vitest.config.ts',
]
/** Tests that have not ended by then never will: that is caught too. */
const ENDS_WITHIN_MS = 180_000

interface Verdict {
  /** `green`: nothing noticed; `broken`: the copy does not even run. */
  readonly kind: 'red' | 'green' | 'broken'
  /** What turned red, or why nothing ran. */
  readonly by: string
}

interface Line {
  readonly fault: PlantedFault
  readonly verdict: Verdict
  readonly ms: number
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { only: { type: 'string' }, workers: { type: 'string' } } })
  const only = values.only?.split(',')
  const faults = PLANTED.filter(({ id }) => only === undefined || only.includes(id))
  if (faults.length === 0) throw new RangeError(`no planted fault "${values.only}"`)
  const workers = Math.min(faults.length, Number(values.workers ?? availableParallelism()))
  const sound = new Map<string, Promise<Verdict>>()
  const lines: Line[] = []
  const waiting = [...faults]
  const work = async () => {
    const folder = copyOf(ROOT)
    try {
      for (let fault = waiting.shift(); fault; fault = waiting.shift()) {
        const began = performance.now()
        const verdict = await judge(folder, fault, sound)
        const line = { fault, verdict, ms: performance.now() - began }
        lines.push(line)
        console.log(row(line))
      }
    } finally {
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
    }
  }
  console.log(row())
  await Promise.all(Array.from({ length: workers }, work))
  const caught = lines.filter(({ verdict }) => verdict.kind === 'red').length
  for (const { fault, verdict } of lines) {
    if (verdict.kind !== 'red') console.log(`\n${fault.id} (${fault.what}): ${verdict.by}`)
  }
  console.log(`planted faults: caught ${caught} of ${faults.length}`)
  if (caught < faults.length) process.exitCode = 1
}

/** Plants the fault, runs its tests, and takes it out again. */
async function judge(folder: string, fault: PlantedFault, sound: Map<string, Promise<Verdict>>): Promise<Verdict> {
  const tests = JSON.stringify(fault.caughtBy)
  if (!sound.has(tests)) sound.set(tests, run(folder, fault.caughtBy))
  const before = await sound.get(tests)!
  if (before.kind !== 'green') return { kind: 'broken', by: `its tests are red without it: ${before.by}` }
  const sources = new Map<string, string>()
  for (const { file, find, put } of fault.edits) {
    const path = join(folder, file)
    const source = readFileSync(path, 'utf8')
    if (occurrences(source, find) !== 1) return restore(sources, { kind: 'broken', by: `it no longer fits ${file}` })
    if (!sources.has(path)) sources.set(path, source)
    writeFileSync(
      path,
      source.replace(find, () => put),
    )
  }
  return restore(sources, await run(folder, fault.caughtBy))
}

function restore(sources: ReadonlyMap<string, string>, verdict: Verdict): Verdict {
  for (const [path, source] of sources) writeFileSync(path, source)
  return verdict
}

function copyOf(root: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-planted-'))
  for (const name of COPIED)
    if (existsSync(join(root, name))) cpSync(join(root, name), join(folder, name), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  return folder
}

function run(folder: string, catcher: Catcher): Promise<Verdict> {
  return 'style' in catcher ? runSeeds(folder, catcher) : runTests(folder, catcher)
}

async function runSeeds(folder: string, { style, seeds }: Seeds): Promise<Verdict> {
  const { code, output } = await start(folder, ['--no-warnings', 'test/planted/seeds.ts', style, String(seeds)])
  if (code === null) return { kind: 'red', by: `seeds of ${style}: they never end` }
  if (code === 0) return { kind: 'green', by: 'nobody noticed' }
  const failed = /^seed \d+ of .*/m.exec(output)
  return failed ? { kind: 'red', by: failed[0] } : { kind: 'broken', by: lastLine(output) }
}

interface Report {
  readonly testResults: readonly {
    readonly message: string
    readonly assertionResults: readonly { readonly status: string; readonly title: string }[]
  }[]
}

async function runTests(folder: string, { tests, only }: Tests): Promise<Verdict> {
  const report = join(folder, 'report.json')
  rmSync(report, { force: true })
  const config = ['--config', 'test/planted/vitest.config.ts', '--reporter', 'json', '--outputFile', report]
  const which = only === undefined ? [] : ['-t', only]
  const vitest = join('node_modules', 'vitest', 'vitest.mjs')
  const { code, output } = await start(folder, [
    vitest,
    'run',
    '--mode',
    'deep',
    ...config,
    '--bail',
    '1',
    ...which,
    ...tests,
  ])
  if (code === null) return { kind: 'red', by: `${tests.join(' ')}: it never ends` }
  if (!existsSync(report)) return { kind: 'broken', by: lastLine(output) }
  const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as Report
  const results = testResults.flatMap(({ assertionResults }) => assertionResults)
  const failed = results.find(({ status }) => status === 'failed')
  if (failed) return { kind: 'red', by: failed.title }
  const crashed = testResults.find(({ message }) => message !== '')
  if (crashed) return { kind: 'broken', by: crashed.message.split('\n')[0] ?? '' }
  if (!results.some(({ status }) => status === 'passed')) return { kind: 'broken', by: 'there is no such test' }
  return { kind: 'green', by: 'nobody noticed' }
}

/** Runs node in the copy; the code is null when it had to be ended. */
async function start(folder: string, args: readonly string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (output += part.toString()))
  let late = false
  const timer = setTimeout(() => {
    late = true
    // The whole group: the tests run in processes of their own.
    process.kill(-child.pid!, 'SIGKILL')
  }, ENDS_WITHIN_MS)
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  clearTimeout(timer)
  return { code: late ? null : (code ?? 1), output }
}

function lastLine(output: string): string {
  return (
    output
      .trim()
      .split('\n')
      .findLast((line) => /error/i.test(line)) ?? output.trim().slice(-200)
  )
}

function row(line?: Line): string {
  if (!line) return cells('planted fault', 'mode', 's', 'caught by')
  const { fault, verdict, ms } = line
  return cells(fault.id, fault.mode, (ms / 1_000).toFixed(1), `${sign(verdict)}${verdict.by}`)
}

function cells(id: string, mode: string, seconds: string, by: string): string {
  return `${id.padEnd(28)}${mode.padEnd(7)}${seconds.padStart(6)}  ${by.slice(0, 110)}`
}

function sign({ kind }: Verdict): string {
  return kind === 'red' ? '' : kind === 'green' ? 'SURVIVED: ' : 'BROKEN: '
}

await main()

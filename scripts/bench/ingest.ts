// Owns the benchmark of reading: whole processes of `tidemark sync` against whole processes of a bare loop that keeps what
// Tidemark keeps of a record, in turns, from the same source. A first sync, one without news, and one of 500 changes.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Figure } from './figure.ts'
import { peakOf } from './memory.ts'

const PAIRS = 5
const PAGE_SIZES = [100, 1_000]
const CHANGES = 500
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const BIN = here('../../bin/tidemark.js')

export async function ingest(records = 100_000): Promise<readonly Figure[]> {
  const figures: Figure[] = []
  for (const pageSize of PAGE_SIZES) figures.push(...(await ingestBy(records, pageSize)))
  return figures
}

async function ingestBy(records: number, pageSize: number): Promise<readonly Figure[]> {
  const rounds: Round[] = []
  // The first round fills the caches of compiled code; it does not count.
  for (let i = 0; i <= PAIRS; i++) rounds.push(await round(records, pageSize))
  rounds.shift()
  const of = (pick: (round: Round) => number) => median(rounds.map(pick))
  const at = (what: string) => `${what}, ${pageSize.toLocaleString('en')} a page`
  const ratio = of(({ bare, tidemark }) => bare.first.ms / tidemark.first.ms)
  const idle = of(({ tidemark }) => tidemark.idle.ms)
  const peak = of(({ tidemark }) => tidemark.first.peak) / 1024 / 1024
  return [
    { name: at('bare loop, first sync'), value: of(({ bare }) => bare.first.ms), unit: 'ms' },
    { name: at('tidemark, first sync'), value: of(({ tidemark }) => tidemark.first.ms), unit: 'ms' },
    {
      name: at('speed of a first sync relative to the bare loop'),
      value: ratio,
      unit: '',
      aim: '≥ 1',
      met: ratio >= 1,
    },
    { name: at('most memory of a first sync'), value: peak, unit: 'MiB', aim: '< 170', met: peak < 170 },
    { name: at('bare loop, no news'), value: of(({ bare }) => bare.idle.ms), unit: 'ms' },
    { name: at('tidemark, no news'), value: idle, unit: 'ms', aim: '≤ 150', met: idle <= 150 },
    { name: at(`bare loop, ${CHANGES} changes`), value: of(({ bare }) => bare.changed.ms), unit: 'ms' },
    { name: at(`tidemark, ${CHANGES} changes`), value: of(({ tidemark }) => tidemark.changed.ms), unit: 'ms' },
  ]
}

interface Measured {
  readonly ms: number
  /** The most resident memory in bytes; 0 where the system does not say. */
  readonly peak: number
}

type Reader = Readonly<Record<'first' | 'idle' | 'changed', Measured>>

interface Round {
  readonly bare: Reader
  readonly tidemark: Reader
}

/** One after the other from sources of their own, so that both meet the same changes. */
async function round(records: number, pageSize: number): Promise<Round> {
  const bare = await reading(records, async (address, folder) => {
    const args = [here('./ingest/bare.ts'), address, join(folder, 'bare.db'), String(pageSize)]
    return () => measured(args)
  })
  const tidemark = await reading(records, async (address, folder) => {
    const env = {
      TIDEMARK_DATABASE: join(folder, 'mirror.db'),
      TIDEMARK_KEY: Buffer.alloc(32, 1).toString('base64'),
      BENCH_PAGE_SIZE: String(pageSize),
    }
    const args = [BIN, '--config', here('./ingest/tidemark.config.ts'), '--quiet']
    const settings = ['--set', `baseUrl=${address}`, '--set', 'allowPrivateNetwork=true']
    await measured([...args, 'connect', 'bench', '--id', 'it', ...settings], env)
    return () => measured([...args, 'sync', 'it'], env)
  })
  return { bare, tidemark }
}

async function reading(
  records: number,
  open: (address: string, folder: string) => Promise<() => Promise<Measured>>,
): Promise<Reader> {
  const source = spawn(process.execPath, [here('./ingest/source.ts'), String(records)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-'))
  try {
    const [address] = (await once(createInterface({ input: source.stdout }), 'line')) as [string]
    const read = await open(address, folder)
    const first = await read()
    const idle = await read()
    await fetch(`${address}/change?records=${CHANGES}`, { method: 'POST' })
    return { first, idle, changed: await read() }
  } finally {
    source.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Runs a whole process. @throws Error when it fails */
export async function measured(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Measured> {
  const start = performance.now()
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  let peak = 0
  const watch = setInterval(() => (peak = Math.max(peak, peakOf(child.pid as number))), 20)
  const [code] = (await once(child, 'exit')) as [number | null]
  const ms = performance.now() - start
  clearInterval(watch)
  if (code !== 0) throw new Error(`${args.join(' ')} exited with ${code}`)
  return { ms, peak }
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number
}

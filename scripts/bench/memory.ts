// Owns the benchmark of memory: the most that a first sync of many records ever held, in a process of its own.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startShop } from './emulator.ts'
import type { Figure } from './figure.ts'

const BIN = fileURLToPath(new URL('../../bin/tidemark.js', import.meta.url))
const MIB = 1024 * 1024

export async function memory(records = 1_000_000): Promise<readonly Figure[]> {
  using source = await startShop(records)
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-'))
  const env = {
    ...process.env,
    TIDEMARK_DATABASE: join(folder, 'bench.db'),
    TIDEMARK_KEY: Buffer.alloc(32, 1).toString('base64'),
  }
  const tidemark = (...args: string[]) =>
    spawn(process.execPath, [BIN, ...args], { env, stdio: ['ignore', 'ignore', 'inherit'] })
  try {
    await ended(tidemark('connect', 'tiktok-shop', '--id', 'shop', ...source.settings, '--quiet'))
    const start = performance.now()
    const sync = tidemark('sync', 'shop', '--quiet')
    let peak = 0
    const watch = setInterval(() => (peak = Math.max(peak, peakOf(sync.pid as number))), 100)
    await ended(sync).finally(() => clearInterval(watch))
    const seconds = (performance.now() - start) / 1_000
    const value = peak / MIB
    return [
      { name: `first sync of ${records.toLocaleString('en')} records`, value: records / seconds, unit: 'records/s' },
      { name: 'the most memory that it held', value, unit: 'MiB', aim: '< 200', met: value < 200 },
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The high-water mark of a process's resident memory in bytes, as proc(5) gives it; 0 where there is no /proc. */
export function peakOf(pid: number): number {
  try {
    return Number(/VmHWM:\s*(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024
  } catch {
    return 0
  }
}

async function ended(child: ChildProcess): Promise<void> {
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) throw new Error(`tidemark ${child.spawnargs[2]} exited with ${code}`)
}

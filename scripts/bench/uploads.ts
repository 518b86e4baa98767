// Owns the benchmark of uploads: the most that a dry run of a large export ever held, in a process of its own, for a file
// that is mostly of other things and for one that is all rows.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Figure } from './figure.ts'
import { peakOf } from './memory.ts'

const BIN = fileURLToPath(new URL('../../bin/tidemark.js', import.meta.url))
const EMULATORS = fileURLToPath(new URL('../../src/testing/emulators/serve.ts', import.meta.url))
const MIB = 1024 * 1024
const BYTES = 100_000_000

export async function uploads(records = 900_000): Promise<readonly Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-'))
  const env = {
    ...process.env,
    TIDEMARK_DATABASE: join(folder, 'bench.db'),
    TIDEMARK_KEY: Buffer.alloc(32, 1).toString('base64'),
  }
  try {
    await measured(['connect', 'tiktok-export', '--id', 'tiktok', '--quiet'], env)
    const figures: Figure[] = []
    for (const favorites of [3_000, records]) {
      const file = await exported(folder, favorites)
      const bytes = statSync(file).size
      const { peak, seconds } = await measured(['upload', 'tiktok/favorites', file, '--dry-run', '--quiet'], env)
      const name = `dry run of ${Math.round(bytes / 1e6)} MB with ${favorites.toLocaleString('en')} favourites`
      const value = peak / MIB
      figures.push({ name, value: bytes / 1e6 / seconds, unit: 'MB/s' })
      figures.push({ name: '  the most memory that it held', value, unit: 'MiB', aim: '< 250', met: value < 250 })
    }
    return figures
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A file of 100 MB, made by the emulator in a process of its own. */
async function exported(folder: string, favorites: number): Promise<string> {
  const flags = ['--favorites', String(favorites), '--folder', folder, '--bytes', String(BYTES)]
  const emulator = spawn(process.execPath, [EMULATORS, 'tiktok-export', ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(emulator.stdout, 'data')) as [Buffer]
  emulator.kill()
  await once(emulator, 'exit')
  return (JSON.parse(line.toString()) as { file: string }).file
}

async function measured(words: readonly string[], env: NodeJS.ProcessEnv) {
  const start = performance.now()
  const child = spawn(process.execPath, [BIN, ...words], { env, stdio: ['ignore', 'ignore', 'inherit'] })
  let peak = 0
  const watch = setInterval(() => (peak = Math.max(peak, peakOf(child.pid as number))), 20)
  const [code] = (await once(child, 'exit').finally(() => clearInterval(watch))) as [number | null]
  if (code !== 0) throw new Error(`tidemark ${words[0]} exited with ${code}`)
  return { peak, seconds: (performance.now() - start) / 1_000 }
}

// Owns the benchmark of starting: how long `tidemark --help` takes, process and all.

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Figure } from './figure.ts'
import { median } from './ingest.ts'

const BIN = fileURLToPath(new URL('../../bin/tidemark.js', import.meta.url))

export async function help(): Promise<readonly Figure[]> {
  const once = (...args: string[]) => {
    const start = performance.now()
    spawnSync(process.execPath, args)
    return performance.now() - start
  }
  once(BIN, '--help')
  const node = median(Array.from({ length: 15 }, () => once('-e', '0')))
  const value = median(Array.from({ length: 15 }, () => once(BIN, '--help')))
  return [
    { name: 'an empty Node process', value: node, unit: 'ms' },
    { name: 'tidemark --help', value, unit: 'ms', aim: '< 150', met: value < 150 },
  ]
}

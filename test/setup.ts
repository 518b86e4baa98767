// Owns the world outside the tests: a user's folders that are nobody's, so that no test reads or writes a real key or
// cache, and a built package for the programs that tests start and that import tidemark by its name.

import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..')
const { isBuilt } = createRequire(import.meta.url)('../bin/built.js') as { readonly isBuilt: (root: string) => boolean }

/** Bytes that the files of all tests at one time stay below. */
const SCRATCH_BYTES = 2 * 1024 ** 3

function hasRoom(folder: string): boolean {
  if (!existsSync(folder)) return false
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize >= SCRATCH_BYTES
}

export default function setup(): () => void {
  const home = mkdtempSync(join(tmpdir(), 'tidemark-home-'))
  for (const name of Object.keys(process.env)) if (name.startsWith('TIDEMARK_')) delete process.env[name]
  process.env.XDG_CONFIG_HOME = join(home, 'config')
  process.env.XDG_CACHE_HOME = join(home, 'cache')
  process.env.XDG_DATA_HOME = join(home, 'data')
  // Programs that tests start by the hundred load the same code.
  process.env.NODE_COMPILE_CACHE = join(home, 'code')
  // In memory where the system offers enough of it: thousands of files live for milliseconds each.
  const scratch = mkdtempSync(join(hasRoom('/dev/shm') ? '/dev/shm' : tmpdir(), 'tidemark-scratch-'))
  // Programs of another user find their way to what is theirs in it.
  chmodSync(scratch, 0o711)
  process.env.TIDEMARK_TEST_SCRATCH = scratch
  process.env.TMPDIR = scratch
  const clean = () => {
    for (const folder of [home, scratch]) rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  }
  // Also of a run that is broken off.
  process.once('exit', clean)
  if (!isBuilt(ROOT)) {
    execFileSync(process.execPath, [join(ROOT, 'scripts', 'build.js'), '--prepare'], { stdio: ['ignore', 2, 2] })
  }
  return clean
}

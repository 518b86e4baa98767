// Owns the world outside the tests: a user's folders that are nobody's, so that no test reads or writes a real key or
// cache, and a built package for the programs that tests start and that import tidemark by its name.

import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..')
const { isBuilt } = createRequire(import.meta.url)('../bin/built.js') as { readonly isBuilt: (root: string) => boolean }

export default function setup(): () => void {
  const home = mkdtempSync(join(tmpdir(), 'tidemark-home-'))
  for (const name of Object.keys(process.env)) if (name.startsWith('TIDEMARK_')) delete process.env[name]
  process.env.XDG_CONFIG_HOME = join(home, 'config')
  process.env.XDG_CACHE_HOME = join(home, 'cache')
  process.env.XDG_DATA_HOME = join(home, 'data')
  // Programs that tests start by the hundred load the same code.
  process.env.NODE_COMPILE_CACHE = join(home, 'code')
  // In memory where the system offers it, for files that live for milliseconds.
  const scratch = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'tidemark-scratch-'))
  process.env.TIDEMARK_TEST_SCRATCH = scratch
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

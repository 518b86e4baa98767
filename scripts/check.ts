// Owns the checks of the package as a whole: that its tarball resolves and types as its manifest promises, and that
// nothing in the checkout is unused.

import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'

const root = join(import.meta.dirname, '..')
const folder = mkdtempSync(join(tmpdir(), 'tidemark-check-'))

try {
  const packed = execFileSync(process.execPath, [join(root, 'scripts', 'pack.ts'), folder], { encoding: 'utf8' })
  const tarball = packed.trim()
  const checks = [
    ['publint', 'run', tarball, '--strict'],
    ['attw', tarball, '--profile', 'esm-only', '--no-emoji', '--include-entrypoints', ...connectors()],
    ['knip'],
  ]
  const failed = checks.filter(([tool = '', ...args]) => !run(tool, args)).map(([tool]) => tool)
  if (failed.length > 0) console.error(`Not clean: ${failed.join(', ')}.`)
  process.exitCode = failed.length > 0 ? 1 : 0
} finally {
  rmSync(folder, { recursive: true })
}

/** The checkers do not look behind the star of "./connectors/*". */
function connectors(): string[] {
  const files = readdirSync(join(root, 'src', 'connectors')).filter((file) => file.endsWith('.ts'))
  return files.map((file) => `./connectors/${basename(file, '.ts')}`)
}

function run(tool: string, args: string[]): boolean {
  console.log(`\n${tool}`)
  return spawnSync(tool, args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' }).status === 0
}

// Owns dist/: TypeScript's output of src/, and nothing that src/ no longer has. `npm ci` runs it with --prepare, so that
// the package can be imported by its own name; there an error in a type is told and does not fail the install.
// Plain JavaScript, because an install may run it under any Node.

import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const dist = join(root, 'dist')

const isPreparing = process.argv.includes('--prepare')
const tsc = findCompiler()
const isClean = tsc !== null && build(tsc)
if (tsc === null) console.error('Nothing is built: TypeScript is not installed (devDependencies were left out).')
else if (!isClean) console.error('The build is not clean; "npm run types" shows why.')
process.exitCode = isClean || isPreparing ? 0 : 1

/** Brings dist/ up to date and tells whether the compiler had nothing to say. */
function build(compiler) {
  const fresh = mkdtempSync(join(tmpdir(), 'tidemark-build-'))
  try {
    const args = [compiler, '--project', 'tsconfig.build.json', '--outDir', fresh]
    const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 2, 2] })
    const files = outputsIn(fresh)
    for (const file of files) replace(join(dist, file), readFileSync(join(fresh, file)))
    if (files.length > 0) removeAllBut(new Set(files))
    return status === 0
  } finally {
    rmSync(fresh, { recursive: true })
  }
}

function findCompiler() {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc')
  } catch {
    return null
  }
}

/** A program that runs from dist/ meanwhile sees each file as it was or as it is, and what is equal stays untouched. */
function replace(file, content) {
  if (existsSync(file) && content.equals(readFileSync(file))) return
  mkdirSync(dirname(file), { recursive: true })
  const draft = `${file}.${process.pid}`
  writeFileSync(draft, content)
  renameSync(draft, file)
}

function removeAllBut(files) {
  for (const file of outputsIn(dist)) if (!files.has(file)) rmSync(join(dist, file), { force: true })
}

/** What the compiler writes; the dashboard in dist/web has its own builder. */
function outputsIn(folder) {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return files.filter((file) => /\.(js|d\.ts)$/.test(file) && !/^web[\\/]/.test(file))
}

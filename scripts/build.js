// Owns dist/: the bundles of src/ by Rolldown, TypeScript's declarations, and nothing that src/ no longer has. Bundles,
// because a command that loads twenty files starts a third faster than one that loads four hundred. `npm ci` runs it with
// --prepare, so that the package can be imported by its own name; there an error in a type is told and does not fail the
// install. Plain JavaScript, because an install may run it under any Node.

import { spawnSync } from 'node:child_process'
import {
  cpSync,
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
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { LISTING, listing } from '../bin/built.js'
import { licencesOf } from './licences.js'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const source = join(root, 'src')
const dist = join(root, 'dist')

// What is imported from outside or started as a process; everything else becomes a part of these, or of what they share.
// `engine/due/schedule` is for whoever asks when a schedule is due, without opening anything.
const ENTRIES = [
  'engine/due/schedule',
  'node-version',
  'index',
  'cli/main',
  'server/app',
  'store/console/process',
  'store/sqlite/page-thread-main',
  'store/sqlite/reading-thread',
  'testing/index',
]
// Found by folder, here as by the program: a connector is a file, an emulator a folder with an index.
const FOUND = filesIn(source)
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => /^connectors\/[^/.]+\.ts$|^testing\/emulators\/[^/]+\/index\.ts$/.test(file))
  .map((file) => file.replace(/\.ts$/, ''))

const COMMANDS = filesIn(join(source, 'cli', 'commands')).map((file) => `cli/commands/${file.replace(/\.ts$/, '')}`)

// What every command loads comes along: zod alone is a hundred files. So does what only the build has (the protocol of
// agents, of which a tenth is needed): who installs this package installs none of it.
const BUNDLED = ['commander', 'zod']
/**
 * What one file is made of, where each would else be a file of its own that shares nothing with the next: a module here and all
 * that it imports, the first that has it. What every command needs; what tells of the commands; what whoever opens a mirror needs,
 * its threads too; what every sync needs.
 */
const SHARED = [
  // First, so that it refuses a Node that lacks what the others need.
  { name: 'node-version', modules: ['node-version'] },
  { name: 'command', modules: ['cli/main'] },
  // What commands are described by: help asks all of them, and opens no mirror.
  { name: 'operation', modules: COMMANDS },
  { name: 'store', modules: ['store/sqlite'] },
  {
    name: 'sync',
    modules: [
      'index',
      'operations/sync-all',
      'engine/runs/run',
      'engine/runs/attach',
      'engine/followers/blender',
      'engine/followers/embeddings',
      'engine/followers/indexer',
      'engine/followers/sender',
      'engine/search/connection-embedder',
      'embedders/static',
    ],
  },
]
/** Of the fifty languages in which zod complains, what it says here is English. */
const ENGLISH = {
  name: 'english',
  load: (id) =>
    /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/.test(id) ? "export { default as en } from './en.js'" : undefined,
}
/** The licences of what came along. */
const NOTICES = 'NOTICES.txt'
/** Data that the program reads, as it is. */
const DATA = filesIn(join(source, 'embedders', 'static')).map((file) => join('embedders', 'static', file))

const isPreparing = process.argv.includes('--prepare')
const tsc = findCompiler()
const isClean = tsc !== null && (await build(tsc))
if (tsc === null) console.error('Nothing is built: TypeScript is not installed (devDependencies were left out).')
else if (!isClean) console.error('The build is not clean; "npm run types" shows why.')
const hasDashboard = tsc !== null && (await buildDashboard())
process.exitCode = (isClean && hasDashboard) || isPreparing ? 0 : 1

/** Brings dist/ up to date and tells whether the compiler had nothing to say. */
async function build(compiler) {
  const fresh = mkdtempSync(join(tmpdir(), 'tidemark-build-'))
  try {
    // Taken before: a file that changes meanwhile makes the build an old one.
    const built = listing(source)
    const args = [compiler, '--project', 'tsconfig.build.json', '--outDir', fresh]
    const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 2, 2] })
    await bundle(fresh)
    const files = outputsIn(fresh)
    for (const file of files) replace(join(dist, file), readFileSync(join(fresh, file)))
    if (files.length > 0) removeAllBut(new Set(files))
    replace(join(dist, LISTING), Buffer.from(built))
    return status === 0
  } finally {
    rmSync(fresh, { recursive: true })
  }
}

/** The dashboard has a builder of its own; without it the program is whole but for its pages. */
async function buildDashboard() {
  try {
    const { buildWeb } = await import('../web/build.js')
    await buildWeb(join(dist, 'web'))
    return true
  } catch (error) {
    console.error(`The dashboard is not built: ${error instanceof Error ? error.message : String(error)}`)
    return false
  }
}

async function bundle(folder) {
  const { rolldown } = await import('rolldown')
  const names = [...ENTRIES, ...FOUND]
  const bundled = await rolldown({
    cwd: root,
    input: Object.fromEntries(names.map((name) => [name, join(source, `${name}.ts`)])),
    platform: 'node',
    treeshake: { moduleSideEffects: [{ test: /\/src\/node-version\.ts$/, sideEffects: true }] },
    external: Object.keys(dependencies).filter((name) => !BUNDLED.includes(name)),
    plugins: [ENGLISH],
    // What some load late, others load at once.
    checks: { ineffectiveDynamicImport: false },
  })
  const groups = SHARED.map(({ name, modules }, i) => {
    const files = new Set(modules.map((module) => join(source, `${module}.ts`)))
    return { name, test: (id) => files.has(normalize(id)), priority: SHARED.length - i }
  })
  // Stack traces name functions: nothing is minified.
  const form = { format: 'esm', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name].js' }
  const { output } = await bundled.write({ dir: folder, ...form, codeSplitting: { groups } })
  writeFileSync(join(folder, NOTICES), licencesOf(output.flatMap(({ moduleIds = [] }) => moduleIds)))
  for (const file of DATA) cpSync(join(source, file), join(folder, file))
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

/** What is built here; the dashboard in dist/web has its own builder. */
function outputsIn(folder) {
  return filesIn(folder).filter(
    (file) => (/\.(js|d\.ts)$/.test(file) || file === NOTICES || DATA.includes(file)) && !/^web[\\/]/.test(file),
  )
}

function filesIn(folder) {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
}

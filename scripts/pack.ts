// Owns the package as it is published: dist, bin, documents and examples, with a manifest from which everything that serves only the
// checkout is left out. Above all the Nodes for developers: 200 MB that nobody may receive who installs tidemark.
//
//   npm run pack [-- folder]   writes tidemark-<version>.tgz there (default: here), leaving the checkout as it is
//   npm pack                   does the same through --clean before it and --restore after it

import { execFileSync } from 'node:child_process'
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

type Manifest = Record<string, unknown>

const root = join(import.meta.dirname, '..')
const manifestFile = join(root, 'package.json')
const setAside = join(root, 'package.json.checkout')

// What a person who installs the package has a use for. A field that is not here is not published.
const PUBLISHED =
  'name version description keywords homepage repository bugs license author type engines bin exports sideEffects files ' +
  'dependencies peerDependencies peerDependenciesMeta'

const PAPERS = ['README.md', 'LICENSE', 'NOTICE', 'CHANGELOG.md', 'CONTRIBUTING.md', 'llms.txt', 'docs', 'examples']

const [how] = process.argv.slice(2)
if (how === '--clean') clean()
else if (how === '--restore') restore()
else console.log(pack(resolve(how ?? '.')))

/** Builds the package into `target` and returns the path of the tarball. */
function pack(target: string): string {
  build()
  const stage = mkdtempSync(join(tmpdir(), 'tidemark-pack-'))
  try {
    for (const part of ['bin', 'dist', ...PAPERS]) cpSync(join(root, part), join(stage, part), { recursive: true })
    write(join(stage, 'package.json'), published(read(manifestFile)))
    mkdirSync(target, { recursive: true })
    const answer = npm(['pack', '--json', '--pack-destination', target], stage)
    return join(target, nameOfTarball(JSON.parse(answer)))
  } finally {
    rmSync(stage, { recursive: true })
  }
}

/** npm answers with a list, or since version 12 with an object by package name. */
function nameOfTarball(answer: object): string {
  const [packed] = Object.values(answer) as { filename: string }[]
  if (!packed) throw new Error('npm pack named no file')
  return packed.filename
}

function clean(): void {
  restore() // when an earlier pack was interrupted
  build()
  copyFileSync(manifestFile, setAside)
  write(manifestFile, published(read(setAside)))
}

function restore(): void {
  if (existsSync(setAside)) renameSync(setAside, manifestFile)
}

function published(manifest: Manifest): Manifest {
  return Object.fromEntries(
    PUBLISHED.split(' ')
      .filter((name) => name in manifest)
      .map((name) => [name, manifest[name]]),
  )
}

function build(): void {
  execFileSync(process.execPath, [join(root, 'scripts', 'build.js')], { stdio: ['ignore', 2, 2] })
}

function npm(args: string[], cwd: string): string {
  return execFileSync('npm', args, { cwd, encoding: 'utf8', shell: process.platform === 'win32' })
}

function read(file: string): Manifest {
  return JSON.parse(readFileSync(file, 'utf8')) as Manifest
}

function write(file: string, manifest: Manifest): void {
  writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`)
}

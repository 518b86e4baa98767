// Owns dist/web: the dashboard as browsers get it, with each file compressed beside it, the licences of what came along, and
// a listing of what it was built from. Plain JavaScript, because an install may run it under any Node.
//
//   node web/build.js [folder]   builds it there, without a folder in dist/web

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
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { LISTING, listing } from '../bin/built.js'
import { licencesOf } from '../scripts/licences.js'

const web = dirname(fileURLToPath(import.meta.url))
/** The licences of what came along. */
const NOTICES = 'NOTICES.txt'
/** Files that are worth a smaller copy. */
const COMPRESSED = /\.(?:js|css|svg|html|webmanifest)$/

/** Whether what lies in a folder was built from the dashboard as it is. */
export function isWebBuilt(folder) {
  return existsSync(join(folder, LISTING)) && readFileSync(join(folder, LISTING), 'utf8') === sourceOf()
}

/** Builds the dashboard into a folder. A page that is open meanwhile sees each file as it was or as it is. */
export async function buildWeb(folder) {
  const source = sourceOf()
  if (isWebBuilt(folder)) return
  const { build } = await import('vite')
  const fresh = mkdtempSync(join(tmpdir(), 'tidemark-web-'))
  const { NODE_ENV } = process.env
  // Whoever builds it, such as a test, gets what is published: React has another form for those who write pages.
  process.env.NODE_ENV = 'production'
  try {
    const { output } = await build({
      root: web,
      configFile: join(web, 'vite.config.js'),
      logLevel: 'warn',
      build: { outDir: fresh, emptyOutDir: true },
    })
    const files = filesIn(fresh)
    for (const file of files.filter((one) => COMPRESSED.test(one))) compress(join(fresh, file))
    writeFileSync(join(fresh, NOTICES), licencesOf(output.flatMap(({ moduleIds = [] }) => moduleIds)))
    writeFileSync(join(fresh, LISTING), source)
    const made = filesIn(fresh)
    // Its page last: whatever it names is there.
    for (const file of made.sort((a, b) => rank(a) - rank(b)))
      replace(join(folder, file), readFileSync(join(fresh, file)))
    for (const file of filesIn(folder)) if (!made.includes(file)) rmSync(join(folder, file), { force: true })
  } finally {
    if (NODE_ENV === undefined) delete process.env.NODE_ENV
    else process.env.NODE_ENV = NODE_ENV
    rmSync(fresh, { recursive: true })
  }
}

function rank(file) {
  return file === LISTING ? 2 : file.startsWith('index.html') ? 1 : 0
}

function sourceOf() {
  const folders = ['src', 'public'].map((folder) => listing(join(web, folder)))
  const files = ['index.html', 'vite.config.js', 'package.json', 'build.js'].map((file) =>
    readFileSync(join(web, file), 'utf8'),
  )
  return [...folders, ...files].join('\n')
}

function compress(file) {
  const bytes = readFileSync(file)
  const brotli = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } })
  writeFileSync(`${file}.br`, brotli)
  writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }))
}

function replace(file, content) {
  if (existsSync(file) && content.equals(readFileSync(file))) return
  mkdirSync(dirname(file), { recursive: true })
  const draft = `${file}.${process.pid}`
  writeFileSync(draft, content)
  renameSync(draft, file)
}

function filesIn(folder) {
  const all = readdirSync(folder, { recursive: true, withFileTypes: true })
  return all.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name).slice(folder.length + 1))
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await buildWeb(process.argv[2] ?? join(web, '..', 'dist', 'web'))

// Owns the proof of the package: what a stranger downloads is clean, complete and runs, with nothing but the
// dependencies that its manifest names.

import { execFileSync, spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

interface Manifest {
  version: string
  dependencies: Record<string, string>
  exports: Record<string, string | Record<'types' | 'default', string>>
}

const root = join(import.meta.dirname, '..')
const checkout = readManifest(root)

// A folder in which someone has installed the tarball.
const home = mkdtempSync(join(tmpdir(), 'tidemark-package-'))
const installed = join(home, 'node_modules', 'tidemark')

beforeAll(() => {
  const pack = join(root, 'scripts', 'pack.ts')
  const tarball = execFileSync(process.execPath, [pack, home], { encoding: 'utf8' }).trim()
  mkdirSync(installed, { recursive: true })
  execFileSync('tar', ['-xzf', tarball, '--strip-components=1', '-C', installed])
  for (const name of Object.keys(readManifest(installed).dependencies)) {
    const place = join(home, 'node_modules', name)
    mkdirSync(dirname(place), { recursive: true })
    symlinkSync(join(root, 'node_modules', name), place, 'junction')
  }
})

afterAll(() => rmSync(home, { recursive: true }))

test('the manifest carries nothing that serves only the checkout', () => {
  const manifest = readManifest(installed)
  for (const field of ['private', 'scripts', 'devDependencies', 'optionalDependencies']) {
    expect(manifest).not.toHaveProperty(field)
  }
  expect(manifest).toMatchObject({
    name: 'tidemark',
    version: checkout.version,
    license: 'MIT',
    engines: { node: '>=22.18' },
    bin: { tidemark: 'bin/tidemark.js' },
    dependencies: checkout.dependencies,
  })
})

test('there is what runs and the papers, and nothing else', () => {
  const files = readdirSync(installed)
  const papers = ['CHANGELOG.md', 'CONTRIBUTING.md', 'LICENSE', 'NOTICE', 'README.md', 'docs', 'examples', 'llms.txt']
  expect(files.toSorted()).toEqual([...papers, 'bin', 'dist', 'package.json'].toSorted())
  // Types of others' packages are for the compiler only.
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((file) =>
    /(?<!\.d)\.ts$/.test(file),
  )
  const built = readdirSync(join(installed, 'dist'), { recursive: true, encoding: 'utf8' })
  for (const source of sources) expect(built).toContain(source.replace(/\.ts$/, '.d.ts'))
  expect(built.filter((file) => /(?<!\.d)\.ts$|\.map$|\.tsx$/.test(file))).toEqual([])
})

test('every link in its documents leads somewhere within it', () => {
  const documents = readdirSync(installed, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.md') && !file.includes('node_modules'),
  )
  expect(documents.length).toBeGreaterThan(15)
  const dead = documents.flatMap((file) => {
    const text = readFileSync(join(installed, file), 'utf8').replaceAll(/^```[^]*?^```$/gm, '')
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link ?? '')
    return links.filter((link) => !leadsSomewhere(file, link)).map((link) => `${file}: ${link}`)
  })
  expect(dead).toEqual([])
})

/** Whether there is such a file or folder in the package, and in it such a heading. */
function leadsSomewhere(from: string, link: string): boolean {
  if (/^[a-z]+:/.test(link)) return link.startsWith('https://')
  const [path = '', anchor] = link.split('#')
  const target = path === '' ? join(installed, from) : join(installed, dirname(from), path)
  if (!target.startsWith(installed) || !existsSync(target)) return false
  if (anchor === undefined) return true
  const headings = readFileSync(target, 'utf8').matchAll(/^#+ (.*)$/gm)
  return [...headings].some(([, heading = '']) => slugOf(heading) === anchor)
}

/** How GitHub and npm name a heading. */
function slugOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-')
}

test('no dependency runs a script when it is installed', () => {
  for (const name of Object.keys(checkout.dependencies)) {
    const { scripts = {} } = readManifest(join(root, 'node_modules', name)) as { scripts?: Record<string, string> }
    expect(
      Object.keys(scripts).filter((script) => /^(pre|post)?install$/.test(script)),
      name,
    ).toEqual([])
  }
})

test('every entry has its code and its types', () => {
  const targets = Object.values(checkout.exports).flatMap((entry) => Object.values(entry))
  const fixed = targets.filter((target) => target.startsWith('./dist/') && !target.includes('*'))
  expect(fixed).toHaveLength(6)
  expect(fixed.filter((target) => !existsSync(join(installed, target)))).toEqual([])
})

test('the dashboard comes along, compressed and with the licences of what it is made of', () => {
  const files = readdirSync(join(installed, 'dist', 'web'), { recursive: true, encoding: 'utf8' })
  expect(files).toEqual(expect.arrayContaining(['index.html', 'index.html.br', 'icon.svg', 'manifest.webmanifest']))
  expect(readFileSync(join(installed, 'dist', 'web', 'NOTICES.txt'), 'utf8')).toContain('react-dom\n')
  // Its packages are in it: nobody installs them.
  expect(Object.keys(checkout.dependencies)).not.toContain('react')
})

test('every entry can be imported', () => {
  const connectors = readdirSync(join(installed, 'dist', 'connectors')).filter((file) => file.endsWith('.js'))
  const names = ['', '/server', '/testing', ...connectors.map((file) => `/connectors/${basename(file, '.js')}`)]
  const program = names.map((name) => `await import('tidemark${name}')`).join('\n')
  writeFileSync(join(home, 'try.mjs'), program)
  const { stderr, status } = spawnSync(process.execPath, [join(home, 'try.mjs')], { encoding: 'utf8' })
  expect(stderr).toBe('')
  expect(status).toBe(0)
})

/** What a process looks like from inside when an old Node runs it; and a real one, where the machine has it. */
const OLD_NODES: readonly [what: string, command: string, args: readonly string[]][] = [
  ['pretended', process.execPath, ['--require', join(home, 'old.cjs')]],
  ...['/usr/bin/node', '/usr/local/bin/node'].flatMap((path): [string, string, string[]][] => {
    const version = existsSync(path) ? spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout.trim() : ''
    return /^v(?:1[89]|20|21)\./.test(version) ? [[version, path, []]] : []
  }),
]

test.each(OLD_NODES)('a Node that is too old is told which one is needed (%s)', (_, command, args) => {
  const old = "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } })"
  writeFileSync(join(home, 'old.cjs'), old)
  for (const name of ['tidemark', 'tidemark/testing', 'tidemark/server']) {
    writeFileSync(join(home, 'old.mjs'), `import '${name}'`)
    const { stderr, status } = spawnSync(command, [...args, join(home, 'old.mjs')], { encoding: 'utf8' })
    expect(status).toBe(1)
    expect(stderr).toMatch(/^TidemarkError: Tidemark needs Node 22\.18 or newer, and this is Node \d+\.\d+\.\d+\. /m)
    expect(stderr).toContain("code: 'node_unsupported'")
  }
  const program = join(installed, 'bin', 'tidemark.js')
  const { stderr, status } = spawnSync(command, [...args, program, '--version'], { encoding: 'utf8' })
  expect([status, stderr]).toEqual([2, expect.stringMatching(/^tidemark needs Node 22\.18 or newer/)])
})

test('no file of the library needs a part of Node that an old one lacks in order to be linked', () => {
  const files = readdirSync(join(installed, 'dist'), { recursive: true, encoding: 'utf8' })
  const linking = files
    .filter((file) => file.endsWith('.js') && !/^cli[\\/]/.test(file))
    .filter((file) =>
      /^(?:import|export)\b[^;]*from 'node:sqlite'/m.test(readFileSync(join(installed, 'dist', file), 'utf8')),
    )
  expect(linking).toEqual([])
})

test('a program is typed by what is installed', () => {
  const program = `
    import { defineConnector, fullPass, openTidemark, secret, stream, z } from 'tidemark'
    import type { ConnectionOf, RecordOf } from 'tidemark'
    import github from 'tidemark/connectors/github'
    const notes = defineConnector(
      { name: 'notes', title: 'Notes', options: z.object({ token: secret('A token') }), http: () => ({ baseUrl: 'https://notes.example' }) },
      { notes: stream({ schema: z.object({ id: z.string(), likes: z.int() }), key: (note) => note.id,
        passes: [fullPass({ pageSize: 10, read: async ({ options }) => ({ records: [{ id: options.token, likes: 1 }] }) })] }) },
    )
    const tidemark = await openTidemark({ database: ':memory:', connectors: [notes, github] })
    const mine: ConnectionOf<typeof notes> = await tidemark.connect(notes, { id: 'mine', options: { token: 'a' } })
    const likesOf = ({ likes }: RecordOf<typeof notes, 'notes'>): number => likes
    for await (const note of mine.records('notes')) likesOf(note).toFixed(0)
    const me = await tidemark.connect(github, { id: 'me', options: { user: 'ada' } })
    for await (const star of me.records('stars', { where: { fork: false } })) star.full_name.trim()
    // @ts-expect-error: there is no such stream
    me.records('notes')
    // @ts-expect-error: there is no such option
    await tidemark.connect(github, { id: 'me', options: { usr: 'ada' } })
    // @ts-expect-error: there is no such option
    await openTidemark({ databse: ':memory:' })
  `
  writeFileSync(join(home, 'typed.mts'), program)
  // Without the types of Node; what else the dependencies declare is theirs.
  const options = ['--strict', '--exactOptionalPropertyTypes', '--module', 'nodenext', '--target', 'es2024', '--noEmit']
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const args = [compiler, ...options, '--lib', 'es2024,esnext.disposable', '--types', '', '--skipLibCheck', 'typed.mts']
  const { stdout, status } = spawnSync(process.execPath, args, { cwd: home, encoding: 'utf8' })
  expect([stdout, status]).toEqual(['', 0])
})

test('the installed command tells its version', () => {
  const command = join(installed, 'bin', 'tidemark.js')
  const { stdout, stderr, status } = spawnSync(process.execPath, [command, '--version'], {
    cwd: home,
    encoding: 'utf8',
  })
  expect([stdout.trim(), stderr, status]).toEqual([checkout.version, '', 0])
})

test('a command loads few files', () => {
  const counter = `
    import { registerHooks } from 'node:module'
    const own = new Set()
    registerHooks({ load: (url, context, next) => (url.includes('/tidemark/dist/') && own.add(url), next(url, context)) })
    process.on('exit', () => process.stdout.write('\\n' + own.size))
  `
  writeFileSync(join(home, 'count.mjs'), counter)
  const filesOf = (...words: string[]) => {
    const args = ['--import', './count.mjs', join(installed, 'bin', 'tidemark.js'), ...words]
    const { stdout } = spawnSync(process.execPath, args, { cwd: home, encoding: 'utf8' })
    return Number(stdout.trim().split('\n').at(-1))
  }
  const database = ['--database', join(home, 'few.db')]
  expect(filesOf('projects', 'create', 'default', ...database)).toBeGreaterThan(5)
  expect(filesOf('--version')).toBeLessThanOrEqual(3)
  expect(filesOf('status', ...database)).toBeLessThanOrEqual(40)
  // It has nothing to sync, and has loaded what it would take.
  expect(filesOf('sync', '--all', ...database)).toBeLessThanOrEqual(40)
})

test('the installed command has all that agents need, though its manifest names no package for them', () => {
  const command = join(installed, 'bin', 'tidemark.js')
  const database = ['--database', join(home, 'agents.db')]
  spawnSync(process.execPath, [command, 'projects', 'create', 'default', ...database])
  const hello = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1' } }
  const ask = (id: number, method: string, params: object) => JSON.stringify({ jsonrpc: '2.0', id, method, params })
  const input = `${ask(1, 'initialize', hello)}\n${ask(2, 'tools/list', {})}\n`
  const { stdout, stderr, status } = spawnSync(process.execPath, [command, 'mcp', ...database], {
    cwd: home,
    encoding: 'utf8',
    input,
  })
  const [first, second] = stdout.trim().split('\n')
  expect([stderr, status]).toEqual(['', 0])
  expect(JSON.parse(first ?? '').result.serverInfo.version).toBe(checkout.version)
  expect(JSON.parse(second ?? '').result.tools.length).toBeGreaterThan(20)
  expect(Object.keys(checkout.dependencies)).not.toContain('@modelcontextprotocol/sdk')
  expect(readFileSync(join(installed, 'dist', 'NOTICES.txt'), 'utf8')).toContain('@modelcontextprotocol/sdk\n')
})

test('the lockfile is whole for every platform, and names no registry', () => {
  const text = readFileSync(join(root, 'package-lock.json'), 'utf8')
  expect(text).not.toContain('"resolved": "http')
  const { packages } = JSON.parse(text) as { packages: Record<string, { optionalDependencies?: object }> }
  const locked = new Set(Object.keys(packages).map((place) => place.split('node_modules/').at(-1)))
  // npm leaves out what it did not find, and then refuses its own lockfile.
  const missing = Object.values(packages).flatMap(({ optionalDependencies = {} }) =>
    Object.keys(optionalDependencies).filter((name) => !locked.has(name)),
  )
  expect(missing).toEqual([])
})

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
}

// Owns the proof that the deployment examples can be read by what they are for, and name commands, options, variables and
// addresses that there are; and that the shell lines of docs/scale.md do.

import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { expect, test } from 'vitest'
import { Cli } from '../src/cli/cli.ts'
import { createProgram } from '../src/cli/program.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = join(root, 'examples', 'deploy')
const read = (name: string) => readFileSync(join(folder, name), 'utf8')
/** The reader of YAML that the checkout's own tools bring. */
const yaml = createRequire(import.meta.resolve('knip'))('yaml') as {
  parseAllDocuments(text: string, options: object): { errors: unknown[]; toJS(): unknown }[]
}

function documents(name: string): unknown[] {
  return yaml.parseAllDocuments(read(name), { merge: true, strict: true }).map((one) => {
    expect(one.errors, name).toEqual([])
    return one.toJS()
  })
}

/** What stands under a name, however deep. */
function* under(name: string, value: unknown): Generator {
  if (typeof value !== 'object' || value === null) return
  for (const [key, inner] of Object.entries(value)) {
    if (key === name) yield inner
    yield* under(name, inner)
  }
}

/** Sections with their settings, each of which may be there several times. */
function sections(text: string): Map<string, [string, string][]> {
  const found = new Map<string, [string, string][]>()
  let section: [string, string][] = []
  for (const line of text.split('\n').filter((one) => one.trim() !== '' && !/^[#;]/.test(one))) {
    const head = /^\[(\w+)\]$/.exec(line)
    if (head) found.set(head[1] ?? '', (section = []))
    else {
      const setting = /^(\w+) ?= ?(.+)$/.exec(line)
      if (!setting) throw new Error(`no setting: ${line}`)
      section.push([setting[1] ?? '', setting[2] ?? ''])
    }
  }
  return found
}

const streams = { stdin: process.stdin, stdout: new PassThrough(), stderr: new PassThrough(), environment: {} }
const global = {
  database: 'x',
  databaseFrom: 'option',
  project: 'default',
  json: false,
  quiet: false,
  color: false,
} as const
const program = await createProgram(new Cli(streams as never, global))

/** Words from `tidemark` on: a command that there is, with options that it has. */
function checkWords(words: readonly string[]): void {
  const [first, ...rest] = words.slice(words.indexOf('tidemark') + 1)
  const args = first?.startsWith('--') ? rest.slice(1) : [first, ...rest]
  const command = program.commands.find((one: Command) => one.name() === args[0])
  expect(command, words.join(' ')).toBeDefined()
  const options = [...program.options, ...(command?.options ?? [])].flatMap(({ long, short }) => [long, short])
  for (const word of words.slice(words.indexOf('tidemark') + 1).filter((one) => one.startsWith('--')))
    expect(options, words.join(' ')).toContain(word)
}

const source = ['cli/folder.ts', 'cli/main.ts', 'secrets/keys.ts', 'cli/program.ts']
  .map((path) => readFileSync(join(root, 'src', path), 'utf8'))
  .join('\n')
function checkVariable(name: string): void {
  expect(source).toContain(name)
}

test('each example is one that is looked at here', () => {
  const known = ['compose.yaml', 'kubernetes.yaml', 'pgbouncer.ini', 'tidemark-worker@.service', 'tidemark.service']
  expect(readdirSync(folder).sort()).toEqual(known)
  const scale = readFileSync(join(root, 'docs', 'scale.md'), 'utf8')
  for (const name of known) expect(scale.includes(name) || name === 'tidemark-worker@.service', name).toBe(true)
})

test.each(['tidemark.service', 'tidemark-worker@.service'])('%s', (name) => {
  const unit = sections(read(name))
  expect([...unit.keys()]).toEqual(['Unit', 'Service', 'Install'])
  const service = unit.get('Service') ?? []
  const [start] = service.filter(([key]) => key === 'ExecStart')
  checkWords(start?.[1].split(' ') ?? [])
  for (const [, value] of service.filter(([key]) => key === 'Environment')) checkVariable(value.split('=')[0] ?? '')
})

test.each(['compose.yaml', 'kubernetes.yaml'])('%s', (name) => {
  const all = documents(name)
  const commands = [...under('command', all)] as string[][]
  expect(commands.length).toBeGreaterThan(1)
  for (const words of commands) checkWords(words)
  for (const one of under('environment', all)) {
    for (const variable of Object.keys(one as object)) if (variable.startsWith('TIDEMARK')) checkVariable(variable)
  }
  for (const one of under('httpGet', all)) expect(one).toEqual({ path: '/healthz', port: 4600 })
})

test('a service of Kubernetes finds its pods', () => {
  const [server, service] = documents('kubernetes.yaml') as [Deployment, { spec: { selector: object } }]
  expect(server.spec.template.metadata.labels).toMatchObject(service.spec.selector)
  const all = documents('kubernetes.yaml') as Deployment[]
  for (const one of all.filter(({ kind }) => kind === 'Deployment')) {
    expect(one.spec.template.metadata.labels).toEqual(one.spec.selector.matchLabels)
  }
})

interface Deployment {
  readonly kind: string
  readonly spec: { selector: { matchLabels: object }; template: { metadata: { labels: object } } }
}

test('the pooler is one in transaction mode', () => {
  expect(Object.fromEntries(sections(read('pgbouncer.ini')).get('pgbouncer') ?? [])).toMatchObject({
    pool_mode: 'transaction',
  })
})

test('the shell lines of docs/scale.md name commands that there are', () => {
  const text = readFileSync(join(root, 'docs', 'scale.md'), 'utf8')
  const lines = [...text.matchAll(/^tidemark .+$/gm), ...text.matchAll(/`(tidemark [^`]+)`/g)].map(
    (found) => found[1] ?? found[0],
  )
  expect(lines.length).toBeGreaterThan(4)
  for (const line of lines) checkWords(line.split(' '))
})

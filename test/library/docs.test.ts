// Owns the proof of docs/library.md: its table is that of the operations, and its program runs.
// `UPDATE_DOCS=1 npx vitest run test/library/docs.test.ts` rewrites the table.

import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Blends } from '../../src/blends.ts'
import { Connection } from '../../src/connection.ts'
import { Consumers } from '../../src/engine/history/feed.ts'
import * as library from '../../src/index.ts'
import { allOperations } from '../../src/operations/all.ts'
import type { Field } from '../../src/operations/fields.ts'
import type { Described } from '../../src/operations/operation.ts'
import { exampleCall } from '../../src/operations/perform.ts'
import { Push } from '../../src/push.ts'
import { githubEmulator } from '../../src/testing/emulators/index.ts'
import { Tidemark } from '../../src/tidemark.ts'
import { Webhooks } from '../../src/webhooks.ts'
import { place } from '../cli/program.ts'

const root = join(import.meta.dirname, '..', '..')
const file = join(root, 'docs', 'library.md')
const TABLE = /(<!-- operations -->\n)[^]*?(<!-- end of operations -->)/

/** Operations that share a method with another one. */
const METHODS: Readonly<Record<string, string>> = {
  syncAll: 'sync',
  planAll: 'plan',
  schedules: 'schedule',
  restore: 'restoreBackup',
  migrate: 'migrateDatabase',
  listConsumers: 'consumers.list',
  forgetConsumer: 'consumers.forget',
  createBlend: 'blends.create',
  listBlends: 'blends.list',
  showBlend: 'blends.show',
  dropBlend: 'blends.drop',
  setValues: 'blends.set',
  unsetValues: 'blends.unset',
  listWebhooks: 'webhooks.list',
  createWebhook: 'webhooks.create',
  showWebhook: 'webhooks.show',
  deleteWebhook: 'webhooks.delete',
  testWebhook: 'webhooks.test',
  replayWebhook: 'webhooks.replay',
  pushKey: 'push.key',
  subscribe: 'push.subscribe',
  subscriptions: 'push.list',
  unsubscribe: 'push.unsubscribe',
  testPush: 'push.test',
}

/** What members of the mirror are, by name. */
const OWNERS = { blends: Blends, consumers: Consumers, webhooks: Webhooks, push: Push }

const methodOf = ({ name }: Described) => METHODS[name] ?? name

function isOfConnection(operation: Described): boolean {
  return (operation.positional ?? []).includes('connection') && methodOf(operation) in Connection.prototype
}

function callText(operation: Described): string {
  const name = methodOf(operation)
  if (isOfConnection(operation)) return `me.${exampleCall({ ...operation, name })}`
  if (name in library) return exampleCall({ ...operation, name })
  // Where the connection is an argument, the call shows it.
  const positional = (operation.positional ?? []).map((one) => (one === 'connection' ? 'id' : one))
  const [example = {}] = operation.examples as readonly Readonly<Record<string, unknown>>[]
  const { connection, ...rest } = example
  const named = connection !== undefined && positional.includes('id') ? { id: connection, ...rest } : example
  return `tidemark.${exampleCall({ ...operation, name, positional, examples: [named] })}`
}

function inputText(name: string, { schema, about, words, otherwise }: Field): string {
  const isOptional = schema.safeParse(undefined).success
  const more = [
    ...(words ? [`one of ${words.map((word) => `\`${word}\``).join(', ')}`] : []),
    ...(otherwise === undefined ? [] : [`default: ${otherwise}`]),
  ]
  return `\`${name}${isOptional ? '?' : ''}\`: ${about.replaceAll('<', '&lt;').replaceAll('|', '\\|')}${more.length > 0 ? ` (${more.join('; ')})` : ''}`
}

function rowText(operation: Described): string {
  const { does, scope, input, hooks = {} } = operation
  const fields = Object.entries<Field>({ ...input, ...hooks })
  const shown = fields.filter(([name]) => name !== 'connection' || !isOfConnection(operation))
  const inputs = shown.map(([name, field]) => inputText(name, field)).join('<br>')
  return `| \`${callText(operation)}\` | ${does} | ${inputs || 'none'} | ${scope} |`
}

function tableText(title: string, operations: readonly Described[]): string {
  const head = ['| call, for example | what it does | inputs | scope |', '|---|---|---|---|']
  return [`### ${title}`, '', ...head, ...operations.map(rowText), ''].join('\n')
}

const all = await allOperations()
const tables = [
  tableText('Of a connection', all.filter(isOfConnection)),
  tableText(
    'Of the mirror',
    all.filter((operation) => !isOfConnection(operation)),
  ),
].join('\n')

if (process.env['UPDATE_DOCS'] === '1') {
  const text = readFileSync(file, 'utf8')
  writeFileSync(
    file,
    text.replace(TABLE, (_, start: string, end: string) => `${start}\n${tables}\n${end}`),
  )
}

const text = readFileSync(file, 'utf8')

test('docs/library.md lists every operation with its inputs', () => {
  expect(TABLE.exec(text)?.[0]).toBe(`<!-- operations -->\n\n${tables}\n<!-- end of operations -->`)
})

test.each(all.map((operation) => [operation.name, operation] as const))(
  '%s is a method, or a function',
  (_, operation) => {
    const [name = '', member] = methodOf(operation).split('.')
    const own = isOfConnection(operation) ? Connection : Tidemark
    const owner = member === undefined ? own : OWNERS[name as keyof typeof OWNERS]
    expect((member ?? name) in owner.prototype || name in library).toBe(true)
  },
)

test('the program of docs/library.md runs', async (ending) => {
  const github = await githubEmulator({ stars: 30, limits: false })
  ending.onTestFinished(() => github.close())
  const here = place(ending)
  const [, program = ''] = /^```ts\n([^]*?)^```$/m.exec(text) ?? []
  const options = `user: 'ada', token: 'token-of-ada', baseUrl: '${github.url}', allowPrivateNetwork: true`
  const changed = program
    .replace("from 'tidemark'", `from '${join(root, 'src', 'index.ts')}'`)
    .replace("'tidemark/connectors/github'", `'${join(root, 'src', 'connectors', 'github.ts')}'`)
    .replace("user: 'ada'", options)
    // Node 22 does not know it yet.
    .replace('await using tidemark', 'const tidemark')
  writeFileSync(join(here.folder, 'program.ts'), `${changed}\nawait tidemark.close()\n`)
  const env = { ...here.env, XDG_CONFIG_HOME: join(here.folder, 'home') }
  const ran = await new Promise<{ code: number | null; out: string }>((resolve) => {
    const child = spawn(process.execPath, ['--no-warnings', 'program.ts'], { cwd: here.folder, env })
    let out = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (out += chunk))
    child.on('close', (code) => resolve({ code, out }))
  })
  expect(ran).toEqual({ code: 0, out: expect.stringMatching(/^succeeded no error\n[^]*stars: complete/) })
})

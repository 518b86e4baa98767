// Owns the proof that the library and the command line give the same document for the same verb, and that it is the one
// that the operation declares.

import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { openTidemark, type Tidemark } from '../../src/index.ts'
import { audit } from '../../src/operations/audit.ts'
import { budgets } from '../../src/operations/budgets.ts'
import { changes } from '../../src/operations/changes.ts'
import { connectors } from '../../src/operations/connectors.ts'
import { explain } from '../../src/operations/explain.ts'
import { showKey } from '../../src/operations/keys.ts'
import { listConnections } from '../../src/operations/list-connections.ts'
import { metrics } from '../../src/operations/metrics.ts'
import type { Operation } from '../../src/operations/operation.ts'
import { projects } from '../../src/operations/projects.ts'
import { quarantine } from '../../src/operations/quarantine.ts'
import { records } from '../../src/operations/records.ts'
import { removals } from '../../src/operations/removals.ts'
import { run } from '../../src/operations/run.ts'
import { runs } from '../../src/operations/runs.ts'
import { schedules } from '../../src/operations/schedule.ts'
import { status } from '../../src/operations/status.ts'
import { planAll } from '../../src/operations/sync-all.ts'
import { findKey } from '../../src/secrets/keys.ts'
import { type GitHubEmulator, githubEmulator } from '../../src/testing/emulators/index.ts'
import { type Place, place } from '../cli/program.ts'

/** The emulator's Ada, whose token no object may show. */
const TOKEN = 'token-of-ada'
const KEYED = 'TIDEMARK_KEY'

let github: GitHubEmulator
let here: Place
let tidemark: Tidemark
let key: string
let runId: string
const endings: (() => void | Promise<void>)[] = []

beforeAll(async () => {
  github = await githubEmulator({ stars: 30, limits: false })
  here = place({ onTestFinished: (finish) => void endings.push(finish) })
  process.env[KEYED] = Buffer.alloc(32, 7).toString('base64')
  const env = { GH: TOKEN, [KEYED]: process.env[KEYED] }
  const set = ['--set', `baseUrl=${github.url}`, '--set', 'allowPrivateNetwork=true', '--secret-env', 'token=GH']
  await here.ask(['connect', 'github', '--id', 'me', ...set], { env })
  await here.ask(['sync'], { env })
  await here.ask(['schedule', 'me', 'every 15m'], { env })
  await here.ask(['budget', 'me', '--requests', '500/hour'], { env })
  tidemark = await openTidemark({ database: join(here.folder, 'tidemark.db'), key: findKey(env, () => {}) })
  runId = (await tidemark.runs())[0]!.id
  for await (const { _key } of (await tidemark.connection('me')).records('stars', { limit: 1 })) key = _key
})

afterAll(async () => {
  delete process.env[KEYED]
  await tidemark.close()
  await github.close()
  for (const end of endings) await end()
})

/** The document of an operation, as every face that speaks JSON gives it. */
async function documentOf(operation: Operation<object, unknown>, input: object): Promise<unknown> {
  const given = tidemark.perform(operation, {}, input)
  const found = isIterable(given) ? await gathered(given) : await given
  const items = operation.list === undefined ? [found] : (found as readonly unknown[])
  for (const item of items) expect(operation.output.safeParse(item).error, inspect(item)).toBeUndefined()
  const text = JSON.stringify(found, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))
  return JSON.parse(text) as unknown
}

async function gathered(values: AsyncIterable<unknown>): Promise<readonly unknown[]> {
  const all: unknown[] = []
  for await (const value of values) all.push(value)
  return all
}

function isIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}

type Verb = readonly [command: () => readonly string[], operation: unknown, input: () => object, part?: string]

const me = { connection: 'me' }
const stars = { ...me, stream: 'stars' }

const VERBS: readonly Verb[] = [
  [() => ['connectors'], connectors, () => ({}), 'connectors'],
  [() => ['connections'], listConnections, () => ({}), 'connections'],
  [() => ['status'], status, () => ({}), 'connections'],
  [() => ['runs', 'me'], runs, () => me, 'runs'],
  [() => ['run', runId], run, () => ({ run: runId })],
  [
    () => ['records', 'me/stars', '--order', 'stargazers_count:desc'],
    records,
    () => ({ ...stars, order: 'stargazers_count:desc', columns: null }),
  ],
  [() => ['explain', 'me/stars', key], explain, () => ({ ...stars, key })],
  [
    () => ['metrics', 'me/stars', '--metric', 'stargazers_count'],
    metrics,
    () => ({ ...stars, metric: 'stargazers_count' }),
  ],
  [() => ['changes'], changes, () => ({}), 'changes'],
  [() => ['schedule', 'me'], schedules, () => me, 'schedules'],
  [() => ['budget'], budgets, () => ({}), 'budgets'],
  [() => ['removals'], removals, () => ({}), 'removals'],
  [() => ['quarantine'], quarantine, () => ({}), 'quarantine'],
  [() => ['audit'], audit, () => ({})],
  [() => ['sync', '--plan'], planAll, () => ({}), 'plans'],
  [() => ['projects'], projects, () => ({}), 'projects'],
  [() => ['keys'], showKey, () => ({})],
]

describe('the same document from the library and from --json', () => {
  test.each(VERBS.map((verb) => [(verb[1] as { name: string }).name, verb] as const))('%s', async (name, verb) => {
    const [command, operation, input, under] = verb
    const { json, code, stderr } = await here.ask([...command(), '--json'], { env: { [KEYED]: process.env[KEYED] } })
    expect([name, code, stderr]).toEqual([name, 0, ''])
    const given = Object.fromEntries(Object.entries(input()).filter(([, value]) => value !== null))
    const document = await documentOf(operation as never, given)
    const isPart = (operation as { list?: string }).list === undefined && under !== undefined
    const ours = isPart ? (document as Record<string, unknown>)[under] : document
    const theirs = under === undefined ? json : json[under]
    // The command line adds what it was asked for, and leaves out of records the text that they were read from.
    const [whole, part] = name === 'records' ? [ours, theirs] : [theirs, ours]
    expect(whole).toMatchObject(part as object)
  })
})

test('no object that a program holds shows a secret when it is printed', async () => {
  const connection = await tidemark.connection('me')
  const { webhookSecret } = connection.row
  const shown = (value: unknown) => `${inspect(value, { depth: 20, showHidden: true })} ${JSON.stringify(value)}`
  for (const one of [tidemark, connection, tidemark.consumers]) {
    expect(shown(one)).not.toContain(TOKEN)
    expect(shown(one)).not.toContain(webhookSecret)
  }
  expect(JSON.parse(JSON.stringify(connection))).toEqual({ id: 'me', connector: 'github', project: 'default' })
  expect(z.object({ id: z.string() }).safeParse(JSON.parse(JSON.stringify(connection))).success).toBe(true)
})

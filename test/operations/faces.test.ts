// Owns the proof that the library and the command line give the same document for the same verb, and that it is the one
// that the operation declares.

import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type Diagnosis, openTidemark, type Tidemark } from '../../src/index.ts'
import { activity } from '../../src/operations/activity.ts'
import { allOperations } from '../../src/operations/all.ts'
import { audit } from '../../src/operations/audit.ts'
import { auditLog } from '../../src/operations/audit-log.ts'
import { backup, restore } from '../../src/operations/backup.ts'
import { budgets } from '../../src/operations/budgets.ts'
import { cancel } from '../../src/operations/cancel.ts'
import { catalogs } from '../../src/operations/catalogs.ts'
import { changes } from '../../src/operations/changes.ts'
import { check } from '../../src/operations/check.ts'
import { connect } from '../../src/operations/connect.ts'
import { connectors } from '../../src/operations/connectors.ts'
import { listConsumers } from '../../src/operations/consumers.ts'
import { coverage } from '../../src/operations/coverage.ts'
import { doctor } from '../../src/operations/doctor.ts'
import { explain } from '../../src/operations/explain.ts'
import { history } from '../../src/operations/history.ts'
import { forgetOldKeys, resetKey, showKey } from '../../src/operations/keys.ts'
import { listConnections } from '../../src/operations/list-connections.ts'
import { metrics } from '../../src/operations/metrics.ts'
import { movers } from '../../src/operations/movers.ts'
import type { Described, Operation } from '../../src/operations/operation.ts'
import { pause, resume } from '../../src/operations/pause.ts'
import { createProject, projects } from '../../src/operations/projects.ts'
import { quarantine, retryQuarantine } from '../../src/operations/quarantine.ts'
import { records } from '../../src/operations/records.ts'
import { removals } from '../../src/operations/removals.ts'
import { run } from '../../src/operations/run.ts'
import { runLog } from '../../src/operations/run-log.ts'
import { runs } from '../../src/operations/runs.ts'
import { schedule, schedules } from '../../src/operations/schedule.ts'
import { search } from '../../src/operations/search.ts'
import { sql } from '../../src/operations/sql.ts'
import { status } from '../../src/operations/status.ts'
import { planAll, syncAll } from '../../src/operations/sync-all.ts'
import { tables } from '../../src/operations/tables.ts'
import { tokens } from '../../src/operations/tokens.ts'
import { workers } from '../../src/operations/workers.ts'
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
let copy: string
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
  copy = join(here.folder, 'copy.db')
  await tidemark.backup(copy)
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

/** `alike` makes the two documents comparable, where they say the same in other words or of another moment. */
type Verb = readonly [
  command: () => readonly string[],
  operation: Described,
  input: () => object,
  part?: string | undefined,
  alike?: (document: never) => unknown,
]

const SQL = 'select _key from github_stars order by _key limit 3'

interface VersionSaid {
  readonly ordinal: number
  readonly columns?: object
  readonly record?: object
}
const versionsOf = (versions: readonly VersionSaid[]) =>
  versions.map(({ ordinal, columns, record }) => [ordinal, columns ?? record])

const statesOf = ({ checks }: Diagnosis) => checks.map(({ check: name, state }) => [name, state])

const me = { connection: 'me' }
const stars = { ...me, stream: 'stars' }

const VERBS: readonly Verb[] = [
  [() => ['connectors'], connectors, () => ({}), 'connectors'],
  [() => ['connections'], listConnections, () => ({}), 'connections'],
  [() => ['status'], status, () => ({}), 'connections'],
  [() => ['runs', 'me'], runs, () => me, 'runs'],
  [() => ['run', runId], run, () => ({ run: runId })],
  [() => ['log', runId], runLog, () => ({ run: runId }), 'log'],
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
  [
    () => ['movers', 'me/stars', '--metric', 'stargazers_count'],
    movers,
    () => ({ ...stars, metric: 'stargazers_count' }),
  ],
  [() => ['catalog', 'me'], catalogs, () => me, 'catalogs'],
  [() => ['coverage', 'me'], coverage, () => me, 'coverage'],
  [() => ['activity'], activity, () => ({}), 'activity'],
  [() => ['changes'], changes, () => ({}), 'changes'],
  [() => ['changes', '--consumers'], listConsumers, () => ({}), 'consumers'],
  [() => ['schedule', 'me'], schedules, () => me, 'schedules'],
  [() => ['budget'], budgets, () => ({}), 'budgets'],
  [() => ['removals'], removals, () => ({}), 'removals'],
  [() => ['quarantine'], quarantine, () => ({}), 'quarantine'],
  [() => ['audit'], audit, () => ({})],
  [() => ['sync', '--plan'], planAll, () => ({}), 'plans'],
  [() => ['projects'], projects, () => ({}), 'projects'],
  [() => ['keys'], showKey, () => ({})],
  [() => ['audit-log'], auditLog, () => ({}), 'deeds'],
  [() => ['token'], tokens, () => ({}), 'tokens'],
  [() => ['workers'], workers, () => ({})],
  [() => ['history', 'me/stars', key], history, () => ({ ...stars, key }), 'versions', versionsOf],
  [() => ['search', 'a'], search, () => ({ text: 'a' })],
  [() => ['tables'], tables, () => ({}), 'tables'],
  [
    () => ['sql', SQL],
    sql,
    () => ({ statement: SQL }),
    undefined,
    (answer: object) => ('rows' in answer ? answer.rows : answer),
  ],
  [() => ['doctor', '--port', '9'], doctor, () => ({ port: 9 }), undefined, statesOf],
  [() => ['backup', '--drill'], backup, () => ({ drill: true })],
  [() => ['restore', copy, '--drill'], restore, () => ({ file: copy, drill: true })],
  [
    () => ['sync'],
    syncAll,
    () => ({}),
    'runs',
    (all: readonly { status: string; streams: readonly object[] }[]) =>
      all.map(({ status: end, streams }) => [end, streams]),
  ],
  [() => ['cancel', runId], cancel, () => ({ run: runId }), 'cancelled'],
  [() => ['quarantine', 'retry'], retryQuarantine, () => ({})],
  [() => ['keys', 'forget-old'], forgetOldKeys, () => ({}), 'deleted'],
  [() => ['keys', 'reset'], resetKey, () => ({}), 'connections'],
  [() => ['projects', 'create', 'lab'], createProject, () => ({ id: 'lab' })],
  [() => ['connect', 'github', '--id', 'me', '--no-check'], connect, () => ({ connector: 'github', id: 'me' })],
  [() => ['connect', 'github', '--id', 'me'], check, () => me, 'check'],
  [() => ['pause', 'me'], pause, () => me],
  [() => ['resume', 'me'], resume, () => me],
  [() => ['schedule', 'me', 'off'], schedule, () => ({ ...me, spec: 'off' }), 'schedules'],
]

/** Verbs without a command of their own, or whose two faces can't act on one state; where they are proved. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  declare: 'a configuration does it: test/cli/config.test.ts',
  disconnect: 'acts once: test/cli/disconnect.test.ts',
  purge: 'acts once: test/cli/disconnect.test.ts',
  sync: 'syncAll of one connection',
  plan: 'planAll of one connection',
  order: 'for callers that do not wait: test/server/orders.test.ts',
  ordered: 'the same',
  orderAll: 'for callers that do not wait: test/server/batches.test.ts',
  batch: 'the same',
  upload: 'each upload makes another one: test/cli/upload.test.ts',
  setBudget: 'gives nothing; its command shows the budgets',
  unconfirmed: 'part of what removals prints: test/cli/decisions.test.ts',
  decideRemovals: 'acts once: test/cli/decisions.test.ts',
  migrate: 'each needs an empty database: test/postgres/migrate.test.ts',
  createBlend: 'acts once: test/cli/blend.test.ts',
  listBlends: 'needs blends: test/cli/blend.test.ts',
  showBlend: 'needs a blend: test/cli/blend.test.ts',
  dropBlend: 'acts once: test/cli/blend.test.ts',
  setValues: 'needs a blend: test/cli/blend.test.ts',
  unsetValues: 'needs a blend: test/cli/blend.test.ts',
  createWebhook: 'each is another one: test/cli/webhook.test.ts',
  listWebhooks: 'needs a webhook: test/cli/webhook.test.ts',
  showWebhook: 'needs a webhook: test/cli/webhook.test.ts',
  deleteWebhook: 'acts once: test/cli/webhook.test.ts',
  testWebhook: 'each is another message: test/cli/webhook.test.ts',
  replayWebhook: 'acts once: test/cli/webhook.test.ts',
  pushKey: 'for browsers: test/promises/push.test.ts',
  subscribe: 'each is another browser: test/promises/push.test.ts',
  subscriptions: 'needs a browser: test/cli/push.test.ts',
  unsubscribe: 'acts once: test/cli/push.test.ts',
  testPush: 'needs a browser: test/cli/push.test.ts',
  rotateKeys: 'acts once: test/cli/keys.test.ts',
  checkKey: 'part of the doctor',
  image: 'gives bytes: test/server/images.test.ts',
  outline: 'for what shows many records: test/server/records.test.ts',
  gaps: 'a table of SQL in the command line: test/server/api-routes.test.ts',
  createToken: 'each is another one: test/cli/token.test.ts',
  revokeToken: 'acts once: test/cli/token.test.ts',
  forgetConsumer: 'acts once: test/cli/history.test.ts',
  checkSecrets: 'part of the doctor',
  catalog: 'gives a document in pieces: test/promises/catalogs.test.ts',
  diffCatalogs: 'needs two catalogs: test/promises/catalogs.test.ts',
}

test('every operation is compared here, or proved elsewhere', async () => {
  const compared = [...VERBS.map(([, { name }]) => name), ...Object.keys(ELSEWHERE)]
  expect(compared.sort()).toEqual((await allOperations()).map(({ name }) => name).sort())
})

describe('the same document from the library and from --json', () => {
  test.each(VERBS.map((verb) => [verb[1].name, verb] as const))('%s', async (name, verb) => {
    const [command, operation, input, under, alike = (document: unknown) => document] = verb
    const { json, code, stderr } = await here.ask([...command(), '--json'], { env: { [KEYED]: process.env[KEYED] } })
    expect([name, code, stderr]).toEqual([name, 0, ''])
    const given = Object.fromEntries(Object.entries(input()).filter(([, value]) => value !== null))
    const document = await documentOf(operation as never, given)
    // Where the command prints its result under a name of its own, the library gives it bare.
    const isPart = under !== undefined && typeof document === 'object' && document !== null && under in document
    const ours = alike((isPart ? (document as Record<string, unknown>)[under] : document) as never)
    const theirs = alike((under === undefined ? json : json[under]) as never)
    // The command line adds what it was asked for, and leaves out of records the text that they were read from.
    const [whole, part] = name === 'records' ? [ours, theirs] : [theirs, ours]
    expect({ whole }).toMatchObject({ whole: part })
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

// Owns the proof that the library refuses what it can't take: by name, with a code and a hint, before anything happens.

import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { openTidemark, restoreBackup, TidemarkError } from 'tidemark'
import * as module from 'tidemark/connectors/github'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type GitHubEmulator, githubEmulator } from '../../src/testing/emulators/index.ts'
import { type Mirror, openMirror } from '../support/mirror.ts'

let github: GitHubEmulator
let mirror: Mirror

beforeAll(async () => {
  github = await githubEmulator({ stars: 3, limits: false })
  mirror = await openMirror()
  await (await mirror.github(github)).sync()
})

afterAll(async () => {
  await mirror[Symbol.asyncDispose]()
  await github.close()
})

/** What a call that no type checker has seen throws. */
async function refusal(act: () => unknown): Promise<TidemarkError> {
  try {
    const made = await act()
    if (typeof made === 'object' && made !== null && Symbol.asyncIterator in made) {
      for await (const _ of made as AsyncIterable<unknown>) break
    }
  } catch (error) {
    if (error instanceof TidemarkError) return error
    throw error
  }
  throw new Error('it was taken')
}

type Case = readonly [what: string, given: unknown, code: string, message: string]

describe('openTidemark', () => {
  const CASES: readonly Case[] = [
    ['a misspelt option', { databse: 'a.db' }, 'option_unknown', 'openTidemark has no option "databse"'],
    ['a file alone', 'a.db', 'argument_invalid', 'openTidemark takes its options as an object, not this text'],
    ['null', null, 'argument_invalid', 'openTidemark takes its options as an object, not null'],
    ['no name', { database: '' }, 'option_invalid', 'openTidemark: database is text that is not empty, not this text'],
    ['a time zone', { timezone: 'Mars' }, 'timezone_invalid', 'openTidemark: timezone is an IANA name, not this text'],
    ['an offset', { timezone: '+05:30' }, 'timezone_invalid', 'openTidemark: timezone is an IANA name, not this text'],
    [
      'a connector alone',
      { connectors: module.default },
      'option_invalid',
      'openTidemark: connectors is a list of connectors (values of defineConnector), not an object',
    ],
    [
      'a name among connectors',
      { connectors: ['github'] },
      'option_invalid',
      'openTidemark: connectors is a list of connectors (values of defineConnector), not a list',
    ],
    ['a yes', { create: 'yes' }, 'option_invalid', 'openTidemark: create is true or false, not this text'],
    [
      'a misspelt retention',
      { retention: { change: '1d' } },
      'option_unknown',
      'openTidemark has no option "retention.change"',
    ],
    [
      'a retention of a number',
      { retention: { changes: 30 } },
      'retention_invalid',
      'openTidemark: retention.changes is text, not 30',
    ],
    [
      'a retention of no time',
      { retention: { changes: 'long' } },
      'retention_invalid',
      '"long" is no time to keep changes for',
    ],
    [
      'a logger that is a function',
      { logger: () => {} },
      'option_invalid',
      'openTidemark: logger is a logger: { event(level, name, values) { … } }, not a function',
    ],
    [
      'a key in text',
      { key: 'AAAA' },
      'key_invalid',
      'openTidemark: key is 32 bytes, or a source of them, not this text',
    ],
    ['a short key', { key: new Uint8Array(16) }, 'key_invalid', 'not 16 bytes'],
  ]
  test.for(CASES)('refuses %s', async ([_, given, code, message]) => {
    const here = process.cwd()
    const folder = mkdtempSync(join(tmpdir(), 'tidemark-arguments-'))
    process.chdir(folder)
    try {
      const error = await refusal(() => openTidemark(given as never))
      expect(error).toMatchObject({ code, message: expect.stringContaining(message), verdict: 'stop' })
      expect(error.hint).toBeTruthy()
      expect(readdirSync(folder)).toEqual([])
    } finally {
      process.chdir(here)
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

type Call = readonly [what: string, act: (mirror: Mirror) => unknown, code: string, message: string]

/** Calls as JavaScript may write them. */
// oxlint-disable-next-line typescript/no-explicit-any
const loose = ({ tidemark }: Mirror): any => tidemark
// oxlint-disable-next-line typescript/no-explicit-any
const me = async (there: Mirror): Promise<any> => there.tidemark.connection('me')

const CALLS: readonly Call[] = [
  [
    'connect({})',
    (m) => loose(m).connect({}),
    'argument_invalid',
    'The call connect takes a connector first, not an object',
  ],
  ['connect() of a module', (m) => loose(m).connect(module, { id: 'a' }), 'argument_invalid', 'not an object'],
  ['connect() without an id', (m) => loose(m).connect('github'), 'argument_invalid', 'as an object, not undefined'],
  ['connect() with an id alone', (m) => loose(m).connect('github', 'me'), 'argument_invalid', 'not this text'],
  ['connect() with a number', (m) => loose(m).connect('github', { id: 5 }), 'option_invalid', 'id is text, not 5'],
  ['connect() with no id', (m) => loose(m).connect('github', {}), 'option_invalid', 'id is text, not undefined'],
  ['connect() with option', (m) => loose(m).connect('github', { id: 'a', option: {} }), 'option_unknown', '"option"'],
  ['options of text', (m) => loose(m).connect('github', { id: 'a', options: 'x' }), 'option_invalid', 'is an object'],
  ['connection()', (m) => loose(m).connection(), 'argument_invalid', 'the id is text, not undefined'],
  ['run(5)', (m) => loose(m).run(5), 'argument_invalid', 'run: the run is text, not 5'],
  ['cancel()', (m) => loose(m).cancel(), 'argument_invalid', 'the run is text, not undefined'],
  ['runs() of text', (m) => loose(m).runs('me'), 'argument_invalid', 'runs takes its options as an object, not "me"'],
  [
    'runs() of -1',
    (m) => loose(m).runs({ limit: -1 }),
    'option_invalid',
    'runs: limit is a whole number from 0 to 10000, not -1',
  ],
  ['removals(1.5)', (m) => loose(m).removals(1.5), 'argument_invalid', 'a whole number from 0 up, not 1.5'],
  [
    'a verdict',
    (m) => loose(m).decideRemovals('aprove', 'x'),
    'argument_invalid',
    'one of approve, reject, undo, not "aprove"',
  ],
  ['quarantine()', (m) => loose(m).quarantine({ conection: 'me' }), 'option_unknown', '"conection"'],
  ['retryQuarantine()', (m) => loose(m).retryQuarantine('me'), 'argument_invalid', 'not "me"'],
  [
    'a budget of less than nothing',
    (m) => loose(m).setBudget('me', { requests: { max: -5, perMs: 1 } }),
    'option_invalid',
    'requests.max is a whole number above 0, not -5',
  ],
  [
    'a budget of NaN',
    (m) => loose(m).setBudget('me', { cost: { max: Number.NaN, perMs: 1 } }),
    'option_invalid',
    'cost.max is a number above 0, not NaN',
  ],
  [
    'a budget without a time',
    (m) => loose(m).setBudget('me', { requests: { max: 5 } }),
    'option_invalid',
    'requests.perMs is a whole number of milliseconds above 0, not undefined',
  ],
  ...[[5], true, '', '5', 0, 2.5, Number.POSITIVE_INFINITY, null].map(
    (max): Call => [
      `a budget of ${inspect(max)} requests`,
      (m) => loose(m).setBudget('me', { requests: { max, perMs: 60_000 } }),
      'option_invalid',
      'requests.max is a whole number above 0, not ',
    ],
  ),
  ...[[5], true, '60000', 0, 0.5, -1, Number.NaN].map(
    (perMs): Call => [
      `a budget within ${inspect(perMs)} milliseconds`,
      (m) => loose(m).setBudget('me', { cost: { max: 2.5, perMs } }),
      'option_invalid',
      'cost.perMs is a whole number of milliseconds above 0, not ',
    ],
  ),
  [
    'a budget of a number',
    (m) => loose(m).setBudget('me', { requests: 500 }),
    'option_invalid',
    'requests is an object, not 500',
  ],
  ['a budget of requets', (m) => loose(m).setBudget('me', { requets: null }), 'option_unknown', '"requets"'],
  ['a feed from nowhere', (m) => loose(m).changes({ after: {} }), 'cursor_invalid', 'after is a cursor'],
  ['a feed that folows', (m) => loose(m).changes({ folow: true }), 'option_unknown', '"folow"'],
  ['a feed of -1', (m) => loose(m).changes({ limit: -1 }), 'option_invalid', 'limit is a whole number from 0 up'],
  [
    'start() of a signal',
    (m) => loose(m).start({ signal: true }),
    'option_invalid',
    'signal is an AbortSignal, not true',
  ],
  [
    'sync() of a stream',
    async (m) => (await me(m)).sync('stars'),
    'argument_invalid',
    'sync takes its options as an object, not "stars"',
  ],
  [
    'sync() of streams',
    async (m) => (await me(m)).sync({ streams: 'stars' }),
    'option_invalid',
    'streams is a list of texts, not "stars"',
  ],
  ['sync() of an unknown stream', async (m) => (await me(m)).sync({ streams: ['star'] }), 'stream_unknown', '"star"'],
  [
    'sync() with a misspelt option',
    async (m) => (await me(m)).sync({ stream: ['stars'] }),
    'option_unknown',
    'sync has no option "stream"',
  ],
  [
    'a mode',
    async (m) => (await me(m)).sync({ mode: 'all' }),
    'option_invalid',
    'mode is one of auto, full, refresh, not "all"',
  ],
  [
    'less than no requests',
    async (m) => (await me(m)).sync({ maxRequests: -1 }),
    'option_invalid',
    'maxRequests is a whole number from 0 up, not -1',
  ],
  ['half a request', async (m) => (await me(m)).sync({ maxRequests: 1.5 }), 'option_invalid', 'whole number'],
  [
    'a cost in text',
    async (m) => (await me(m)).sync({ maxCost: '5' }),
    'option_invalid',
    'maxCost is zero or more, not "5"',
  ],
  [
    'a where of text',
    async (m) => (await me(m)).sync({ where: { status: 'open' } }),
    'option_invalid',
    'where has a list of texts for every field',
  ],
  [
    'a range of no moment',
    async (m) => (await me(m)).sync({ since: true }),
    'moment_invalid',
    'since is a moment: a Date, milliseconds since 1970, or text such as 2026-11-01, yesterday or 7d, not true',
  ],
  [
    'a range that ends before all time',
    async (m) => (await me(m)).sync({ since: 5, until: -9e15 }),
    'moment_invalid',
    'until is no moment',
  ],
  [
    'a past that ends all time',
    async (m) => (await me(m)).records('stars', { asOf: 9e15 }),
    'moment_invalid',
    'asOf is no moment',
  ],
  [
    'sync() of what is no signal',
    async (m) => (await me(m)).sync({ signal: { aborted: 1 } }),
    'option_invalid',
    'signal is an AbortSignal',
  ],
  ['plan() of a misspelt option', async (m) => (await me(m)).plan({ mod: 'full' }), 'option_unknown', '"mod"'],
  [
    'schedule() of text',
    async (m) => (await me(m)).schedule('every 15m'),
    'argument_invalid',
    'schedule takes its options as an object, not "every 15m"',
  ],
  ['schedule() of every', async (m) => (await me(m)).schedule({ every: '15m' }), 'option_unknown', '"every"'],
  ['schedule() of nothing', async (m) => (await me(m)).schedule({}), 'schedule_invalid', 'spec is text, not undefined'],
  [
    'schedule() on Mars',
    async (m) => (await me(m)).schedule({ spec: 'off', timezone: 'Mars' }),
    'timezone_invalid',
    '"Mars"',
  ],
  [
    'records() of -1',
    async (m) => (await me(m)).records('stars', { limit: -1 }),
    'option_invalid',
    'records: limit is a whole number from 0 up, not -1',
  ],
  ['records() of 1.5', async (m) => (await me(m)).records('stars', { limit: 1.5 }), 'option_invalid', 'not 1.5'],
  ['records() of NaN', async (m) => (await me(m)).records('stars', { limit: Number.NaN }), 'option_invalid', 'not NaN'],
  ['records() of a number', async (m) => (await me(m)).records('stars', 5), 'argument_invalid', 'not 5'],
  [
    'records() without a stream',
    async (m) => (await me(m)).records(),
    'argument_invalid',
    'the stream is text, not undefined',
  ],
  ['records() of what is not', async (m) => (await me(m)).records('star'), 'stream_unknown', '"star"'],
  [
    'a moment in text that is none',
    async (m) => (await me(m)).records('stars', { asOf: '2026-02-31' }),
    'moment_invalid',
    'asOf can\'t be read as a time: "2026-02-31"',
  ],
  [
    'a past that is not yet',
    async (m) => (await me(m)).records('stars', { asOf: '2999-01-01' }),
    'moment_invalid',
    'asOf is in the future: 2999-01-01T00:00:00.000Z',
  ],
  [
    'a range that begins in the future',
    async (m) => (await me(m)).sync({ since: new Date('2999-01-01') }),
    'moment_invalid',
    'since is in the future',
  ],
  [
    'points from the future on',
    async (m) => (await me(m)).metrics('stars', { metric: 'stargazers_count', since: 'tomorrow' }),
    'moment_invalid',
    'since is in the future',
  ],
  [
    'a moment that is none',
    async (m) => (await me(m)).records('stars', { asOf: new Date('x') }),
    'moment_invalid',
    'not an invalid Date',
  ],
  [
    'a filter by undefined',
    async (m) => (await me(m)).records('stars', { where: { language: undefined } }),
    'option_invalid',
    'where has one text, number or boolean for every column',
  ],
  [
    'a filter by what is not',
    async (m) => (await me(m)).records('stars', { where: { stars: 5 } }),
    'column_unknown',
    '"stars"',
  ],
  [
    'a filter by text where a number is',
    async (m) => (await me(m)).records('stars', { where: { stargazers_count: 'five' } }),
    'argument_invalid',
    'records: where.stargazers_count is a whole number, not "five"',
  ],
  [
    'history() of a number',
    async (m) => (await me(m)).history('stars', 5),
    'argument_invalid',
    'history: the key is text, not 5',
  ],
  [
    'explain() of a number',
    async (m) => (await me(m)).explain('stars', 5),
    'argument_invalid',
    'the key is text, not 5',
  ],
  [
    'metrics() of nothing',
    async (m) => (await me(m)).metrics('stars'),
    'option_invalid',
    'metric is text, not undefined',
  ],
  [
    'metrics() without a metric',
    async (m) => (await me(m)).metrics('stars', {}),
    'option_invalid',
    'metric is text, not undefined',
  ],
  ['a metric', async (m) => (await me(m)).metrics('stars', { metric: 'stars' }), 'metric_unknown', '"stars"'],
  [
    'by the hour',
    async (m) => (await me(m)).metrics('stars', { metric: 'forks_count', by: 'hour' }),
    'option_invalid',
    'metrics: by is one of run, day, not "hour"',
  ],
  [
    'since soon',
    async (m) => (await me(m)).metrics('stars', { metric: 'forks_count', since: 'soon' }),
    'moment_invalid',
    'since can\'t be read as a time: "soon"',
  ],
]

test.each(CALLS)('%s is refused', async (_, act, code, message) => {
  const requests = github.stats().requests
  const error = await refusal(() => act(mirror))
  expect(error).toMatchObject({ code, message: expect.stringContaining(message), verdict: 'stop' })
  expect(error.hint).toBeTruthy()
  expect(github.stats().requests).toBe(requests)
})

test('what is left out, or undefined, is not asked for', async () => {
  const connection = await me(mirror)
  const asked = { limit: undefined, asOf: undefined, where: undefined, removed: undefined }
  const found = []
  for await (const star of connection.records('stars', asked)) found.push(star)
  expect(found).toHaveLength(3)
  for await (const _ of connection.records('stars', { limit: 0 })) throw new Error('none was asked for')
  expect(await loose(mirror).runs({ connection: undefined, limit: undefined })).toHaveLength(1)
  expect((await connection.sync({ mode: 'auto', streams: [], signal: undefined })).status).toBe('succeeded')
  expect(await connection.schedule(undefined)).toEqual([])
})

test('a logger, a transport, a source of keys and the clock of a restore are looked at as well', async () => {
  const open = (options: object) => openTidemark({ database: ':memory:', ...options })
  await expect(open({ logger: { event: 1 } })).rejects.toMatchObject({ code: 'option_invalid' })
  await expect(open({ transport: { send: 1, close: async () => {} } })).rejects.toMatchObject({
    code: 'option_invalid',
  })
  await expect(open({ key: { find: 1 } })).rejects.toMatchObject({ code: 'key_invalid' })
  const restored = restoreBackup('mirror.bak', { clock: { now: 1 } as never })
  await expect(restored).rejects.toMatchObject({ code: 'option_invalid' })
})

test('sql says that it reads no database in memory, and tables are listed', async () => {
  await using tidemark = await openTidemark({ database: ':memory:', key: new Uint8Array(32) })
  await expect(tidemark.sql('select 1')).rejects.toMatchObject({ code: 'file_unsupported' })
  expect(await tidemark.tables('runs')).toMatchObject([{ table: 'runs', rows: 0 }])
})

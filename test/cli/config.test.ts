// Owns the proof of tidemark.config.ts and `.env`: what they bring, what wins over them, and how a mistake in them is told.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { githubEmulator } from '../../src/testing/emulators/index.ts'
import { type Ending, place } from './program.ts'

async function world(ending: Ending) {
  const github = await githubEmulator({ stars: 30, limits: false })
  ending.onTestFinished(() => github.close())
  const here = place(ending)
  const write = (name: string, text: string) => writeFileSync(join(here.folder, name), text)
  return { github, here, write }
}

const CONFIG = `
  import { defineConfig } from 'tidemark'
  const options = { token: process.env.STARS_TOKEN, baseUrl: process.env.STARS_URL, allowPrivateNetwork: true }
  export default defineConfig({
    database: 'stars.db',
    project: 'lab',
    connections: { me: { connector: 'github', options, schedule: 'every 15m' } },
  })
`

describe.concurrent('a configuration', () => {
  test('in a folder without anything else declares a connection, which a sync makes and keeps', async (ending) => {
    const { github, here, write } = await world(ending)
    write('tidemark.config.ts', CONFIG)
    write('.env', `STARS_TOKEN=token-of-ada\nSTARS_URL="${github.url}" # here\n`)
    // Looking makes nothing.
    expect((await here.run(['status', '--json'])).json.error.code).toBe('database_missing')
    const first = await here.run(['sync', '--json'])
    expect(first.stderr).toMatch(/^Connected me \(github\), as .*tidemark\.config\.ts declares$/m)
    expect([first.code, first.json.runs[0].streams[0].counts.inserted]).toEqual([0, 30])
    const before = (await here.run(['connections', '--json'])).json.connections[0]
    expect(before).toMatchObject({ id: 'me', project: 'lab' })
    const status = (await here.run(['status', '--json', '--database', 'stars.db'])).json
    expect(status.connections[0].nextRunAt).toMatch(/Z$/)

    // Done again it changes nothing, not even a date.
    const second = await here.run(['sync', '--json'])
    expect([second.code, second.stderr]).toEqual([0, ''])
    expect((await here.run(['connections', '--json'])).json.connections[0]).toEqual(before)

    // Another token is another secret; another schedule another schedule.
    write('tidemark.config.ts', CONFIG.replace('every 15m', 'off').replace('allowPriv', "user: 'ada', allowPriv"))
    const third = await here.run(['sync', '--json'])
    expect([third.code, third.stderr]).toEqual([0, expect.stringMatching(/^Changed me \(github\)/)])
    expect((await here.run(['connections', '--json'])).json.connections[0].options.user).toBe('ada')
    expect((await here.run(['status', '--json'])).json.connections[0].nextRunAt).toBeNull()
  })

  test('makes a connection again that was disconnected, and says so at that moment', async (ending) => {
    const { github, here, write } = await world(ending)
    write('tidemark.config.ts', CONFIG)
    write('.env', `STARS_TOKEN=token-of-ada\nSTARS_URL=${github.url}\n`)
    await here.run(['sync'])
    const purged = await here.run(['disconnect', 'me', '--purge', '--yes'])
    expect([purged.code, purged.stderr]).toEqual([
      0,
      expect.stringMatching(/^warning: .*tidemark\.config\.ts declares me: the next sync or serve connects it again/m),
    ])
    expect((await here.run(['sync', '--json'])).json.runs[0].streams[0].counts.inserted).toBe(30)
    const { json } = await here.run(['disconnect', 'me', '--json'])
    expect(json).toMatchObject({ id: 'me', purged: false, declaredIn: join(here.folder, 'tidemark.config.ts') })
  })

  test('brings connectors of one’s own, from files beside it, found by --config from anywhere', async (ending) => {
    const { github, here, write } = await world(ending)
    mkdirSync(join(here.folder, 'deep', 'connectors'), { recursive: true })
    write(
      'deep/connectors/mine.ts',
      `import { defineConnector, fullPass, linkHeader, rows, stream, text, id, z } from 'tidemark'
      interface Star { readonly repo: { readonly id: string; readonly name: string } }
      const read = async ({ http, page }) => {
        const answer = await http.get(page ?? '/users/ada/starred', page ? {} : { query: { per_page: 100 } })
        return { records: rows(answer.body, 'stars'), next: linkHeader(answer, 'next') }
      }
      export default defineConnector(
        { name: 'mine', title: 'Mine', options: z.object({}), http: () => ({
          baseUrl: '${github.url}', headers: { accept: 'application/vnd.github.star+json' } }) },
        { stars: stream({ schema: z.object({ id: id(), name: text() }), record: ({ repo }: Star) => repo,
          key: (star) => star.id, passes: [fullPass({ read, pageSize: 100 })] }) },
      )`,
    )
    write(
      'deep/tidemark.config.js',
      `import mine from './connectors/mine.ts'
      export default { database: 'here.db', connections: { own: { connector: mine, options: { allowPrivateNetwork: true } } } }`,
    )
    const config = ['--config', 'deep/tidemark.config.js']
    expect(
      (await here.run([...config, 'connectors', '--json'])).json.connectors.map((one: { name: string }) => one.name),
    ).toContain('mine')
    const { code, json } = await here.run(['sync', '--json', ...config])
    expect([code, json.runs[0].streams[0].counts.inserted]).toEqual([0, 30])
    expect((await here.run([...config, 'records', 'own/stars', '--json'])).json).toHaveLength(30)
    // The database is beside the configuration, not where one happens to stand.
    expect((await here.run(['status', '--json', '--database', 'deep/here.db'])).json.connections).toHaveLength(1)
  })

  test('is written with zod where there is none; of one that is there, that is it', async (ending) => {
    const { github, here, write } = await world(ending)
    write(
      'mine.ts',
      `import { z } from 'zod'
      import * as mini from 'zod/mini'
      import { defineConnector, fullPass, linkHeader, rows, stream, text, id } from 'tidemark'
      interface Star { readonly repo: { readonly id: string; readonly name: string } }
      const read = async ({ http, page }) => {
        const answer = await http.get(page ?? '/users/ada/starred', page ? {} : { query: { per_page: 100 } })
        return { records: rows(answer.body, 'stars'), next: linkHeader(answer, 'next') }
      }
      export const has = typeof mini.object
      export default defineConnector(
        { name: 'mine', title: 'Mine', options: z.object({ word: z.string().default('a') }), http: () => ({
          baseUrl: '${github.url}', headers: { accept: 'application/vnd.github.star+json' } }) },
        { stars: stream({ schema: z.object({ id: id(), name: z.string() }), record: ({ repo }: Star) => repo,
          key: (star) => star.id, passes: [fullPass({ read, pageSize: 100 })] }) },
      )`,
    )
    write('required.cjs', `module.exports = typeof require('zod/mini').object`)
    write(
      'tidemark.config.ts',
      `import { z } from 'zod'
      import mine, { has } from './mine.ts'
      import required from './required.cjs'
      console.error(has, required, z.string().parse('mini'), z.whose ?? 'ours')
      export default { connections: { own: { connector: mine, options: { allowPrivateNetwork: true } } } }`,
    )
    const { code, json, stderr } = await here.run(['sync', '--json'])
    expect([code, json.runs?.[0].streams[0].counts.inserted]).toEqual([0, 30])
    expect(stderr).toMatch(/^function function mini ours$/m)

    mkdirSync(join(here.folder, 'node_modules', 'zod'), { recursive: true })
    write('node_modules/zod/package.json', '{ "name": "zod", "version": "9.0.0", "exports": { ".": "./index.mjs" } }')
    write(
      'node_modules/zod/index.mjs',
      `export const z = { string: () => ({ parse: (text) => text }), whose: 'theirs' }`,
    )
    write('tidemark.config.ts', `import { z } from 'zod'\nconsole.error(z.whose)\nexport default {}`)
    expect((await here.run(['status', '--json'])).stderr).toMatch(/^theirs$/m)
    // A part that this one does not have is not taken from another.
    write('tidemark.config.ts', `import 'zod/mini'\nexport default {}`)
    const partly = await here.run(['status', '--json'])
    expect([partly.code, partly.json.error.code]).toEqual([2, 'config_invalid'])
    expect(partly.json.error.message).toContain(join('node_modules', 'zod', 'package.json'))
    // Other packages are not ours to bring.
    write('tidemark.config.ts', `import 'hono'\nexport default {}`)
    const { error } = (await here.run(['status', '--json'])).json
    expect([error.message, error.hint]).toEqual([
      expect.stringContaining("'hono'"),
      'Check what it imports: a file by its path and with its ending (./notebook.ts), a package in node_modules beside it.',
    ])
  })

  test('yields to the command line and to the environment, and `.env` to what is set', async (ending) => {
    const { here, write } = await world(ending)
    write('tidemark.config.mjs', `export default { database: 'config.db', project: 'config' }`)
    write('.env', 'TIDEMARK_DATABASE=dotenv.db\n')
    const made = async (args: readonly string[], env: Record<string, string> = {}) =>
      (
        await here.run(['connect', 'github', '--id', 'me', '--set', 'user=ada', '--no-check', '--json', ...args], {
          env,
        })
      ).json.project
    expect(await made([])).toBe('config')
    expect(await made(['--project', 'option', '--database', 'option.db'])).toBe('option')
    expect(await made([], { TIDEMARK_DATABASE: 'env.db' })).toBe('config')
    const has = async (file: string) =>
      (await here.run(['projects', '--json', '--database', file])).json.projects?.map((one: { id: string }) => one.id)
    expect(await has('dotenv.db')).toEqual(['config'])
    expect(await has('option.db')).toEqual(['option'])
    expect(await has('env.db')).toEqual(['config'])
    expect(await has('config.db')).toBeUndefined()
  })

  const WRONG: readonly [what: string, text: string, message: RegExp][] = [
    ['that is no JavaScript', 'export default {\n  database: ,\n}', /^In tidemark\.config\.ts:2: /],
    ['that throws', `const a = 1\nthrow new Error('no token')`, /^In tidemark\.config\.ts:2: no token\.$/],
    ['that imports what is not there', `import './none.ts'\nexport default {}`, /none\.ts/],
    [
      'that exports nothing',
      'export const a = 1',
      /^The configuration tidemark\.config\.ts exports nothing by default\.$/,
    ],
    [
      'with a word that means nothing',
      `export default {\n  database: 'a',\n  databse: 'b',\n}`,
      /^In tidemark\.config\.ts:3: unknown setting "databse"\.$/,
    ],
    [
      'with a connection without a connector',
      `export default {\n  connections: {\n    me: {\n      options: {},\n    },\n  },\n}`,
      /^In tidemark\.config\.ts:3: connections\.me\.connector is the name of a connector, or one\.$/,
    ],
    [
      'with a schedule that is none',
      `export default {\n  connections: {\n    me: {\n      connector: 'github',\n      schedule: 'evry 15m',\n    },\n  },\n}`,
      /^In tidemark\.config\.ts:5: connections\.me\.schedule: "evry 15m" is not a valid schedule\.$/,
    ],
    [
      'with a schedule of a wrong shape',
      `export default {\n  connections: {\n    me: {\n      connector: 'github',\n      schedule: { spec: 'off' },\n    },\n  },\n}`,
      /^In tidemark\.config\.ts:5: connections\.me\.schedule is text, such as every 15m\.$/,
    ],
    [
      'with an unknown word in a connection',
      `export default {\n  connections: {\n    me: {\n      connector: 'github',\n      option: {},\n    },\n  },\n}`,
      /^In tidemark\.config\.ts:5: unknown setting "connections\.me\.option"\.$/,
    ],
    [
      'with options of a wrong shape',
      `export default {\n  connections: {\n    me: {\n      connector: 'github',\n      options: ['ada'],\n    },\n  },\n}`,
      /^In tidemark\.config\.ts:5: connections\.me\.options is an object, by name\.$/,
    ],
    [
      'with connections in a list',
      `export default {\n  connections: [\n    { connector: 'github' },\n  ],\n}`,
      /^In tidemark\.config\.ts:2: connections is an object, by id\.$/,
    ],
    [
      'with an id that is none',
      `export default {\n  connections: {\n    'my account': { connector: 'github' },\n  },\n}`,
      /^In tidemark\.config\.ts:3: connections\.my account: "my account" can't be the id of a connection\.$/,
    ],
    [
      'with a connector that there is not',
      `export default {\n  connections: {\n    me: {\n      connector: 'githb',\n    },\n  },\n}`,
      /^In tidemark\.config\.ts:4: connections\.me\.connector: There is no connector "githb"\.$/,
    ],
    [
      'with a database that is no text',
      `export default {\n  database: 5,\n}`,
      /^In tidemark\.config\.ts:2: database is text that is not empty\.$/,
    ],
    [
      'with one connector alone',
      `export default {\n  connectors: {},\n}`,
      /^In tidemark\.config\.ts:2: connectors is a list\.$/,
    ],
    [
      'that exports a word',
      `export default 'mirror.db'`,
      /^In tidemark\.config\.ts: the default export is an object\.$/,
    ],
    [
      'with a connector that is none',
      `export default {\n  connectors: [{}],\n}`,
      /^In tidemark\.config\.ts:2: connectors\.0 is no connector/,
    ],
  ]
  test.for(WRONG)('%s is told with its line', async ([_, text, message], ending) => {
    const here = place(ending)
    writeFileSync(join(here.folder, 'tidemark.config.ts'), text)
    const { code, json } = await here.run(['status', '--json'])
    expect([code, json.error.code]).toEqual([2, 'config_invalid'])
    expect(json.error.message).toMatch(message)
  })

  test('that was named and is not there is an error; and none is in the way of help or a demo', async (ending) => {
    const { here, write } = await world(ending)
    const { code, json } = await here.run(['status', '--config', 'none.ts', '--json'])
    expect([code, json.error.code]).toEqual([2, 'config_missing'])
    write('tidemark.config.ts', 'broken(')
    expect((await here.run(['sync', '--help'])).code).toBe(0)
    expect((await here.run(['--version'])).code).toBe(0)
  })

  test('declares what a connector refuses: said before anything is read', async (ending) => {
    const { github, here, write } = await world(ending)
    write(
      'tidemark.config.ts',
      `export default { connections: { me: { connector: 'github', options: { color: 'red' } } } }`,
    )
    const { code, json } = await here.run(['sync', '--json'])
    expect([code, json.error.code, github.stats().requests]).toEqual([2, 'options_unknown', 0])
  })
})

const WRONG_ENV: readonly [what: string, text: string, message: RegExp][] = [
  ['that is no assignment', 'A=1\n\n# here\nsecret-of-ada\n', /\.env:4: expected NAME=value\.$/],
  ['with a colon', 'TOKEN: secret-of-ada\n', /\.env:1: expected NAME=value\.$/],
  ['without a name', 'A=1\r\n=secret-of-ada\r\n', /\.env:2: expected NAME=value\.$/],
  ['whose name has a blank', 'A B=secret-of-ada\n', /\.env:1: expected NAME=value\.$/],
  ['whose quote is not closed', 'A=1\nB="secret-of-ada\nC=2\n', /\.env:2: the value of B has no closing "\.$/],
  ['with more behind the quote', `A='1'\nB='it's secret-of-ada'\n`, /\.env:2: something follows the value of B/],
]
test.concurrent.for(WRONG_ENV)('a line of .env %s is told, and its text is not', async ([_, text, message], ending) => {
  const here = place(ending)
  writeFileSync(join(here.folder, '.env'), text)
  const { code, json, stdout, stderr } = await here.run(['status', '--json'])
  expect([code, json.error.code]).toEqual([2, 'config_invalid'])
  expect(json.error.message).toMatch(message)
  expect(json.error.hint).toBeTruthy()
  expect(stdout + stderr).not.toContain('secret-of-ada')
})

test.concurrent('.env may hold comments, empty lines, export, quotes over several lines and CRLF', async (ending) => {
  const here = place(ending)
  const lines = [
    '\uFEFF# a comment',
    '',
    '  export A=1 # why',
    'B=',
    `C="a # b"  # c`,
    `D='x`,
    `y'`,
    'E = it\u2019s',
    'F.G-h=`"`',
  ]
  writeFileSync(join(here.folder, '.env'), `${lines.join('\r\n')}\r\nTIDEMARK_DATABASE=there.db`)
  const { json } = await here.run(['status', '--json'])
  expect([json.error.code, json.error.message]).toEqual(['database_missing', expect.stringContaining('there.db')])
})

test('the document shows a configuration that works', () => {
  const text = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'configuration.md'), 'utf8')
  expect(text).toContain('export default defineConfig({')
})

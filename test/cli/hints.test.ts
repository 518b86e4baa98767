// Owns the proof that whoever wrote a command wrongly reads what to write instead.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { mirror } from './keyed-mirror.ts'
import { place } from './program.ts'

describe.concurrent('the hint of', () => {
  const CALLS: readonly (readonly [args: readonly string[], code: string, hint: string])[] = [
    [['connect', 'github', '--id', 'x', '--set', 'user'], 'option_invalid', '--set user=…'],
    [['connect', 'github', '--id', 'x', '--set', '=ada'], 'option_invalid', '--set name=…'],
    [['connect'], 'argument_missing', 'tidemark connect --help'],
    [['connect', 'github'], 'option_missing', 'tidemark connect github --id me'],
    [['records', 'me/stars', '--limit', 'x'], 'option_invalid', '--limit 50'],
    [['sync', '--max-requests', '0'], 'option_invalid', '--max-requests 50'],
    [['sync', '--max-cost', 'x'], 'option_invalid', '--max-cost 2.50'],
    [['serve', '--port', 'x'], 'option_invalid', '--port 4600'],
  ]
  test.for(CALLS)('%s is %s: %s', async ([args, code, hint], ending) => {
    const { json } = await place(ending).ask([...args, '--json'])
    expect([json.error.code, json.error.hint]).toEqual([code, expect.stringContaining(hint)])
  })

  test('a connection without its stream names its streams', async (ending) => {
    const { ask, here } = await mirror(ending)
    const out = join(here.folder, 'x.csv')
    for (const args of [['records'], ['history', '1'], ['explain', '1'], ['metrics'], ['export', '--out', out]]) {
      const [name = '', ...more] = args
      const metric = name === 'metrics' ? ['--metric', 'forks_count'] : []
      const { code, json } = await ask([name, 'me', ...more, ...metric, '--json'])
      expect([code, json.error.code, json.error.hint]).toEqual([2, 'argument_invalid', 'Did you mean me/stars?'])
    }
    expect((await ask(['records', 'you', '--json'])).json.error.code).toBe('argument_invalid')
  })

  test('a stream without its connection, and a connection that is none, name what was meant', async (ending) => {
    const { ask } = await mirror(ending)
    const cases: readonly (readonly [args: readonly string[], code: string, hint: string])[] = [
      [['sync', 'me', 'stars'], 'connection_unknown', '"stars" is a stream of me: write me/stars.'],
      [['status', 'mee'], 'connection_unknown', 'Did you mean me? There are: me'],
      [['status', 'me/stars'], 'connection_unknown', '"me" is one; a stream of it can\'t be named here.'],
      [
        ['quarantine', 'mee'],
        'argument_invalid',
        'One of: list, retry; of one connection: tidemark quarantine list mee',
      ],
    ]
    for (const [args, code, hint] of cases) {
      const { json } = await ask([...args, '--json'])
      expect([json.error.code, json.error.hint]).toEqual([code, hint])
    }
    const { json } = await ask(['status', 'me', '--json'])
    expect(json.connections).toMatchObject([{ id: 'me' }])
  })

  test('a secret that is not set says how to give it without the shell keeping it', async (ending) => {
    const args = ['connect', 'github', '--id', 'me', '--secret-env', 'token=NOT_SET_ANYWHERE', '--json']
    const { json } = await place(ending).ask(args)
    expect(json.error.hint).toMatch(/password manager or a \.env file.*--secret-stdin token/)
  })

  test('a day that never comes names one that does', async (ending) => {
    const { ask } = await mirror(ending)
    const { json } = await ask(['schedule', 'me', 'cron 0 3 31 2 *', '--json'])
    expect([json.error.code, json.error.hint]).toEqual(['schedule_invalid', expect.stringContaining('30th of April')])
  })
})

test('a database that is a folder, or whose folder is not there, is named as that', async () => {
  const here = place()
  const look = async (...args: string[]) => (await here.ask([...args, '--json'])).json.error
  mkdirSync(join(here.folder, 'folder'))
  expect(await look('status', '--database', join(here.folder, 'folder'))).toMatchObject({
    code: 'database_unwritable',
    message: expect.stringMatching(/ is a folder\.$/),
  })
  const file = join(here.folder, 'none', 'x.db')
  const made = ['connect', 'github', '--id', 'x', '--set', 'user=ada', '--no-check', '--database', file]
  expect(await look(...made)).toMatchObject({
    code: 'database_unwritable',
    hint: `Make it first: mkdir -p ${join(here.folder, 'none')}`,
  })
  expect(await look('status', '--database', file)).toMatchObject({ code: 'database_missing' })
})

test('a file that is written into no folder, and a backup that is none', async (ending) => {
  const { ask, here } = await mirror(ending)
  const out = join(here.folder, 'none', 'x.csv')
  const exported = await ask(['export', 'me/stars', '--out', out, '--json'])
  expect(exported.json.error).toMatchObject({
    code: 'output_failed',
    hint: `Make it first: mkdir -p ${join(here.folder, 'none')}`,
  })
  const folder = await ask(['export', 'me/stars', '--out', here.folder, '--format', 'csv', '--json'])
  expect(folder.json.error.hint).toContain(join(here.folder, 'records.csv'))
  const schema = await ask(['sql', 'select * from main.github_stars', '--json'])
  expect(schema.json.error).toMatchObject({ code: 'sql_failed', hint: expect.stringContaining('without a schema') })
  const text = join(here.folder, 'tidemark.config.ts')
  writeFileSync(text, 'export default {}')
  const made = await here.ask(['new', 'connector', 'notes', '--folder', text, '--json'])
  expect(made.json.error).toMatchObject({ code: 'output_failed', hint: expect.stringContaining('you may write to') })
  // Before it is said that the database is there already.
  const restored = await ask(['restore', text, '--json', '--config', text])
  expect(restored.json.error).toMatchObject({
    code: 'database_unreadable',
    message: expect.stringContaining('no backup'),
  })
})

test('resume says whether there was anything to resume', async (ending) => {
  const { ask } = await mirror(ending)
  expect((await ask(['resume', 'me'])).stdout).toBe('me is not paused.\n')
  await ask(['pause', 'me'])
  expect((await ask(['resume', 'me'])).stdout).toBe('me runs again with the next sync.\n')
})

test('a table without rows has no head, and what connects a service names what it needs', async (ending) => {
  const { ask } = await mirror(ending)
  const empty = await ask(['sql', 'select _key, name from github_stars where 1 = 0', '--format', 'table'])
  expect([empty.stdout, empty.stderr]).toEqual(['', 'There are no such rows.\n'])
  expect((await ask(['connectors', 'tiktok-shop'])).stdout).toContain(
    'tidemark connect tiktok-shop --id <id> --set appKey=<value> --secret-env appSecret=<VARIABLE>',
  )
})

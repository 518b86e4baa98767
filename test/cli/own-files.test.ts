// No result is written over what the program lives on: its database and what SQLite keeps beside it, the key, and its own
// configuration. A restore through a link replaces what the link leads to.

import { lstatSync, readFileSync, realpathSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { githubEmulator } from '../../src/testing/emulators/index.ts'
import { connectGitHub, type Ending, place } from './program.ts'

/** A synced mirror with its key in the folder of the test. */
async function mirror(ending: Ending) {
  const github = await githubEmulator({ stars: 20, limits: false })
  ending.onTestFinished(() => github.close())
  const here = place(ending)
  const path = (name: string) => join(here.folder, name)
  writeFileSync(path('key'), Buffer.alloc(32, 7).toString('base64'), { mode: 0o600 })
  const env = { TIDEMARK_KEY: undefined, TIDEMARK_KEY_FILE: path('key') }
  const run = (...args: string[]) => here.run(args, { env })
  expect((await run(...connectGitHub(github))).code).toBe(0)
  expect((await run('sync')).code).toBe(0)
  return { path, run, github }
}

test('export and backup refuse what the program lives on, by any name', async (ending) => {
  const { path, run } = await mirror(ending)
  writeFileSync(path('tidemark.config.mjs'), 'export default {}\n')
  writeFileSync(path('.env'), 'A=1\n')
  symlinkSync(path('tidemark.db'), path('link'))
  symlinkSync(path('.'), path('folder'))
  const own = ['tidemark.db', 'link', 'folder/tidemark.db', 'tidemark.db-wal', 'folder/tidemark.db-journal', 'key']
  const settings = ['key.new', 'tidemark.config.mjs', '.env']
  const before = new Map(['key', 'tidemark.config.mjs', '.env'].map((name) => [name, readFileSync(path(name), 'utf8')]))
  for (const name of [...own, ...settings]) {
    const { code, json } = await run('export', 'me/stars', '--out', path(name), '--format', 'csv', '--json')
    expect([name, code, json.error?.code]).toEqual([name, 2, 'argument_invalid'])
  }
  for (const name of [...own, 'key.new']) {
    const { code, json } = await run('backup', path(name), '--force', '--json')
    expect([name, code, json.error?.code]).toEqual([name, 2, 'argument_invalid'])
  }
  for (const [name, text] of before) expect(readFileSync(path(name), 'utf8')).toBe(text)
  const { json } = await run('status', '--json')
  expect(json.connections[0].totalRecords).toBe(20)
  expect((await run('sync')).code).toBe(0)
  expect((await run('export', 'me/stars', '--out', path('stars.csv'), '--json')).code).toBe(0)
})

test('a restore over a link replaces the database that it leads to', async (ending) => {
  const { path, run, github } = await mirror(ending)
  renameSync(path('tidemark.db'), path('real.db'))
  symlinkSync(path('real.db'), path('tidemark.db'))
  expect((await run('backup', path('copy.db'))).code).toBe(0)
  github.world.star('ada', 5)
  expect((await run('sync')).code).toBe(0)
  const { code, json } = await run('restore', path('copy.db'), '--force', '--json')
  expect(code).toBe(0)
  expect([lstatSync(path('tidemark.db')).isSymbolicLink(), realpathSync(path('tidemark.db'))]).toEqual([
    true,
    realpathSync(path('real.db')),
  ])
  const records = async (database: string) =>
    (await run('status', '--database', database, '--json')).json.connections[0].totalRecords
  expect([await records(path('tidemark.db')), await records(json.aside)]).toEqual([20, 25])
})

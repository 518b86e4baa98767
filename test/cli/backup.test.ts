// Owns the proof of backups: a copy that is made while a sync runs is whole and syncs on with nothing lost or doubled; a
// drill tells what it proved; and nothing replaces what should stay.

import { once } from 'node:events'
import {
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { githubEmulator } from '../../src/testing/emulators/index.ts'
import { doorOf } from '../support/door.ts'
import { connectGitHub, type Ending, type Place, place, until } from './program.ts'

function look(file: string, sql: string): Record<string, unknown>[] {
  const database = new DatabaseSync(file, { readOnly: true })
  try {
    return database.prepare(sql).all()
  } finally {
    database.close()
  }
}

async function mirror(ending: Ending, stars = 250) {
  const github = await githubEmulator({ stars, limits: false })
  ending.onTestFinished(() => github.close())
  const here = place(ending)
  expect((await here.ask(connectGitHub(github))).code).toBe(0)
  const path = (name: string) => join(here.folder, name)
  return { github, here, path, file: path('tidemark.db') }
}

const names = (here: Place) => readdirSync(here.folder).filter((name) => !/-(?:wal|shm)$/.test(name))

describe.concurrent('a backup', () => {
  test('of a mirror that is being synced is one moment of it, and syncs on to all of it', async (ending) => {
    const { github, here, path, file } = await mirror(ending, 2_000)
    const door = await doorOf(github)
    ending.onTestFinished(() => door.close())
    expect((await here.ask(connectGitHub({ ...github, url: door.url }))).code).toBe(0)
    const stands = door.shut(/[?&]page=5\b/)
    const sync = here.start(['sync'])
    await stands
    const stored = () => Number(look(file, `select count(*) n from tm_changes`)[0]?.['n'])
    await until(() => stored() >= 300)
    const copied = await here.ask(['backup', path('copy.db'), '--json'])
    expect(copied).toMatchObject({ code: 0, json: { connections: 1, secrets: 1 } })
    // It was under way, and no longer is: nobody runs the copy.
    expect(sync.child.exitCode).toBeNull()
    const part = Number(look(path('copy.db'), 'select count(*) n from github_stars')[0]?.['n'])
    expect(part).toBeGreaterThanOrEqual(300)
    expect(part).toBeLessThan(2_000)
    door.open()
    expect((await sync.ended).code).toBe(0)

    // The copy goes on where it was, with a request for each page that it lacks, and then knows every star once.
    const before = github.stats().requests
    const restored = await here.ask(['restore', path('copy.db'), '--database', path('other.db'), '--json'])
    expect(restored).toMatchObject({ code: 0, json: { aside: null } })
    const { code, json } = await here.ask(['sync', '--database', path('other.db'), '--json'])
    expect(code).toBe(0)
    expect(json.runs[0].streams[0].counts.inserted).toBe(2_000 - part)
    expect(github.stats().requests - before).toBeLessThanOrEqual((2_000 - part) / 100 + 4)
    const keys = 'select _key from github_stars order by _key'
    expect(look(path('other.db'), keys)).toEqual(look(file, keys))
    const feed = look(path('other.db'), 'select count(*) n, count(distinct _key) keys, max(seq) last from changes')
    expect(feed).toEqual([{ n: 2_000, keys: 2_000, last: 2_000 }])
    expect((await here.ask(['audit', '--database', path('other.db'), '--json'])).json.problems).toBe(0)
  })

  test('is its owner’s alone, one file, and of another epoch than the original and than what is restored', async (ending) => {
    const { here, path, file } = await mirror(ending)
    await here.ask(['sync'])
    const made = await here.run(['backup', 'copy.db'])
    expect([made.code, made.stdout]).toEqual([
      0,
      expect.stringMatching(/^✓ copy\.db: [\d,]+ rows, [\d.]+ MiB, verified\n$/),
    ])
    expect(made.stderr).toMatch(/^Its 1 secret opens only with the key [0-9a-f]{12}, which is not in it/)
    expect(statSync(path('copy.db')).mode & 0o777).toBe(0o600)
    expect(names(here).sort()).toEqual(['copy.db', 'tidemark.db'])
    await here.ask(['restore', path('copy.db'), '--database', path('other.db')])
    const epochs = [file, path('copy.db'), path('other.db')].map((one) => look(one, 'select epoch from tm_projects')[0])
    expect(new Set(epochs.map((row) => row?.['epoch'])).size).toBe(3)
    // Nothing else differs.
    const records = 'select * from github_stars_all order by _key'
    expect(look(path('other.db'), records)).toEqual(look(file, records))
  })

  test('replaces no file without --force, and never the database itself', async (ending) => {
    const { here, path } = await mirror(ending)
    writeFileSync(path('notes.txt'), 'mine')
    const refused = await here.ask(['backup', path('notes.txt'), '--json'])
    expect([refused.code, refused.json.error.code]).toEqual([2, 'backup_exists'])
    expect(readFileSync(path('notes.txt'), 'utf8')).toBe('mine')
    const itself = await here.ask(['backup', path('tidemark.db'), '--force', '--json'])
    expect([itself.code, itself.json.error.code]).toEqual([2, 'argument_invalid'])
    symlinkSync(here.folder, path('here'))
    const linked = await here.ask(['backup', path('here/tidemark.db'), '--force', '--json'])
    expect([linked.code, linked.json.error.code]).toEqual([2, 'argument_invalid'])
    rmSync(path('here'))
    const socket = createServer().listen(path('pipe'))
    await once(socket, 'listening')
    const piped = await here.ask(['backup', path('pipe'), '--force', '--json'])
    expect([piped.code, piped.json.error.code]).toEqual([2, 'argument_invalid'])
    expect(statSync(path('pipe')).isSocket()).toBe(true)
    socket.close()
    expect((await here.ask(['backup', path('notes.txt'), '--force'])).code).toBe(0)
    expect((await here.ask(['status', '--database', path('notes.txt'), '--json'])).json.connections).toHaveLength(1)
    const nowhere = await here.ask(['backup', path('no/folder/x.db'), '--json'])
    expect([nowhere.code, nowhere.json.error.code]).toEqual([1, 'output_failed'])
    expect(names(here).sort()).toEqual(['notes.txt', 'tidemark.db'])
    const server = await here.ask(['backup', 'x.db', '--database', 'postgres://localhost/x', '--json'])
    expect([server.code, server.json.error.code]).toEqual([2, 'file_unsupported'])
    const named = 'postgres://ada:a-password@db.example/x?schema=tidemark'
    const { hint } = (await here.ask(['backup', 'x.db', '--database', named, '--json'])).json.error
    expect(hint).toContain('pg_dump -Fc --schema=tidemark --file=mirror.dump <url> (the URL without ?schema=)')
    expect(hint).not.toContain('a-password')
  })
})

describe.concurrent('a drill', () => {
  test('proves a copy by restoring, reading and opening it, and leaves nothing behind', async (ending) => {
    const { here, path } = await mirror(ending)
    await here.ask(['sync'])
    const kept = await here.ask(['backup', path('copy.db'), '--drill'])
    expect(kept.stdout).toMatch(
      /✓ restored and whole: [\d,]+ rows in \d+ tables.*\n✓ opens as a mirror: 1 streams? with 250 records, 50 of them read\n✓ the key opens the one secret\n$/,
    )
    const thrown = await here.ask(['backup', '--drill', '--json'])
    expect(thrown).toMatchObject({ code: 0, json: { file: null, drill: { records: 250, secrets: { opened: 1 } } } })
    expect((await here.ask(['restore', path('copy.db'), '--drill', '--json'])).json.drill.key).toBeNull()
    expect(names(here).sort()).toEqual(['copy.db', 'tidemark.db'])
  })

  test('deletes what a killed one has left long ago, and nothing of anybody else', async (ending) => {
    const { here, path } = await mirror(ending)
    const [old, young] = ['.tidemark-drill-old', '.tidemark-drill-new'] as const
    for (const folder of [old, young]) mkdirSync(path(folder))
    const mine = ['copy.db.partial-0a1b2c3d', 'tidemark.db.drill-0a1b2c3d', 'tidemark.db.drill-0a1b2c3d-wal']
    const theirs = ['notes.partial-1', 'tidemark.db.again-0a1b2c3d']
    for (const name of [...mine, ...theirs]) writeFileSync(path(name), 'left')
    const yesterday = new Date(Date.now() - 2 * 86_400_000)
    for (const name of [old, ...mine, ...theirs]) utimesSync(path(name), yesterday, yesterday)
    expect((await here.ask(['backup', '--drill'])).code).toBe(0)
    expect(names(here).sort()).toEqual([young, ...theirs, 'tidemark.db'].sort())
  })

  test('fails without the key, and says so', async (ending) => {
    const { here } = await mirror(ending)
    const env = { TIDEMARK_KEY: Buffer.alloc(32, 9).toString('base64') }
    const { code, stdout } = await here.ask(['backup', '--drill'], { env })
    expect([code, stdout]).toEqual([1, expect.stringMatching(/^✗ the key opens nothing \(key_wrong\)/m)])
    expect((await here.ask(['backup'])).code).toBe(2)
  })

  test('finds damage', async (ending) => {
    const { here, path } = await mirror(ending)
    await here.ask(['sync'])
    await here.ask(['backup', path('copy.db')])
    const handle = openSync(path('copy.db'), 'r+')
    for (const page of [20, 30, 40, 50]) writeSync(handle, Buffer.alloc(512, 7), 0, 512, page * 4_096)
    const { code, json } = await here.ask(['restore', path('copy.db'), '--drill', '--json'])
    expect([code, json.error.code]).toEqual([1, 'database_damaged'])
    const refused = await here.ask(['restore', path('copy.db'), '--database', path('other.db'), '--json'])
    expect(refused.json.error.code).toBe('database_damaged')
    expect(existsSync(path('other.db'))).toBe(false)
    const told = await here.ask(['doctor', '--database', path('copy.db'), '--json'])
    expect(told.code).toBe(1)
  })
})

describe.concurrent('restoring', () => {
  test('puts nothing in the place of a database that is there, without --force; with it the old one stays', async (ending) => {
    const { github, here, path, file } = await mirror(ending)
    await here.ask(['sync'])
    await here.ask(['backup', path('copy.db')])
    github.world.star('ada', 5)
    await here.ask(['sync'])
    const refused = await here.ask(['restore', path('copy.db'), '--json'])
    expect([refused.code, refused.json.error.code]).toEqual([2, 'database_exists'])
    const { code, json } = await here.ask(['restore', path('copy.db'), '--force', '--json'])
    expect(code).toBe(0)
    const count = (of: string) => look(of, 'select count(*) n from github_stars')[0]?.['n']
    expect([count(file), count(json.aside)]).toEqual([250, 255])
    expect(statSync(file).mode & 0o777).toBe(0o600)
    // What was read after the backup is new to it, and comes again.
    expect((await here.ask(['sync', '--json'])).json.runs[0].streams[0].counts.inserted).toBe(5)
  })

  test('touches no database that a program has open', async (ending) => {
    const { here, path, file } = await mirror(ending)
    await here.ask(['backup', path('copy.db')])
    const before = readFileSync(file)
    const open = new DatabaseSync(file)
    open.prepare('SELECT 1 FROM tm_projects').get()
    const { code, json } = await here.ask(['restore', path('copy.db'), '--force', '--json'])
    open.close()
    expect([code, json.error.code]).toEqual([1, 'database_in_use'])
    expect(names(here).sort()).toEqual(['copy.db', 'tidemark.db'])
    expect(readFileSync(file).equals(before)).toBe(true)
  })

  test('says which key it needs, where that is not here', async (ending) => {
    const { here, path } = await mirror(ending)
    await here.ask(['backup', path('copy.db')])
    const right = await here.ask(['restore', path('copy.db'), '--database', path('one.db')])
    expect([right.code, right.stderr]).toEqual([0, expect.stringMatching(/The current key \w+ opens its secrets/)])
    const env = { TIDEMARK_KEY: Buffer.alloc(32, 9).toString('base64') }
    const wrong = await here.ask(['restore', path('copy.db'), '--database', path('two.db')], { env })
    expect([wrong.code, wrong.stderr]).toEqual([
      0,
      expect.stringMatching(/only with the key (\w+), and the one here is (?!\1)\w+/),
    ])
    const nowhere = await here.ask(['restore', path('copy.db'), '--database', path('no/where.db'), '--json'])
    expect([nowhere.code, nowhere.json.error.message]).toEqual([
      1,
      `There is no folder ${path('no')} for the database.`,
    ])
  })

  test('takes a damaged database away, which is what it is for', async (ending) => {
    const { here, path, file } = await mirror(ending)
    await here.ask(['sync'])
    await here.ask(['backup', path('copy.db')])
    cpSync(file, path('was.db'))
    writeFileSync(file, 'no database at all')
    const { code, json } = await here.ask(['restore', path('copy.db'), '--force', '--json'])
    expect([code, readFileSync(json.aside, 'utf8')]).toEqual([0, 'no database at all'])
    expect((await here.ask(['sync'])).code).toBe(0)
  })

  test('refuses what is no backup', async (ending) => {
    const { here, path } = await mirror(ending)
    writeFileSync(path('notes.txt'), 'mine')
    for (const [name, wanted] of [
      ['notes.txt', 'database_unreadable'],
      ['none.db', 'database_missing'],
    ] as const) {
      const { code, json } = await here.ask(['restore', path(name), '--database', path('other.db'), '--json'])
      expect([code, json.error.code]).toEqual([2, wanted])
      expect(json.error.message).toMatch(/backup/)
      expect(json.error.hint).toContain('tidemark backup made')
    }
    // A backup that is missing is missed first, whatever else may be wrong.
    const missing = await here.ask(['restore', path('none.db'), '--json'])
    expect([missing.code, missing.json.error.code]).toEqual([2, 'database_missing'])
    for (const args of [
      ['restore', here.folder],
      ['backup', here.folder],
      ['backup', here.folder, '--force'],
    ]) {
      const { code, json } = await here.ask([...args, '--json'])
      expect([code, json.error.code, json.error.message]).toEqual([
        2,
        'argument_invalid',
        expect.stringMatching(/folder/),
      ])
    }
    expect(names(here).sort()).toEqual(['notes.txt', 'tidemark.db'])
  })
})

// Owns the proof of what an operator does: looking never makes anything; keys rotate while a sync runs; the doctor and
// the audit say with their exit codes what they found; a connection can be forgotten in part or in whole.

import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { PassThrough, Readable } from 'node:stream'
import { Hono } from 'hono'
import { describe, expect, test } from 'vitest'
import { isOurs } from '../../src/cli/doctor-facts.ts'
import { mainIn } from '../../src/cli/main.ts'
import { openTidemark } from '../../src/open.ts'
import { findKey } from '../../src/secrets/keys.ts'
import { createApp } from '../../src/server/app.ts'
import { listen } from '../../src/server/listen.ts'
import { githubEmulator } from '../../src/testing/emulators/index.ts'
import { doorOf } from '../support/door.ts'
import { connectGitHub, type Ending, place, until } from './program.ts'

/** A mirror with a key file of its own, connected and synced. */
async function mirror(ending: Ending, stars = 120) {
  const github = await githubEmulator({ stars, limits: false })
  ending.onTestFinished(() => github.close())
  const here = place(ending)
  const env = { XDG_CONFIG_HOME: join(here.folder, 'config') }
  const ask = (args: readonly string[], more: Record<string, string> = {}) =>
    here.ask(args, { env: { ...env, ...more } })
  expect((await ask(connectGitHub(github))).code).toBe(0)
  return {
    github,
    here,
    env,
    ask,
    keys: join(here.folder, 'config', 'tidemark'),
    file: join(here.folder, 'tidemark.db'),
  }
}

/** Connects again, so that the next sync stands still before this page until it is let go on. */
async function heldAt(page: number, { github, ask }: Awaited<ReturnType<typeof mirror>>, ending: Ending) {
  const door = await doorOf(github)
  ending.onTestFinished(() => door.close())
  expect((await ask(connectGitHub({ ...github, url: door.url }))).code).toBe(0)
  return { stands: door.shut(new RegExp(`[?&]page=${page}\\b`)), open: () => door.open() }
}

describe.concurrent('a command that looks', () => {
  const LOOKING: readonly (readonly string[])[] = [
    ['status'],
    ['connections'],
    ['projects'],
    ['runs'],
    ['run', 'x'],
    ['records', 'me/stars'],
    ['history', 'me/stars', '1'],
    ['sql', 'select 1'],
    ['audit'],
    ['sync'],
    ['pause', 'me'],
    ['disconnect', 'me'],
    ['keys', 'show'],
    ['keys', 'rotate'],
  ]
  test.for(LOOKING)('makes no database: %s', async (args, ending) => {
    const here = place(ending)
    const { code, json } = await here.ask([...args, '--json'])
    expect([code, json.error.code]).toEqual([2, 'database_missing'])
    expect(readdirSync(here.folder)).toEqual([])
  })

  test('makes no project, and says which there are', async (ending) => {
    const { ask } = await mirror(ending)
    await ask(['projects', 'create', 'lab', '--timezone', 'Europe/Berlin'])
    for (const args of [['status'], ['sync'], ['records', 'me/stars']]) {
      const { code, json } = await ask([...args, '--project', 'nope', '--json'])
      expect([code, json.error.code]).toEqual([2, 'project_unknown'])
      expect(json.error.hint).toContain('default, lab')
    }
    expect((await ask(['projects', '--json'])).json.projects).toEqual([
      { id: 'default', timezone: 'UTC', createdAt: expect.any(String), connections: 1 },
      { id: 'lab', timezone: 'Europe/Berlin', createdAt: expect.any(String), connections: 0 },
    ])
  })

  test('projects are made once, with a time zone for good', async (ending) => {
    const here = place(ending)
    expect((await here.ask(['projects', 'create', 'lab', '--timezone', 'Asia/Tokyo', '--json'])).json).toMatchObject({
      id: 'lab',
      timezone: 'Asia/Tokyo',
    })
    expect((await here.ask(['projects', 'create', 'lab'])).code).toBe(0)
    for (const [args, wanted] of [
      [['list', 'lab'], 'argument_unexpected'],
      [['create', 'lab', '--timezone', 'UTC'], 'project_exists'],
      [['create', 'x', '--timezone', 'Mars/Base'], 'timezone_invalid'],
      [['create', 'a b'], 'id_invalid'],
      [['create'], 'argument_missing'],
      [['destroy'], 'argument_invalid'],
    ] as const) {
      const { code, json } = await here.ask(['projects', ...args, '--json'])
      expect([code, json.error.code]).toEqual([2, wanted])
    }
    expect((await here.ask(['projects', 'list', '--json'])).json.projects).toHaveLength(1)
    expect((await here.ask(['projects', 'list'])).stdout).toBe((await here.ask(['projects'])).stdout)
    // Connecting into a project that doesn't exist makes it.
    expect(
      (await here.ask(['connect', 'github', '--id', 'me', '--no-check', '--set', 'user=a', '--project', 'new'])).code,
    ).toBe(0)
    expect((await here.ask(['status', '--project', 'new', '--json'])).json.connections).toHaveLength(1)
  })
})

describe.concurrent('keys', () => {
  test('rotate while a sync runs, which goes on; and the next one, too', async (ending) => {
    const made = await mirror(ending, 1_200)
    const { here, env, ask, keys } = made
    const old = readFileSync(join(keys, 'key'), 'utf8')
    const { stands, open } = await heldAt(3, made, ending)
    const sync = here.start(['sync', '--json'], { env })
    await stands
    const { json } = await ask(['keys', 'rotate', '--json'])
    expect(json).toMatchObject({ outcome: 'rotated', secrets: 1, unreadable: [] })
    expect(sync.child.exitCode).toBeNull()
    open()
    expect((await sync.ended).code).toBe(0)
    expect((await ask(['sync'])).code).toBe(0)
    expect(readFileSync(join(keys, 'key'), 'utf8')).not.toBe(old)
    expect(readdirSync(keys).sort()).toEqual(['key', `key.${json.from}`])
    expect((await ask(['keys', '--json'])).json).toMatchObject({ key: json.to, wanted: [json.to] })
    const withOld = await ask(['sync', '--json'], { TIDEMARK_KEY: old.trim() })
    expect([withOld.code, withOld.json.runs[0].error.code]).toEqual([2, 'key_wrong'])
  })

  test('that this database does not need are deleted without another rotation', async (ending) => {
    const { ask, keys } = await mirror(ending, 20)
    const { from, to } = (await ask(['keys', 'rotate', '--json'])).json
    const refused = await ask(['keys', 'forget-old'])
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('Other databases')])
    expect(readdirSync(keys).sort()).toEqual(['key', `key.${from}`])
    const { json } = await ask(['keys', 'forget-old', '--yes', '--json'])
    expect(json).toEqual({ deleted: [join(keys, `key.${from}`)] })
    expect(readdirSync(keys)).toEqual(['key'])
    expect((await ask(['keys', '--json'])).json.key).toBe(to)
    expect((await ask(['sync'])).code).toBe(0)
    expect((await ask(['keys', 'forget-old', '--json'])).json).toEqual({ deleted: [] })
  })

  test('that are lost keep nobody from a new login', async (ending) => {
    const { ask, keys } = await mirror(ending, 20)
    const rest = ['--id', 'brandnew', '--set', 'user=ada', '--secret-env', 'token=TOK', '--no-check']
    const other = { TIDEMARK_KEY: Buffer.alloc(32, 2).toString('base64'), TOK: 'a-new-token' }
    const brandNew = ['connect', 'github', ...rest]
    const locked = await ask([...brandNew, '--json'], other)
    expect([locked.code, locked.json.error]).toMatchObject([2, { code: 'key_wrong' }])
    expect(locked.json.error.hint).toContain('tidemark keys reset')

    const refused = await ask(['keys', 'reset', '--json'], other)
    expect([refused.code, refused.json.error.code]).toEqual([2, 'confirmation_missing'])
    const { json } = await ask(['keys', 'reset', '--yes', '--json'], other)
    const lost = { project: 'default', connection: 'me', connector: 'github', secrets: ['token'] }
    expect(json).toEqual({ connections: [lost] })
    expect((await ask(['status', '--json'])).json.connections[0].paused).toEqual(['login'])
    for (const action of ['show', 'rotate'] as const) {
      const { stdout, stderr } = await ask(['keys', action], other)
      expect(stdout + stderr).not.toMatch(/key_wrong|key_missing/)
    }
    const doctor = await ask(['doctor', '--json', '--port', '9'], other)
    expect(doctor.json.checks).toContainEqual(expect.objectContaining({ check: 'key', state: 'ok' }))
    expect((await ask(brandNew, other)).code).toBe(0)
    expect((await ask(['keys', '--json'], other)).json).toMatchObject({ dataKeys: 1 })
    expect(readdirSync(keys)).toEqual(['key'])
  })

  test('whose secrets are all forgotten are not missed', async (ending) => {
    const { ask, keys } = await mirror(ending, 20)
    await ask(['disconnect', 'me'])
    const elsewhere = { XDG_CONFIG_HOME: join(keys, 'elsewhere'), TOK: 'a-new-token' }
    const doctor = await ask(['doctor', '--json', '--port', '9'], elsewhere)
    expect(doctor.json.checks).toContainEqual(expect.objectContaining({ check: 'key', state: 'ok' }))
    const made = ['connect', 'github', '--id', 'two', '--set', 'user=ada', '--secret-env', 'token=TOK', '--no-check']
    expect((await ask(made, elsewhere)).code).toBe(0)
    const { code, json } = await ask(['keys', 'rotate', '--json'], elsewhere)
    expect([code, json]).toMatchObject([0, { outcome: 'rotated', secrets: 1, unreadable: [] }])
  })

  test('that are forgotten are named, each with its file', async (ending) => {
    const { ask, keys } = await mirror(ending, 20)
    const { from } = (await ask(['keys', 'rotate', '--json'])).json
    const refused = await ask(['keys', 'rotate', '--forget-old', '--json'])
    expect([refused.code, refused.json.error]).toMatchObject([
      2,
      { code: 'confirmation_missing', message: expect.stringContaining('Other databases') as string },
    ])
    expect(readdirSync(keys).sort()).toEqual(['key', `key.${from}`])
    const { stdout, stderr } = await ask(['keys', 'rotate', '--forget-old', '--yes'])
    const [, second] = /Replaced key (\w+) with/.exec(stdout) ?? []
    for (const name of [from, second]) expect(stdout).toContain(`    deleted ${join(keys, `key.${name}`)}\n`)
    expect(stderr).toContain('a backup made before this needs those keys')
    expect(readdirSync(keys)).toEqual(['key'])
    expect((await ask(['keys', 'rotate', '--json'])).json.deleted).toEqual([])
  })

  test('of the environment are exchanged in two halves', async (ending) => {
    const github = await githubEmulator({ stars: 20, limits: false })
    ending.onTestFinished(() => github.close())
    const here = place(ending)
    const [a, b] = [1, 2].map((byte) => Buffer.alloc(32, byte).toString('base64')) as [string, string]
    const ask = (args: readonly string[], env: Record<string, string>) => here.ask(args, { env })
    await ask(connectGitHub(github), { TIDEMARK_KEY: a })
    const alone = await ask(['keys', 'rotate', '--json'], { TIDEMARK_KEY: a })
    expect([alone.code, alone.json.error.code]).toEqual([2, 'key_new_missing'])
    const first = await ask(['keys', 'rotate'], { TIDEMARK_KEY: a, TIDEMARK_KEY_NEW: b })
    expect([first.code, first.stderr]).toEqual([
      0,
      expect.stringContaining('set TIDEMARK_KEY to the new key everywhere'),
    ])
    for (const key of [a, b]) expect((await ask(['sync'], { TIDEMARK_KEY: key })).code).toBe(0)
    expect((await ask(['keys', 'rotate', '--json'], { TIDEMARK_KEY: b })).json.outcome).toBe('finished')
    expect((await ask(['sync'], { TIDEMARK_KEY: b })).code).toBe(0)
    expect((await ask(['sync'], { TIDEMARK_KEY: a })).code).toBe(2)
  })
})

describe.concurrent('a key file that others may read', () => {
  test('is used, with one warning that tells how to mend it', async (ending) => {
    const github = await githubEmulator({ stars: 20, limits: false })
    ending.onTestFinished(() => github.close())
    const here = place(ending)
    const file = join(here.folder, 'key')
    writeFileSync(file, `${Buffer.alloc(32, 1).toString('base64')}\n`, { mode: 0o644 })
    const ask = (args: readonly string[], more: Record<string, string> = {}) =>
      here.ask(args, { env: { TIDEMARK_KEY_FILE: file, ...more } })
    const warning = `warning: other users of this machine may read the key file ${file} (mode 644). Run: chmod 600 ${file}\n`
    const first = await ask(connectGitHub(github))
    expect([first.code, first.stderr.split(warning)]).toEqual([0, [expect.any(String), expect.any(String)]])
    const synced = await ask(['sync', '--json'])
    expect([synced.code, synced.json.runs[0].status, synced.stderr]).toEqual([0, 'succeeded', warning])
    const quiet = await ask(['sync', '--quiet'], { TIDEMARK_LOG: 'warn' })
    expect([quiet.code, JSON.parse(quiet.stderr)]).toEqual([
      0,
      { at: expect.any(String), level: 'warn', event: 'key.exposed', file, mode: '644' },
    ])
    // Whoever needs no key hears nothing of it.
    expect(await ask(['status', '--json'])).toMatchObject({ code: 0, stderr: '' })
    const doctor = await ask(['doctor', '--json', '--port', '9'])
    expect([doctor.code, doctor.stderr, doctor.json.failed]).toEqual([1, '', 1])
    chmodSync(file, 0o600)
    expect(await ask(['sync', '--json'])).toMatchObject({ code: 0, stderr: '' })
  })
})

describe.concurrent('one database', () => {
  test('has its keys rotated by one process at a time', async (ending) => {
    const { file, ask, keys } = await mirror(ending)
    const open = () => openTidemark({ database: file, key: findKey({ XDG_CONFIG_HOME: join(keys, '..') }) })
    const [one, two] = [await open(), await open()]
    let refused: unknown
    const report = await one.rotateKeys({
      after: async (step) => {
        if (step === 'wrapped') refused = await two.rotateKeys().catch((error: unknown) => error)
      },
    })
    expect(refused).toMatchObject({ code: 'rotation_active', verdict: 'wait' })
    expect(report.outcome).toBe('rotated')
    await two.rotateKeys()
    for (const tidemark of [one, two]) await tidemark.close()
    expect((await ask(['sync'])).code).toBe(0)
  })
})

describe.concurrent('the doctor', () => {
  test('knows a server of ours from others', async (ending) => {
    const server = await listen(createApp({ hosts: ['127.0.0.1'] }), { host: '127.0.0.1', port: 0 })
    const other = await listen(
      new Hono().get('/healthz', (context) => context.json({ up: true })),
      {
        host: '127.0.0.1',
        port: 0,
      },
    )
    ending.onTestFinished(async () => {
      await server.close()
      await other.close()
    })
    // It waits a second at most, which a busy machine may be late for.
    await expect.poll(() => isOurs(server.url)).toBe(true)
    expect(await isOurs(other.url)).toBe(false)
    expect(await isOurs('http://127.0.0.1:9')).toBe(false)
  })

  test('finds a new mirror healthy, and sees what is wrong with the machine', async (ending) => {
    const { ask, keys, file } = await mirror(ending)
    await ask(['sync'])
    const well = await ask(['doctor', '--deep', '--json', '--port', '9'])
    const ill = well.json.checks.filter(({ state }: { state: string }) => state !== 'ok')
    expect([well.code, ill]).toEqual([0, []])

    chmodSync(file, 0o644)
    const open = await ask(['doctor', '--port', '9'])
    expect([open.code, open.stdout]).toEqual([
      0,
      expect.stringMatching(/^! permissions .*mode 644.*\n +Run: chmod 600/m),
    ])
    chmodSync(join(keys, 'key'), 0o640)
    const exposed = await ask(['doctor', '--port', '9'])
    expect([exposed.code, exposed.stderr]).toEqual([1, ''])
    expect(exposed.stdout).toMatch(/^✗ key +key_exposed: .*mode 640.*\n +Run: chmod 600/m)
    expect(exposed.stdout).toMatch(/^✓ secrets /m)
    const { key } = (await ask(['keys', '--json'])).json
    for (const where of [{ XDG_CONFIG_HOME: join(keys, 'nowhere') }, { TIDEMARK_KEY_FILE: join(keys, 'nowhere') }]) {
      const none = await ask(['doctor', '--json', '--port', '9'], where)
      const value = expect.stringMatching(new RegExp(`nowhere.*wants the key ${key}$`))
      const hint = expect.not.stringContaining('make a key')
      expect(none.json.checks).toContainEqual({ check: 'key', state: 'fail', value, hint })
    }
    const junk = join(keys, 'junk.db')
    writeFileSync(junk, 'x'.repeat(5_000))
    const unreadable = await ask(['doctor', '--database', junk])
    expect([unreadable.code, unreadable.stdout]).toEqual([
      1,
      expect.stringMatching(/^✗ database +database_unreadable/m),
    ])
  })

  test('sees a run whose process is gone, a key beside the database, and a secret that does not open', async (ending) => {
    const { github, here, env, ask, file, keys } = await mirror(ending)
    github.faults.when({}, { kind: 'hang' })
    const sync = here.start(['sync'], { env })
    const one = (sql: string) => {
      const database = new DatabaseSync(file)
      try {
        return database.prepare(sql).get() as Record<string, unknown> | undefined
      } finally {
        database.close()
      }
    }
    await until(() => one(`SELECT 1 FROM tm_runs WHERE status = 'running'`) !== undefined)
    // The launcher may run the program in a child, which ends with it.
    sync.child.kill('SIGKILL')
    await sync.ended
    const state = async (check: string, more: Record<string, string> = {}) => {
      const { json } = await ask(['doctor', '--json', '--port', '9'], more)
      return json.checks.find((each: { check: string }) => each.check === check)
    }
    expect(await state('runs')).toMatchObject({ state: 'warn', value: expect.stringContaining('of me is "running"') })
    const beside = join(here.folder, 'key')
    writeFileSync(beside, readFileSync(join(keys, 'key')), { mode: 0o600 })
    expect(await state('key', { TIDEMARK_KEY_FILE: beside })).toMatchObject({ state: 'warn' })
    one(`UPDATE tm_secrets SET sealed = zeroblob(length(sealed)) RETURNING 1 AS n`)
    expect(await state('secrets')).toMatchObject({ state: 'fail' })
  })
})

describe.concurrent('an audit', () => {
  test('exits 0 where nothing is missing and 3 where something is', async (ending) => {
    const { github, ask } = await mirror(ending, 230)
    expect((await ask(['audit', 'me'])).stdout).toMatch(/^i me\/stars unread: was never read$/m)
    await ask(['sync'])
    expect(await ask(['audit', '--json'])).toMatchObject({ code: 0, json: { problems: 0 } })
    github.world.star('ada', 150)
    github.faults.when({ after: 2 }, { kind: 'status', status: 404 })
    await ask(['sync', '--mode', 'full'])
    const { code, stdout } = await ask(['audit'])
    expect([code, stdout]).toEqual([3, expect.stringMatching(/^✗ me run_failed: .*\n[^]*^✗ me\/stars gap: /m)])
    const unknown = await ask(['audit', 'nobody', '--json'])
    expect([unknown.code, unknown.json.error.code]).toEqual([2, 'connection_unknown'])
  })
})

describe.concurrent('a sync that was killed', () => {
  test('has left a gap that every face tells at once', async (ending) => {
    const { github, here, env, ask, file } = await mirror(ending, 130)
    await ask(['sync'])
    github.world.star('ada', 500)
    github.faults.when({ path: '/user/starred', query: { page: '4' } }, { kind: 'hang' })
    const sync = here.start(['sync'], { env })
    await until(() => (github.faults.served()['hang'] ?? 0) > 0)
    sync.child.kill('SIGKILL')
    await sync.ended
    const status = await ask(['status', '--json'])
    expect(status.json.streams).toMatchObject([{ stream: 'stars', coverage: 'gap' }])
    const gaps = await ask(['sql', 'SELECT connection, stream, pass FROM gaps', '--database', file, '--json'])
    expect(gaps.json).toEqual([{ connection: 'me', stream: 'stars', pass: 'newestFirst' }])
    const audit = await ask(['audit', '--json'])
    expect([audit.code, audit.json.problems > 0]).toEqual([3, true])
  })
})

describe.concurrent('disconnecting', () => {
  test('forgets the login and keeps the records, until it is connected again', async (ending) => {
    const { github, ask, file } = await mirror(ending)
    await ask(['sync'])
    const { code, json } = await ask(['disconnect', 'me', '--json'])
    expect([code, json]).toEqual([
      0,
      { id: 'me', purged: false, secrets: 1, paused: ['disconnected'], declaredIn: null },
    ])
    const database = new DatabaseSync(file, { readOnly: true })
    expect(database.prepare('SELECT count(*) n FROM tm_secrets').get()).toEqual({ n: 0 })
    database.close()
    expect((await ask(['records', 'me/stars', '--json'])).json).toHaveLength(120)
    expect((await ask(['sync', 'me'])).code).toBe(4)
    // Who means all of them does not mean this one any more.
    expect((await ask(['connections', '--json'])).json.connections).toEqual([])
    expect((await ask(['connections', '--all', '--json'])).json.connections).toMatchObject([{ id: 'me' }])
    const listed = await ask(['connections'])
    expect([listed.stdout, listed.stderr]).toEqual(['', expect.stringContaining('tidemark connections --all')])
    expect((await ask(['connections', '--all'])).stdout).toMatch(/^me +github .*disconnected/m)
    expect(await ask(['audit', '--json'])).toMatchObject({ code: 0, json: { problems: 0 } })
    const all = await ask(['sync'])
    expect([all.code, all.stdout, all.stderr]).toEqual([0, '', expect.stringContaining('me (disconnected)')])
    const resumed = await ask(['resume', 'me'])
    expect([resumed.code, resumed.stdout]).toEqual([4, expect.stringContaining('tidemark connect github --id me')])
    await ask(connectGitHub(github))
    expect((await ask(['sync', 'me'])).code).toBe(0)
  })

  test('with --purge leaves nothing of it, and asks nobody where nobody is', async (ending) => {
    const { github, ask, file } = await mirror(ending)
    await ask(connectGitHub(github, 'other'))
    await ask(['sync'])
    const gone = await ask(['disconnect', 'me', '--purge', '--json'])
    expect([gone.code, gone.json]).toEqual([0, { id: 'me', purged: true, rows: expect.any(Number), declaredIn: null }])
    const database = new DatabaseSync(file, { readOnly: true })
    const count = (sql: string) => Object.values(database.prepare(sql).get() ?? {})[0]
    expect(count(`SELECT count(*) FROM github_stars_all WHERE _connection IS NOT 'other'`)).toBe(0)
    expect(count('SELECT count(*) FROM github_stars')).toBe(120)
    expect(count('SELECT count(*) FROM tm_changes')).toBe(120)
    expect(count('SELECT count(*) FROM tm_runs')).toBe(1)
    expect(database.prepare('PRAGMA foreign_key_check').all()).toEqual([])
    database.close()
    expect((await ask(['connections', '--json'])).json.connections).toHaveLength(1)
    // The name is free again, for another service even.
    expect((await ask(['connect', 'github', '--id', 'me', '--no-check', '--set', 'user=ada'])).code).toBe(0)
    expect((await ask(['records', 'me/stars', '--json'])).json).toEqual([])
  })

  test('with --purge asks whoever is at a terminal, who has to type the id', async (ending) => {
    const { here, env, ask, file } = await mirror(ending)
    await ask(['sync'])
    const atTerminal = async (typed: string) => {
      const stdin = Object.assign(Readable.from([`${typed}\n`]), { isTTY: true })
      const [stdout, stderr] = [new PassThrough(), Object.assign(new PassThrough(), { isTTY: true })]
      const streams = { stdin: stdin as never, stdout: stdout as never, stderr: stderr as never }
      const code = await mainIn({ ...streams, environment: { ...here.env, ...env } }, [
        '--database',
        file,
        'disconnect',
        'me',
        '--purge',
      ])
      stderr.end()
      return { code, said: Buffer.concat(await stderr.toArray()).toString() }
    }
    const refused = await atTerminal('yes')
    expect([refused.code, refused.said]).toEqual([2, expect.stringContaining('This deletes 120 records of "me"')])
    expect(refused.said).toContain('confirmation_missing')
    expect((await ask(['records', 'me/stars', '--json'])).json).toHaveLength(120)
    expect((await atTerminal('me')).code).toBe(0)
    expect((await ask(['connections', '--all', '--json'])).json.connections).toEqual([])
  })

  test('that was interrupted in the middle is gone on with', async (ending) => {
    const { ask, file } = await mirror(ending, 2_500)
    await ask(['sync'])
    const tidemark = await openTidemark({
      database: file,
      key: findKey({ XDG_CONFIG_HOME: join(file, '..', 'config') }),
    })
    const dying = tidemark.purge('me', {
      onPart: () => {
        throw new Error('cut off')
      },
    })
    await expect(dying).rejects.toThrow('cut off')
    await tidemark.close()
    // What is left stands still, and says what it is.
    const left = (await ask(['status', '--json'])).json.connections[0]
    expect(left).toMatchObject({ id: 'me', paused: ['disconnected'] })
    expect((await ask(['disconnect', 'me', '--purge', '--yes'])).code).toBe(0)
    expect((await ask(['connections', '--json'])).json.connections).toEqual([])
  })

  test('waits for no run that is under way', async (ending) => {
    const made = await mirror(ending)
    const { here, env, ask } = made
    const { stands, open } = await heldAt(2, made, ending)
    const sync = here.start(['sync'], { env })
    await stands
    const { code, json } = await ask(['disconnect', 'me', '--purge', '--yes', '--json'])
    expect([code, json.error.code]).toEqual([1, 'run_active'])
    open()
    expect((await sync.ended).code).toBe(0)
    expect((await ask(['records', 'me/stars', '--json'])).json).toHaveLength(120)
  })
})

test('a folder of the key is made for nobody who only looks', async () => {
  const here = place()
  const config = join(here.folder, 'config')
  mkdirSync(config)
  const env = { XDG_CONFIG_HOME: config }
  await here.ask(['projects', 'create', 'default'], { env })
  for (const args of [['doctor'], ['keys'], ['status'], ['keys', 'rotate']]) await here.ask(args, { env })
  expect(existsSync(join(config, 'tidemark'))).toBe(false)
})

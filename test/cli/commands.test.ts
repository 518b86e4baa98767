// Owns the proof of the commands around `sync`: connecting, looking, and how each says that something is wrong.

import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type GitHubEmulator, githubEmulator } from '../../src/testing/emulators/index.ts'
import { connectGitHub, type Place, place } from './program.ts'

describe('connecting', () => {
  test('prints the connection and never a secret', async () => {
    const here = place()
    const env = { GH: 'secret-token-1' }
    const made = await here.run(
      ['connect', 'github', '--id', 'me', '--no-check', '--set', 'user=ada', '--secret-env', 'token=GH', '--json'],
      { env },
    )
    expect([made.code, made.stderr]).toEqual([0, ''])
    const document = {
      id: 'me',
      connector: 'github',
      project: 'default',
      options: { user: 'ada' },
      paused: [],
      standing: { state: 'on', why: null, mend: null },
      streams: ['stars'],
      webhookUrl: expect.stringMatching(/^\/hooks\/me\/[\w-]{32}$/),
      createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
    }
    expect(made.json).toEqual({ ...document, check: null })
    const piped = await here.ask(['connect', 'github', '--id', 'me', '--no-check', '--secret-stdin', 'token'], {
      input: 'secret-token-2\n',
    })
    expect([piped.code, piped.stdout]).toEqual([0, expect.stringContaining('Changed me (github)')])
    const listed = await here.ask(['connections', '--json'])
    expect(listed.json).toEqual({ connections: [{ ...document, webhookUrl: made.json.webhookUrl }] })
    const shown = await here.ask(['connections'])
    expect(shown.stdout).toMatch(
      /^ID +CONNECTOR +STREAMS +STATE +CREATED +OPTIONS\nme +github +stars +on +(?:just now|\d+ s ago) +user=ada\n$/,
    )
    for (const { stdout, stderr } of [made, piped, listed, shown]) expect(stdout + stderr).not.toContain('secret-token')
  })

  test('leaves no database behind when nothing could be connected, and shows people no webhooks', async () => {
    const here = place()
    for (const args of [
      ['nope', '--id', 'me'],
      ['github', '--id', 'a/b'],
      ['github', '--id', 'me', '--set', 'color=red'],
    ]) {
      expect((await here.ask(['connect', ...args])).code).toBe(2)
    }
    expect(readdirSync(here.folder)).toEqual([])
    const { code, stdout } = await here.ask(['connect', 'github', '--id', 'me', '--no-check', '--set', 'user=ada'])
    expect([code, stdout]).toEqual([0, '✓ Connected me (github)\n    streams   stars\n'])
  })

  test('keeps a flag as the flag it is, however it was given', async () => {
    const here = place()
    const flag = ['--set', 'allowPrivateNetwork=true']
    await here.ask(['connect', 'github', '--id', 'me', '--no-check', '--set', 'user=ada', ...flag])
    const options = { user: 'ada', allowPrivateNetwork: true }
    expect((await here.ask(['connections', '--json'])).json.connections).toMatchObject([{ options }])
    // What was kept can be read and kept again.
    await here.ask(['connect', 'github', '--id', 'me', '--no-check', '--set', 'user=ben'])
    expect((await here.ask(['connections', '--json'])).json.connections[0].options).toEqual({ ...options, user: 'ben' })
  })

  test('warns of a secret in the command line, and goes on without a terminal instead of asking', async () => {
    const here = place()
    const given = await here.ask(['connect', 'github', '--id', 'me', '--no-check', '--set', 'token=abc'])
    expect([given.code, given.stderr]).toEqual([
      0,
      expect.stringMatching(/^warning: "token" is a secret.*--secret-env token=VARIABLE/),
    ])
    const missing = await here.ask(['connect', 'tiktok-shop', '--id', 'shop', '--set', 'appKey=a'], { input: '' })
    expect([missing.code, missing.stderr]).toEqual([
      2,
      expect.stringMatching(/^options_invalid: .*appSecret is missing/),
    ])
  })

  const CASES: readonly [what: string, args: string[], code: string][] = [
    ['an unknown connector', ['nope', '--id', 'x'], 'connector_unknown'],
    ['neither a user nor a token', ['github', '--id', 'x', '--no-check'], 'options_invalid'],
    ['an unknown option', ['github', '--id', 'x', '--set', 'color=red'], 'options_unknown'],
    ['a wrong option', ['github', '--id', 'x', '--set', 'user=a/b'], 'options_invalid'],
    ['a wrong id', ['github', '--id', 'a b'], 'id_invalid'],
    ['an option that is given twice', ['github', '--id', 'x', '--set', 'user=a', '--set', 'user=b'], 'option_conflict'],
    ['a variable that is not set', ['github', '--id', 'x', '--secret-env', 'token=NOT_SET_ANYWHERE'], 'secret_missing'],
    ['nothing on stdin', ['github', '--id', 'x', '--secret-stdin', 'token'], 'secret_missing'],
  ]
  test.each(CASES)('refuses %s', async (_, args, code) => {
    const outcome = await place().ask(['connect', ...args, '--json'])
    expect([outcome.code, outcome.json.error.code]).toEqual([2, code])
  })
})

describe('connectors', () => {
  test('are listed, and described with all that one must know', async () => {
    const here = place()
    const all = await here.ask(['connectors', '--json'])
    expect(all.json.connectors.map(({ name }: { name: string }) => name)).toEqual(
      expect.arrayContaining(['github', 'tiktok-shop']),
    )
    expect((await here.ask(['connectors', 'github'])).stdout).toMatch(
      /\nConnect it with: tidemark connect github --id <id> --set user=<value>\n$/,
    )
    const { json } = await here.ask(['connectors', 'github', '--json'])
    expect(json.options).toContainEqual(
      expect.objectContaining({
        ...{ name: 'token', label: 'Token', type: 'text', secret: true, required: false, advanced: false },
        description: expect.any(String),
      }),
    )
    expect(json.streams[0]).toMatchObject({
      stream: 'stars',
      table: 'github_stars',
      metrics: ['stargazers_count', 'forks_count', 'open_issues_count'],
      passes: [{ pass: 'newestFirst' }, { pass: 'fullPass' }],
    })
    expect(json.streams[0].columns).toContainEqual({ name: 'stargazers_count', type: 'integer' })
    expect(json.limits).toEqual([
      { requests: 60, per: '1h', when: 'without token' },
      { requests: 5000, per: '1h', when: 'with token' },
    ])
    const files = await here.ask(['connectors', 'tiktok-export'])
    expect(files.stdout).toMatch(
      /\nConnect it with: tidemark connect tiktok-export --id <id>\nThen: tidemark upload <id>\/favorites <file>\nThen: /,
    )
    expect((await here.ask(['connectors', 'tiktok-export', '--json'])).json.streams[0].passes[0]).toMatchObject({
      pass: 'upload',
      accepts: expect.stringContaining('user_data_tiktok.json'),
      paid: false,
    })
    const portal = await here.ask(['connectors', 'stalker'])
    expect(portal.stdout).toContain(
      '\nCatalog, published after each complete run\n  movies by category_id, series by category_id',
    )
    const paid = await here.ask(['connectors', 'instagram'])
    expect(paid.stdout).toMatch(/newestFirst .* by paid runs .*\n {2}refresh .* by paid runs; /)
    const shop = await here.ask(['connectors', 'tiktok-shop'])
    expect(shop.stdout).toMatch(/appSecret +secret, needed/)
    expect(shop.stdout).toMatch(/--where +status=value\[,value\]… of UNPAID, .*, or open for UNPAID, /)
    expect(existsSync(join(here.folder, 'tidemark.db'))).toBe(false)
  })
})

describe('a synced mirror', () => {
  let github: GitHubEmulator
  let here: Place
  const ends: (() => void | Promise<void>)[] = []

  beforeAll(async () => {
    here = place({ onTestFinished: (end) => void ends.push(end) })
    github = await githubEmulator({ stars: 120, limits: false })
    await here.ask(connectGitHub(github))
    await here.ask(['sync'])
    github.world.setMetrics(github.world.starIds('ada')[0]!, { stars: 1_000_000 })
    await here.ask(['sync'])
  })
  afterAll(async () => {
    for (const end of ends) await end()
    await github.close()
  })

  test('status tells how complete and fresh it is, for people, programs, and as SQL would', async () => {
    const { json } = await here.ask(['status', '--json'])
    expect(json.connections).toMatchObject([
      {
        id: 'me',
        connector: 'github',
        paused: [],
        totalRecords: 120,
        activeRun: null,
        lastRun: { status: 'succeeded' },
        nextRunAt: null,
      },
    ])
    expect(json.connections[0].streams).toMatchObject([
      { stream: 'stars', totalRecords: 120, coverage: { kind: 'complete' } },
    ])
    expect(json.streams).toEqual([
      {
        connection: 'me',
        stream: 'stars',
        last_run_at: json.connections[0].lastRun.finishedAt,
        last_success_at: json.connections[0].lastRun.finishedAt,
        last_full_at: null,
        runs_since_full: 2,
        last_record_at: expect.any(String),
        last_mode: 'auto',
        last_records: 100,
        total_records: 120,
        next_run_at: null,
        coverage: 'complete',
        coverage_note: '',
        held: 0,
        quarantined: 0,
        unconfirmed: 0,
      },
    ])
    const { stdout } = await here.ask(['status'])
    expect(stdout).toMatch(
      /^CONNECTION +STREAM +RECORDS +COVERAGE +FRESH +LAST RUN +NEXT RUN +LAST FULL\nme +stars +120 +complete +(just now|\d+ s ago) +succeeded +- +-\n$/,
    )
  })

  test('runs and run tell what was done', async () => {
    const { json } = await here.ask(['runs', '--json'])
    expect(json.runs).toHaveLength(2)
    expect(json.runs[1].streams[0].counts.inserted).toBe(120)
    const { stdout } = await here.ask(['runs', 'me', '--limit', '1'])
    expect(stdout.trim().split('\n')).toHaveLength(2)
    expect(stdout).toContain(json.runs[0].id)
    const one = await here.ask(['run', json.runs[1].id, '--json'])
    expect(one.json).toEqual(json.runs[1])
    expect((await here.ask(['run', json.runs[1].id])).stdout).toMatch(
      /^✓ me {2}succeeded .*\n {4}stars {2}120 new .*\n {4}mode auto, started /,
    )
    expect((await here.ask(['runs', 'nobody'])).code).toBe(2)
  })

  test('records come as JSON, JSON lines, CSV and a table, all of them or some', async () => {
    const { json } = await here.ask(['records', 'me/stars'])
    const truth = github.world
      .stars('ada')
      .map(({ repo }) => repo as { id: number; full_name: string; private: boolean })
    expect(json).toHaveLength(120)
    expect(new Map(json.map((one: Record<string, unknown>) => [one['_key'], one['full_name']]))).toEqual(
      new Map(truth.map((repo) => [String(repo.id), repo.full_name])),
    )
    expect(json[0]).toMatchObject({ _connection: 'me', private: false, topics: expect.any(Array) })
    expect(json[0]).not.toHaveProperty('_raw')

    const lines = (await here.ask(['records', 'me/stars', '--format', 'jsonl', '--limit', '3', '--raw'])).stdout
      .trim()
      .split('\n')
    expect(lines.map((line) => JSON.parse(line)['_key'])).toEqual(
      json.slice(0, 3).map(({ _key }: { _key: string }) => _key),
    )
    expect(JSON.parse(JSON.parse(lines[0]!)['_raw'])).toHaveProperty('starred_at')

    const csv = (await here.ask(['records', 'me/stars', '--format', 'csv'])).stdout
    expect(csv).not.toContain('\r')
    expect(csv.split('\n')).toHaveLength(122)
    expect(csv).toMatch(/^_key,id,starred_at,full_name,/)
    const topics = json.find((one: { topics: string[] }) => one.topics.length > 1).topics as string[]
    expect(csv).toContain(`"[${topics.map((topic) => `""${topic}""`).join(',')}]"`)

    const table = (
      await here.ask(['records', 'me/stars', '--format', 'table', '--where', 'stargazers_count=1000000'])
    ).stdout.trim()
    expect(table.split('\n')).toHaveLength(2)
    expect((await here.ask(['records', 'me/stars', '--where', 'private=yes', '--json'])).json).toEqual([])
    expect((await here.ask(['records', 'me/stars', '--where', 'color=red', '--json'])).json.error.code).toBe(
      'column_unknown',
    )
  })

  /** What bash has to say of a locale that is not installed is no business of these tests. */
  const inBash = () => ({ ...here.env, LC_ALL: 'C' })

  test('a reader who goes away early ends it quietly', () => {
    const bin = join(import.meta.dirname, '..', '..', 'bin', 'tidemark.js')
    const command = `"${process.execPath}" "${bin}" records me/stars --raw --format jsonl | head -n 1 | wc -l; echo "\${PIPESTATUS[0]}"`
    const { stdout, stderr } = spawnSync('bash', ['-c', command], {
      cwd: here.folder,
      env: inBash(),
      encoding: 'utf8',
    })
    expect([stdout.split('\n').map((line) => line.trim()), stderr]).toEqual([['1', '0', ''], ''])
  })

  test.runIf(existsSync('/dev/full'))('a disk that is full is an error', () => {
    const bin = join(import.meta.dirname, '..', '..', 'bin', 'tidemark.js')
    const command = `"${process.execPath}" "${bin}" records me/stars --format csv > /dev/full`
    const { status, stderr } = spawnSync('bash', ['-c', command], { cwd: here.folder, env: inBash(), encoding: 'utf8' })
    expect([status, stderr]).toEqual([1, "output_failed: Standard output can't be written (ENOSPC).\n"])
  })

  test.runIf(existsSync('/dev/full')).each([['--help'], ['--version'], ['help sync'], ['sync --help']])(
    'and so it is for tidemark %s',
    (words) => {
      const bin = join(import.meta.dirname, '..', '..', 'bin', 'tidemark.js')
      const command = `"${process.execPath}" "${bin}" ${words} > /dev/full`
      const { status, stderr } = spawnSync('bash', ['-c', command], {
        cwd: here.folder,
        env: inBash(),
        encoding: 'utf8',
      })
      expect([status, stderr]).toEqual([1, "output_failed: Standard output can't be written (ENOSPC).\n"])
    },
  )

  test('history tells what changed, oldest first, and what made it', async () => {
    const key = String(github.world.starIds('ada')[0])
    const { json } = await here.ask(['history', 'me/stars', key, '--json'])
    const runs = (await here.ask(['runs', '--json'])).json.runs as { id: string }[]
    expect(json).toMatchObject({ connection: 'me', stream: 'stars', key })
    expect(json.versions).toMatchObject([
      { ordinal: 1, op: 'insert', run: runs[1]!.id, page: 1, reason: null },
      {
        ordinal: 2,
        op: 'update',
        run: runs[0]!.id,
        page: 1,
        reason: null,
        record: { stargazers_count: 1_000_000, private: false },
      },
    ])
    expect(json.versions[1].changes).toContainEqual({
      field: 'stargazers_count',
      before: json.versions[0].record.stargazers_count,
      after: 1_000_000,
    })
    expect((await here.ask(['history', 'me/stars', key])).stdout).toMatch(
      / {2}first seen .*\n(?: {6}.*\n)+ {2}changed .*\n(?: {6}.*\n)* {6}stargazers_count +\d+ → 1000000\n/,
    )
    const none = await here.ask(['history', 'me/stars', '42', '--json'])
    expect([none.code, none.json.error.code]).toEqual([2, 'record_unknown'])
  })

  test('sql answers with rows as objects, and in the format that is asked for', async () => {
    const statement = 'select full_name, stargazers_count as stars from github_stars order by 2 desc limit 2'
    const { code, json } = await here.run(['sql', statement, '--json'])
    expect([code, json[0]]).toEqual([0, { full_name: expect.stringContaining('/'), stars: 1_000_000 }])
    expect((await here.run(['sql', statement])).json).toEqual(json)
    expect((await here.run(['sql', statement, '--format', 'csv'])).stdout).toMatch(
      /^full_name,stars\n[^\n]+,1000000\n[^\n]+\n$/,
    )
    expect((await here.run(['sql', statement, '--format', 'table'])).stdout).toMatch(
      /^full_name +stars\n\S+ +1000000\n/,
    )
    expect((await here.run(['sql', 'select 1 where 1 = 0', '--json'])).json).toEqual([])
    const piped = await here.run(['sql', '-', '--json'], { input: `${statement};\n` })
    expect([piped.code, piped.json]).toEqual([0, json])
    const empty = await here.run(['sql', '-', '--json'], { input: '' })
    expect([empty.code, empty.json.error.code]).toEqual([2, 'sql_refused'])
    const missed = await here.run(['sql', 'select * from stars', '--json'])
    expect(missed.json.error).toMatchObject({ code: 'sql_failed', hint: expect.stringContaining('github_stars') })
    const wrong = await here.run(['sql', 'delete from github_stars', '--json'])
    expect([wrong.code, wrong.json.error.code]).toEqual([2, expect.stringMatching(/^sql_/)])
    expect((await here.ask(['records', 'me/stars', '--json'])).json).toHaveLength(120)
  })
})

describe('a database that cannot be used', () => {
  test('because a newer version wrote it is refused, and left as it was', async () => {
    const here = place()
    await here.ask(['projects', 'create', 'default'])
    const file = join(here.folder, 'tidemark.db')
    const database = new DatabaseSync(file)
    const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number }
    database.exec(`PRAGMA user_version = ${version + 1}`)
    database.close()
    const { size, mtimeMs } = statSync(file)
    const { code, json, stderr } = await here.run(['sync', '--json'])
    expect([code, json.error.code]).toEqual([2, 'database_newer'])
    expect(stderr).toMatch(/^database_newer: .*\nhint: /)
    expect(statSync(file)).toMatchObject({ size, mtimeMs })
  })

  test('because it is of another kind is said so, without its password', async () => {
    const { code, json, stderr } = await place().ask(['status', '--database', 'mysql://ada:geheim@h/db', '--json'])
    expect([code, json.error.code]).toEqual([2, 'database_url_invalid'])
    expect(stderr).toMatch(/begins with mysql:\/\/ names no database/)
    expect(stderr).not.toContain('geheim')
  })

  test('because there is no such folder is said so', async () => {
    const { code, json } = await place().ask(['projects', 'create', 'p', '--database', 'no/such/folder/x.db', '--json'])
    expect([code, json.error.code]).toEqual([2, 'database_unwritable'])
  })
})

// Owns the proof of the commands that look at the past, and of the files that export writes: whole or not at all, exact,
// and whatever is in them.

import { existsSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { StreamShape } from '../../src/model/record.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { type GitHubEmulator, githubEmulator } from '../../src/testing/emulators/index.ts'
import { fixedClock } from '../conformance/fixed-clock.ts'
import { MINUTE, T0, World } from '../conformance/world.ts'
import { connectGitHub, type Place, place, until } from './program.ts'

describe('a mirror with a past', () => {
  let github: GitHubEmulator
  let here: Place
  let key: string
  let between: string
  const ends: (() => void | Promise<void>)[] = []

  beforeAll(async () => {
    here = place({ onTestFinished: (end) => void ends.push(end) })
    github = await githubEmulator({ stars: 40, limits: false })
    await here.ask(connectGitHub(github))
    await here.ask(['sync'])
    key = String(github.world.starIds('ada')[0])
    await new Promise((resolve) => setTimeout(resolve, 5))
    between = new Date().toISOString()
    await new Promise((resolve) => setTimeout(resolve, 5))
    github.world.setMetrics(Number(key), { stars: 1_000_000 })
    github.world.unstarAt('ada', 5)
    await here.ask(['sync', '--mode', 'full'])
    await here.ask(['sync', '--mode', 'full'])
  })
  afterAll(async () => {
    for (const end of ends) await end()
    await github.close()
  })

  test('shows the records of then', async () => {
    const [now, then] = [
      await here.ask(['records', 'me/stars']),
      await here.ask(['records', 'me/stars', '--as-of', between]),
    ]
    expect([now.json.length, then.json.length]).toEqual([39, 40])
    const of = ({ json }: typeof now) => json.find((one: { _key: string }) => one._key === key)
    expect(of(now).stargazers_count).toBe(1_000_000)
    expect(of(then).stargazers_count).toBeLessThan(1_000_000)
    expect(of(then)).toMatchObject({ private: false, topics: expect.any(Array) })
    const gone = await here.ask(['records', 'me/stars', '--removed', '--json'])
    expect(gone.json).toHaveLength(1)
    expect((await here.ask(['records', 'me/stars', '--removed', '--as-of', between, '--json'])).json).toEqual([])
    // Before the first sync nothing was known, which is not nothing.
    for (const args of [
      ['records', 'me/stars'],
      ['export', 'me/stars', '--out', '-'],
    ]) {
      const unknown = await here.ask([...args, '--as-of', '2h'])
      expect(unknown.stderr).toMatch(/^note: me\/stars was first read .*; nothing is known about earlier times\n$/)
      expect((await here.ask([...args, '--as-of', between])).stderr).toBe('')
    }
    for (const command of ['records me/stars', 'export me/stars --out -']) {
      const ahead = await here.ask([...command.split(' '), '--as-of', 'tomorrow'])
      expect([ahead.code, ahead.stdout, ahead.stderr]).toEqual([
        2,
        '',
        expect.stringMatching(/^moment_invalid: The option --as-of is in the future: /),
      ])
    }
    expect((await here.ask(['records', 'me/stars', '--as-of', 'soon', '--json'])).json.error.code).toBe(
      'moment_invalid',
    )
  })

  test('explains a record, a field and a removal', async () => {
    const runs = (await here.ask(['runs', '--json'])).json.runs as { id: string }[]
    const { json } = await here.ask(['explain', 'me/stars', key, '--json'])
    expect(json).toMatchObject({
      connection: 'me',
      connector: 'github',
      stream: 'stars',
      key,
      field: null,
      state: 'live',
    })
    expect(json.versions).toMatchObject([
      { op: 'insert', run: runs[2]!.id, page: 1, rule: { name: 'first_seen' } },
      { op: 'update', run: runs[1]!.id, rule: { name: 'newer_content' } },
    ])
    expect(json.versions[0].source).toMatchObject({ connector: 'github', connectorVersion: '1', mode: 'auto' })
    expect(json.versions[0].requests).toContainEqual(
      expect.objectContaining({
        method: 'GET',
        url: expect.stringContaining('/user/starred'),
        status: 200,
        outcome: 'ok',
        at: expect.stringMatching(/Z$/),
      }),
    )
    const field = await here.ask(['explain', 'me/stars', key, 'stargazers_count', '--json'])
    expect(field.json).toMatchObject({ field: 'stargazers_count', value: 1_000_000 })
    expect(field.json.versions.map(({ changes }: { changes: unknown[] }) => changes.length)).toEqual([1, 1])
    const untouched = await here.ask(['explain', 'me/stars', key, 'full_name', '--json'])
    expect(untouched.json.versions).toMatchObject([{ op: 'insert' }])
    const shown = await here.ask(['explain', 'me/stars', key, 'stargazers_count'])
    expect(shown.stdout).toMatch(
      /is live, holds 1000000\n[^]*changed .*\n.*at least as recent[^]* → 1000000\n[^]*GET .* 200 ok\n/,
    )

    const [gone] = (await here.ask(['records', 'me/stars', '--removed', '--json'])).json as { _key: string }[]
    const removal = (await here.ask(['explain', 'me/stars', gone!._key, '--json'])).json
    expect(removal.state).toBe('removed')
    expect(removal.versions.at(-1)).toMatchObject({
      op: 'remove',
      page: null,
      reason: 'not_listed',
      rule: { name: 'proved_absent' },
      witness: { kind: 'asked', run: runs[1]!.id },
      requests: [{ method: 'GET', url: expect.stringMatching(/^\/user\/starred\/[^/]+\/[^/]+$/), status: 404 }],
      source: { passes: [{ pass: 'fullPass', ended: 'exhausted' }] },
    })
    const told = (await here.ask(['explain', 'me/stars', gone!._key])).stdout
    expect(told).toMatch(
      /removed .*Z\n +it was missing from a complete listing.*\n +run \w{26}\n.* by fullPass read to the end \(.*\n +second witness.*asked.*:\n.*GET \/user\/starred\/\S+ {2}404 ok\n/,
    )
    expect((await here.ask(['explain', 'me/stars', 'nobody', '--json'])).json.error.code).toBe('record_unknown')
    expect((await here.ask(['explain', 'me/stars', key, 'color', '--json'])).json.error.code).toBe('column_unknown')
  })

  test('tells metrics of a record and of the stream', async () => {
    const { json } = await here.ask([
      'metrics',
      'me/stars',
      key,
      '--metric',
      'stargazers_count',
      '--by',
      'run',
      '--json',
    ])
    expect(json.points.map(({ value }: { value: number }) => value).slice(1)).toEqual([1_000_000, 1_000_000])
    expect(json.points[0]).toEqual({
      at: expect.stringMatching(/Z$/),
      run: expect.any(String),
      value: expect.any(Number),
    })
    expect(json.growth).toEqual({ '24h': null, '30d': null })
    const total = await here.ask(['metrics', 'me/stars', '--metric', 'stargazers_count', '--json'])
    const truth = await here.ask(['sql', 'select sum(stargazers_count) as n from github_stars', '--json'])
    expect(total.json.points).toEqual([{ day: expect.stringMatching(/^\d{4}-\d\d-\d\d$/), value: truth.json[0].n }])
    const shown = await here.ask(['metrics', 'me/stars', key, '--metric', 'stargazers_count', '--by', 'run'])
    expect(shown.stdout).toMatch(/^AT +VALUE +CHANGE +RUN[^]*Growth: 24 h unknown · 30 days unknown\n$/)
    const none = await here.ask(['metrics', 'me/stars', '--json'])
    expect(none.json.error).toMatchObject({ code: 'option_missing', hint: expect.stringContaining('stargazers_count') })
  })

  test('prints changes, and remembers a consumer by what was printed', async () => {
    const all = (await here.ask(['changes'])).stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(all.map(({ seq }) => seq)).toEqual(all.map((_, i) => i + 1))
    const part = await here.ask(['changes', '--after', all[9].cursor, '--limit', '2', '--json'])
    expect(part.json).toEqual({ changes: all.slice(10, 12), cursor: all[11].cursor, more: true })
    const first = await here.ask(['changes', '--limit', '2', '--format', 'csv'])
    expect(first.stderr).toContain(`Go on: tidemark changes --after ${all[1].cursor};`)
    const end = await here.ask(['changes', '--after', 'now', '--json'])
    expect(end.json).toEqual({ changes: [], cursor: all.at(-1).cursor, more: false })
    for (const format of ['jsonl', 'csv', 'table']) {
      const args = ['changes', '--consumer', format, '--format', format]
      await here.ask([...args, '--limit', '5'])
      expect((await here.ask([...args, '--limit', '1'])).stdout).toContain(all[5].cursor)
    }
    expect((await here.ask(['changes', '--consumer', 'doc', '--limit', '3', '--json'])).json.changes).toHaveLength(3)
    const { json } = await here.ask(['changes', '--consumers', '--json'])
    expect(json.consumers).toMatchObject([
      { name: 'csv', behind: all.length - 6 },
      { name: 'doc', behind: all.length - 3 },
      { name: 'jsonl', behind: all.length - 6 },
      { name: 'table', behind: all.length - 6 },
    ])
    expect((await here.ask(['changes', '--consumer', 'doc', '--json'])).json.changes).toEqual(all.slice(3))
    const idle = await here.ask(['changes', '--consumer', 'doc', '--json'])
    expect(idle.json).toEqual({ changes: [], cursor: all.at(-1).cursor, more: false })
    expect((await here.ask(['changes', '--forget', 'doc'])).code).toBe(0)
    expect((await here.ask(['changes', '--forget', 'doc', '--json'])).json.error.code).toBe('consumer_unknown')
    const reset = await here.ask(['changes', '--after', '0123456789ab.3', '--json'])
    expect([reset.code, reset.json.error.code]).toEqual([1, 'feed_reset'])
  })

  test('exports every version', async () => {
    const file = join(here.folder, 'versions.jsonl')
    const { json } = await here.ask(['export', 'me/stars', '--history', '--out', file, '--json'])
    const rows = readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    const count = (await here.ask(['sql', 'select count(*) as n from github_stars_versions', '--json'])).json[0].n
    expect([json.rows, rows.length]).toEqual([count, count])
    expect(rows.filter(({ _key }) => _key === key)).toMatchObject([
      { _ordinal: 1, _op: 'insert', _page: 1 },
      { _ordinal: 2, _op: 'update', stargazers_count: 1_000_000 },
    ])
    const wrong = await here.ask(['export', 'me/stars', '--history', '--removed', '--out', file, '--json'])
    expect(wrong.json.error.code).toBe('option_conflict')
  })
})

test('the feed is followed until it is interrupted', async () => {
  const here = place()
  const github = await githubEmulator({ stars: 40, limits: false })
  onTestFinished(() => github.close())
  await here.ask(connectGitHub(github))
  await here.ask(['sync'])
  const following = here.start(['changes', '--follow', '--after', 'now', '--consumer', 'live'])
  const known = async () => (await here.ask(['changes', '--consumers', '--json'])).stdout.includes('"live"')
  while (!(await known())) await new Promise((resolve) => setTimeout(resolve, 20))
  github.world.star('ada', 1)
  await here.ask(['sync'])
  await following.saw(/"op":"insert"/)
  following.child.kill('SIGINT')
  const { code, stdout } = await following.ended
  expect([code, stdout.trim().split('\n').length]).toEqual([130, 1])
  const { json } = await here.ask(['changes', '--consumers', '--json'])
  expect(json.consumers).toMatchObject([{ name: 'live', behind: 0 }])
})

describe('an export', () => {
  const SHAPE: StreamShape = {
    connector: 'github',
    stream: 'stars',
    version: '1',
    columns: [
      { name: 'title', type: 'text' },
      { name: 'big', type: 'integer' },
      { name: 'starred', type: 'boolean' },
      { name: 'parts', type: 'json' },
    ],
    metrics: [],
  }
  const HARD = '{"id":"a","big":123456789012345678901,"parts":[12345678901234567890,1.50],"text":"=1+1,\\n\\"\u2028"}'
  let here: Place
  let store: Store
  const ends: (() => void | Promise<void>)[] = []

  beforeAll(async () => {
    here = place({ onTestFinished: (end) => void ends.push(end) })
    store = await openSqliteStore({ path: join(here.folder, 'tidemark.db'), clock: fixedClock() })
    const world = await new World({} as never, store, 'default').begin('me', SHAPE)
    const hard = ['=1+1,\n"\u2028', '123456789012345678901', 1, '[12345678901234567890,1.50]']
    const plain = (i: number) => ({
      key: `k${String(i).padStart(6, '0')}`,
      cells: [`Title ${i}`, i, 0, '[]'],
      raw: '{}',
      hash: String(i),
      order: 1,
    })
    await world.put({ inserts: [{ key: 'a', cells: hard, raw: HARD, hash: 'a', order: 1 }] })
    for (let from = 0; from < 40_000; from += 1_000) {
      await world.put({ inserts: Array.from({ length: 1_000 }, (_, i) => plain(from + i)), at: T0 + MINUTE })
    }
  })
  afterAll(async () => {
    await store.close()
    for (const end of ends) await end()
  })
  const parts = () => readdirSync(here.folder).filter((name) => name.endsWith('.part'))

  test('is exact in every format', async () => {
    const write = async (name: string, ...more: string[]) => {
      const file = join(here.folder, name)
      const then = new Date(T0).toISOString()
      const { code, stderr } = await here.ask(['export', 'me/stars', '--as-of', then, '--raw', '--out', file, ...more])
      expect([code, stderr]).toEqual([0, ''])
      return readFileSync(file, 'utf8')
    }
    const record = {
      _key: 'a',
      title: '=1+1,\n"\u2028',
      big: '123456789012345678901',
      starred: true,
      parts: ['12345678901234567890', 1.5],
      _first_seen_at: '2026-01-01T00:00:00.000Z',
      _raw: HARD,
    }
    expect(JSON.parse(await write('a.json'))).toMatchObject([record])
    const line = await write('a.jsonl')
    expect(line.split('\n')).toHaveLength(2)
    expect(JSON.parse(line)).toMatchObject(record)
    expect(await write('a.txt', '--format', 'ndjson').catch(() => 'refused')).toBe('refused')
    const csv = await write('a.csv')
    expect(csv).toMatch(/^_key,title,big,starred,parts,_first_seen_at,_updated_at,_raw\n/)
    expect(csv).toContain(`a,"'=1+1,\n""\u2028",123456789012345678901,true,`)
    expect(csv).toContain(`"${HARD.replaceAll('"', '""')}"`)
  })

  test('goes to standard output, in the format that is asked for', async () => {
    const csv = await here.ask(['export', 'me/stars', '--out', '-', '--format', 'csv'])
    // One more for the head, and one for a title of two lines.
    expect(csv.stdout.trim().split('\n')).toHaveLength(40_003)
    const lines = await here.ask(['export', 'me/stars', '--out', '-'])
    expect(JSON.parse(lines.stdout.slice(0, lines.stdout.indexOf('\n')))).toMatchObject({ _key: 'a' })
    const clash = await here.ask(['export', 'me/stars', '--out', '-', '--format', 'csv', '--json'])
    expect(clash.json.error.code).toBe('option_conflict')
  })

  test('needs to know where to and how', async () => {
    for (const [args, code] of [
      [[], 'option_missing'],
      [['--out', join(here.folder, 'x.xlsx')], 'option_invalid'],
      [['--out', here.folder, '--format', 'csv'], 'output_failed'],
      [['--out', join(here.folder, 'no', 'such', 'folder.csv')], 'output_failed'],
    ] as const) {
      expect((await here.ask(['export', 'me/stars', ...args, '--json'])).json.error.code).toBe(code)
    }
    expect((await here.ask(['export', 'me/nothing', '--out', 'x.csv', '--json'])).json.error.code).toBe(
      'stream_unknown',
    )
    expect(parts()).toEqual([])
  })

  test('takes the place of the one before only when it is whole', async () => {
    const file = join(here.folder, 'good.jsonl')
    writeFileSync(file, 'good', { mode: 0o640 })
    const link = join(here.folder, 'link.jsonl')
    symlinkSync(file, link)
    const interrupted = async () => {
      writeFileSync(file, 'good')
      const running = here.start(['export', 'me/stars', '--out', link])
      await until(() => parts().length > 0 || running.child.exitCode !== null)
      running.child.kill('SIGINT')
      return running.ended
    }
    let ended = await interrupted()
    // On a busy machine the signal may come when it is through.
    while (ended.code === 0) ended = await interrupted()
    const { code, stderr } = ended
    expect([code, stderr]).toEqual([130, expect.stringMatching(/^cancelled: .*as it was/)])
    expect([readFileSync(file, 'utf8'), parts()]).toEqual(['good', []])
    expect((await here.ask(['export', 'me/stars', '--out', link])).code).toBe(0)
    expect(readFileSync(file, 'utf8').trim().split('\n')).toHaveLength(40_001)
    expect([statSync(file).mode & 0o777, readFileSync(link, 'utf8').length > 100]).toEqual([0o640, true])
  })

  test.runIf(existsSync('/dev/full'))('is an error on a full disk', async () => {
    const { code, json } = await here.ask(['export', 'me/stars', '--out', '/dev/full', '--format', 'csv', '--json'])
    expect([code, json.error.code]).toEqual([1, 'output_failed'])
  })
})

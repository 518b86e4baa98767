// Owns the proof of `tidemark blend`, `set` and `unset`: what a person types, what the server takes, and that they say why.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type GitHubEmulator, githubEmulator } from '../../src/testing/emulators/index.ts'
import { type Place, place } from './program.ts'

let github: GitHubEmulator
let here: Place
const endings: (() => void | Promise<void>)[] = []

beforeAll(async () => {
  github = await githubEmulator({ stars: 12, limits: false })
  here = place({ onTestFinished: (finish) => void endings.push(finish) })
  for (const id of ['me', 'other']) {
    const login = ['--set', 'user=ada', '--set', `baseUrl=${github.url}`, '--set', 'allowPrivateNetwork=true']
    const env = { GH: 'token-of-ada' }
    await here.ask(['connect', 'github', '--id', id, ...login, '--secret-env', 'token=GH'], { env })
  }
  await here.ask(['sync'])
})

afterAll(async () => {
  await github.close()
  for (const end of endings) await end()
})

const CREATE = ['blend', 'create', 'repos', '--from', 'me/stars:html_url', '--from', 'other/stars:html_url']

describe('tidemark blend', () => {
  test('makes a blend, shows it, and explains each value', async () => {
    const made = await here.ask([
      ...CREATE,
      '--rule',
      'stargazers_count=max',
      '--map',
      'forks=me/stars.forks_count',
      '--json',
    ])
    expect([made.stderr, made.code]).toEqual(['', 0])
    expect(made.json).toMatchObject({ name: 'repos', table: 'blend_repos', records: 12, unmatchedCount: 0 })
    const { json } = await here.ask(['records', 'repos/records', '--limit', '1', '--json'])
    const key = String((json.records ?? json)[0]._key)
    const set = await here.ask(['set', 'repos/records', key, 'stargazers_count=1.2K', 'language=Own', '--json'])
    expect([set.stderr, set.code]).toEqual(['', 0])
    expect(set.json).toMatchObject({ key, fields: { stargazers_count: { value: 1200, rule: 'manual' } } })
    const why = await here.ask(['explain', 'repos/records', key, 'forks'])
    expect(why.stdout).toMatch(/source-order of me\/stars \d+, column forks_count, since 2/)
    // One's own edit is told as one's own.
    const own = await here.ask(['explain', 'repos/records', key, '--json'])
    expect(own.json.versions.at(-1).rule).toEqual({
      name: 'set_by_hand',
      says: 'a person set language, stargazers_count',
    })
    const unset = await here.ask(['unset', 'repos/records', key, 'stargazers_count', '--json'])
    expect(unset.json).toMatchObject({ fields: { stargazers_count: { rule: 'max' }, language: { rule: 'manual' } } })
    const rows = await here.ask(['sql', `SELECT count(*) AS n FROM blend_repos WHERE language = 'Own'`, '--json'])
    expect(rows.json).toEqual([{ n: 1 }])
    const shown = await here.ask(['blend', 'show', 'repos'])
    expect(shown.stdout).toContain('me/stars  ok, read')
    expect(shown.stdout).toMatch(/ {2}stargazers_count: max, \d+ other fields: source-order\n/)
    const again = await here.ask(['set', 'repos/records', key, 'language=Own'])
    expect(again.stdout.split('\n')).toEqual([`repos/records ${key}`, '  language = Own  manual', ''])
    expect(again.stderr).toMatch(/^\d+ other fields: tidemark explain repos\/records /)
    const listed = await here.ask(['blend', '--json'])
    expect(listed.json).toMatchObject({ blends: [{ name: 'repos' }] })
  })

  test('a sync ends with the blend made again', async () => {
    github.world.star('ada', 1)
    expect((await here.ask(['sync', 'me'])).code).toBe(0)
    const { json } = await here.ask(['blend', 'show', 'repos', '--json'])
    expect(json).toMatchObject({ records: 13, unmatchedCount: 1 })
  })

  test('knows a record by every spelling of its identity, whoever asks', async () => {
    const { json } = await here.ask(['records', 'repos/records', '--limit', '1', '--json'])
    const key = String((json.records ?? json)[0]._key)
    const spelt = `${key.replace('https://', 'HTTP://www.')}/`
    const of = async (...args: readonly string[]) => (await here.ask([...args, '--json'])).json
    expect(await of('set', 'repos/records', spelt, 'note_of_mine=x')).toMatchObject({
      error: { code: 'column_unknown' },
    })
    expect(await of('explain', 'repos/records', spelt, 'forks')).toMatchObject({ key, state: 'live' })
    expect((await of('history', 'repos/records', spelt)).versions).not.toEqual([])
    expect((await of('metrics', 'repos/records', spelt, '--metric', 'stargazers_count')).points).not.toEqual([])
    expect(await of('records', 'repos/records', '--where', `_key=${spelt}`)).toMatchObject([{ _key: key }])
    expect(await of('explain', 'repos/records', 'https://x.com/nobody')).toMatchObject({
      error: { code: 'record_unknown' },
    })
  })

  test('is not disconnected, which nothing would bring back', async () => {
    const refused = await here.ask(['disconnect', 'repos'])
    expect([refused.code, refused.stderr]).toEqual([
      2,
      expect.stringContaining('hint: To end it, with its records: tidemark blend drop repos'),
    ])
    expect((await here.ask(['sync', 'repos'])).code).toBe(0)
  })

  test('refuses what it can’t do, and ends', async () => {
    expect((await here.ask(CREATE)).stderr).toContain('There is a connection or a blend "repos" already.')
    const bad = await here.ask(['blend', 'create', 'b', '--from', 'me/stars', '--json'])
    expect([bad.code, bad.stderr]).toEqual([2, expect.stringContaining('no column "profile_url"')])
    const stream = await here.ask(['set', 'me/stars', '1', 'language=x'])
    expect([stream.code, stream.stderr]).toEqual([2, expect.stringContaining('A blend has one stream')])
    expect((await here.ask(['set', 'repos/records', 'nobody', 'language=x'])).stderr).toContain(
      'has no record "nobody"',
    )
    expect((await here.ask(['blend', 'drop', 'repos'])).stdout).toContain('is gone')
    expect((await here.ask(['blend', 'show', 'repos'])).code).toBe(2)
  })
})

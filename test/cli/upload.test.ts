// What a person sees who uploads a file: what it would change, what it changed, and what is wrong with it.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { mainIn } from '../../src/cli/main.ts'
import { place } from './program.ts'

type Ending = NonNullable<Parameters<typeof place>[0]>

async function world(ending: Ending) {
  const here = place(ending)
  const options = { username: 'ada', clientId: 'app', refreshToken: 'one', baseUrl: 'http://127.0.0.1:9' }
  const set = Object.entries(options).flatMap(([name, value]) => ['--set', `${name}=${value}`])
  const connect = ['connect', 'reddit', '--id', 'me', '--no-check', ...set, '--set', 'allowPrivateNetwork=true']
  expect((await here.ask(connect)).code).toBe(0)
  const file = (name: string, ...lines: readonly string[]) => {
    const path = join(here.folder, name)
    writeFileSync(path, lines.join('\n'))
    return path
  }
  return { here, file }
}

test('a dry run, the upload, and the same again', async (ending) => {
  const { here, file } = await world(ending)
  const path = file('saved_posts.csv', 'id,permalink', '1a,/r/x/comments/1a/t/', '2b,/r/x/comments/2b/t/')
  const dry = await here.ask(['upload', 'me/saved', path, '--dry-run'])
  expect([dry.code, dry.stdout]).toEqual([
    0,
    'me/saved  would be: 2 new  a file that does not tell its age: it only adds\n    + t3_1a\n    + t3_2b\n',
  ])
  const preview = await here.ask(['upload', 'me/saved', path, '--dry-run', '--json'])
  expect(preview.json).toMatchObject({ id: null, dryRun: true, diff: { inserted: ['t3_1a', 't3_2b'], age: 'undated' } })
  expect((await here.ask(['runs', '--json'])).json).toEqual({ runs: [] })
  const done = await here.ask(['upload', 'me/saved', path])
  expect([done.code, done.stdout]).toEqual([
    0,
    expect.stringMatching(/^✓ me {2}succeeded .*\n {4}saved {2}2 new {2}upload read to the end/),
  ])
  const again = await here.ask(['upload', 'me/saved', path, '--json'])
  expect([again.code, again.json]).toMatchObject([
    0,
    {
      mode: 'upload',
      dryRun: false,
      diff: null,
      streams: [{ stream: 'saved', counts: { inserted: 0, unchanged: 2 } }],
    },
  ])
  expect((await here.ask(['runs', '--json'])).json.runs).toHaveLength(2)
})

test('what is wrong is said, with the exit code that it deserves', async (ending) => {
  const { here, file } = await world(ending)
  const other = file('posts.csv', 'id,body', '1,x')
  for (const dry of [[], ['--dry-run']]) {
    const missing = await here.ask(['upload', 'me/saved', other, ...dry, '--json'])
    expect([missing.code, missing.json.error.code]).toEqual([3, 'section_missing'])
    const broken = await here.ask(['upload', 'me/saved', file('cut.csv', 'id,permalink', '"1,x'), ...dry])
    expect([broken.code, broken.stderr]).toEqual([1, expect.stringContaining('ends within quotes')])
    expect((await here.ask(['upload', 'me/saved', join(here.folder, 'none.csv'), ...dry])).code).toBe(2)
  }
  const unknown = await here.ask(['upload', 'me/likes', other, '--json'])
  expect([unknown.code, unknown.json.error.code]).toEqual([2, 'stream_unknown'])
  const nameless = await here.ask(['upload', 'me', other, '--json'])
  expect([nameless.code, nameless.json.error.code]).toEqual([2, 'argument_invalid'])
})

test('a connection that only files feed is told how, and what its rows may be completed with', async (ending) => {
  const here = place(ending)
  const made = await here.run(['connect', 'tiktok-export', '--id', 'mine'])
  expect([made.code, made.stdout]).toEqual([0, '✓ Connected mine (tiktok-export)\n    streams   favorites, likes\n'])
  expect(made.stderr).toContain('Next: tidemark upload mine/favorites <file>   (user_data_tiktok.json, ')
  expect(made.stderr).not.toContain('tidemark sync')
  const path = join(here.folder, 'user_data.json')
  const list = [{ Date: '2026-01-02 10:00:00', Link: 'https://www.tiktok.com/@ada/video/7300000000000000001/' }]
  writeFileSync(path, JSON.stringify({ Activity: { 'Favorite Videos': { FavoriteVideoList: list } } }))
  const done = await here.run(['upload', 'mine/favorites', path])
  expect([done.code, done.stdout]).toEqual([0, expect.stringContaining('1 new')])
  expect(done.stderr).toContain(
    ':\n  tidemark connect tiktok-export --id mine --set enrich=true\n  tidemark sync mine\n',
  )
  await here.run([
    'connect',
    'tiktok-export',
    '--id',
    'mine',
    '--no-check',
    '--set',
    'enrich=true',
    '--set',
    'baseUrl=http://127.0.0.1:9',
    '--set',
    'allowPrivateNetwork=true',
  ])
  expect((await here.run(['upload', 'mine/favorites', path])).stderr).not.toContain('enrich')
})

test('at a terminal the progress of an upload is shown, and leaves the cursor there', async (ending) => {
  const { here, file } = await world(ending)
  const path = file('saved_posts.csv', 'id,permalink', '1a,/r/x/comments/1a/t/')
  const stderr = Object.assign(new PassThrough(), { isTTY: true })
  const streams = { stdin: Readable.from([]), stdout: new PassThrough(), stderr }
  const words = ['--database', join(here.folder, 'tidemark.db'), 'upload', 'me/saved', path]
  const code = await mainIn({ ...(streams as never as object), environment: here.env } as never, words)
  stderr.end()
  const said = Buffer.concat(await stderr.toArray()).toString()
  expect(code).toBe(0)
  expect(said.startsWith('\x1b[?25l')).toBe(true)
  expect(said.lastIndexOf('\x1b[?25h')).toBeGreaterThan(said.lastIndexOf('\x1b[?25l'))
})

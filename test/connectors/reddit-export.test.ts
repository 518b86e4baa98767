// Owns the proof that Reddit's own export adds what the API no longer lists, and overwrites, removes and restores nothing.

import { expect, test } from 'vitest'
import { zipFile } from '../support/zip-file.ts'
import { connected } from './reddit-world.ts'

const csv = (...lines: readonly string[]) => Buffer.from(['id,permalink', ...lines].join('\n'))

test('posts and comments become the things that the API calls them', async () => {
  await using world = await connected({ saved: 0 })
  const { saved, mirror } = world
  const zip = zipFile([
    {
      name: 'export_ada_20261128/saved_posts.csv',
      data: csv('1abc,https://www.reddit.com/r/cats/comments/1abc/a_title/'),
    },
    {
      name: 'export_ada_20261128/saved_comments.csv',
      data: csv('k2,https://www.reddit.com/r/cats/comments/1abc/a_title/k2/'),
    },
    {
      name: 'export_ada_20261128/comments.csv',
      data: 'id,permalink,date,ip\nown,https://www.reddit.com/r/x/comments/1/t/own/,,\n',
    },
  ])
  expect(await saved.upload('saved', zip)).toMatchObject({
    status: 'succeeded',
    streams: [{ counts: { inserted: 2, snapshots: 0 } }],
  })
  expect(mirror.sql('select _key, kind, permalink, subreddit, title from reddit_saved order by _key')).toEqual([
    { _key: 't1_k2', kind: 't1', permalink: '/r/cats/comments/1abc/a_title/k2/', subreddit: 'cats', title: null },
    { _key: 't3_1abc', kind: 't3', permalink: '/r/cats/comments/1abc/a_title/', subreddit: 'cats', title: null },
  ])
})

test.each([
  ['saved_comments.csv', 'k1,\n', 't1_k1'],
  ['renamed.csv', 'k1,https://www.reddit.com/r/cats/comments/1abc/a_title/k1/?context=3', 't1_k1'],
  ['renamed.csv', '1abc,https://www.reddit.com/r/cats/comments/1abc/a_title/', 't3_1abc'],
  ['renamed.csv', 't1_k1,https://www.reddit.com/r/cats/comments/1abc//k1', 't1_k1'],
  ['renamed.csv', '1abc,https://www.reddit.com/user/bob/comments/1abc/mine/', 't3_1abc'],
])('%s with %s is %s', async (name, line, key) => {
  await using world = await connected({ saved: 0 })
  await world.saved.upload('saved', csv(line), { name })
  expect(world.keys()).toEqual([key])
})

test('what the API has told stays, and what was unsaved does not come back', async () => {
  await using world = await connected({ saved: 30 })
  const { site, sync, saved, keys, mirror } = world
  await sync()
  const gone = site.world.unsaveAt('ada', 4)
  await sync('full')
  expect(keys()).toHaveLength(29)
  const before = mirror.sql('select * from reddit_saved_all order by _key')
  const lines = before.map(({ _key }) => `${String(_key).slice(3)},/r/other/comments/${String(_key).slice(3)}/x/`)
  const posts = before.filter(({ _key }) => String(_key).startsWith('t3_')).length
  const file = csv(
    ...lines.filter((_, place) => String(before[place]?.['_key']).startsWith('t3_')),
    'new1,/r/cats/comments/new1/x/',
  )
  const report = await saved.upload('saved', file, { name: 'saved_posts.csv' })
  expect(report).toMatchObject({ status: 'succeeded' })
  expect(report.streams[0]?.counts).toMatchObject({
    inserted: 1,
    updated: 0,
    removed: 0,
    restored: 0,
    fetched: posts + 1,
  })
  expect(mirror.sql("select * from reddit_saved_all where _key <> 't3_new1' order by _key")).toEqual(before)
  expect(gone).toBeDefined()
})

test('an upload anchors nothing: the first sync reads to the end', async () => {
  await using world = await connected({ saved: 250 })
  const { site, sync, saved, keys } = world
  const listed = site.world.saved('ada').slice(0, 150)
  const posts = listed
    .filter((key) => key.startsWith('t3_'))
    .map((key) => `${key.slice(3)},/r/x/comments/${key.slice(3)}/t/`)
  await saved.upload('saved', csv(...posts), { name: 'saved_posts.csv' })
  expect(await sync()).toMatchObject({ status: 'succeeded' })
  expect(keys().toSorted()).toEqual(site.world.saved('ada').toSorted())
})

test('a file of something else changes nothing', async () => {
  await using world = await connected({ saved: 0 })
  const { saved, keys } = world
  for (const file of [
    Buffer.from('id,permalink,date,ip,subreddit,gildings,title,url,body\n1,/r/x/comments/1/t/,,,,,,,\n'),
    Buffer.from('name,score\na,1\n'),
    zipFile([{ name: 'posts.csv', data: 'id\n1\n' }]),
    // What it is, its header says, also without a row.
    Buffer.from('hello'),
    Buffer.from('name,price\n'),
    Buffer.from('id,permalink,body\n'),
    Buffer.from('name,name\n'),
  ]) {
    expect(await saved.upload('saved', file)).toMatchObject({
      status: 'incomplete',
      error: { code: 'section_missing' },
    })
  }
  for (const [text, what] of [
    ['<html><body>Log in to go on</body></html>', 'a web page'],
    ['{"Date":"2025-01-01","Link":"x","Date":"2025-01-01"}', 'JSON'],
  ] as const) {
    expect(await saved.upload('saved', Buffer.from(text), { name: 'export.zip' })).toMatchObject({
      status: 'failed',
      error: { code: 'upload_unreadable', message: expect.stringContaining(`The file is ${what}`) },
    })
  }
  expect(await saved.upload('saved', csv())).toMatchObject({ status: 'succeeded' })
  expect(await saved.upload('saved', csv('1,2,3'))).toMatchObject({
    status: 'failed',
    error: { code: 'upload_unreadable' },
  })
  expect(keys()).toEqual([])
})

test('a connection that waits for a login takes a file', async () => {
  await using world = await connected({ saved: 3 })
  const { site, sync, saved, keys } = world
  site.world.revoke('ada')
  expect(await sync()).toMatchObject({ status: 'paused' })
  expect(await saved.upload('saved', csv('1abc,/r/cats/comments/1abc/x/'))).toMatchObject({ status: 'succeeded' })
  expect(keys()).toEqual(['t3_1abc'])
  await saved.pause()
  await expect(saved.upload('saved', csv('2abc,/r/cats/comments/2abc/x/'))).rejects.toMatchObject({
    code: 'connection_paused',
  })
})

test('a file that was cut within its last address changes nothing, wherever it was cut, and the whole one is read', async () => {
  await using world = await connected({ saved: 0 })
  const { saved, keys, mirror } = world
  const whole = `${String(csv('1abc,https://www.reddit.com/r/cats/comments/1abc/a_title/'))}\n`
  const comments = `${String(csv('k2,https://www.reddit.com/r/cats/comments/1abc/a_title/k2'))}\n`
  const last = whole.lastIndexOf('\n', whole.length - 2) + 1
  const cuts: readonly (readonly [name: string, text: string])[] = [
    ...[5, 10, 19, 30, 45, 50, 55].map((length) => ['saved_posts.csv', whole.slice(0, last + length)] as const),
    ['saved_comments.csv', comments.slice(0, -2)],
    ['saved_comments.csv', comments.slice(0, -3)],
  ]
  for (const [name, text] of cuts) {
    const report = await saved.upload('saved', Buffer.from(text), { name })
    expect([text, report.status, report.error?.code]).toEqual([text, 'failed', 'upload_unreadable'])
  }
  expect(keys()).toEqual([])
  for (const text of [whole, whole.trimEnd()]) {
    expect(await saved.upload('saved', Buffer.from(text), { name: 'saved_posts.csv' })).toMatchObject({
      status: 'succeeded',
    })
  }
  expect(mirror.sql('select permalink from reddit_saved')).toEqual([{ permalink: '/r/cats/comments/1abc/a_title/' }])
})

// Owns the proof that what YouTube refuses is told apart: the daily quota, a rate, a key, and answers that are none.

import { describe, expect, test } from 'vitest'
import { untilReset } from '../../src/connectors/youtube/errors.ts'
import type { Fault, KeyState } from '../../src/testing/emulators/index.ts'
import { connected } from './youtube-world.ts'

const HOUR = 3_600_000
const ITEMS = { path: '/youtube/v3/playlistItems' }
const VIDEOS = { path: '/youtube/v3/videos' }
const CHANNELS = { path: '/youtube/v3/channels' }

describe('the daily quota', () => {
  test('ends the run; nothing is asked before it starts anew, and then the walk goes on', async () => {
    // 15 hours before midnight in California.
    const clock = { at: '2026-11-20T17:00:00Z' }
    await using given = await connected({ videos: 230, unitsPerDay: 6, clock })
    const { site, world, sync, keys, asked, clock: own } = given
    const run = await sync()
    expect(run).toMatchObject({
      status: 'incomplete',
      error: { code: 'rate_limited', message: expect.stringMatching(/^YouTube: [^<>]* quota/) },
    })
    expect(run.error?.hint).toMatch(/midnight Pacific Time/)
    const read = keys().length
    expect(read).toBeGreaterThan(40)
    const skip = (ms: number) => {
      own.skip(ms)
      site.clock.advance(ms)
    }
    skip(14.9 * HOUR)
    expect(await sync()).toMatchObject({ status: 'incomplete', requests: 0 })
    skip(0.2 * HOUR)
    expect(await sync()).toMatchObject({ status: 'incomplete' })
    expect([keys().length > read, asked()['playlistItems']]).toEqual([true, expect.any(Number)])
    skip(24 * HOUR)
    await sync()
    skip(24 * HOUR)
    await sync()
    expect(keys().length).toBe(world.listed('@ada').length)
  })

  test('is known in the words of 2019, too, and by its limit', async () => {
    const daily =
      '{"error":{"errors":[{"domain":"usageLimits","reason":"dailyLimitExceeded","message":"Daily Limit Exceeded."}],"code":403,"message":"Daily Limit Exceeded."}}'
    const limit =
      '{"error":{"code":429,"message":"Quota exceeded for quota metric \'Queries\' and limit \'Queries per day\' of service \'youtube.googleapis.com\'.","status":"RESOURCE_EXHAUSTED"}}'
    for (const [status, body] of [
      [403, daily],
      [429, limit],
    ] as const) {
      await using given = await connected({ videos: 3 })
      given.site.faults.next({ kind: 'body', status, body })
      expect(await given.sync()).toMatchObject({ status: 'incomplete', requests: 1, error: { code: 'rate_limited' } })
      expect(await given.sync()).toMatchObject({ status: 'incomplete', requests: 0 })
    }
  })

  test.each([
    ['Fri, 20 Nov 2026 17:00:00 GMT', 15 * HOUR],
    ['Fri, 20 Nov 2026 07:59:59 GMT', 1_000],
    // The days on which clocks are put forward and back.
    ['Sun, 08 Mar 2026 08:00:00 GMT', 23 * HOUR],
    ['Sun, 01 Nov 2026 07:00:00 GMT', 25 * HOUR],
    [undefined, 24 * HOUR],
    ['soon', 24 * HOUR],
  ])('from %s on lasts as long as the day in California', (date, ms) => {
    expect(untilReset(date)).toBe(ms)
  })

  test('may be larger, or smaller, than that of a new project', async () => {
    await using given = await connected({ videos: 120 }, { dailyQuota: '3' })
    expect(await given.sync()).toMatchObject({ status: 'incomplete', requests: 3, error: { code: 'rate_limited' } })
  })
})

test('a limit by the minute is waited for', async () => {
  await using given = await connected({ videos: 3 })
  given.site.faults.next({ kind: 'status', status: 429 })
  expect(await given.sync()).toMatchObject({ status: 'succeeded', counts: { inserted: 3 } })
})

test.each(['rateLimitExceeded', 'userRateLimitExceeded'])(
  'a rate that is told with 403 is waited for: %s',
  async (reason) => {
    await using given = await connected({ videos: 3 })
    const error = { code: 403, message: 'Too fast.', errors: [{ domain: 'usageLimits', reason, message: 'Too fast.' }] }
    given.site.faults.next({ kind: 'body', status: 403, body: JSON.stringify({ error }) })
    expect(await given.sync()).toMatchObject({ status: 'succeeded', counts: { inserted: 3 } })
  },
)

test.each(['playlistItemsNotAccessible', 'authenticatedUserAccountClosed', 'authenticatedUserAccountSuspended'])(
  'what a channel does not show is no matter of the key, and removes nothing: %s',
  async (reason) => {
    await using given = await connected({ videos: 3 })
    await given.sync()
    const error = { code: 403, message: 'No.', errors: [{ domain: 'youtube.playlistItem', reason, message: 'No.' }] }
    given.site.faults.when(
      { path: '/youtube/v3/playlistItems' },
      { kind: 'body', status: 403, body: JSON.stringify({ error }) },
    )
    expect(await given.sync()).toMatchObject({ status: 'failed', error: { code: 'forbidden', verdict: 'stop' } })
    expect(given.keys()).toHaveLength(3)
  },
)

describe('a key', () => {
  test.each<[KeyState, RegExp]>([
    ['invalid', /Make an API key/],
    ['invalid-2019', /Make an API key/],
    ['expired', /Make an API key/],
    ['api-off', /Enable "YouTube Data API v3"/],
    ['blocked', /restrictions of the key/],
  ])('that is %s pauses the connection, and a person is told what to do', async (state, hint) => {
    await using given = await connected({ videos: 3 })
    const { site, world, sync } = given
    world.setKey(site.apiKey, state)
    const run = await sync()
    expect(run).toMatchObject({ status: 'paused', requests: 1, error: { code: 'token_rejected', verdict: 'pause' } })
    expect(run.error?.hint).toMatch(hint)
    expect(JSON.stringify(run)).not.toContain(site.apiKey)
  })
})

test('a key that is refused in front of the API, which answers with a list', async () => {
  await using given = await connected({ videos: 3 })
  const body = '[{"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT"}}]'
  given.site.faults.next({ kind: 'body', status: 400, body })
  expect(await given.sync()).toMatchObject({ status: 'paused', error: { code: 'token_rejected' } })
})

test('what may not be read fails as it is, and pauses nothing', async () => {
  await using given = await connected({ videos: 3 })
  const { site, sync } = given
  site.faults.when(ITEMS, { kind: 'status', status: 403 }, 1)
  expect(await sync()).toMatchObject({ status: 'failed', error: { code: 'forbidden' } })
  expect(await sync()).toMatchObject({ status: 'succeeded' })
})

test('a page token that is no longer good: the listing is read again, not lost', async () => {
  await using given = await connected({ videos: 230 })
  const { site, world, sync, keys } = given
  const body =
    '{"error":{"code":400,"message":"The request specifies an invalid page token.","errors":[{"message":"The request specifies an invalid page token.","domain":"youtube.parameter","reason":"invalidPageToken"}]}}'
  site.faults.when((target) => target.query.get('pageToken') === 'CGQQAA', { kind: 'body', status: 400, body }, 1)
  const refused = () => site.log.all().filter(({ status }) => status === 400).length
  const run = await sync()
  expect([run.status, run.error?.code, refused()]).toEqual(['failed', 'request_refused', 1])
  expect(run.error?.hint).toContain('The next sync reads the page before this one again')
  expect((await sync()).status).toBe('succeeded')
  expect(keys().length).toBe(world.listed('@ada').length)
})

describe('an answer that is none', () => {
  const CASES: [string, typeof ITEMS, Fault, string][] = [
    ['a web page', ITEMS, { kind: 'html' }, 'unexpected_html'],
    ['no list', ITEMS, { kind: 'body', body: '{"kind":"youtube#playlistItemListResponse"}' }, 'unexpected_shape'],
    [
      'a list that says it has some',
      VIDEOS,
      { kind: 'rewrite', find: '"items":\\[', replace: '"things":[' },
      'unexpected_shape',
    ],
    ['no object', VIDEOS, { kind: 'body', body: '[]' }, 'unexpected_shape'],
    ['null', ITEMS, { kind: 'body', body: 'null' }, 'unexpected_shape'],
    ['half of one', VIDEOS, { kind: 'truncate' }, 'invalid_json'],
    [
      'a row without a video',
      ITEMS,
      { kind: 'rewrite', find: '"videoId":"[^"]*"', replace: '"videoId":null' },
      'unexpected_shape',
    ],
    [
      'a page token that is none',
      ITEMS,
      { kind: 'rewrite', find: '"nextPageToken":"[^"]*"', replace: '"nextPageToken":7' },
      'unexpected_shape',
    ],
    ['other videos', VIDEOS, { kind: 'rewrite', find: '"id":"(.)', replace: '"id":"_$1' }, 'unexpected_shape'],
    ['no channel', CHANNELS, { kind: 'rewrite', find: '"items":\\[', replace: '"items":[null,' }, 'unexpected_shape'],
    [
      'a channel without uploads',
      CHANNELS,
      { kind: 'rewrite', find: '"uploads":"UU', replace: '"upload":"UU' },
      'unexpected_shape',
    ],
    [
      'a page that leads to itself',
      ITEMS,
      { kind: 'rewrite', find: '"nextPageToken":"[^"]*"', replace: '"nextPageToken":"CDIQAA"' },
      'page_loop',
    ],
    ['an error with status 200', ITEMS, { kind: 'body', body: '{"error":{"code":403,"message":"No."}}' }, 'forbidden'],
    ['an error that is text', ITEMS, { kind: 'body', status: 500, body: '{"error":"backend"}' }, 'server_error'],
  ]

  test.each(CASES)('%s', async (_name, match, fault, code) => {
    await using given = await connected({ videos: 120 })
    const { site, sync, keys } = given
    site.faults.when(match, fault)
    const run = await sync()
    expect([run.status, run.error?.code]).toEqual([expect.stringMatching(/failed|incomplete/), code])
    site.faults.clear()
    await sync()
    expect(keys()).toHaveLength(given.world.listed('@ada').length)
  })

  test('absurd totals mean nothing', async () => {
    await using given = await connected({ videos: 120 })
    given.site.faults.when(ITEMS, { kind: 'rewrite', find: '"totalResults":\\d+', replace: '"totalResults":-1e99' })
    expect(await given.sync()).toMatchObject({ status: 'succeeded', notes: [] })
  })

  test('a number that is none sets its video aside; the others are read', async () => {
    await using given = await connected({ videos: 60 })
    given.site.faults.when(VIDEOS, {
      kind: 'rewrite',
      find: '"viewCount":"\\d+"(.*)$',
      replace: '"viewCount":"many"$1',
    })
    const run = await given.sync()
    expect(run).toMatchObject({ status: 'incomplete', counts: { quarantined: expect.any(Number) } })
    expect(given.mirror.value('select count(*) from quarantine')).toBeGreaterThan(0)
    expect(given.keys().length).toBeGreaterThan(50)
  })

  test('a snippet that is none sets its video aside; a time that is none is null', async () => {
    await using given = await connected({ videos: 40 })
    const { site, sync, mirror } = given
    site.faults.when(VIDEOS, { kind: 'rewrite', find: '"publishedAt":"[^"]*"', replace: '"publishedAt":"soon"' })
    expect(await sync()).toMatchObject({ status: 'succeeded' })
    expect(mirror.sql('select distinct published_at at from youtube_videos')).toEqual([{ at: null }])
    site.faults.clear()
    site.faults.when(VIDEOS, { kind: 'rewrite', find: '"snippet":', replace: '"snippet":null,"other":' })
    expect(await sync()).toMatchObject({
      status: 'incomplete',
      counts: { updated: 0, quarantined: expect.any(Number) },
    })
  })

  test('statistics that are null: no number is known', async () => {
    await using given = await connected({ videos: 40 })
    given.site.faults.when(VIDEOS, { kind: 'rewrite', find: '"statistics":\\{[^}]*\\}', replace: '"statistics":null' })
    expect(await given.sync()).toMatchObject({ status: 'succeeded' })
    expect(given.mirror.sql('select distinct view_count n from youtube_videos')).toEqual([{ n: null }])
  })
})

test.each([
  ['{"error":{"code":"403","message":"Quota","errors":[{"reason":"quotaExceeded"}]},"items":[]}', 'rate_limited'],
  ['{"error":{"code":500,"message":"Internal error"},"items":[]}', 'server_error'],
  ['{"error":{"message":"Internal error"},"items":[]}', 'server_error'],
])('an error is no empty list, whatever its status and however its code is written: %s', async (body, code) => {
  await using given = await connected({ videos: 3 })
  await given.sync()
  given.site.faults.when(ITEMS, { kind: 'body', body }, 20)
  const run = await given.sync({ mode: 'full' })
  expect(run.status).not.toBe('succeeded')
  expect(run.error).toMatchObject({ code })
  expect(given.keys()).toHaveLength(3)
})

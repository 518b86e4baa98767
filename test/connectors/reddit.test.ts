// Owns the proof that saved things are mirrored as Reddit has them: by the order of saving, beyond the end of the list,
// and with what becomes of them afterwards.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { openMirror } from '../support/mirror.ts'
import { providerData, providerDataMissing } from '../support/provider-data.ts'
import { ShiftedClock } from '../support/shifted-clock.ts'
import { connected } from './reddit-world.ts'

const HOUR = 3_600_000

describe('what is saved', () => {
  test('is read once, later only what was saved since, however old it is', async () => {
    await using world = await connected({ saved: 230 })
    const { site, sync, keys } = world
    expect(await sync()).toMatchObject({ status: 'succeeded', notes: [], counts: { inserted: 230 } })
    expect(keys().toSorted()).toEqual(site.world.saved('ada').toSorted())
    const [newest] = site.world.save('ada', 3)
    const oldest = site.world.saved('ada').at(-1) as string
    site.world.saveThing('ada', oldest)
    const { requests } = site.stats()
    expect(await sync()).toMatchObject({ counts: { inserted: 3 }, passes: [{ ended: 'met-anchored', requests: 1 }] })
    expect(site.stats().requests - requests).toBe(1)
    expect(keys()).toContain(newest)
    expect(site.log.all({ path: '/user/ada/saved' }).every(({ query }) => query.includes('raw_json=1'))).toBe(true)
  })

  test('is exact: texts are not escaped, an edit is a version, false is no time', async () => {
    await using world = await connected({ saved: 40 })
    const { site, sync, one } = world
    await sync()
    const [key = ''] = site.world.listed('ada')
    expect(one(key)).toMatchObject({ edited: null, saved: 1, _removed_at: null })
    site.world.edit(key, 'a < b && "c"')
    await sync()
    const now = one(key)
    expect(now).toMatchObject({ edited: expect.any(Number) })
    expect(now?.[now['kind'] === 't1' ? 'body' : 'selftext']).toBe(now?.['is_self'] === 0 ? '' : 'a < b && "c"')
  })

  test('gets new numbers: each run keeps them', async () => {
    await using world = await connected({ saved: 40 })
    const { site, sync, mirror } = world
    await sync()
    site.world.drift('ada', 20)
    expect(await sync()).toMatchObject({ status: 'succeeded', passes: [{ requests: 1 }] })
    expect(mirror.value('select count(*) from reddit_saved_snapshots')).toBe(80)
  })

  test.each(['empty', 'continue'] as const)(
    'is all read while the thing behind which a page begins is unsaved (%s)',
    async (lostAnchor) => {
      await using world = await connected({ saved: 350, lostAnchor })
      const { site, sync, keys } = world
      site.pages.after(1, () => void site.world.unsaveAt('ada', 99))
      expect(await sync()).toMatchObject({ status: 'succeeded' })
      const isLacking = new Set(keys())
      expect(site.world.saved('ada').filter((key) => !isLacking.has(key))).toEqual([])
    },
  )

  test('stands behind pages that are short or empty, which are no end', async () => {
    await using world = await connected({ saved: 350 })
    const { site, sync, keys } = world
    const gone = site.world.listed('ada').slice(90, 210)
    for (const key of gone) site.world.deleteByAuthor(key)
    expect(await sync()).toMatchObject({ status: 'succeeded', notes: [], passes: [{ pages: 4 }] })
    expect(keys()).toHaveLength(230)
  })
})

describe('the end of the list, at 1,000', () => {
  test('is complete as far as it goes, and what it no longer shows is kept', async () => {
    await using world = await connected({ saved: 1_120 })
    const { site, sync, keys, mirror } = world
    expect(await sync()).toMatchObject({ status: 'succeeded', counts: { inserted: 1_000 } })
    expect(mirror.sql('select coverage, coverage_note note from streams')).toEqual([
      { coverage: 'capped', note: 'the source lists 1,000 records at most; older ones are kept, and asked for by key' },
    ])
    site.world.save('ada', 60)
    expect(await sync()).toMatchObject({ status: 'succeeded', counts: { inserted: 60 } })
    expect(await sync('full')).toMatchObject({ status: 'succeeded', notes: [], counts: { removed: 0, held: 0 } })
    expect(keys()).toHaveLength(1_060)
  })

  test('hides nothing that is unsaved: it is asked for by id, also beyond the end', async () => {
    await using world = await connected({ saved: 1_000 })
    const { site, sync, one } = world
    await sync()
    site.world.save('ada', 60)
    await sync()
    const beyond = site.world.saved('ada').at(-1) as string
    const listed = site.world.listed('ada')[500] as string
    expect(site.world.listed('ada')).not.toContain(beyond)
    for (const key of [beyond, listed]) site.world.unsave('ada', key)
    site.log.reset()
    expect(await sync('full')).toMatchObject({ status: 'succeeded', notes: [], counts: { removed: 2, unconfirmed: 0 } })
    expect(site.log.count('/api/info')).toBe(1)
    for (const key of [beyond, listed]) expect(one(key)).toMatchObject({ _removed_reason: 'not_listed' })
    site.world.saveThing('ada', listed)
    expect(await sync()).toMatchObject({ counts: { restored: 1 } })
  })

  test('many that are unsaved at once wait for a person', async () => {
    await using world = await connected({ saved: 200 })
    const { site, sync } = world
    await sync()
    for (let i = 0; i < 40; i++) site.world.unsaveAt('ada', 3)
    expect(await sync('full')).toMatchObject({ status: 'incomplete', counts: { removed: 0, held: 40 } })
  })

  test('a list that is empty all of a sudden removes nothing', async () => {
    await using world = await connected({ saved: 30 })
    const { site, sync, keys } = world
    await sync()
    site.faults.when(
      { path: '/user/ada/saved' },
      { kind: 'body', body: '{"kind":"Listing","data":{"after":null,"before":null,"children":[]}}' },
      20,
    )
    expect(await sync('full')).toMatchObject({ status: 'incomplete', counts: { removed: 0 } })
    expect(keys()).toHaveLength(30)
  })
})

describe('what becomes of a thing', () => {
  test('that its author deletes: gone; that a moderator removes, or a ban hides: it stays', async () => {
    await using world = await connected({ saved: 120 })
    const { site, sync, one } = world
    await sync()
    const [deleted = '', removed = '', banned = ''] = site.world.listed('ada').slice(10)
    site.world.deleteByAuthor(deleted)
    site.world.removeByModerator(removed)
    site.world.ban(banned)
    for (let i = 0; i < 3; i++) expect(await sync('full')).toMatchObject({ status: 'succeeded', notes: [] })
    expect(one(deleted)).toMatchObject({ _removed_reason: 'not_listed', author: expect.not.stringContaining('[') })
    expect(one(banned)).toMatchObject({ _removed_at: null })
    const now = one(removed)
    expect(now).toMatchObject({ _removed_at: null })
    expect([now?.['body'], now?.['selftext'], now?.['removed_by_category']]).toContain(
      now?.['kind'] === 't1' ? '[removed]' : 'moderator',
    )
  })

  test('whose author has left Reddit: the words stand, and so does the record', async () => {
    await using world = await connected({ saved: 20 })
    const { site, sync, one } = world
    await sync()
    const [hidden = ''] = site.world.listed('ada').slice(4)
    // The list lacks it, and by id it is there, under nobody's name.
    site.world.ban(hidden)
    const data = { name: hidden, saved: true, author: '[deleted]', body: 'Words.', selftext: 'Words.' }
    const body = JSON.stringify({ kind: 'Listing', data: { after: null, children: [{ kind: 't1', data }] } })
    site.faults.when({ path: '/api/info' }, { kind: 'body', body })
    expect(await sync('full')).toMatchObject({ status: 'succeeded', counts: { removed: 0 } })
    expect(one(hidden)).toMatchObject({ _removed_at: null })
  })

  test('what can be asked about by nobody is said', async () => {
    await using world = await connected({ saved: 20 })
    const { site, sync } = world
    await sync()
    site.world.ban(site.world.listed('ada').slice(4)[0] ?? '')
    site.faults.when({ path: '/api/info' }, { kind: 'status', status: 500 }, 50)
    const run = await sync('full')
    expect(run).toMatchObject({ status: 'succeeded', counts: { removed: 0 } })
    expect(run.notes).toContainEqual(
      expect.stringContaining('1 record that the listing lacks could not be asked about'),
    )
  })

  test('is asked for within two days, and every 10th run', async () => {
    const clock = new ShiftedClock()
    await using world = await connected({ saved: 50 }, { clock })
    const { sync } = world
    const kinds = async () => (await sync()).passes?.map(({ pass }) => pass)
    for (let run = 1; run <= 9; run++) expect([run, await kinds()]).toEqual([run, ['newestFirst']])
    expect(await kinds()).toEqual(['fullPass'])
    expect(await kinds()).toEqual(['newestFirst'])
    clock.skip(23 * HOUR)
    expect(await kinds()).toEqual(['fullPass'])
  })
})

interface Cassette {
  readonly interactions: readonly { readonly response: { readonly body: Listing } }[]
}

interface Listing {
  readonly data: { readonly children: readonly { readonly kind: string; readonly data: Record<string, unknown> }[] }
}

test.skipIf(providerDataMissing)('a real list is mirrored, in which no time falls', async () => {
  const { interactions } = providerData<Cassette>('reddit/praw-saved.json')
  const listing = interactions[1]?.response.body as Listing
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'application/json; charset=UTF-8')
    const isToken = request.url === '/api/v1/access_token'
    const isKnown = request.headers.authorization === 'Bearer renewed-token'
    if (!isToken && !isKnown) response.statusCode = 401
    const token = { access_token: 'renewed-token', token_type: 'bearer', expires_in: 3600, scope: '*' }
    response.end(JSON.stringify(isToken ? token : isKnown ? listing : { message: 'Unauthorized', error: 401 }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    await using mirror = await openMirror()
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const app = { clientId: 'some-client', refreshToken: 'some-refresh-token' }
    const options = { username: 'someone', ...app, baseUrl, authUrl: baseUrl, allowPrivateNetwork: true }
    const me = await mirror.tidemark.connect('reddit', { id: 'me', options })
    expect(await me.sync()).toMatchObject({
      status: 'succeeded',
      notes: [],
      streams: [{ counts: { inserted: 18, quarantined: 0 } }],
    })
    const rows = mirror.sql(
      'select _key, title, selftext, body, score, num_comments, created_utc from reddit_saved order by _key',
    )
    const real = listing.data.children.map(({ data }) => ({
      _key: data['name'],
      title: data['title'] ?? null,
      selftext: data['selftext'] ?? null,
      body: data['body'] ?? null,
      score: data['score'],
      num_comments: data['num_comments'] ?? null,
      created_utc: data['created_utc'],
    }))
    expect(rows).toEqual(real.sort((a, b) => (String(a._key) < String(b._key) ? -1 : 1)))
    expect(await me.sync()).toMatchObject({ streams: [{ counts: { inserted: 0, updated: 0 } }] })
  } finally {
    server.close()
  }
})

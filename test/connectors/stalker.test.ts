// Owns the proof that the Stalker connector survives what portals do: sessions that end without saying so, lists in odd
// envelopes, pages that shift while they are read, and values that are none.

import { readFile } from 'node:fs/promises'
import { expect, onTestFinished, test } from 'vitest'
import { type Fault, type StalkerOptions, stalkerEmulator } from '../../src/testing/emulators/index.ts'
import { testClock } from '../../src/testing/test-clock.ts'
import { type Mirror, openMirror } from '../support/mirror.ts'

async function started(options: StalkerOptions = {}, given: Record<string, unknown> = {}) {
  const portal = await stalkerEmulator({ titles: 60, channels: 5, ...options })
  onTestFinished(() => portal.close())
  const mirror = await openMirror({ clock: testClock() })
  onTestFinished(() => mirror[Symbol.asyncDispose]())
  return { portal, mirror, world: portal.world, tv: await mirror.portal(portal, given) }
}

function keys(mirror: Mirror, stream: string): unknown[] {
  return mirror.sql(`select _key from stalker_${stream} order by 1`).map(({ _key }) => _key)
}

const LISTS = { query: { action: 'get_ordered_list' } }
const body = (js: unknown): Fault => ({ kind: 'body', body: JSON.stringify({ js }) })

// ── reading ─────────────────────────────────────────────────────────────────────────────────────────────────────────

test.each(['ministra', 'xtream'] as const)('%s: all streams are read, then only what is new', async (kind) => {
  const { mirror, world, tv, portal } = await started({ kind, titles: 200 })
  const first = await tv.sync()
  expect(first).toMatchObject({ status: 'succeeded', notes: [] })
  const passes = (run: typeof first) => run.streams.map(({ passes: [pass] }) => pass?.pass)
  expect(passes(first)).toEqual(['fullPass', 'fullPass', 'fullPass', 'fullPass'])
  for (const stream of ['movies', 'series'] as const) {
    expect(keys(mirror, stream)).toEqual(world.ids(stream).sort())
  }
  expect(keys(mirror, 'channels')).toEqual(world.channelIds().sort())
  world.add(20)
  portal.log.reset()
  const second = await tv.sync()
  expect(second).toMatchObject({ status: 'succeeded', notes: [] })
  expect(passes(second)).toEqual(['fullPass', 'newestFirst', 'newestFirst', 'fullPass'])
  expect(keys(mirror, 'movies')).toEqual(world.ids('movies').sort())
  expect(keys(mirror, 'series')).toEqual(world.ids('series').sort())
  expect(portal.log.all().filter(({ query }) => query.includes('get_ordered_list')).length).toBeLessThanOrEqual(4)
})

test('films and series are told apart by is_series where one table holds both', async () => {
  const { mirror, tv } = await started()
  await tv.sync()
  expect(mirror.value('select count(*) from stalker_movies where is_series')).toBe(0)
  expect(mirror.value('select count(*) from stalker_series where not is_series')).toBe(0)
})

test('ids of series are compound on emulators, and stay as they are', async () => {
  const { mirror, tv } = await started({ kind: 'xtream' })
  await tv.sync()
  expect(mirror.value(`select count(*) from stalker_series where id like '46___:46___'`)).toBeGreaterThan(10)
})

test('categories are those of films and of series; the row that stands for all is none', async () => {
  const { mirror, tv } = await started({ kind: 'xtream', categories: 2 })
  await tv.sync()
  expect(mirror.sql('select id, type from stalker_categories order by 1').map((row) => ({ ...row }))).toEqual([
    { id: '1', type: 'vod' },
    { id: '2', type: 'vod' },
    { id: '501', type: 'series' },
    { id: '502', type: 'series' },
  ])
})

test.each(['ministra', 'xtream'] as const)(
  '%s: a category that the list of all keeps out is told by the query of the docs',
  async (kind) => {
    const { mirror, tv, world } = await started({ kind, titles: 400 })
    const docs = await readFile(new URL('../../docs/connectors/stalker.md', import.meta.url), 'utf8')
    const [, query = ''] = /tidemark sql "(select id, title, censored [^"]+)"/.exec(docs) ?? []
    world.closeCategory(2)
    await tv.sync()
    expect(mirror.sql(query).map(({ id }) => id)).toContain(idOfCategory(mirror, 2))
    const [film = ''] = world.ids('movies')
    expect(keys(mirror, 'movies')).toContain(film)
    const empty = mirror.sql(query).length
    world.openCategory(2)
    for (let runs = 0; runs < 2; runs++) await tv.sync({ mode: 'full' })
    expect(mirror.sql(query)).toHaveLength(empty - 1)
    expect(keys(mirror, 'movies')).toEqual(world.ids('movies').sort())
  },
)

/** The id of the category of films that comes at this place. */
function idOfCategory(mirror: Mirror, n: number): unknown {
  return mirror.sql(`select id from stalker_categories where type = 'vod' and alias = 'vod-${n}'`)[0]?.['id']
}

test('a category that stands for what is coming soon is none', async () => {
  const { mirror, tv } = await started({ kind: 'ministra', categories: 2 })
  await tv.sync()
  expect(keys(mirror, 'categories')).toEqual(['1', '2'])
})

test('a category of series with the id of one of films is another category', async () => {
  const { portal, mirror, tv } = await started({ kind: 'xtream', categories: 1 })
  const same = body([{ id: '1', title: 'Series', alias: 's', censored: 0 }])
  portal.faults.when({ query: { type: 'series', action: 'get_categories' } }, same)
  expect(await tv.sync({ streams: ['categories'] })).toMatchObject({ status: 'succeeded' })
  expect(keys(mirror, 'categories')).toEqual(['1', 'series:1'])
})

test('channels are read page by page where the portal does not give them at once', async () => {
  const { mirror, tv, world } = await started({ channels: 33, allChannels: false })
  expect(await tv.sync({ streams: ['channels'] })).toMatchObject({ status: 'succeeded', notes: [] })
  expect(keys(mirror, 'channels')).toEqual(world.channelIds().sort())
})

test('columns: text, numbers and fillers become what they mean', async () => {
  const { mirror, tv, portal } = await started({ titles: 60 })
  await tv.sync()
  const [row] = mirror.sql(
    `select * from stalker_movies where screenshots is not null and poster is not null and rating_imdb is not null and languages like '%,%' limit 1`,
  )
  const n = Number(row?.['id'])
  expect(row).toMatchObject({
    original_name: `Original ${n}`,
    poster: `/stalker_portal/screenshots/1/${n}.jpg`,
    poster_url: `${portal.url}/stalker_portal/screenshots/1/${n}.jpg`,
    screenshots: `${n}1,${n}2`,
    year: 1950 + (n % 75),
    duration: 60 + (n % 90),
    languages: 'en, ru',
    status: 1,
    is_series: 0,
    tmdb_id: null,
    season_count: null,
    cmd: `/media/${n}.mpg`,
  })
  expect(String(row?.['added'])).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/)
})

test('a date that is none is null, and stays in the raw row', async () => {
  const { mirror, tv } = await started()
  await tv.sync()
  const rows = mirror.sql(
    `select _raw from stalker_movies where added is null union all select _raw from stalker_series where added is null`,
  )
  expect(rows.length).toBe(3)
  for (const { _raw } of rows) expect(JSON.parse(String(_raw))).toMatchObject({ added: '0000-00-00 00:00:00' })
})

test('emulators say "N/A", which is nothing', async () => {
  const { mirror, tv } = await started({ kind: 'xtream' })
  await tv.sync()
  expect(
    mirror.value(
      `select count(*) from stalker_movies where coalesce(director, actors, genres, description) is not null`,
    ),
  ).toBe(0)
  expect(mirror.value(`select count(*) from stalker_movies where rating_imdb = 6.5`)).toBeGreaterThan(5)
  expect(mirror.value(`select count(*) from stalker_series where episode_count is null`)).toBe(0)
})

test('what only the box’s own screen counts is no change', async () => {
  const { mirror, tv, portal } = await started()
  await tv.sync()
  portal.clock.advance(40 * 86_400_000)
  await tv.sync({ mode: 'full' })
  expect(mirror.value('select count(*) from stalker_movies_versions')).toBe(
    mirror.value('select count(*) from stalker_movies'),
  )
})

test.each([
  ['c/', '/stalker_portal/c/'],
  ['load.php', '/stalker_portal/server/load.php'],
  ['the folder', '/stalker_portal'],
  ['the host', ''],
])('the portal is found by its address: %s', async (_what, path) => {
  const portal = await stalkerEmulator({ titles: 10, channels: 1 })
  onTestFinished(() => portal.close())
  await using mirror = await openMirror()
  for (const name of ['portalUrl', 'baseUrl']) {
    const options = { mac: portal.mac, [name]: portal.url + path, allowPrivateNetwork: true }
    const tv = await mirror.tidemark.connect('stalker', { id: name, options })
    expect(await tv.sync({ streams: ['movies'] })).toMatchObject({ status: 'succeeded' })
  }
})

test('an address without a portal says so', async () => {
  const { portal, mirror } = await started()
  const tv = await mirror.portal(portal, { portalUrl: `${portal.url}/elsewhere/portal.php` })
  const { error } = await tv.sync()
  expect(error).toMatchObject({ code: 'not_found', hint: expect.stringContaining('portalUrl') as string })
})

// ── the session ─────────────────────────────────────────────────────────────────────────────────────────────────────

test('check says whose account it is', async () => {
  const { tv, portal } = await started()
  expect(await tv.check()).toMatchObject({ account: `Ada, device ${portal.mac}` })
})

test('a session that ends in the middle is opened again, and the page is read', async () => {
  const { portal, mirror, world, tv } = await started({ titles: 120 })
  portal.pages.after(4, () => portal.expireTokens())
  portal.pages.after(9, () => portal.expireTokens())
  expect(await tv.sync()).toMatchObject({ status: 'succeeded', notes: [] })
  expect(keys(mirror, 'series')).toEqual(world.ids('series').sort())
})

test.each(['Authorization failed.', ' Access denied.\n', '{"js":{"error":"Authorization failed."}}'])(
  'a portal that goes on refusing pauses the connection: %s',
  async (said) => {
    const { portal, mirror, tv } = await started()
    await tv.sync()
    const known = keys(mirror, 'movies')
    portal.faults.when(LISTS, { kind: 'body', body: said, contentType: 'text/html' })
    const run = await tv.sync({ mode: 'full', streams: ['movies'] })
    expect(run).toMatchObject({ status: 'paused', error: { verdict: 'pause' } })
    expect(keys(mirror, 'movies')).toEqual(known)
  },
)

test('a blocked device pauses, with the words of the provider', async () => {
  const { portal, mirror, world, tv } = await started()
  world.block()
  const run = await tv.sync()
  expect(run).toMatchObject({ status: 'paused', error: { code: 'login_expired' } })
  expect(run.error?.message).toContain('Device conflict')
  expect(run.error?.message).toContain('contact your provider to register')
  world.unblock()
  const again = await mirror.portal(portal)
  expect(await again.sync()).toMatchObject({ status: 'succeeded' })
})

test('a device that is not known pauses', async () => {
  const { tv, mirror } = await started({}, { mac: '00:1A:79:FF:FF:FF' })
  const run = await tv.sync()
  expect(run).toMatchObject({ status: 'paused' })
  expect(run.error?.message).toContain('00:1A:79:FF:FF:FF')
  const command = `tidemark connect stalker --id ${tv.id} --set mac=<MAC>`
  expect(run.error?.hint?.endsWith(command)).toBe(true)
  await expect(tv.sync()).rejects.toMatchObject({ code: 'connection_paused', hint: `Run: ${command}` })
  const [status] = await mirror.tidemark.status()
  expect(status?.standing.mend).toBe(command)
})

test.each(['00-1A-79-12-34-56', '001A79123456', ' 00:1A:79:12:34:56 '])('%j is a MAC address', async (mac) => {
  const { tv, mirror } = await started({ macs: ['00:1A:79:12:34:56'], titles: 5 }, { mac })
  expect(await tv.sync()).toMatchObject({ status: 'succeeded' })
  const [connection] = await mirror.tidemark.listConnections()
  expect(connection?.options).toMatchObject({ mac: '00:1A:79:12:34:56' })
})

test('what a portal needs is told before it is missing', async () => {
  const { mirror } = await started({ titles: 5 })
  const [described] = await mirror.tidemark.connectors('stalker')
  const needed = described?.options.filter(({ required }) => required).map(({ name }) => name)
  expect(needed).toEqual(['portalUrl', 'mac'])
  const options = { mac: '00:1A:79:12:34:56' }
  await expect(mirror.tidemark.connect('stalker', { id: 'new', options })).rejects.toMatchObject({
    code: 'options_invalid',
    message: expect.stringContaining('portalUrl is needed (or baseUrl') as string,
    hint: expect.stringContaining('portalUrl, mac, login?') as string,
  })
})

test('what is told of a walk that broke off is a key as the portal has it', async () => {
  const { mirror, tv } = await started({ titles: 200 })
  for (let requests = 5; requests < 9; requests++) await tv.sync({ maxRequests: requests })
  const notes = mirror.sql('select note from gaps').map(({ note }) => String(note))
  expect(notes.some((note) => note.includes('read down to key '))).toBe(true)
  for (const note of notes) expect(note).not.toMatch(/\p{Cc}/u)
})

test('a total never falls by much while a table of films and series is read', async () => {
  const { tv } = await started({ titles: 400 })
  for (const mode of ['auto', 'full'] as const) {
    const totals: number[] = []
    await tv.sync({
      mode,
      onProgress: ({ streams }) => {
        for (const { stream, total } of streams) if (stream === 'movies' && total !== null) totals.push(total)
      },
    })
    const falls = totals.slice(1).map((total, place) => total / totals[place]!)
    expect(Math.min(1, ...falls)).toBeGreaterThan(0.9)
    expect(totals.length).toBeGreaterThanOrEqual(mode === 'full' ? 5 : 0)
  }
})

test('a box that is registered with its serial number and its id has to show both', async () => {
  const device = { sn: '0720170123456', deviceId: 'A1B2C3' }
  const wrong = await started({ device }, { serialNumber: device.sn, deviceId: 'other' })
  const refused = await wrong.tv.sync()
  expect(refused).toMatchObject({ status: 'paused', error: { code: 'login_expired' } })
  expect(refused.error?.message).toContain('Device ID mismatch')
  const right = await started({ device }, { serialNumber: device.sn, deviceId: device.deviceId })
  expect(await right.tv.sync()).toMatchObject({ status: 'succeeded' })
})

test('a portal that asks for a login is given it; without, or with a wrong one, a person must act', async () => {
  const login = { login: 'ada', password: 'correct-horse' }
  const { portal, mirror, tv } = await started({ login })
  expect((await tv.sync()).error).toMatchObject({
    verdict: 'pause',
    message: expect.stringContaining('login') as string,
  })
  // What it lacks was never given, and that is what everybody says who is asked.
  const mend = 'tidemark connect stalker --id tv --set login=<LOGIN> --secret-env password=STALKER_PASSWORD'
  expect((await tv.status()).standing).toEqual({
    state: 'login needed',
    why: 'needs a login, which was not given yet',
    mend,
  })
  await expect(tv.sync()).rejects.toMatchObject({ code: 'connection_paused', hint: `Run: ${mend}` })
  const wrong = await mirror.portal(portal, { login: 'ada', password: 'wrong-horse' })
  expect((await wrong.sync()).error).toMatchObject({
    verdict: 'pause',
    message: expect.stringContaining('refuses') as string,
    hint: expect.stringMatching(/ --set login=<LOGIN> --secret-env password=STALKER_PASSWORD$/) as string,
  })
  const right = await mirror.portal(portal, login)
  expect(await right.sync()).toMatchObject({ status: 'succeeded' })
})

test('the session is kept for the next run', async () => {
  const { portal, tv } = await started()
  await tv.sync()
  portal.log.reset()
  await tv.sync()
  expect(portal.log.all().filter(({ query }) => query.includes('handshake'))).toEqual([])
})

// ── odd answers ─────────────────────────────────────────────────────────────────────────────────────────────────────

test.each([
  ['js is false', { js: false }],
  ['js is null', { js: null }],
  ['js is an empty list', { js: [] }],
  ['there is no js', { text: 'generated in: 0.01s' }],
  ['there is no data', { js: { total_items: 60, max_page_items: 14 } }],
  ['data is false', { js: { total_items: 60, max_page_items: 14, data: false } }],
  ['data is empty, though there are titles', { js: { total_items: 60, max_page_items: 14, data: [] } }],
  ['a number', 7],
])('is no empty list: %s', async (_what, answer) => {
  const { portal, mirror, tv } = await started()
  await tv.sync()
  const known = keys(mirror, 'movies')
  portal.faults.when(LISTS, { kind: 'body', body: JSON.stringify(answer), contentType: 'text/javascript' })
  for (let i = 0; i < 2; i++) {
    const run = await tv.sync({ mode: 'full', streams: ['movies'] })
    expect(run.status).not.toBe('succeeded')
    expect(run.status).not.toBe('paused')
  }
  expect(keys(mirror, 'movies')).toEqual(known)
})

test.each([
  ['a web page', { kind: 'html' }],
  ['a firewall', { kind: 'html', status: 403 }],
  ['half an answer', { kind: 'truncate' }],
] as [string, Fault][])('removes nothing: %s', async (_what, fault) => {
  const { portal, mirror, tv } = await started()
  await tv.sync()
  const known = keys(mirror, 'movies')
  portal.faults.when(LISTS, fault)
  expect((await tv.sync({ mode: 'full', streams: ['movies'] })).status).not.toBe('succeeded')
  expect(keys(mirror, 'movies')).toEqual(known)
})

test.each(['text/javascript', 'text/html', 'application/octet-stream'])(
  'the type of an answer says nothing: %s',
  async (contentType) => {
    const { tv } = await started({ contentType })
    expect(await tv.sync()).toMatchObject({ status: 'succeeded', notes: [] })
  },
)

test.each([
  [
    'as a bare list',
    [
      { id: '1', name: 'A' },
      { id: 2, name: 'B' },
    ],
  ],
  ['as an object with numbers for names', { 0: { id: '1', name: 'A' }, 1: { id: 2, name: 'B' } }],
  [
    'with such an object for data',
    { total_items: '2', max_page_items: '14', data: { 0: { id: '1', name: 'A' }, 1: { id: 2, name: 'B' } } },
  ],
])('a list is taken %s', async (_what, js) => {
  const { portal, mirror, tv } = await started()
  portal.faults.when({ query: { action: 'get_ordered_list', p: '1' } }, body(js))
  portal.faults.when(LISTS, body({ total_items: 2, max_page_items: 14, data: [] }))
  expect(await tv.sync({ streams: ['movies'] })).toMatchObject({ status: 'succeeded' })
  expect(keys(mirror, 'movies')).toEqual(['1', '2'])
})

test('totals as text are totals', async () => {
  const { tv, mirror, world } = await started({ kind: 'xtream', totalAsText: true })
  expect(await tv.sync()).toMatchObject({ status: 'succeeded', notes: [] })
  expect(keys(mirror, 'movies')).toEqual(world.ids('movies').sort())
})

// ── listings that move ──────────────────────────────────────────────────────────────────────────────────────────────

test.each(['ministra', 'xtream'] as const)(
  '%s: titles that come and go while pages are turned are not missed',
  async (kind) => {
    const { portal, mirror, world, tv } = await started({ kind, titles: 300 })
    portal.pages.after(3, () => void world.add(2))
    portal.pages.after(5, () => void world.removeAt('movies', 10))
    portal.pages.after(8, () => void world.removeAt('movies', 20))
    const run = await tv.sync({ streams: ['movies'] })
    expect(run).toMatchObject({ status: 'succeeded' })
    const missing = world.ids('movies').filter((id) => !keys(mirror, 'movies').includes(id))
    // What came on top while the pages below were read is for the next run.
    expect(missing.every((id) => world.ids('movies').indexOf(id) < 2)).toBe(true)
    await tv.sync({ streams: ['movies'] })
    expect(world.ids('movies').filter((id) => !keys(mirror, 'movies').includes(id))).toEqual([])
  },
)

test.each(['ministra', 'xtream'] as const)('%s: what leaves is removed once a second reading agrees', async (kind) => {
  const { mirror, world, tv } = await started({ kind, titles: 120 })
  await tv.sync()
  const gone = [world.removeAt('movies', 30), world.hideAt('series', 20)]
  await tv.sync({ mode: 'full' })
  await tv.sync()
  const removed = ['movies', 'series'].flatMap((stream) =>
    mirror.sql(`select _key from stalker_${stream}_all where _removed_at is not null`),
  )
  expect(removed.map(({ _key }) => _key)).toEqual(gone)
})

test('equals that stand in another order on each request are all read on an emulator', async () => {
  const { mirror, world, tv } = await started({ kind: 'xtream', titles: 200, tied: 20, unstableTies: true })
  for (let i = 0; i < 6; i++) if ((await tv.sync({ streams: ['movies'] })).status === 'succeeded') break
  const missing = world.ids('movies').filter((id) => !keys(mirror, 'movies').includes(id))
  const [{ coverage } = { coverage: '' }] = mirror.sql(`select coverage from streams where stream = 'movies'`)
  expect([missing.length === 0 || coverage !== 'complete', coverage]).toEqual([true, coverage])
})

test('a run that was killed goes on where it was', async () => {
  const { portal, mirror, world, tv } = await started({ titles: 300 })
  const first = await tv.sync({ streams: ['movies'], maxRequests: 12 })
  expect(first.status).toBe('incomplete')
  portal.log.reset()
  expect(await tv.sync({ streams: ['movies'] })).toMatchObject({ status: 'succeeded' })
  expect(keys(mirror, 'movies')).toEqual(world.ids('movies').sort())
  expect(portal.log.count()).toBeLessThan(20)
})

test('ids beyond 2^53 stay exact', async () => {
  const { portal, mirror, tv } = await started({ kind: 'xtream' })
  const rows = '[{"id":9007199254740993,"name":"A","screenshot_uri":"/a.jpg"},{"id":9007199254740992,"name":"B"}]'
  const answer = `{"js":{"total_items":2,"max_page_items":14,"data":${rows}}}`
  portal.faults.when(LISTS, { kind: 'body', body: answer })
  expect(await tv.sync({ streams: ['movies'] })).toMatchObject({ status: 'succeeded' })
  expect(keys(mirror, 'movies')).toEqual(['9007199254740992', '9007199254740993'])
})

test('rows that are none are set aside, and the page goes on', async () => {
  const { portal, mirror, tv } = await started({ kind: 'xtream' })
  const data = [
    null,
    7,
    [],
    { name: 'no id' },
    { id: { deep: 1 } },
    { id: '8', name: { odd: true }, added: [], year: {} },
  ]
  portal.faults.when(LISTS, body({ total_items: 6, max_page_items: 14, data }))
  expect((await tv.sync({ streams: ['movies'] })).streams[0]?.counts.quarantined).toBe(5)
  expect(keys(mirror, 'movies')).toEqual(['8'])
})

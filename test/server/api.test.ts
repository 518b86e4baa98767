// Owns the promises of the API: who may call what, what each call gives, and that nothing goes wrong inside.

import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { stalkerEmulator } from '../../src/testing/emulators/index.ts'
import { apiWorld, CANARIES } from './api-world.ts'

test('a connection is made, read and ended over HTTP', async () => {
  const { call, connected, synced, tokens, github } = await apiWorld()
  expect(await connected()).toMatchObject({
    status: 201,
    json: { id: 'me', connector: 'github', standing: { state: 'on' } },
  })
  // The id is taken: nothing is made, and the status says so.
  expect(await connected()).toMatchObject({ status: 200, json: { id: 'me' } })
  expect(await synced()).toMatchObject({ status: 'succeeded', streams: [{ counts: { inserted: 30 } }] })
  expect(await call('/api/connections/me', tokens.read)).toMatchObject({
    status: 200,
    json: { id: 'me', totals: { stars: 30 }, activeRun: null, lastRun: { status: 'succeeded' } },
  })
  const status = await call('/api/status', tokens.read)
  expect(status.json).toMatchObject({ connections: [{ id: 'me' }], streams: [{ stream: 'stars', total_records: 30 }] })
  expect(
    (await call('/api/connections/me', tokens.admin, { method: 'PATCH', body: { paused: true } })).json,
  ).toMatchObject({
    standing: { state: 'paused' },
  })
  const refused = await call('/api/connections/me/runs', tokens.sync, { method: 'POST', body: {} })
  expect(refused).toMatchObject({ status: 409, json: { code: 'connection_paused', hint: expect.any(String) } })
  await call('/api/connections/me', tokens.admin, {
    method: 'PATCH',
    body: { paused: false, options: { user: 'ada' } },
  })
  github.world.star('ada', 3)
  expect(await synced()).toMatchObject({ status: 'succeeded', streams: [{ counts: { inserted: 3 } }] })
  const ended = await call('/api/connections/me?purge=true', tokens.admin, { method: 'DELETE' })
  expect(ended).toMatchObject({ status: 200, json: { id: 'me', purged: true } })
  expect(await call('/api/connections/me', tokens.read)).toMatchObject({
    status: 404,
    json: { code: 'connection_unknown' },
  })
})

test('pages of records show each record once, in any order, while others arrive', async () => {
  const { call, connected, synced, tokens, github } = await apiWorld({ stars: 57 })
  await connected()
  await synced()
  const all = async (query: string, between = async () => {}) => {
    const keys: string[] = []
    for (let cursor: string | null = '', pages = 0; cursor !== null; pages++) {
      expect(pages).toBeLessThan(20)
      const from = cursor === '' ? '' : `&cursor=${cursor}`
      const { status, json } = await call(
        `/api/connections/me/streams/stars/records?limit=10${query}${from}`,
        tokens.read,
      )
      expect([status, json.records.length <= 10]).toEqual([200, true])
      keys.push(...json.records.map(({ _key }: { _key: string }) => _key))
      cursor = json.nextCursor
      await between()
    }
    return keys
  }
  const byKey = await all('')
  expect(byKey).toHaveLength(57)
  expect(byKey).toEqual([...new Set(byKey)].sort((a, b) => Number(a) - Number(b)))
  const byStars = await all('&order=stargazers_count:desc')
  expect([...byStars].sort()).toEqual([...byKey].sort())
  const moving = await all('', async () => {
    github.world.star('ada', 1)
    await synced()
  })
  expect(new Set(moving).size).toBe(moving.length)
  for (const key of byKey) expect(moving).toContain(key)
})

test('records are filtered, read alone and as they were, with what made them', async () => {
  const { call, connected, synced, tokens, github } = await apiWorld()
  await connected()
  await synced()
  const { json } = await call('/api/connections/me/streams/stars/records?limit=1000', tokens.read)
  const [first] = json.records
  const large = await call('/api/connections/me/streams/stars/records?limit=1000', tokens.read)
  const small = await call('/api/connections/me', tokens.read)
  expect([large, small].map(({ headers }) => headers.get('content-encoding'))).toEqual(['gzip', null])
  const stars = '/api/connections/me/streams/stars'
  const filtered = await call(`${stars}/records?where=full_name%3D${encodeURIComponent(first.full_name)}`, tokens.read)
  expect(filtered.json.records.map(({ _key }: { _key: string }) => _key)).toEqual([first._key])
  const byNumber = await call(`${stars}/records?where=stargazers_count%3D${first.stargazers_count}`, tokens.read)
  expect(byNumber.json.records.length).toBeGreaterThan(0)
  expect((await call(`${stars}/records/${first._key}`, tokens.read)).json).toEqual(first)
  expect((await call(`${stars}/records/${first._key}/versions`, tokens.read)).json.versions).toHaveLength(1)
  expect((await call(`${stars}/records/${first._key}/explain`, tokens.read)).json).toMatchObject({
    key: first._key,
    state: 'live',
  })
  const metrics = await call(`${stars}/metrics?metric=stargazers_count&by=run`, tokens.read)
  expect(metrics.json).toMatchObject({ points: [{ value: expect.any(Number) }], growth: { '24h': null } })
  github.world.unstarAt('ada', 0)
  const before = new Date().toISOString()
  await call('/api/connections/me/runs', tokens.sync, { method: 'POST', body: { mode: 'full' } })
  const then = await call(`${stars}/records?asOf=${before}&limit=1`, tokens.read)
  expect(then.json.records).toHaveLength(1)
  for (const path of ['', '/versions', '/explain']) {
    expect(await call(`${stars}/records/999999999${path}`, tokens.read)).toMatchObject({
      status: 404,
      json: { code: 'record_unknown' },
    })
  }
  expect(await call(`${stars}/records?limit=0`, tokens.read)).toMatchObject({
    status: 400,
    json: { code: 'option_invalid' },
  })
  expect(await call(`${stars}/records?cursor=nonsense`, tokens.read)).toMatchObject({
    json: { code: 'cursor_invalid' },
  })
  const strange = await call(`${stars}/records?limits=5`, tokens.read)
  expect(strange).toMatchObject({
    status: 400,
    json: {
      code: 'option_unknown',
      detail: 'The call GET /api/connections/{id}/streams/{stream}/records takes no "limits".',
      hint: 'Did you mean limit? There are: columns, order, where, removed, asOf, cursor, limit',
    },
  })
  // The end of a page is known by its key, whatever columns are wanted.
  const narrow = await call(`${stars}/records?limit=1&columns=full_name,stargazers_count`, tokens.read)
  expect(Object.keys(narrow.json.records[0])).toEqual(['_key', 'full_name', 'stargazers_count'])
  expect(narrow.json.nextCursor).toEqual(expect.any(String))
})

test('what is wrong with a call is told by the names of the call, with one that works', async () => {
  const { call, tokens } = await apiWorld()
  expect(await call('/api/tokens', tokens.admin, { method: 'POST', body: {} })).toMatchObject({
    status: 400,
    json: {
      code: 'option_invalid',
      detail: 'The scopes of the body is missing: what it may do, of read, sync, write, admin.',
      hint: 'For example: POST /api/tokens with {"scopes":["read","sync"],"note":"the cron job"}',
    },
  })
  const wrong = { scopes: ['read'], expires: 'banana' }
  expect((await call('/api/tokens', tokens.admin, { method: 'POST', body: wrong })).json).toMatchObject({
    detail: 'The expires of the body is a duration such as 90d, not "banana".',
  })
  expect((await call('/api/search?semantic=maybe&q=a', tokens.read)).json).toMatchObject({
    detail: 'The semantic of the query is true or false, not "maybe".',
    hint: expect.stringContaining('For example: GET /api/search?q='),
  })
  expect((await call('/api/gaps?nope=1', tokens.read)).json.hint).toContain('cursor')
})

test('a run goes on without its caller; asking again gives the same one; cancelling keeps what was read', async () => {
  const { call, connected, tokens, github, ended } = await apiWorld({ stars: 500 })
  await connected()
  github.faults.when({}, { kind: 'delay', ms: 150 })
  const first = await call('/api/connections/me/runs', tokens.sync, { method: 'POST', body: {} })
  expect(first).toMatchObject({ status: 202, json: { status: 'running', connection: 'me' } })
  const again = await call('/api/connections/me/runs', tokens.sync, { method: 'POST', body: {} })
  expect([again.status, again.json.id]).toEqual([200, first.json.id])
  const cancelled = await call(`/api/runs/${first.json.id}/cancel`, tokens.sync, { method: 'POST' })
  expect(cancelled).toMatchObject({ status: 200, json: { cancelled: true } })
  expect(await ended(first.json.id)).toMatchObject({ status: 'cancelled' })
  github.faults.clear()
  const next = await call('/api/connections/me/runs', tokens.sync, { method: 'POST', body: {} })
  expect(await ended(next.json.id)).toMatchObject({ status: 'succeeded' })
  expect((await call('/api/connections/me', tokens.read)).json.totals).toEqual({ stars: 500 })
})

test('the events of a run tell how far it has come, and its end', async () => {
  const { call, connected, tokens, github, server } = await apiWorld({ stars: 400 })
  await connected()
  github.faults.when({}, { kind: 'delay', ms: 300 })
  const { json: run } = await call('/api/connections/me/runs', tokens.sync, { method: 'POST', body: {} })
  const headers = { authorization: `Bearer ${tokens.read}`, 'last-event-id': '41' }
  const answer = await fetch(`${server.url}/api/runs/${run.id}/events`, { headers })
  expect(answer.headers.get('content-type')).toBe('text/event-stream')
  const told = (await answer.text()).split('\n\n').filter((text) => text !== '')
  expect(told[0]).toMatch(/^id: 42\nevent: progress\ndata: \{"run":/)
  expect(told.at(-1)).toMatch(/^id: \d+\nevent: done\ndata: /)
  const last = JSON.parse(told.at(-1)?.split('\ndata: ')[1] ?? '')
  expect(last).toMatchObject({ id: run.id, status: 'succeeded' })
  const progress = told.slice(0, -1).map((text) => JSON.parse(text.split('\ndata: ')[1] ?? '').processed)
  expect(progress).toEqual([...progress].sort((a, b) => a - b))
})

test('a stream of events leaves nothing behind when its listener goes', async () => {
  const { tokens, server, closing } = await apiWorld()
  const gone = new AbortController()
  const headers = { authorization: `Bearer ${tokens.read}` }
  for (let n = 0; n < 3; n++) {
    const { body } = await fetch(`${server.url}/api/events`, { headers, signal: gone.signal })
    await body?.getReader().read()
  }
  expect(getEventListeners(closing.signal, 'abort')).toHaveLength(3)
  gone.abort()
  await expect.poll(() => getEventListeners(closing.signal, 'abort')).toHaveLength(0)
})

test('all connections are run with one call, and the summary tells of each project', async () => {
  const { call, connected, tokens, tidemark } = await apiWorld()
  await connected()
  const begun = await call('/api/runs', tokens.sync, { method: 'POST', body: {} })
  expect(begun).toMatchObject({ status: 202, json: { batch: expect.any(String), totalProjects: 1 } })
  await expect
    .poll(async () => (await call(`/api/runs?batch=${begun.json.batch}`, tokens.read)).json)
    .toMatchObject({
      success: true,
      successCount: 1,
      results: [{ project: 'default', totalRecords: 30, updatedCount: 30, errors: [], timestamp: expect.any(String) }],
    })
  expect(await call('/api/runs', tokens.sync, { method: 'POST', body: { project: 'all' } })).toMatchObject({
    status: 403,
  })
  const options = { token: 'wrong', baseUrl: 'http://127.0.0.1:9', allowPrivateNetwork: true }
  await tidemark.performFor('lab', 'connect', { connector: 'github', id: 'broken' }, { options })
  const all = await call('/api/runs', tokens.admin, { method: 'POST', body: { project: 'all', wait: true } })
  expect(all).toMatchObject({
    status: 200,
    json: { success: false, totalProjects: 2, successCount: 1, errorCount: 1 },
  })
  expect(await call(`/api/runs?batch=${begun.json.batch}`, tokens.lab)).toMatchObject({ status: 404 })
})

test('changes come as lines, and a reader may wait for the next one', async () => {
  const { call, connected, synced, tokens, github } = await apiWorld()
  await connected()
  await synced()
  const first = await call('/api/changes?limit=10', tokens.read)
  expect(first.headers.get('content-type')).toBe('application/x-ndjson')
  const lines = first.text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  const rest = await call(`/api/changes?after=${lines.at(-1).cursor}`, tokens.read)
  expect(rest.text.trim().split('\n')).toHaveLength(20)
  const waiting = call('/api/changes?after=30&wait=30', tokens.read)
  github.world.star('ada', 1)
  await synced()
  expect(JSON.parse((await waiting).text)).toMatchObject({ seq: 31, op: 'insert' })
  expect((await call('/api/changes?after=31&wait=1', tokens.read)).text).toBe('')
  expect(await call('/api/changes?wait=9999', tokens.read)).toMatchObject({ status: 400 })
})

test('the same key of idempotency gives the same answer, and does nothing twice', async () => {
  const { call, connected, tokens } = await apiWorld()
  await connected()
  const sent = { method: 'POST', body: { scopes: ['read'] }, headers: { 'idempotency-key': 'one' } }
  const first = await call('/api/tokens', tokens.admin, sent)
  const again = await call('/api/tokens', tokens.admin, sent)
  expect([again.status, again.json]).toEqual([first.status, first.json])
  const other = { ...sent, body: { scopes: ['sync'] } }
  expect(await call('/api/tokens', tokens.admin, other)).toMatchObject({ status: 422, json: { code: 'key_reused' } })
})

test('a file is read also under a key that came with another file, and changes nothing twice', async () => {
  const { call, tokens, tidemark } = await apiWorld()
  const options = { username: 'ada', clientId: 'c', clientSecret: 's', refreshToken: 'r' }
  await tidemark.connect('reddit', { id: 'r', options })
  const sent = (id: string) =>
    call('/api/connections/r/streams/saved/uploads?name=saved_posts.csv', tokens.sync, {
      method: 'POST',
      raw: `id,permalink\n${id},https://www.reddit.com/r/cats/comments/${id}/a_title/\n`,
      headers: { 'idempotency-key': 'one' },
    })
  expect((await sent('1abc')).json).toMatchObject({ streams: [{ counts: { inserted: 1 } }] })
  expect((await sent('2def')).json).toMatchObject({ streams: [{ counts: { inserted: 1 } }] })
  expect((await sent('2def')).json).toMatchObject({ streams: [{ counts: { inserted: 0 } }] })
  const { json } = await call('/api/connections/r/streams/saved/records', tokens.read)
  expect(json.records).toHaveLength(2)
})

test('a catalog is served as it was published, and not again to whoever has it', async () => {
  const { call, tokens, tidemark, synced } = await apiWorld()
  await using portal = await stalkerEmulator({ titles: 30, channels: 3, categories: 2 })
  const { mac, portalUrl } = portal
  await tidemark.connect('stalker', { id: 'tv', options: { portalUrl, mac, allowPrivateNetwork: true } })
  await synced('tv')
  const first = await call('/api/connections/tv/catalog', tokens.read)
  expect(first).toMatchObject({ status: 200, json: { version: '1.0', streams: { movies: expect.any(Array) } } })
  const etag = first.headers.get('etag') ?? ''
  const headers = { 'if-none-match': etag }
  expect(await call('/api/connections/tv/catalog', tokens.read, { headers })).toMatchObject({ status: 304, text: '' })
  const encodings = ['gzip, br', 'gzip;q=0', 'gzip;q=0.2, identity', 'gzipped', 'br']
  const asked = encodings.map(async (encoding) => {
    const sent = { headers: { 'accept-encoding': encoding } }
    return (await call('/api/connections/tv/catalog', tokens.read, sent)).headers.get('content-encoding')
  })
  expect(await Promise.all(asked)).toEqual(['gzip', null, 'gzip', null, null])
  const { json } = await call('/api/connections/tv/catalogs', tokens.read)
  expect(json.catalogs).toMatchObject([{ n: 1 }])
  expect((await call('/api/connections/tv/catalogs/1/diff/1', tokens.read)).json).toMatchObject({ from: 1, to: 1 })
  expect(await call('/api/connections/tv/catalogs/9', tokens.read)).toMatchObject({ status: 404 })
})

test('a file is uploaded as the body, or as part of a form', async () => {
  const { call, tokens, tidemark } = await apiWorld()
  const options = { username: 'ada', clientId: 'c', clientSecret: 's', refreshToken: 'r' }
  await tidemark.connect('reddit', { id: 'r', options })
  const csv = 'id,permalink\n1abc,https://www.reddit.com/r/cats/comments/1abc/a_title/\n'
  const path = '/api/connections/r/streams/saved/uploads'
  const dry = await call(`${path}?dryRun=true&name=saved_posts.csv`, tokens.sync, { method: 'POST', raw: csv })
  expect(dry).toMatchObject({ status: 200, json: { dryRun: true, id: null, diff: { inserted: ['t3_1abc'] } } })
  const form = new FormData()
  form.set('file', new Blob([csv]), 'saved_posts.csv')
  const done = await call(path, tokens.sync, { method: 'POST', raw: form })
  expect(done).toMatchObject({ status: 200, json: { dryRun: false, streams: [{ counts: { inserted: 1 } }] } })
  const wrong = new FormData()
  wrong.set('other', 'text')
  const refused = await call(path, tokens.sync, { method: 'POST', raw: wrong })
  expect(refused).toMatchObject({ status: 400, json: { code: 'body_invalid' } })
})

test('a form of an upload with more than its file is refused: nothing of it is passed over', async () => {
  const { call, tokens, tidemark } = await apiWorld()
  const options = { username: 'ada', clientId: 'c', clientSecret: 's', refreshToken: 'r' }
  await tidemark.connect('reddit', { id: 'r', options })
  const path = '/api/connections/r/streams/saved/uploads'
  const fileOf = (id: string) => new Blob([`id,permalink\n${id},/r/cats/comments/${id}/x/\n`])
  for (const [name, value, message] of [
    ['file', fileOf('2def'), 'The form has more than one part named file, and an upload is one file.'],
    ['file', 'text', 'The form has more than one part named file, and an upload is one file.'],
    ['dryRun', 'true', 'The form of an upload has the part file alone, and not "dryRun".'],
  ] as const) {
    const form = new FormData()
    form.append('file', fileOf('1abc'), 'saved_posts.csv')
    form.append(name, value)
    expect(await call(path, tokens.sync, { method: 'POST', raw: form })).toMatchObject({
      status: 400,
      json: { code: 'body_invalid', detail: message, hint: expect.any(String) },
    })
  }
  expect(await tidemark.runs({ connection: 'r' })).toEqual([])
})

test('schedules, budgets, SQL, decisions and metrics', async () => {
  const { call, connected, synced, tokens } = await apiWorld()
  await connected()
  await synced()
  const put = (path: string, body: object) => call(path, tokens.write, { method: 'PUT', body })
  expect((await put('/api/connections/me/schedule', { spec: 'every 15m' })).json.schedules).toMatchObject([
    { schedule: 'every 15m' },
  ])
  expect((await call('/api/connections/me/schedule', tokens.read)).json.schedules).toHaveLength(1)
  expect((await put('/api/budgets/me', { requests: '500/hour' })).json).toMatchObject({
    name: 'me',
    requests: { max: 500 },
  })
  expect((await call('/api/budgets', tokens.read)).json.budgets).toHaveLength(1)
  // Those that a connection draws on: its own and that of its connector, no other.
  for (const name of ['github', 'reddit']) await put(`/api/budgets/${name}`, { requests: '900/hour' })
  const { budgets } = (await call('/api/budgets?connection=me', tokens.read)).json
  expect(budgets.map(({ scope, name }: { scope: string; name: string }) => [scope, name]).toSorted()).toEqual([
    ['connection', 'me'],
    ['connector', 'github'],
  ])
  expect((await call('/api/gaps?connection=me', tokens.read)).json.gaps).toEqual([])
  for (const list of ['budgets', 'gaps', 'removals']) {
    expect(await call(`/api/${list}?connection=nobody`, tokens.read)).toMatchObject({ status: 404 })
  }
  const asked = await call('/api/sql', tokens.read, {
    method: 'POST',
    body: { sql: 'select count(*) as n from github_stars' },
  })
  expect(asked.json).toMatchObject({ columns: ['n'], rows: [{ n: 30 }] })
  expect(
    await call('/api/sql', tokens.read, { method: 'POST', body: { sql: 'delete from github_stars' } }),
  ).toMatchObject({
    status: 400,
    json: { code: 'sql_refused' },
  })
  const metrics = await call('/metrics', tokens.read)
  expect(metrics.text).toContain('tidemark_stream_records{connection="me",connector="github",stream="stars"} 30\n')
  expect(await call('/api/removals/nothing/approve', tokens.write, { method: 'POST' })).toMatchObject({ status: 404 })
})

test('what a caller is told of its secrets is nothing', async () => {
  const { call, connected, synced, tokens, shown, failures } = await apiWorld()
  await connected()
  await synced()
  const change = { method: 'PATCH', body: { options: { token: CANARIES[1] } } }
  await call('/api/connections/me', tokens.admin, change)
  for (const path of [
    '/api/connections',
    '/api/connections/me',
    '/api/status',
    '/api/runs',
    '/api/tokens',
    '/api/audit',
  ]) {
    await call(path, tokens.admin)
  }
  await call('/api/sql', tokens.read, { method: 'POST', body: { sql: 'select * from tm_secrets' } })
  for (const secret of [...CANARIES, ...Object.values(tokens)]) {
    expect(shown.filter((text) => text.includes(secret ?? ''))).toEqual([])
  }
  expect(failures).toEqual([])
})

test('pages in any order are together the whole stream in that order, whichever columns are shown', async () => {
  const { call, connected, synced, tokens, tidemark } = await apiWorld({ stars: 40 })
  await connected()
  await synced()
  const path = '/api/connections/me/streams/stars/records?columns=full_name'
  for (const order of ['stargazers_count:desc', 'full_name', 'pushed_at', '_key:desc', '_updated_at']) {
    const found: string[] = []
    for (let cursor: string | null = ''; cursor !== null; ) {
      const { status, json } = await call(
        `${path}&limit=7&order=${order}${cursor === '' ? '' : `&cursor=${cursor}`}`,
        tokens.read,
      )
      expect([order, status]).toEqual([order, 200])
      found.push(...json.records.map((row: { full_name: string }) => row.full_name))
      cursor = json.nextCursor
    }
    const whole: unknown[] = []
    for await (const row of await tidemark.performFor(
      'default',
      'records',
      { connection: 'me', stream: 'stars' },
      { order },
    ))
      whole.push(row.full_name)
    expect([order, found]).toEqual([order, whole])
  }
})

// Owns what the API takes literally: switches are true or false and nothing else, a value is said once, a form is whole, and
// a moment has a date.

import { expect, test } from 'vitest'
import { apiWorld } from './api-world.ts'

/** Whatever these mean, they are neither true nor false. */
const NO_SWITCHES = ['=1', '=0', '=yes', '=TRUE', '=True', '=on', '=', '']

test('a switch in a query is true or false: with another word nothing is done', async () => {
  const { call, connected, synced, tokens, failures } = await apiWorld({ stars: 3 })
  await connected()
  await synced()
  const refused = (path: string, method = 'GET') => call(path, tokens.admin, { method })
  const paths = (name: string) => [
    ...NO_SWITCHES.map((text) => `${name}${text}`),
    `${name}=false&${name}=true`,
    `${name}=true&${name}=true`,
  ]
  for (const query of paths('purge')) {
    const answer = await refused(`/api/connections/me?${query}`, 'DELETE')
    expect([query, answer.status]).toEqual([query, 400])
    expect(answer.json.code).toMatch(/^option_(?:invalid|conflict)$/)
  }
  const stars = '/api/connections/me/streams/stars/records'
  const [{ _key: key }] = (await call(stars, tokens.read)).json.records
  for (const query of paths('removed')) {
    expect([query, (await refused(`${stars}?${query}`)).status]).toEqual([query, 400])
    expect([query, (await refused(`${stars}/${key}?${query}`)).status]).toEqual([query, 400])
  }
  for (const query of paths('all')) expect((await refused(`/api/connections?${query}`)).status).toBe(400)
  expect((await call('/api/connections/me', tokens.read)).json).toMatchObject({
    standing: { state: 'on' },
    totals: { stars: 3 },
  })
  const kept = await call('/api/connections/me?purge=false', tokens.admin, { method: 'DELETE' })
  expect(kept).toMatchObject({ status: 200, json: { purged: false } })
  const gone = await call('/api/connections/me?purge=true', tokens.admin, { method: 'DELETE' })
  expect(gone).toMatchObject({ status: 200, json: { purged: true } })
  expect(failures).toEqual([])
})

test('a value that the server itself reads of a query is said once', async () => {
  const { call, tokens } = await apiWorld()
  for (const [path, name] of [
    ['/api/runs', 'limit'],
    ['/api/runs', 'batch'],
    ['/api/tokens', 'cursor'],
    ['/api/changes', 'wait'],
    ['/api/changes', 'limit'],
  ] as const) {
    const answer = await call(`${path}?${name}=1&${name}=2`, tokens.admin)
    expect([path, answer.status, answer.json.code]).toEqual([path, 400, 'option_conflict'])
  }
})

test('a switch in a body is true or false', async () => {
  const { call, connected, tokens } = await apiWorld()
  await connected()
  for (const value of ['true', 'false', 1, 0, null, 'yes']) {
    const batch = await call('/api/runs', tokens.sync, { method: 'POST', body: { wait: value } })
    expect(batch).toMatchObject({ status: 400, json: { code: 'option_invalid' } })
    const change = await call('/api/connections/me', tokens.admin, { method: 'PATCH', body: { paused: value } })
    expect(change).toMatchObject({ status: 400, json: { code: 'option_invalid' } })
  }
  expect((await call('/api/runs', tokens.read)).json.runs).toEqual([])
})

const CSV = 'id,permalink\n1abc,https://www.reddit.com/r/cats/comments/1abc/a_title/\n'
const PART = `--x\r\nContent-Disposition: form-data; name="file"; filename="saved_posts.csv"\r\n\r\n${CSV}`

test('an upload that is only to be tried is never carried out', async () => {
  const { call, tokens, tidemark } = await apiWorld()
  const options = { username: 'ada', clientId: 'c', clientSecret: 's', refreshToken: 'r' }
  await tidemark.connect('reddit', { id: 'r', options })
  const path = '/api/connections/r/streams/saved/uploads?name=saved_posts.csv'
  for (const text of [...NO_SWITCHES, '=false&dryRun=true', '=true&dryRun=true']) {
    const answer = await call(`${path}&dryRun${text}`, tokens.sync, { method: 'POST', raw: CSV })
    expect([text, answer.status]).toEqual([text, 400])
  }
  expect((await call('/api/connections/r', tokens.read)).json.totals.saved).toBe(0)
  expect((await call(`${path}&dryRun=false`, tokens.sync, { method: 'POST', raw: CSV })).json.dryRun).toBe(false)
})

test('a form that is cut, empty or without a boundary is refused, and one whose type is in capitals is a form', async () => {
  const { call, tokens, tidemark, failures } = await apiWorld()
  const options = { username: 'ada', clientId: 'c', clientSecret: 's', refreshToken: 'r' }
  await tidemark.connect('reddit', { id: 'r', options })
  const post = (raw: string, type: string) =>
    call('/api/connections/r/streams/saved/uploads', tokens.sync, {
      method: 'POST',
      raw,
      headers: { 'content-type': type },
    })
  for (const [raw, type] of [
    ['x', 'multipart/form-data'],
    [PART, 'multipart/form-data; boundary=x'],
    [CSV, 'multipart/form-data; boundary=x'],
    ['', 'multipart/form-data; boundary=x'],
  ] as const) {
    expect(await post(raw, type)).toMatchObject({ status: 400, json: { code: 'body_invalid' } })
  }
  expect(failures).toEqual([])
  expect(await post(`${PART}\r\n--x--\r\n`, 'Multipart/Form-Data; boundary=x')).toMatchObject({ status: 200 })
})

test('what is counted from now has a date, or is refused before anything is stored', async () => {
  const { call, connected, synced, tokens, failures } = await apiWorld({ stars: 3 })
  await connected()
  await synced()
  for (const expires of ['99999999d', `${'9'.repeat(400)}d`, '365001d', '0d', '-1d']) {
    const refused = await call('/api/tokens', tokens.admin, { method: 'POST', body: { scopes: ['read'], expires } })
    expect(refused).toMatchObject({ status: 400, json: { code: 'option_invalid', hint: expect.any(String) } })
  }
  const longest = { scopes: ['read'], expires: '365000d' }
  expect((await call('/api/tokens', tokens.admin, { method: 'POST', body: longest })).status).toBe(201)
  expect((await call('/api/tokens', tokens.admin)).status).toBe(200)
  const spec = { spec: 'every 99999999d' }
  expect(await call('/api/connections/me/schedule', tokens.write, { method: 'PUT', body: spec })).toMatchObject({
    status: 400,
    json: { code: 'schedule_invalid' },
  })
  for (const since of [253_402_300_800_000, 8.64e15, -8.64e15, '9999-12-31T23:59:59-14:00']) {
    const run = await call('/api/connections/me/runs', tokens.sync, { method: 'POST', body: { since } })
    expect([since, run.status, run.json.code]).toEqual([since, 400, 'moment_invalid'])
  }
  expect(failures).toEqual([])
})

test('a name that every object answers to is none of an input', async () => {
  const { call, tokens, connected } = await apiWorld()
  await connected()
  const refused = { code: 'option_unknown' }
  expect((await call('/api/search?q=a&__proto__=x', tokens.read)).json).toMatchObject(refused)
  const headers = { 'content-type': 'application/json' }
  const sent = { method: 'POST', headers, raw: '{"__proto__":{"mode":"full"}}' }
  expect((await call('/api/connections/me/runs', tokens.sync, sent)).json).toMatchObject(refused)
})

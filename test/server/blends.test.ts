// Owns the promises of blends over HTTP: one is made, read, set by hand and ended by calls alone.

import { expect, test } from 'vitest'
import { apiWorld } from './api-world.ts'

test('a blend is made, set by hand, explained and ended', async () => {
  const { call, connected, synced, tokens } = await apiWorld()
  await connected()
  await synced()
  const body = { name: 'repos', from: ['me/stars:html_url'], rule: { stargazers_count: 'max' } }
  const made = await call('/api/blends', tokens.admin, { method: 'POST', body })
  expect([made.status, made.json.name, made.json.table]).toEqual([201, 'repos', 'blend_repos'])
  const records = '/api/connections/repos/streams/records/records'
  const listed = await call(`${records}?limit=1`, tokens.read)
  const { _key: key, stargazers_count: stars } = listed.json.records[0]
  const one = `/api/blends/repos/records/${encodeURIComponent(key)}`
  const values = { stargazers_count: '1.2K', language: 'Own' }
  const set = await call(one, tokens.write, { method: 'PATCH', body: values })
  expect([set.status, set.json.fields.stargazers_count.value, set.json.fields.language.rule]).toEqual([
    200,
    1200,
    'manual',
  ])
  expect((await call(`${records}/${encodeURIComponent(key)}`, tokens.read)).json).toMatchObject({
    stargazers_count: 1200,
  })
  const unset = await call(one, tokens.write, { method: 'PATCH', body: { stargazers_count: null } })
  expect(unset.json.fields.stargazers_count).toMatchObject({ value: stars, rule: 'max', source: 'me/stars' })
  const why = await call(`${records}/${encodeURIComponent(key)}/explain?field=language`, tokens.read)
  expect(why.json.blended).toMatchObject({ language: { value: 'Own', rule: 'manual' } })
  const strange = await call(one, tokens.write, { method: 'PATCH', body: { nothing: 1 } })
  expect([strange.status, strange.json.code]).toEqual([404, 'column_unknown'])
  expect((await call('/api/blends', tokens.read)).json).toMatchObject({ blends: [{ name: 'repos' }] })
  expect((await call('/api/blends/repos', tokens.admin, { method: 'DELETE' })).json.deleted).toBeGreaterThan(0)
  expect((await call('/api/blends/repos', tokens.read)).json).toMatchObject({ code: 'blend_unknown' })
})

// Owns the promises about records over HTTP: conditions beside equality, an outline whose cursors lead to every part of the
// list, and a file that holds exactly what was asked for.

import { expect, test } from 'vitest'
import { apiWorld } from './api-world.ts'

const STREAM = '/api/connections/me/streams/stars'

async function synced(stars = 60) {
  const world = await apiWorld({ stars })
  await world.connected()
  await world.synced()
  return { ...world, get: (path: string) => world.call(`${STREAM}${path}`, world.tokens.read) }
}

const keysOf = (rows: readonly { readonly _key: unknown }[]) => rows.map(({ _key }) => String(_key))

test('conditions compare by size, by part and by difference, as SQL does', async () => {
  const { get, mirror } = await synced()
  const keys = (where: string) =>
    mirror
      .sql(`SELECT _key FROM github_stars WHERE ${where}`)
      .map(({ _key }) => String(_key))
      .sort()
  const [{ low = 0, part = '', language = '' } = {}] = mirror.sql(
    'SELECT stargazers_count low, upper(substr(full_name, 2, 4)) part, language FROM github_stars LIMIT 1 OFFSET 7',
  ) as { low?: number; part?: string; language?: string }[]
  const asked: readonly (readonly [where: string, sql: string])[] = [
    [`stargazers_count>=${low}`, `stargazers_count >= ${low}`],
    [`stargazers_count<=${low}`, `stargazers_count <= ${low}`],
    [`full_name~=${part}`, `instr(upper(full_name), '${part}') > 0`],
    [`language!=${language}`, `language IS NOT '${language}'`],
    ['starred_at>=2024-01-01', "starred_at >= '2024-01-01'"],
    ['full_name~=%', "full_name LIKE '%!%%' ESCAPE '!'"],
  ]
  for (const [where, sql] of asked) {
    const { json } = await get(`/records?limit=1000&columns=_key&where=${encodeURIComponent(where)}`)
    expect([where, keysOf(json.records).sort()]).toEqual([where, keys(sql)])
    const { json: told } = await get(`/outline?where=${encodeURIComponent(where)}`)
    expect([where, told.total]).toEqual([where, keys(sql).length])
  }
  const both = `where=${encodeURIComponent(`stargazers_count>=${low}`)}&where=${encodeURIComponent(`full_name~=${part}`)}`
  const { json } = await get(`/records?${both}`)
  expect(keysOf(json.records).sort()).toEqual(
    keys(`stargazers_count >= ${low} AND instr(upper(full_name), '${part}') > 0`),
  )
  expect((await get('/records?where=stargazers_count%3E%3Dmany')).json).toMatchObject({ code: 'option_invalid' })
  expect((await get('/records?where=nothing~%3Dx')).json).toMatchObject({ code: 'column_unknown' })
})

test('every cursor of an outline begins the part that follows, in every order', async () => {
  const { get } = await synced(57)
  for (const order of ['', '&order=stargazers_count:desc', '&order=language', '&removed=true', '&asOf=now']) {
    const { json: whole } = await get(`/records?limit=1000&columns=_key${order}`)
    const { json: told } = await get(`/outline?every=10${order}`)
    const all = keysOf(whole.records)
    expect([order, told.total, told.cursors?.length ?? told]).toEqual([order, all.length, Math.floor(all.length / 10)])
    for (const [i, cursor] of told.cursors.entries()) {
      const { json: part } = await get(`/records?limit=10&columns=_key${order}&cursor=${cursor}`)
      const from = (i + 1) * 10
      expect([order, i, keysOf(part.records)]).toEqual([order, i, all.slice(from, from + 10)])
    }
  }
  expect((await get('/outline')).json.columns).toContainEqual({ name: 'stargazers_count', type: 'integer' })
  expect((await get('/outline?every=0')).status).toBe(400)
})

test('an export holds exactly the records that were asked for, in each format', async () => {
  const { get } = await synced()
  const query = 'order=stargazers_count:desc&columns=_key,full_name,stargazers_count&where=stargazers_count%3E%3D5'
  const { json } = await get(`/records?limit=1000&${query}`)
  const exported = async (format: string) => get(`/export?${query}&format=${format}`)
  expect((await exported('json')).json).toEqual(json.records)
  const { text, headers } = await exported('jsonl')
  expect(
    text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
  ).toEqual(json.records)
  expect(headers.get('content-disposition')).toBe('attachment; filename="me-stars.jsonl"')
  const csv = (await exported('csv')).text.trim().split('\n')
  expect([csv[0], csv.length]).toEqual(['_key,full_name,stargazers_count', json.records.length + 1])
  expect((await exported('xml')).json).toMatchObject({ code: 'option_invalid' })
  expect((await get('/export?order=nothing')).json).toMatchObject({ code: 'column_unknown' })
})

// Owns the promises of the list of runs and their logs over HTTP: filters are the server's, pages of a filter repeat and leave
// out none, and a log tells every request of the ledger in its order.

import { expect, test } from 'vitest'
import { type Answered, apiWorld } from './api-world.ts'

type Json = Answered['json']

async function world() {
  const made = await apiWorld({ stars: 250 })
  const { call, connected, synced, tokens, github, tidemark } = made
  await connected()
  for (let i = 0; i < 3; i++) await synced()
  const { json: full } = await call('/api/connections/me/runs', tokens.sync, { method: 'POST', body: { mode: 'full' } })
  await made.ended(full.id)
  github.world.revokeToken('token-of-ada')
  await synced()
  const rows = await tidemark.runs()
  expect(rows.map(({ status, mode }) => `${status} ${mode}`)).toEqual([
    'paused auto',
    'succeeded full',
    ...Array.from({ length: 3 }, () => 'succeeded auto'),
  ])
  const list = async (query: string) => {
    const { status, json } = await call(`/api/runs?${query}`, tokens.read)
    expect(status).toBe(200)
    return json
  }
  const ids = async (query: string) => (await list(query)).runs.map(({ id }: Json) => id)
  return { ...made, rows, list, ids }
}

test('runs are filtered by status, mode, time and problems, and by several of them together', async () => {
  const { ids, rows, call, tokens } = await world()
  const all = rows.map(({ id }) => id)
  expect(await ids('status=paused')).toEqual([all[0]])
  expect(await ids('status=paused,succeeded&mode=full')).toEqual([all[1]])
  expect(await ids('problems=true')).toEqual([all[0]])
  expect(await ids('problems=true&status=succeeded')).toEqual([])
  expect(await ids('mode=auto&status=succeeded&connection=me')).toEqual(all.slice(2))
  const second = rows[3]?.startedAt ?? ''
  expect(await ids(`since=${second}`)).toEqual(all.slice(0, 4))
  expect(await ids(`until=${second}`)).toEqual(all.slice(4))
  const wrong = await call('/api/runs?status=faild', tokens.read)
  expect([wrong.status, wrong.json.code]).toEqual([400, 'option_invalid'])
  expect(wrong.json.detail).toContain('succeeded')
})

test('pages of a filtered list give each run once', async () => {
  const { list, rows } = await world()
  const seen: string[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const { runs, nextCursor } = await list(`status=succeeded&limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`)
    seen.push(...runs.map(({ id }: Json) => id))
    cursor = nextCursor
  }
  expect(seen).toEqual(rows.slice(1).map(({ id }) => id))
})

test('the log of a run has every request of the ledger in its order, and how it ended, over pages too', async () => {
  const { call, tokens, rows, mirror } = await world()
  const [paused, full] = rows
  for (const run of [paused, full]) {
    const entries: Json[] = []
    for (let cursor: string | null = ''; cursor !== null; ) {
      const more = cursor === '' ? '' : `&cursor=${cursor}`
      const { json } = await call(`/api/runs/${run?.id}/log?limit=2${more}`, tokens.read)
      entries.push(...json.log)
      cursor = json.nextCursor
    }
    const stored = mirror.sql(`SELECT url, status, ms FROM requests WHERE run = '${run?.id}' ORDER BY at, url`)
    const told = entries.flatMap(({ request }) => (request === null ? [] : [request]))
    expect(told.map(({ url, status, ms }) => ({ url, status, ms }))).toEqual(
      expect.arrayContaining(stored.map((row) => ({ ...row }))),
    )
    expect(told).toHaveLength(Number(run?.requests))
    expect(entries[0].kind).toBe('begun')
    expect(entries.at(-1)).toMatchObject({ kind: 'ended', at: run?.finishedAt, text: `The run ends: ${run?.status}.` })
    expect(entries.filter(({ kind }) => kind === 'error')).toHaveLength(run?.error ? 1 : 0)
    expect(entries.filter(({ kind }) => kind === 'note').map(({ text }) => text)).toEqual(run?.notes)
  }
  const unknown = await call('/api/runs/01K9ZS6X1C4H8W2V7Q3M5N0B9T/log', tokens.read)
  expect([unknown.status, unknown.json.code]).toEqual([404, 'run_unknown'])
})

// Owns the promise of lists that are read a page at a time: none of their rows is left out or told twice, whatever comes and goes
// between two pages.

import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { readRecords } from '../../src/engine/history/read-records.ts'
import { operationNamed } from '../../src/operations/all.ts'
import { isList } from '../../src/server/api/openapi.ts'
import { ROUTES } from '../../src/server/api/routes.ts'
import { tableNames } from '../../src/store/names.ts'
import { type Answered, apiWorld } from './api-world.ts'

type Json = Answered['json']

async function world() {
  const made = await apiWorld({ stars: 40 })
  const page = async (path: string, name: string, cursor: string | null) => {
    const from = cursor === null ? '' : `&cursor=${cursor}`
    const { status, json } = await made.call(
      `${path}${path.includes('?') ? '&' : '?'}limit=3${from}`,
      made.tokens.admin,
    )
    expect(status).toBe(200)
    return { rows: json[name] as readonly Json[], next: json.nextCursor as string | null }
  }
  /** All rows of a list by a field; `between` is done with each page. */
  const walk = async (path: string, name: string, by: string, between: (rows: readonly Json[]) => Promise<unknown>) => {
    const seen: string[] = []
    for (let cursor: string | null = null, pages = 0; pages === 0 || cursor !== null; pages++) {
      expect(pages).toBeLessThan(50)
      const { rows, next }: { rows: readonly Json[]; next: string | null } = await page(path, name, cursor)
      seen.push(...rows.map((row) => String(row[by])))
      await between(rows)
      cursor = next
    }
    return seen
  }
  return { ...made, walk }
}

test('every list says what it is ordered by, or begins behind a place of its own', async () => {
  const lists = await Promise.all(
    ROUTES.map(async (route) => ({ route, operation: await operationNamed(route.operation) })),
  )
  for (const { route, operation } of lists.filter((one) => isList(one.route, one.operation))) {
    const isPlaced = operation.hooks !== undefined && 'behind' in operation.hooks
    expect([route.path, isPlaced, (operation.listedBy ?? []).length > 0]).toEqual([route.path, isPlaced, !isPlaced])
  }
})

test('runs that begin meanwhile repeat none', async () => {
  const { walk, connected, synced, call, tokens } = await world()
  await connected()
  for (let i = 0; i < 7; i++) await synced()
  const before = (await call('/api/runs', tokens.read)).json.runs.map(({ id }: Json) => id)
  expect(await walk('/api/runs', 'runs', 'id', () => synced())).toEqual(before)
})

test('tokens that end meanwhile hide no others', async () => {
  const { walk, call, tokens, tidemark } = await world()
  for (let i = 0; i < 7; i++) await tidemark.createToken({ scopes: ['read'], note: `note ${i}` })
  const seen = await walk('/api/tokens', 'tokens', 'note', async (rows) => {
    for (const { id, note } of rows) {
      if (note !== '') await call(`/api/tokens/${id}`, tokens.admin, { method: 'DELETE' })
    }
    await tidemark.createToken({ scopes: ['read'], note: '' })
  })
  // Those of one millisecond stand in any order.
  expect(seen.filter((note) => note !== '').toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6].map((i) => `note ${i}`))
})

test('connections that are deleted meanwhile hide no others', async () => {
  const { walk, call, tokens, tidemark } = await world()
  const ids = ['e', 'b', 'd', 'a', 'c', 'f', 'g']
  for (const id of ids) await tidemark.connect('github', { id, options: { user: 'ada' } })
  const ended = async (rows: readonly Json[]) => {
    for (const { id } of rows) await call(`/api/connections/${id}?purge=true`, tokens.admin, { method: 'DELETE' })
  }
  expect(await walk('/api/connections', 'connections', 'id', ended)).toEqual(ids)
})

test('deeds that are written meanwhile repeat none', async () => {
  const { walk, call, tokens } = await world()
  const deed = () => call('/api/quarantine/retry', tokens.write, { method: 'POST', body: {} })
  for (let i = 0; i < 7; i++) await deed()
  expect(await walk('/api/audit-log', 'deeds', 'operation', deed)).toHaveLength(7)
})

test('a cursor of another list is refused', async () => {
  const { call, connected, tokens, tidemark } = await world()
  await connected()
  for (let i = 0; i < 4; i++) await tidemark.createToken({ scopes: ['read'] })
  const { json } = await call('/api/tokens?limit=2', tokens.admin)
  for (const path of ['/api/runs', '/api/quarantine', '/api/audit-log', '/api/blends']) {
    const refused = await call(`${path}?cursor=${json.nextCursor}`, tokens.admin)
    expect([path, refused.status, refused.json.code]).toEqual([path, 400, 'cursor_invalid'])
  }
})

test('a page by a column is full or the last one, though records go between its keys and its rows', async () => {
  const { connected, synced, tidemark, mirror } = await world()
  await connected()
  await synced()
  const { store } = tidemark
  const { row } = await tidemark.connection('me')
  const [stream] = await store.streams.list(row.no)
  if (!stream) throw new Error('there is no stream')
  const forget = (keys: readonly string[]) => {
    const database = new DatabaseSync(mirror.file)
    for (const key of keys) database.exec(`DELETE FROM ${tableNames('github_stars').records} WHERE _key = '${key}'`)
    database.close()
  }
  let isFirst = true
  const list: typeof store.records.list = async (query) => {
    if (isFirst && query.keys) forget(query.keys.slice(0, 4))
    isFirst = false
    return store.records.list(query)
  }
  const going = { ...store, records: { ...store.records, list } }
  const keys: string[] = []
  const places: string[] = []
  const asked = { order: 'stargazers_count', limit: 10, onPlace: ({ key }: { key: string }) => void places.push(key) }
  for await (const record of readRecords(going, stream, asked)) keys.push(record._key)
  expect([keys.length, new Set(keys).size, places]).toEqual([10, 10, keys])
})

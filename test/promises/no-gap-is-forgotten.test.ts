// Owns the promise that whatever a run leaves unread is read by a later one, or waits where a person sees it: the rest of a
// range, a part that a full pass does not close, a stream behind one that takes all requests, a listing that is empty now.

import { describe, expect, it } from 'vitest'
import { byCursor, fullPass, newestFirst, openTidemark } from '../../src/index.ts'
import {
  connectorOf,
  type Item,
  items,
  keysOf,
  order,
  PAGE_SIZE,
  PagedSource,
  reads,
  syncTimes,
} from '../support/paged-source.ts'
import { wrongClock } from '../support/wrong-clock.ts'

const { list, changes } = reads()
const window = byCursor({ read: changes, pageSize: PAGE_SIZE, order, unitMs: 1_000, overlap: '0s' })

async function connected(source: PagedSource, streams: Record<string, readonly unknown[]>) {
  const tidemark = await source.open()
  return { tidemark, connection: await tidemark.connect(connectorOf(streams), { id: 'me' }) }
}

const has = (id: string) => (_: string, page: readonly Item[]) => page.some((item) => item.id === id)
const timeOf = ({ at }: Item) => new Date(at * 1000)

describe('a range that breaks off', () => {
  it.each(['a cap', 'a page that fails', 'a signal'])('by %s is read to its end by the next sync', async (how) => {
    await using source = new PagedSource({ notes: items(40) })
    const { connection } = await connected(source, { notes: [window] })
    await connection.sync()
    const notes = source.items['notes'] as Item[]
    for (const note of notes.slice(3, 30)) note.text += '!'
    const range = { since: timeOf(notes[3] as Item), until: timeOf(notes[31] as Item) }
    const abort = new AbortController()
    let requests = 0
    if (how === 'a page that fails') source.fails = has('k16')
    if (how === 'a signal') source.onRequest = () => void (++requests === 3 && abort.abort())
    const ordered = how === 'a cap' ? { ...range, maxRequests: 2 } : { ...range, signal: abort.signal }
    const broken = await connection.sync(ordered)
    expect(broken.status).not.toBe('succeeded')
    expect(broken.notes.join()).toContain('was ordered and is not read yet')
    expect((await connection.stream('notes')).coverage.kind).toBe('gap')
    source.fails = () => false
    source.onRequest = () => {}
    expect((await connection.sync()).status).toBe('succeeded')
    expect((await connection.stream('notes')).coverage.kind).toBe('complete')
    const texts = new Map<string, unknown>()
    for await (const record of connection.records('notes')) texts.set(record._key, record['text'])
    expect(notes.filter(({ id, text }) => texts.get(id) !== text)).toEqual([])
  })

  it('before anything else was read hides nothing that is older', async () => {
    await using source = new PagedSource({ notes: items(40) })
    const { connection } = await connected(source, { notes: [window] })
    const notes = source.items['notes'] as Item[]
    await connection.sync({ since: timeOf(notes[20] as Item), maxRequests: 2 })
    expect((await connection.sync()).status).toBe('succeeded')
    expect(await keysOf(connection)).toHaveLength(40)
  })
})

it('a range of which a run reaches only the first stream is read to its end in all of them', async () => {
  await using source = new PagedSource({ notes: items(40), tasks: items(40, 't') })
  const tasks = byCursor({ read: reads('tasks').changes, pageSize: PAGE_SIZE, order, unitMs: 1_000, overlap: '0s' })
  const { connection } = await connected(source, { notes: [window], tasks: [tasks] })
  await connection.sync()
  const all = Object.values(source.items).flat()
  for (const item of all) item.text += '!'
  const before = source.asked.length
  const broken = await connection.sync({
    since: timeOf(all[3] as Item),
    until: timeOf(all[31] as Item),
    maxRequests: 2,
  })
  expect(broken.notes.join()).toMatch(/notes: .* is not read yet.*tasks: .* is not read yet/)
  expect(source.asked.slice(before).every((path) => path.startsWith('notes'))).toBe(true)
  for (const name of ['notes', 'tasks']) expect((await connection.stream(name)).coverage.kind).toBe('gap')
  expect((await connection.sync()).status).toBe('succeeded')
  const texts = new Map<string, unknown>()
  for (const name of ['notes', 'tasks']) {
    for await (const record of connection.records(name)) texts.set(record._key, record['text'])
  }
  const read = Object.values(source.items).flatMap((each) => each.slice(3, 31))
  expect(read.filter(({ id, text }) => texts.get(id) !== text)).toEqual([])
})

describe('a filter that breaks off', () => {
  const VALUES = ['a', 'b', 'c']
  const filtered = (name: string) => {
    const read = async (request: { where: { text?: string } }) => {
      const page = await (reads(name).list as (asked: unknown) => Promise<{ records: Item[] }>)(request)
      return { ...page, records: page.records.filter(({ text }) => text === (request.where.text ?? text)) }
    }
    return newestFirst({ read, pageSize: PAGE_SIZE, order })
  }
  const plain = connectorOf({ notes: [filtered('notes')], tasks: [filtered('tasks')] })
  const streams = Object.entries(plain.streams).map(([name, declared]) => {
    return [name, { ...declared, filters: { text: { values: VALUES } } }]
  })
  const connector: typeof plain = { ...plain, streams: Object.fromEntries(streams) }

  it.each(['a cap', 'a page that fails', 'a signal'])('by %s says what is left, and what reads it', async (how) => {
    const texts = items(15).map((item, i) => ({ ...item, text: VALUES[i % 3] as string }))
    await using source = new PagedSource({ notes: texts, tasks: [] })
    const tidemark = await source.open()
    const connection = await tidemark.connect(connector, { id: 'me' })
    const abort = new AbortController()
    let requests = 0
    source.onRequest = () => void (++requests === 4 && how === 'a signal' && abort.abort())
    source.fails = () => requests >= 4 && how === 'a page that fails'
    const cap = how === 'a cap' ? { maxRequests: 4 } : {}
    const broken = await connection.sync({ where: { text: VALUES }, signal: abort.signal, ...cap })
    expect(broken.status).not.toBe('succeeded')
    // The source pages through all of it for each value: the first one was read to its end.
    const notes = broken.notes.filter((note) => note.includes('no later sync goes on with it'))
    expect(notes).toContainEqual(expect.stringMatching(/^notes: .*: tidemark sync me\/notes --where text=b,c$/))
    const others = notes.filter((note) => note.endsWith('tidemark sync me/tasks --where text=a,b,c'))
    expect(others).toHaveLength(1)
    source.fails = () => false
    await connection.sync({ streams: ['notes'], where: { text: ['b', 'c'] } })
    expect(await keysOf(connection)).toHaveLength(15)
  })
})

describe('a part that a window had to leave out', () => {
  it.each([1, 5])('is tried again where runs are full ones (every %i)', async (everyRuns) => {
    await using source = new PagedSource({ notes: items(30) })
    const full = fullPass({ read: list, pageSize: PAGE_SIZE, order, everyRuns })
    const { connection } = await connected(source, { notes: [window, full] })
    source.fails = (path, page) => path.startsWith('notes/changes') && has('k12')(path, page)
    expect((await connection.sync()).status).toBe('failed')
    const full2 = await connection.sync({ mode: 'full' })
    expect(full2.status).toBe('failed')
    source.fails = () => false
    expect((await connection.sync({ mode: 'full' })).status).toBe('succeeded')
    expect((await connection.stream('notes')).coverage.kind).toBe('complete')
  })
})

it('a full pass that declares no rhythm runs beside other passes, and notices removals', async () => {
  await using source = new PagedSource({ notes: items(30) })
  const { connection } = await connected(source, {
    notes: [window, fullPass({ read: list, pageSize: PAGE_SIZE, order })],
  })
  await connection.sync()
  source.items['notes']?.splice(5, 1)
  await syncTimes(12, () => connection.sync())
  expect(await keysOf(connection)).toHaveLength(29)
})

it('a stream that a capped run could not reach comes first in the next one', async () => {
  await using source = new PagedSource({ notes: items(50), tasks: items(20) })
  const unordered = fullPass({ read: list, pageSize: PAGE_SIZE })
  const second = newestFirst({ read: reads('tasks').list, pageSize: PAGE_SIZE, order })
  const { connection } = await connected(source, { notes: [unordered], tasks: [second] })
  await syncTimes(3, () => connection.sync({ maxRequests: 8 }))
  expect(await keysOf(connection, 'tasks')).toHaveLength(20)
})

describe('a stream that earlier runs could not reach comes first, without any cap', () => {
  const LIMIT = { key: 'hourly', requests: 8, per: '1h' } as const
  it.each([
    'a limit that is declared',
    'a limit that only answers tell',
    'a limit behind the first stream',
    'a signal',
  ])('where %s ends the run', async (how) => {
    const isBehind = how === 'a limit behind the first stream'
    await using source = new PagedSource({ notes: items(isBehind ? 8 * PAGE_SIZE : 60), tasks: items(20) })
    const clock = wrongClock(0)
    // The first stream is listed whole by every run, and is always larger than the limit.
    const second = newestFirst({ read: reads('tasks').list, pageSize: PAGE_SIZE, order })
    const plain = connectorOf({ notes: [fullPass({ read: list, pageSize: PAGE_SIZE })], tasks: [second] })
    const limits = how === 'a limit that is declared' ? [LIMIT] : []
    const http = () => ({ ...plain.service.http({} as never), limits })
    const connector: typeof plain = { ...plain, service: { ...plain.service, http } }
    let abort = new AbortController()
    let requests = 0
    const send: typeof source.transport.send = async (request) => {
      if (++requests >= LIMIT.requests && how === 'a signal') abort.abort()
      const isRefused = requests > LIMIT.requests && (isBehind || how === 'a limit that only answers tell')
      return isRefused
        ? { status: 429, headers: { 'retry-after': '3600' }, text: '{}' }
        : source.transport.send(request)
    }
    const transport = { send, close: async () => {} }
    await using tidemark = await openTidemark({
      database: ':memory:',
      key: new Uint8Array(32).fill(7),
      transport,
      clock,
    })
    const connection = await tidemark.connect(connector, { id: 'me' })
    for (let run = 0; run < 4; run++) {
      abort = new AbortController()
      requests = 0
      expect((await connection.sync({ signal: abort.signal })).status).not.toBe('succeeded')
      if (!isBehind) source.items['notes']?.push(...items(20, `later${run}-`))
      clock.pass(2 * 3_600_000)
    }
    expect(await keysOf(connection, 'tasks')).toHaveLength(20)
  })
})

it('a connection that earlier syncs of all could not reach comes first in the next one', async () => {
  await using source = new PagedSource({ notes: items(60) })
  const tidemark = await source.open()
  const connector = connectorOf({ notes: [fullPass({ read: list, pageSize: PAGE_SIZE })] })
  const ids = ['a', 'b', 'c', 'd', 'e', 'f']
  for (const id of ids) await tidemark.connect(connector, { id })
  for (let run = 0; run < 3; run++) {
    const { runs } = await tidemark.sync({ maxRequests: 8 })
    expect(runs.map(({ connection }) => connection)).toEqual(ids)
  }
  for (const connection of await tidemark.connections()) expect(await keysOf(connection)).not.toEqual([])
})

it('a listing with a cap that is empty now is held for a person, who ends it either way', async () => {
  for (const decision of ['approve', 'reject'] as const) {
    await using source = new PagedSource({ notes: items(10) })
    const capped = fullPass({ read: list, pageSize: PAGE_SIZE, order, listing: { cap: 10 } })
    const { tidemark, connection } = await connected(source, { notes: [capped] })
    await connection.sync()
    source.items['notes'] = []
    const report = await syncTimes(2, () => connection.sync())
    expect(report.status).toBe('incomplete')
    expect(await tidemark.removals()).toMatchObject([{ run: expect.any(String), held: 10 }])
    const [{ run } = { run: '' }] = await tidemark.removals()
    await tidemark.decideRemovals(decision, run)
    expect((await connection.sync()).status).toBe('succeeded')
    expect(await keysOf(connection)).toHaveLength(decision === 'approve' ? 0 : 10)
  }
})

it('a listing that no full pass reads is complete when a second run finds it empty', async () => {
  await using source = new PagedSource({ notes: items(10) })
  const { connection } = await connected(source, { notes: [newestFirst({ read: list, pageSize: PAGE_SIZE, order })] })
  await connection.sync()
  const all = source.items['notes'] as Item[]
  source.items['notes'] = []
  expect((await connection.sync()).status).toBe('incomplete')
  const second = await connection.sync()
  expect(second.status).toBe('succeeded')
  expect(second.notes.join()).toContain('the source listed nothing')
  source.items['notes'] = all
  expect((await connection.sync()).notes).toEqual([])
  source.items['notes'] = []
  expect((await connection.sync()).status).toBe('incomplete')
})

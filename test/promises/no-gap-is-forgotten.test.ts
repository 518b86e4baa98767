// Owns the promise that whatever a run leaves unread is read by a later one, or waits where a person sees it: the rest of a
// range, a part that a full pass does not close, a stream behind one that takes all requests, a listing that is empty now.

import { describe, expect, it } from 'vitest'
import { byCursor, fullPass, newestFirst } from '../../src/index.ts'
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

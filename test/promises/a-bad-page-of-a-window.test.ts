// A page of a window that fails for ever is a gap, and what lies behind it is read all the same: in this run, and in every
// later one what is new.

import { byCursor, defineConnector, stream, z } from 'tidemark'
import { expect, test } from 'vitest'
import { TidemarkError } from '../../src/model/errors.ts'
import { openMirror } from '../support/mirror.ts'

interface Item {
  readonly id: string
  readonly at: number
}

const PAGE = 10

/** A list of changes, of which pages that would show a poisoned record can't be had. */
class Changes {
  items: Item[] = []
  poison = new Set<string>()
  isDown = false
  requests = 0
  limit = Number.POSITIVE_INFINITY
  fault: () => unknown = () =>
    new TidemarkError('server_error', 'The source answered 502.', { verdict: 'stop', scope: 'page' })

  read(since: number | undefined, until: number): { records: Item[]; next?: number } {
    if (++this.requests > this.limit) throw new TidemarkError('rate_limited', 'Too many.', { verdict: 'wait' })
    const rest = this.items.filter(({ at }) => at >= (since ?? 0) && at < until).sort((a, b) => a.at - b.at)
    const records = rest.slice(0, PAGE)
    if (this.isDown || records.some(({ id }) => this.poison.has(id))) throw this.fault()
    return { records, ...(rest.length > PAGE ? { next: PAGE } : {}) }
  }
}

function connectorFor(changes: Changes, unitMs: number | undefined) {
  const read = async ({ since, until }: { since: number | undefined; until: number }) => changes.read(since, until)
  const order = ({ at }: Item) => at
  const pass =
    unitMs === undefined
      ? byCursor<unknown, Item>({ read, order, pageSize: PAGE, overlap: 0 })
      : byCursor<unknown, Item>({ read, order, pageSize: PAGE, unitMs, overlap: '5s' })
  const about = { name: 'own', title: 'own', options: z.object({}), http: () => ({ baseUrl: 'https://x.example' }) }
  const schema = z.object({ id: z.string(), at: z.int() })
  return defineConnector(about, { items: stream({ schema, key: ({ id }) => id, passes: [pass] }) })
}

const now = () => Math.floor(Date.now() / 1_000)

function filled(unitMs: number | undefined): { changes: Changes; next: (id: string) => void } {
  const changes = new Changes()
  const start = unitMs === undefined ? 1 : now() - 100_000
  for (let n = 0; n < 60; n++) changes.items.push({ id: `r${n}`, at: start + n * 100 })
  let last = changes.items.at(-1)!.at
  // A time is never ahead of the source's clock.
  const next = (id: string) => void changes.items.push({ id, at: (last += 1) })
  return { changes, next }
}

const keys = (mirror: Awaited<ReturnType<typeof openMirror>>) =>
  new Set(mirror.sql('select _key from own_items').map(({ _key }) => String(_key)))

test.each([1_000, undefined])('with unitMs %s: what lies behind it is read, now and later', async (unitMs) => {
  const { changes, next } = filled(unitMs)
  await using mirror = await openMirror()
  const me = await mirror.tidemark.connect(connectorFor(changes, unitMs), { id: 'me' })
  changes.poison.add('r25')
  const run = await me.sync()
  expect(run).toMatchObject({ status: 'failed', error: { code: 'server_error' } })
  const first = keys(mirror)
  for (const id of ['r0', 'r12', 'r40', 'r59']) expect(first).toContain(id)
  expect(mirror.value('select coverage from streams')).toBe('gap')
  expect(run.notes.join(' ')).toContain('could not be read')
  for (let n = 0; n < 3; n++) {
    next(`new${n}`)
    changes.requests = 0
    expect(await me.sync()).toMatchObject({ status: 'failed', error: { code: 'server_error' } })
    expect(keys(mirror)).toContain(`new${n}`)
    expect(changes.requests).toBeLessThanOrEqual(25)
    expect(mirror.value('select coverage from streams')).toBe('gap')
  }
  // Its neighbours come in from run to run; in the end it alone is missing.
  for (let n = 0; n < 6; n++) await me.sync()
  expect(changes.items.filter(({ id }) => !keys(mirror).has(id)).map(({ id }) => id)).toEqual(['r25'])
  changes.poison.clear()
  expect(await me.sync()).toMatchObject({ status: 'succeeded', error: null, notes: [] })
  expect(keys(mirror).size).toBe(changes.items.length)
  expect(mirror.value('select count(*) from gaps')).toBe(0)
})

test('a first page that fails is stepped over, too', async () => {
  const { changes } = filled(1_000)
  changes.poison.add('r0')
  await using mirror = await openMirror()
  const me = await mirror.tidemark.connect(connectorFor(changes, 1_000), { id: 'me' })
  await me.sync()
  for (let n = 0; n < 12; n++) await me.sync()
  expect(changes.items.filter(({ id }) => !keys(mirror).has(id)).map(({ id }) => id)).toEqual(['r0'])
})

test('what the connector throws over a page is such a fault', async () => {
  const { changes } = filled(1_000)
  changes.poison.add('r25')
  changes.fault = () => new RangeError('not what I thought')
  await using mirror = await openMirror()
  const me = await mirror.tidemark.connect(connectorFor(changes, 1_000), { id: 'me' })
  expect(await me.sync()).toMatchObject({ status: 'failed' })
  expect(keys(mirror)).toContain('r59')
})

test('two faults on one page come to stand alone, and the records between them come in', async () => {
  const { changes, next } = filled(1_000)
  for (const id of ['r23', 'r26']) changes.poison.add(id)
  await using mirror = await openMirror()
  const me = await mirror.tidemark.connect(connectorFor(changes, 1_000), { id: 'me' })
  for (let n = 0; n < 8; n++) expect(await me.sync()).toMatchObject({ status: 'failed' })
  expect(changes.items.filter(({ id }) => !keys(mirror).has(id)).map(({ id }) => id)).toEqual(['r23', 'r26'])
  next('new')
  changes.requests = 0
  await me.sync()
  expect(keys(mirror)).toContain('new')
  // Both faults, and the window.
  expect(changes.requests).toBe(3)
  changes.poison.clear()
  expect(await me.sync()).toMatchObject({ status: 'succeeded' })
  expect(keys(mirror).size).toBe(changes.items.length)
})

test('a fault within the overlap is met by no walk but its own', async () => {
  const { changes } = filled(1_000)
  changes.items.push({ id: 'bad', at: now() - 60 }, { id: 'last', at: now() - 57 })
  changes.poison.add('bad')
  await using mirror = await openMirror()
  const me = await mirror.tidemark.connect(connectorFor(changes, 1_000), { id: 'me' })
  for (let n = 0; n < 4; n++) await me.sync()
  changes.requests = 0
  expect(await me.sync()).toMatchObject({ status: 'failed' })
  // The fault, the window before it and the window behind it.
  expect(changes.requests).toBe(3)
  expect(changes.items.filter(({ id }) => !keys(mirror).has(id)).map(({ id }) => id)).toEqual(['bad'])
  expect(mirror.value('select count(*) from gaps')).toBe(1)
})

test('what is read of such a part is kept when the run has to stop', async () => {
  const { changes } = filled(1_000)
  changes.poison.add('r25')
  await using mirror = await openMirror()
  const me = await mirror.tidemark.connect(connectorFor(changes, 1_000), { id: 'me' })
  await me.sync()
  changes.poison.clear()
  const { at } = changes.items[25]!
  for (let n = 1; n <= 40; n++) changes.items.push({ id: `late${n}`, at: at - n })
  const read = () => changes.items.filter(({ id }) => keys(mirror).has(id)).length
  for (let n = 0, before = read(); n < 3; n++, before = read()) {
    changes.requests = 0
    changes.limit = 2
    expect(await me.sync()).toMatchObject({ status: 'incomplete' })
    expect(read()).toBeGreaterThan(before)
  }
  changes.limit = Number.POSITIVE_INFINITY
  expect(await me.sync()).toMatchObject({ status: 'succeeded' })
  expect(keys(mirror).size).toBe(changes.items.length)
})

test('a source that is down altogether is asked once more, and nothing is stepped over', async () => {
  const { changes } = filled(1_000)
  await using mirror = await openMirror()
  const me = await mirror.tidemark.connect(connectorFor(changes, 1_000), { id: 'me' })
  changes.isDown = true
  expect(await me.sync()).toMatchObject({ status: 'failed' })
  expect(changes.requests).toBe(2)
  changes.isDown = false
  expect(await me.sync()).toMatchObject({ status: 'succeeded' })
  expect(keys(mirror).size).toBe(60)
})

test('a full read covers what an earlier run had to leave out', async () => {
  const { changes } = filled(1_000)
  changes.poison.add('r25')
  await using mirror = await openMirror()
  const me = await mirror.tidemark.connect(connectorFor(changes, 1_000), { id: 'me' })
  await me.sync()
  changes.poison.clear()
  expect(await me.sync({ mode: 'full' })).toMatchObject({ status: 'succeeded' })
  expect(keys(mirror).size).toBe(60)
  expect(mirror.value('select count(*) from gaps')).toBe(0)
})

// A record whose change was read outside of the walk from the top (by a filter, by its key, by another listing, out of
// quarantine) stands at a new place, and nobody has read what lies below that. It must not stop the next walk there.

import { byCursor, defineConnector, fullPass, newestFirst, type Pass, stream, z } from 'tidemark'
import { expect, test } from 'vitest'
import { type Mirror, openMirror } from '../support/mirror.ts'

interface Item {
  readonly id: string
  rev: number
  at: number
  status: 'open' | 'done'
  title: unknown
}

const PAGE = 3
const KEYS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l']

/** More than two pages: a walk stores the whole page on which it stops. */
const TOUCHED = ['g', 'h', 'i', 'j', 'k', 'l']

/** A source whose list is sorted by the time of the last change. */
class Source {
  readonly items: Item[] = KEYS.map((id, n) => ({ id, rev: 1, at: n + 1, status: 'done', title: 'one' }))
  readonly asked: string[] = []
  /** Called after every answer. */
  afterwards: (asked: string) => void = () => {}
  #now = KEYS.length

  change(ids: readonly string[], what: Partial<Item> = {}): void {
    for (const id of ids) {
      const item = this.items.find((one) => one.id === id)
      if (item) Object.assign(item, { rev: item.rev + 1, at: ++this.#now }, what)
      else this.items.push({ id, rev: 1, at: ++this.#now, status: 'done', title: 'one', ...what })
    }
  }

  page(list: readonly Item[], name: string, token: unknown, paging: 'keyset' | 'offset' = 'keyset') {
    const from =
      paging === 'offset' ? Number(token ?? 0) : list.filter(({ at }) => at >= Number(token ?? Infinity)).length
    this.asked.push(`${name}${from}`)
    const records = list.slice(from, from + PAGE).map((item) => ({ ...item }))
    const last = records.at(-1)
    const more = from + PAGE < list.length
    this.afterwards(`${name}${from}`)
    return { records, ...(more && last ? { next: paging === 'offset' ? from + PAGE : last.at } : {}) }
  }

  get newest(): readonly Item[] {
    return this.items.toSorted((a, b) => b.at - a.at)
  }
}

const order = ({ at }: Item) => at

function connectorOf(
  source: Source,
  more: readonly Pass<unknown, Item>[] = [],
  title: z.ZodType = z.string(),
  version = 1,
) {
  const read = async ({ page, where }: { page: unknown; where: Record<string, string> }) => {
    const { status } = where
    return source.page(
      source.newest.filter((item) => status === undefined || item.status === status),
      status ?? 'top',
      page,
    )
  }
  const newest = newestFirst<unknown, Item>({ read, order, pageSize: PAGE, paging: 'keyset', stopAfter: 3 })
  const schema = z.object({ id: z.string(), rev: z.int(), at: z.int(), status: z.string(), title })
  const about = { name: 'own', title: 'own', options: z.object({}), http: () => ({ baseUrl: 'https://x.example' }) }
  const items = stream({
    schema,
    key: ({ id }) => id,
    state: { version },
    passes: [newest, ...more] as never,
    filters: { status: { values: ['open', 'done'], open: ['open'] } },
    byKey: {
      batch: 10,
      read: async ({ keys }) => source.items.filter(({ id }) => keys.includes(id)).map((item) => ({ ...item })),
    },
  })
  return defineConnector(about, { items })
}

const revs = (mirror: Mirror) =>
  Object.fromEntries(mirror.sql('select _key, rev from own_items').map(({ _key, rev }) => [String(_key), Number(rev)]))
const truth = (source: Source) => Object.fromEntries(source.items.map(({ id, rev }) => [id, rev]))

async function mirrored(source: Source, more?: readonly Pass<unknown, Item>[]) {
  const mirror = await openMirror()
  const me = await mirror.tidemark.connect(connectorOf(source, more), { id: 'me' })
  await me.sync()
  return { mirror, me, [Symbol.asyncDispose]: () => mirror[Symbol.asyncDispose]() }
}

test('by a filter', async () => {
  const source = new Source()
  await using world = await mirrored(source)
  const { mirror, me } = world
  source.change(['a', 'new'])
  source.change(['x', ...TOUCHED], { status: 'open' })
  source.change(['x', ...TOUCHED])
  await me.sync({ where: { status: ['open'] } })
  expect(await me.sync()).toMatchObject({ status: 'succeeded' })
  expect(revs(mirror)).toEqual(truth(source))
  // They are ground again.
  source.asked.length = 0
  await me.sync()
  expect(source.asked.length).toBeLessThanOrEqual(2)
})

test('by their keys', async () => {
  const source = new Source()
  source.change(TOUCHED, { status: 'open' })
  await using world = await mirrored(source)
  const { mirror, me } = world
  source.change(['a', 'new'])
  // No longer open: the filtered read asks for them by key.
  source.change(TOUCHED, { status: 'done' })
  await me.sync({ where: { status: ['open'] } })
  expect(await me.sync()).toMatchObject({ status: 'succeeded' })
  expect(revs(mirror)).toEqual(truth(source))
})

/** A full pass in the order of the keys. */
function byName(source: Source) {
  return fullPass<unknown, Item>({
    read: async ({ page }) => {
      const list = source.items.toSorted((a, b) => (a.id < b.id ? -1 : 1))
      return source.page(list, 'names', page, 'offset')
    },
    pageSize: PAGE,
    everyRuns: 10,
  })
}

test.each([
  ['changed', ['a'], TOUCHED],
  ['come', ['a'], ['x1', 'x2', 'x3', 'x4', 'x5', 'x6']],
])('by another listing of all, while it is read: what has %s', async (_, unread, read) => {
  const source = new Source()
  await using world = await mirrored(source, [byName(source)])
  const { mirror, me } = world
  await me.sync()
  source.afterwards = (asked) => {
    if (asked !== 'names0') return
    source.afterwards = () => {}
    source.change(unread)
    source.change(read)
  }
  await me.sync({ mode: 'full' })
  expect(revs(mirror)).toEqual({ ...truth(source), a: 1 })
  expect(await me.sync({ mode: 'auto' })).toMatchObject({ status: 'succeeded' })
  expect(revs(mirror)).toEqual(truth(source))
  // It is ground now.
  source.asked.length = 0
  await me.sync()
  expect(source.asked.length).toBeLessThanOrEqual(2)
})

test('by a walk that broke off and begins again at the top', async () => {
  const source = new Source()
  await using world = await mirrored(source)
  const { mirror, me } = world
  source.change(['a', 'new'])
  source.change(TOUCHED)
  source.afterwards = (asked) => {
    if (asked === 'top6') throw new Error('down')
  }
  expect(await me.sync()).toMatchObject({ status: 'failed' })
  expect(revs(mirror)).toMatchObject({ a: 1, l: 2, g: 2 })
  source.afterwards = () => {}
  // Its page tokens have changed their meaning.
  const again = await mirror.tidemark.connect(connectorOf(source, [], z.string(), 2), { id: 'me' })
  expect(await again.sync()).toMatchObject({ status: 'succeeded' })
  expect(revs(mirror)).toEqual(truth(source))
})

test('by a range of times', async () => {
  const source = new Source()
  const changes = byCursor<unknown, Item>({
    read: async ({ since, until }) => {
      const list = source.items.filter(({ at }) => at >= (since ?? 0) && at < until)
      return { records: list.map((item) => ({ ...item })) }
    },
    order,
    pageSize: PAGE,
    overlap: 0,
  })
  await using world = await mirrored(source, [changes])
  const { mirror, me } = world
  source.change(['a', 'new'])
  source.change(TOUCHED)
  await me.sync({ since: 15, until: 99 })
  await me.sync()
  expect(revs(mirror)).toEqual(truth(source))
})

test('out of quarantine', async () => {
  const source = new Source()
  await using world = await mirrored(source)
  const { mirror, me } = world
  source.change(['a', 'new'])
  source.change(TOUCHED, { status: 'open', title: 7 })
  expect(await me.sync({ where: { status: ['open'] } })).toMatchObject({ streams: [{ counts: { quarantined: 6 } }] })
  const lenient = connectorOf(source, [], z.union([z.string(), z.number()]).transform(String))
  const again = await mirror.tidemark.connect(lenient, { id: 'me' })
  expect(await mirror.tidemark.retryQuarantine()).toMatchObject({ released: 6 })
  expect(await again.sync()).toMatchObject({ status: 'succeeded' })
  expect(revs(mirror)).toEqual(truth(source))
})

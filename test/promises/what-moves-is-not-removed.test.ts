// A record that changes while a listing is read may move above what was read, and be shown by no page. That it was not
// listed proves nothing then, however often it happens.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Connection } from '../../src/connection.ts'
import { defineConnector, stream } from '../../src/connector/connector.ts'
import type { Page, PageRequest, Testimony } from '../../src/connector/page.ts'
import { type FullPass, fullPass } from '../../src/connector/passes.ts'
import { DEEP } from '../support/depth.ts'
import { type Mirror, openMirror } from '../support/mirror.ts'
import '../chance.ts'

const PAGE = 3

/** A list sorted by the time of change, the latest first. */
class List {
  items: { id: string; changed: number }[] = []
  /** What happens when a page has been read; `first`: it was the first one. */
  afterPage: (first: boolean) => void = () => {}
  requests = 0
  #clock = 0

  constructor(size: number) {
    for (let n = size - 1; n >= 0; n--) this.touch(`r${n}`)
  }

  touch(id: string): void {
    this.delete(id)
    this.items.unshift({ id, changed: (this.#clock += 10) })
  }

  delete(id: string): void {
    this.items = this.items.filter((item) => item.id !== id)
  }

  read(paging: 'keyset' | 'offset', page: unknown): Page {
    this.requests++
    const { items } = this
    const from = typeof page !== 'number' ? 0 : paging === 'offset' ? page : items.findIndex((x) => x.changed < page)
    const rest = from < 0 ? [] : items.slice(from)
    const records = rest.slice(0, PAGE)
    const next = paging === 'offset' ? from + PAGE : records.at(-1)?.changed
    const answer = { records, next: rest.length > PAGE ? next : undefined, total: items.length }
    this.afterPage(page === undefined)
    return answer
  }
}

type Row = { id: string; changed: number }

interface Shape {
  readonly paging: 'keyset' | 'offset'
  readonly ordered: boolean
  readonly total: 'none' | 'page' | 'asked'
}

const SHAPES: readonly Shape[] = (['keyset', 'offset'] as const).flatMap((paging) =>
  [true, false].flatMap((ordered) => (['none', 'page', 'asked'] as const).map((total) => ({ paging, ordered, total }))),
)

function connectorFor(list: List, { paging, ordered, total }: Shape, more: Partial<FullPass<unknown, Row>> = {}) {
  const read = async ({ page }: PageRequest<unknown>): Promise<Page> => {
    const { total: all, ...shown } = list.read(paging, page)
    return total === 'page' ? { ...shown, total: all } : shown
  }
  const count = async () => {
    list.requests++
    return list.items.length
  }
  const pass = fullPass<unknown, Row>({
    read,
    pageSize: PAGE,
    paging,
    ...(ordered ? { order: ({ changed }) => changed } : {}),
    ...(total === 'asked' ? { total: count } : {}),
    ...more,
  })
  return defineConnector(
    { name: 'list', title: 'A list', options: z.object({}), http: () => ({ baseUrl: 'https://list.example' }) },
    { items: stream({ schema: z.object({ id: z.string(), changed: z.int() }), key: ({ id }) => id, passes: [pass] }) },
  )
}

async function removed(me: Connection): Promise<readonly string[]> {
  const keys: string[] = []
  for await (const { _key } of me.records('items', { removed: true })) keys.push(_key)
  return keys
}

async function auditOf({ tidemark }: Mirror) {
  return (await tidemark.audit()).findings.filter(({ severity }) => severity === 'problem')
}

const words = ({ paging, ordered, total }: Shape) =>
  `${paging}, ${ordered ? 'in order' : 'in no order that it shows'}, total ${total}`

describe.each(SHAPES.map((shape) => [words(shape), shape] as const))('a listing by %s', (_, shape) => {
  test('a record that climbs past the reader in two passes is not removed', async () => {
    const list = new List(10)
    await using mirror = await openMirror()
    const me = await mirror.tidemark.connect(connectorFor(list, shape), { id: 'me' })
    await me.sync()
    list.afterPage = (first) => {
      if (first) list.touch('r0')
    }
    for (let pass = 0; pass < 3; pass++) {
      for (const { id } of list.items.toReversed()) if (id !== 'r0') list.touch(id)
      await me.sync()
      expect(await removed(me)).toEqual([])
    }
  })

  test('a record that is gone is removed by the second pass when nothing moves', async () => {
    const list = new List(10)
    await using mirror = await openMirror()
    const me = await mirror.tidemark.connect(connectorFor(list, shape), { id: 'me' })
    await me.sync()
    list.delete('r4')
    expect(await me.sync()).toMatchObject({ status: 'succeeded' })
    expect(await removed(me)).toEqual([])
    list.requests = 0
    expect(await me.sync()).toMatchObject({ status: 'succeeded', notes: [] })
    expect(await removed(me)).toEqual(['r4'])
    // Three pages hold what is left. In a listing by keyset a total proves it; else a look at the top, else one more reading.
    const { paging, ordered, total } = shape
    const isToldBy = paging === 'keyset' && total !== 'none'
    const read = isToldBy ? 0 : ordered ? 1 : 3
    const counts = total === 'asked' ? (isToldBy || ordered ? 1 : 2) : 0
    expect(list.requests).toBe(3 + read + counts)
  })

  test('whatever moves while pages are turned: nothing is removed that was there all the time', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 4, max: 14 }),
        fc.array(fc.array(happenings(), { maxLength: 4 }), { minLength: 4, maxLength: 40 }),
        fc.array(fc.array(fc.nat(13), { maxLength: 14 }), { minLength: 4, maxLength: 4 }),
        async (size, whileReading, between) => {
          const list = new List(size)
          await using mirror = await openMirror({ database: ':memory:' })
          const me = await mirror.tidemark.connect(connectorFor(list, shape), { id: 'me' })
          await me.sync()
          const stayed = new Set(list.items.map(({ id }) => id))
          let turned = 0
          list.afterPage = () => {
            for (const { what, n } of whileReading[turned++ % whileReading.length] ?? []) happen(list, what, n, stayed)
          }
          for (const touched of between) {
            for (const n of touched) happen(list, 'touch', n, stayed)
            await me.sync()
            const gone = await removed(me)
            expect(gone.filter((id) => stayed.has(id))).toEqual([])
          }
        },
      ),
      { numRuns: DEEP ? 15 : 4 },
    )
  })
})

function happenings() {
  const what = fc.constantFrom('touch', 'touch', 'touch', 'insert', 'delete', 'hot', 'hot')
  return fc.record({ what, n: fc.nat(13) })
}

function happen(list: List, what: string, n: number, stayed: Set<string>): void {
  const at = list.items[n % Math.max(1, list.items.length)]
  if (what === 'insert') list.touch(`new${list.requests}-${n}`)
  else if (what === 'hot') list.touch('r0')
  else if (at && what === 'touch') list.touch(at.id)
  else if (at && at.id !== 'r0') {
    list.delete(at.id)
    stayed.delete(at.id)
  }
}

test('a listing that moves faster than it is read says so, and keeps what it cannot tell', async () => {
  const list = new List(12)
  await using mirror = await openMirror()
  const shape = { paging: 'offset', ordered: false, total: 'none' } as const
  const me = await mirror.tidemark.connect(connectorFor(list, shape), { id: 'me' })
  await me.sync()
  list.delete('r6')
  await me.sync()
  list.afterPage = () => list.touch(list.items.at(-1)!.id)
  const run = await me.sync()
  const note = '1 record is not listed any more, but the listing moves while it is read, so it stays'
  expect(run).toMatchObject({ status: 'incomplete', notes: [expect.stringContaining(note)] })
  expect(mirror.value('select coverage_note from streams')).toContain(note)
  expect(await removed(me)).toEqual([])
  expect(await auditOf(mirror)).toMatchObject([
    { finding: 'removals_unproved', severity: 'problem', stream: 'items', message: expect.stringContaining(note) },
  ])
  list.afterPage = () => {}
  expect(await me.sync()).toMatchObject({ status: 'succeeded' })
  expect(await removed(me)).toEqual(['r6'])
  expect(mirror.value('select coverage_note from streams')).toBe('')
  expect(await auditOf(mirror)).toEqual([])
})

test('a record that climbs once more during a look at the top is found by the next look', async () => {
  const list = new List(10)
  await using mirror = await openMirror()
  const shape = { paging: 'keyset', ordered: true, total: 'none' } as const
  const me = await mirror.tidemark.connect(connectorFor(list, shape), { id: 'me' })
  await me.sync()
  for (let pass = 0; pass < 2; pass++) {
    for (const { id } of list.items.toReversed()) if (id !== 'r0') list.touch(id)
    let looks = -1
    list.afterPage = (first) => {
      if (first && ++looks <= 1) list.touch('r0')
      // So much else that the look takes two pages, and the record stands on the second.
      if (first && looks === 0) for (const id of ['r5', 'r6', 'r7', 'r8']) list.touch(id)
    }
    expect(await me.sync()).toMatchObject({ status: 'succeeded' })
    expect(looks).toBe(2)
  }
  expect(await removed(me)).toEqual([])
})

test('where order values are no times, a look at the top proves nothing', async () => {
  const list = new List(12)
  await using mirror = await openMirror()
  const shape = { paging: 'keyset', ordered: true, total: 'none' } as const
  const me = await mirror.tidemark.connect(connectorFor(list, shape), { id: 'me' })
  await me.sync()
  // One of the last climbs a little, as by a score: the listing is not sorted by time.
  const [low] = list.items.splice(10, 1)
  list.items.splice(5, 0, { id: low!.id, changed: list.items[5]!.changed + 5 })
  await me.sync()
  list.delete('r3')
  await me.sync()
  list.requests = 0
  await me.sync()
  expect(await removed(me)).toEqual(['r3'])
  expect(list.requests).toBe(8)
})

test('a witness by key needs no listing to agree', async () => {
  const list = new List(10)
  await using mirror = await openMirror()
  const shape = { paging: 'keyset', ordered: true, total: 'none' } as const
  const witness: FullPass<unknown, Row>['witness'] = async ({ keys }) => {
    const says = (key: string): Testimony => (list.items.some(({ id }) => id === key) ? 'present' : 'gone')
    return new Map(keys.map((key) => [key, says(key)]))
  }
  const me = await mirror.tidemark.connect(connectorFor(list, shape, { witness }), { id: 'me' })
  await me.sync()
  list.delete('r4')
  list.afterPage = () => list.touch('r0')
  await me.sync()
  expect(await removed(me)).toEqual(['r4'])
})

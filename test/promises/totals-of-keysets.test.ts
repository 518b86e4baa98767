// A listing whose pages go on behind the last record shifts nothing, and yet its end may come too early: an outage that
// answers 200 with no rows, a page that says it is the last one. The source's total tells, and is heard wherever it is
// told: on every page, on the first one, or by a request of its own.

import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { defineConnector, stream } from '../../src/connector/connector.ts'
import type { Page } from '../../src/connector/page.ts'
import { fullPass, newestFirst } from '../../src/connector/passes.ts'
import type { Connection } from '../../src/index.ts'
import { type Mirror, openMirror } from '../support/mirror.ts'

const SIZE = 27
const ALL = 30

type Told = 'page' | 'first' | 'asked'
type Kind = 'newestFirst' | 'fullPass'
type Paging = 'keyset' | 'offset'

/** A list of numbered records, newest first, whose page tokens are numbers of records. */
class List {
  records = Array.from({ length: ALL }, (_, i) => ALL - i)
  /** What goes wrong with the page behind a token; null: the first one. */
  fault: (behind: number | null) => Partial<Page> | undefined = () => undefined
  /** Called before an answer. */
  before: (behind: number | null) => void = () => {}
  readonly asked: string[] = []
  readonly #told: Told

  constructor(told: Told) {
    this.#told = told
  }

  read(behind: number | null): Page {
    this.before(behind)
    this.asked.push(behind === null ? 'top' : `behind ${behind}`)
    const rest = this.records.filter((n) => behind === null || n < behind)
    const records = rest.slice(0, SIZE).map((n) => ({ id: String(n), n }))
    const next = rest.length > SIZE ? records.at(-1)?.n : undefined
    const tells = this.#told === 'page' || (this.#told === 'first' && behind === null)
    const total = tells ? { total: this.records.length } : {}
    return { records, next, ...total, ...this.fault(behind) }
  }

  count(): number {
    this.asked.push('count')
    return this.records.length
  }
}

function connect(list: List, told: Told, kind: Kind, mirror: Mirror, paging: Paging = 'keyset'): Promise<Connection> {
  const note = z.object({ id: z.string(), n: z.int() })
  const listing = {
    pageSize: SIZE,
    paging,
    order: ({ n }: z.output<typeof note>) => n,
    read: async ({ page }: { page: unknown }) => list.read((page as number | undefined) ?? null),
    ...(told === 'asked' ? { total: async () => list.count() } : {}),
  }
  const passes = [kind === 'fullPass' ? fullPass(listing) : newestFirst(listing)]
  const connector = defineConnector(
    { name: 'list', title: 'List', options: z.object({}), http: () => ({ baseUrl: 'https://list.example' }) },
    { notes: stream({ schema: note, key: ({ id }) => id, passes }) },
  )
  return mirror.tidemark.connect(connector, { id: 'me' })
}

async function live(me: Connection): Promise<number> {
  let records = 0
  for await (const _ of me.records('notes')) records++
  return records
}

const NOTHING = { records: [], next: undefined }
const OUTAGES: Readonly<Record<string, (told: Told) => List['fault']>> = {
  'the second page is empty, and says that there is nothing': (told) => (behind) =>
    behind === null ? undefined : { ...NOTHING, ...(told === 'page' ? { total: 0 } : {}) },
  'the first page says that it is the last one': () => (behind) => (behind === null ? { next: undefined } : undefined),
}

describe.each(['page', 'first', 'asked'] as const)('totals: %s', (told) => {
  describe.each(Object.entries(OUTAGES))('%s', (_, outage) => {
    test('an outage of several runs removes nothing, and is a gap', async () => {
      await using mirror = await openMirror()
      const list = new List(told)
      const me = await connect(list, told, 'fullPass', mirror)
      await me.sync()
      list.fault = outage(told)
      for (let i = 0; i < 4; i++) {
        expect(await me.sync()).toMatchObject({ status: 'incomplete' })
        expect((await me.stream('notes')).coverage.kind).toBe('gap')
        expect(await live(me)).toBe(ALL)
      }
      list.fault = () => undefined
      expect(await me.sync()).toMatchObject({ status: 'succeeded', notes: [] })
    })

    test.each([
      ['newestFirst', 'keyset'],
      ['newestFirst', 'offset'],
      ['fullPass', 'keyset'],
      ['fullPass', 'offset'],
    ] as const)('in the first run of %s, %s', async (kind, paging) => {
      await using mirror = await openMirror()
      const list = new List(told)
      const me = await connect(list, told, kind, mirror, paging)
      list.fault = outage(told)
      for (let i = 0; i < 3; i++) expect(await me.sync()).toMatchObject({ status: 'incomplete' })
      list.fault = () => undefined
      expect(await me.sync()).toMatchObject({ status: 'succeeded' })
      expect(await live(me)).toBe(ALL)
    })

    test.each(['newestFirst', 'fullPass'] as const)('in a walk of %s that an earlier run began', async (kind) => {
      await using mirror = await openMirror()
      const list = new List(told)
      const me = await connect(list, told, kind, mirror)
      await me.sync({ maxRequests: 2 })
      list.fault = outage(told)
      await me.sync()
      list.fault = () => undefined
      for (let i = 0; i < 2; i++) await me.sync()
      expect(await live(me)).toBe(ALL)
    })
  })

  test('a record that leaves before it is read costs one or two requests, not another reading', async () => {
    await using mirror = await openMirror()
    const list = new List(told)
    const me = await connect(list, told, 'fullPass', mirror)
    await me.sync()
    list.asked.length = 0
    list.before = (behind) => {
      if (behind === null) return
      list.records = list.records.filter((n) => n !== 2)
      list.before = () => {}
    }
    expect(await me.sync()).toMatchObject({ status: 'succeeded' })
    expect(list.asked.filter((path) => path !== 'top' && path !== 'count')).toEqual(['behind 4'])
    expect(await me.sync()).toMatchObject({ status: 'succeeded' })
    expect(await live(me)).toBe(ALL - 1)
  })
})

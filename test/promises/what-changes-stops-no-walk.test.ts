// A list without an order that the connector knows may be sorted by the time of the last change. A record that has changed
// may have climbed then: it says nothing of what stands below it, and stops no walk.

import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { defineConnector, stream } from '../../src/connector/connector.ts'
import { newestFirst } from '../../src/connector/passes.ts'
import type { Connection } from '../../src/index.ts'
import { type Mirror, openMirror } from '../support/mirror.ts'

const SIZE = 3

interface Note {
  readonly id: string
  readonly text: number
  readonly views: number
}

const named = (id: string): Note => ({ id, text: 0, views: 0 })

/** A list in which the record that changed last stands on top. */
class List {
  notes: Note[] = ['i', 'h', 'g', 'f', 'e', 'd', 'c', 'b', 'a'].map(named)
  requests = 0
  /** Called before a page is read. */
  before: (page: number) => void = () => {}

  add(id: string): void {
    this.notes.unshift(named(id))
  }

  edit(id: string): void {
    const note = this.notes.find((one) => one.id === id) as Note
    this.notes = [{ ...note, text: note.text + 1 }, ...this.notes.filter((one) => one !== note)]
  }

  watch(): void {
    this.notes = this.notes.map((note) => ({ ...note, views: note.views + 1 }))
  }

  read(page: number) {
    this.requests++
    this.before(page)
    const records = this.notes.slice((page - 1) * SIZE, page * SIZE)
    return { records, next: page * SIZE < this.notes.length ? page + 1 : undefined }
  }
}

function connect(list: List, mirror: Mirror): Promise<Connection> {
  const note = z.object({ id: z.string(), text: z.int(), views: z.int() })
  const passes = [
    newestFirst<unknown, Note>({
      pageSize: SIZE,
      read: async ({ page }) => list.read((page as number | undefined) ?? 1),
    }),
  ]
  const notes = stream({ schema: note, key: ({ id }) => id, metrics: ['views'], passes })
  const about = {
    name: 'list',
    title: 'List',
    options: z.object({}),
    http: () => ({ baseUrl: 'https://list.example' }),
  }
  return mirror.tidemark.connect(defineConnector(about, { notes }), { id: 'me' })
}

async function missing(list: List, me: Connection): Promise<readonly string[]> {
  const stored = new Set<string>()
  for await (const { _key } of me.records('notes')) stored.add(_key)
  return list.notes.flatMap(({ id }) => (stored.has(id) ? [] : id))
}

/** Three new records come in, and then three old ones are edited, so that these stand above. */
function change(list: List): void {
  for (const id of ['x', 'y', 'z']) list.add(id)
  for (const id of ['g', 'h', 'i']) list.edit(id)
}

describe('three edited records above three new ones', () => {
  test('edited between two runs', async () => {
    await using mirror = await openMirror()
    const list = new List()
    const me = await connect(list, mirror)
    await me.sync()
    change(list)
    await me.sync()
    expect(await missing(list, me)).toEqual([])
  })

  test('edited while a walk was on its way', async () => {
    await using mirror = await openMirror()
    const list = new List()
    const me = await connect(list, mirror)
    list.before = (page) => {
      if (page === 3) change(list)
    }
    await me.sync()
    list.before = () => {}
    await me.sync()
    expect(await missing(list, me)).toEqual([])
  })
})

test('a metric that changes moves nothing: a run without news makes one request', async () => {
  await using mirror = await openMirror()
  const list = new List()
  const me = await connect(list, mirror)
  await me.sync()
  list.watch()
  list.requests = 0
  await me.sync()
  expect(list.requests).toBe(1)
})

// Owns the scenarios of reading: first syncs, what is new, what changed, and what happens while pages are turned.

import type { z } from 'zod'
import type { Connector } from '../../src/connector/connector.ts'
import { text } from '../../src/connector/fields.ts'
import type { HttpAnswer, Page, WindowRequest } from '../../src/connector/page.ts'
import type { ByCursor } from '../../src/connector/passes.ts'
import { Violation } from '../simulation/oracle.ts'
import type { Scenario } from './scenario.ts'
import type { World } from './world.ts'

/** `count` new records at the top, or at the window's end, at times of their own. */
function insert({ source }: World, count: number): void {
  for (let n = count; n > 0; n--) source.insert({ stamp: source.stamp() - n })
}

function change({ source }: World, ...places: number[]): void {
  const listing = source.listing()
  for (const place of places) source.bump(listing[place]!)
}

const firstSync: Scenario['script'] = async (world) => void (await world.tested())

export const READING: readonly Scenario[] = [
  { name: 'a first sync, newest first', style: 'newest-keyset', script: firstSync },
  { name: 'a first sync by cursor', style: 'window', script: firstSync },
  { name: 'a first sync of a listing with a total', style: 'newest-total', script: firstSync },
  { name: 'a first full pass', style: 'full-offset', script: firstSync },
  {
    name: 'an empty source',
    style: 'newest-offset',
    scale: { records: 0 },
    script: firstSync,
  },
  {
    name: 'new records on top',
    style: 'newest-keyset',
    script: async (world) => {
      await world.sync()
      insert(world, 6)
      await world.tested()
    },
  },
  {
    name: 'new records above pinned ones',
    style: 'newest-offset',
    script: async (world) => {
      // More of them than a page has.
      for (const item of world.source.listing().slice(4, 9)) world.source.pin(item, true)
      await world.sync()
      insert(world, 3)
      await world.tested()
    },
  },
  {
    name: 'new and changed records by cursor',
    style: 'window',
    script: async (world) => {
      await world.sync()
      world.scheduler.advance(60_000)
      change(world, 2, 5, 8)
      insert(world, 4)
      await world.tested()
    },
  },
  {
    name: 'changed records that moved to the top',
    style: 'newest-updated',
    script: async (world) => {
      await world.sync()
      change(world, 3, 7)
      await world.tested()
      change(world, 3)
      await world.sync()
    },
  },
  {
    name: 'a group of equal times that is larger than a page',
    style: 'window-total',
    script: async (world) => {
      const stamp = world.source.stamp()
      for (let n = 0; n < 9; n++) world.source.insert({ stamp })
      await world.tested()
    },
  },
  {
    name: 'equal times at the end of a window',
    style: 'window',
    script: async (world) => {
      const stamp = world.source.stamp()
      for (let n = 0; n < 3; n++) world.source.insert({ stamp })
      await world.sync()
      for (let n = 0; n < 3; n++) world.source.insert({ stamp })
      await world.tested()
    },
  },
  {
    name: 'a record that leaves while pages are turned',
    style: 'newest-total',
    scale: { everyRuns: 2 },
    script: async (world) => {
      world.wire.onRequest = (n) => n === 2 && world.source.remove(world.source.listing()[1]!)
      await world.tested()
    },
  },
  {
    name: 'records that come while pages are turned',
    style: 'newest-offset',
    script: async (world) => {
      world.wire.onRequest = (n) => n === 2 && insert(world, 2)
      await world.tested()
    },
  },
  {
    name: 'a record that stands twice in a page',
    style: 'full-keyset',
    script: async (world) => {
      world.api.twice = 1
      await world.tested()
    },
  },
  {
    name: 'two versions of a record in one page',
    style: 'newest-updated',
    scale: { versioned: true },
    script: async (world) => {
      const item = world.source.listing()[7]!
      world.api.remember(item)
      world.source.bump(item)
      // It stands in the second page when the others have come above it.
      for (const other of world.source.listing().slice(1, 6)) {
        world.scheduler.advance(2_000)
        world.source.bump(other)
      }
      await world.tested()
    },
  },
  {
    name: 'a page that is written in parts',
    style: 'newest-keyset',
    scale: { records: 1_003, pageSize: 1_003, metrics: false },
    script: firstSync,
  },
  {
    name: 'a walk that broke off goes on',
    style: 'newest-offset',
    script: async (world) => {
      await world.sync({ maxRequests: 2 })
      insert(world, 2)
      await world.tested()
    },
  },
  {
    name: 'a window that broke off goes on',
    style: 'window',
    script: async (world) => {
      await world.sync({ maxRequests: 2 })
      change(world, 1)
      await world.tested()
    },
  },
  {
    name: 'signed addresses that change in every answer',
    style: 'full-witness',
    scale: { volatile: true },
    script: async (world) => {
      await world.sync()
      change(world, 4)
      await world.tested()
    },
  },
  {
    name: 'records with versions of their own',
    style: 'newest-updated',
    scale: { versioned: true },
    script: async (world) => {
      await world.sync()
      change(world, 4, 5)
      await world.tested()
    },
  },
  {
    name: 'a source whose clock is far off',
    style: 'window',
    scale: { skewMs: 900_000 },
    script: async (world) => {
      await world.sync()
      world.scheduler.advance(120_000)
      change(world, 1)
      await world.tested()
    },
  },
  {
    name: 'a filter at the source',
    style: 'window',
    connector: filtered,
    script: async (world) => {
      const [a, b, c] = world.source.listing()
      a!.title = b!.title = 'open'
      await world.sync()
      change(world, 7)
      world.scheduler.advance(120_000)
      world.source.bump(a!)
      a!.title = 'closed'
      world.source.bump(c!)
      c!.title = 'open'
      await world.tested({ where: { title: ['open'] } })
    },
  },
  {
    name: 'a past range again',
    style: 'window',
    script: async (world) => {
      await world.sync()
      world.scheduler.advance(120_000)
      change(world, 7)
      world.scheduler.advance(120_000)
      change(world, 2, 3)
      const now = world.source.now()
      await world.tested({ since: now - 60_000, until: now + 1_000 })
    },
  },
  {
    name: 'two streams',
    style: 'newest-keyset',
    connector: (plain) => ({ ...plain, streams: { ...plain.streams, copies: plain.streams['items']! } }),
    script: async (world) => {
      await world.sync()
      insert(world, 2)
      await world.tested()
    },
    check: (world, mirror) => {
      const copies = new Map(world.sql('SELECT _key, _raw FROM sim_copies').map((row) => [row['_key'], row['_raw']]))
      for (const [key, content] of mirror.live) {
        const copy = String(copies.get(key))
        if (copy !== content) throw new Violation('I5', `the second stream has ${key} as ${copy}`)
      }
    },
  },
  {
    name: 'a connector that has learned a column',
    style: 'newest-updated',
    scale: { volatile: true },
    script: async (world) => {
      await world.sync()
      await world.restart({ connector: withAddress(world.connector) })
      change(world, 2)
      await world.tested()
    },
    check: (world) => {
      const [row] = world.sql("SELECT count(*) AS n FROM sim_items WHERE img LIKE 'https:%'")
      if (row!['n'] === 0) throw new Violation('I2', 'the new column is empty')
    },
  },
]

/** The window's API with a filter by title, and reading by key. */
function filtered(plain: Connector): Connector {
  const items = plain.streams['items']!
  const window = items.passes[0] as ByCursor<unknown, unknown>
  const read = async ({ http, page, since, until, where }: WindowRequest<unknown>): Promise<Page> => {
    // What was filtered is one page: the oracle is lenient with what pages turned by tokens have missed.
    const { title } = where
    const size = title === undefined ? 4 : 50
    const query = { size, since, until, title, token: page as string | undefined }
    return pageOf(await http.get('/changes', { query }))
  }
  const byKey = {
    batch: 10,
    read: async ({ http, keys }: Parameters<NonNullable<typeof items.byKey>['read']>[0]) =>
      pageOf(await http.get('/by-key', { query: { ids: keys.join(',') } })).records,
  }
  const filters = { title: { values: ['open', 'closed'], open: ['open'] } }
  return { ...plain, streams: { items: { ...items, filters, byKey, passes: [{ ...window, read }] } } }
}

function pageOf({ body }: HttpAnswer): Page {
  const { items, more, next } = body as { items: readonly unknown[]; more: boolean; next?: string }
  return { records: items, next: more ? next : undefined }
}

function withAddress(plain: Connector): Connector {
  const items = plain.streams['items']!
  const schema = (items.schema as z.ZodObject).extend({ img: text() })
  return { ...plain, streams: { items: { ...items, schema } } }
}

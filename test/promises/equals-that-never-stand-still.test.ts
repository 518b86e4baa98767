// Promise: a listing whose equals stand in another order in each answer is read whole all the same, by reading those pages
// again that showed something twice; where that never shows all, the run says so, and nothing is removed.

import { describe, expect, onTestFinished, test } from 'vitest'
import { type StalkerOptions, stalkerEmulator } from '../../src/testing/emulators/index.ts'
import { testClock } from '../../src/testing/test-clock.ts'
import { DEEP } from '../support/depth.ts'
import { openMirror } from '../support/mirror.ts'

const KINDS = ['movies', 'series'] as const

async function portal(options: StalkerOptions) {
  const emulator = await stalkerEmulator({ channels: 2, ...options })
  onTestFinished(() => emulator.close())
  const mirror = await openMirror({ clock: testClock() })
  onTestFinished(() => mirror[Symbol.asyncDispose]())
  const tv = await mirror.portal(emulator)
  const missing = () =>
    KINDS.flatMap((kind) => {
      const stored = new Set(mirror.sql(`select _key from stalker_${kind}`).map(({ _key }) => _key))
      return emulator.world.ids(kind).filter((id) => !stored.has(id))
    })
  const removed = () =>
    KINDS.flatMap((kind) => mirror.sql(`select _key from stalker_${kind}_all where _removed_at is not null`)).map(
      ({ _key }) => _key,
    )
  const listed = () => emulator.log.all().filter(({ query }) => query.includes('get_ordered_list')).length
  return { emulator, mirror, tv, world: emulator.world, missing, removed, listed }
}

describe('equals in another order on each request', () => {
  const worlds = [
    ['ministra', { titles: 280, tied: 70 }, 4],
    ['xtream', { titles: 200, tied: 20 }, 3],
    ['ministra', { titles: 200, tied: 3 }, 5],
    ['ministra', { titles: 200, tied: 20 }, 1],
    ['ministra', { titles: 200, tied: 20 }, 2],
    ['ministra', { titles: 420, tied: 3 }, 5],
    ['xtream', { titles: 420, tied: 3 }, 6],
  ] as const
  test.each(worlds.slice(0, DEEP ? undefined : 3))(
    '%s, %o: the first run has everything, and publishes it (world %i)',
    async (kind, size, seed) => {
      const { tv, missing, listed, removed } = await portal({ kind, ...size, seed, unstableTies: true })
      const run = await tv.sync()
      expect([run.status, run.notes, missing()]).toEqual(['succeeded', [], []])
      expect(await tv.catalogs()).toHaveLength(1)
      const pages = Math.ceil(size.titles / 14) + 1
      expect(listed() / pages).toBeLessThan(kind === 'ministra' ? 12 : 14)
      for (let runs = 0; runs < 3; runs++) await tv.sync({ mode: 'full' })
      expect([missing(), removed()]).toEqual([[], []])
    },
  )

  test('a title that is there is never removed, whatever leaves beside it', async () => {
    const { tv, world, removed, missing } = await portal({ titles: 200, tied: 20, unstableTies: true })
    await tv.sync()
    const gone = new Set([world.removeAt('movies', 30), world.removeAt('series', 12), world.removeAt('movies', 50)])
    for (let runs = 0; runs < 4; runs++) await tv.sync({ mode: 'full' })
    expect(removed().filter((key) => !gone.has(String(key)))).toEqual([])
    expect(missing()).toEqual([])
  })

  test('titles that come while pages are read again fill no place of those that are not shown', async () => {
    for (const at of DEEP ? [16, 18, 20, 25, 30] : [18, 25]) {
      const { emulator, tv, world, missing } = await portal({ titles: 200, tied: 20, unstableTies: true })
      const known = new Set(KINDS.flatMap((kind) => world.ids(kind)))
      emulator.pages.after(at, () => void world.add(2))
      const { status } = await tv.sync()
      const missed = missing().filter((id) => known.has(id))
      expect([at, status, status === 'succeeded' ? missed : []]).toEqual([at, status, []])
    }
  })
})

describe('titles that come in one second, in another order on each request', () => {
  const worlds = [
    ['ministra', 1],
    ['xtream', 4],
    ['ministra', 2],
    ['xtream', 1],
  ] as const
  test.each(worlds.slice(0, DEEP ? undefined : 2))(
    '%s: a run that succeeds has read all of them (world %i)',
    async (kind, seed) => {
      const { emulator, tv, world, missing, listed } = await portal({ kind, seed, titles: 300, unstableTies: true })
      await tv.sync()
      for (const many of [40, 20, 70]) {
        emulator.clock.advance(86_400_000)
        world.add(many)
        emulator.log.reset()
        const { status, notes } = await tv.sync()
        expect([many, status, notes, missing()]).toEqual([many, 'succeeded', [], []])
        expect(listed()).toBeLessThan(60)
      }
    },
  )
})

test('a page that shows the same of its equals each time leaves the run incomplete, without reading all again and again', async () => {
  const { tv, missing, removed, listed, emulator } = await portal({
    kind: 'xtream',
    titles: 200,
    tied: 40,
    unstableTies: 'by page',
  })
  const run = await tv.sync({ streams: ['movies'] })
  expect(run.status).toBe('incomplete')
  expect(run.notes.join()).toContain('equals')
  expect(listed()).toBeLessThan(60)
  emulator.log.reset()
  for (let runs = 0; runs < 3; runs++) {
    const { status } = await tv.sync()
    expect([status === 'succeeded' && missing().length > 0, removed()]).toEqual([false, []])
  }
  expect(await tv.catalogs()).toEqual([])
})

describe('one title that comes and one that leaves between the same two pages', () => {
  test.each(['ministra', 'xtream'] as const)('%s: costs a few pages, and hides nothing', async (kind) => {
    for (const at of DEEP ? [3, 9, 14] : [9]) {
      const { emulator, tv, world, missing, listed } = await portal({ kind, titles: 700 })
      const known = new Set(KINDS.flatMap((of) => world.ids(of)))
      emulator.pages.after(at, () => {
        world.add(1)
        world.removeAt('movies', -20)
      })
      const run = await tv.sync({ streams: ['movies'] })
      const movies = new Set(world.ids('movies'))
      expect([run.status, missing().filter((id) => known.has(id) && movies.has(id))]).toEqual(['succeeded', []])
      expect(listed()).toBeLessThan(Math.ceil((kind === 'ministra' ? 700 : movies.size) / 14) + 10)
    }
  })
})

describe('a portal whose equals never stand still, and whose titles come and go', () => {
  test.each([8, 21, 62])(
    'nothing is missing in a run that succeeds, and nothing is removed that is there (world %i)',
    async (seed) => {
      let state = seed * 7919
      const chance = (below: number) => {
        state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
        return (state >>> 8) % below
      }
      const kind = seed % 2 ? 'ministra' : 'xtream'
      const size = { titles: 60 + chance(260), tied: [3, 5, 20, 40][chance(4)] ?? 3, unstableTies: chance(3) > 0 }
      const { emulator, tv, world, missing, removed } = await portal({ kind, seed, ...size })
      const every = 2 + chance(14)
      let page = 0
      emulator.pages.every(() => {
        if (++page % every !== 0) return
        const what = chance(4)
        const from = KINDS[chance(2)] ?? 'movies'
        if (what === 0 || what === 3) world.add(1 + chance(2))
        if (what === 1 || what === 3) {
          const place = what === 3 ? -1 - chance(20) : chance(20)
          world.removeAt(from, place)
        }
      })
      for (let run = 0; run < 4; run++) {
        const before = new Set(KINDS.flatMap((one) => world.ids(one)))
        const { status } = await tv.sync(run % 2 ? { mode: 'full' } : {})
        const missed = missing().filter((id) => before.has(id))
        expect([run, status, status === 'succeeded' ? missed : []]).toEqual([run, status, []])
        const there = new Set(KINDS.flatMap((one) => world.ids(one)))
        expect(removed().filter((key) => there.has(String(key)))).toEqual([])
      }
    },
  )
})

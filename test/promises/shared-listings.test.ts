// Promise: a listing that shows two kinds of records together is read as the one list that it is. What is of another kind
// counts for its total and its places, so that nothing is missing in a run that succeeded; nothing of it is stored.

import { describe, expect, onTestFinished, test } from 'vitest'
import type { Transport } from '../../src/http/transport.ts'
import {
  defineConnector,
  fullPass,
  newestFirst,
  openTidemark,
  type PageRequest,
  type RunReport,
  rows,
  stream,
  z,
} from '../../src/index.ts'
import { type StalkerOptions, stalkerEmulator } from '../../src/testing/emulators/index.ts'
import { testClock } from '../../src/testing/test-clock.ts'
import { openMirror } from '../support/mirror.ts'

const KINDS = ['movies', 'series'] as const

async function portal(options: StalkerOptions) {
  const emulator = await stalkerEmulator({ channels: 2, ...options })
  onTestFinished(() => emulator.close())
  const mirror = await openMirror({ clock: testClock() })
  onTestFinished(() => mirror[Symbol.asyncDispose]())
  const tv = await mirror.portal(emulator)
  const missing = (kind: (typeof KINDS)[number]) => {
    const stored = new Set(mirror.sql(`select _key from stalker_${kind}`).map(({ _key }) => _key))
    return emulator.world.ids(kind).filter((id) => !stored.has(id))
  }
  return { emulator, mirror, tv, world: emulator.world, missing }
}

describe('one table of films and series', () => {
  test.each([1, 2, 3])(
    'equals that stand in another order on each request: nothing is missing where a run succeeds (world %i)',
    async (seed) => {
      const { tv, missing } = await portal({ seed, titles: 80, tied: 3, unstableTies: true })
      const left = []
      for (let runs = 0; runs < 3; runs++) {
        const { status } = await tv.sync()
        const missed = KINDS.flatMap(missing)
        left.push(missed.length)
        expect([status, status === 'succeeded' ? missed : []]).toEqual([status, []])
      }
      // What one reading has left out, the next ones find.
      expect(left.at(-1)).toBe(0)
    },
  )

  test('titles of either kind that leave between two pages pull none over the boundary unread', async () => {
    for (const left of KINDS) {
      const { emulator, tv, world, missing } = await portal({ titles: 120 })
      for (const page of [2, 4, 5, 9]) emulator.pages.after(page, () => void world.removeAt(left, 5))
      const run = await tv.sync({ streams: ['movies'] })
      expect([run.status, missing('movies')]).toEqual(['succeeded', []])
    }
  })

  test('where the list shows nothing of one kind any more, a person decides, however few they were', async () => {
    const rowsOf = (series: number) => [
      ...Array.from({ length: 40 }, (_, i) => ({ id: `f${i}`, kind: 'film' })),
      ...Array.from({ length: series }, (_, i) => ({ id: `s${i}`, kind: 'series' })),
    ]
    let list = rowsOf(4)
    const own = defineConnector(
      { name: 'own', title: 'own', options: z.object({}), http: () => ({ baseUrl: 'https://x.example' }) },
      {
        series: stream({
          schema: z.object({ id: z.string(), kind: z.string() }),
          key: ({ id }) => id,
          belongs: (row: { kind: string } | null) => row?.kind === 'series',
          passes: [fullPass({ read: async () => ({ records: list, total: list.length }), pageSize: 100, every: '1d' })],
        }),
      },
    )
    await using mirror = await openMirror({ clock: testClock() })
    const me = await mirror.tidemark.connect(own, { id: 'me' })
    await me.sync()
    list = rowsOf(0)
    for (let runs = 0; runs < 3; runs++) await me.sync({ mode: 'full' })
    expect(mirror.value('select count(*) from own_series')).toBe(4)
    expect(mirror.value('select count(*) from held_removals')).toBe(4)
  })

  test('what is new is read, whichever kind stands above it, and no further than that', async () => {
    const { emulator, tv, world, missing } = await portal({ titles: 300 })
    await tv.sync()
    world.add(3, 'movies')
    world.add(30, 'series')
    emulator.log.reset()
    expect((await tv.sync({ streams: ['movies'] })).status).toBe('succeeded')
    expect(missing('movies')).toEqual([])
    expect(emulator.log.all().filter(({ query }) => query.includes('get_ordered_list')).length).toBeLessThanOrEqual(4)
  })

  test('a run counts its own records; the total is theirs when all is read, and a plan counts the pages of all', async () => {
    const { tv, world, mirror } = await portal({ titles: 200 })
    let seen: { readonly processed: number; readonly total: number | null } | undefined
    const run = await tv.sync({
      streams: ['series'],
      onProgress: ({ streams: [of] }) => void (seen = of && { processed: of.processed, total: of.total }),
    })
    const mine = world.ids('series').length
    expect(run.streams[0]?.counts).toMatchObject({ fetched: mine, inserted: mine, quarantined: 0 })
    expect(seen?.processed).toBe(mine)
    const plan = await tv.plan({ streams: ['series'], mode: 'full' })
    const again = await tv.sync({ streams: ['series'], mode: 'full' })
    expect(plan.streams[0]?.passes[0]?.requests).toBe(again.streams[0]?.passes[0]?.requests)
    const { findings } = await mirror.tidemark.audit()
    expect(findings.filter(({ stream: name, finding }) => name === 'series' && finding !== 'field_drifted')).toEqual([])
  })
})

/** A list of letters and digits; a stream of each. */
async function mixed(
  list: string[],
  passes: 'fullPass' | 'both' | 'shared' = 'fullPass',
  kinds: Readonly<Record<string, 'letters' | 'digits'>> = {},
) {
  const pageSize = 4
  const transport: Transport = {
    async send({ url }) {
      const p = Number(url.searchParams.get('p'))
      const items = list.slice((p - 1) * pageSize, p * pageSize).map((id) => (id === '!' ? { odd: true } : { id }))
      const headers = { 'content-type': 'application/json' }
      return { status: 200, headers, text: JSON.stringify({ items, total: list.length }) }
    },
    close: async () => {},
  }
  const read = async ({ http, page }: PageRequest<unknown>) => {
    const p = (page as number | undefined) ?? 1
    const { body } = await http.get('/list', { query: { p } })
    const { items, total } = body as { items: unknown; total: number }
    return { records: rows(items, 'items'), total, next: p * pageSize < total ? p + 1 : undefined }
  }
  const shared = passes === 'shared' ? { sharedAs: async () => 'list' } : {}
  const of = (belongs: (id: string) => boolean) =>
    stream({
      schema: z.object({ id: z.string() }),
      key: (row) => row.id,
      belongs: (row: { readonly id?: string }) => belongs(row.id ?? ''),
      passes:
        passes === 'fullPass'
          ? [fullPass({ read, pageSize, everyRuns: 1 })]
          : [newestFirst({ read, pageSize, ...shared }), fullPass({ read, pageSize, everyRuns: 100, ...shared })],
    })
  const kindOf = (id: string) => kinds[id] ?? (/[a-z]/.test(id) ? 'letters' : /\d/.test(id) ? 'digits' : undefined)
  const connector = defineConnector(
    {
      name: 'mixed',
      title: 'Letters and digits',
      options: z.object({}),
      http: () => ({ baseUrl: 'http://list.example' }),
    },
    { letters: of((id) => kindOf(id) === 'letters'), digits: of((id) => kindOf(id) === 'digits') },
  )
  const tidemark = await openTidemark({ database: ':memory:', key: new Uint8Array(32), transport, clock: testClock() })
  onTestFinished(() => tidemark.close())
  const me = await tidemark.connect(connector, { id: 'me', options: {} })
  const keys = async (name: 'letters' | 'digits') => {
    const all: string[] = []
    for await (const { _key } of me.records(name)) all.push(_key)
    return all
  }
  return { me, keys, list, tidemark }
}

const statusOf = ({ status }: RunReport) => status

describe('two kinds in one list', () => {
  test('a record that has become one of the other kind is gone here, and there', async () => {
    const kinds = { b: 'letters' as 'letters' | 'digits' }
    const { me, keys } = await mixed(['a', '1', '2', 'b', '3', 'c', 'd', '4', '5'], 'fullPass', kinds)
    await me.sync()
    kinds.b = 'digits'
    for (let run = 0; run < 3; run++) await me.sync()
    expect([await keys('letters'), await keys('digits')]).toEqual([
      ['a', 'c', 'd'],
      ['1', '2', '3', '4', '5', 'b'],
    ])
  })

  test('each stream stores its own', async () => {
    const { me, keys } = await mixed(['a', '1', '2', 'b', '3', 'c', 'd', '4', '5'])
    expect(statusOf(await me.sync())).toBe('succeeded')
    expect([await keys('letters'), await keys('digits')]).toEqual([
      ['a', 'b', 'c', 'd'],
      ['1', '2', '3', '4', '5'],
    ])
  })

  test('what leaves is removed though the list is as long as before', async () => {
    const { me, keys, list } = await mixed(['a', '1', '2', 'b', '3', 'c', 'd', '4', '5'])
    await me.sync()
    list.splice(3, 1, '6')
    for (let run = 0; run < 3; run++) await me.sync()
    expect([await keys('letters'), await keys('digits')]).toEqual([
      ['a', 'c', 'd'],
      ['1', '2', '3', '4', '5', '6'],
    ])
  })

  test('one of the other kind that can’t be read is set aside by none but its own, and proves nothing here', async () => {
    const { me, keys, list } = await mixed(['a', '1', '2', 'b', '3', 'c'])
    await me.sync()
    list.splice(3, 1, '!')
    for (let run = 0; run < 3; run++) {
      const { streams } = await me.sync()
      expect(streams.map(({ counts }) => [counts.quarantined, counts.removed])).toEqual([
        [0, 0],
        [0, 0],
      ])
    }
    expect(await keys('letters')).toEqual(['a', 'b', 'c'])
  })

  test('the walk from the top passes the other kind by', async () => {
    const { me, keys, list } = await mixed(['a', 'b', 'c', 'd', '1', '2', '3', '4', '5', '6', '7', 'e'], 'both')
    await me.sync()
    list.unshift('x', '8', '9', 'y')
    expect(statusOf(await me.sync())).toBe('succeeded')
    expect(await keys('letters')).toEqual(['a', 'b', 'c', 'd', 'e', 'x', 'y'])
    expect((await keys('digits')).length).toBe(9)
  })
})

describe('a listing that two streams share', () => {
  const listed = (emulator: { readonly log: { all(): readonly { readonly query: string }[] } }) =>
    emulator.log.all().filter(({ query }) => query.includes('get_ordered_list')).length

  test('is read once for both in a run, the first one as later ones', async () => {
    const { emulator, tv, world, missing } = await portal({ titles: 700 })
    expect((await tv.sync()).status).toBe('succeeded')
    expect(listed(emulator)).toBe(50)
    expect(KINDS.flatMap(missing)).toEqual([])
    for (const many of [0, 1, 20]) {
      world.add(many)
      emulator.log.reset()
      expect((await tv.sync()).status).toBe('succeeded')
      expect([many, listed(emulator), KINDS.flatMap(missing)]).toEqual([many, many === 20 ? 2 : 1, []])
    }
  })

  test('is read once for both, however long it is', async () => {
    const { emulator, tv, missing } = await portal({ titles: 5_600 })
    expect((await tv.sync()).status).toBe('succeeded')
    expect([listed(emulator), KINDS.flatMap(missing)]).toEqual([400, []])
  })

  test.each(['ministra', 'xtream'] as const)('%s: is planned as it is read', async (kind) => {
    const { emulator, tv, world } = await portal({ kind, titles: 200 })
    await tv.sync()
    for (const mode of ['auto', 'full', 'full', 'auto'] as const) {
      emulator.log.reset()
      const plan = await tv.plan({ mode })
      const run = await tv.sync({ mode })
      const of = (streams: readonly { stream: string; passes: readonly { requests: number | null }[] }[]) =>
        Object.fromEntries(streams.map((one) => [one.stream, one.passes.map(({ requests }) => requests)]))
      const { categories: _planned, ...planned } = of(plan.streams)
      const { categories: _made, ...made } = of(run.streams)
      expect([mode, planned]).toEqual([mode, made])
      if (mode === 'full') world.removeAt('movies', 30)
    }
  })

  test('is asked for anew by a stream that has asked for anything itself, and by a second reading', async () => {
    const { emulator, tv, world, mirror } = await portal({ titles: 140 })
    await tv.sync()
    const gone = [world.removeAt('series', 40), world.removeAt('movies', 30)]
    await tv.sync({ mode: 'full' })
    await tv.sync({ mode: 'full' })
    const removed = KINDS.flatMap((kind) =>
      mirror.sql(`select _key from stalker_${kind}_all where _removed_at is not null`),
    )
    expect(new Set(removed.map(({ _key }) => _key))).toEqual(new Set(gone))
    expect(emulator.log.count()).toBeLessThan(60)
  })

  test.each([1, 2, 3, 4, 5, 6])('that moves while it is read loses nothing for either (world %i)', async (seed) => {
    const { emulator, tv, world, missing } = await portal({ seed, titles: 200 })
    let page = 0
    const stop = emulator.pages.every(() => {
      if (++page % (seed + 2) === 0) world.removeAt(KINDS[page % 2]!, (page * 7) % 40)
      if (page % (seed + 4) === 0) world.add(1)
    })
    for (let run = 0; run < 3; run++) {
      const before = new Set(KINDS.flatMap((kind) => world.ids(kind)))
      const { status } = await tv.sync(run === 0 ? { maxRequests: 12 + seed } : {})
      const missed = KINDS.flatMap(missing).filter((id) => before.has(id))
      expect([run, status, status === 'succeeded' ? missed : []]).toEqual([run, status, []])
    }
    stop()
    for (let run = 0; run < 5; run++) await tv.sync()
    expect(KINDS.flatMap(missing)).toEqual([])
  })
})

describe('a page that is read for one of the streams', () => {
  const letters = ['a', 'b', 'c', 'd']
  const digits = ['1', '2', '3', '4', '5', '6', '7', '8']

  test('gives the other what it shows of it, though the walk of that one has ended above', async () => {
    const { me, keys, list } = await mixed([...letters, ...digits], 'shared')
    await me.sync()
    // The walk for letters ends on the first page, the one for digits on the second one.
    list.splice(6, 0, 'x')
    const run = await me.sync()
    expect([run.status, await keys('letters')]).toEqual(['succeeded', [...letters, 'x']])
    expect(run.streams.find(({ stream: name }) => name === 'letters')?.counts).toMatchObject({ inserted: 1 })
  })

  test('gives it also to the one whose walk comes second', async () => {
    const { me, keys, list } = await mixed([...digits, ...letters], 'shared')
    await me.sync()
    list.splice(10, 0, '9')
    expect([statusOf(await me.sync()), await keys('digits')]).toEqual(['succeeded', [...digits, '9']])
  })

  test('a film below a group of equals, on a page that is read for series', async () => {
    const { emulator, tv, world, missing } = await portal({ seed: 3, titles: 120, tied: 20 })
    // The first page shows films alone, all of one second long ago.
    world.add(20, 'movies')
    emulator.clock.advance(5 * 86_400_000)
    await tv.sync()
    for (let place = 0; place < 8; place++) world.addBeside('movies', 21 + place)
    emulator.log.reset()
    expect((await tv.sync()).status).toBe('succeeded')
    const pages = emulator.log.all().flatMap(({ query }) => /get_ordered_list.*[?&]p=(\d+)/.exec(query)?.[1] ?? [])
    const shown = new Set(
      world
        .list('all')
        .slice(0, Math.max(...pages.map(Number)) * 14)
        .map((one) => world.idOf(one)),
    )
    expect(missing('movies').filter((id) => shown.has(id))).toEqual([])
    expect(pages.length).toBeGreaterThan(1)
  })
})

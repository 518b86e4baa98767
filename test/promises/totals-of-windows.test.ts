// What a source says of how many records a window has is evidence: a window that shows fewer is no complete one.

import { byCursor, defineConnector, stream, z } from 'tidemark'
import { describe, expect, test } from 'vitest'
import { testClock } from '../../src/testing/test-clock.ts'
import { openMirror } from '../support/mirror.ts'

interface Item {
  readonly id: string
  readonly at: number
}

const all: readonly Item[] = Array.from({ length: 50 }, (_, i) => ({ id: `r${i}`, at: 1_000 + i }))

/** As sources write it, whatever the type says. */
const NOT_KNOWN = null as unknown as number

/** `answer` makes a page of what stands in the window. */
function source(
  answer: (standing: readonly Item[], page: unknown) => { records: readonly Item[]; next?: number; total?: number },
  asks = false,
) {
  return defineConnector(
    { name: 'own', title: 'own', options: z.object({}), http: () => ({ baseUrl: 'https://x.example' }) },
    {
      items: stream({
        schema: z.object({ id: z.string(), at: z.int() }),
        key: ({ id }) => id,
        passes: [
          byCursor({
            pageSize: 20,
            order: ({ at }) => at,
            unitMs: 1_000,
            overlap: '0s',
            read: async ({ http, since, until, page }) => {
              if (asks) await http.get('/items')
              return answer(
                all.filter(({ at }) => at >= (since ?? 0) && at < until),
                page,
              )
            },
          }),
        ],
      }),
    },
  )
}

test('a window that says fifty and shows ten is a gap, and is asked for again', async () => {
  await using mirror = await openMirror()
  let shows = 10
  const own = source((standing) => ({ records: standing.slice(0, shows), total: standing.length }))
  const me = await mirror.tidemark.connect(own, { id: 'me' })
  const run = await me.sync()
  expect(run.status).toBe('incomplete')
  expect(run.notes).toContainEqual(expect.stringContaining('had 50 records and showed 10'))
  expect(mirror.value('select coverage from streams')).toBe('gap')
  expect(mirror.value('select count(*) from gaps')).toBe(1)
  shows = 50
  expect((await me.sync()).status).toBe('succeeded')
  expect(mirror.value('select count(*) from own_items')).toBe(50)
  expect(mirror.value('select coverage from streams')).toBe('complete')
})

test.each<[what: string, pages: Parameters<typeof source>[0]]>([
  ['that counts from the lower bound on', (standing) => turned(standing, 0, standing.length)],
  ['that stands on pages with tokens', (standing, page) => turned(standing, Number(page ?? 0), standing.length)],
  ['that is less than what is shown', (standing) => ({ records: standing, total: Math.min(3, standing.length) })],
  ['that is not there', (standing) => ({ records: standing })],
  ['that is null behind the first page', (standing) => turned(standing, 0, standing.length === 50 ? 50 : NOT_KNOWN)],
])('a total %s is no false alarm', async (_what, pages) => {
  await using mirror = await openMirror()
  const me = await mirror.tidemark.connect(source(pages), { id: 'me' })
  expect(await me.sync()).toMatchObject({ status: 'succeeded' })
  expect(await me.sync()).toMatchObject({ status: 'succeeded' })
  expect(mirror.value('select count(*) from own_items')).toBe(50)
  expect(mirror.value('select coverage from streams')).toBe('complete')
})

test.each([
  ['ahead', 60],
  ['behind', -60],
])(
  'a total is heeded by the page behind it, also where our clock, a minute %s, is put right between them',
  async (_, by) => {
    const clock = testClock(Date.UTC(2026, 0, 1) + by * 1_000)
    const date = () => new Date(clock.now() - by * 1_000).toUTCString()
    const transport = {
      send: async () => ({ status: 200, headers: { 'content-type': 'application/json', date: date() }, text: '{}' }),
      close: async () => {},
    }
    await using mirror = await openMirror({ clock, transport })
    let asked = 0
    const own = source((standing) => {
      if (++asked === 2) return { records: [], total: 0 }
      const records = standing.slice(0, 20)
      return { records, total: standing.length, ...(standing.length > 20 ? { next: asked } : {}) }
    }, true)
    const me = await mirror.tidemark.connect(own, { id: 'me' })
    asked = 0
    expect(await me.sync()).toMatchObject({ status: 'succeeded' })
    expect(mirror.value('select count(*) from own_items')).toBe(50)
  },
)

test('a list that comes in no order is counted over all its pages', async () => {
  await using mirror = await openMirror()
  let lacks = 1
  const own = source((standing, page) => {
    const shuffled = standing.toReversed()
    return turned(shuffled.slice(lacks), Number(page ?? 0), standing.length)
  })
  const me = await mirror.tidemark.connect(own, { id: 'me' })
  const lacking = { notes: expect.arrayContaining([expect.stringContaining('had 50 records and showed 49')]) }
  expect(await me.sync()).toMatchObject(lacking)
  lacks = 0
  expect(await me.sync()).not.toMatchObject(lacking)
  expect(mirror.value('select count(*) from own_items')).toBe(50)
})

function turned(list: readonly Item[], from: number, total: number) {
  const next = from + 20 < list.length ? { next: from + 20 } : {}
  return { records: list.slice(from, from + 20), total, ...next }
}

describe('a total that counts a record which no page shows', () => {
  /** Pages of four, from the position on; `hidden` are counted and not shown. */
  function hiding(hidden: readonly string[], moving: { left: number } = { left: 0 }) {
    const items = all.slice(0, 12)
    let requests = 0
    const own = source((standing) => {
      requests++
      // A record that has changed leaves the window.
      if (requests > 1 && moving.left-- > 0) items.pop()
      const there = standing.filter((item) => items.includes(item))
      const shown = there.filter(({ id }) => !hidden.includes(id))
      return { records: shown.slice(0, 4), ...(shown.length > 4 ? { next: 4 } : {}), total: there.length }
    })
    return { own, asked: () => requests }
  }

  test.each(['r1', 'r2', 'r4', 'r7', 'r10'])('is a gap on whatever page it is missing: %s', async (id) => {
    await using mirror = await openMirror()
    const hidden = [id]
    const { own } = hiding(hidden)
    const me = await mirror.tidemark.connect(own, { id: 'me' })
    const run = await me.sync()
    expect(run.status).toBe('incomplete')
    expect(run.notes).toContainEqual(expect.stringMatching(/said that the window had \d+ records? and showed/))
    expect(mirror.value('select coverage from streams')).toBe('gap')
    // What lies behind it has come in.
    expect(mirror.value('select count(*) from own_items')).toBe(11)
    hidden.length = 0
    expect(await me.sync()).toMatchObject({ status: 'succeeded' })
    expect(mirror.value('select count(*) from own_items')).toBe(12)
    expect(mirror.value('select coverage from streams')).toBe('complete')
  })

  test('is told apart from one that leaves while the pages are turned, by two requests', async () => {
    const requests = []
    for (const left of [0, 1]) {
      await using mirror = await openMirror()
      const { own, asked } = hiding([], { left })
      const me = await mirror.tidemark.connect(own, { id: 'me' })
      expect(await me.sync()).toMatchObject({ status: 'succeeded' })
      expect(mirror.value('select coverage from streams')).toBe('complete')
      requests.push(asked())
    }
    expect(requests[1]).toBeLessThanOrEqual(requests[0]! + 2)
  })
})

describe('a page that is blank once, though others follow it', () => {
  test.each([1, 2, 3, 4])('hides nothing: answer %i', async (blank) => {
    for (const times of [1, 99]) {
      await using mirror = await openMirror()
      let answers = 0
      const own = source((standing, page) => {
        const answer = turned(standing, Number(page ?? 0), standing.length)
        const isBlank = ++answers >= blank && answers < blank + times
        return isBlank && 'next' in answer ? { ...answer, records: [] } : answer
      })
      const me = await mirror.tidemark.connect(own, { id: 'me' })
      const run = await me.sync()
      const stored = mirror.value('select count(*) from own_items')
      const told = [run.status, mirror.value('select coverage from streams')]
      expect(told).toEqual(stored === 50 ? ['succeeded', 'complete'] : ['incomplete', 'gap'])
      answers = 1_000
      expect(await me.sync()).toMatchObject({ status: 'succeeded' })
      expect(mirror.value('select count(*) from own_items')).toBe(50)
    }
  })
})

describe('a window in no order whose rows slide over a page boundary while it is read', () => {
  type Row = Item & { readonly v: number }
  const SIZE = 10

  /** Offset pages over what has changed since the lower bound, by the time of change, as far as anybody can see. */
  function shop(tells: 'every page' | 'the first page', meanwhile: (rows: Map<string, Row>) => void) {
    const rows = new Map(Array.from({ length: 30 }, (_, i) => [`r${i}`, { id: `r${i}`, at: 1_000 + i, v: 1 }]))
    let isCalm = false
    const own = defineConnector(
      { name: 'own', title: 'own', options: z.object({}), http: () => ({ baseUrl: 'https://x.example' }) },
      {
        items: stream({
          schema: z.object({ id: z.string(), at: z.int(), v: z.int() }),
          key: ({ id }) => id,
          version: ({ v }) => v,
          passes: [
            byCursor({
              pageSize: SIZE,
              sorted: false,
              order: ({ at }) => at,
              unitMs: 1_000,
              overlap: '0s',
              async read({ since = 0, page }) {
                const from = Number(page ?? 0)
                const standing = [...rows.values()].filter(({ at }) => at >= since).sort((a, b) => a.at - b.at)
                const next = from + SIZE < standing.length ? from + SIZE : undefined
                const total = tells === 'every page' || from === 0 ? standing.length : undefined
                if (from === 0 && !isCalm) {
                  isCalm = true
                  meanwhile(rows)
                }
                return { records: standing.slice(from, from + SIZE), next, ...(total === undefined ? {} : { total }) }
              },
            }),
          ],
        }),
      },
    )
    return { own, rows }
  }

  test.each([
    ['the first page', 'one that was read changes'],
    ['every page', 'one that was read changes'],
    ['every page', 'two that were read leave and one comes'],
  ] as const)('is a gap where the total of %s tells it, and is read again: %s', async (tells, what) => {
    await using mirror = await openMirror({ clock: testClock(Date.UTC(2026, 0, 1)) })
    const { own, rows } = shop(tells, (standing) => {
      if (what.includes('two')) for (const id of ['r5', 'r6']) standing.delete(id)
      const [id, v] = what.includes('two') ? ['new', 1] : ['r0', 2]
      standing.set(id, { id: id, at: 2_000, v: v })
    })
    const me = await mirror.tidemark.connect(own, { id: 'me' })
    const run = await me.sync()
    expect(run.status).toBe('incomplete')
    expect(run.notes).toContainEqual(expect.stringContaining('had 30 records and showed 29'))
    expect(mirror.value('select coverage from streams')).toBe('gap')
    expect(await me.sync()).toMatchObject({ status: 'succeeded' })
    const found = mirror.sql('select id, v from own_items') as { id: string; v: number }[]
    for (const { id, v } of rows.values()) expect(found).toContainEqual({ id, v })
    expect(mirror.value('select coverage from streams')).toBe('complete')
  })

  test('which reads fewer than the source has had, because one was gone before it was read, is read twice at most', async () => {
    await using mirror = await openMirror({ clock: testClock(Date.UTC(2026, 0, 1)) })
    const { own } = shop('every page', (standing) => standing.delete('r25'))
    const me = await mirror.tidemark.connect(own, { id: 'me' })
    expect(await me.sync()).toMatchObject({ status: 'incomplete' })
    expect(await me.sync()).toMatchObject({ status: 'succeeded' })
    expect(mirror.value('select count(*) from own_items')).toBe(29)
  })
})

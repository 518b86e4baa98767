import { describe, expect, test } from 'vitest'
import {
  byCursorStep,
  cursorAfter,
  GROUP_TRIES_MAX,
  repeatsAfter,
  trackFor,
  windowFor,
} from '../../src/engine/passes/window/step.ts'
import type { Json } from '../../src/model/json.ts'

const window = (since: number | undefined) => trackFor({ since, until: 1_000 })

/** A page with these positions; its keys are their places unless they are told. */
const pageOf = (orders: readonly number[], next: Json | undefined, keys = orders.map((_, i) => `k${i}`)) => ({
  orders,
  keys,
  next,
})

describe('windowFor', () => {
  test('the first read has no lower bound, and takes in the whole second of the start', () => {
    expect(windowFor({ cursor: undefined, openUntil: undefined, overlap: 300, start: 5_000 })).toEqual({
      since: undefined,
      until: 5_001,
    })
  })

  test('later reads reach back by the overlap', () => {
    expect(windowFor({ cursor: 4_000, openUntil: undefined, overlap: 300, start: 5_000 }).since).toBe(3_700)
  })

  test('a walk that broke off in old ground goes on exactly there', () => {
    expect(windowFor({ cursor: 1_000, openUntil: 4_900, overlap: 300, start: 5_000 }).since).toBe(1_000)
  })

  test('one that broke off close to its end reaches back, for what became visible behind it', () => {
    expect(windowFor({ cursor: 4_850, openUntil: 4_900, overlap: 300, start: 5_000 }).since).toBe(4_600)
  })

  test('a cursor ahead of the clock still gives a window', () => {
    const { since, until } = windowFor({ cursor: 9_000, openUntil: undefined, overlap: 0, start: 5_000 })
    expect(until).toBeGreaterThan(since as number)
  })
})

describe('byCursorStep', () => {
  test('the next page starts at the last position, without a token', () => {
    const { track, done } = byCursorStep(window(10), pageOf([10, 12, 15], 'token'))
    expect(done).toBe(false)
    expect(track).toMatchObject({ since: 15, token: null, largest: 15 })
  })

  test('inside a group of equals that fills the page, the token is used', () => {
    const { track, done } = byCursorStep(window(10), pageOf([10, 10, 10], 't1'))
    expect(done).toBe(false)
    expect(track).toMatchObject({ since: 10, token: 't1', group: { shown: ['k0', 'k1', 'k2'], tries: 0 } })
  })

  test('a source out of order is read by its tokens', () => {
    const { track } = byCursorStep(window(10), pageOf([12, 11], 't1'))
    expect(track).toMatchObject({ unsorted: true, token: 't1', largest: 12 })
    expect(byCursorStep(track, pageOf([13], 't2')).track.token).toBe('t2')
  })

  test('a record before the lower bound shows that the filter is not what it seems', () => {
    expect(byCursorStep(window(10), pageOf([9], 't')).track.unsorted).toBe(true)
  })

  test('the end is what the source says is the end', () => {
    expect(byCursorStep(window(10), pageOf([], undefined)).done).toBe(true)
    expect(byCursorStep(window(10), pageOf([], 't')).done).toBe(false)
  })
})

type Place = readonly [key: string, order: number]

/** A source whose tokens count in a list that moves. `between` happens after so many of its pages. */
class MovingSource {
  requests = 0
  readonly #between: (source: MovingSource, pages: number) => void
  list: readonly Place[]

  constructor(list: readonly Place[], between: (source: MovingSource, pages: number) => void = () => {}) {
    this.list = list
    this.#between = between
  }

  put(key: string, order: number): void {
    this.list = [...this.list.filter(([other]) => other !== key), [key, order] as const]
  }

  remove(...keys: readonly string[]): void {
    this.list = this.list.filter(([key]) => !keys.includes(key))
  }

  /** In pages of three, ordered by position and then by key. */
  read(since: number, token: Json): ReturnType<typeof pageOf> & { total: number } {
    const rows = this.list.filter(([, order]) => order >= since).sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1))
    const from = Number(token ?? 0)
    const part = rows.slice(from, from + 3)
    const next = from + 3 < rows.length ? from + 3 : undefined
    const keys = part.map(([key]) => key)
    const orders = part.map(([, order]) => order)
    this.#between(this, ++this.requests)
    return { ...pageOf(orders, next, keys), total: rows.length }
  }
}

/** Reads all of it: which keys were seen, and where the walk ended. */
function readAll(source: MovingSource, reach?: { overlap: number; kept: number | undefined; cursorMax: number }) {
  const seen = new Set<string>()
  let track = window(10)
  for (;;) {
    const page = source.read(track.since as number, track.token)
    for (const key of page.keys) seen.add(key)
    const step = byCursorStep(track, { ...page, reach })
    track = step.track
    if (step.done) return { seen, track }
    expect(source.requests).toBeLessThan(200)
  }
}

const tied = (count: number, order = 20): readonly Place[] =>
  Array.from({ length: count }, (_, i) => [String.fromCharCode(97 + i), order] as const)

describe('a group of equals that is larger than a page', () => {
  test.each([
    [4, 3],
    [6, 3],
    [7, 5],
    [12, 7],
  ])(
    'of %i, of which nothing leaves, costs %i requests: its pages, and all but the last once more',
    (count, requests) => {
      const source = new MovingSource(tied(count, 10))
      const { seen, track } = readAll(source)
      expect(seen.size).toBe(count)
      expect(source.requests).toBe(requests)
      expect(track.unsure).toBeNull()
    },
  )

  test('a record that leaves while another enters hides none, though the total stays', () => {
    const source = new MovingSource([...tied(5), ['y', 40]], (moving, pages) => {
      if (pages !== 2) return
      moving.remove('a')
      moving.put('e2', 20)
    })
    expect([...readAll(source).seen].sort()).toEqual(['a', 'b', 'c', 'd', 'e', 'e2', 'y'])
  })

  test('a record that moves within the window hides none, nor the one behind the group', () => {
    const source = new MovingSource([...tied(3), ['x', 30], ['y', 31]], (moving, pages) => {
      if (pages === 2) moving.put('b', 50)
    })
    expect([...readAll(source).seen].sort()).toEqual(['a', 'b', 'c', 'x', 'y'])
  })

  test('its first page again is enough where the total stood still and the next run reads it too', () => {
    const near = new MovingSource(tied(12, 10))
    readAll(near, { overlap: 5, kept: undefined, cursorMax: 12 })
    expect(near.requests).toBe(4 + 1)
    const far = new MovingSource([...tied(12, 10), ['z', 90]])
    readAll(far, { overlap: 5, kept: undefined, cursorMax: 100 })
    expect(far.requests).toBe(5 + 4)
    const last = new MovingSource(tied(12, 10))
    readAll(last, { overlap: 5, kept: undefined, cursorMax: 100 })
    expect(last.requests).toBe(4 + 1)
    const moving = new MovingSource([...tied(12, 10), ['z', 90]], (source, pages) => {
      if (pages === 2) source.remove('z')
    })
    readAll(moving, { overlap: 5, kept: undefined, cursorMax: 12 })
    expect(moving.requests).toBe(4 + 3)
  })

  test('what leaves while it is read again has hidden nothing, or is noticed', () => {
    for (let at = 1; at <= 8; at++) {
      for (const gone of 'abcdefgh') {
        const source = new MovingSource(tied(8), (moving, pages) => {
          if (pages === at) moving.remove(gone)
        })
        const { seen, track } = readAll(source)
        for (const [key] of source.list) expect(seen, `${gone} left after page ${at}`).toContain(key)
        expect(track.unsure).toBeNull()
      }
    }
  })

  test('a row that can not be read may be the one that leaves', () => {
    const enter = byCursorStep(window(10), { ...pageOf([10, 10], 't1', ['a', 'b']), unread: ['poison'] })
    const through = byCursorStep(enter.track, pageOf([10, 11], 't2', ['d', 'e']))
    expect(through.track).toMatchObject({ since: 10, token: null, group: { sought: ['a', 'b', 'poison'] } })
    const again = byCursorStep(through.track, pageOf([10, 10, 10], 't1', ['a', 'b', 'c']))
    expect(again.track).toMatchObject({ since: 10, token: 't1', group: { sought: ['poison'] } })
  })

  test('what a later run finds behind the group, on a page whose number has shifted, is no place to leave it to', () => {
    const first = { shown: ['a', 'b'], first: 2, total: null, sought: [], left: null, tries: 0 }
    const resumed = { ...window(10), token: 't1', group: first }
    // All but `a` has left the group: `c` and `d`, which stand behind it, are on the first page now.
    const far = byCursorStep(resumed, pageOf([90], undefined, ['z']))
    expect(far).toMatchObject({
      done: false,
      track: { since: 10, token: null, group: { sought: ['a', 'b'], tries: 0 } },
    })
    const again = byCursorStep(far.track, pageOf([10, 20], 't1', ['a', 'c']))
    expect(again).toMatchObject({ done: false, track: { since: 20, token: null, group: null } })
  })

  test('one that never comes to rest is left after so many passages, and the walk stays open from it', () => {
    // Without end: the first of the group leaves, a new one enters.
    const source = new MovingSource([...tied(8), ['zz', 40]], (moving, pages) => {
      moving.remove(moving.list.find(([, order]) => order === 20)?.[0] as string)
      moving.put(`n${String(pages).padStart(3, '0')}`, 20)
    })
    const { seen, track } = readAll(source)
    expect(track.unsure).toEqual({ since: 20 })
    expect(track.since).toBe(40)
    expect(seen).toContain('zz')
    expect(source.requests).toBeLessThan(4 * (GROUP_TRIES_MAX + 2))
  })
})

describe('cursorAfter', () => {
  const track = { ...window(10), largest: 50 }

  test('is the largest position seen', () => {
    expect(cursorAfter({ before: 10, track, done: false, start: 100 })).toBe(50)
  })

  test('is never ahead of the start of the run, whatever dates the source gives', () => {
    expect(cursorAfter({ before: 10, track: { ...track, largest: 9e9 }, done: true, start: 100 })).toBe(100)
  })

  test('never moves back', () => {
    expect(cursorAfter({ before: 70, track, done: true, start: 100 })).toBe(70)
  })

  test('waits for the end where the source is out of order', () => {
    const unsorted = { ...track, unsorted: true }
    expect(cursorAfter({ before: 10, track: unsorted, done: false, start: 100 })).toBe(10)
    expect(cursorAfter({ before: 10, track: unsorted, done: true, start: 100 })).toBe(50)
  })

  test('stays where it is when nothing was seen', () => {
    expect(cursorAfter({ before: 10, track: window(10), done: true, start: 100 })).toBe(10)
    expect(cursorAfter({ before: undefined, track: window(10), done: true, start: 100 })).toBeUndefined()
  })
})

describe('repeatsAfter', () => {
  const read = [10, 12, 15, 15].map((order, i) => ({ key: `k${i}`, hash: `#${i}`, order }))

  test('the next page begins with the records at the last position', () => {
    const { track } = byCursorStep(window(10), pageOf([10, 12, 15, 15], 'token'))
    expect([...repeatsAfter(track, read)]).toEqual([
      ['k2', '#2'],
      ['k3', '#3'],
    ])
  })

  test('a group that is read again repeats what it had shown', () => {
    const { track } = byCursorStep(window(15), pageOf([15, 15], 'token'))
    expect([...repeatsAfter(track, read, new Map([['k9', '#9']])).keys()]).toEqual(['k9', 'k2', 'k3'])
  })

  test('a page of a source out of order that follows a token repeats nothing', () => {
    const { track } = byCursorStep(window(15), pageOf([15, 14], 'token'))
    expect(repeatsAfter(track, read).size).toBe(0)
    expect(repeatsAfter(window(undefined), read).size).toBe(0)
  })
})

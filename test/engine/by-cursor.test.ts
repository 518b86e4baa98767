import { describe, expect, test } from 'vitest'
import {
  byCursorStep,
  cursorAfter,
  GROUP_TRIES_MAX,
  repeatsAfter,
  trackFor,
  windowFor,
} from '../../src/engine/passes/by-cursor.ts'

const window = (since: number | undefined) => trackFor({ since, until: 1_000 })

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
    const { track, done } = byCursorStep(window(10), { orders: [10, 12, 15], next: 'token', total: 9 })
    expect(done).toBe(false)
    expect(track).toMatchObject({ since: 15, token: null, largest: 15 })
  })

  test('inside a group of equals that fills the page, the token is used', () => {
    const first = byCursorStep(window(10), { orders: [10, 10, 10], next: 't1', total: 9 })
    expect(first.track).toMatchObject({ since: 10, token: 't1', group: { total: 9, tries: 0 } })
    const second = byCursorStep(first.track, { orders: [10, 10, 11], next: 't2', total: 9 })
    expect(second.track).toMatchObject({ since: 11, token: null, group: null })
  })

  test('a group that shrank meanwhile is read again, a limited number of times', () => {
    let track = byCursorStep(window(10), { orders: [10, 10], next: 't1', total: 9 }).track
    let reads = 0
    for (let total = 8; reads <= GROUP_TRIES_MAX + 2; total--) {
      const step = byCursorStep(track, { orders: [10, 11], next: 't2', total })
      track = step.track
      if (track.since === 11) break
      expect(track).toMatchObject({ since: 10, token: null })
      reads++
    }
    expect(reads).toBe(GROUP_TRIES_MAX)
  })

  test('a source out of order is read by its tokens', () => {
    const { track } = byCursorStep(window(10), { orders: [12, 11], next: 't1', total: undefined })
    expect(track).toMatchObject({ unsorted: true, token: 't1', largest: 12 })
    expect(byCursorStep(track, { orders: [13], next: 't2', total: undefined }).track.token).toBe('t2')
  })

  test('a record before the lower bound shows that the filter is not what it seems', () => {
    expect(byCursorStep(window(10), { orders: [9], next: 't', total: undefined }).track.unsorted).toBe(true)
  })

  test('the end is what the source says is the end', () => {
    expect(byCursorStep(window(10), { orders: [], next: undefined, total: 0 }).done).toBe(true)
    expect(byCursorStep(window(10), { orders: [], next: 't', total: 0 }).done).toBe(false)
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
    const { track } = byCursorStep(window(10), { orders: [10, 12, 15, 15], next: 'token', total: 9 })
    expect([...repeatsAfter(track, read)]).toEqual([
      ['k2', '#2'],
      ['k3', '#3'],
    ])
  })

  test('a page that follows a token repeats nothing', () => {
    const { track } = byCursorStep(window(15), { orders: [15, 15], next: 'token', total: 9 })
    expect(repeatsAfter(track, read).size).toBe(0)
    expect(repeatsAfter(window(undefined), read).size).toBe(0)
  })
})

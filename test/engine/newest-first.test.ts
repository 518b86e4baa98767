import { describe, expect, test } from 'vitest'
import { newestFirstStep, type Sighting, TRACK_START } from '../../src/engine/passes/listing/stop-rule.ts'

/** `n` new, `a` anchored, `p` pinned and anchored; digits after it are the order value, falling by default. */
function page(text: string): readonly Sighting[] {
  return [...text.matchAll(/([nap])(\d*)/g)].map(([, kind, order], i) => ({
    anchored: kind !== 'n',
    pinned: kind === 'p',
    order: order === '' ? 1_000 - i : Number(order),
  }))
}

const unordered = (text: string) => page(text).map((sighting) => ({ ...sighting, order: undefined }))

describe('newestFirstStep', () => {
  test.each([
    ['nnnnnnnn', -1, 'only new records: go on'],
    ['aaaan', 2, 'three anchored at the top'],
    ['nnaaaan', 4, 'three anchored behind new ones'],
    ['naanaanaan', -1, 'never three in a row'],
    ['pppnnnnn', -1, 'pinned records count for nothing'],
    ['pnaaaa', 4, 'a pinned record does not break what follows'],
    ['n9a8p9a7a6a5', 4, 'a pinned record in between neither counts nor breaks the row'],
    ['aaa', -1, 'the third is the last of the page: its group may go on overleaf'],
    ['n9a8a7a7a7n7a6', -1, 'inside a group of equals nothing stops, and a new one there starts anew'],
    ['a9a8a7a7a7a6', 4, 'at the end of the group the walk may stop'],
  ])('%s stops at %i: %s', (text, at) => {
    expect(newestFirstStep(TRACK_START, page(text), 3).stopAt).toBe(at)
  })

  test('the row of anchored records goes on over a page boundary', () => {
    const first = newestFirstStep(TRACK_START, page('n9a8a7'), 3)
    expect(first.stopAt).toBe(-1)
    expect(newestFirstStep(first.track, page('a6n5'), 3).stopAt).toBe(0)
  })

  test('a group of equals is known to be over when the next page begins with another value', () => {
    const first = newestFirstStep(TRACK_START, page('a9a8a7'), 3)
    expect(newestFirstStep(first.track, page('n7n7a6a5a4a3'), 3).stopAt).toBe(4)
    expect(newestFirstStep(first.track, page('a6'), 3).stopAt).toBe(0)
  })

  test('a source that breaks its order is read to the end', () => {
    const { track, stopAt } = newestFirstStep(TRACK_START, page('a5a9a4a3a2a1'), 3)
    expect(track.unsorted).toBe(true)
    expect(stopAt).toBe(-1)
    expect(newestFirstStep(track, page('a0'), 3).stopAt).toBe(-1)
  })

  test.each([[undefined], [null], [Number.NaN]])(
    'a record without an order value (%s) hides neither a group nor a broken order',
    (nothing) => {
      const without = (text: string, at: number) =>
        page(text).map((sighting, i) => (i === at ? { ...sighting, order: nothing } : sighting))
      expect(newestFirstStep(TRACK_START, without('a5a5a5a5n5', 3), 3).stopAt).toBe(-1)
      expect(newestFirstStep(TRACK_START, without('a5a5a9a8a7a6', 1), 3).track.unsorted).toBe(true)
    },
  )

  test('without order values the third anchored record stops', () => {
    expect(newestFirstStep(TRACK_START, unordered('naaan'), 3).stopAt).toBe(3)
  })

  test('fewer than three are never enough, whatever the connector says', () => {
    expect(newestFirstStep(TRACK_START, unordered('aan'), 1).stopAt).toBe(-1)
  })

  test('a connector may ask for more', () => {
    expect(newestFirstStep(TRACK_START, unordered('aaaaan'), 5).stopAt).toBe(4)
  })

  test('inside of a group that can’t grow, enough anchored ones are a place to stop', () => {
    const settled = (text: string) => page(text).map((sighting) => ({ ...sighting, settled: true }))
    expect(newestFirstStep(TRACK_START, settled('a7a7a7a7'), 3)).toMatchObject({ stopAt: -1, insideAt: 2 })
    expect(newestFirstStep(TRACK_START, settled('n9a7a7n7'), 3)).toMatchObject({ stopAt: -1, insideAt: -1 })
    expect(newestFirstStep(TRACK_START, settled('a9a8a7a7a7a6'), 3)).toMatchObject({ stopAt: 4, insideAt: -1 })
    expect(newestFirstStep(TRACK_START, settled('a7a9a7a7a7a7'), 3)).toMatchObject({ stopAt: -1, insideAt: -1 })
    expect(newestFirstStep(TRACK_START, page('a7a7a7a7'), 3)).toMatchObject({ stopAt: -1, insideAt: -1 })
  })
})

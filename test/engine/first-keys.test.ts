import { describe, expect, test } from 'vitest'
import { afterWalk, onTopOf, placesOf, withPage } from '../../src/engine/passes/listing/first-keys.ts'
import {
  newestFirstStep,
  type Sighting,
  TRACK_START,
  type WalkTrack,
} from '../../src/engine/passes/listing/stop-rule.ts'

const keysOf = (text: string) => text.split('')

const FIRST = keysOf('abcdefgh')
const STOOD = placesOf(FIRST)

/**
 * Small letters are known records, of which the first eight stood on top when the list was read last; `n` is new, a capital
 * is a known one whose content has changed, in brackets it is pinned.
 */
function page(text: string): readonly Sighting[] {
  return [...text.matchAll(/\((.)\)|(.)/g)].map(([, pinned, plain]) => {
    const one = pinned ?? plain ?? ''
    const changed = one !== one.toLowerCase()
    const left = STOOD.get(one.toLowerCase()) ?? null
    return { anchored: one !== 'n' && !changed, changed, pinned: pinned !== undefined, order: undefined, left }
  })
}

const step = (text: string, track: WalkTrack = TRACK_START) => newestFirstStep(track, page(text), 3)

describe('a walk by positions alone', () => {
  test.each([
    ['abc', true, 'nothing has changed'],
    ['nnabc', true, 'new ones on top'],
    ['ab', false, 'two are not enough'],
    ['aceg', false, 'in their order, but not beside their neighbours'],
    ['cbafghn', false, 'known ones, and something new below them'],
    ['abcn', false, 'something new below what looked like ground'],
    ['abcnefg', true, 'ground again below that'],
    ['hgfedcba', false, 'put on top from the top down'],
    ['xyz', false, 'old ones, of which nobody knows how they stood'],
    ['xyzabc', true, 'old ones on top'],
    ['abcxde', false, 'an old one in between: what stands above it was put there'],
    ['abcfgh', true, 'some have left in between'],
    ['abcb', false, 'one stands below what stood below it'],
    ['aBcde', true, 'one in between has changed, and stands where it stood'],
    ['aBCDEf', false, 'too many have changed to tell'],
    ['abcDEF', true, 'below ground, a change is no matter'],
    ['a(n)bc', true, 'a pinned one stands where it likes'],
    ['abbcc', true, 'a record that is shown twice'],
    ['fghxyz', true, 'below all that is remembered'],
    ['fghxyzn', false, 'something new below that'],
  ])('%s is ground: %s, for %s', (text, isGround) => {
    expect(step(text).stopAt >= 0).toBe(isGround)
  })

  test('the row goes on over a page boundary, and what was ground is looked at with its page', () => {
    const first = step('nab')
    expect(first.stopAt).toBe(-1)
    expect(step('c', first.track).stopAt).toBe(0)
    expect(step('nc', first.track).stopAt).toBe(-1)
    expect(step('acb', JSON.parse(JSON.stringify(first.track))).stopAt).toBe(-1)
  })

  test('where nothing is remembered yet, known ones in a row are ground', () => {
    const sightings = page('nxyz').map(({ left: _left, ...one }) => one)
    expect(newestFirstStep(TRACK_START, sightings, 3).stopAt).toBe(3)
  })
})

describe('the first keys', () => {
  const before = { walk: 3, keys: FIRST }
  const walk = (keys: string, over: { walk?: number; isNew?: boolean; isWhole?: boolean } = {}) =>
    afterWalk(before, { walk: 4, keys: keysOf(keys), isNew: true, isWhole: false, ...over })

  test('are those of the last walk, and below them what it has not read again', () => {
    expect(walk('nbc')).toEqual({ walk: 4, keys: keysOf('nbcdefgh') })
    expect(walk('fac')).toEqual({ walk: 4, keys: keysOf('facdegh') })
  })

  test('of a walk to the end are all of its own; so they are where it has met none of those before', () => {
    expect(walk('nbc', { isWhole: true })?.keys).toEqual(keysOf('nbc'))
    expect(walk('nxyz')?.keys).toEqual(keysOf('nxyz'))
  })

  test('stay where a walk has read nothing, or went on that had begun before', () => {
    expect(walk('')).toBe(before)
    expect(walk('xyz', { walk: 2, isNew: false })).toBe(before)
    expect(walk('xyz', { walk: 2, isNew: true })?.keys).toEqual(keysOf('xyz'))
    expect(walk('xyz', { isNew: false })?.keys).toEqual(keysOf('xyz'))
  })

  test('of walks that are open stand above those of older ones', () => {
    expect(onTopOf(keysOf('nb'), FIRST)).toEqual(keysOf('nbcdefgh'))
    expect(onTopOf(keysOf('xy'), FIRST)).toEqual(keysOf('xyabcdefgh'))
  })

  test('are two pages, a hundred at least, and each once', () => {
    const keys = (from: number, count: number) => Array.from({ length: count }, (_, i) => `k${from + i}`)
    expect(withPage(keys(0, 90), keys(85, 40), { pageSize: 20 })).toEqual(keys(0, 100))
    expect(withPage(keys(0, 100), keys(100, 100), { pageSize: 100 })).toHaveLength(200)
    expect(withPage([], keys(0, 4_000), { pageSize: 4_000 })).toHaveLength(1_000)
  })
})

import { expect, test } from 'vitest'
import type { NewestByJob } from '../../src/connector/passes.ts'
import { beginning, judge, legOf } from '../../src/engine/passes/jobs/leg.ts'

const PASS = { kind: 'newestFirst', paid: true } as NewestByJob<unknown, unknown>
const END = { to: 'close', ended: 'exhausted' }

/** What the rows of a run mean, of which so many were asked for and delivered. */
function judged(
  size: number,
  rows: number,
  more: { live?: number; wasEmpty?: boolean; before?: object; leg?: object; pass?: object } = {},
) {
  const { live = 0, wasEmpty = false, before = {}, leg = {}, pass = {} } = more
  return judge(
    { ...PASS, ...pass },
    { ...beginning(false), ...before },
    { leg: { ...legOf('i'), rows, ...leg }, size, live, wasEmpty },
  )
}

test('known ground closes a walk, unless everything is to be listed', () => {
  expect(judged(5, 5, { leg: { met: true } })).toEqual({ to: 'close', ended: 'met-anchored' })
  expect(judged(5, 5, { leg: { met: true }, before: { toEnd: true } })).toEqual({ to: 'more' })
})

test('as many rows as were asked for are no end, but at the cap of the listing', () => {
  expect(judged(10, 10)).toEqual({ to: 'more' })
  expect(judged(10, 12)).toEqual({ to: 'more' })
  expect(judged(10, 10, { pass: { listing: { cap: 10 } } })).toEqual(END)
})

test('an answer that is clearly short is the end', () => {
  expect(judged(10, 4)).toEqual(END)
  expect(judged(10, 0)).toEqual(END)
  // Not where known records should have been shown.
  expect(judged(10, 4, { live: 30 })).toEqual({ to: 'more' })
  expect(judged(10, 4, { live: 30, leg: { known: 1 } })).toEqual(END)
})

test('an answer that lacks some rows is asked for once more, and is the end when more brings no more', () => {
  expect(judged(10, 9)).toEqual({ to: 'more' })
  expect(judged(20, 9, { before: { failed: 10, brought: 9 } })).toEqual(END)
  expect(judged(20, 11, { before: { failed: 10, brought: 9 } })).toEqual({ to: 'more' })
})

test('an answer that lacks most of what a smaller number brought is no end', () => {
  const before = { failed: 20, brought: 20 }
  expect(judged(40, 0, { before })).toMatchObject({ to: 'stay', why: expect.stringContaining('20 records, and 0') })
  expect(judged(40, 9, { before })).toMatchObject({ to: 'stay' })
  // Some may have left meanwhile.
  expect(judged(40, 19, { before })).toEqual(END)
})

test('an empty answer is no end where records are stored, a total of 0 included, until the run before was empty, too', () => {
  const empty = { live: 30, leg: { total: 0 } }
  expect(judged(10, 0, empty)).toMatchObject({ to: 'stay', why: expect.stringContaining('30 records are stored') })
  expect(judged(10, 0, { ...empty, wasEmpty: true })).toEqual(END)
  // What a walk lacks that has stored something is not known.
  expect(judged(20, 0, { ...empty, wasEmpty: true, before: { failed: 10, asked: 10 } })).toMatchObject({ to: 'stay' })
})

test('an estimate decides with a short answer, and never alone', () => {
  expect(judged(43, 39, { leg: { estimate: 40 } })).toEqual(END)
  expect(judged(40, 40, { leg: { estimate: 5 } })).toEqual({ to: 'more' })
  expect(judged(10, 4, { leg: { estimate: 500 } })).toEqual({ to: 'more' })
})

test('two answers that have by far not what is estimated are no end', () => {
  const before = { failed: 503, brought: 100 }
  expect(judged(1_006, 100, { leg: { estimate: 500 }, before })).toEqual({
    to: 'stay',
    why: 'the source has about 500 records, and 100 were delivered, twice',
  })
  // An estimate counts what is hidden, too.
  expect(judged(1_006, 260, { leg: { estimate: 500 }, before: { failed: 503, brought: 260 } })).toEqual(END)
  expect(judged(1_006, 100, { before })).toEqual(END)
})

test('a total is the end when it is reached, and a gap when it never is', () => {
  expect(judged(10, 10, { leg: { total: 10 } })).toEqual(END)
  expect(judged(13, 9, { leg: { total: 10 } })).toEqual({ to: 'more' })
  const before = { failed: 13, brought: 9 }
  expect(judged(26, 9, { leg: { total: 10 }, before })).toMatchObject({
    to: 'stay',
    why: expect.stringContaining('10'),
  })
})

test('a source that lists nothing is not believed where records are stored', () => {
  expect(judged(10, 0, { live: 3 })).toMatchObject({ to: 'stay' })
})

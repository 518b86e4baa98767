// Owns the proof that a stream is given pages of a shared listing in the order in which they were read, and no page that is
// older than what it knows.

import { expect, test } from 'vitest'
import { SHARED_ROWS_MAX, SharedPages } from '../../src/engine/passes/listing/joint-pages.ts'

function read(...tokens: (number | null)[]) {
  const shared = new SharedPages()
  for (const [at, token] of tokens.entries()) add(shared, 'films', token, at)
  return { shared, take: (token: number | null) => shared.take('table', 'series', token)?.at }
}

function add(shared: SharedPages, stream: string, token: number | null, at: number, rows = 1): void {
  shared.add('table', stream, { token, page: { records: Array.from({ length: rows }) }, at, sourceAt: at })
}

test('each page is given once, and one that was read twice as it was read then', () => {
  const { take } = read(null, 2, 3, 2, 3, null)
  expect([null, 2, 3, 2, 3, null, 2].map(take)).toEqual([0, 1, 2, 3, 4, 5, undefined])
})

test('whoever has asked the source itself is given nothing that was read before', () => {
  const { shared, take } = read(null, 2, 3)
  expect([take(null), take(7), take(2)]).toEqual([0, undefined, undefined])
  shared.leave('table', 'games')
  expect(shared.take('table', 'games', null)).toBeUndefined()
})

test('whoever has read a page is not given it as what another stream has read', () => {
  const { shared } = read(null, 2)
  expect(shared.take('table', 'films', null)).toBeUndefined()
  add(shared, 'films', 3, 9)
  expect(shared.take('table', 'films', 3)).toBeUndefined()
})

test('other listings are others; of a long one, the pages at its end are read by each', () => {
  const { shared } = read(null)
  expect(shared.take('other', 'series', null)).toBeUndefined()
  add(shared, 'films', 2, 1, SHARED_ROWS_MAX)
  add(shared, 'films', 3, 2)
  expect([null, 2, 3].map((token) => shared.take('table', 'series', token)?.at)).toEqual([0, 1, undefined])
})

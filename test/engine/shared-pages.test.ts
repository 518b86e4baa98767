// Owns the proof that a stream is given pages of a shared listing in the order in which they were read, and no page that is
// older than what it knows.

import { randomBytes } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { expect, test } from 'vitest'
import { SharedPages } from '../../src/engine/passes/listing/joint-pages.ts'
import { exactOf, parseExact, rawText } from '../../src/model/exact-json.ts'

function read(...tokens: (number | null)[]) {
  const shared = new SharedPages()
  for (const [at, token] of tokens.entries()) add(shared, 'films', token, at)
  return { shared, take: (token: number | null) => shared.take('table', 'series', token)?.at }
}

function add(shared: SharedPages, stream: string, token: number | null, at: number, rows = 1, bytes = 0): void {
  const records = Array.from({ length: rows }, () => ({ text: randomBytes(bytes).toString('hex') }))
  shared.add('table', stream, { token, page: { records }, at, sourceAt: at, number: {} })
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
  const shared = new SharedPages(2_000)
  for (const at of [0, 1, 2]) add(shared, 'films', at, at, 14, at === 1 ? 10_000 : 10)
  expect(shared.take('other', 'series', 0)).toBeUndefined()
  expect([0, 1, 2].map((token) => shared.take('table', 'series', token)?.at)).toEqual([0, undefined, undefined])
})

test('a page comes back as it was read, with the marks on its rows', () => {
  const KIND = Symbol('kind')
  const rows = [{ id: 1n, name: 'Ш', none: undefined, [KIND]: 'film' }, 'text', null, { at: new Date(0) }, [1]]
  const page = { records: rows, next: { p: 2 }, total: 5 }
  const shared = new SharedPages()
  shared.add('table', 'films', { token: null, page, at: 0, sourceAt: 0, number: {} })
  const taken = shared.take('table', 'series', null)?.page
  expect(isDeepStrictEqual(taken, page)).toBe(true)
  expect(taken?.records[0]).not.toBe(rows[0])
})

test('rows come back with the text that the source has sent, and a row that was changed with what it is now', () => {
  const text =
    '[{"id":9007199254740993,"price":1.10,"name":"\\u0416"},{"id":2,"weight":0.12345678901234567890},{"id":3}]'
  const records = parseExact(text) as Record<string, unknown>[]
  const shared = new SharedPages()
  const share = (token: number) =>
    shared.add('table', 'films', { token, page: { records: [...records, { id: 4 }] }, at: 0, sourceAt: 0, number: {} })
  share(1)
  const taken = (shared.take('table', 'series', 1)?.page.records ?? []) as object[]
  expect(taken.map(rawText)).toEqual([...text.slice(1, -1).split(/,(?=\{)/), '{"id":4}'])
  expect(JSON.stringify(exactOf(taken[1] ?? {}))).toContain('0.12345678901234567890')
  records[2]!['id'] = 5
  share(2)
  expect(shared.take('table', 'series', 2)).toBeUndefined()
})

test('a page that would not come back as it is, is not shared, nor what comes behind it', () => {
  const shared = new SharedPages()
  for (const [token, row] of [{}, new URL('http://list.example'), {}].entries())
    shared.add('table', 'films', { token, page: { records: [row] }, at: token, sourceAt: 0, number: {} })
  expect([0, 1, 2].map((token) => shared.take('table', 'series', token)?.at)).toEqual([0, undefined, undefined])
})

test('what a stream has not been shown is left for it, once: pages of other walks, and what others have looked at', () => {
  const { shared, take } = read(null, 2, 3)
  take(null)
  const look = { token: 9, page: { records: [] }, sourceAt: 0, number: {} }
  shared.addLook('table', 'films', { ...look, at: 1.5 })
  shared.addLook('table', 'series', { ...look, at: 7 })
  const left = (stream: string) => [...shared.notShownTo('table', stream)].map(({ at }) => at)
  expect([left('series'), left('films'), left('series')]).toEqual([[1, 1.5, 2], [7], []])
  // Nobody's walk goes along what was only looked at.
  expect(shared.take('table', 'games', 9)).toBeUndefined()
})

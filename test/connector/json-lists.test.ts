// Owns the proof that lists are read out of a JSON file as they stand in the whole, however the file is cut into pieces, and
// that what is no JSON is refused.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { jsonLists } from '../../src/connector/json-lists.ts'
import { parseExact, rawText } from '../../src/model/exact-json.ts'

const ALL = (path: readonly string[]) => path.at(-1) === 'rows'

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function read(text: string | Uint8Array, { size = 7, isWanted = ALL } = {}) {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text
  const lists: { path: string; found: string; rows: unknown[] }[] = []
  for await (const { path, found, rows } of jsonLists(pieces(bytes, size), isWanted)) {
    const last = lists.at(-1)
    if (rows.length > 0 && last) last.rows.push(...rows)
    else lists.push({ path: path.join('/'), found, rows: [...rows] })
  }
  return lists
}

test('a list is found where its path leads, with its rows in their order, and the rest is skipped', async () => {
  const file = '{"a":{"rows":[1,{"rows":[2]},"x",null,[3]],"b":"]}"},"c":[{"rows":[4]}],"rows":[]}'
  expect(await read(file)).toEqual([
    { path: 'a/rows', found: 'list', rows: [1, { rows: [2] }, 'x', null, [3]] },
    { path: 'rows', found: 'list', rows: [] },
  ])
})

test('null, and what is no list, is told from a list', async () => {
  const found = await read('{"a":{"rows":null},"b":{"rows":{}},"c":{"rows":"[]"},"d":{"rows":nul}}').catch(String)
  expect(found).toMatch(/"nul"/)
  const lists = await read('{"a":{"rows":null},"b":{"rows":{"x":1}},"c":{"rows":"[]"},"d":{"rows":false}}')
  expect(lists.map(({ path, found: what }) => `${path} ${what}`)).toEqual([
    'a/rows null',
    'b/rows other',
    'c/rows other',
    'd/rows other',
  ])
})

test('a row is exact: its digits, and its text', async () => {
  const [list] = await read('{"rows":[ {"id": 7563768034519715090, "n": 1.10} ]}')
  expect(list?.rows).toEqual([{ id: '7563768034519715090', n: 1.1 }])
  expect(rawText(list?.rows[0] as object)).toBe('{"id": 7563768034519715090, "n": 1.10}')
})

test('whatever the file holds, and wherever it is cut, its rows are those of the whole', async () => {
  const rows = fc.array(fc.jsonValue({ maxDepth: 3 }), { maxLength: 5 })
  const file = fc.record({ before: fc.jsonValue({ maxDepth: 3 }), rows, 'a"\\é': fc.jsonValue({ maxDepth: 2 }) })
  await fc.assert(
    fc.asyncProperty(file, fc.integer({ min: 1, max: 40 }), fc.boolean(), async (value, size, isWide) => {
      const text = JSON.stringify(value, null, isWide ? 2 : 0)
      const lists = await read(text, { size, isWanted: (path) => path.length === 1 && path[0] === 'rows' })
      expect(JSON.stringify(lists[0]?.rows)).toBe(JSON.stringify((parseExact(text) as typeof value).rows))
    }),
    { numRuns: 200, seed: 7 },
  )
})

test('UTF-16 and byte order marks are understood, cut anywhere', async () => {
  const text = '{"rows":["é😀"]}'
  const big = Buffer.from(`\ufeff${text}`, 'utf16le').swap16()
  const files = [
    Buffer.from(`\ufeff${text}`),
    Buffer.from(`\ufeff${text}`, 'utf16le'),
    Buffer.from(text, 'utf16le'),
    big,
  ]
  for (const file of files) {
    for (const size of [1, 3, 100]) expect((await read(file, { size }))[0]?.rows).toEqual(['é😀'])
  }
  await expect(read(Buffer.from([0x7b, 0xff, 0xfe, 0x7d]))).rejects.toThrow(/no text in UTF-8/)
})

test.each([
  ['', 'breaks off'],
  ['   ', 'breaks off'],
  ['{"rows":[1,2', 'breaks off'],
  ['{"rows":[{"a":"b', 'breaks off'],
  ['{"rows":[1]', 'breaks off'],
  ['{"rows":[1]}}', 'follows its end'],
  ['{"rows":[1]} {}', 'follows its end'],
  ['{"rows":[1,]}', 'lacks a value'],
  ['{"rows":[1 2]}', 'lacks a comma'],
  ['{"rows":[1}}', 'closes what is not open'],
  ['{"rows" [1]}', 'lacks a colon'],
  ['{"a":1,}', 'lacks a name'],
  ['{a:1}', 'lacks a name'],
  ['{"rows":[{"a":01}]}', '01'],
  ['{"b":+1}', '"+1"'],
  ['<!doctype html>', '"<"'],
  ['PK\u0003\u0004', '"P"'],
  ['Date: 2025-01-01', '"D"'],
])('%j is refused', async (text, why) => {
  await expect(read(text)).rejects.toThrow(why)
})

test('nesting and rows have a limit, so that memory has one', async () => {
  await expect(read(`{"rows":${'['.repeat(70)}`)).rejects.toThrow(/64 levels/)
  await expect(read(`{"rows":["${'x'.repeat(1_000_001)}"]}`, { size: 65_536 })).rejects.toThrow(/1,000,000 characters/)
  await expect(read(`{"${'x'.repeat(1_000_001)}":1}`, { size: 65_536 })).rejects.toThrow(/1,000,000 characters/)
  // What is not wanted may be as long as it likes.
  const long = `{"bio":"${'x'.repeat(1_200_000)}","rows":[1]}`
  expect(await read(long, { size: 65_536 })).toEqual([{ path: 'rows', found: 'list', rows: [1] }])
})

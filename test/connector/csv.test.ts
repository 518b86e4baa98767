// Owns what CSV is read as: rows by the names of the header, however the bytes come, and what is refused.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { csvRows } from '../../src/connector/csv.ts'

async function rowsOf(csv: string | Uint8Array, size = 7): Promise<readonly object[]> {
  const bytes = Buffer.from(csv)
  const found: object[] = []
  for await (const row of csvRows(parts(bytes, size))) found.push(row)
  return found
}

async function* parts(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

test.each<[string, string, readonly object[]]>([
  ['plain', 'id,permalink\nabc,/r/x\n', [{ id: 'abc', permalink: '/r/x' }]],
  ['without a last line break', 'id,b\n1,2', [{ id: '1', b: '2' }]],
  ['of Windows, with a byte order mark', '\uFEFFid,b\r\n1,2\r\n\r\n', [{ id: '1', b: '2' }]],
  ['quotes, commas and line breaks', 'id,b\n"a ""b"", c","x\r\ny"\n', [{ id: 'a "b", c', b: 'x\r\ny' }]],
  [
    'empty cells',
    'id,b\n,\n"",x\n',
    [
      { id: '', b: '' },
      { id: '', b: 'x' },
    ],
  ],
  ['one column', 'id\n1\n\n2\n', [{ id: '1' }, { id: '2' }]],
  ['only a header', 'id,b\n', []],
  [
    'names of objects',
    '__proto__,b\n1,2\n',
    [
      Object.fromEntries([
        ['__proto__', '1'],
        ['b', '2'],
      ]),
    ],
  ],
])('%s', async (_what, csv, expected) => {
  for (const size of [1, 3, 1_000]) expect(await rowsOf(csv, size)).toEqual(expected)
})

describe('is refused', () => {
  test.each<[string, string | Uint8Array, string]>([
    ['an empty file', '', 'has no header'],
    ['more cells than columns', 'a,b\n1,2,3\n', 'Row 2 has 3 cells, and the header has 2 columns'],
    ['fewer cells than columns', 'a,b\n1\n', 'Row 2 has 1 cell,'],
    ['a quote that never ends', 'a,b\n"1,2\n', 'ends within quotes'],
    ['a column twice', 'a,a\n1,2\n', 'names the column "a" twice'],
    ['a web page', '<!DOCTYPE html>\n<html></html>', 'The file is a web page, and no table'],
    ['a web page of one line', '\n <html lang="en"><body>Log in</body></html>', 'The file is a web page, and no table'],
    ['JSON', '{"Date":"2025-01-01","Date":"2025-01-02"}', 'The file is JSON, and no table'],
    ['JSON in lines', '[\n  {\n    "a": 1\n  }\n]\n', 'The file is JSON, and no table'],
    ['XML', '<?xml version="1.0"?><a/>', 'The file is XML, and no table'],
    ['a long column twice', `${'x'.repeat(500)},${'x'.repeat(500)}`, `"${'x'.repeat(79)}…" twice`],
    ['what is not UTF-8', Buffer.from([0x61, 0x0a, 0xff, 0xfe]), 'not UTF-8'],
    ['a character that is cut in two', Buffer.from('a\nü').subarray(0, 3), 'not UTF-8'],
  ])('%s', async (_what, csv, message) => {
    await expect(rowsOf(csv)).rejects.toMatchObject({
      code: 'upload_unreadable',
      message: expect.stringContaining(message),
    })
  })

  test('a row without an end', async () => {
    await expect(rowsOf(`a\n"${'x'.repeat(1_100_000)}`, 60_000)).rejects.toMatchObject({ code: 'upload_too_large' })
  })
})

test('its header is judged before anything else, also where no row follows', async () => {
  const asked: string[][] = []
  const read = async (csv: string, isForeign = false) => {
    const header = (names: readonly string[]) => {
      asked.push([...names])
      if (isForeign) throw new Error('another table')
    }
    for await (const _ of csvRows(parts(Buffer.from(csv), 7), { header })) return true
    return false
  }
  expect([await read(' id , b\n'), await read('id,b\n1,2\n')]).toEqual([false, true])
  for (const csv of ['hello', 'a,a\n', 'a,b\n1\n']) await expect(read(csv, true)).rejects.toThrow('another table')
  expect(asked).toEqual([['id', 'b'], ['id', 'b'], ['hello'], ['a', 'a'], ['a', 'b']])
})

test.each(['<DATE>,<OPEN>\n1,2\n', '[id],b\n1,2\n', '{id},b\n1,2\n'])(
  'columns in brackets are columns: %s',
  async (csv) => {
    expect(await rowsOf(csv)).toHaveLength(1)
  },
)

test('what was written comes back', async () => {
  const cell = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', 'ü', '🎵', ' ') })
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(cell, cell), { maxLength: 5 }),
      fc.integer({ min: 1, max: 9 }),
      async (rows, size) => {
        const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`
        const csv = ['a,b', ...rows.map((row) => row.map(quoted).join(','))].join('\n')
        expect(await rowsOf(csv, size)).toEqual(rows.map(([a, b]) => ({ a, b })))
      },
    ),
    { numRuns: 100 },
  )
})

test.each([
  ['a,b\n1,2', { a: '1', b: '2' }],
  ['a,b\n1,2\n3,', { a: '3', b: '' }],
  ['a,b\n1,2\n', undefined],
  ['a,b\r\n1,2\r\n', undefined],
  ['a,b\n1,"2"', undefined],
  ['a,b', undefined],
])('a last row with neither a line end nor quotes behind it is told as such: %j', async (csv, expected) => {
  const told: unknown[] = []
  const unended = (row: unknown) => told.push(row)
  for await (const _ of csvRows(parts(Buffer.from(csv), 3), { unended })) continue
  expect(told).toEqual(expected === undefined ? [] : [expected])
})

// Owns the proof of what `records`, `sql`, `export`, `history`, `changes` and `metrics` print: the columns and the order
// that are asked for, and formats that mean the same in each of them.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { StreamShape } from '../../src/model/record.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { fixedClock } from '../conformance/fixed-clock.ts'
import { MINUTE, T0, World } from '../conformance/world.ts'
import { type Place, place } from './program.ts'

const SHAPE: StreamShape = {
  connector: 'github',
  stream: 'stars',
  version: '1',
  columns: [
    { name: 'title', type: 'text' },
    { name: 'likes', type: 'integer' },
    { name: 'note', type: 'text' },
  ],
  metrics: ['likes'],
}

const ROWS: readonly (readonly [key: string, title: string, likes: number | null, note: string | null])[] = [
  ['10', 'tab\there', 5, 'a,b'],
  ['2', 'two\nlines', 50, '=1+1'],
  ['1', 'C:\\x', null, 'say "hi"'],
  ['b', 'plain', 7, null],
]

describe('formats', () => {
  let here: Place
  const ends: (() => void | Promise<void>)[] = []
  const print = async (...args: string[]) => {
    const { code, stdout, stderr } = await here.ask(args)
    expect([code, stderr]).toEqual([0, ''])
    return stdout
  }

  beforeAll(async () => {
    here = place({ onTestFinished: (end) => void ends.push(end) })
    const store = await openSqliteStore({ path: join(here.folder, 'tidemark.db'), clock: fixedClock() })
    const world = await new World({} as never, store, 'default').begin('me', SHAPE)
    const record = ([key, title, likes, note]: (typeof ROWS)[number]) => {
      const raw = JSON.stringify({ key, title })
      return { key, cells: [title, likes, note], raw, hash: `${raw}${likes}`, order: 1 }
    }
    await world.put({ inserts: ROWS.map(record), snapshots: [], at: T0 })
    const changed = record(['b', 'plain', 8, 'new'])
    await world.put({ updates: [{ ...changed, expect: 1, op: 'update', version: true, walk: null }], at: T0 + MINUTE })
    await world.finishRun()
    await store.close()
  })
  afterAll(async () => {
    for (const end of ends) await end()
  })

  test('records come by key, keys that are numbers by their size', async () => {
    const records = JSON.parse(await print('records', 'me/stars')) as { _key: string }[]
    expect(records.map(({ _key }) => _key)).toEqual(['1', '2', '10', 'b'])
    const some = JSON.parse(await print('records', 'me/stars', '--limit', '2')) as { _key: string }[]
    expect(some.map(({ _key }) => _key)).toEqual(['1', '2'])
  })

  test('records come in the order and with the columns that are asked for', async () => {
    const ask = (...args: string[]) => print('records', 'me/stars', ...args)
    expect(JSON.parse(await ask('--columns', 'likes,_key', '--order', 'likes:desc'))).toEqual([
      { likes: 50, _key: '2' },
      { likes: 8, _key: 'b' },
      { likes: 5, _key: '10' },
      { likes: null, _key: '1' },
    ])
    expect(await ask('--columns', '_key', '--columns', 'likes', '--order', 'likes', '--format', 'csv')).toBe(
      '_key,likes\n10,5\nb,8\n2,50\n1,\n',
    )
    expect(await ask('--columns=_key', '--order=_key:desc', '--format=tsv', '--limit=2')).toBe('_key\nb\n10\n')
    expect(await ask('--columns', 'note,_key', '--format', 'table', '--where', '_key=b')).toBe('note  _key\nnew   b\n')
    expect(JSON.parse(await ask('--columns', 'likes', '--raw', '--where', '_key=b'))).toEqual([
      { likes: 8, _raw: '{"key":"b","title":"plain"}' },
    ])
    const before = await ask('--columns', '_key,likes', '--as-of', '2026-01-01T00:00Z', '--order', 'likes:desc')
    expect(JSON.parse(before)).toEqual([
      { _key: '2', likes: 50 },
      { _key: 'b', likes: 7 },
      { _key: '10', likes: 5 },
      { _key: '1', likes: null },
    ])
  })

  test.each([
    ['--columns', 'titel', 'column_unknown', 'Did you mean title?'],
    ['--columns', 'title,', 'option_invalid', '--columns _key,title'],
    ['--order', 'like', 'column_unknown', 'Did you mean likes?'],
    ['--order', 'likes:dsc', 'option_invalid', 'Did you mean desc?'],
    ['--order', ':desc', 'option_invalid', '--order _key:desc'],
  ])('refuses %s %s with %s', async (option, value, code, hint) => {
    for (const args of [
      ['records', 'me/stars'],
      ['export', 'me/stars', '--out', '-'],
    ]) {
      const { code: exit, stdout, stderr } = await here.ask([...args, option, value, '--format', 'csv'])
      expect([exit, stdout, stderr.startsWith(`${code}: `), stderr.includes(hint)]).toEqual([2, '', true, true])
    }
  })

  const COLUMNS = ['--columns', '_key,title,note']
  const CSV = '_key,title,note\n1,C:\\x,"say ""hi"""\n2,"two\nlines",\'=1+1\n10,"tab\there","a,b"\nb,plain,new\n'
  const TSV = '_key\ttitle\tnote\n1\tC:\\\\x\tsay "hi"\n2\ttwo\\nlines\t=1+1\n10\ttab\\there\ta,b\nb\tplain\tnew\n'
  const SQL = 'select _key, title, note from github_stars order by length(_key), _key'

  test.each([
    ['csv', CSV],
    ['tsv', TSV],
  ])('%s is the same from records, export and sql', async (format, text) => {
    const file = join(here.folder, `out.${format}`)
    expect(await print('records', 'me/stars', ...COLUMNS, '--format', format)).toBe(text)
    expect(await print('export', 'me/stars', ...COLUMNS, '--out', '-', '--format', format)).toBe(text)
    await print('export', 'me/stars', ...COLUMNS, '--out', file)
    expect(readFileSync(file, 'utf8')).toBe(text)
    const rows = (all: string) => all.split(/(?<=\n)/).toSorted()
    expect(rows(await print('sql', SQL, '--format', format))).toEqual(rows(text))
  })

  test('lines end with CR LF where that is asked for', async () => {
    const lines = '_key\r\n1\r\n2\r\n'
    for (const format of ['csv', 'tsv']) {
      const more = ['--format', format, '--crlf']
      expect(await print('records', 'me/stars', '--columns', '_key', '--limit', '2', ...more)).toBe(lines)
      expect(await print('sql', "select _key from github_stars where _key in ('1', '2') order by 1", ...more)).toBe(
        lines,
      )
      expect(await print('export', 'me/stars', '--columns', '_key', '--out', '-', ...more)).toMatch(/^_key\r\n1\r\n/)
      expect(await print('history', 'me/stars', 'b', ...more)).toMatch(/^_key[^\r\n]+\r\nb/)
      expect(await print('changes', ...more)).toMatch(/^cursor[^\r\n]+\r\n/)
    }
  })

  test('history has a row for each version', async () => {
    const csv = await print('history', 'me/stars', 'b', '--format', 'csv')
    expect(csv.split('\n').slice(0, -1)).toEqual([
      '_key,_ordinal,_op,_at,_reason,_run,_page,title,likes,note',
      'b,1,insert,2026-01-01T00:00:00.000Z,,run-1,1,plain,7,',
      'b,2,update,2026-01-01T00:01:00.000Z,,run-1,1,plain,8,new',
    ])
    expect(JSON.parse(await print('history', 'me/stars', 'b', '--format', 'json'))).toMatchObject([
      { _ordinal: 1, likes: 7, note: null },
      { _ordinal: 2, likes: 8, note: 'new' },
    ])
    expect((await print('export', 'me/stars', '--history', '--out', '-', '--format', 'tsv')).split('\n')).toHaveLength(
      7,
    )
    const clash = await here.ask(['history', 'me/stars', 'b', '--format', 'csv', '--json'])
    expect([clash.code, clash.json.error.code]).toEqual([2, 'option_conflict'])
  })

  test('what cannot be combined is refused', async () => {
    const { code, json } = await here.ask([
      'export',
      'me/stars',
      '--history',
      '--order',
      'likes',
      '--out',
      '-',
      '--json',
    ])
    expect([code, json.error.message]).toEqual([2, "The option --history can't be combined with --order."])
  })
})

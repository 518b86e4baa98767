// What a person is told who looks for a table or a column: the list of all, and what a wrong name probably meant.

import { expect, test } from 'vitest'
import { sqlHint } from '../../src/operations/sql-hints.ts'
import type { TableRow } from '../../src/store/store.ts'
import { githubEmulator } from '../../src/testing/emulators/index.ts'
import { connectGitHub, type Ending, place } from './program.ts'

async function world(ending: Ending) {
  const github = await githubEmulator({ stars: 12 })
  ending.onTestFinished(() => github.close())
  const here = place(ending)
  await here.ask(connectGitHub(github))
  await here.ask(['sync'])
  return here
}

test('tables lists what sql can read, streams first, with rows and columns', async (ending) => {
  const here = await world(ending)
  const { json, code } = await here.ask(['tables', '--json'])
  expect(code).toBe(0)
  const { tables } = json as { tables: { table: string; what: string; rows: number | null; columns: string[] }[] }
  expect(tables.slice(0, 5).map(({ table, what, rows }) => [table, what, rows])).toEqual([
    ['github_stars', 'live record of github/stars', 12],
    ['github_stars_all', 'record of github/stars, live or removed', 12],
    ['github_stars_versions', 'version of a record of github/stars', 12],
    ['github_stars_snapshots', 'metrics of a record of github/stars in a run', 12],
    ['github_stars_daily', 'metrics of a record of github/stars on a day', null],
  ])
  // Every table that the documents name is there, says what it is, and can be read with its columns.
  const own = tables.slice(5)
  expect(own.map(({ table }) => table)).toEqual(
    expect.arrayContaining(['runs', 'gaps', 'quarantine', 'held_removals', 'requests', 'changes', 'streams']),
  )
  expect(own.filter(({ what }) => what === 'of Tidemark itself')).toEqual([])
  for (const { table, columns } of [tables[0]!, ...own.slice(0, 2)]) {
    const asked = await here.ask(['sql', `select ${columns.join(', ')} from ${table}`, '--format', 'csv'])
    expect([table, asked.stdout.split('\n')[0]]).toEqual([table, columns.join(',')])
  }
  const list = await here.ask(['tables'])
  expect(list.stdout).toMatch(/^TABLE +ROWS +A ROW IS.*\ngithub_stars +12 +live record of github\/stars/)
  const one = await here.ask(['tables', 'github_stars_daily'])
  expect([one.code, one.stdout]).toEqual([
    0,
    expect.stringMatching(
      /^github_stars_daily: metrics of a record of github\/stars on a day; 12 rows\n {4}_project\n/,
    ),
  ])
  const wrong = await here.ask(['tables', 'github_star'])
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('Did you mean github_stars?')])
})

test('sql says which table or column was probably meant, and what there is', async (ending) => {
  const here = await world(ending)
  const ask = async (sql: string) => (await here.ask(['sql', sql])).stderr
  expect(await ask('select * from github_star')).toMatch(
    /^sql_failed: No such table: github_star\.\nhint: Did you mean github_stars\? There are: github_stars, runs, .* run: tidemark tables\n$/,
  )
  expect(await ask('select langauge from github_stars')).toMatch(
    /^sql_failed: No such column: langauge\.\nhint: Did you mean language\? Columns of github_stars: _project, .*, _raw\n$/,
  )
  expect(await ask('select s.nam, r.id from github_stars s, runs r')).toMatch(
    /hint: Did you mean name\? Columns of .*\. Columns of /,
  )
  expect(await ask('select 1 +')).not.toContain('Columns of')
})

test('knows the words of both databases', () => {
  const columns = ['_key', 'language', 'name']
  const tables: TableRow[] = [
    { name: 'github_stars', of: { connector: 'github', stream: 'stars', part: '' }, columns },
    { name: 'github_stars_all', of: { connector: 'github', stream: 'stars', part: 'all' }, columns },
    { name: 'runs', of: null, columns: ['id', 'status'] },
  ]
  const hint = (said: string, sql: string) => sqlHint(said, sql, tables)
  const table = 'Did you mean runs? There are: github_stars, runs. For all, with their columns, run: tidemark tables'
  expect(hint('No such table: rusn', 'select * from rusn')).toBe(table)
  expect(hint('relation "rusn" does not exist', 'select * from rusn')).toBe(table)
  const column = 'Did you mean language? Columns of github_stars: _key, language, name'
  const asked = 'select langage from github_stars'
  expect(hint('no such column: langage', asked)).toBe(column)
  expect(hint('no such column: "langage" - should this be a string literal in single-quotes?', asked)).toBe(column)
  expect(hint('column "langage" does not exist', asked)).toBe(column)
  expect(hint('column s.langage does not exist', 'select s.langage from github_stars s')).toBe(column)
  expect(hint('column "x" does not exist', 'select x')).toBeUndefined()
  expect(hint('near "form": syntax error', 'select * form runs')).toBeUndefined()
})

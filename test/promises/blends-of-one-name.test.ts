// Owns the promise that blends of one name in two projects have nothing in common, on both stores: neither rows nor columns
// nor types, so that what one project makes, sets and drops is never in another one's way; and that headers of one project's
// sheet are no columns of another's.

import { expect, onTestFinished, test } from 'vitest'
import { openTidemark, type Tidemark } from '../../src/index.ts'
import { sheetsEmulator } from '../../src/testing/emulators/index.ts'
import { openMirror } from '../support/mirror.ts'
import { postgresServer } from '../support/postgres.ts'
import { withPostgres } from '../support/with-postgres.ts'

const TAB = 'Accounts'
const ADA = 'https://youtube.com/@ada'

/** A sheet with a row for Ada, mirrored as `team`. */
async function sheetOf(tidemark: Tidemark, cells: Readonly<Record<string, string>>) {
  const sheets = await sheetsEmulator({ people: 0 })
  onTestFinished(() => sheets.close())
  sheets.world.addTab(TAB, [
    ['Profile', ...Object.keys(cells)],
    [ADA, ...Object.values(cells)],
  ])
  const { spreadsheetId, serviceAccount, url: baseUrl } = sheets
  const sheet = { spreadsheetId, sheet: TAB, keyColumn: 'Profile', serviceAccount, baseUrl, allowPrivateNetwork: true }
  const team = await tidemark.connect('sheets', { id: 'team', options: sheet })
  expect(await team.sync()).toMatchObject({ status: 'succeeded' })
  await tidemark.settled()
}

async function shownBy(tidemark: Tidemark, table: string) {
  const { columns, rows } = await tidemark.sql(`select * from ${table}`)
  return { columns: columns.filter((name) => !name.startsWith('_')), rows }
}

async function inTwoProjects(database: string) {
  const key = Buffer.alloc(32, 1)
  await using one = await openTidemark({ database, key, project: 'one' })
  await using two = await openTidemark({ database, key, project: 'two' })
  await sheetOf(one, { Followers: '10', Salary: '5' })
  await sheetOf(two, { Followers: 'many', Weight: 'heavy' })
  const from = ['team/rows:profile']
  await one.blends.create('people', { from, rule: { followers: 'max' } })
  // In the other project the field is a text.
  await two.blends.create('people', { from })
  for (const [tidemark, columns, row] of [
    [one, ['profile', 'followers', 'salary'], { followers: 10, salary: '5' }],
    [two, ['profile', 'followers', 'weight'], { followers: 'many', weight: 'heavy' }],
  ] as const) {
    for (const table of ['blend_people', 'blend_people_all', 'blend_people_versions', 'sheets_rows']) {
      expect((await shownBy(tidemark, table)).columns, table).toEqual(columns)
    }
    expect((await shownBy(tidemark, 'blend_people')).rows).toMatchObject([row])
    const listed = await tidemark.tables('blend_people')
    expect(listed).toMatchObject([{ table: 'blend_people', rows: 1, columns: expect.arrayContaining([...columns]) }])
    expect((await tidemark.blends.show('people')).table).toBe('blend_people')
  }
  await one.blends.set('people', ADA, { followers: 99 })
  await one.settled()
  expect((await shownBy(one, 'blend_people')).rows).toMatchObject([{ followers: 99 }])
  const theirs = (await shownBy(two, 'blend_people')).rows
  expect(theirs).toMatchObject([{ followers: 'many' }])
  await one.blends.drop('people')
  await expect(shownBy(one, 'blend_people')).rejects.toMatchObject({ message: expect.stringContaining('blend_people') })
  expect((await shownBy(two, 'blend_people')).rows).toEqual(theirs)
  return theirs.map(({ _key }) => _key)
}

/** A dropped blend leaves its name to one that is made of something else. */
async function madeAnew(database: string) {
  await using tidemark = await openTidemark({ database, key: Buffer.alloc(32, 1) })
  await sheetOf(tidemark, { Followers: '10' })
  const from = ['team/rows:profile']
  await tidemark.blends.create('people', { from, rule: { followers: 'max' } })
  await tidemark.blends.drop('people')
  await tidemark.blends.create('people', { from })
  return (await shownBy(tidemark, 'blend_people')).rows
}

test('in SQLite, two projects', async () => {
  await using mirror = await openMirror()
  expect(await inTwoProjects(mirror.file)).toEqual([ADA])
})

test('in SQLite, a blend that was dropped and made anew', async () => {
  await using mirror = await openMirror()
  expect(await madeAnew(mirror.file)).toMatchObject([{ followers: '10' }])
})

withPostgres('in PostgreSQL', () => {
  const freshDatabase = async () => {
    const server = await postgresServer()
    return server.url(await server.createDatabase())
  }

  test('two projects', async () => {
    expect(await inTwoProjects(await freshDatabase())).toEqual([ADA])
  })

  test('a blend that was dropped and made anew', async () => {
    expect(await madeAnew(await freshDatabase())).toMatchObject([{ followers: '10' }])
  })
})

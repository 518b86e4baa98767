// Owns the promise that a sheet edited by hand meets what a platform shows in one record, on both stores: columns that no
// release knows are columns, and cells such as 1.2K are numbers.

import { expect, test } from 'vitest'
import { openTidemark } from '../../src/index.ts'
import { sheetsEmulator, youtubeEmulator } from '../../src/testing/emulators/index.ts'
import { postgresServer } from '../support/postgres.ts'
import { withPostgres } from '../support/with-postgres.ts'

async function blended(database: string) {
  await using sheets = await sheetsEmulator({ people: 3 })
  await using tube = await youtubeEmulator({ videos: 3 })
  await using tidemark = await openTidemark({ database, key: Buffer.alloc(32, 1) })
  const { spreadsheetId, serviceAccount, url, world } = sheets
  const login = { spreadsheetId, sheet: 'Team', keyColumn: 'Profile URL', serviceAccount, baseUrl: url }
  const team = await tidemark.connect('sheets', { id: 'team', options: { ...login, allowPrivateNetwork: true } })
  const { apiKey, apiUrl: baseUrl } = tube
  const yt = await tidemark.connect('youtube', {
    id: 'yt',
    options: { channel: '@ada', apiKey, baseUrl, allowPrivateNetwork: true },
  })
  const ada = async () => {
    const accounts = await tidemark.connection('accounts')
    for await (const one of accounts.records('records', { where: { _key: 'https://youtube.com/@ada' } })) return one
    return undefined
  }
  const edited = async (cell: string | number) => {
    world.edit('Team', 'https://www.youtube.com/@ada', 'Followers', cell)
    expect(await team.sync()).toMatchObject({ status: 'succeeded' })
    await tidemark.settled()
    return ada()
  }
  await team.sync()
  await yt.sync()
  await tidemark.settled()
  await tidemark.blends.create('accounts', {
    from: ['team/rows', 'youtube:*/channel'],
    rule: { followers: 'manual-wins=team/rows' },
    map: { followers: 'youtube:*/channel.subscriber_count' },
  })
  expect(await edited('1.2K')).toMatchObject({ followers: 1200, name: 'ada', title: expect.any(String) })
  expect(await edited('12 345')).toMatchObject({ followers: 12345 })
  // YouTube shows three digits.
  const shown = Number(tube.world.channel('@ada')?.subscribers.toPrecision(3))
  // What can't be read is no value of the sheet: the platform's stands.
  expect(await edited('many')).toMatchObject({ followers: shown })
  // A sheet that can't be read takes nothing away.
  await edited(77)
  world.setAccess('private')
  expect(await team.sync()).toMatchObject({ status: 'failed' })
  expect(await ada()).toMatchObject({ followers: 77 })
  world.setAccess('shared')
  world.insertColumn('Team', 2, 'Likes', '3,000')
  expect(await team.sync()).toMatchObject({ status: 'succeeded', streams: [{ counts: { updated: 3 } }] })
  const likes = []
  for await (const { likes: cell } of team.records('rows')) likes.push(cell)
  expect(likes).toEqual(['3,000', '3,000', '3,000'])
  // A header that people change takes the column away: it is said, wherever somebody looks.
  world.renameColumn('Team', 'Followers', 'Fans')
  expect(await team.sync()).toMatchObject({ status: 'succeeded' })
  await tidemark.settled()
  const said = 'team/rows shows no followers any more; its name may have changed'
  const told = await tidemark.blends.show('accounts')
  expect(told.sources).toMatchObject([{ source: 'team/rows', missing: ['followers'] }, { missing: [] }])
  expect(told.notes).toEqual([`${said}.`])
  const [status] = await tidemark.status({ connection: 'accounts' })
  expect(status?.streams[0]?.coverage).toEqual({ kind: 'complete', note: said })
  const accounts = await tidemark.connection('accounts')
  const key = 'https://youtube.com/@ada'
  expect(await accounts.explain('records', key, 'followers')).toMatchObject({ notes: [`${said}.`], value: shown })
  expect((await accounts.explain('records', key, 'name')).notes).toEqual([])
  world.renameColumn('Team', 'Fans', 'Followers')
  await team.sync()
  await tidemark.settled()
  expect((await tidemark.blends.show('accounts')).notes).toEqual([])
  expect((await tidemark.status({ connection: 'accounts' }))[0]?.streams[0]?.coverage.note).toBe('')
  return await ada()
}

test('in SQLite', async () => {
  expect(await blended(':memory:')).toMatchObject({ followers: 77 })
})

withPostgres('in PostgreSQL', () => {
  test('as well', async () => {
    const server = await postgresServer()
    expect(await blended(server.url(await server.createDatabase()))).toMatchObject({ followers: 77 })
  })
})

// A sheet that people edit by hand, as a table: headers are columns, cells that write a number are metrics, and a tab that
// is renamed takes nothing away. It runs against an emulator of Google Sheets. With a service account of your own, leave out
// `baseUrl` and `allowPrivateNetwork`.
//
//   node examples/systems/sheets.ts

import assert from 'node:assert/strict'
import { openTidemark } from 'tidemark'
import sheets from 'tidemark/connectors/sheets'
import { sheetsEmulator } from 'tidemark/testing'

const ADA = 'https://www.youtube.com/@ada'

await using site = await sheetsEmulator({ people: 12 })
await using tidemark = await openTidemark({ database: 'sheets.db' })
const { spreadsheetId, serviceAccount, url: baseUrl } = site
const login = { spreadsheetId, sheet: 'Team', keyColumn: 'Profile URL', serviceAccount, metrics: 'Followers' }
const team = await tidemark.connect(sheets, { id: 'team', options: { ...login, baseUrl, allowPrivateNetwork: true } })
assert.equal((await team.sync()).status, 'succeeded')

// Somebody writes a number by hand, and adds a column.
site.world.edit('Team', ADA, 'Followers', '1.2K')
site.world.insertColumn('Team', 2, 'City', 'Paris')
assert.equal((await team.sync()).status, 'succeeded')
for await (const row of team.records('rows', { where: { _key: ADA } })) {
  assert.deepEqual([row['followers'], row['city']], ['1.2K', 'Paris'])
}
const { points } = await team.metrics('rows', { metric: 'followers', key: ADA, by: 'run' })
assert.equal(Number(points.at(-1)?.value), 1200)

// Somebody renames the tab: the run fails, says so, and every row is still there.
site.world.renameTab('Team', 'People')
const failed = await team.sync()
assert.equal(failed.error?.code, 'sheet_tab_missing')
let rows = 0
for await (const _row of team.records('rows')) rows++
assert.equal(rows, 12)
console.log(`${failed.error?.message} ${failed.error?.hint} ${rows} rows are kept.`)

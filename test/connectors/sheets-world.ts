// Owns what the tests of the Google Sheets connector share: an emulator, and a mirror that is connected to it.

import { type SheetsOptions, sheetsEmulator } from '../../src/testing/emulators/index.ts'
import { openMirror } from '../support/mirror.ts'
import { ShiftedClock } from '../support/shifted-clock.ts'

export const TAB = 'Team'
export const ADA = 'https://www.youtube.com/@ada'
export const GRACE = 'https://www.youtube.com/@grace'

export async function connected(options: SheetsOptions = {}, over: Record<string, unknown> = {}) {
  const site = await sheetsEmulator(options)
  const clock = new ShiftedClock()
  const mirror = await openMirror({ clock })
  const { spreadsheetId, serviceAccount, url: baseUrl, world } = site
  const login = { spreadsheetId, sheet: TAB, keyColumn: 'Profile URL', serviceAccount, baseUrl }
  const connect = (more: Record<string, unknown> = {}) =>
    mirror.tidemark.connect('sheets', {
      id: 'team',
      options: { ...login, allowPrivateNetwork: true, ...over, ...more },
    })
  const close = async () => {
    await mirror[Symbol.asyncDispose]()
    await site.close()
  }
  const connection = await connect().catch(async (error: unknown) => {
    await close()
    throw error
  })
  return {
    site,
    world,
    clock,
    mirror,
    connection,
    connect,
    keys: () => mirror.sql('select _key k from sheets_rows order by k').map(({ k }) => String(k)),
    one: (key: string) => mirror.sql(`select * from sheets_rows_all where _key = '${key}'`)[0] ?? {},
    sync: async (order: { mode?: 'auto' | 'full' } = {}) => {
      site.log.reset()
      const run = await connection.sync(order)
      return { ...run, counts: run.streams[0]?.counts }
    },
    [Symbol.asyncDispose]: close,
  }
}

// Owns what the Google Sheets emulator shows: its names for authors, its flags, and its part in the demo.

import { plural } from '../../../model/plural.ts'
import { emulatorPart } from '../kit/part.ts'
import { sheetsEmulator } from './emulator.ts'

export { type SheetsEmulator, type SheetsOptions, sheetsEmulator } from './emulator.ts'
export type { CellValue, NumberFormat, SheetsWorld } from './world.ts'

const TAB = 'Team'
const KEY = 'Profile URL'
const PEOPLE = 6
/** Profiles of other services that the demo reads, as people write them. */
const ELSEWHERE = [
  ['http://www.Instagram.com/Ada/', 'Ada', '1.2M', 'as she told us'],
  ['tiktok.com/@ada', 'Ada', null, null],
  ['https://twitter.com/ada', 'Ada', '12 345', null],
] as const

export const part = emulatorPart({
  flags: { people: PEOPLE, locale: 'en_US' },

  async start(common, { people, locale }) {
    const emulator = await sheetsEmulator({ ...common, people, locale })
    const { spreadsheetId, serviceAccount, url: baseUrl } = emulator
    return { emulator, credentials: { spreadsheetId, sheet: TAB, keyColumn: KEY, serviceAccount, baseUrl } }
  },

  async demo(common) {
    const emulator = await sheetsEmulator({ ...common, people: PEOPLE })
    const { world, spreadsheetId, serviceAccount } = emulator
    for (const row of ELSEWHERE) world.append(TAB, row)
    return {
      emulator,
      id: 'team',
      has: `Google Sheets, where the tab ${TAB} has ${plural(PEOPLE + ELSEWHERE.length, 'row')}`,
      schedule: 'every 15m',
      options: { spreadsheetId, sheet: TAB, keyColumn: KEY, serviceAccount, metrics: 'Followers' },
      news(round) {
        world.hire(TAB, round)
        world.edit(TAB, 'https://www.youtube.com/@ada', 'Followers', '1.2K')
        return `somebody adds ${plural(round, 'row')} to the sheet, and writes 1.2K into a cell`
      },
      live: () => world.live(TAB),
    }
  },
})

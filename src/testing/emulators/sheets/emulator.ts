// Owns the Google Sheets emulator's face: its options, its service account, and the server around its world.

import { generateKeyPairSync } from 'node:crypto'
import { type CommonOptions, clockOf, type Emulator } from '../kit/emulator.ts'
import { startEmulator } from '../kit/server.ts'
import { refusal, sheetsHandler, TOKEN_PATH } from './api.ts'
import { SheetsWorld } from './world.ts'

export interface SheetsOptions extends CommonOptions {
  /** People in the tab `Team`. @default 30 */
  readonly people?: number
  /** Such as `de_DE`; numbers are shown by it. @default 'en_US' */
  readonly locale?: string
  /** How long an access token is good, in seconds. @default 3599 */
  readonly tokenSeconds?: number
  /** Reads a minute that the service account may make. @default 60 */
  readonly perMinute?: number
}

export interface SheetsEmulator extends Emulator<SheetsWorld> {
  readonly spreadsheetId: string
  /** The JSON key of the service account that may read it. */
  readonly serviceAccount: string
}

const SPREADSHEET = '1demoSpreadsheet0123456789abcdefghijklmnopqr'
const EMAIL = 'mirror@demo-project.iam.gserviceaccount.com'

/**
 * Starts an emulator of the Google Sheets API and of Google's token address, at one address.
 *
 *   await using sheets = await sheetsEmulator({ people: 30 })
 *   … read from sheets.url with sheets.serviceAccount …
 *   sheets.world.edit('Team', 'https://www.youtube.com/@ada', 'Followers', '1.2K')
 */
export async function sheetsEmulator(options: SheetsOptions = {}): Promise<SheetsEmulator> {
  const clock = clockOf(options)
  const { people = 30, locale = 'en_US', tokenSeconds = 3_599, perMinute = 60 } = options
  const world = new SheetsWorld(clock, { seed: options.seed ?? 1, locale })
  world.addPeople('Team', people)
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const rules = { spreadsheetId: SPREADSHEET, email: EMAIL, publicKey, tokenSeconds, perMinute }
  const emulator = await startEmulator({
    ...options,
    name: 'sheets',
    clock,
    world,
    handle: sheetsHandler(world, rules),
    refuse: refusal,
    admin: {
      views: ['titles', 'values', 'column'],
      mutations: [
        'addTab',
        'addChart',
        'addPeople',
        'hire',
        'edit',
        'append',
        'deleteRow',
        'clear',
        'sort',
        'renameColumn',
        'insertColumn',
        'format',
        'renameTab',
        'setLocale',
        'setAccess',
        'setApi',
        'setKey',
        'setExcel',
        'expireAccess',
        'live',
      ],
    },
  })
  const serviceAccount = JSON.stringify({
    type: 'service_account',
    project_id: 'demo-project',
    private_key_id: '0123456789abcdef0123456789abcdef01234567',
    private_key: privateKey,
    client_email: EMAIL,
    client_id: '100000000000000000001',
    token_uri: emulator.url + TOKEN_PATH,
  })
  return { ...emulator, spreadsheetId: SPREADSHEET, serviceAccount }
}

// Owns the proof that the Google Sheets emulator behaves as the Sheets API does: signed logins, ragged rows, how numbers are
// shown, ranges, limits and error bodies.

import { describe, expect, test } from 'vitest'
import { type Account, accountOf, assertionOf } from '../../src/connectors/sheets/account.ts'
import { type SheetsOptions, sheetsEmulator } from '../../src/testing/emulators/index.ts'
import { providerData, providerDataMissing } from '../support/provider-data.ts'
import { ask, during } from './asking.ts'
import { differences, shapeOf } from './shapes.ts'

const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

async function start(options: SheetsOptions = {}) {
  const emulator = await during(sheetsEmulator(options))
  const { url, spreadsheetId, world } = emulator
  const account = accountOf(emulator.serviceAccount) as Account
  const exchange = (assertion: string, grant = GRANT) =>
    ask(`${url}/token`, { method: 'POST', body: new URLSearchParams({ grant_type: grant, assertion }) })
  const token = async () => (await exchange(assertionOf(account, Date.now()))).json.access_token as string
  const authorization = `Bearer ${await token()}`
  const get = (path: string) => ask(`${url}/v4/spreadsheets/${path}`, { headers: { authorization } })
  const values = (range: string, query = '') => get(`${spreadsheetId}/values/${encodeURIComponent(range)}${query}`)
  return { emulator, world, account, exchange, get, values }
}

interface Values {
  readonly range: string
  readonly values: string[][]
}

interface Recorded {
  readonly interactions: readonly {
    readonly request: { readonly uri: string; readonly method: string }
    readonly response: { readonly status: { readonly code: number }; readonly body: Readonly<Record<string, unknown>> }
  }[]
}

/** Recordings are used where they lie beside the checkout. */
describe.skipIf(providerDataMissing !== undefined)('values as they were recorded', () => {
  const recording = (name: string) => providerData<Recorded>(`sheets/gspread-${name}.json`).interactions

  test.each(['values_get', 'get_all_records', 'get_all_records_duplicate_keys'])(
    'of a tab, field by field: %s',
    async (name) => {
      const reads = recording(name).filter(
        ({ request: { method, uri } }) => method === 'GET' && /\/values\/[^:?]+(?:\?|$)/.test(uri),
      )
      expect(reads.length).toBeGreaterThan(0)
      for (const { response } of reads) {
        const { world, values } = await start()
        const { values: cells, range, ...others } = response.body
        world.addTab('Recorded', (cells ?? []) as string[][])
        const { status, json } = await values('Recorded')
        const { range: own, values: shown, ...rest } = json
        expect([status, shown, rest]).toEqual([response.status.code, cells, others])
        expect(typeof own).toBe(typeof range)
      }
    },
  )

  test('of ranges, with blanks before the last value', async () => {
    const reads = recording('batch_get').flatMap(({ response }) => (response.body?.['valueRanges'] ?? []) as Values[])
    expect(reads.length).toBeGreaterThan(1)
    for (const { range, ...told } of reads) {
      const { world, values } = await start()
      world.addTab('Recorded', told.values)
      const { range: own, ...shown } = (await values('Recorded')).json
      expect(shown).toEqual(told)
      expect(typeof own).toBe(typeof range)
    }
  })

  test.each(['access_private_spreadsheet', 'get_lastUpdateTime'])(
    'and so is a spreadsheet, without how it looks: %s',
    async (name) => {
      const isRead = (uri: string) => /sheets\.googleapis\.com\/v4\/spreadsheets\/[^/:]+\?/.test(uri)
      const { response } = recording(name).find(({ request }) => isRead(request.uri))!
      const { get, emulator } = await start()
      const { json } = await get(emulator.spreadsheetId)
      const found = differences(shapeOf([response.body]), shapeOf([json]))
      expect(
        found.filter((one) => !/^\.(?:properties\.(?:defaultFormat|spreadsheetTheme)|spreadsheetUrl)\b/.test(one)),
      ).toEqual([])
    },
  )

  test('a spreadsheet that is not shared is refused as it was', async () => {
    const refused = recording('access_private_spreadsheet').find(({ response }) => response.status.code === 403)!
    const { world, get, emulator } = await start()
    world.setAccess('private')
    const { status, json } = await get(emulator.spreadsheetId)
    expect([status, json]).toEqual([refused.response.status.code, refused.response.body])
  })
})

describe('values', () => {
  test('have no empty ends, and an empty tab has none', async () => {
    const { world, values } = await start()
    world.addTab('Odd', [['A', 'B', 'C'], ['1'], [], ['', 'x', null], [null]])
    expect((await values('Odd')).json).toEqual({
      range: 'Odd!A1:Z1000',
      majorDimension: 'ROWS',
      values: [['A', 'B', 'C'], ['1'], [], ['', 'x']],
    })
    world.clear('Odd', true)
    expect((await values("'Odd'")).json).toEqual({ range: 'Odd!A1:Z1000', majorDimension: 'ROWS' })
  })

  test('are shown by locale and format, or as they are', async () => {
    const { world, values } = await start({ locale: 'de_DE' })
    world.addTab(
      "Ada's",
      [
        ['n', 's', 'b'],
        [1234.5, 1234, true],
      ],
      { n: 'grouped', s: 'short' },
    )
    expect((await values("'Ada''s'")).json.values[1]).toEqual(['1.234,5', '1,2K', 'TRUE'])
    expect((await values("'Ada''s'", '?valueRenderOption=UNFORMATTED_VALUE')).json.values[1]).toEqual([
      1234.5,
      1234,
      true,
    ])
    world.setLocale('en_US')
    expect((await values("'Ada''s'")).json.values[1]).toEqual(['1,234.5', '1.2K', 'TRUE'])
    expect((await values('Team', '?valueRenderOption=x')).status).toBe(400)
  })
})

describe('ranges and dates', () => {
  test('a title that looks like cells is cells of the first tab, unless it stands in quotes', async () => {
    const { world, values } = await start()
    world.addTab('Q3', [['Sales'], ['12']])
    const [first] = (await values('Team')).json.values
    expect((await values('Q3')).json.values[0]).toEqual(first)
    expect((await values("'Q3'")).json.values).toEqual([['Sales'], ['12']])
  })

  test('a date is a number of days, unless its text is asked for', async () => {
    const { world, values } = await start()
    world.addTab('Dates', [['Day'], [43_831]], { Day: 'date' })
    const [shown, days, text] = await Promise.all(
      [
        '',
        '?valueRenderOption=UNFORMATTED_VALUE',
        '?valueRenderOption=UNFORMATTED_VALUE&dateTimeRenderOption=FORMATTED_STRING',
      ].map(async (query) => (await values('Dates', query)).json.values[1]),
    )
    expect([shown, days, text]).toEqual([['2020-01-01'], [43_831], ['2020-01-01']])
  })
})

describe('refusals', () => {
  test('are those that were recorded', async () => {
    const { world, values, get, emulator } = await start()
    expect(await values('Nobody')).toMatchObject({
      status: 400,
      json: { error: { status: 'INVALID_ARGUMENT', message: 'Unable to parse range: Nobody' } },
    })
    world.setAccess('private')
    expect((await values('Team')).json).toEqual({
      error: { code: 403, message: 'The caller does not have permission', status: 'PERMISSION_DENIED' },
    })
    world.setAccess('deleted')
    expect((await get(emulator.spreadsheetId)).json.error).toMatchObject({ code: 404, status: 'NOT_FOUND' })
    world.expireAccess()
    expect((await values('Team')).json.error).toMatchObject({ code: 401, status: 'UNAUTHENTICATED' })
  })

  test('are those that were reported: of a chart, which has no cells, and of an Excel file, which is no spreadsheet', async () => {
    const { world, values, get, emulator } = await start()
    world.addChart('Chart1')
    expect((await get(emulator.spreadsheetId)).json.sheets[1].properties).toEqual({
      sheetId: 1_000,
      title: 'Chart1',
      index: 1,
      sheetType: 'OBJECT',
    })
    expect((await values("'Chart1'")).json.error).toMatchObject({
      code: 400,
      message: "Unable to parse range: 'Chart1'",
    })
    world.setExcel(true)
    for (const { status, json } of [await get(emulator.spreadsheetId), await values('Team')]) {
      expect(status).toBe(400)
      expect(json.error).toEqual({
        code: 400,
        status: 'FAILED_PRECONDITION',
        message: 'This operation is not supported for this document',
      })
    }
  })

  test('come above 60 reads a minute, until it is over', async () => {
    const { values, emulator } = await start({ perMinute: 2 })
    const statuses = []
    for (let i = 0; i < 3; i++) statuses.push((await values('Team')).status)
    expect(statuses).toEqual([200, 200, 429])
    emulator.clock.advance(60_000)
    expect((await values('Team')).status).toBe(200)
  })

  test('meet a login that is signed wrongly, for somebody else, too late or too early', async () => {
    const { account, exchange } = await start()
    const other = accountOf((await during(sheetsEmulator())).serviceAccount) as Account
    const wrong = {
      'Invalid JWT Signature.': assertionOf({ ...account, privateKey: other.privateKey }, Date.now()),
      'Invalid JWT: Failed audience check.': assertionOf({ ...account, tokenUri: other.tokenUri }, Date.now()),
      'Invalid grant: account not found': assertionOf({ ...account, email: 'x@y' }, Date.now()),
      'Invalid JWT: Failed to parse.': 'a.b.c',
    }
    for (const [said, assertion] of Object.entries(wrong)) {
      expect(await exchange(assertion)).toMatchObject({
        status: 400,
        json: { error: 'invalid_grant', error_description: said },
      })
    }
    for (const at of [-4_000_000, 4_000_000]) {
      const { json } = await exchange(assertionOf(account, Date.now() + at))
      expect(json.error_description).toContain('reasonable timeframe')
    }
    expect((await exchange(assertionOf(account, Date.now()), 'password')).json.error).toBe('unsupported_grant_type')
  })
})

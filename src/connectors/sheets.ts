// Owns the Google Sheets connector: the rows of one tab, by a key column.
//
// Facts (developers.google.com/workspace/sheets/api, recorded answers): `GET /v4/spreadsheets/{id}/values/{range}` gives a
// tab whole, where the range is its title in single quotes; unformatted, numbers come as numbers, whatever the locale and the
// format of their cells. Rows have no identity but their place. There is no revision to ask by, so that every run reads all. A
// tab that is not there is a range that can't be parsed (400). A service account is one user, which may read 60 times a
// minute; it has no refresh token, and signs for a new access token each hour.

import { defineConnector, stream } from '../connector/connector.ts'
import { type CommonOptions, z } from '../connector/options.ts'
import { type Http, type Page, type PageRequest, rows } from '../connector/page.ts'
import { fullPass } from '../connector/passes.ts'
import { TidemarkError } from '../model/errors.ts'
import { fingerprint } from '../model/fingerprint.ts'
import { isObject } from '../model/json.ts'
import { type Account, accountOf, assertionOf } from './sheets/account.ts'
import { classifier } from './sheets/errors.ts'
import { faultOf, gridOf, type SheetRow } from './sheets/grid.ts'
import { meantTab, refusedTab, TABS, type Tab, tabsIn, unreadTab } from './sheets/tabs.ts'

/** What the plan counts with: a tab is one page, whatever its size. */
const PAGE_SIZE = 1_000_000
const ADDRESS = /^https?:\/\/docs\.google\.com\/spreadsheets\/(?:u\/\d+\/)?d\/([A-Za-z0-9_-]+)/

const options = z.object({
  spreadsheetId: z
    .string()
    .trim()
    .transform((given) => ADDRESS.exec(given)?.[1] ?? given)
    .refine((id) => /^[A-Za-z0-9_-]{1,200}$/.test(id), {
      error: 'is no ID of a spreadsheet: the part of its address between /d/ and /edit, or the whole address',
    })
    .meta({
      label: 'Spreadsheet',
      example: 'https://docs.google.com/spreadsheets/d/…',
      description: 'The spreadsheet: its address in the browser, or the part of it between /d/ and /edit',
    }),
  // As it is written: a title may begin or end with a blank.
  sheet: z.string().regex(/\S/, 'is empty').meta({ description: 'The tab: its title, at the bottom of the window' }),
  keyColumn: z
    .string()
    .trim()
    .min(1, 'is empty')
    .meta({ description: 'The header, in the first row, of the column that tells the rows apart' }),
  serviceAccount: z
    .preprocess((given) => (isObject(given) ? JSON.stringify(given) : given), z.string().min(1, 'is empty'))
    .superRefine((given, context) => {
      const account = accountOf(given)
      if (typeof account === 'string') context.addIssue({ code: 'custom', message: account })
    })
    .meta({
      description:
        'JSON key of a service account: console.cloud.google.com, "Service Accounts", "Keys", "Add key", JSON. Share the spreadsheet with its client_email',
      secret: true,
    }),
  accessToken: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'Access token; comes by itself', secret: true, advanced: true }),
  metrics: z.string().trim().optional().meta({
    description:
      'Headers of columns whose numbers are kept over time, separated by commas; * for all that hold only numbers',
  }),
})

type Options = z.output<typeof options>

function accountIn({ serviceAccount }: Options): Account {
  const account = accountOf(serviceAccount)
  if (typeof account !== 'string') return account
  throw new TidemarkError('options_invalid', `The service account ${account}.`)
}

/** In quotes, since a title may look like a range of cells; a quote in it is doubled. */
function valuesPath({ spreadsheetId }: Options, sheet: string): string {
  const range = encodeURIComponent(`'${sheet.replaceAll("'", "''")}'`).replaceAll("'", '%27')
  return `/v4/spreadsheets/${spreadsheetId}/values/${range}`
}

const AS_VALUES = {
  majorDimension: 'ROWS',
  valueRenderOption: 'UNFORMATTED_VALUE',
  dateTimeRenderOption: 'FORMATTED_STRING',
} as const

async function readTab({ http, options: given }: PageRequest<Options>): Promise<Page> {
  const grid = gridOf(valuesOf(await answerOf(http, given)), given.keyColumn, metricsIn(given))
  if ('code' in grid) throw new TidemarkError(grid.code, grid.message, { hint: grid.hint, scope: 'stream' })
  return { records: grid.rows, columns: grid.columns, total: grid.rows.length }
}

/** The tab of this title; where there is none, the one whose title is the same but for blanks around it. */
async function answerOf(http: Http, given: Options): Promise<unknown> {
  const { status, body } = await valuesAnswer(http, given, given.sheet)
  if (status !== 400) return body
  const said = saidIn(body)
  if (!CANT_PARSE.test(said)) throw refusedTab(said)
  const tabs = await tabsOf(http, given)
  const meant = meantTab(given.sheet, tabs)
  const again = meant === undefined ? undefined : await valuesAnswer(http, given, meant)
  if (again === undefined || again.status === 400) throw unreadTab(given.sheet, tabs)
  return again.body
}

const CANT_PARSE = /unable to parse range/i

function valuesAnswer(http: Http, given: Options, sheet: string) {
  return http.get(valuesPath(given, sheet), { query: AS_VALUES, accept: [400] })
}

function saidIn(body: unknown): string {
  const error = isObject(body) && isObject(body['error']) ? body['error'] : {}
  const { message } = error
  return typeof message === 'string' ? message.replace(/\.$/, '') : 'no message'
}

function metricsIn({ metrics = '' }: Options): readonly string[] {
  return metrics
    .split(',')
    .map((header) => header.trim())
    .filter((header) => header !== '')
}

/** A tab without content has no `values`, and says its range all the same; anything else is no answer of the API. */
function valuesOf(body: unknown): readonly (readonly unknown[])[] {
  const { values, range } = isObject(body) ? body : {}
  if (values === undefined && typeof range === 'string') return []
  return rows(values, 'rows').map((row) => rows(row, 'cells'))
}

/** For a hint as a rule: where they can't be read, it goes without. */
async function tabsOf(http: Http, { spreadsheetId }: Options): Promise<readonly Tab[]> {
  try {
    return tabsIn((await http.get(`/v4/spreadsheets/${spreadsheetId}`, { query: TABS, once: true })).body)
  } catch {
    return []
  }
}

/** Exchanges a signed text for an access token. It can be signed as often as needed. */
async function renew({ http, options: given }: { readonly http: Http; readonly options: Options & CommonOptions }) {
  const account = accountIn(given)
  // A refusal for its time tells the time, by which it is signed once more.
  const { body } = await exchange(http, account).catch((error: unknown) => {
    if (error instanceof TidemarkError && error.code === 'clock_skewed') return exchange(http, account)
    throw error
  })
  const { access_token: accessToken, expires_in: seconds } = isObject(body) ? body : {}
  if (typeof accessToken !== 'string' || accessToken === '') {
    throw new TidemarkError('unexpected_shape', 'The answer has no access token.', { scope: 'run' })
  }
  return {
    secrets: { accessToken },
    ...(typeof seconds === 'number' ? { expiresAt: { accessToken: http.now() + seconds * 1_000 } } : {}),
  }
}

function exchange(http: Http, account: Account) {
  const form = {
    grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    assertion: assertionOf(account, http.now()),
  }
  return http.post(account.tokenUri, { form, once: false })
}

/** A row that stands alone. Its columns are those of the sheet; see `open`. */
const row: z.ZodType<Readonly<Record<string, unknown>>> = z.looseObject({}).superRefine((given, context) => {
  const fault = faultOf(given)
  if (fault !== undefined) context.addIssue({ code: 'custom', message: fault })
})

export default defineConnector(
  {
    name: 'sheets',
    title: 'The rows of a Google Sheet, by a key column',
    options,
    http: (given) => {
      const account = accountIn(given)
      return {
        baseUrl: 'https://sheets.googleapis.com',
        // Without a token Google answers 401, and one is signed for.
        headers: { authorization: `Bearer ${given.accessToken ?? 'none-yet'}` },
        allowedHosts: [new URL(account.tokenUri).host],
        limits: [
          { key: `sheets:account:${fingerprint(account.email)}`, requests: 60, per: '1m' },
          ...(account.project === undefined
            ? []
            : [{ key: `sheets:project:${account.project}`, requests: 300, per: '1m' } as const]),
        ],
        classify: classifier(account.email),
      }
    },
    login: ['serviceAccount'],
    renew,
  },
  {
    rows: stream({
      title: 'Rows of the tab; its headers are the columns, in snake_case',
      schema: row,
      open: true,
      key: (one) => (one as SheetRow)['_key'] as string,
      passes: [fullPass({ read: readTab, pageSize: PAGE_SIZE, listing: 'complete' })],
    }),
  },
)

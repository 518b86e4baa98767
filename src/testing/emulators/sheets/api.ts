// Owns the HTTP semantics of the Google Sheets API, as far as reading needs them, and of the token address of service
// accounts: signed texts, ranges, how values are shown, limits, error bodies. Each behaviour names what it is from: what gspread
// has recorded, a page of developers.google.com, or what users of several clients have reported.

import { createVerify } from 'node:crypto'
import { type Answer, type Call, type Handler, jsonAnswer, segments } from '../kit/answer.ts'
import { fixedWindow } from '../kit/limits.ts'
import type { CellValue, NumberFormat, SheetsWorld } from './world.ts'

export const TOKEN_PATH = '/token'
const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const SCOPES = [
  'https://www.googleapis.com/auth/spreadsheets.readonly',
  'https://www.googleapis.com/auth/spreadsheets',
  'https://www.googleapis.com/auth/drive.readonly',
]
/** How far the clock of whoever signs may be ahead, in seconds. */
const AHEAD_MAX_S = 300
const GOOD_FOR_MAX_S = 3_600

export interface SheetsRules {
  readonly spreadsheetId: string
  readonly email: string
  readonly publicKey: string
  /** How long an access token is good, in seconds. */
  readonly tokenSeconds: number
  /** Reads a minute that one user may make. */
  readonly perMinute: number
}

export function sheetsHandler(world: SheetsWorld, rules: SheetsRules): Handler {
  const reads = fixedWindow(60_000)
  return (call) => {
    if (call.path === TOKEN_PATH) return tokenAnswer(call, world, rules)
    const [version, what, id, part, range, ...rest] = segments(call.path) ?? []
    if (version !== 'v4' || what !== 'spreadsheets' || call.method !== 'GET' || rest.length > 0) return notFound()
    const token = /^Bearer (.+)$/.exec(call.headers.authorization ?? '')?.[1] ?? ''
    if (!world.isGood(token)) return unauthenticated()
    if (!world.isApiOn) return apiOff()
    // workspace/sheets/api/limits: by the minute and user, and a service account is one user. No header says what is left.
    if (!reads.take(rules.email, rules.perMinute, call.now).allowed) return refusal(429)
    if (id !== rules.spreadsheetId || world.access === 'deleted') {
      return googleError(404, 'NOT_FOUND', 'Requested entity was not found.')
    }
    if (world.access === 'private') return refusal(403)
    if (world.isExcel) return excelFile()
    if (part === undefined) return spreadsheet(world, id)
    return part === 'values' && range !== undefined ? valuesAnswer(call, world, range) : notFound()
  }
}

/** As recorded (get_lastUpdateTime), without how it looks. */
function spreadsheet(world: SheetsWorld, id: string): Answer {
  // SheetType of the reference: a chart is an OBJECT, and has no gridProperties, as users of gsheets have reported.
  const sheets = world.tabs().map(({ title, isChart = false }, index) => ({
    properties: {
      sheetId: index * 1_000,
      title,
      index,
      sheetType: isChart ? 'OBJECT' : 'GRID',
      ...(isChart ? {} : { gridProperties: { rowCount: 1000, columnCount: 26 } }),
    },
  }))
  const properties = { title: 'Team', locale: world.locale, autoRecalc: 'ON_CHANGE', timeZone: 'Etc/GMT' }
  return jsonAnswer(200, { spreadsheetId: id, properties, sheets })
}

// ── values ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * A range is a title, in single quotes where it could be something else: without them, what looks like cells (A1, B:C) is
 * cells of the first tab, as a test of gspread on titles in A1 notation has it. Recorded (get_all_records, values_get): rows end
 * with their last value, an empty row is [], and a range with nothing in it has no `values`.
 */
function valuesAnswer({ query }: Call, world: SheetsWorld, range: string): Answer {
  const title = /^'(.*)'$/s.exec(range)?.[1]?.replaceAll("''", "'") ?? range
  const isCells = /^[A-Za-z]{1,3}(?:\d+)?(?::[A-Za-z]{1,3}\d*)?$/.test(range) && /[\d:]/.test(range)
  const tab = isCells ? world.tab(world.titles()[0] ?? '') : world.tab(title)
  // Assumed of a chart: it has no cells, and no range of cells either.
  if (!tab || tab.isChart) return googleError(400, 'INVALID_ARGUMENT', `Unable to parse range: ${range}`)
  const render = query.get('valueRenderOption') ?? 'FORMATTED_VALUE'
  if (!['FORMATTED_VALUE', 'UNFORMATTED_VALUE', 'FORMULA'].includes(render)) {
    return googleError(
      400,
      'INVALID_ARGUMENT',
      `Invalid value at 'value_render_option' (type.googleapis.com/google.apps.sheets.v4.ValueRenderOption), "${render}"`,
    )
  }
  // ValueRenderOption and DateTimeRenderOption of the reference: as shown, unless values are asked for; a date is a number of
  // days then, unless its text is asked for. Recorded by gspread: 43831 and 2020-01-01 for the same cell.
  const areDatesShown = query.get('dateTimeRenderOption') === 'FORMATTED_STRING'
  const headers = tab.rows[0] ?? []
  const formats = headers.map((header) => tab.formats.get(String(header)))
  const isShown = render === 'FORMATTED_VALUE'
  const values = world.values(tab.title).map((row) =>
    row.map((cell, place) => {
      if (cell === null) return ''
      const format = formats[place]
      return isShown || (areDatesShown && format === 'date') ? shownCell(cell, format, world.locale) : cell
    }),
  )
  const name = /^[A-Za-z_]\w*$/.test(tab.title) ? tab.title : `'${tab.title.replaceAll("'", "''")}'`
  const answer = { range: `${name}!A1:Z1000`, majorDimension: 'ROWS' }
  return { ...jsonAnswer(200, values.length === 0 ? answer : { ...answer, values }), page: true }
}

/** A date is the number of days since 30 December 1899, in the time zone of the spreadsheet. */
const SERIAL_EPOCH_MS = Date.UTC(1899, 11, 30)
const DAY_MS = 86_400_000

function shownCell(cell: Exclude<CellValue, null>, format: NumberFormat | undefined, locale: string): string {
  if (typeof cell === 'boolean') return cell ? 'TRUE' : 'FALSE'
  if (typeof cell === 'string') return cell
  if (format === 'date') return new Date(SERIAL_EPOCH_MS + cell * DAY_MS).toISOString().slice(0, 10)
  const numbers = new Intl.NumberFormat(locale.replace('_', '-'), { useGrouping: format === 'grouped' })
  if (format === 'percent') return `${numbers.format(cell * 100)}%`
  return format === 'short' ? `${numbers.format(Math.round(cell / 100) / 10)}K` : numbers.format(cell)
}

// ── tokens ──────────────────────────────────────────────────────────────────────────────────────────────────────────

function tokenAnswer(call: Call, world: SheetsWorld, rules: SheetsRules): Answer {
  if (call.method !== 'POST') return notFound()
  const form = new URLSearchParams(call.body)
  if (form.get('grant_type') !== GRANT) return oauthError('unsupported_grant_type', 'Invalid grant_type')
  const wrong = wrongIn(form.get('assertion') ?? '', call, rules)
  if (wrong) return oauthError('invalid_grant', wrong)
  if (!world.isKeyGood) return oauthError('invalid_grant', 'Invalid JWT Signature.')
  return jsonAnswer(200, {
    access_token: world.issue(rules.tokenSeconds),
    expires_in: rules.tokenSeconds,
    token_type: 'Bearer',
  })
}

/** identity/protocols/oauth2/service-account: what a signed text has to say, and for how long it may be good. */
function wrongIn(assertion: string, call: Call, { email, publicKey }: SheetsRules): string | undefined {
  const [header = '', payload = '', signature = ''] = assertion.split('.')
  const [head, claims] = [header, payload].map(decoded)
  if (head?.['alg'] !== 'RS256' || !claims) return 'Invalid JWT: Failed to parse.'
  if (claims['iss'] !== email) return 'Invalid grant: account not found'
  const isSigned = createVerify('RSA-SHA256').update(`${header}.${payload}`).verify(publicKey, signature, 'base64url')
  if (!isSigned) return 'Invalid JWT Signature.'
  if (claims['aud'] !== call.base + TOKEN_PATH) return 'Invalid JWT: Failed audience check.'
  if (!SCOPES.includes(String(claims['scope']))) return 'Invalid OAuth scope or ID token audience provided.'
  const [iat, exp, now] = [Number(claims['iat']), Number(claims['exp']), call.now / 1_000]
  if (iat - now > AHEAD_MAX_S || exp <= now || exp - iat > GOOD_FOR_MAX_S) {
    return 'Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.'
  }
  return undefined
}

function decoded(part: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>
  } catch {
    return undefined
  }
}

// ── errors ──────────────────────────────────────────────────────────────────────────────────────────────────────────

function googleError(code: number, status: string, message: string, details?: unknown): Answer {
  return jsonAnswer(code, { error: { code, message, status, ...(details ? { details } : {}) } })
}

function oauthError(error: string, description: string): Answer {
  return jsonAnswer(400, { error, error_description: description })
}

function notFound(): Answer {
  return {
    status: 404,
    headers: { 'content-type': 'text/html; charset=UTF-8' },
    body: '<!DOCTYPE html><title>Error 404 (Not Found)!!1</title>',
  }
}

function unauthenticated(): Answer {
  return googleError(
    401,
    'UNAUTHENTICATED',
    'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.',
  )
}

/** What issues of gspread (732), googlesheets4 (275) and node-google-spreadsheet (651) have reported. */
function excelFile(): Answer {
  return googleError(400, 'FAILED_PRECONDITION', 'This operation is not supported for this document')
}

/** What projects are told that have not enabled the API. */
function apiOff(): Answer {
  const message =
    'Google Sheets API has not been used in project 204731194849 before or it is disabled. Enable it by visiting https://console.developers.google.com/apis/api/sheets.googleapis.com/overview?project=204731194849 then retry.'
  const details = [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'SERVICE_DISABLED' }]
  return googleError(403, 'PERMISSION_DENIED', message, details)
}

/** What a fault with this status says. */
export function refusal(status: number): Answer {
  if (status === 429) {
    const message =
      "Quota exceeded for quota metric 'Read requests' and limit 'Read requests per minute per user' of service 'sheets.googleapis.com' for consumer 'project_number:204731194849'."
    return googleError(429, 'RESOURCE_EXHAUSTED', message)
  }
  // As recorded (access_private_spreadsheet).
  if (status === 403) return googleError(403, 'PERMISSION_DENIED', 'The caller does not have permission')
  if (status === 401) return unauthenticated()
  return status >= 500
    ? googleError(status, status === 503 ? 'UNAVAILABLE' : 'INTERNAL', 'The service is currently unavailable.')
    : googleError(status, 'INVALID_ARGUMENT', 'Request contains an invalid argument.')
}

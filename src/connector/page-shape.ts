// Owns the look at what a connector's `read` returned: a page says what a page can say, and nothing that is misspelt. A
// token under another name would look like the end of the listing.

import { type Sentence, TidemarkError } from '../model/errors.ts'
import { knownNames } from '../model/near-miss.ts'
import { plural } from '../model/plural.ts'
import { isObject } from './declared-fields.ts'
import type { JobState } from './job.ts'
import { FOUND_COLUMNS_MAX, type FoundColumn, type KeysPage, type Page } from './page.ts'

const FIELDS: readonly (keyof Page)[] = ['records', 'next', 'total', 'estimate', 'partial', 'billed', 'columns']
const KEYS_FIELDS: readonly (keyof KeysPage)[] = ['records', 'partial', 'billed']

/** @throws TidemarkError connector_invalid (stop) */
export function checkPage(page: unknown): Page {
  const { total, estimate, next, columns, partial } = checkFields(page, 'read', FIELDS)
  if (columns !== undefined && columns !== null) checkColumns(columns)
  checkPartial(partial)
  checkNumber('total', total)
  checkNumber('estimate', estimate)
  if (next !== undefined && !survivesJson(next)) {
    throw refused(
      `The next of a page of the connector can't be stored as JSON (${typeof next}).`,
      'Return a text, a number, or an object of these: a later run may go on there.',
    )
  }
  return withoutNulls(page) as unknown as Page
}

const COLUMN_FIELDS: readonly (keyof FoundColumn)[] = ['name', 'metric']

function checkColumns(columns: unknown): void {
  const hint = "Return { records, columns: [{ name: 'followers', metric: true }] }."
  const isColumn = (one: unknown) =>
    isObject(one) &&
    /^[a-z][a-z0-9_]*$/.test(String(one['name'])) &&
    (one['metric'] === undefined || typeof one['metric'] === 'boolean') &&
    Object.keys(one).every((name) => (COLUMN_FIELDS as readonly string[]).includes(name))
  if (!Array.isArray(columns) || !columns.every(isColumn)) {
    throw refused('The columns of a page of the connector are no list of { name, metric }.', hint)
  }
  if (columns.length > FOUND_COLUMNS_MAX) {
    throw refused(
      `A page of the connector tells of ${plural(columns.length, 'column')}; ${FOUND_COLUMNS_MAX} are the most.`,
      'Leave out those that hold nothing, or read them as two streams.',
    )
  }
}

/** What a refresh answered. @throws TidemarkError connector_invalid (stop) */
export function checkKeysPage(answer: unknown): KeysPage {
  const page = Array.isArray(answer) ? { records: answer } : answer
  checkPartial(checkFields(page, 'refresh', KEYS_FIELDS)['partial'])
  return withoutNulls(page) as unknown as KeysPage
}

function checkPartial(partial: unknown): void {
  if (partial === undefined || partial === null || typeof partial === 'boolean') return
  throw refused(`The partial of a page of the connector is ${said(partial)}.`, 'It has to be true or false.')
}

/** What both have: no field that means nothing, a list of records, and what was billed. */
function checkFields(
  page: unknown,
  by: 'read' | 'refresh',
  fields: readonly string[],
): Readonly<Record<string, unknown>> {
  if (!isObject(page)) throw refused(`A ${by} of the connector returned no page.`, 'Return { records, next }.')
  const strange = Object.keys(page).find((name) => !fields.includes(name))
  if (strange !== undefined) {
    throw refused(`A page of the connector has no field "${strange}".`, knownNames(strange, fields, 'A page has'))
  }
  const { records, billed } = page
  if (hasHoles(records)) throw refused('The records of a page of the connector have holes.', HOLES_HINT)
  if (!Array.isArray(records)) {
    throw refused(
      'A page of the connector has no list of records.',
      'Return { records: rows(body.items, "items"), next }.',
    )
  }
  if (billed !== undefined && billed !== null) checkAmounts(billed)
  return page
}

/** Sources write their end as null, and so they do with what was not billed, and with a total that they do not know. */
function withoutNulls(page: unknown): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(page as object).filter(([, value]) => value !== null))
}

function checkNumber(name: 'total' | 'estimate', value: unknown): void {
  if (value === undefined || value === null || (Number.isSafeInteger(value) && Number(value) >= 0)) return
  throw refused(`The ${name} of a page of the connector is ${said(value)}.`, 'It has to be a whole number from 0 up.')
}

/** What was billed for a page that may have cost something. @throws TidemarkError connector_invalid (stop) */
export function checkBilled({ billed }: Pick<Page, 'billed'>): NonNullable<Page['billed']> {
  if (billed) return billed
  throw refused(
    'A page of a paid pass does not say what was billed.',
    `${BILLED_HINT} A request that costs nothing is sent with { once: false }.`,
  )
}

const BILLED_HINT = "Return { records, next, billed: { items, cost } }, with the vendor's own figures."

const STATES: readonly unknown[] = ['running', 'succeeded', 'failed', 'gone'] satisfies JobState['state'][]
const STATE_FIELDS: readonly (keyof JobState)[] = ['state', 'why', 'billed']
const STATE_HINT =
  "Return { state: 'running' } or { state: 'gone' }, or { state: 'succeeded' or 'failed', why, billed: { items, cost } }."

/** How an upstream run stands. @throws TidemarkError connector_invalid (stop) */
export function checkJobState(found: unknown): JobState {
  if (!isObject(found)) throw refused('A poll of the connector returned no state.', STATE_HINT)
  const strange = Object.keys(found).find((name) => !(STATE_FIELDS as readonly string[]).includes(name))
  if (strange !== undefined) {
    throw refused(`A poll of the connector has no field "${strange}".`, knownNames(strange, STATE_FIELDS, 'It has'))
  }
  const { state, why, billed } = found
  if (!STATES.includes(state)) throw refused(`The state of a poll of the connector is ${said(state)}.`, STATE_HINT)
  if (why !== undefined && why !== null && typeof why !== 'string') {
    throw refused(`The why of a poll of the connector is ${said(why)}.`, STATE_HINT)
  }
  const isOver = state === 'succeeded' || state === 'failed'
  if (isOver && !isObject(billed)) throw refused('A poll of the connector does not say what was billed.', STATE_HINT)
  if (isObject(billed)) checkAmounts({ items: credible(billed['items']) ?? 0, cost: credible(billed['cost']) ?? 0 })
  return found as unknown as JobState
}

/** A figure below 0, or beyond all money, is the vendor's own; whoever counts it does not believe it. */
function credible(amount: unknown): unknown {
  return typeof amount === 'number' && !isCredible(amount) ? 0 : amount
}

/** Whether a vendor may have charged so much. */
export function isCredible(amount: number): boolean {
  return amount >= 0 && amount <= Number.MAX_SAFE_INTEGER
}

/** The id of an upstream run. @throws TidemarkError unexpected_shape (retry) for what is none */
export function checkJobId(id: unknown, from: 'start' | 'find'): string {
  if (typeof id === 'string' && id !== '') return id
  const message = `The ${from} of the connector returned ${said(id)} for the id of an upstream run.` as const
  throw new TidemarkError('unexpected_shape', message, { scope: 'page' })
}

function checkAmounts(billed: unknown): void {
  const { items, cost } = isObject(billed) ? billed : {}
  if (!(Number.isSafeInteger(items) && Number(items) >= 0)) {
    throw refused(
      `The items billed for a page of the connector are no whole number from 0 up: ${said(items)}.`,
      BILLED_HINT,
    )
  }
  if (!(typeof cost === 'number' && cost >= 0 && cost <= Number.MAX_SAFE_INTEGER)) {
    throw refused(`The cost billed for a page of the connector is no amount from 0 up: ${said(cost)}.`, BILLED_HINT)
  }
}

/** A value in words: itself, where it is a number or a text. */
function said(value: unknown): string {
  if (typeof value === 'number') return `${value}`
  if (typeof value === 'string') return JSON.stringify(value)
  if (value === undefined || value === null) return 'nothing'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

const HOLES_HINT = 'A list that was made by its length, or had elements deleted, is none: build it with push or map.'

/** Whether a list says it is longer than it is. It is left at the first hole: a length of 2^32 is walked by nobody. */
function hasHoles(list: unknown): boolean {
  if (!Array.isArray(list)) return false
  for (let i = 0; i < list.length; i++) if (!(i in list)) return true
  return false
}

/** Records that a connector read by key. @throws TidemarkError connector_invalid (stop) */
export function checkRecords(records: readonly unknown[]): readonly unknown[] {
  if (hasHoles(records)) throw refused('The records that the connector read by key have holes.', HOLES_HINT)
  return records
}

function isWhole(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true
  return !hasHoles(value) && Object.values(value).every(isWhole)
}

function survivesJson(value: unknown): boolean {
  try {
    return isWhole(value) && JSON.stringify(value) !== undefined
  } catch {
    return false
  }
}

function refused(message: Sentence, hint: string): TidemarkError {
  return new TidemarkError('connector_invalid', message, { hint, scope: 'stream' })
}

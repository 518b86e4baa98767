// Owns the look at what a connector's `read` returned: a page says what a page can say, and nothing that is misspelt. A
// token under another name would look like the end of the listing.

import { type Sentence, TidemarkError } from '../model/errors.ts'
import { knownNames } from '../model/near-miss.ts'
import { isObject } from './declared-fields.ts'
import type { Page } from './page.ts'

const FIELDS: readonly (keyof Page)[] = ['records', 'next', 'total', 'billed']

/** @throws TidemarkError connector_invalid (stop) */
export function checkPage(page: unknown): Page {
  if (!isObject(page)) throw refused('A read of the connector returned no page.', 'Return { records, next }.')
  const strange = Object.keys(page).find((name) => !(FIELDS as readonly string[]).includes(name))
  if (strange !== undefined) {
    throw refused(`A page of the connector has no field "${strange}".`, knownNames(strange, FIELDS, 'A page has'))
  }
  const { records, total } = page
  if (!Array.isArray(records)) {
    throw refused(
      'A page of the connector has no list of records.',
      'Return { records: rows(body.items, "items"), next }.',
    )
  }
  if (total !== undefined && total !== null && !(Number.isSafeInteger(total) && Number(total) >= 0)) {
    throw refused(`The total of a page of the connector is ${said(total)}.`, 'It has to be a whole number from 0 up.')
  }
  const { next, ...rest } = page
  if (next !== undefined && !survivesJson(next)) {
    throw refused(
      `The next of a page of the connector can't be stored as JSON (${typeof next}).`,
      'Return a text, a number, or an object of these: a later run may go on there.',
    )
  }
  // Sources write their end as null.
  return (next === null ? rest : page) as unknown as Page
}

/** A value in words: itself, where it is a number or a text. */
function said(value: unknown): string {
  if (typeof value === 'number') return `${value}`
  return typeof value === 'string' ? JSON.stringify(value) : `a ${typeof value}`
}

function survivesJson(value: unknown): boolean {
  try {
    return JSON.stringify(value) !== undefined
  } catch {
    return false
  }
}

function refused(message: Sentence, hint: string): TidemarkError {
  return new TidemarkError('connector_invalid', message, { hint, scope: 'stream' })
}

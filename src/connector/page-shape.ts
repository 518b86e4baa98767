// Owns the look at what a connector's `read` returned: a page says what a page can say, and nothing that is misspelt. A
// token under another name would look like the end of the listing.

import { TidemarkError } from '../model/errors.ts'
import { knownNames } from '../model/near-miss.ts'
import { isObject } from './declared-fields.ts'
import type { Page } from './page.ts'

const FIELDS: readonly (keyof Page)[] = ['records', 'next', 'total', 'billed']

/** @throws TidemarkError connector_invalid (stop) */
export function checkPage(page: unknown): Page {
  if (!isObject(page)) throw refused('a read of the connector returned no page', 'Return { records, next }.')
  const strange = Object.keys(page).find((name) => !(FIELDS as readonly string[]).includes(name))
  if (strange !== undefined) {
    throw refused(`a page of the connector has no field "${strange}"`, knownNames(strange, FIELDS, 'A page has'))
  }
  const { records, total } = page
  if (!Array.isArray(records)) {
    throw refused(
      'a page of the connector has no list of records',
      'Return { records: rows(body.items, "items"), next }.',
    )
  }
  if (total !== undefined && total !== null && !(Number.isSafeInteger(total) && Number(total) >= 0)) {
    throw refused(
      `the total of a page of the connector is ${JSON.stringify(total)}`,
      'It has to be a whole number from 0 up.',
    )
  }
  const { next, ...rest } = page
  // Sources write their end as null.
  return (next === null ? rest : page) as unknown as Page
}

function refused(message: string, hint: string): TidemarkError {
  return new TidemarkError('connector_invalid', message, { hint, scope: 'stream' })
}

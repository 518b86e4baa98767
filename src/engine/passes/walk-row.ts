// Owns the row of a listing walk, as it is kept: when it is opened, after a page, at a page that can't be read. Pure.

import type { Ended, PassKind } from '../../model/run.ts'
import type { WalkRow } from '../../store/store.ts'
import { type Position, TOP } from './listing-position.ts'
import type { Sight } from './page.ts'

/** The row of a new walk; of one that goes on, which begins again if it does so at the top. */
export function openedRow(
  resumed: WalkRow | undefined,
  { walk, pass, at, fromTop }: { walk: number; pass: PassKind; at: number; fromTop: boolean },
): WalkRow {
  if (resumed) return { ...resumed, openedAt: fromTop ? at : resumed.openedAt }
  const open = { closedAt: null, ended: null, position: TOP, pages: 0, records: 0, note: '' }
  return { walk, pass, openedAt: at, ...open }
}

/** The row of a walk after a page. */
export function rowAfter(
  row: WalkRow,
  page: { sight: Sight; rows: number; position: Position; ended: Ended | null; at: number },
): WalkRow {
  const { sight, rows, position, ended, at } = page
  const last = sight.parsed.at(-1)?.incoming.key
  return {
    ...row,
    closedAt: ended ? at : null,
    ended,
    position,
    pages: row.pages + 1,
    records: row.records + rows,
    note: last === undefined ? row.note : `read down to key ${last}`,
  }
}

const UNREADABLE = '; the next page cannot be read'

/** What is said of a walk that stands before a page that can't be read. */
export function withoutPage(note: string): string {
  return note.endsWith(UNREADABLE) ? note : `${note}${UNREADABLE}`
}

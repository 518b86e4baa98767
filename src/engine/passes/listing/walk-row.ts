// Owns the row of a listing walk, as it is kept: when it is opened, after a page, at a page that can't be read. Pure.

import type { Json } from '../../../model/json.ts'
import type { Ended, PassKind } from '../../../model/run.ts'
import type { WalkRow } from '../../../store/store.ts'
import { tokenText } from '../bad-pages.ts'
import { plainKey } from '../rows/others.ts'
import { type Position, TOP } from './position.ts'
import type { PageSeen } from './step.ts'

/** The row of a new walk; of one that goes on, which begins again if it does so at the top. */
export function openedRow(
  resumed: WalkRow | undefined,
  { walk, pass, at, fromTop }: { walk: number; pass: PassKind; at: number; fromTop: boolean },
): WalkRow {
  if (resumed) return { ...resumed, openedAt: fromTop ? at : resumed.openedAt }
  const open = { closedAt: null, ended: null, position: TOP, pages: 0, records: 0, note: '' }
  return { walk, pass, openedAt: at, ...open }
}

/** The row of a walk after a page; `closed`: with it, the walk has come to its end. */
export function rowAfter(
  row: WalkRow,
  { parsed, rows }: Pick<PageSeen, 'parsed' | 'rows'>,
  position: Position,
  closed: { readonly ended: Ended; readonly at: number } | null,
): WalkRow {
  const last = parsed.at(-1)?.incoming.key
  return {
    ...row,
    closedAt: closed?.at ?? null,
    ended: closed?.ended ?? null,
    position,
    pages: row.pages + 1,
    records: row.records + rows,
    note: last === undefined ? row.note : `read down to key ${plainKey(last)}`,
  }
}

const UNREADABLE = 'the next page cannot be read'

/**
 * The row of a walk that stands before a page that can't be read; undefined: nothing is kept of one that has read nothing,
 * for its first page is the listing's. `before`: where a walk stood when this page could not be read before.
 */
export function brokenOff(
  row: WalkRow,
  position: Position,
  { isResumed, token, before }: { isResumed: boolean; token: Json | undefined; before: Position | undefined },
): (WalkRow & { readonly position: Position }) | undefined {
  if (row.closedAt !== null || (row.pages === 0 && !isResumed)) return undefined
  const stuck = token === undefined ? null : tokenText(token)
  const note = row.note.endsWith(UNREADABLE)
    ? row.note
    : [row.note, UNREADABLE].filter((part) => part !== '').join('; ')
  return { ...row, position: { ...position, stuck, below: before?.below ?? null }, ended: 'failed', note }
}

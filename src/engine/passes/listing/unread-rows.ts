// Owns counting the rows of a listing of which not even the key is certain. Each may be any record that the listing lacks,
// so a listing with such rows proves no absence; and each is one record more when what was read is compared with a total.
// Pages overlap, and a row that is met again must count once: it is told by its text. Pure.

import { hash } from 'node:crypto'
import type { Quarantined } from '../../../store/store.ts'

/** Rows that are remembered to recognise them; of a listing with more of them, those beyond count whenever they come. */
export const UNREAD_ROWS_MAX = 500

/** What a walk has met of such rows; survives JSON. */
export type UnreadRows = {
  /** How many there were. */
  readonly unreadable: number
  /** Their names, see `namesOf`. */
  readonly unread: readonly string[]
}

/** After a page with these rows in quarantine. */
export function unreadAfter({ unreadable, unread }: UnreadRows, quarantine: readonly Quarantined[]): UnreadRows {
  const known = new Set(unread)
  const found = namesOf(quarantine).filter((name) => !known.has(name))
  if (found.length === 0) return { unreadable, unread }
  return { unreadable: unreadable + found.length, unread: [...unread, ...found].slice(0, UNREAD_ROWS_MAX) }
}

/** A row has the name of its text; of rows of one page with the same text, each has its own. */
function namesOf(quarantine: readonly Quarantined[]): readonly string[] {
  const times = new Map<string, number>()
  return quarantine
    .filter(({ key }) => key === null)
    .map(({ raw }) => {
      const text = hash('sha256', raw, 'base64').slice(0, 16)
      const n = (times.get(text) ?? 0) + 1
      times.set(text, n)
      return n === 1 ? text : `${text}.${n}`
    })
}

// Owns the question which keys of the house open the secrets of a database, by their names; it needs none of them.

import { systemClock } from '../engine/system.ts'
import { marksOf } from '../secrets/envelopes.ts'
import { openSqliteStore } from '../store/sqlite.ts'
import type { Store } from '../store/store.ts'

/** Names of the keys under which all data keys of a file lie. */
export async function keysOf(file: string): Promise<readonly string[]> {
  const store = await openSqliteStore({ path: file, clock: systemClock, readOnly: true })
  try {
    return await keyNames(store)
  } finally {
    await store.close()
  }
}

export async function keyNames(store: Pick<Store, 'dataKeys'>): Promise<readonly string[]> {
  const each = (await store.dataKeys()).map(({ wrapped }) => marksOf(wrapped) ?? [])
  const [first = [], ...others] = each
  return first.filter((mark) => others.every((marks) => marks.includes(mark)))
}

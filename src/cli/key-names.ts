// Owns the question which keys open the secrets of a database file, by their names; it needs none of them.

import { systemClock } from '../engine/system.ts'
import { keyNames } from '../operations/keys.ts'
import { openSqliteStore } from '../store/sqlite.ts'

/** Names of the keys under which all data keys of a file lie. */
export async function keysOf(file: string): Promise<readonly string[]> {
  const store = await openSqliteStore({ path: file, clock: systemClock, readOnly: true })
  try {
    return await keyNames(store)
  } finally {
    await store.close()
  }
}

// Owns how a person names a record: by its key, and one of a blend by its identity in any spelling.

import { canonicalProfile } from '../model/profile-url.ts'
import type { Key } from '../model/record.ts'
import type { Store, StreamRow } from '../store/store.ts'

/** The key of the record that was named; the name as it is where there is no such record. */
export async function namedKey(
  store: Pick<Store, 'records'>,
  { no, shape }: Pick<StreamRow, 'no' | 'shape'>,
  given: string,
): Promise<Key> {
  // The keys of other streams are their source's own.
  return shape.table === undefined ? given : ((await blendedKey(store, no, given)) ?? given)
}

/** The key of a blend's record, live or removed; undefined: it has none of this identity. */
export async function blendedKey(
  { records }: Pick<Store, 'records'>,
  streamNo: number,
  given: string,
): Promise<Key | undefined> {
  const same = canonicalProfile(given)
  const found = await records.look(streamNo, [given, same])
  return [given, same].find((key) => found.has(key))
}

// Owns which records a batch has seen at the source, those included that could not be read. Pure; both stores go by it.

import type { Key } from '../model/record.ts'
import type { Batch } from './batch.ts'

/**
 * Keys that the source has just shown. A batch without a lease shows nothing: it carries what was seen at another time
 * (a text from quarantine), or what somebody says.
 */
export function listedKeys(batch: Batch): ReadonlySet<Key> {
  const { lease, inserts, updates, touches, seen, listed = [] } = batch
  if (lease === null) return new Set()
  return new Set([...inserts, ...updates, ...touches].map(({ key }) => key).concat(seen, listed))
}

/** Those of which nothing else could be read than their key. */
export function unreadKeys({ lease, quarantine }: Batch): readonly Key[] {
  return lease === null ? [] : quarantine.flatMap(({ key }) => key ?? [])
}

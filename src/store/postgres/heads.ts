// Owns how a page looks up the heads of its records.

import type { Head, Key } from '../../model/record.ts'
import { tableNames } from '../names.ts'
import type { RecordStore } from '../store.ts'
import type { Streams } from '../system/streams.ts'
import type { Connection } from './connection.ts'
import { driven } from './dialect.ts'

/** The columns of a head, as an array: `look` is asked for every record that is read. */
type HeadRow = readonly [
  key: Key,
  hash: string,
  order: number,
  ordinal: number,
  walk: number | null,
  missedBy: number | null,
  unavailableSince: number | null,
  firstSeenAt: number,
  removedAt: number | null,
]

export function heads(db: Connection, streams: Streams): RecordStore['look'] {
  return async (streamNo, keys) => {
    const { records, tombstones } = tableNames((await driven(db, streams.open(streamNo))).base)
    const found = new Map<Key, Head>()
    if (keys.length === 0) return found
    const part = (table: string, removedAt: string) =>
      `SELECT _key, _hash, _order, _ordinal, _walk, _missed_by, _unavailable_since, _first_seen_at, ${removedAt} FROM ${table}
       WHERE _stream = $1 AND _key = ANY($2::text[])`
    const sql = `${part(records, 'NULL::bigint')} UNION ALL ${part(tombstones, '_removed_at')}`
    for (const row of (await db.arrays(sql, [streamNo, keys])) as unknown as readonly HeadRow[]) {
      const [key, hash, order, ordinal, walk, missedBy, unavailableSince, firstSeenAt, removedAt] = row
      found.set(key, { hash, order, ordinal, walk, missedBy, unavailableSince, firstSeenAt, removedAt })
    }
    return found
  }
}

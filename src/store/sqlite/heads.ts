// Owns how a page looks up the heads of its records.

import type { Head, Key } from '../../model/record.ts'
import { tableNames } from '../names.ts'
import type { RecordStore } from '../store.ts'
import type { Streams } from '../system/streams.ts'
import type { Connection } from './connection.ts'
import { driven } from './dialect.ts'
import { KeysReader } from './rows.ts'

/** The columns of a head, as an array: `look` is asked for every record that is read. The last is a tombstone's. */
type HeadRow = readonly [
  key: Key,
  hash: string,
  order: number,
  ordinal: number,
  walk: number | null,
  missedBy: number | null,
  unavailableSince: number | null,
  firstSeenAt: number,
  removedAt?: number,
]

export function heads(db: Connection, streams: Streams): RecordStore['look'] {
  const readers = new Map<string, Readers>()
  return async (streamNo, keys) => {
    const { base } = driven(db, streams.open(streamNo))
    const found = new Map<Key, Head>()
    const take = (rows: readonly unknown[]) => {
      // By index: taking the rows apart as a pattern costs as much as reading them.
      for (const row of rows as readonly HeadRow[]) {
        found.set(row[0], {
          hash: row[1],
          order: row[2],
          ordinal: row[3],
          walk: row[4],
          missedBy: row[5],
          unavailableSince: row[6],
          firstSeenAt: row[7],
          removedAt: row[8] ?? null,
        })
      }
    }
    const { records, tombstones, anyTombstone } = readers.get(base) ?? readersOf(db, base)
    readers.set(base, { records, tombstones, anyTombstone })
    db.guard(() => records.read(streamNo, keys, take))
    if (found.size === keys.length || !db.get(anyTombstone, [streamNo])) return found
    const left = keys.filter((key) => !found.has(key))
    db.guard(() => tombstones.read(streamNo, left, take))
    return found
  }
}

interface Readers {
  readonly records: KeysReader
  readonly tombstones: KeysReader
  readonly anyTombstone: string
}

function readersOf(db: Connection, base: string): Readers {
  const { records, tombstones } = tableNames(base)
  const reader = (table: string, removedAt: string) => {
    const sql = `SELECT _key, _hash, _order, _ordinal, _walk, _missed_by, _unavailable_since, _first_seen_at${removedAt} FROM ${table}
      WHERE _stream = ? AND _key IN (KEYS)`
    return new KeysReader(db, sql, (statement) => statement.setReturnArrays(true))
  }
  return {
    records: reader(records, ''),
    tombstones: reader(tombstones, ', _removed_at'),
    anyTombstone: `SELECT 1 FROM ${tombstones} WHERE _stream = ? LIMIT 1`,
  }
}

// Owns what passes read of a stream: its state, heads and contents by key, what a walk has not seen.

import type { Json } from '../../model/json.ts'
import type { Head, Key } from '../../model/record.ts'
import { count, countOrNull, json, text, textOrNull } from '../cells.ts'
import { tableNames } from '../names.ts'
import type { Content, RecordStore, StreamStore, Unseen, WalkStore } from '../store.ts'
import { walkRow } from '../system-rows.ts'
import { knownTo } from '../walks.ts'
import { selected } from './column-names.ts'
import type { Connection } from './connection.ts'
import { equals } from './records.ts'
import type { Streams } from './streams.ts'
import { columnsOf, type Row, type Value } from './values.ts'

interface Reads {
  readonly streams: Pick<StreamStore, 'state'>
  readonly records: Omit<RecordStore, 'list' | 'orderedKeys' | 'keyDigits'>
  readonly walks: WalkStore
}

/** The columns of a head, as an array: `look` is asked for every record that is read. */
type HeadRow = readonly [
  key: Key,
  hash: string,
  order: number,
  ordinal: number,
  walk: number | null,
  missedBy: number | null,
  firstSeenAt: number,
  removedAt: number | null,
]

export function reads(db: Connection, streams: Streams): Reads {
  return {
    streams: {
      async state(streamNo, partition) {
        return db.reading(async (tx) => {
          const row = await tx.get(STATE, [streamNo, partition])
          const open = await tx.all(
            'SELECT * FROM tm_walks WHERE stream_no = $1 AND partition = $2 AND closed_at IS NULL ORDER BY walk',
            [streamNo, partition],
          )
          const fields = await tx.all('SELECT field FROM tm_fields WHERE stream_no = $1 ORDER BY field', [streamNo])
          const value = textOrNull(row?.['value'])
          return {
            value: value === null ? undefined : (json(value) as Json),
            openWalks: open.map(walkRow),
            nextWalk: count(row?.['next_walk']),
            held: count(row?.['held']),
            kept: count(row?.['kept']),
            fields: fields.map((field) => text(field['field'])),
          }
        })
      },
    },

    records: {
      async look(streamNo, keys) {
        const { base } = await streams.open(streamNo)
        const { records, tombstones } = tableNames(base)
        const heads = new Map<Key, Head>()
        if (keys.length === 0) return heads
        const part = (table: string, removedAt: string) =>
          `SELECT _key, _hash, _order, _ordinal, _walk, _missed_by, _first_seen_at, ${removedAt} FROM ${table}
           WHERE _stream = $1 AND _key = ANY($2::text[])`
        const sql = `${part(records, 'NULL::bigint')} UNION ALL ${part(tombstones, '_removed_at')}`
        for (const row of (await db.arrays(sql, [streamNo, keys])) as unknown as readonly HeadRow[]) {
          heads.set(row[0], {
            hash: row[1],
            order: row[2],
            ordinal: row[3],
            walk: row[4],
            missedBy: row[5],
            firstSeenAt: row[6],
            removedAt: row[7],
          })
        }
        return heads
      },

      async contents(streamNo, keys) {
        const { base, shape } = await streams.open(streamNo)
        const { records, tombstones } = tableNames(base)
        const contents = new Map<Key, Content>()
        if (keys.length === 0) return contents
        const names = shape.columns.map(({ name }) => `, ${selected(name)}`).join('')
        const part = (table: string) =>
          `SELECT _key, _ordinal, _raw${names} FROM ${table} WHERE _stream = $1 AND _key = ANY($2::text[])`
        for (const row of await db.all(`${part(records)} UNION ALL ${part(tombstones)}`, [streamNo, keys])) {
          contents.set(text(row['_key']), {
            raw: text(row['_raw']),
            columns: columnsOf(row, shape.columns),
            ordinal: count(row['_ordinal']),
          })
        }
        return contents
      },

      async pastHashes(streamNo, keys) {
        const { base } = await streams.open(streamNo)
        if (keys.length === 0) return new Map()
        const sql = `SELECT _key, _hash FROM ${tableNames(base).versions} WHERE _stream = $1 AND _key = ANY($2::text[])`
        return hashesByKey(await db.all(sql, [streamNo, keys]))
      },

      async keysWhere(streamNo, column, values, limit) {
        const { base, shape } = await streams.open(streamNo)
        const bound: Value[] = [streamNo, limit]
        const condition = equals(shape, `r`, column, values, (value) => `$${bound.push(value)}`)
        const sql = `SELECT r._key FROM ${tableNames(base).records} r WHERE r._stream = $1 AND ${condition}
          ORDER BY r._key LIMIT $2`
        return (await db.all(sql, bound)).map((row) => text(row['_key']))
      },
    },

    walks: {
      async unseen({ after, limit, ...query }: Unseen) {
        const { base } = await streams.open(query.streamNo)
        const values: Value[] = [query.streamNo, query.walk, limit]
        const behind = after === null ? '' : `AND r._key > $${values.push(after)}`
        const sql = `SELECT r._key, r._ordinal, r._missed_by ${unseenFrom(base)} ${behind} ORDER BY r._key LIMIT $3`
        return (await db.all(sql, values)).map((row) => ({
          key: text(row['_key']),
          ordinal: count(row['_ordinal']),
          missedBy: countOrNull(row['_missed_by']),
        }))
      },

      async countUnseen({ streamNo, walk }) {
        const { base } = await streams.open(streamNo)
        const sql = `SELECT (SELECT count(*) ${unseenFrom(base)}) AS unseen,
          (SELECT total_records FROM tm_streams WHERE no = $1) AS live`
        const row = await db.get(sql, [streamNo, walk])
        return { unseen: count(row?.['unseen']), live: count(row?.['live']) }
      },

      async countSeen(streamNo, walk) {
        return count(
          await db.value('SELECT count(*) FROM tm_seen WHERE stream_no = $1 AND walk = $2', [streamNo, walk]),
        )
      },

      async seenOf(streamNo, walk, keys) {
        if (keys.length === 0) return new Set()
        const sql = 'SELECT key FROM tm_seen WHERE stream_no = $1 AND walk = $2 AND key = ANY($3::text[])'
        return new Set((await db.all(sql, [streamNo, walk, keys])).map((row) => text(row['key'])))
      },
    },
  }
}

function hashesByKey(rows: readonly Row[]): ReadonlyMap<Key, readonly string[]> {
  const found = Map.groupBy(rows, (row) => text(row['_key']))
  return new Map([...found].map(([key, versions]) => [key, versions.map((row) => text(row['_hash']))]))
}

const STATE = `SELECT s.next_walk,
    (SELECT value FROM tm_states WHERE stream_no = s.no AND partition = $2) AS value,
    (SELECT count(*) FROM tm_held WHERE stream_no = s.no) AS held,
    (SELECT count(*) FROM tm_kept WHERE stream_no = s.no) AS kept
  FROM tm_streams s WHERE s.no = $1`

/** Looked up key by key: as a join, it would be planned by what is not known of either table while they grow. */
function unseenFrom(base: string): string {
  return `FROM ${tableNames(base).records} r WHERE r._stream = $1 AND r._id <= ${knownTo('$1', '$2')}
    AND (SELECT 1 FROM tm_seen s WHERE s.stream_no = $1 AND s.walk = $2 AND s.key = r._key) IS NULL`
}

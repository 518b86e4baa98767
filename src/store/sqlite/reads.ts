// Owns what passes read of a stream: its state, heads and contents by key, what a walk has not seen.

import type { Json } from '../../model/json.ts'
import type { Head, Key } from '../../model/record.ts'
import { count, countOrNull, json, text } from '../cells.ts'
import { quote, tableNames } from '../names.ts'
import type { Content, RecordStore, StreamState, StreamStore, Unseen, WalkStore } from '../store.ts'
import { walkRow } from '../system-rows.ts'
import { knownTo } from '../walks.ts'
import type { Connection } from './connection.ts'
import { columnSql, columnsOf } from './records.ts'
import { KeysReader } from './rows.ts'
import type { OpenStream, Streams } from './streams.ts'

type Part = Pick<StreamStore, 'state'> & WalkStore & Omit<RecordStore, 'list' | 'orderedKeys' | 'keyDigits'>

/** The columns of a head, as an array: `look` is asked for every record that is read. The last is a tombstone's. */
type HeadRow = readonly [
  key: Key,
  hash: string,
  order: number,
  ordinal: number,
  walk: number | null,
  missedBy: number | null,
  firstSeenAt: number,
  removedAt?: number,
]

export class Reads implements Part {
  readonly #db: Connection
  readonly #streams: Streams
  readonly #heads = new Map<string, Readers>()

  constructor(db: Connection, streams: Streams) {
    this.#db = db
    this.#streams = streams
  }

  async state(streamNo: number, partition: string): Promise<StreamState> {
    const db = this.#db
    return db.reading(() => {
      const value = db.value('SELECT value FROM tm_states WHERE stream_no = ? AND partition = ?', [streamNo, partition])
      const open = db.all(
        'SELECT * FROM tm_walks WHERE stream_no = ? AND partition = ? AND closed_at IS NULL ORDER BY walk',
        [streamNo, partition],
      )
      return {
        value: value === undefined ? undefined : (json(value) as Json),
        openWalks: open.map(walkRow),
        nextWalk: count(db.value('SELECT next_walk FROM tm_streams WHERE no = ?', [streamNo])),
        held: count(db.value('SELECT count(*) FROM tm_held WHERE stream_no = ?', [streamNo])),
        kept: count(db.value('SELECT count(*) FROM tm_kept WHERE stream_no = ?', [streamNo])),
        fields: db.all('SELECT field FROM tm_fields WHERE stream_no = ?', [streamNo]).map((row) => text(row['field'])),
      }
    })
  }

  async look(streamNo: number, keys: readonly Key[]): Promise<ReadonlyMap<Key, Head>> {
    const heads = new Map<Key, Head>()
    const take = (rows: readonly unknown[]) => {
      // By index: taking the rows apart as a pattern costs as much as reading them.
      for (const row of rows as readonly HeadRow[]) {
        heads.set(row[0], {
          hash: row[1],
          order: row[2],
          ordinal: row[3],
          walk: row[4],
          missedBy: row[5],
          firstSeenAt: row[6],
          removedAt: row[7] ?? null,
        })
      }
    }
    const { records, tombstones, anyTombstone } = this.#readers(this.#streams.open(streamNo))
    this.#db.guard(() => records.read(streamNo, keys, take))
    if (heads.size < keys.length && this.#db.get(anyTombstone, [streamNo])) {
      this.#db.guard(() =>
        tombstones.read(
          streamNo,
          keys.filter((key) => !heads.has(key)),
          take,
        ),
      )
    }
    return heads
  }

  #readers({ base }: OpenStream): Readers {
    const kept = this.#heads.get(base)
    if (kept) return kept
    const { records, tombstones } = tableNames(base)
    const sql = (table: string, removedAt: string) =>
      `SELECT _key, _hash, _order, _ordinal, _walk, _missed_by, _first_seen_at${removedAt} FROM ${table}
       WHERE _stream = ? AND _key IN (KEYS)`
    const readers = {
      records: new KeysReader(this.#db, sql(records, ''), (statement) => statement.setReturnArrays(true)),
      tombstones: new KeysReader(this.#db, sql(tombstones, ', _removed_at'), (statement) =>
        statement.setReturnArrays(true),
      ),
      anyTombstone: `SELECT 1 FROM ${tombstones} WHERE _stream = ? LIMIT 1`,
    }
    this.#heads.set(base, readers)
    return readers
  }

  async contents(streamNo: number, keys: readonly Key[]): Promise<ReadonlyMap<Key, Content>> {
    const { base, shape } = this.#streams.open(streamNo)
    const { records, tombstones } = tableNames(base)
    const names = shape.columns.map(({ name }) => `, ${quote(name)}`).join('')
    const contents = new Map<Key, Content>()
    for (const table of [records, tombstones]) {
      const sql = `SELECT _key, _ordinal, _raw${names} FROM ${table} WHERE _stream = ? AND _key = ?`
      for (const key of keys) {
        const row = contents.has(key) ? undefined : this.#db.get(sql, [streamNo, key])
        if (!row) continue
        contents.set(key, { raw: text(row['_raw']), columns: columnsOf(row, shape), ordinal: count(row['_ordinal']) })
      }
      if (contents.size === keys.length) break
    }
    return contents
  }

  async unseen({ after, limit, ...query }: Unseen) {
    const from = this.#unseenFrom(query.streamNo, after !== null)
    const values = [query.streamNo, query.walk, limit, ...(after === null ? [] : [after])]
    const sql = `SELECT r._key, r._ordinal, r._missed_by ${from} ORDER BY k._key LIMIT ?3`
    return this.#db.all(sql, [...values]).map((row) => ({
      key: text(row['_key']),
      ordinal: count(row['_ordinal']),
      missedBy: countOrNull(row['_missed_by']),
    }))
  }

  async countUnseen({ streamNo, walk }: Omit<Unseen, 'after' | 'limit'>) {
    const db = this.#db
    return db.reading(() => ({
      unseen: count(db.value(`SELECT count(*) ${this.#unseenFrom(streamNo, false)}`, [streamNo, walk])),
      live: count(db.value('SELECT total_records FROM tm_streams WHERE no = ?', [streamNo])),
    }))
  }

  /** Asks the index of keys first, and only for those that were not seen the record itself. */
  #unseenFrom(streamNo: number, after: boolean): string {
    const { base } = this.#streams.open(streamNo)
    const { records } = tableNames(base)
    return `FROM ${records} k INDEXED BY "tm_rk_${base}" CROSS JOIN ${records} r ON r._id = k._id
      WHERE k._stream = ?1 ${after ? 'AND k._key > ?4' : ''}
        AND NOT EXISTS (SELECT 1 FROM tm_seen s WHERE s.stream_no = ?1 AND s.walk = ?2 AND s.key = k._key)
        AND k._id <= ${knownTo('?1', '?2')}`
  }

  async countSeen(streamNo: number, walk: number): Promise<number> {
    return count(this.#db.value('SELECT count(*) FROM tm_seen WHERE stream_no = ? AND walk = ?', [streamNo, walk]))
  }

  async seenOf(streamNo: number, walk: number, keys: readonly Key[]): Promise<ReadonlySet<Key>> {
    const sql = 'SELECT 1 FROM tm_seen WHERE stream_no = ? AND walk = ? AND key = ?'
    return new Set(keys.filter((key) => this.#db.value(sql, [streamNo, walk, key]) !== undefined))
  }

  async pastHashes(streamNo: number, keys: readonly Key[]): Promise<ReadonlyMap<Key, readonly string[]>> {
    const { versions } = tableNames(this.#streams.open(streamNo).base)
    const sql = `SELECT _hash FROM ${versions} WHERE _stream = ? AND _key = ?`
    const past = new Map<Key, readonly string[]>()
    for (const key of keys) {
      const hashes = this.#db.all(sql, [streamNo, key]).map((row) => text(row['_hash']))
      if (hashes.length > 0) past.set(key, hashes)
    }
    return past
  }

  async keysWhere(streamNo: number, column: string, values: readonly string[], limit: number): Promise<readonly Key[]> {
    const stream = this.#streams.open(streamNo)
    const list = values.map(() => '?').join(', ')
    const sql = `SELECT _key FROM ${tableNames(stream.base).records}
      WHERE _stream = ? AND ${columnSql(stream.shape, column)} IN (${list}) ORDER BY _key LIMIT ?`
    return this.#db.all(sql, [streamNo, ...values, limit]).map((row) => text(row['_key']))
  }
}

interface Readers {
  readonly records: KeysReader
  readonly tombstones: KeysReader
  readonly anyTombstone: string
}

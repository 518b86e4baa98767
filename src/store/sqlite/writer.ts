// Owns the statements that write one stream's tables. Where many rows are alike they go in by the hundred; content that
// is moved from table to table never leaves the database.

import type { StatementSync } from 'node:sqlite'
import type { Incoming, StreamShape } from '../../model/record.ts'
import { metricColumns, OPS, quote, tableNames } from '../names.ts'
import type { Batch, Superseded, Touch, Update } from '../store.ts'
import type { Connection, Value } from './connection.ts'
import { KeysReader, RowWriter } from './rows.ts'
import { CellBinder } from './values.ts'

/** Where a write comes from: stands in every row, for `explain`. */
export type Origin = Pick<Batch, 'streamNo' | 'runNo' | 'page' | 'at' | 'day'>

const THIS = 'WHERE _stream = ? AND _key = ? AND _ordinal = ?'

export class StreamWriter {
  readonly #db: Connection
  readonly #cells: CellBinder
  readonly #metrics: CellBinder
  readonly #inserts: RowWriter
  readonly #snapshots: RowWriter
  readonly #ids: KeysReader
  readonly #sql: Readonly<Record<Statement, string>>
  readonly #statements = new Map<Statement, StatementSync>()

  constructor(db: Connection, base: string, shape: StreamShape) {
    this.#db = db
    this.#cells = new CellBinder(shape.columns)
    this.#metrics = new CellBinder(metricColumns(shape))
    const columns = shape.columns.map(({ name }) => `${quote(name)}, `).join('')
    const cells = '?, '.repeat(shape.columns.length)
    const { records, snapshots } = tableNames(base)
    this.#inserts = new RowWriter(db, {
      head: `INSERT INTO ${records} (_stream, _key, _hash, _order, _ordinal, _op, _walk, _first_seen_at, _updated_at, _run, _page,
        ${columns}_raw)`,
      row: `(?, ?, ?, ?, 1, ${OPS.insert}, ?, ?, ?, ?, ?, ${cells}?)`,
      tail: 'ON CONFLICT (_stream, _key) DO NOTHING',
    })
    const metrics = shape.metrics.map(quote)
    this.#snapshots = new RowWriter(db, {
      head: `INSERT OR REPLACE INTO ${snapshots} (${['_record', '_day', '_run', '_at', ...metrics].join(', ')})`,
      row: `(?, ?, ?, ?${', ?'.repeat(metrics.length)})`,
    })
    const ids = (table: string) => `SELECT _key, _id FROM ${table} WHERE _stream = ? AND _key IN (KEYS)`
    this.#ids = new KeysReader(db, ids(records), (statement) => statement.setReturnArrays(true))
    this.#sql = statements(base, shape)
  }

  /** False: one of the keys was there already, or is a tombstone. */
  insert({ streamNo, at, runNo, page }: Origin, walk: number | null, inserts: readonly Incoming[]): boolean {
    const written = this.#inserts.write(inserts, (values, { key, hash, order, cells, raw }) => {
      values.push(streamNo, key, hash, order, walk, at, at, runNo, page)
      this.#cells.push(values, cells)
      values.push(raw)
    })
    if (written !== inserts.length) return false
    if (this.#one('anyTombstone').get(streamNo) === undefined) return true
    return inserts.every(({ key }) => this.#one('tombstone').get(streamNo, key) === undefined)
  }

  /** The change rows of the records that were inserted one after the other, the first behind this id. */
  feedInserts({ streamNo, at, runNo }: Origin, projectNo: number, seq: number, afterId: number, count: number): void {
    this.#one('feedInserts').run(projectNo, seq - afterId, at, runNo, afterId, afterId + count, streamNo)
  }

  /** The highest id there is; ids grow, and nobody else inserts while the transaction lasts. */
  lastId(): number {
    const row = this.#one('lastId').get() as { id: number } | undefined
    return row?.id ?? 0
  }

  /** False: the record is not live, or not as expected. */
  update({ streamNo, at, runNo, page }: Origin, update: Update): boolean {
    const { key, hash, order, cells, raw, expect, version, walk } = update
    if (version && !this.#changedOne('supersede', streamNo, key, expect)) return false
    const values: Value[] = [hash, order, walk, at, runNo, page]
    this.#cells.push(values, cells)
    return this.#changedOne('update', ...values, raw, streamNo, key, expect)
  }

  /** False: the record is not a tombstone, or not as expected. */
  restore({ streamNo, at, runNo, page }: Origin, update: Update): boolean {
    const { key, hash, order, cells, raw, expect, walk } = update
    // That the record was gone for a while is part of its history.
    if (!this.#changedOne('supersedeTombstone', streamNo, key, expect)) return false
    const values: Value[] = [hash, order, walk, at, runNo, page]
    this.#cells.push(values, cells)
    this.#one('restore').run(...values, raw, streamNo, key, expect)
    return this.#changedOne('dropTombstone', streamNo, key, expect)
  }

  /** False: the record is not a tombstone, or not as expected. */
  revive({ streamNo, at, runNo, page }: Origin, { key, expect }: Touch): boolean {
    if (!this.#changedOne('supersedeTombstone', streamNo, key, expect)) return false
    this.#one('revive').run(at, runNo, page, streamNo, key, expect)
    return this.#changedOne('dropTombstone', streamNo, key, expect)
  }

  remove({ streamNo, at, runNo, page }: Origin, { key, expect, reason }: Batch['removals'][number]): boolean {
    if (!this.#changedOne('supersede', streamNo, key, expect)) return false
    this.#one('remove').run(runNo, page, at, reason, streamNo, key, expect)
    return this.#changedOne('dropRecord', streamNo, key, expect)
  }

  /** False: the record is not as expected, or its history has this text already. */
  keepSuperseded({ streamNo, at, runNo, page }: Origin, { key, hash, order, cells, raw, expect, reason }: Superseded) {
    const values: Value[] = [streamNo, key, expect, at, reason, runNo, page, hash, order]
    this.#cells.push(values, cells)
    return this.#changedOne('superseded', ...values, raw)
  }

  touch({ streamNo }: Origin, { key, expect, walk }: Batch['touches'][number]): boolean {
    return this.#changedOne('touch', walk, streamNo, key, expect)
  }

  miss({ streamNo }: Origin, walk: number | null, { key, expect }: Touch): boolean {
    return this.#changedOne('miss', walk, streamNo, key, expect)
  }

  markUnavailable({ streamNo, at }: Origin, { key, expect }: Touch): boolean {
    return this.#changedOne('markUnavailable', at, streamNo, key, expect)
  }

  /** Snapshots of live records; `since` is the day of the run's first ones, when that was an earlier day. */
  snapshot({ streamNo, at, runNo, day }: Origin, snapshots: Batch['snapshots'], since: string | undefined): void {
    const ids = new Map<string, number>()
    this.#ids.read(
      streamNo,
      snapshots.map(({ key }) => key),
      (rows) => {
        for (const [key, id] of rows as [string, number][]) ids.set(key, id)
      },
    )
    const live = snapshots.filter(({ key }) => ids.has(key))
    // A run that passes midnight counts where it ends.
    if (since !== undefined)
      for (const { key } of live) this.#one('forgetSnapshots').run(ids.get(key) as number, since, day, runNo)
    this.#snapshots.write(live, (values, { key, values: metrics }) => {
      values.push(ids.get(key) as number, day, runNo, at)
      this.#metrics.push(values, metrics)
    })
  }

  #changedOne(statement: Statement, ...values: Value[]): boolean {
    return this.#one(statement).run(...values).changes === 1
  }

  #one(name: Statement): StatementSync {
    const kept = this.#statements.get(name)
    if (kept) return kept
    const statement = this.#db.prepare(this.#sql[name])
    this.#statements.set(name, statement)
    return statement
  }
}

type Statement = keyof ReturnType<typeof statements>

function statements(base: string, shape: StreamShape) {
  const { records, tombstones, versions, snapshots } = tableNames(base)
  const names = shape.columns.map(({ name }) => quote(name))
  const columns = names.map((name) => `${name}, `).join('')
  const set = names.map((name) => `${name} = ?, `).join('')
  const cells = names.map(() => '?, ').join('')
  const version = `INSERT INTO ${versions} (_stream, _key, _ordinal, _op, _at, _reason, _run, _page, _hash, _order, ${columns}_raw)`
  const identity = '_id, _stream, _key, _hash, _order'
  return {
    anyTombstone: `SELECT 1 FROM ${tombstones} WHERE _stream = ? LIMIT 1`,
    tombstone: `SELECT 1 FROM ${tombstones} WHERE _stream = ? AND _key = ?`,
    lastId: `SELECT seq AS id FROM sqlite_sequence WHERE name = 'tm_r_${base}'`,
    feedInserts: `INSERT INTO tm_changes (project_no, seq, stream_no, op, at, run_no, ordinal, key)
      SELECT ?1, ?2 + _id, ?7, ${OPS.insert}, ?3, ?4, 1, _key FROM ${records} WHERE _id > ?5 AND _id <= ?6`,
    supersede: `${version} SELECT _stream, _key, _ordinal, _op, _updated_at, NULL, _run, _page, _hash, _order, ${columns}_raw
      FROM ${records} ${THIS}`,
    supersedeTombstone: `${version} SELECT _stream, _key, _ordinal, _op, _removed_at, _removed_reason, _run, _page, _hash, _order,
      ${columns}_raw FROM ${tombstones} ${THIS}`,
    superseded: `${version} SELECT ?1, ?2, (SELECT min(0, coalesce(min(_ordinal), 0)) - 1 FROM ${versions}
        WHERE _stream = ?1 AND _key = ?2), ${OPS.superseded}, ?4, ?5, ?6, ?7, ?8, ?9, ${cells}?
      WHERE coalesce((SELECT _ordinal FROM ${records} WHERE _stream = ?1 AND _key = ?2),
          (SELECT _ordinal FROM ${tombstones} WHERE _stream = ?1 AND _key = ?2)) = ?3
        AND NOT EXISTS (SELECT 1 FROM ${versions} WHERE _stream = ?1 AND _key = ?2 AND _hash = ?8 AND _op = ${OPS.superseded})`,
    update: `UPDATE ${records} SET _hash = ?, _order = ?, _ordinal = _ordinal + 1, _op = ${OPS.update}, _walk = ?,
      _missed_by = NULL, _unavailable_since = NULL, _updated_at = ?, _run = ?, _page = ?, ${set}_raw = ? ${THIS}`,
    restore: `INSERT INTO ${records} (${identity}, _ordinal, _op, _walk, _first_seen_at, _updated_at, _run, _page, ${columns}_raw)
      SELECT _id, _stream, _key, ?, ?, _ordinal + 1, ${OPS.restore}, ?, _first_seen_at, ?, ?, ?, ${cells}? FROM ${tombstones} ${THIS}`,
    revive: `INSERT INTO ${records} (${identity}, _ordinal, _op, _walk, _first_seen_at, _updated_at, _run, _page, ${columns}_raw)
      SELECT ${identity}, _ordinal + 1, ${OPS.restore}, NULL, _first_seen_at, ?, ?, ?, ${columns}_raw FROM ${tombstones} ${THIS}`,
    dropTombstone: `DELETE FROM ${tombstones} ${THIS}`,
    remove: `INSERT INTO ${tombstones} (${identity}, _ordinal, _op, _walk, _first_seen_at, _updated_at, _run, _page, _removed_at,
      _removed_reason, ${columns}_raw)
      SELECT ${identity}, _ordinal + 1, ${OPS.remove}, _walk, _first_seen_at, _updated_at, ?, ?, ?, ?, ${columns}_raw
      FROM ${records} ${THIS}`,
    dropRecord: `DELETE FROM ${records} ${THIS}`,
    touch: `UPDATE ${records} SET _walk = ?, _missed_by = NULL, _unavailable_since = NULL ${THIS}`,
    miss: `UPDATE ${records} SET _missed_by = ? ${THIS}`,
    markUnavailable: `UPDATE ${records} SET _unavailable_since = coalesce(_unavailable_since, ?) ${THIS}`,
    forgetSnapshots: `DELETE FROM ${snapshots} WHERE _record = ? AND _day >= ? AND _day < ? AND _run = ?`,
  }
}

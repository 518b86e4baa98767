// Owns the statements that write one stream's tables: one for all the inserts of a page, one for all its updates, and so
// on. Rows go in as one array per column; content that is moved from table to table never leaves the database.

import type { Cell, Incoming, StreamShape } from '../../model/record.ts'
import { metricColumns, OPS, tableNames } from '../names.ts'
import type { Param } from '../statements.ts'
import type { Batch, Superseded, Touch, Update } from '../store.ts'
import type { Queries } from './connection.ts'
import { columnArrays, SQL_TYPES, stored, textArray } from './values.ts'

/** Where a write comes from: stands in every row, for `explain`. */
export type Origin = Pick<Batch, 'streamNo' | 'runNo' | 'page' | 'at' | 'day'>

/** Each method says how many rows it changed; fewer than it was given means that one of them was not as expected. */
export class StreamWriter {
  readonly #shape: StreamShape
  readonly #sql: ReturnType<typeof statements>

  constructor(base: string, shape: StreamShape) {
    this.#shape = shape
    this.#sql = statements(base, shape)
  }

  /** Neither live records nor tombstones have the keys. */
  async insert(tx: Queries, { streamNo, at, runNo, page }: Origin, walk: number | null, inserts: readonly Incoming[]) {
    return tx.run(this.#sql.insert, [streamNo, at, runNo, page, walk, ...this.#contents(inserts)])
  }

  async update(tx: Queries, { streamNo, at, runNo, page }: Origin, updates: readonly Update[]) {
    return tx.run(this.#sql.update, [
      streamNo,
      at,
      runNo,
      page,
      updates.map(({ version }) => Number(version)),
      ...this.#changes(updates),
    ])
  }

  async restore(tx: Queries, { streamNo, at, runNo, page }: Origin, updates: readonly Update[]) {
    return tx.run(this.#sql.restore, [streamNo, at, runNo, page, ...this.#changes(updates)])
  }

  async revive(tx: Queries, { streamNo, at, runNo, page }: Origin, revivals: readonly Touch[]) {
    return tx.run(this.#sql.revive, [streamNo, at, runNo, page, ...expected(revivals)])
  }

  async remove(tx: Queries, { streamNo, at, runNo, page }: Origin, removals: Batch['removals']) {
    const reasons = removals.map(({ reason }) => reason)
    return tx.run(this.#sql.remove, [streamNo, at, runNo, page, ...expected(removals), reasons])
  }

  /** Not those whose text the history has as a superseded one already. */
  async keepSuperseded(tx: Queries, { streamNo, at, runNo, page }: Origin, superseded: readonly Superseded[]) {
    const expects = superseded.map(({ expect }) => expect)
    const reasons = superseded.map(({ reason }) => reason)
    return tx.run(this.#sql.superseded, [streamNo, at, runNo, page, expects, reasons, ...this.#contents(superseded)])
  }

  async touch(tx: Queries, { streamNo }: Origin, touches: Batch['touches']) {
    return tx.run(this.#sql.touch, [streamNo, ...expected(touches), touches.map(({ walk }) => walk)])
  }

  async miss(tx: Queries, { streamNo }: Origin, walk: number | null, missed: readonly Touch[]) {
    return tx.run(this.#sql.miss, [streamNo, ...expected(missed), walk])
  }

  async markUnavailable(tx: Queries, { streamNo, at }: Origin, touches: readonly Touch[]) {
    return tx.run(this.#sql.markUnavailable, [streamNo, ...expected(touches), at])
  }

  /** Snapshots of live records; `since` is the day of the run's first ones, when that was an earlier day. */
  async snapshot(
    tx: Queries,
    { streamNo, at, runNo, day }: Origin,
    snapshots: Batch['snapshots'],
    since: string | undefined,
  ): Promise<void> {
    // Of one record the last values stand.
    const last = new Map(snapshots.map(({ key, values }) => [key, values as readonly Cell[]]))
    const keys = [...last.keys()]
    // A run that passes midnight counts where it ends.
    if (since !== undefined) await tx.run(this.#sql.forgetSnapshots, [streamNo, keys, since, day, runNo])
    const metrics = columnArrays(metricColumns(this.#shape), [...last.values()])
    await tx.run(this.#sql.snapshot, [streamNo, day, runNo, at, keys, ...metrics])
  }

  #contents(rows: readonly Incoming[]): readonly Param[] {
    return [
      textArray(rows.map(({ key }) => key)),
      textArray(rows.map(({ hash }) => hash)),
      rows.map(({ order }) => order),
      textArray(rows.map(({ raw }) => raw)),
      ...columnArrays(
        this.#shape.columns,
        rows.map(({ cells }) => cells),
      ),
    ]
  }

  #changes(updates: readonly Update[]): readonly Param[] {
    return [updates.map(({ expect }) => expect), updates.map(({ walk }) => walk), ...this.#contents(updates)]
  }
}

function expected(touches: readonly Touch[]): readonly Param[] {
  return [touches.map(({ key }) => key), touches.map(({ expect }) => expect)]
}

const IDENTITY = ['_id', '_stream', '_key', '_hash', '_order'].join(', ')
const MOVED = '_ordinal, _op, _walk, _first_seen_at, _updated_at, _run, _page'

/**
 * Keys are looked up one by one, in subqueries that can't be planned otherwise, and rows then found by their ids. Of a
 * table that is growing in its first minute the planner knows nothing: given a choice, it would read all of a stream for
 * every page.
 */
function statements(base: string, shape: StreamShape) {
  const { records, tombstones, versions, snapshots } = tableNames(base)
  const names = shape.columns.map(({ name }) => stored(name))
  const columns = names.map((name) => `${name}, `).join('')
  const of = (alias: string) => names.map((name) => `${alias}.${name}, `).join('')
  /** Rows of arrays: the first of which is the parameter of this number. Own columns are c0, c1, …: they may have any name. */
  const rows = (first: number, list: readonly (readonly [name: string, type: string])[]) =>
    `unnest(${list.map(([, type], i) => `$${first + i}::${type}[]`).join(', ')}) AS u(${list.map(([name]) => name).join(', ')})`
  const contents = [
    ['k', 'text'],
    ['hash', 'text'],
    ['ord', 'double precision'],
    ['raw', 'text'],
    ...shape.columns.map(({ type }, i) => [`c${i}`, SQL_TYPES[type]] as const),
  ] as const
  const changes = [['expect', 'bigint'], ['walk', 'bigint'], ...contents] as const
  const cells = shape.columns.map((_, i) => `u.c${i}, `).join('')
  const touched = [
    ['k', 'text'],
    ['expect', 'bigint'],
  ] as const
  /** The rows with the ids that their keys have in a table. */
  const found = (table: string, first: number, list: readonly (readonly [name: string, type: string])[]) =>
    `u AS MATERIALIZED (SELECT u.*, (SELECT _id FROM ${table} WHERE _stream = $1 AND _key = u.k) AS id FROM ${rows(first, list)})`
  const match = (alias: string) => `${alias}._id = u.id AND ${alias}._ordinal = u.expect`
  const version = `INSERT INTO ${versions} (_stream, _key, _ordinal, _op, _at, _reason, _run, _page, _hash, _order, ${columns}_raw)`
  const supersede = (alias: string, at: string, reason: string) => `${version}
    SELECT ${alias}._stream, ${alias}._key, ${alias}._ordinal, ${alias}._op, ${alias}.${at}, ${reason}, ${alias}._run, ${alias}._page,
      ${alias}._hash, ${alias}._order, ${of(alias)}${alias}._raw`
  const live = `INSERT INTO ${records} (${IDENTITY}, ${MOVED}, ${columns}_raw)`
  /** Tombstones that come back: the content that they had is part of the history. */
  const back = `gone AS (DELETE FROM ${tombstones} t USING u WHERE ${match('t')} RETURNING t.*),
    old AS (${supersede('g', '_removed_at', 'g._removed_reason')} FROM gone g)`
  const metrics = metricColumns(shape)
  const metricNames = metrics.map(({ name }) => `, ${stored(name)}`).join('')
  const measured = [['k', 'text'], ...metrics.map(({ type }, i) => [`m${i}`, SQL_TYPES[type]] as const)] as const
  return {
    insert: `INSERT INTO ${records} (_stream, _key, _hash, _order, _ordinal, _op, _walk, _first_seen_at, _updated_at, _run, _page,
        ${columns}_raw)
      SELECT $1::bigint, u.k, u.hash, u.ord, 1, ${OPS.insert}, $5::bigint, $2::bigint, $2::bigint, $3::bigint, $4::bigint, ${cells}u.raw
      FROM ${rows(6, contents)}
      WHERE (SELECT 1 FROM ${tombstones} t WHERE t._stream = $1::bigint AND t._key = u.k) IS NULL
      ON CONFLICT (_stream, _key) DO NOTHING`,
    superseded: `${version} SELECT $1::bigint, u.k,
        least(0, coalesce((SELECT min(_ordinal) FROM ${versions} WHERE _stream = $1::bigint AND _key = u.k), 0)) - 1,
        ${OPS.superseded}, $2::bigint, u.reason, $3::bigint, $4::bigint, u.hash, u.ord, ${cells}u.raw
      FROM ${rows(5, [['expect', 'bigint'], ['reason', 'text'], ...contents])}
      WHERE coalesce((SELECT _ordinal FROM ${records} WHERE _stream = $1::bigint AND _key = u.k),
          (SELECT _ordinal FROM ${tombstones} WHERE _stream = $1::bigint AND _key = u.k)) = u.expect
        AND (SELECT 1 FROM ${versions} WHERE _stream = $1::bigint AND _key = u.k AND _hash = u.hash AND _op = ${OPS.superseded}
          LIMIT 1) IS NULL`,
    update: `WITH ${found(records, 5, [['version', 'smallint'], ...changes])},
      old AS (${supersede('r', '_updated_at', 'NULL')} FROM ${records} r JOIN u ON ${match('r')} WHERE u.version = 1)
      UPDATE ${records} r SET _hash = u.hash, _order = u.ord, _ordinal = r._ordinal + 1, _op = ${OPS.update}, _walk = u.walk,
        _missed_by = NULL, _unavailable_since = NULL, _updated_at = $2::bigint, _run = $3::bigint, _page = $4::bigint,
        ${names.map((name, i) => `${name} = u.c${i}, `).join('')}_raw = u.raw
      FROM u WHERE ${match('r')}`,
    restore: `WITH ${found(tombstones, 5, changes)}, ${back}
      ${live} SELECT g._id, g._stream, g._key, u.hash, u.ord, g._ordinal + 1, ${OPS.restore}, u.walk, g._first_seen_at,
        $2::bigint, $3::bigint, $4::bigint, ${cells}u.raw FROM gone g JOIN u ON u.id = g._id`,
    revive: `WITH ${found(tombstones, 5, touched)}, ${back}
      ${live} SELECT g._id, g._stream, g._key, g._hash, g._order, g._ordinal + 1, ${OPS.restore}, NULL, g._first_seen_at,
        $2::bigint, $3::bigint, $4::bigint, ${of('g')}g._raw FROM gone g`,
    remove: `WITH ${found(records, 5, [...touched, ['reason', 'text']])},
      gone AS (DELETE FROM ${records} r USING u WHERE ${match('r')} RETURNING r.*, u.reason AS "_reason"),
      old AS (${supersede('g', '_updated_at', 'NULL')} FROM gone g)
      INSERT INTO ${tombstones} (${IDENTITY}, ${MOVED}, _removed_at, _removed_reason, ${columns}_raw)
      SELECT g._id, g._stream, g._key, g._hash, g._order, g._ordinal + 1, ${OPS.remove}, g._walk, g._first_seen_at,
        g._updated_at, $3::bigint, $4::bigint, $2::bigint, g._reason, ${of('g')}g._raw FROM gone g`,
    touch: `WITH ${found(records, 2, [...touched, ['walk', 'bigint']])}
      UPDATE ${records} r SET _walk = u.walk, _missed_by = NULL, _unavailable_since = NULL FROM u WHERE ${match('r')}`,
    miss: `WITH ${found(records, 2, touched)} UPDATE ${records} r SET _missed_by = $4::bigint FROM u WHERE ${match('r')}`,
    markUnavailable: `WITH ${found(records, 2, touched)}
      UPDATE ${records} r SET _unavailable_since = coalesce(r._unavailable_since, $4::bigint) FROM u WHERE ${match('r')}`,
    forgetSnapshots: `DELETE FROM ${snapshots} WHERE _day >= $3 AND _day < $4 AND _run = $5
      AND _record = ANY(ARRAY(SELECT _id FROM ${records} WHERE _stream = $1 AND _key = ANY($2::text[])))`,
    snapshot: `WITH ${found(records, 5, measured)}
      INSERT INTO ${snapshots} (_record, _day, _run, _at${metricNames})
      SELECT u.id, $2::text, $3::bigint, $4::bigint${metrics.map((_, i) => `, u.m${i}`).join('')} FROM u WHERE u.id IS NOT NULL
      ON CONFLICT (_record, _day, _run) DO UPDATE
        SET _at = excluded._at${metrics.map(({ name }) => `, ${stored(name)} = excluded.${stored(name)}`).join('')}`,
  }
}

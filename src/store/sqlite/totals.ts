// Owns the totals of a stream's metric, which are summed up in one sweep over its snapshots, whatever their number, with
// no more in memory than one record's and one sum per run.

import { isNumeric, type Numeric, Sum } from '../../model/decimal.ts'
import { REASON_APPROVED } from '../../model/record.ts'
import { count, flag, text } from '../cells.ts'
import { OPS, tableNames } from '../names.ts'
import { type Asking, all, type Row } from '../statements.ts'
import type { SnapshotRow, SnapshotsQuery } from '../store.ts'
import { COMPLETE, type Metric, shownBy } from '../system/snapshots.ts'
import type { OpenStream } from '../system/streams.ts'
import type { Connection } from './connection.ts'
import { translated } from './dialect.ts'

/** What one run adds to the total of a stream. */
interface Change {
  at: number
  day: string | null
  readonly sum: Sum
}

/** One snapshot of a record. */
interface Sample {
  readonly run: number
  readonly at: number
  readonly day: string
  readonly value: Numeric
}

/** A record was removed, and perhaps restored; each with the run after which a total shows it. */
interface End {
  readonly run: number
  readonly at: number
  readonly back: { readonly run: number; readonly at: number } | null
}

export function* totals(
  db: Connection,
  stream: OpenStream,
  { column, isText }: Metric,
  { since = Number.MIN_SAFE_INTEGER, after = 0, limit }: SnapshotsQuery,
): Asking<readonly SnapshotRow[]> {
  const total = new Sum()
  const shown = new Map<number, Pick<SnapshotRow, 'at' | 'day' | 'value'>>()
  for (const [runNo, { at, day, sum }] of [...sweep(db, stream, column)].sort(([a], [b]) => a - b)) {
    total.addSum(sum)
    if (runNo <= after || at < since) continue
    if (shown.size === limit) break
    shown.set(runNo, { at, day, value: isText ? total.text() : total.number() })
  }
  // Of the runs of the connection, which are kept for ever, those that are shown.
  const rows = yield* all(
    `SELECT r.no, r.id, ${COMPLETE} AS complete FROM tm_runs r WHERE r.connection_no = $2 AND r.no = ANY($3::bigint[])
     ORDER BY r.no`,
    [stream.no, stream.connectionNo, [...shown.keys()]],
  )
  return rows.map((row) => {
    const runNo = count(row['no'])
    const { at, day, value } = shown.get(runNo) as Pick<SnapshotRow, 'at' | 'day' | 'value'>
    return { runNo, run: text(row['id']), at, day, value, complete: flag(row['complete']) }
  })
}

/** What every run changed of the total, by number of run. */
function sweep(db: Connection, stream: OpenStream, column: string): ReadonlyMap<number, Change> {
  const changes = new Map<number, Change>()
  const add: Add = (run, at, day, value, sign) => {
    let change = changes.get(run)
    if (!change) changes.set(run, (change = { at, day, sum: new Sum() }))
    // Where there are snapshots, they say when it was; what is decided about a run may come days later.
    const isFirst = change.day === null
    if (day === null ? isFirst && at > change.at : isFirst || at > change.at) change.at = at
    if (day !== null && (change.day === null || day > change.day)) change.day = day
    change.sum.add(value, sign)
  }
  const lives = pastLives(db, stream)
  const tombstones = new Tombstones(db, stream)
  try {
    for (const [id, known] of byRecord(db, stream, column)) {
      const now = tombstones.of(id)
      addRecord(known, [...(lives.get(id) ?? []), ...(now ? [now] : [])], add)
    }
  } finally {
    tombstones.close()
  }
  return changes
}

type Add = (run: number, at: number, day: string | null, value: Numeric, sign: 1 | -1) => void

/** What one record adds to the runs: each value in place of the one before, and none while it is removed. */
function addRecord(known: Sample[], ends: readonly End[], add: Add): void {
  known.sort((a, b) => a.run - b.run)
  known.forEach(({ run, at, day, value }, i) => {
    add(run, at, day, value, 1)
    const before = known[i - 1]
    if (before) add(run, at, day, before.value, -1)
  })
  for (const { run, at, back } of ends) {
    const last = known.findLast((one) => back === null || one.run < back.run)
    if (!last) continue
    // Never before what was known of the record.
    add(Math.max(run, last.run), at, null, last.value, -1)
    if (back) add(back.run, back.at, null, last.value, 1)
  }
}

/** Integers that JavaScript holds come as such, longer ones as text. */
function* byRecord(db: Connection, stream: OpenStream, column: string): Generator<[id: number, known: Sample[]]> {
  const { records, tombstones, snapshots: table } = tableNames(stream.base)
  const ours = [records, tombstones]
    .map((name) => `EXISTS (SELECT 1 FROM ${name} k WHERE k._id = n._record AND k._stream = ?1)`)
    .join(' OR ')
  // Without abs(): the smallest integer of 64 bits has none.
  const isLong = `n.${column} NOT BETWEEN ${Number.MIN_SAFE_INTEGER} AND ${Number.MAX_SAFE_INTEGER}`
  const value = `iif(typeof(n.${column}) = 'integer' AND ${isLong} OR typeof(n.${column}) = 'blob',
    CAST(n.${column} AS TEXT), n.${column})`
  const statement = db.prepare(
    `SELECT n._record, n._run, n._at, n._day, ${value} FROM ${table} n
     WHERE n.${column} IS NOT NULL AND (${isAlone(db, stream) ? '?1 = ?1' : ours}) ORDER BY n._record, n._day, n._run`,
  )
  statement.setReturnArrays(true)
  let id = -1
  let known: Sample[] = []
  for (const row of statement.iterate(stream.no) as Iterable<unknown>) {
    const [record, run, at, day, metric] = row as [number, number, number, string, Numeric]
    if (record !== id) {
      if (known.length > 0) yield [id, known]
      id = record
      known = []
    }
    if (typeof metric !== 'string' || isNumeric(metric)) known.push({ run, at, day, value: metric })
  }
  if (known.length > 0) yield [id, known]
}

/** Whether no other stream has records in the same tables. */
function isAlone(db: Connection, { base }: OpenStream): boolean {
  return db.value('SELECT count(*) FROM tm_streams WHERE base = ?', [base]) === 1
}

/** Tombstones by the id of their record, for one who asks in ascending order. */
class Tombstones {
  readonly #rows: Iterator<unknown>
  #next: [id: number, run: number, at: number] | undefined

  constructor(db: Connection, { no, base, connectionNo }: OpenStream) {
    const run = translated(shownBy('t._run', 't._removed_at', `t._removed_reason = '${REASON_APPROVED}'`))
    const sql = `SELECT id, run, at FROM (SELECT t._id AS id, ${run} AS run, t._removed_at AS at
      FROM ${tableNames(base).tombstones} t WHERE +t._stream = ?1) WHERE run IS NOT NULL ORDER BY id`
    const statement = db.prepare(sql)
    statement.setReturnArrays(true)
    this.#rows = statement.iterate(no, connectionNo)
    this.#advance()
  }

  #advance(): void {
    const { done, value } = this.#rows.next()
    this.#next = done ? undefined : (value as [number, number, number])
  }

  /** A statement that is left in the middle would hold the state of the database that it reads. */
  close(): void {
    this.#rows.return?.()
  }

  of(id: number): End | undefined {
    while (this.#next && this.#next[0] < id) this.#advance()
    return this.#next?.[0] === id ? { run: this.#next[1], at: this.#next[2], back: null } : undefined
  }
}

/** Removals that were lifted again, by the id of their record. They are few: the rest of a stream stays as it is. */
function pastLives(db: Connection, { no, base, connectionNo }: OpenStream): ReadonlyMap<number, readonly End[]> {
  const { records, tombstones, versions } = tableNames(base)
  const same = '_stream = v._stream AND _key = v._key'
  const id = `coalesce((SELECT _id FROM ${records} WHERE ${same}), (SELECT _id FROM ${tombstones} WHERE ${same}))`
  const after = (column: string, recordColumn: string, tombstoneColumn: string) =>
    `coalesce((SELECT ${column} FROM ${versions} WHERE ${same} AND _ordinal > v._ordinal ORDER BY _ordinal LIMIT 1),
      (SELECT ${recordColumn} FROM ${records} WHERE ${same}), (SELECT ${tombstoneColumn} FROM ${tombstones} WHERE ${same}))`
  const lifted = `SELECT ${id} AS id, v._run AS run, v._at AS at, v._reason AS reason,
      ${after('_run', '_run', '_run')} AS back, ${after('_at', '_updated_at', '_removed_at')} AS back_at,
      ${after('_page', '_page', '_page')} AS back_page
    FROM ${versions} v WHERE v._stream = ?1 AND v._op = ${OPS.remove}`
  const sql = `SELECT l.id, l.at, l.back_at, ${shownBy('l.run', 'l.at', `l.reason = '${REASON_APPROVED}'`)} AS run,
    ${shownBy('l.back', 'l.back_at', 'l.back_page = 0')} AS back FROM (${lifted}) l`
  const lives = new Map<number, End[]>()
  for (const row of db.all(translated(sql), [no, connectionNo])) {
    if (row['run'] === null) continue
    const record = count(row['id'])
    lives.set(record, [...(lives.get(record) ?? []), endOf(row)])
  }
  return lives
}

function endOf(row: Row): End {
  return {
    run: count(row['run']),
    at: count(row['at']),
    back: row['back'] === null ? null : { run: count(row['back']), at: count(row['back_at']) },
  }
}

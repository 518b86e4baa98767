// Owns what a page sets aside, and lets go of again: records that can't be read, removals that wait, records that a person
// keeps.

import type { Key } from '../../model/record.ts'
import { count, flag, text } from '../cells.ts'
import type { Dialect } from '../dialect.ts'
import { listedKeys, unreadKeys } from '../listed.ts'
import { tableNames } from '../names.ts'
import { type Asking, all, get, run, value } from '../statements.ts'
import type { Batch, Quarantined, RecordRead } from '../store.ts'
import { identityOf, keylessIdentity, supersededTexts, type Told, type UnreadText } from '../unread.ts'
import { fillAgain } from './fills.ts'

/** False: one of the texts that can be read now is not as it was read. */
export function* writeAside(dialect: Dialect, batch: Batch, base: string): Asking<boolean> {
  if (!(yield* release(batch))) return false
  for (const { identity, key } of batch.keyed ?? [])
    yield* run('UPDATE tm_quarantine SET key = $3 WHERE stream_no = $1 AND identity = $2', [
      batch.streamNo,
      identity,
      key,
    ])
  const freed = (yield* writeQuarantine(dialect, batch, base)) + (yield* forgetEmpty(batch))
  if (freed + (batch.released ?? []).length > 0) yield* fillAgain(batch.streamNo)
  yield* letGoUnlisted(batch, base)
  yield* unmiss(batch, base)
  yield* writeDecisions(dialect, batch)
  yield* writeMissed(dialect, batch)
  return true
}

function* release({ released = [], streamNo }: Batch): Asking<boolean> {
  const sql = `DELETE FROM tm_quarantine WHERE stream_no = $1 AND identity = $2 AND at = $3 AND times = $4
    AND superseded_at IS NOT DISTINCT FROM $5::bigint`
  for (const { identity, at, times, supersededAt } of released) {
    if ((yield* run(sql, [streamNo, identity, at, times, supersededAt])) !== 1) return false
  }
  return true
}

/** Rows that hold nothing, as JSON writes them. */
const EMPTY = ['null', '{}', '[]', '""']

function* forgetEmpty({ forgetEmpty: before, streamNo }: Batch): Asking<number> {
  if (before === undefined) return 0
  const sql = 'DELETE FROM tm_quarantine WHERE stream_no = $1 AND identity = ANY($2::text[]) AND at < $3'
  return yield* run(sql, [streamNo, EMPTY.map(keylessIdentity), before])
}

/** Before the walk's keys are forgotten. */
function* letGoUnlisted({ unlisted, streamNo, at }: Batch, base: string): Asking<void> {
  if (!unlisted || !(yield* hasTexts(streamNo))) return
  const sql = `UPDATE tm_quarantine SET superseded_at = $4
    WHERE stream_no = $1 AND superseded_at IS NULL AND at < $3 AND (key IS NULL OR (
      NOT EXISTS (SELECT 1 FROM tm_seen s WHERE s.stream_no = $1 AND s.walk = $2 AND s.key = tm_quarantine.key)
      AND NOT EXISTS (SELECT 1 FROM ${tableNames(base).records} r
        WHERE r._stream = $1 AND r._key = tm_quarantine.key)))`
  yield* run(sql, [streamNo, unlisted.walk, unlisted.before, at])
}

/** One row per record and text, however often it comes; what is superseded stays. Gives how many texts could be read now. */
function* writeQuarantine(dialect: Dialect, batch: Batch, base: string): Asking<number> {
  const { quarantine, reads = [], streamNo, at } = batch
  const read = reads.length > 0 && (yield* hasTexts(streamNo)) ? reads : []
  if (read.length === 0 && quarantine.length === 0) return 0
  let freed = yield* forgetKeyless(streamNo, read)
  const known = yield* keysSetAside(streamNo, read)
  const concerned = read.filter(({ key }) => known.has(key))
  for (const { key, raw } of concerned) {
    freed += yield* run('DELETE FROM tm_quarantine WHERE stream_no = $1 AND key = $2 AND raw = $3', [
      streamNo,
      key,
      raw,
    ])
  }
  if (quarantine.length > 0) yield* setAside(dialect, batch)
  const keys = new Set([...concerned, ...quarantine].flatMap(({ key }) => key ?? []))
  if (keys.size === 0) return freed
  const told = {
    reads: concerned,
    fresh: new Set(quarantine.map(identityOf)),
    stored: yield* ordersOf(batch, base),
  }
  const superseded = supersededTexts(yield* waitingTexts(streamNo, [...keys]), told)
  if (superseded.length === 0) return freed
  const sql = 'UPDATE tm_quarantine SET superseded_at = $3 WHERE stream_no = $1 AND identity = ANY($2::text[])'
  yield* run(sql, [streamNo, superseded, at])
  return freed
}

function* setAside(dialect: Dialect, { quarantine, streamNo, runNo, page, at }: Batch): Asking<void> {
  yield* dialect.insert({
    into: 'tm_quarantine AS q',
    columns: {
      stream_no: 'bigint',
      identity: 'text',
      key: 'text',
      run_no: 'bigint',
      page: 'bigint',
      position: 'bigint',
      code: 'text',
      message: 'text',
      first_at: 'bigint',
      at: 'bigint',
      times: 'bigint',
      raw: 'text',
      asked_at: 'bigint',
      version: 'double precision',
    },
    rows: [...distinct(quarantine)].map(([identity, { last, times }]) => {
      const { key, index, code, message, raw, askedAt = at, version = null } = last
      return [streamNo, identity, key, runNo, page, index, code, message, at, at, times, raw, askedAt, version]
    }),
    onConflict: `(stream_no, identity) DO UPDATE SET
      run_no = excluded.run_no, page = excluded.page, position = excluded.position, code = excluded.code,
      message = excluded.message, at = excluded.at, times = q.times + excluded.times, raw = excluded.raw,
      asked_at = excluded.asked_at, version = excluded.version, superseded_at = NULL`,
  })
}

/** By identity: the last that came, and how often it did. */
function distinct(quarantine: readonly Quarantined[]): ReadonlyMap<string, { last: Quarantined; times: number }> {
  const rows = new Map<string, { last: Quarantined; times: number }>()
  for (const one of quarantine) {
    const identity = identityOf(one)
    rows.set(identity, { last: one, times: (rows.get(identity)?.times ?? 0) + 1 })
  }
  return rows
}

function* hasTexts(streamNo: number): Asking<boolean> {
  return (yield* value('SELECT 1 FROM tm_quarantine WHERE stream_no = $1 LIMIT 1', [streamNo])) !== undefined
}

/** Texts that came without a key, and that were read now: the connector can tell their key. */
function* forgetKeyless(streamNo: number, reads: readonly RecordRead[]): Asking<number> {
  const any = 'SELECT 1 FROM tm_quarantine WHERE stream_no = $1 AND key IS NULL LIMIT 1'
  if (reads.length === 0 || (yield* value(any, [streamNo])) === undefined) return 0
  const sql = 'DELETE FROM tm_quarantine WHERE stream_no = $1 AND identity = ANY($2::text[]) AND key IS NULL'
  return yield* run(sql, [streamNo, reads.map(({ raw }) => keylessIdentity(raw))])
}

/** Which of the records that could be read have texts in quarantine. */
function* keysSetAside(streamNo: number, reads: readonly RecordRead[]): Asking<ReadonlySet<Key>> {
  if (reads.length === 0) return new Set()
  const sql = 'SELECT DISTINCT key FROM tm_quarantine WHERE stream_no = $1 AND key = ANY($2::text[])'
  const rows = yield* all(sql, [streamNo, reads.map(({ key }) => key)])
  return new Set(rows.map((row) => text(row['key'])))
}

function* waitingTexts(streamNo: number, keys: readonly Key[]): Asking<readonly UnreadText[]> {
  const sql = `SELECT identity, key, version, asked_at FROM tm_quarantine
    WHERE stream_no = $1 AND key = ANY($2::text[]) AND superseded_at IS NULL`
  return (yield* all(sql, [streamNo, keys])).map((row) => ({
    identity: text(row['identity']),
    key: text(row['key']),
    version: row['version'] === null ? null : Number(row['version']),
    askedAt: count(row['asked_at']),
  }))
}

/** The order of what the mirror holds of the records that are set aside. */
function* ordersOf({ quarantine, streamNo }: Batch, base: string): Asking<Told['stored']> {
  const keys = quarantine.flatMap(({ key, version }) => (key === null || version === undefined ? [] : [key]))
  if (keys.length === 0) return new Map()
  const sql = `SELECT _key, _order FROM ${tableNames(base).records} WHERE _stream = $1 AND _key = ANY($2::text[])`
  const rows = yield* all(sql, [streamNo, keys])
  return new Map(rows.map((row) => [text(row['_key']), Number(row['_order'])]))
}

/** A record that was listed is not missed any more, though nothing else of it could be read. */
function* unmiss(batch: Batch, base: string): Asking<void> {
  const keys = unreadKeys(batch)
  if (keys.length === 0) return
  const sql = `UPDATE ${tableNames(base).records} SET _missed_by = NULL
    WHERE _stream = $1 AND _key = ANY($2::text[]) AND _missed_by IS NOT NULL`
  yield* run(sql, [batch.streamNo, keys])
}

/**
 * What waits for a person, and what a person keeps. What the source lists again is kept by the source: it needs no
 * decision and no second witness any more.
 */
function* writeDecisions(dialect: Dialect, batch: Batch): Asking<void> {
  const { keep = [], hold, decided = [], removals, streamNo, runNo, at } = batch
  const listed = [...listedKeys(batch)]
  if (listed.length > 0) for (const table of yield* tablesWithRows(streamNo)) yield* forget(table, streamNo, listed)
  const removed = removals.map(({ key }) => key)
  if (removed.length > 0) for (const table of WAITING) yield* forget(table, streamNo, removed)
  if (decided.length > 0) {
    for (const table of ['tm_kept', 'tm_held'] as const) {
      const sql = `DELETE FROM ${table} WHERE stream_no = $1 AND key = ANY($2::text[]) AND run_no = $3`
      yield* run(sql, [streamNo, decided, runNo])
    }
  }
  yield* addTo(dialect, 'tm_kept', keep, { stream_no: streamNo, run_no: runNo, at })
  if (!hold) return
  if (hold.replace) yield* run('DELETE FROM tm_held WHERE stream_no = $1', [streamNo])
  yield* addTo(dialect, 'tm_held', hold.keys, { stream_no: streamNo, run_no: runNo, at, reason: hold.reason })
}

/** What a full pass missed and no second witness has seen gone. */
function* writeMissed(dialect: Dialect, { unconfirmed, streamNo, runNo, at }: Batch): Asking<void> {
  if (!unconfirmed) return
  if (unconfirmed.replace) yield* run('DELETE FROM tm_missed WHERE stream_no = $1', [streamNo])
  yield* addTo(dialect, 'tm_missed', unconfirmed.keys, { stream_no: streamNo, run_no: runNo, at })
}

type Shared = { readonly [Column in 'stream_no' | 'run_no' | 'at']: number } & { readonly reason?: string }

function* addTo(dialect: Dialect, into: Waiting, keys: readonly Key[], shared: Shared): Asking<void> {
  const names = Object.keys(shared)
  const types = names.map((name) => [name, name === 'reason' ? 'text' : 'bigint'])
  yield* dialect.insert({
    into,
    columns: { key: 'text', ...Object.fromEntries(types) },
    rows: [...new Set(keys)].map((key) => [key, ...Object.values(shared)]),
    onConflict: `(stream_no, key) DO UPDATE SET ${names.map((name) => `${name} = excluded.${name}`).join(', ')}`,
  })
}

function* forget(table: Waiting, streamNo: number, keys: readonly Key[]): Asking<void> {
  yield* run(`DELETE FROM ${table} WHERE stream_no = $1 AND key = ANY($2::text[])`, [streamNo, keys])
}

/** Where keys wait for a person or for a second witness, or are kept by one. */
const WAITING = ['tm_kept', 'tm_held', 'tm_missed'] as const
type Waiting = (typeof WAITING)[number]

const ANY_WAITING = `SELECT ${WAITING.map((table) => `EXISTS (SELECT 1 FROM ${table} WHERE stream_no = $1) AS ${table}`).join(', ')}`

/** Asked first, and in one statement, because nearly always nothing is there, and keys are many. */
function* tablesWithRows(streamNo: number): Asking<readonly Waiting[]> {
  const row = yield* get(ANY_WAITING, [streamNo])
  return WAITING.filter((table) => flag(row?.[table]))
}

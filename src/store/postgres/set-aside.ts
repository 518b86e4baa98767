// Owns what a page sets aside, and lets go of again: records that can't be read, removals that wait, records that a person
// keeps.

import type { Key } from '../../model/record.ts'
import { count, text } from '../cells.ts'
import { listedKeys, unreadKeys } from '../listed.ts'
import { tableNames } from '../names.ts'
import type { Batch, Quarantined, RecordRead } from '../store.ts'
import { identityOf, supersededTexts, type Told, type UnreadText } from '../unread.ts'
import type { Queries } from './connection.ts'

/** One row per record and text, however often it comes; what is superseded stays. */
export async function writeQuarantine(tx: Queries, batch: Batch, base: string): Promise<void> {
  const { quarantine, reads = [], streamNo, at } = batch
  const read = reads.length > 0 && (await hasAny(tx, 'tm_quarantine', streamNo)) ? reads : []
  if (read.length === 0 && quarantine.length === 0) return
  const known = await keysSetAside(tx, streamNo, read)
  const concerned = read.filter(({ key }) => known.has(key))
  if (concerned.length > 0) {
    await tx.run(
      `DELETE FROM tm_quarantine q USING unnest($2::text[], $3::text[]) AS u(key, raw)
       WHERE q.stream_no = $1 AND q.key = u.key AND q.raw = u.raw`,
      [streamNo, concerned.map(({ key }) => key), concerned.map(({ raw }) => raw)],
    )
  }
  if (quarantine.length > 0) await setAside(tx, batch)
  const keys = new Set([...concerned, ...quarantine].flatMap(({ key }) => key ?? []))
  if (keys.size === 0) return
  const told = {
    reads: concerned,
    fresh: new Set(quarantine.map(identityOf)),
    stored: await ordersOf(tx, batch, base),
  }
  const superseded = supersededTexts(await waitingTexts(tx, streamNo, [...keys]), told)
  if (superseded.length === 0) return
  const sql = 'UPDATE tm_quarantine SET superseded_at = $3 WHERE stream_no = $1 AND identity = ANY($2::text[])'
  await tx.run(sql, [streamNo, superseded, at])
}

async function setAside(tx: Queries, { quarantine, streamNo, runNo, page, at }: Batch): Promise<void> {
  const rows = [...distinct(quarantine)]
  await tx.run(
    `INSERT INTO tm_quarantine AS q
       (stream_no, identity, key, run_no, page, position, code, message, first_at, at, times, raw, asked_at, version)
     SELECT $1::bigint, identity, key, $2::bigint, $3::bigint, position, code, message, $4::bigint, $4::bigint, times, raw,
       asked, version
     FROM unnest($5::text[], $6::text[], $7::bigint[], $8::text[], $9::text[], $10::bigint[], $11::text[], $12::bigint[],
         $13::double precision[])
       AS u(identity, key, position, code, message, times, raw, asked, version)
     ON CONFLICT (stream_no, identity) DO UPDATE SET
       run_no = excluded.run_no, page = excluded.page, position = excluded.position, code = excluded.code,
       message = excluded.message, at = excluded.at, times = q.times + excluded.times, raw = excluded.raw,
       asked_at = excluded.asked_at, version = excluded.version, superseded_at = NULL`,
    [
      streamNo,
      runNo,
      page,
      at,
      rows.map(([identity]) => identity),
      rows.map(([, { last }]) => last.key),
      rows.map(([, { last }]) => last.index),
      rows.map(([, { last }]) => last.code),
      rows.map(([, { last }]) => last.message),
      rows.map(([, { times }]) => times),
      rows.map(([, { last }]) => last.raw),
      rows.map(([, { last }]) => last.askedAt ?? at),
      rows.map(([, { last }]) => last.version ?? null),
    ],
  )
}

/** Which of the records that could be read have texts in quarantine. */
async function keysSetAside(tx: Queries, streamNo: number, reads: readonly RecordRead[]): Promise<ReadonlySet<Key>> {
  if (reads.length === 0) return new Set()
  const sql = 'SELECT DISTINCT key FROM tm_quarantine WHERE stream_no = $1 AND key = ANY($2::text[])'
  const rows = await tx.all(sql, [streamNo, reads.map(({ key }) => key)])
  return new Set(rows.map((row) => text(row['key'])))
}

async function waitingTexts(tx: Queries, streamNo: number, keys: readonly Key[]): Promise<readonly UnreadText[]> {
  const sql = `SELECT identity, key, version, asked_at FROM tm_quarantine
    WHERE stream_no = $1 AND key = ANY($2::text[]) AND superseded_at IS NULL`
  return (await tx.all(sql, [streamNo, keys])).map((row) => ({
    identity: text(row['identity']),
    key: text(row['key']),
    version: row['version'] === null ? null : Number(row['version']),
    askedAt: count(row['asked_at']),
  }))
}

/** The order of what the mirror holds of the records that are set aside. */
async function ordersOf(tx: Queries, { quarantine, streamNo }: Batch, base: string): Promise<Told['stored']> {
  const keys = quarantine.flatMap(({ key, version }) => (key === null || version === undefined ? [] : [key]))
  if (keys.length === 0) return new Map()
  const sql = `SELECT _key, _order FROM ${tableNames(base).records} WHERE _stream = $1 AND _key = ANY($2::text[])`
  const rows = await tx.all(sql, [streamNo, keys])
  return new Map(rows.map((row) => [text(row['_key']), Number(row['_order'])]))
}

/** A record that was listed is not missed any more, though nothing else of it could be read. */
export async function unmiss(tx: Queries, batch: Batch, base: string): Promise<void> {
  const keys = unreadKeys(batch)
  if (keys.length === 0) return
  const sql = `UPDATE ${tableNames(base).records} SET _missed_by = NULL
    WHERE _stream = $1 AND _key = ANY($2::text[]) AND _missed_by IS NOT NULL`
  await tx.run(sql, [batch.streamNo, keys])
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

/** Lets go of what can be read now. False: one of them is not as it was read. */
export async function release(tx: Queries, { released = [], streamNo }: Batch): Promise<boolean> {
  const sql = `DELETE FROM tm_quarantine WHERE stream_no = $1 AND identity = $2 AND at = $3 AND times = $4
    AND superseded_at IS NOT DISTINCT FROM $5::bigint`
  for (const { identity, at, times, supersededAt } of released) {
    if ((await tx.run(sql, [streamNo, identity, at, times, supersededAt])) !== 1) return false
  }
  return true
}

/**
 * What waits for a person, and what a person keeps. What the source lists again is kept by the source: it needs no
 * decision and no second witness any more.
 */
export async function writeDecisions(tx: Queries, batch: Batch): Promise<void> {
  const { keep = [], hold, decided = [], removals, streamNo, runNo, at } = batch
  const listed = [...listedKeys(batch)]
  if (listed.length > 0) {
    for (const table of await tablesWithRows(tx, streamNo)) await forget(tx, table, streamNo, listed)
  }
  const removed = removals.map(({ key }) => key)
  if (removed.length > 0) await forget(tx, 'tm_missed', streamNo, removed)
  for (const table of ['tm_kept', 'tm_held'] as const) {
    if (removed.length > 0) await forget(tx, table, streamNo, removed)
    if (decided.length === 0) continue
    const sql = `DELETE FROM ${table} WHERE stream_no = $1 AND key = ANY($2::text[]) AND run_no = $3`
    await tx.run(sql, [streamNo, decided, runNo])
  }
  if (keep.length > 0) {
    await tx.run(
      `INSERT INTO tm_kept (stream_no, key, run_no, at) SELECT $1::bigint, k, $3::bigint, $4::bigint FROM unnest($2::text[]) AS u(k)
       ON CONFLICT (stream_no, key) DO UPDATE SET run_no = excluded.run_no, at = excluded.at`,
      [streamNo, [...new Set(keep)], runNo, at],
    )
  }
  if (!hold) return
  if (hold.replace) await tx.run('DELETE FROM tm_held WHERE stream_no = $1', [streamNo])
  if (hold.keys.length === 0) return
  await tx.run(
    `INSERT INTO tm_held (stream_no, key, run_no, reason, at)
     SELECT $1::bigint, k, $3::bigint, $4::text, $5::bigint FROM unnest($2::text[]) AS u(k)
     ON CONFLICT (stream_no, key) DO UPDATE SET run_no = excluded.run_no, reason = excluded.reason, at = excluded.at`,
    [streamNo, [...new Set(hold.keys)], runNo, hold.reason, at],
  )
}

/** What a full pass missed and no second witness has seen gone. */
export async function writeMissed(tx: Queries, { unconfirmed, streamNo, runNo, at }: Batch): Promise<void> {
  if (!unconfirmed) return
  if (unconfirmed.replace) await tx.run('DELETE FROM tm_missed WHERE stream_no = $1', [streamNo])
  if (unconfirmed.keys.length === 0) return
  await tx.run(
    `INSERT INTO tm_missed (stream_no, key, run_no, at)
     SELECT $1::bigint, k, $3::bigint, $4::bigint FROM unnest($2::text[]) AS u(k)
     ON CONFLICT (stream_no, key) DO UPDATE SET run_no = excluded.run_no, at = excluded.at`,
    [streamNo, [...new Set(unconfirmed.keys)], runNo, at],
  )
}

async function forget(tx: Queries, table: Waiting, streamNo: number, keys: readonly Key[]) {
  await tx.run(`DELETE FROM ${table} WHERE stream_no = $1 AND key = ANY($2::text[])`, [streamNo, keys])
}

/** Where keys wait for a person or for a second witness, or are kept by one. */
const WAITING = ['tm_kept', 'tm_held', 'tm_missed'] as const
type Waiting = (typeof WAITING)[number]

const ANY_WAITING = `SELECT ${WAITING.map((table) => `EXISTS (SELECT 1 FROM ${table} WHERE stream_no = $1) AS ${table}`).join(', ')}`

/** Asked first, and in one statement, because nearly always nothing is there, and keys are many. */
async function tablesWithRows(tx: Queries, streamNo: number): Promise<readonly Waiting[]> {
  const row = await tx.get(ANY_WAITING, [streamNo])
  return WAITING.filter((table) => row?.[table] === true)
}

/** The same of one table. */
async function hasAny(tx: Queries, table: string, streamNo: number): Promise<boolean> {
  return (await tx.value(`SELECT 1 FROM ${table} WHERE stream_no = $1 LIMIT 1`, [streamNo])) !== undefined
}

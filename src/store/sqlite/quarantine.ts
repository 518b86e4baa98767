// Owns the rows of records that could not be read: set aside by a page, superseded, and let go of.

import type { Key } from '../../model/record.ts'
import { count, countOrNull, text } from '../cells.ts'
import type { Batch, Quarantined } from '../store.ts'
import { identityOf, supersededTexts, type UnreadText } from '../unread.ts'
import type { Connection } from './connection.ts'

/** `orderOf` tells what the mirror holds of a record; undefined: it is not there. */
export function writeQuarantine(db: Connection, batch: Batch, orderOf: (key: Key) => number | undefined): void {
  const { quarantine, reads = [], streamNo, at } = batch
  const hasAny = db.get('SELECT 1 FROM tm_quarantine WHERE stream_no = ? LIMIT 1', [streamNo]) !== undefined
  if (!hasAny && quarantine.length === 0) return
  if (hasAny) {
    const sql = 'DELETE FROM tm_quarantine WHERE stream_no = ? AND key = ? AND raw = ?'
    for (const { key, raw } of reads) db.run(sql, [streamNo, key, raw])
  }
  for (const one of quarantine) setAside(db, batch, one)
  const stored = new Map<Key, number>()
  for (const { key, version } of quarantine) {
    const order = key === null || version === undefined ? undefined : orderOf(key)
    if (key !== null && order !== undefined) stored.set(key, order)
  }
  const waiting = waitingTexts(db, streamNo, new Set([...reads, ...quarantine].flatMap(({ key }) => key ?? [])))
  const told = { reads, fresh: new Set(quarantine.map(identityOf)), stored }
  const sql = 'UPDATE tm_quarantine SET superseded_at = ? WHERE stream_no = ? AND identity = ?'
  for (const identity of supersededTexts(waiting, told)) db.run(sql, [at, streamNo, identity])
}

/** One row per record and text, however often it comes. */
function setAside(db: Connection, { streamNo, runNo, page, at }: Batch, one: Quarantined): void {
  const { key, index, raw, code, message, version = null, askedAt = at } = one
  db.run(
    `INSERT INTO tm_quarantine
       (stream_no, identity, key, run_no, page, position, code, message, first_at, at, times, raw, asked_at, version)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9, 1, ?10, ?11, ?12)
     ON CONFLICT (stream_no, identity) DO UPDATE SET
       run_no = ?4, page = ?5, position = ?6, code = ?7, message = ?8, at = ?9, times = times + 1, raw = ?10,
       asked_at = ?11, version = ?12, superseded_at = NULL`,
    [streamNo, identityOf(one), key, runNo, page, index, code, message, at, raw, askedAt, version],
  )
}

function waitingTexts(db: Connection, streamNo: number, keys: ReadonlySet<Key>): readonly UnreadText[] {
  const sql = `SELECT identity, key, version, asked_at, at FROM tm_quarantine
    WHERE stream_no = ? AND key = ? AND superseded_at IS NULL`
  return [...keys].flatMap((key) =>
    db.all(sql, [streamNo, key]).map((row) => ({
      identity: text(row['identity']),
      key,
      version: row['version'] === null ? null : Number(row['version']),
      askedAt: countOrNull(row['asked_at']) ?? count(row['at']),
    })),
  )
}

/** False: one of them is not as it was read. */
export function release(db: Connection, { released = [], streamNo }: Batch): boolean {
  const sql = `DELETE FROM tm_quarantine
    WHERE stream_no = ? AND identity = ? AND at = ? AND times = ? AND superseded_at IS ?`
  return released.every(
    ({ identity, at, times, supersededAt }) => db.run(sql, [streamNo, identity, at, times, supersededAt]) === 1,
  )
}

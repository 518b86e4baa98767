// Owns what a person decides on: removals that are held or were made, records that are kept, and what is in quarantine.

import type { Key } from '../../model/record.ts'
import { count, text, textOrNull } from '../cells.ts'
import { fitting, QUARANTINE_BYTES_MAX } from '../fitting.ts'
import { tableNames } from '../names.ts'
import type { RemovalsRow, ReviewStore, Tombstone } from '../store.ts'
import { quarantineRow } from '../system-rows.ts'
import type { Connection, Row, Value } from './connection.ts'
import type { Streams } from './streams.ts'

export function removals(db: Connection, streams: Streams): ReviewStore {
  return {
    async removals(project, limit) {
      return db.reading(() => {
        const found = new Map<string, Found>()
        const add = (row: Row, what: Partial<Found>) => {
          const place = { runNo: count(row['run_no']), streamNo: count(row['stream_no']) }
          const id = `${place.runNo} ${place.streamNo}`
          found.set(id, {
            ...place,
            held: 0,
            kept: 0,
            removed: 0,
            unconfirmed: 0,
            reason: null,
            ...found.get(id),
            ...what,
          })
        }
        for (const row of db.all(HELD, [project])) {
          add(row, { held: count(row['held']), reason: textOrNull(row['reason']) })
        }
        for (const row of db.all(KEPT, [project])) add(row, { kept: count(row['kept']) })
        for (const row of db.all(MISSED, [project])) add(row, { unconfirmed: count(row['unconfirmed']) })
        for (const base of basesOf(db, project)) {
          const sql = `SELECT _stream AS stream_no, _run AS run_no, count(*) AS removed
            FROM ${tableNames(base).tombstones} WHERE _run IS NOT NULL
              AND _stream IN (SELECT no FROM tm_streams WHERE project = ?) GROUP BY 1, 2`
          for (const row of db.all(sql, [project])) add(row, { removed: count(row['removed']) })
        }
        const newest = [...found.values()].sort((a, b) => b.runNo - a.runNo || a.streamNo - b.streamNo)
        return newest.slice(0, limit).map((row) => named(db, row))
      })
    },

    async held(streamNo, runNo, after, limit) {
      const sql = 'SELECT key FROM tm_held WHERE stream_no = ? AND run_no = ? AND key > ? ORDER BY key LIMIT ?'
      return db.all(sql, [streamNo, runNo, after ?? '', limit]).map((row) => text(row['key']))
    },

    async keptOf(streamNo, runNo, after, limit) {
      const sql = 'SELECT key FROM tm_kept WHERE stream_no = ? AND run_no = ? AND key > ? ORDER BY key LIMIT ?'
      return db.all(sql, [streamNo, runNo, after ?? '', limit]).map((row) => text(row['key']))
    },

    async unconfirmedOf(streamNo, runNo, after, limit) {
      const sql = 'SELECT key FROM tm_missed WHERE stream_no = ? AND run_no = ? AND key > ? ORDER BY key LIMIT ?'
      return db.all(sql, [streamNo, runNo, after ?? '', limit]).map((row) => text(row['key']))
    },

    async tombstonesOf(streamNo, runNo, after, limit) {
      const { tombstones } = tableNames(streams.open(streamNo).base)
      const sql = `SELECT _key, _ordinal FROM ${tombstones} WHERE _stream = ? AND _run = ? AND _key > ? ORDER BY _key LIMIT ?`
      return db
        .all(sql, [streamNo, runNo, after ?? '', limit])
        .map((row): Tombstone => ({ key: text(row['_key']), ordinal: count(row['_ordinal']) }))
    },

    async kept(streamNo, keys) {
      const kept = new Set<Key>()
      if (db.get('SELECT 1 FROM tm_kept WHERE stream_no = ? LIMIT 1', [streamNo]) === undefined) return kept
      for (const key of keys) {
        if (db.get('SELECT 1 FROM tm_kept WHERE stream_no = ? AND key = ?', [streamNo, key])) kept.add(key)
      }
      return kept
    },

    async quarantined({ project, connectionNo, after, limit }) {
      const conditions = ['s.project = ?']
      const values: Value[] = [project]
      if (connectionNo !== undefined) {
        conditions.push('s.connection_no = ?')
        values.push(connectionNo)
      }
      if (after) {
        conditions.push('(q.stream_no, q.identity) > (?, ?)')
        values.push(after.streamNo, after.identity)
      }
      const from = `FROM tm_quarantine q JOIN tm_streams s ON s.no = q.stream_no
        WHERE ${conditions.join(' AND ')} ORDER BY q.stream_no, q.identity LIMIT ?`
      // How long a text is, is known without reading it.
      const sizes = `SELECT octet_length(q.raw) AS bytes ${from}`
      const sql = `SELECT q.*, s.connection_no, s.connection, s.stream, (SELECT id FROM tm_runs WHERE no = q.run_no) AS run ${from}`
      return db.reading(() => {
        const bytes = db.all(sizes, [...values, limit]).map((row) => count(row['bytes']))
        return db.all(sql, [...values, fitting(bytes, QUARANTINE_BYTES_MAX)]).map(quarantineRow)
      })
    },
  }
}

const HELD = `SELECT h.stream_no, h.run_no, count(*) AS held, max(h.reason) AS reason
  FROM tm_held h JOIN tm_streams s ON s.no = h.stream_no WHERE s.project = ? GROUP BY 1, 2`

const KEPT = `SELECT k.stream_no, k.run_no, count(*) AS kept
  FROM tm_kept k JOIN tm_streams s ON s.no = k.stream_no WHERE s.project = ? GROUP BY 1, 2`

const MISSED = `SELECT m.stream_no, m.run_no, count(*) AS unconfirmed
  FROM tm_missed m JOIN tm_streams s ON s.no = m.stream_no WHERE s.project = ? GROUP BY 1, 2`

type Found = Pick<RemovalsRow, 'runNo' | 'streamNo' | 'reason' | 'held' | 'removed' | 'kept' | 'unconfirmed'>

function basesOf(db: Connection, project: string): readonly string[] {
  return db.all('SELECT DISTINCT base FROM tm_streams WHERE project = ?', [project]).map((row) => text(row['base']))
}

function named(db: Connection, row: Found): RemovalsRow {
  const stream = db.get('SELECT connection_no, connection, stream FROM tm_streams WHERE no = ?', [row.streamNo])
  const run = db.get('SELECT id, coalesce(finished_at, started_at) AS at FROM tm_runs WHERE no = ?', [row.runNo])
  return {
    ...row,
    run: text(run?.['id']),
    at: count(run?.['at']),
    connectionNo: count(stream?.['connection_no']),
    connection: text(stream?.['connection']),
    stream: text(stream?.['stream']),
  }
}

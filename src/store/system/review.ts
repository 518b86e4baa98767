// Owns what a person decides on: removals that are held or were made, records that are kept, and what is in quarantine.

import type { Key } from '../../model/record.ts'
import { count, text, textOrNull } from '../cells.ts'
import { fitting, QUARANTINE_BYTES_MAX } from '../fitting.ts'
import { tableNames } from '../names.ts'
import { all, alone, type Param, type Row, reading, type Work, type Works } from '../statements.ts'
import type { RemovalsRow, ReviewStore } from '../store.ts'
import { quarantineRow } from '../system-rows.ts'
import type { Streams } from './streams.ts'

export function review(streams: Streams): Works<ReviewStore> {
  return {
    removals: reading(function* (project, limit, connectionNo) {
      const [one, values] = connectionNo === undefined ? ['', []] : ['AND connection_no = $2', [connectionNo]]
      const bases = yield* all(`SELECT DISTINCT base FROM tm_streams WHERE project = $1 ${one}`, [project, ...values])
      const made = bases.map((row) => {
        const { tombstones } = tableNames(text(row['base']))
        return `SELECT _stream, _run, 0, count(*), 0, 0, NULL::text FROM ${tombstones}
          WHERE _run IS NOT NULL AND _stream IN (SELECT no FROM tm_streams WHERE project = $1) GROUP BY 1, 2`
      })
      const rows = yield* all(
        `SELECT a.*, s.connection_no, s.connection, s.stream, r.id AS run, coalesce(r.finished_at, r.started_at) AS at
         FROM (SELECT stream_no, run_no, sum(held) AS held, sum(removed) AS removed, sum(kept) AS kept,
                 sum(unconfirmed) AS unconfirmed, max(reason) AS reason
               FROM (${[HELD, KEPT, MISSED, ...made].join(' UNION ALL ')}) AS u GROUP BY 1, 2) AS a
         JOIN tm_streams s ON s.no = a.stream_no JOIN tm_runs r ON r.no = a.run_no
         ${connectionNo === undefined ? '' : 'WHERE s.connection_no = $3'}
         ORDER BY a.run_no DESC, a.stream_no LIMIT $2`,
        [project, limit, ...values],
      )
      return rows.map(removalsRow)
    }),

    held: keysIn('tm_held'),
    keptOf: keysIn('tm_kept'),
    unconfirmedOf: keysIn('tm_missed'),

    tombstonesOf: alone(function* (streamNo, runNo, after, limit) {
      const { tombstones } = tableNames((yield* streams.open(streamNo)).base)
      const sql = `SELECT _key, _ordinal FROM ${tombstones} WHERE _stream = $1 AND _run = $2 AND _key > $3
        ORDER BY _key LIMIT $4`
      const rows = yield* all(sql, [streamNo, runNo, after ?? '', limit])
      return rows.map((row) => ({ key: text(row['_key']), ordinal: count(row['_ordinal']) }))
    }),

    kept: alone(function* (streamNo, keys) {
      if (keys.length === 0) return new Set()
      const sql = 'SELECT key FROM tm_kept WHERE stream_no = $1 AND key = ANY($2::text[])'
      return new Set((yield* all(sql, [streamNo, keys])).map((row) => text(row['key'])))
    }),

    quarantined: reading(function* ({ project, connectionNo, after, limit }) {
      const values: Param[] = [project, limit]
      const conditions = ['s.project = $1']
      if (connectionNo !== undefined) conditions.push(`s.connection_no = $${values.push(connectionNo)}`)
      if (after) {
        const [stream, identity] = [values.push(after.streamNo), values.push(after.identity)]
        conditions.push(`(q.stream_no, q.identity) > ($${stream}, $${identity})`)
      }
      const from = `FROM tm_quarantine q JOIN tm_streams s ON s.no = q.stream_no
        WHERE ${conditions.join(' AND ')} ORDER BY q.stream_no, q.identity LIMIT $2`
      // How long a text is, is known without reading it.
      const sizes = yield* all(`SELECT octet_length(q.raw) AS bytes ${from}`, values)
      values[1] = fitting(
        sizes.map((row) => count(row['bytes'])),
        QUARANTINE_BYTES_MAX,
      )
      const columns =
        'q.*, s.connection_no, s.connection, s.stream, (SELECT id FROM tm_runs WHERE no = q.run_no) AS run'
      return (yield* all(`SELECT ${columns} ${from}`, values)).map(quarantineRow)
    }),
  }
}

type Listing = readonly [streamNo: number, runNo: number, after: Key | null, limit: number]

function keysIn(table: string): Work<Listing, readonly Key[]> {
  const sql = `SELECT key FROM ${table} WHERE stream_no = $1 AND run_no = $2 AND key > $3 ORDER BY key LIMIT $4`
  return alone(function* (streamNo, runNo, after, limit) {
    return (yield* all(sql, [streamNo, runNo, after ?? '', limit])).map((row) => text(row['key']))
  })
}

const HELD = `SELECT h.stream_no, h.run_no, count(*) AS held, 0 AS removed, 0 AS kept, 0 AS unconfirmed,
    max(h.reason) AS reason
  FROM tm_held h JOIN tm_streams s ON s.no = h.stream_no WHERE s.project = $1 GROUP BY 1, 2`

const KEPT = `SELECT k.stream_no, k.run_no, 0, 0, count(*), 0, NULL::text
  FROM tm_kept k JOIN tm_streams s ON s.no = k.stream_no WHERE s.project = $1 GROUP BY 1, 2`

const MISSED = `SELECT m.stream_no, m.run_no, 0, 0, 0, count(*), NULL::text
  FROM tm_missed m JOIN tm_streams s ON s.no = m.stream_no WHERE s.project = $1 GROUP BY 1, 2`

function removalsRow(row: Row): RemovalsRow {
  return {
    runNo: count(row['run_no']),
    run: text(row['run']),
    connectionNo: count(row['connection_no']),
    connection: text(row['connection']),
    streamNo: count(row['stream_no']),
    stream: text(row['stream']),
    at: count(row['at']),
    held: count(row['held']),
    reason: textOrNull(row['reason']),
    removed: count(row['removed']),
    kept: count(row['kept']),
    unconfirmed: count(row['unconfirmed']),
  }
}

// Owns what a page leaves beside its records: its walks and its state, what was seen, and what it counts.

import { COUNTS, tableNames } from '../names.ts'
import { type Asking, run, value } from '../statements.ts'
import type { Batch } from '../store.ts'
import { reshape } from './streams.ts'

export function* writeWalks({ walks, state, streamNo, runNo }: Batch, base: string): Asking<void> {
  const { records, tombstones } = tableNames(base)
  const lastOf = (table: string) => `coalesce((SELECT max(_id) FROM ${table}), 0)`
  for (const { walk, pass, openedAt, closedAt, ended, position, pages, records: read, note } of walks) {
    yield* run(
      `INSERT INTO tm_walks
         (stream_no, walk, run_no, pass, opened_at, closed_at, ended, pages, records, note, position, known_to)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, greatest(${lastOf(records)}, ${lastOf(tombstones)}))
       ON CONFLICT (stream_no, walk) DO UPDATE SET
         run_no = $3, pass = $4, closed_at = $6, ended = $7, pages = $8, records = $9, note = $10, position = $11, opened_at = $5,
         known_to = CASE tm_walks.opened_at WHEN $5 THEN tm_walks.known_to ELSE excluded.known_to END`,
      [streamNo, walk, runNo, pass, openedAt, closedAt, ended, pages, read, note, JSON.stringify(position)],
    )
  }
  if (state !== undefined) {
    yield* run(
      `INSERT INTO tm_states (stream_no, value) VALUES ($1, $2)
       ON CONFLICT (stream_no) DO UPDATE SET value = $2`,
      [streamNo, JSON.stringify(state)],
    )
  }
}

export function* writeSeen({ seen, forgetSeen = [], fields = [], streamNo, walk, runNo, at }: Batch): Asking<void> {
  for (const one of forgetSeen) yield* run('DELETE FROM tm_seen WHERE stream_no = $1 AND walk = $2', [streamNo, one])
  if (seen.length > 0 && walk !== null) {
    const sql = `INSERT INTO tm_seen (stream_no, walk, key) SELECT $1::bigint, $2::bigint, k
      FROM unnest($3::text[]) AS u(k) WHERE true ON CONFLICT DO NOTHING`
    yield* run(sql, [streamNo, walk, seen])
  }
  if (fields.length === 0) return
  const sql = `INSERT INTO tm_fields (stream_no, field, run_no, at) SELECT $1::bigint, k, $3::bigint, $4::bigint
    FROM unnest($2::text[]) AS u(k) WHERE true ON CONFLICT DO NOTHING`
  yield* run(sql, [streamNo, fields, runNo, at])
}

/**
 * `shape`: of the process that writes, as the stream's row has it. Where another release has defined or written since, what
 * is written has its columns and what was written in between may not have ours: both are noted as with a definition.
 */
export function* writeCounts(batch: Batch, shape: string): Asking<void> {
  const { pass, counts, expected, runNo, streamNo, inserts, updates, revivals = [], removals, walks, at } = batch
  // What is removed or restored moves from table to table, with the columns that the writer knows.
  const moved = removals.length + revivals.length
  const isWritten = inserts.length + updates.length + (batch.superseded?.length ?? 0) + moved > 0
  if (pass) {
    const { ordinal, kind, ended, pages, requests } = pass
    const values = COUNTS.map((name) => counts[name])
    yield* run(ADD_PASS, [runNo, streamNo, ordinal, kind, ended, pages, requests, expected, ...values])
  }
  const restored = revivals.length + updates.reduce((sum, { op }) => sum + (op === 'restore' ? 1 : 0), 0)
  const grown = inserts.length + restored - removals.length
  const lastRecordAt = inserts.length + updates.length > 0 ? at : null
  const nextWalk = walks.reduce((next, { walk }) => Math.max(next, walk + 1), 0)
  if (moved > 0) {
    // What moves from table to table may stand behind the place up to which new columns were filled.
    yield* run(`UPDATE tm_streams SET filled_to = '{}' WHERE no = $1 AND unfilled <> '[]'`, [streamNo])
  }
  if (!isWritten && grown === 0 && nextWalk === 0) return
  const stored = yield* value(
    `UPDATE tm_streams SET total_records = total_records + $1, last_record_at = coalesce($2, last_record_at),
       next_walk = greatest(next_walk, $3) WHERE no = $4 RETURNING shape`,
    [grown, lastRecordAt, nextWalk, streamNo],
  )
  if (isWritten && stored !== shape) yield* reshape(streamNo, JSON.parse(shape))
}

const ADD_PASS = `
  INSERT INTO tm_run_passes AS p (run_no, stream_no, ordinal, kind, ended, pages, requests, expected, ${COUNTS.join(', ')})
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, ${COUNTS.map((_, i) => `$${i + 9}`).join(', ')})
  ON CONFLICT (run_no, stream_no, ordinal) DO UPDATE SET
    ended = coalesce(excluded.ended, p.ended), pages = p.pages + excluded.pages, requests = p.requests + excluded.requests,
    expected = coalesce(excluded.expected, p.expected),
    ${COUNTS.map((name) => `${name} = p.${name} + excluded.${name}`).join(', ')}`

// Owns what a walk has not seen, and what it has.

import { count, countOrNull, text } from '../cells.ts'
import { tableNames } from '../names.ts'
import { all, alone, get, type Param, value, type Works } from '../statements.ts'
import type { WalkStore } from '../store.ts'
import type { Streams } from './streams.ts'

export function walks(streams: Streams): Works<WalkStore> {
  return {
    unseen: alone(function* ({ after, limit, streamNo, walk }) {
      const { base } = yield* streams.open(streamNo)
      const values: Param[] = [streamNo, walk, limit]
      const behind = after === null ? '' : `AND r._key > $${values.push(after)}`
      const sql = `SELECT r._key, r._ordinal, r._missed_by ${unseenFrom(base)} ${behind} ORDER BY r._key LIMIT $3`
      return (yield* all(sql, values)).map((row) => ({
        key: text(row['_key']),
        ordinal: count(row['_ordinal']),
        missedBy: countOrNull(row['_missed_by']),
      }))
    }),

    countUnseen: alone(function* ({ streamNo, walk }) {
      const { base } = yield* streams.open(streamNo)
      const sql = `SELECT (SELECT count(*) ${unseenFrom(base)}) AS unseen,
        (SELECT total_records FROM tm_streams WHERE no = $1) AS live`
      const row = yield* get(sql, [streamNo, walk])
      return { unseen: count(row?.['unseen']), live: count(row?.['live']) }
    }),

    countSeen: alone(function* (streamNo, walk) {
      return count(yield* value('SELECT count(*) FROM tm_seen WHERE stream_no = $1 AND walk = $2', [streamNo, walk]))
    }),

    seenOf: alone(function* (streamNo, walk, keys) {
      if (keys.length === 0) return new Set()
      const sql = 'SELECT key FROM tm_seen WHERE stream_no = $1 AND walk = $2 AND key = ANY($3::text[])'
      return new Set((yield* all(sql, [streamNo, walk, keys])).map((row) => text(row['key'])))
    }),
  }
}

/**
 * Looked up key by key: as a join, it would be planned by what is not known of either table while they grow. The plus
 * keeps the planner at the index of keys.
 */
function unseenFrom(base: string): string {
  return `FROM ${tableNames(base).records} r WHERE r._stream = $1 AND +r._id <= ${KNOWN_TO}
    AND (SELECT 1 FROM tm_seen s WHERE s.stream_no = $1 AND s.walk = $2 AND s.key = r._key) IS NULL`
}

/**
 * The highest id of a record that a walk counts as known before it began: one that had been given out when the walk was
 * first written, or first written after it had begun again at the top (`opened_at` is another one then). Ids only grow,
 * and no clock has a say in it: a date that a wrong clock wrote may lie in the future. Of a walk that is not written yet:
 * any.
 */
const KNOWN_TO = `coalesce((SELECT coalesce(w.known_to, 0) FROM tm_walks w WHERE w.stream_no = $1 AND w.walk = $2),
  9223372036854775807)`

// Owns the rows of the index of texts. The words themselves are each database's own: see `Dialect.words`.

import { count, text } from '../cells.ts'
import type { Dialect } from '../dialect.ts'
import { all, alone, type Param, run, type Works, writing } from '../statements.ts'
import type { TextStore } from '../store.ts'
import { indexProgress } from './index-progress.ts'

export function texts({ words: own }: Dialect): Works<TextStore> {
  return {
    ...indexProgress({ entries: 'tm_texts', notes: 'tm_text_streams' }),

    put: writing(function* (streamNo, given) {
      // Of one record the last words stand.
      const last = new Map(given.map((one) => [one.key, one]))
      yield* run('DELETE FROM tm_texts WHERE stream_no = $1 AND key = ANY($2::text[])', [streamNo, [...last.keys()]])
      yield* own.insert(streamNo, [...last.values()])
    }),

    find: alone(function* ({ project, connection, words, removed, since, limit }) {
      const values: Param[] = [own.query(words), project, removed ? 1 : 0, limit]
      const only: string[] = []
      if (connection !== undefined) only.push(`AND s.connection = $${values.push(connection)}`)
      if (since !== undefined) only.push(`AND t.at >= $${values.push(since)}`)
      const rows = yield* all(
        `SELECT t.stream_no, s.connection, s.stream, t.key, ${own.score} AS score
         FROM ${own.from} JOIN tm_streams s ON s.no = t.stream_no
         WHERE ${own.matches} AND s.project = $2 AND t.removed = $3 ${only.join(' ')}
         ORDER BY score DESC, t.stream_no, t.key LIMIT $4`,
        values,
      )
      return rows.map((row) => ({
        streamNo: count(row['stream_no']),
        connection: text(row['connection']),
        stream: text(row['stream']),
        key: text(row['key']),
        score: Number(row['score']),
      }))
    }),
  }
}

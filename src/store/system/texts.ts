// Owns the rows of the index of texts. The words themselves are each database's own: see `Dialect.words`.

import { count, text, textOrNull } from '../cells.ts'
import type { Dialect } from '../dialect.ts'
import { all, alone, type Param, run, type Works, writing } from '../statements.ts'
import type { TextStore } from '../store.ts'

export function texts({ words: own }: Dialect): Works<TextStore> {
  return {
    put: writing(function* (streamNo, given) {
      for (const { key, title, body, at, removed } of given) {
        yield* run('DELETE FROM tm_texts WHERE stream_no = $1 AND key = $2', [streamNo, key])
        const row: readonly Param[] = [streamNo, key, at, removed ? 1 : 0]
        yield* own.insert(row, { title, body })
      }
    }),

    forget: writing(function* (streamNo, limit) {
      const keys = yield* all('SELECT key FROM tm_texts WHERE stream_no = $1 LIMIT $2', [streamNo, limit])
      if (keys.length === 0) return 0
      return yield* run('DELETE FROM tm_texts WHERE stream_no = $1 AND key = ANY($2::text[])', [
        streamNo,
        keys.map((row) => text(row['key'])),
      ])
    }),

    streams: alone(function* (project) {
      const sql = `SELECT t.stream_no, t.declared, t.place FROM tm_text_streams t JOIN tm_streams s ON s.no = t.stream_no
        WHERE s.project = $1`
      return (yield* all(sql, [project])).map((row) => ({
        streamNo: count(row['stream_no']),
        declared: text(row['declared']),
        place: textOrNull(row['place']),
      }))
    }),

    saveStream: alone(function* ({ streamNo, declared, place }) {
      yield* run(
        `INSERT INTO tm_text_streams (stream_no, declared, place) VALUES ($1, $2, $3)
         ON CONFLICT (stream_no) DO UPDATE SET declared = $2, place = $3`,
        [streamNo, declared, place],
      )
    }),

    dropStream: alone(function* (streamNo) {
      yield* run('DELETE FROM tm_text_streams WHERE stream_no = $1', [streamNo])
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

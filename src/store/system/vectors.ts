// Owns the rows of the vectors of texts, in the order in which they were written: whoever keeps them in memory asks for what
// is new.

import { count, text } from '../cells.ts'
import { all, alone, run, value, type Works, writing } from '../statements.ts'
import type { VectorStore } from '../store.ts'
import { indexedStream, indexProgress, noted } from './index-progress.ts'

const TABLES = { entries: 'tm_vectors', notes: 'tm_vector_streams' }

export const vectors: Works<VectorStore> = {
  ...indexProgress(TABLES),

  streams: alone(function* (project) {
    return (yield* noted(TABLES, project)).map((row) => ({
      ...indexedStream(row),
      connection: text(row['connection']),
      stream: text(row['stream']),
      noteNo: count(row['no']),
      written: count(row['written']),
    }))
  }),

  digests: alone(function* (streamNo, keys) {
    const sql = 'SELECT key, digest FROM tm_vectors WHERE stream_no = $1 AND key = ANY($2::text[])'
    return new Map((yield* all(sql, [streamNo, keys])).map((row) => [text(row['key']), text(row['digest'])]))
  }),

  length: alone(function* (streamNo) {
    const sql = 'SELECT length(vector) FROM tm_vectors WHERE stream_no = $1 AND length(vector) > 0 LIMIT 1'
    const length = yield* value(sql, [streamNo])
    return length === undefined ? undefined : count(length)
  }),

  put: writing(function* (streamNo, records) {
    // The row is locked until the end: places are seen by others in the order in which they were given.
    const sql = 'UPDATE tm_vector_streams SET written = written + $2 WHERE stream_no = $1 RETURNING written'
    const last = yield* value(sql, [streamNo, records.length])
    if (last === undefined) return
    let written = count(last) - records.length
    for (const { key, at, removed, made } of records) {
      const row = [streamNo, key, at, removed ? 1 : 0, ++written]
      if (made === undefined) {
        yield* run('UPDATE tm_vectors SET at = $3, removed = $4, written = $5 WHERE stream_no = $1 AND key = $2', row)
        continue
      }
      const bytes = new Uint8Array(made.vector.buffer, made.vector.byteOffset, made.vector.byteLength)
      yield* run(
        `INSERT INTO tm_vectors (stream_no, key, at, removed, written, digest, vector) VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (stream_no, key) DO UPDATE SET at = $3, removed = $4, written = $5, digest = $6, vector = $7`,
        [...row, made.digest, bytes],
      )
    }
  }),

  read: alone(function* (streamNo, after, limit) {
    const sql = `SELECT key, at, removed, vector, written FROM tm_vectors WHERE stream_no = $1 AND written > $2
      ORDER BY written LIMIT $3`
    return (yield* all(sql, [streamNo, after, limit])).map((row) => {
      const { buffer, byteOffset, byteLength } = row['vector'] as Uint8Array
      return {
        key: text(row['key']),
        at: count(row['at']),
        removed: count(row['removed']) === 1,
        vector: new Int8Array(buffer, byteOffset, byteLength),
        written: count(row['written']),
      }
    })
  }),
}

// Owns how far an index of records is made, and forgetting what it has of a stream: the same for words and for vectors.

import { count, text, textOrNull } from '../cells.ts'
import { type Asking, all, alone, type Row, run, type Works, writing } from '../statements.ts'
import type { IndexedStream, IndexStore } from '../store.ts'

/** The table with a row for each record, and the one with a row for each stream. */
export interface IndexTables {
  readonly entries: string
  readonly notes: string
}

export function indexProgress(tables: IndexTables): Works<IndexStore> {
  const { entries, notes } = tables
  return {
    forget: writing(function* (streamNo, limit) {
      const keys = yield* all(`SELECT key FROM ${entries} WHERE stream_no = $1 LIMIT $2`, [streamNo, limit])
      if (keys.length === 0) return 0
      return yield* run(`DELETE FROM ${entries} WHERE stream_no = $1 AND key = ANY($2::text[])`, [
        streamNo,
        keys.map((row) => text(row['key'])),
      ])
    }),

    streams: alone(function* (project) {
      return (yield* noted(tables, project)).map(indexedStream)
    }),

    saveStream: alone(function* ({ streamNo, declared, place }) {
      yield* run(
        `INSERT INTO ${notes} (stream_no, declared, place) VALUES ($1, $2, $3)
         ON CONFLICT (stream_no) DO UPDATE SET declared = $2, place = $3`,
        [streamNo, declared, place],
      )
    }),

    dropStream: alone(function* (streamNo) {
      yield* run(`DELETE FROM ${notes} WHERE stream_no = $1`, [streamNo])
    }),
  }
}

/** What is noted of the streams of a project. */
export function* noted({ notes }: IndexTables, project: string): Asking<readonly Row[]> {
  return yield* all(
    `SELECT n.*, s.connection, s.stream FROM ${notes} n JOIN tm_streams s ON s.no = n.stream_no WHERE s.project = $1`,
    [project],
  )
}

export function indexedStream(row: Row): IndexedStream {
  return { streamNo: count(row['stream_no']), declared: text(row['declared']), place: textOrNull(row['place']) }
}

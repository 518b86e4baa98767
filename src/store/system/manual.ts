// Owns the rows of values that a person has set.

import { count, json, text } from '../cells.ts'
import { all, alone, run, type Works, writing } from '../statements.ts'
import type { ManualRow, ManualStore, ManualValue } from '../store.ts'

export const manual: Works<ManualStore> = {
  list: alone(function* (streamNo) {
    const rows = yield* all('SELECT key, field, value, at FROM tm_manual WHERE stream_no = $1 ORDER BY key, field', [
      streamNo,
    ])
    const found = new Map<string, Record<string, { value: ManualValue; at: number }>>()
    for (const row of rows) {
      const key = text(row['key'])
      const values = found.get(key) ?? {}
      found.set(key, values)
      const value = json(row['value']) as ManualValue | null
      if (value !== null) values[text(row['field'])] = { value, at: count(row['at']) }
    }
    return [...found].map(([key, values]): ManualRow => ({ key, values }))
  }),

  save: writing(function* ({ streamNo, key, values, at }) {
    for (const [field, value] of Object.entries(values)) {
      yield* run(
        `INSERT INTO tm_manual (stream_no, key, field, value, at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (stream_no, key, field) DO UPDATE SET value = excluded.value, at = excluded.at`,
        [streamNo, key, field, JSON.stringify(value), at],
      )
    }
  }),
}

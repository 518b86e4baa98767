// Owns the rows of answers that are kept by their Idempotency-Key.

import { count, countOrNull, json, text } from '../cells.ts'
import { alone, get, type Row, run, value, type Works, writing } from '../statements.ts'
import type { AnswerRow, AnswerStore, Holder } from '../store.ts'

/** Rows that are forgotten at once. */
const FORGOTTEN_MAX = 1_000

const MINE = 'caller = $1 AND key = $2'

export const answers: Works<AnswerStore> = {
  take: writing(function* ({ caller, key, id, call, at, holder }, { since, most }) {
    yield* run(
      `DELETE FROM tm_answers WHERE (caller, key) IN (
         SELECT caller, key FROM tm_answers WHERE at < $1 ORDER BY at LIMIT $2)`,
      [since, FORGOTTEN_MAX],
    )
    const taken = yield* run(
      `INSERT INTO tm_answers (caller, key, id, call, at, holder) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (caller, key) DO NOTHING`,
      [caller, key, id, call, at, JSON.stringify(holder)],
    )
    if (taken === 0) {
      const row = yield* get(`SELECT * FROM tm_answers WHERE ${MINE}`, [caller, key])
      return row && answerRow(row)
    }
    const all = 'SELECT count(*) FROM (SELECT 1 FROM tm_answers WHERE caller = $1 LIMIT $2) AS taken'
    if (count(yield* value(all, [caller, most + 1])) <= most) return undefined
    yield* run(`DELETE FROM tm_answers WHERE ${MINE}`, [caller, key])
    return 'full' as const
  }),

  takeOver: alone(function* ({ caller, key, at }, from, to) {
    const sql = `UPDATE tm_answers SET holder = $4, at = $5 WHERE ${MINE} AND holder = $3 AND status IS NULL`
    return (yield* run(sql, [caller, key, JSON.stringify(from), JSON.stringify(to), at])) === 1
  }),

  keep: alone(function* ({ caller, key }, { status, sealed }) {
    yield* run(`UPDATE tm_answers SET status = $3, sealed = $4 WHERE ${MINE}`, [caller, key, status, sealed])
  }),

  drop: alone(function* ({ caller, key }) {
    yield* run(`DELETE FROM tm_answers WHERE ${MINE} AND status IS NULL`, [caller, key])
  }),
}

function answerRow(row: Row): AnswerRow {
  return {
    caller: text(row['caller']),
    key: text(row['key']),
    id: text(row['id']),
    call: text(row['call']),
    at: count(row['at']),
    holder: json(row['holder']) as Holder,
    status: countOrNull(row['status']),
    sealed: (row['sealed'] ?? null) as Uint8Array | null,
  }
}

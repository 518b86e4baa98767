// Owns the rows of intents.

import type { Json } from '../../model/json.ts'
import type { PassKind } from '../../model/run.ts'
import { count, json, text, textOrNull } from '../cells.ts'
import { type Asking, all, alone, run, type Works, writing } from '../statements.ts'
import type { Batch, IntentStore } from '../store.ts'
import { fence } from './leases.ts'

export const intents: Works<IntentStore> = {
  plan: writing(function* (lease, { id, streamNo, runNo, pass, ask, at }) {
    yield* fence(lease)
    yield* run(
      `INSERT INTO tm_intents (id, stream_no, run_no, pass, ask, at, state) VALUES ($1, $2, $3, $4, $5, $6, 'open')`,
      [id, streamNo, runNo, pass, JSON.stringify(ask), at],
    )
  }),

  started: writing(function* (lease, id, job) {
    yield* fence(lease)
    yield* run('UPDATE tm_intents SET job = $1 WHERE id = $2', [job, id])
  }),

  open: alone(function* (streamNo) {
    const sql = `SELECT * FROM tm_intents WHERE stream_no = $1 AND state = 'open' ORDER BY at, id`
    return (yield* all(sql, [streamNo])).map((row) => ({
      id: text(row['id']),
      streamNo: count(row['stream_no']),
      pass: text(row['pass']) as PassKind,
      ask: json(row['ask']) as Json,
      at: count(row['at']),
      job: textOrNull(row['job']),
      bill: row['billed_items'] === null ? null : { items: count(row['billed_items']), cost: Number(row['cost']) },
    }))
  }),
}

export function* writeIntents({ intents: changes = [] }: Pick<Batch, 'intents'>): Asking<void> {
  for (const { id, state, bill } of changes) {
    const sql = 'UPDATE tm_intents SET state = $1, billed_items = $2, cost = $3 WHERE id = $4'
    yield* run(sql, [state, bill?.items ?? null, bill?.cost ?? null, id])
  }
}

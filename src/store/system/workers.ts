// Owns the rows of processes that work on the database, and the count of what waits for them.

import { count, countOrNull, json } from '../cells.ts'
import { all, alone, get, run, type Works, writing } from '../statements.ts'
import type { Holder, WorkerStore } from '../store.ts'
import { bucketOf } from './limits.ts'

export const workers: Works<WorkerStore> = {
  beat: writing(function* ({ holder, startedAt, seenAt, together }, forgetBefore) {
    yield* run(
      `INSERT INTO tm_workers (id, holder, started_at, seen_at, together) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (id) DO UPDATE SET seen_at = $4, together = $5`,
      [holder.id, JSON.stringify(holder), startedAt, seenAt, together],
    )
    yield* run('DELETE FROM tm_workers WHERE seen_at < $1', [forgetBefore])
  }),

  gone: alone(function* (id) {
    yield* run('DELETE FROM tm_workers WHERE id = $1', [id])
  }),

  list: alone(function* (since) {
    const rows = yield* all('SELECT * FROM tm_workers WHERE seen_at >= $1 ORDER BY started_at, id', [since])
    return rows.map((row) => ({
      holder: json(row['holder']) as Holder,
      startedAt: count(row['started_at']),
      seenAt: count(row['seen_at']),
      together: count(row['together']),
    }))
  }),

  load: alone(function* (now) {
    const due = yield* get('SELECT count(*) AS n, min(next_at) AS since FROM tm_schedules WHERE next_at <= $1', [now])
    const ordered = yield* get('SELECT count(*) AS n FROM tm_orders WHERE ended_at IS NULL')
    const holders = yield* all(`SELECT holder, count(*) AS n FROM tm_runs WHERE status = 'running' GROUP BY holder`)
    const running = new Map<string, number>()
    for (const row of holders) {
      const { id } = json(row['holder']) as Holder
      running.set(id, (running.get(id) ?? 0) + count(row['n']))
    }
    return {
      due: count(due?.['n']),
      dueSince: countOrNull(due?.['since'] ?? null),
      ordered: count(ordered?.['n']),
      running,
    }
  }),

  limits: alone(function* (since, most) {
    const sql = `SELECT * FROM tm_buckets WHERE at >= $1 OR blocked_until >= $1 ORDER BY key LIMIT $2`
    return (yield* all(sql, [since, most])).map((row) => ({ key: String(row['key']), bucket: bucketOf(row) }))
  }),
}

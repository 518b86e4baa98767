// Owns what is to be sent of a run that ends: written in the transaction that ends it.

import { count, countOrNull, text } from '../cells.ts'
import { type Asking, all, run } from '../statements.ts'
import type { Announced, RunRow } from '../store.ts'

/** What a run that ends has come to, for whoever is told of it. */
interface Ended {
  readonly runNo: number
  readonly status: RunRow['status']
  readonly code: string | undefined
  readonly at: number
}

/** Codes of a run that a budget has ended. */
const BUDGET_REACHED = 'budget_spent'

/** Writes what is to be sent of a run that ends; in the transaction that ends it. */
export function* announce({ runNo, status, code, at }: Ended): Asking<void> {
  const told = yield* all(
    `SELECT w.no, w.events, w.long_ms, r.id AS run, r.started_at,
       (SELECT coalesce(sum(held), 0) FROM tm_run_passes WHERE run_no = r.no) AS held
     FROM tm_runs r JOIN tm_webhooks w ON w.project_no = r.project_no WHERE r.no = $1 ORDER BY w.no`,
    [runNo],
  )
  for (const row of told) {
    const wanted = text(row['events'])
    const ended = status === 'failed' ? 'run.failed' : status === 'paused' ? 'run.paused' : 'run.finished'
    const holds = count(row['held']) > 0
    const longMs = countOrNull(row['long_ms'])
    const isLong = longMs !== null && at - count(row['started_at']) >= longMs
    const happened: readonly Announced[] =
      longMs !== null
        ? worthAnInterruption(ended, holds, isLong)
        : [
            ended,
            ...(holds ? (['removals.held'] as const) : []),
            ...(code === BUDGET_REACHED ? (['budget.reached'] as const) : []),
          ]
    for (const event of happened) {
      if (wanted !== '' && !wanted.split(',').includes(event)) continue
      const id = `msg_${text(row['run'])}_${event.replace('.', '_')}`
      yield* insertMessage({ webhookNo: count(row['no']), id, event, runNo, at, nextAt: at })
    }
  }
}

/** What a browser shows of a run: one thing at most, and first what waits for a person. */
function worthAnInterruption(ended: Announced, holds: boolean, isLong: boolean): readonly Announced[] {
  if (ended === 'run.paused') return [ended]
  if (holds) return ['removals.held']
  return isLong ? [ended] : []
}

interface NewMessage {
  readonly webhookNo: number
  readonly id: string
  readonly event: string
  readonly runNo: number | null
  readonly at: number
  readonly nextAt: number
}

export function* insertMessage({ webhookNo, id, event, runNo, at, nextAt }: NewMessage): Asking<void> {
  yield* run(
    `INSERT INTO tm_outbox (webhook_no, id, event, run_no, at, tries, next_at) VALUES ($1, $2, $3, $4, $5, 0, $6)
     ON CONFLICT (webhook_no, id) DO NOTHING`,
    [webhookNo, id, event, runNo, at, nextAt],
  )
}

// Owns the rows of budgets, and of what was spent of them.

import { count, countOrNull, text } from '../cells.ts'
import type { Dialect } from '../dialect.ts'
import { SLOTS, type Spent, slotsOf, spendFrom } from '../spending.ts'
import { all, alone, type Row, run, value, type Works, writing } from '../statements.ts'
import type { BudgetRow, BudgetStore } from '../store.ts'
import { unknownProject } from './projects.ts'

export function budgets({ lock }: Dialect): Works<BudgetStore> {
  return {
    save: writing(function* (project, { scope, name, requests, cost }) {
      const no = yield* value('SELECT no FROM tm_projects WHERE id = $1', [project])
      if (no === undefined) throw unknownProject(project)
      const place = [count(no), scope, name]
      yield* run('DELETE FROM tm_budgets WHERE project_no = $1 AND scope = $2 AND name = $3', place)
      if (!requests && !cost) return
      yield* run(
        `INSERT INTO tm_budgets (project_no, scope, name, requests_max, requests_per_ms, cost_max, cost_per_ms)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (project_no, scope, name) DO UPDATE
           SET requests_max = $4, requests_per_ms = $5, cost_max = $6, cost_per_ms = $7`,
        [...place, requests?.max ?? null, requests?.perMs ?? null, cost?.max ?? null, cost?.perMs ?? null],
      )
    }),

    list: alone(function* (project) {
      const sql = `SELECT * FROM tm_budgets WHERE project_no = (SELECT no FROM tm_projects WHERE id = $1)
        ORDER BY scope, name`
      return (yield* all(sql, [project])).map(
        (row): BudgetRow => ({
          scope: text(row['scope']) as BudgetRow['scope'],
          name: text(row['name']),
          requests: amount(row['requests_max'], row['requests_per_ms']),
          cost: amount(row['cost_max'], row['cost_per_ms']),
        }),
      )
    }),

    spend: writing(function* ({ key, ...order }) {
      yield* lock('spent', key)
      const slots = yield* all('SELECT slot, amount, behind FROM tm_spent WHERE key = $1 ORDER BY slot', [key])
      const { reservation, slot, forgetBefore, ahead } = spendFrom(slots.map(spentRow), order)
      yield* run('DELETE FROM tm_spent WHERE key = $1 AND slot < $2', [key, forgetBefore])
      for (const one of ahead) {
        yield* run('UPDATE tm_spent SET behind = $1 WHERE key = $2 AND slot = $3', [one.behind, key, one.slot])
      }
      // What has been counted for a whole window by the clock as it is now does not count once more when its time comes.
      const { oldest } = slotsOf(order)
      yield* run('DELETE FROM tm_spent WHERE key = $1 AND slot > $2 AND behind < $3', [key, slot, oldest])
      if (reservation.granted > 0) {
        yield* run(
          `INSERT INTO tm_spent AS s (key, slot, amount) VALUES ($1, $2, $3)
           ON CONFLICT (key, slot) DO UPDATE SET amount = s.amount + $3`,
          [key, slot, reservation.granted],
        )
      }
      return reservation
    }),

    giveBack: alone(function* ({ key, perMs, amount: unused, at }) {
      const { slot } = slotsOf({ perMs, now: at })
      const sql = 'UPDATE tm_spent SET amount = greatest(0, amount - $1) WHERE key = $2 AND slot = $3'
      yield* run(sql, [unused, key, slot])
    }),

    recount: alone(function* ({ key, perMs, now, project, scope, name, of }) {
      const owner = scope === 'connection' ? 'c.id' : 'c.connector'
      const whose = `JOIN tm_connections c ON c.no = r.connection_no
        WHERE r.project_no = (SELECT no FROM tm_projects WHERE id = $1) AND ${owner} = $2`
      const used =
        of === 'requests'
          ? `SELECT q.at AS at, 1 AS amount FROM tm_requests q JOIN tm_runs r ON r.no = q.run_no ${whose} AND q.at > $4`
          : `SELECT coalesce(r.finished_at, $3) AS at, r.cost AS amount FROM tm_runs r ${whose}
             AND r.cost IS NOT NULL AND coalesce(r.finished_at, $3) > $4`
      yield* run(
        `INSERT INTO tm_spent AS s (key, slot, amount)
         SELECT $5, floor(at * ${SLOTS}.0 / $6::bigint)::bigint AS slot, sum(amount) FROM (${used}) AS used
         WHERE at <= $3::bigint GROUP BY slot
         ON CONFLICT (key, slot) DO UPDATE SET amount = greatest(s.amount, excluded.amount)`,
        [project, name, now, now - perMs, key, perMs],
      )
    }),

    spent: alone(function* ({ key, ...window }) {
      const { slot, oldest } = slotsOf(window)
      const sql = `SELECT coalesce(sum(amount), 0) FROM tm_spent WHERE key = $1 AND slot >= $2
        AND (slot <= $3 OR coalesce(behind, $3) >= $2)`
      return count(yield* value(sql, [key, oldest, slot]))
    }),
  }
}

function amount(max: unknown, perMs: unknown): { max: number; perMs: number } | null {
  const known = countOrNull(max)
  return known === null ? null : { max: known, perMs: count(perMs) }
}

function spentRow(row: Row): Spent {
  return { slot: count(row['slot']), amount: count(row['amount']), behind: countOrNull(row['behind']) }
}

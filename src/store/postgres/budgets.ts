// Owns the rows of budgets, and of what was spent of them.

import { count, countOrNull, text } from '../cells.ts'
import { SLOTS, type Spent, slotsOf, spendFrom } from '../spending.ts'
import type { BudgetRow, Store } from '../store.ts'
import type { Connection } from './connection.ts'
import { unknownProject } from './connections.ts'
import type { Row } from './values.ts'

export function budgets(
  db: Connection,
): Pick<Store, 'saveBudget' | 'budgets' | 'spend' | 'giveBack' | 'recount' | 'spent'> {
  return {
    async saveBudget(project, { scope, name, requests, cost }) {
      await db.transaction(async (tx) => {
        const no = await tx.value('SELECT no FROM tm_projects WHERE id = $1', [project])
        if (no === undefined) throw unknownProject(project)
        const place = [count(no), scope, name]
        await tx.run('DELETE FROM tm_budgets WHERE project_no = $1 AND scope = $2 AND name = $3', place)
        if (!requests && !cost) return
        await tx.run(
          `INSERT INTO tm_budgets (project_no, scope, name, requests_max, requests_per_ms, cost_max, cost_per_ms)
           VALUES ($1, $2, $3, $4, $5, $6, $7)
           ON CONFLICT (project_no, scope, name) DO UPDATE
             SET requests_max = $4, requests_per_ms = $5, cost_max = $6, cost_per_ms = $7`,
          [...place, requests?.max ?? null, requests?.perMs ?? null, cost?.max ?? null, cost?.perMs ?? null],
        )
      })
    },

    async budgets(project) {
      const sql = `SELECT * FROM tm_budgets WHERE project_no = (SELECT no FROM tm_projects WHERE id = $1)
        ORDER BY scope, name`
      return (await db.all(sql, [project])).map(
        (row): BudgetRow => ({
          scope: text(row['scope']) as BudgetRow['scope'],
          name: text(row['name']),
          requests: amount(row['requests_max'], row['requests_per_ms']),
          cost: amount(row['cost_max'], row['cost_per_ms']),
        }),
      )
    },

    async spend({ key, ...order }) {
      return db.transaction(async (tx) => {
        // The key is the lock: what was spent may have no row yet.
        await tx.run(`SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || ' spent ' || $1, 0))`, [key])
        const slots = await tx.all('SELECT slot, amount FROM tm_spent WHERE key = $1 ORDER BY slot', [key])
        const { reservation, slot, forgetBefore } = spendFrom(slots.map(spentRow), order)
        await tx.run('DELETE FROM tm_spent WHERE key = $1 AND slot < $2', [key, forgetBefore])
        if (reservation.granted > 0) {
          await tx.run(
            `INSERT INTO tm_spent AS s (key, slot, amount) VALUES ($1, $2, $3)
             ON CONFLICT (key, slot) DO UPDATE SET amount = s.amount + $3`,
            [key, slot, reservation.granted],
          )
        }
        return reservation
      })
    },

    async giveBack({ key, perMs, amount: unused, at }) {
      const { slot } = slotsOf({ perMs, now: at })
      await db.run('UPDATE tm_spent SET amount = greatest(0, amount - $1) WHERE key = $2 AND slot = $3', [
        unused,
        key,
        slot,
      ])
    },

    async recount({ key, perMs, now, project, scope, name, of }) {
      const owner = scope === 'connection' ? 'c.id' : 'c.connector'
      const whose = `JOIN tm_connections c ON c.no = r.connection_no
        WHERE r.project_no = (SELECT no FROM tm_projects WHERE id = $1) AND ${owner} = $2`
      const used =
        of === 'requests'
          ? `SELECT q.at AS at, 1 AS amount FROM tm_requests q JOIN tm_runs r ON r.no = q.run_no ${whose} AND q.at > $4`
          : `SELECT coalesce(r.finished_at, $3) AS at, r.cost AS amount FROM tm_runs r ${whose}
             AND r.cost IS NOT NULL AND coalesce(r.finished_at, $3) > $4`
      await db.run(
        `INSERT INTO tm_spent AS s (key, slot, amount)
         SELECT $5, floor(at * ${SLOTS}.0 / $6::bigint)::bigint AS slot, sum(amount) FROM (${used}) AS used
         WHERE at <= $3::bigint GROUP BY slot
         ON CONFLICT (key, slot) DO UPDATE SET amount = greatest(s.amount, excluded.amount)`,
        [project, name, now, now - perMs, key, perMs],
      )
    },

    async spent({ key, ...window }) {
      const sql = 'SELECT coalesce(sum(amount), 0) FROM tm_spent WHERE key = $1 AND slot >= $2'
      return count(await db.value(sql, [key, slotsOf(window).oldest]))
    },
  }
}

function amount(max: unknown, perMs: unknown): { max: number; perMs: number } | null {
  const known = countOrNull(max)
  return known === null ? null : { max: known, perMs: count(perMs) }
}

function spentRow(row: Row): Spent {
  return { slot: count(row['slot']), amount: count(row['amount']) }
}

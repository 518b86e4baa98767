// Owns budgets and what was spent of them, in slots of a rolling window. A slot counts until all of it has left the
// window, so that the sum is never less than what was spent in it.

import type { Connection } from './postgres-connection.ts'
import { unknownProject } from './postgres-connections.ts'
import { count, countOrNull, text } from './postgres-values.ts'
import { SLOTS } from './sqlite-budgets.ts'
import type { BudgetRow, Reservation, Store } from './store.ts'

export function budgets(db: Connection): Pick<Store, 'saveBudget' | 'budgets' | 'spend' | 'spent'> {
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

    async spend({ key, max, perMs, want, now, partly = true }) {
      return db.transaction(async (tx): Promise<Reservation> => {
        const slotMs = perMs / SLOTS
        const slot = Math.floor(now / slotMs)
        // The key is the lock: what was spent may have no row yet.
        await tx.run(`SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || ' spent ' || $1, 0))`, [key])
        await tx.run('DELETE FROM tm_spent WHERE key = $1 AND slot <= $2', [key, slot - SLOTS - 1])
        const slots = await tx.all('SELECT slot, amount FROM tm_spent WHERE key = $1 ORDER BY slot', [key])
        let sum = slots.reduce((total, row) => total + count(row['amount']), 0)
        const left = Math.max(0, max - sum)
        const granted = partly ? Math.min(want, Math.floor(left)) : want <= left ? want : 0
        if (granted > 0) {
          await tx.run(
            `INSERT INTO tm_spent AS s (key, slot, amount) VALUES ($1, $2, $3)
             ON CONFLICT (key, slot) DO UPDATE SET amount = s.amount + $3`,
            [key, slot, granted],
          )
          return { granted, waitMs: 0 }
        }
        // Until so many of the oldest slots have left the window that the least that is of use fits in.
        const least = partly ? 1 : want
        for (const row of slots) {
          sum -= count(row['amount'])
          if (max - sum >= least)
            return { granted: 0, waitMs: Math.ceil((count(row['slot']) + SLOTS + 1) * slotMs - now) }
        }
        return { granted: 0, waitMs: perMs }
      })
    },

    async spent({ key, perMs, now }) {
      const oldest = Math.floor(now / (perMs / SLOTS)) - SLOTS
      const sql = 'SELECT coalesce(sum(amount), 0) FROM tm_spent WHERE key = $1 AND slot >= $2'
      return count(await db.value(sql, [key, oldest]))
    },
  }
}

function amount(max: unknown, perMs: unknown): { max: number; perMs: number } | null {
  const known = countOrNull(max)
  return known === null ? null : { max: known, perMs: count(perMs) }
}

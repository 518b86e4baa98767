// Owns budgets and what was spent of them, in slots of a rolling window. A slot counts until all of it has left the
// window, so that the sum is never less than what was spent in it.

import type { Connection } from './sqlite-connection.ts'
import { unknownProject } from './sqlite-connections.ts'
import { count, countOrNull, text } from './sqlite-values.ts'
import type { BudgetRow, Reservation, Store } from './store.ts'

/** Into how many slots a window is cut: a request is forgotten at most a 60th of the window late. */
export const SLOTS = 60

export function budgets(db: Connection): Pick<Store, 'saveBudget' | 'budgets' | 'spend' | 'spent'> {
  return {
    async saveBudget(project, { scope, name, requests, cost }) {
      db.transaction(() => {
        const no = db.value('SELECT no FROM tm_projects WHERE id = ?', [project])
        if (no === undefined) throw unknownProject(project)
        db.run('DELETE FROM tm_budgets WHERE project_no = ? AND scope = ? AND name = ?', [count(no), scope, name])
        if (!requests && !cost) return
        db.run(
          `INSERT INTO tm_budgets (project_no, scope, name, requests_max, requests_per_ms, cost_max, cost_per_ms)
           VALUES (?, ?, ?, ?, ?, ?, ?)`,
          [
            count(no),
            scope,
            name,
            requests?.max ?? null,
            requests?.perMs ?? null,
            cost?.max ?? null,
            cost?.perMs ?? null,
          ],
        )
      })
    },

    async budgets(project) {
      const sql = `SELECT * FROM tm_budgets WHERE project_no = (SELECT no FROM tm_projects WHERE id = ?) ORDER BY scope, name`
      return db.all(sql, [project]).map(
        (row): BudgetRow => ({
          scope: text(row['scope']) as BudgetRow['scope'],
          name: text(row['name']),
          requests: amount(row['requests_max'], row['requests_per_ms']),
          cost: amount(row['cost_max'], row['cost_per_ms']),
        }),
      )
    },

    async spend({ key, max, perMs, want, now, partly = true }) {
      return db.transaction((): Reservation => {
        const slotMs = perMs / SLOTS
        const slot = Math.floor(now / slotMs)
        db.run('DELETE FROM tm_spent WHERE key = ? AND slot <= ?', [key, slot - SLOTS - 1])
        const slots = db.all('SELECT slot, amount FROM tm_spent WHERE key = ? ORDER BY slot', [key])
        let sum = slots.reduce((total, row) => total + count(row['amount']), 0)
        const left = Math.max(0, max - sum)
        const granted = partly ? Math.min(want, Math.floor(left)) : want <= left ? want : 0
        if (granted > 0) {
          db.run(
            `INSERT INTO tm_spent (key, slot, amount) VALUES (?1, ?2, ?3)
             ON CONFLICT (key, slot) DO UPDATE SET amount = amount + ?3`,
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
      return count(db.value('SELECT coalesce(sum(amount), 0) FROM tm_spent WHERE key = ? AND slot >= ?', [key, oldest]))
    },
  }
}

function amount(max: unknown, perMs: unknown): { max: number; perMs: number } | null {
  const known = countOrNull(max)
  return known === null ? null : { max: known, perMs: count(perMs) }
}

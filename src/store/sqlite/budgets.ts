// Owns the rows of budgets, and of what was spent of them.

import { count, countOrNull, text } from '../cells.ts'
import { SLOTS, type Spent, slotsOf, spendFrom } from '../spending.ts'
import type { BudgetRow, Store } from '../store.ts'
import type { Connection, Row } from './connection.ts'
import { unknownProject } from './connections.ts'

export function budgets(
  db: Connection,
): Pick<Store, 'saveBudget' | 'budgets' | 'spend' | 'giveBack' | 'recount' | 'spent'> {
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

    async spend({ key, ...order }) {
      return db.transaction(() => {
        const slots = db.all('SELECT slot, amount FROM tm_spent WHERE key = ? ORDER BY slot', [key])
        const { reservation, slot, forgetBefore } = spendFrom(slots.map(spentRow), order)
        db.run('DELETE FROM tm_spent WHERE key = ? AND slot < ?', [key, forgetBefore])
        if (reservation.granted > 0) {
          db.run(
            `INSERT INTO tm_spent (key, slot, amount) VALUES (?1, ?2, ?3)
             ON CONFLICT (key, slot) DO UPDATE SET amount = amount + ?3`,
            [key, slot, reservation.granted],
          )
        }
        return reservation
      })
    },

    async giveBack({ key, perMs, amount: unused, at }) {
      const { slot } = slotsOf({ perMs, now: at })
      db.run('UPDATE tm_spent SET amount = max(0, amount - ?) WHERE key = ? AND slot = ?', [unused, key, slot])
    },

    async recount({ key, perMs, now, project, scope, name, of }) {
      const owner = scope === 'connection' ? 'c.id' : 'c.connector'
      const whose = `JOIN tm_connections c ON c.no = r.connection_no
        WHERE r.project_no = (SELECT no FROM tm_projects WHERE id = ?1) AND ${owner} = ?2`
      const used =
        of === 'requests'
          ? `SELECT q.at AS at, 1 AS amount FROM tm_requests q JOIN tm_runs r ON r.no = q.run_no ${whose} AND q.at > ?4`
          : `SELECT coalesce(r.finished_at, ?3) AS at, r.cost AS amount FROM tm_runs r ${whose}
             AND r.cost IS NOT NULL AND coalesce(r.finished_at, ?3) > ?4`
      db.run(
        `INSERT INTO tm_spent (key, slot, amount)
         SELECT ?5, cast(at * ${SLOTS}.0 / ?6 AS INTEGER) AS slot, sum(amount) FROM (${used}) WHERE at <= ?3 GROUP BY slot
         ON CONFLICT (key, slot) DO UPDATE SET amount = max(amount, excluded.amount)`,
        [project, name, now, now - perMs, key, perMs],
      )
    },

    async spent({ key, ...window }) {
      const sql = 'SELECT coalesce(sum(amount), 0) FROM tm_spent WHERE key = ? AND slot >= ?'
      return count(db.value(sql, [key, slotsOf(window).oldest]))
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

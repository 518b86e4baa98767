// Owns what people read of budgets: what may be used in any window of a length, and what of it is spent now.

import type { BudgetRow } from '../../store/store.ts'
import { type BudgetPorts, budgetKey, perWord } from '../passes/budget.ts'
import type { Budget, BudgetPart } from './documents.ts'

export async function budgetReports(
  { store, clock }: BudgetPorts,
  project: string,
  rows: readonly BudgetRow[],
  currencyOf: (row: BudgetRow) => Promise<string | null>,
): Promise<readonly Budget[]> {
  const now = clock.now()
  const part = async (row: BudgetRow, of: 'requests' | 'cost'): Promise<BudgetPart | null> => {
    const amount = row[of]
    if (!amount) return null
    const spent = await store.budgets.spent({ key: budgetKey(project, row, of), perMs: amount.perMs, now })
    return { max: amount.max, per: perWord(amount.perMs), spent }
  }
  const reports: Budget[] = []
  for (const row of rows) {
    const { scope, name } = row
    const [requests, cost] = [await part(row, 'requests'), await part(row, 'cost')]
    reports.push({ scope, name, requests, cost, currency: await currencyOf(row) })
  }
  return reports
}

// Owns the setting of a budget: what is limited, and what of it was used before anybody limited it.

import type { BudgetRow } from '../../store/store.ts'
import { type BudgetPorts, budgetKey } from '../passes/budget.ts'

/** Null takes a limit away; what is left out stays as it is. */
export type BudgetChange = { readonly [Of in 'requests' | 'cost']?: BudgetRow[Of] | undefined }

/**
 * Sets a budget. A window that is new begins with what the ledger knows of it: the provider has counted those requests,
 * too. A window that stays goes on with what was spent of it, whatever its new maximum is.
 */
export async function setBudget(
  { store, clock }: BudgetPorts,
  project: string,
  { scope, name }: Pick<BudgetRow, 'scope' | 'name'>,
  change: BudgetChange,
): Promise<void> {
  const before = (await store.budgets.list(project)).find((row) => row.scope === scope && row.name === name)
  const { requests = before?.requests ?? null, cost = before?.cost ?? null } = change
  const budget: BudgetRow = { scope, name, requests, cost }
  const both = ['requests', 'cost'] as const
  for (const of of both) {
    const perMs = budget[of]?.perMs
    if (perMs === undefined || perMs === before?.[of]?.perMs) continue
    await store.budgets.recount({
      key: budgetKey(project, budget, of),
      perMs,
      now: clock.now(),
      project,
      scope,
      name,
      of,
    })
  }
  await store.budgets.save(project, budget)
}

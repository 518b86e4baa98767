// Owns the budgets that a connection runs under: its own, and that of its connector.

import { useQuery } from '@tanstack/react-query'
import { BudgetSection } from '../settings/budgets.tsx'
import { budgetsQuery } from './queries.ts'

export function ConnectionBudgets({ id }: { readonly id: string }) {
  return (
    <BudgetSection
      label={`Budgets of ${id}`}
      of={id}
      query={useQuery(budgetsQuery(id))}
      lead="What its runs may use within any window of its length. A run that reaches a budget leaves the rest to the next one."
    >
      A budget keeps {id} within so many requests or so much money.
    </BudgetSection>
  )
}

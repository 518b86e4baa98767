// Owns the budgets that a connection runs under, its own and that of its connector: what is spent, and setting or removing one.

import { useQuery } from '@tanstack/react-query'
import { Gauge, Plus } from 'lucide-react'
import { useState } from 'react'
import { useMay } from '../../api/scopes.ts'
import { Button } from '../../parts/button.tsx'
import { ScopeNeeded } from '../../parts/scope-needed.tsx'
import { EmptyState, Loaded } from '../../parts/states.tsx'
import { Section } from '../../parts/surface.tsx'
import { BudgetTable, SetBudget } from '../settings/budgets.tsx'
import { type Budget, budgetsQuery } from './queries.ts'

export function ConnectionBudgets({ id }: { readonly id: string }) {
  const budgets = useQuery(budgetsQuery(id))
  const maySet = useMay('write')
  /** Null: a new one. */
  const [edited, setEdited] = useState<Budget | null>()
  const isOwn = ({ scope }: Budget) => scope === 'connection'
  return (
    <Section
      title="Budgets"
      lead="What its runs may use within any window of its length. A run that reaches a budget leaves the rest to the next one."
      actions={
        maySet &&
        budgets.data !== undefined &&
        !budgets.data.budgets.some(isOwn) && (
          <Button onClick={() => setEdited(null)} icon={<Plus aria-hidden className="size-3.5" />}>
            Set a budget
          </Button>
        )
      }
    >
      {!maySet && <ScopeNeeded scope="write" what="Setting a budget" />}
      <Loaded query={budgets}>
        {({ budgets: all }) =>
          all.length === 0 ? (
            <EmptyState icon={<Gauge aria-hidden />} title="Nothing is limited">
              A budget keeps {id} within so many requests or so much money.
            </EmptyState>
          ) : (
            <BudgetTable label={`Budgets of ${id}`} budgets={all} {...(maySet ? { open: setEdited } : {})} />
          )
        }
      </Loaded>
      {edited !== undefined && <SetBudget budget={edited} of={id} close={() => setEdited(undefined)} />}
    </Section>
  )
}

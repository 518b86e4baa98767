// Owns the budgets: what connections and connectors may use, what of it is spent, and setting one.

import { useQuery } from '@tanstack/react-query'
import { Gauge, Plus } from 'lucide-react'
import { type FormEvent, type ReactNode, useState } from 'react'
import { statusQuery } from '../../api/queries.ts'
import { useMay } from '../../api/scopes.ts'
import { Bar } from '../../parts/bar.tsx'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { Choice, Field } from '../../parts/field.tsx'
import { ScopeNeeded } from '../../parts/scope-needed.tsx'
import { EmptyState, ErrorState, Loaded } from '../../parts/states.tsx'
import { Section } from '../../parts/surface.tsx'
import { type Column, Table } from '../../parts/table.tsx'
import { countText, Money } from '../../parts/values.tsx'
import { connectorsQuery } from '../add/queries.ts'
import { useSetBudget } from './actions.ts'
import { type Budget, budgetsQuery } from './queries.ts'

type Part = NonNullable<Budget['requests']>

export function Budgets() {
  return (
    <BudgetSection
      label="Budgets"
      query={useQuery(budgetsQuery)}
      lead="What may be used within any window of its length. A run that reaches its budget leaves the rest to the next one."
    >
      A budget keeps a connection, or all of a connector, within so many requests or so much money.
    </BudgetSection>
  )
}

interface BudgetSectionProps {
  /** Of the table. */
  readonly label: string
  readonly lead: string
  readonly query: {
    readonly data: { readonly budgets: readonly Budget[] } | undefined
    readonly error: unknown
    readonly refetch: () => unknown
  }
  /** The connection that they are of: one of its own is set once. @default of all */
  readonly of?: string
  /** What is said where there are none. */
  readonly children: ReactNode
}

/** Budgets with what is spent of each, and the way to set one. */
export function BudgetSection({ label, lead, query, of, children }: BudgetSectionProps) {
  const maySet = useMay('write')
  /** Null: a new one. */
  const [edited, setEdited] = useState<Budget | null>()
  const isSettled = of !== undefined && query.data?.budgets.some(({ scope }) => scope === 'connection') !== false
  return (
    <Section
      title="Budgets"
      lead={lead}
      actions={
        maySet &&
        !isSettled && (
          <Button
            look={of === undefined ? 'primary' : 'plain'}
            onClick={() => setEdited(null)}
            icon={<Plus aria-hidden className="size-3.5" />}
          >
            Set a budget
          </Button>
        )
      }
    >
      {!maySet && <ScopeNeeded scope="write" what="Setting a budget" />}
      <Loaded query={query}>
        {({ budgets: all }) =>
          all.length === 0 ? (
            <EmptyState icon={<Gauge aria-hidden />} title="Nothing is limited">
              {children}
            </EmptyState>
          ) : (
            <BudgetTable label={label} budgets={all} {...(maySet ? { open: setEdited } : {})} />
          )
        }
      </Loaded>
      {edited !== undefined && (
        <SetBudget budget={edited} {...(of === undefined ? {} : { of })} close={() => setEdited(undefined)} />
      )}
    </Section>
  )
}

const COLUMNS: readonly Column<Budget>[] = [
  {
    id: 'name',
    title: 'Of',
    cell: ({ name, scope }) => (
      <>
        <span className="block font-medium">{name}</span>
        <span className="block text-xs text-muted">
          {scope === 'connector' ? 'all its connections together' : 'connection'}
        </span>
      </>
    ),
  },
  {
    id: 'requests',
    title: 'Requests',
    cell: ({ name, requests }) => <Spent name={`Requests of ${name}`} part={requests} show={(n) => countText(n)} />,
  },
  {
    id: 'cost',
    title: 'Cost',
    cell: ({ name, cost, currency }) => (
      <Spent name={`Cost of ${name}`} part={cost} show={(n) => <Money amount={n} currency={currency} />} />
    ),
  },
]

interface BudgetTableProps {
  readonly label: string
  readonly budgets: readonly Budget[]
  readonly open?: (budget: Budget) => void
}

/** Each with what is spent of it. */
function BudgetTable({ label, budgets, open }: BudgetTableProps) {
  return (
    <Table
      label={label}
      columns={COLUMNS}
      rows={budgets}
      keyOf={({ scope, name }) => `${scope} ${name}`}
      {...(open === undefined ? {} : { open })}
    />
  )
}

interface SpentProps {
  readonly name: string
  readonly part: Part | null
  readonly show: (n: number) => ReactNode
}

function Spent({ name, part, show }: SpentProps) {
  if (part === null) return <span className="text-muted">no limit</span>
  const { spent, max, per } = part
  return (
    <div className="flex min-w-36 flex-col gap-1">
      <span>
        {show(spent)} <span className="text-muted">of</span> {show(max)} <span className="text-muted">per {per}</span>
      </span>
      <Bar percent={Math.min(100, Math.round((100 * spent) / max))} label={name} />
    </div>
  )
}

/** As the server reads them. */
const WINDOWS = ['minute', 'hour', 'day', 'week', 'month'] as const

interface SetBudgetProps {
  /** Null: a new one. */
  readonly budget: Budget | null
  /** Whose a new one is; undefined: the person chooses. */
  readonly of?: string
  readonly close: () => void
}

function SetBudget({ budget, of, close }: SetBudgetProps) {
  const { data: status } = useQuery(statusQuery)
  const { data: known } = useQuery(connectorsQuery)
  const [name, setName] = useState(budget?.name ?? of ?? '')
  const [requests, setRequests] = useState(amountOf(budget?.requests))
  const [requestsPer, setRequestsPer] = useState(budget?.requests?.per ?? 'hour')
  const [cost, setCost] = useState(amountOf(budget?.cost))
  const [costPer, setCostPer] = useState(budget?.cost?.per ?? 'day')
  const set = useSetBudget()
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const limits = { requests: limitOf(requests, requestsPer), cost: limitOf(cost, costPer) }
    set.mutate({ name, ...limits }, { onSuccess: close })
  }
  return (
    <Dialog title={budget === null && of === undefined ? 'Set a budget' : `Budget of ${name}`} close={close}>
      <form onSubmit={submit} noValidate className="flex flex-col gap-5">
        {budget === null && of === undefined && (
          <Choice label="Of" value={name} onChange={({ target }) => setName(target.value)}>
            <option value="">Choose one</option>
            <optgroup label="Connections">
              {status?.connections.map(({ id }) => (
                <option key={id}>{id}</option>
              ))}
            </optgroup>
            <optgroup label="All connections of a connector">
              {known?.connectors.map((one) => (
                <option key={one.name}>{one.name}</option>
              ))}
            </optgroup>
          </Choice>
        )}
        <Limit label="Requests" amount={requests} setAmount={setRequests} per={requestsPer} setPer={setRequestsPer} />
        <Limit label="Cost" amount={cost} setAmount={setCost} per={costPer} setPer={setCostPer} />
        <p className="text-xs text-muted">Empty means no limit. Costs are in the currency of the vendor.</p>
        {set.error && <ErrorState error={set.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={close}>Cancel</Button>
          <Button look="primary" type="submit" isBusy={set.isPending} disabled={name === ''}>
            Set
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

interface LimitProps {
  readonly label: string
  readonly amount: string
  readonly setAmount: (amount: string) => void
  readonly per: string
  readonly setPer: (per: string) => void
}

function Limit({ label, amount, setAmount, per, setPer }: LimitProps) {
  // A window that was set elsewhere may be another one.
  const windows = (WINDOWS as readonly string[]).includes(per) ? WINDOWS : [per, ...WINDOWS]
  return (
    <div className="grid grid-cols-2 gap-3">
      <Field
        label={label}
        isOptional
        value={amount}
        onChange={({ target }) => setAmount(target.value)}
        inputMode="decimal"
        autoComplete="off"
      />
      <Choice label={`${label}: within any`} value={per} onChange={({ target }) => setPer(target.value)}>
        {windows.map((one) => (
          <option key={one}>{one}</option>
        ))}
      </Choice>
    </div>
  )
}

function amountOf(part: Part | null | undefined): string {
  return part === null || part === undefined ? '' : String(part.max)
}

/** As the server reads it: `500/hour`, `off`. */
function limitOf(amount: string, per: string): string {
  return amount.trim() === '' ? 'off' : `${amount.trim()}/${per}`
}

// Owns the plan of a run, shown before it begins: what it reads and why, what that asks and costs, and what it may remove.

import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useSync } from '../../api/actions.ts'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { ErrorState, Loaded } from '../../parts/states.tsx'
import { Facts } from '../../parts/surface.tsx'
import { Toggles } from '../../parts/toggles.tsx'
import { countText, durationText, Money, plural } from '../../parts/values.tsx'
import { type Plan, type PlanMode, planQuery } from './queries.ts'

interface PlanProps {
  readonly id: string
  readonly mode: PlanMode
  readonly close: () => void
  /** Shows the run that was begun. */
  readonly open: (run: string) => void
}

const MODES = [
  { id: 'auto', label: 'What is due' },
  { id: 'full', label: 'All of it' },
  { id: 'refresh', label: 'Known records' },
] as const

export function PlanDialog({ id, mode: first, close, open }: PlanProps) {
  const [mode, setMode] = useState<PlanMode>(first)
  const plan = useQuery(planQuery(id, mode))
  const sync = useSync()
  const start = () =>
    sync.mutate(
      { id, mode },
      {
        onSuccess: (run) => {
          close()
          if (run !== null) open(run)
        },
      },
    )
  return (
    <Dialog title={`Plan of a run of ${id}`} close={close}>
      <div className="flex flex-col gap-4">
        <div className="w-fit">
          <Toggles label="What is read" options={MODES} chosen={mode} choose={setMode} />
        </div>
        <Loaded query={plan}>{(known) => <Foreseen plan={known} close={close} />}</Loaded>
        <div className="flex justify-end gap-2">
          <Button onClick={close}>Cancel</Button>
          <Button
            look="primary"
            isBusy={sync.isPending}
            disabled={plan.data === undefined || plan.data.paused.length > 0}
            onClick={start}
          >
            {mode === 'full' ? 'Read all of it' : 'Run it'}
          </Button>
        </div>
      </div>
    </Dialog>
  )
}

function Foreseen({ plan, close }: { readonly plan: Plan; readonly close: () => void }) {
  const { streams, requests, cost, currency, costNote, waitMs, stop, budgets, paid } = plan
  return (
    <div className="flex flex-col gap-4">
      {stop !== null && <ErrorState error={new Error([stop.message, stop.hint ?? ''].join(' ').trim())} />}
      <Facts
        className="grid-cols-3"
        facts={[
          ['Requests', requests === null ? 'only reading can tell' : countText(requests)],
          [
            'Cost',
            cost === null ? paid ? 'not known yet' : 'nothing' : <Money key="cost" amount={cost} currency={currency} />,
          ],
          ['Waits for limits', waitMs === 0 ? 'no' : durationText(waitMs)],
        ]}
      />
      {costNote !== null && <p className="text-xs text-muted">{costNote}</p>}
      {budgets.map(({ scope, name, requests: asked, cost: paidFor }) => (
        <p key={`${scope} ${name}`} className="text-xs text-muted">
          {`Budget of ${name}: `}
          {[
            asked && `${countText(asked.spent)} of ${countText(asked.max)} requests per ${asked.per}`,
            paidFor && `${paidFor.spent} of ${paidFor.max} per ${paidFor.per} spent`,
          ]
            .filter((part) => part !== null)
            .join(', ')}
        </p>
      ))}
      <Link
        to="/connections/$id"
        params={{ id: plan.connection }}
        search={{ tab: 'budgets' }}
        onClick={close}
        className="w-fit text-xs text-accent underline underline-offset-2"
      >
        {budgets.length === 0 ? 'Set a budget' : 'Change its budgets'}
      </Link>
      <ul aria-label="Streams" className="divide-y divide-line rounded-lg border border-line">
        {streams.map(({ stream, passes, removalsAtRisk, removalsHeld }) => (
          <li key={stream} className="px-3 py-2 text-sm">
            <p className="font-medium">{stream}</p>
            {passes.length === 0 && <p className="text-xs text-muted">nothing is due</p>}
            {passes.map(({ pass, why, requests: asked }) => (
              <p key={pass} className="flex flex-wrap justify-between gap-x-3 text-xs text-muted">
                <span>
                  <span className="font-mono">{pass}</span> {why}
                </span>
                <span>{asked === null ? '' : plural(asked, 'request')}</span>
              </p>
            ))}
            {removalsAtRisk > 0 && (
              <p className="text-xs text-warn">{`may remove up to ${plural(removalsAtRisk, 'record')} without asking`}</p>
            )}
            {removalsHeld > 0 && (
              <p className="text-xs text-warn">{`${plural(removalsHeld, 'removal')} wait for a decision`}</p>
            )}
          </li>
        ))}
      </ul>
    </div>
  )
}

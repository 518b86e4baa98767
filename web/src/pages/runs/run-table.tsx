// Owns runs as a table: how each ended, what it changed, how long it took, what it asked and cost.

import type { Run } from '../../api/queries.ts'
import { type ChangeCounts, Changes } from '../../parts/changes.tsx'
import { RunStatus } from '../../parts/pill.tsx'
import { type Column, Table } from '../../parts/table.tsx'
import { countText, Duration, Money, Time } from '../../parts/values.tsx'

const COLUMNS: readonly Column<Run>[] = [
  { id: 'status', title: 'Status', cell: ({ status }) => <RunStatus status={status} /> },
  {
    id: 'connection',
    title: 'Connection',
    cell: ({ connection, startedAt }) => (
      <>
        <span title={connection} className="block max-w-40 truncate font-medium">
          {connection}
        </span>
        <span className="block text-xs text-muted md:hidden">
          <Time at={startedAt} />
        </span>
      </>
    ),
  },
  { id: 'mode', title: 'Mode', cell: ({ mode }) => <span className="text-muted">{mode}</span>, isWide: true },
  { id: 'startedAt', title: 'Started', cell: ({ startedAt }) => <Time at={startedAt} />, isWide: true },
  {
    id: 'took',
    title: 'Took',
    cell: ({ startedAt, finishedAt }) => <Duration from={startedAt} to={finishedAt} />,
    isNumber: true,
    isWide: true,
  },
  { id: 'changes', title: 'Changes', cell: (run) => <ChangesOf run={run} /> },
  { id: 'requests', title: 'Requests', cell: ({ requests }) => countText(requests), isNumber: true, isWide: true },
  {
    id: 'cost',
    title: 'Cost',
    cell: ({ cost, currency }) => <Money amount={cost} currency={currency} isInColumn />,
    isNumber: true,
    isWide: true,
  },
]

interface RunTableProps {
  readonly runs: readonly Run[]
  readonly open: (run: Run) => void
  /** Of one connection only: its name is known. */
  readonly isOfOne?: boolean
}

export function RunTable({ runs, open, isOfOne = false }: RunTableProps) {
  // Where the window is narrow, when it started stands below its connection, or in the place of that.
  const columns = isOfOne
    ? COLUMNS.flatMap((one) =>
        one.id === 'connection' ? [] : [one.id === 'startedAt' ? { ...one, isWide: false } : one],
      )
    : COLUMNS
  return <Table label="Runs" columns={columns} rows={runs} keyOf={({ id }) => id} open={open} />
}

/** What it changed; what went wrong says more. */
function ChangesOf({ run: { error, status, streams } }: { readonly run: Run }) {
  if (error) return <span className="line-clamp-1 max-w-72 text-bad">{error.message}</span>
  const sum = (name: keyof ChangeCounts) => streams.reduce((all, { counts }) => all + counts[name], 0)
  const counts = { inserted: sum('inserted'), updated: sum('updated'), removed: sum('removed') }
  return <Changes counts={counts} isInColumn {...(status === 'running' ? { none: '–' } : {})} />
}

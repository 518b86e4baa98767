// Owns runs as a table: how each ended, what it changed, how long it took, what it asked and cost.

import type { Run } from '../../api/queries.ts'
import { RunStatus } from '../../parts/pill.tsx'
import { type Column, Table } from '../../parts/table.tsx'
import { countText, Duration, Money, Time } from '../../parts/values.tsx'

const COLUMNS: readonly Column<Run>[] = [
  { id: 'status', title: 'Status', cell: ({ status }) => <RunStatus status={status} /> },
  {
    id: 'connection',
    title: 'Connection',
    cell: ({ connection }) => <span className="font-medium">{connection}</span>,
  },
  { id: 'mode', title: 'Mode', cell: ({ mode }) => <span className="text-muted">{mode}</span>, isWide: true },
  { id: 'startedAt', title: 'Started', cell: ({ startedAt }) => <Time at={startedAt} /> },
  {
    id: 'took',
    title: 'Took',
    cell: ({ startedAt, finishedAt }) => <Duration from={startedAt} to={finishedAt} />,
    isNumber: true,
    isWide: true,
  },
  { id: 'changes', title: 'Changes', cell: (run) => <Changes run={run} /> },
  { id: 'requests', title: 'Requests', cell: ({ requests }) => countText(requests), isNumber: true, isWide: true },
  {
    id: 'cost',
    title: 'Cost',
    cell: ({ cost, currency }) => <Money amount={cost} currency={currency} />,
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
  const columns = COLUMNS.filter(({ id }) => !isOfOne || id !== 'connection')
  return <Table label="Runs" columns={columns} rows={runs} keyOf={({ id }) => id} open={open} />
}

/** `+3 ~26 −1`, with the words under the pointer. */
function Changes({ run }: { readonly run: Run }) {
  const sum = (name: 'inserted' | 'updated' | 'removed') =>
    run.streams.reduce((all, { counts }) => all + counts[name], 0)
  const parts = [
    { n: sum('inserted'), sign: '+', word: 'new', look: 'text-good' },
    { n: sum('updated'), sign: '~', word: 'changed', look: 'text-accent' },
    { n: sum('removed'), sign: '−', word: 'removed', look: 'text-bad' },
  ].filter(({ n }) => n > 0)
  if (run.error) return <span className="line-clamp-1 max-w-72 text-bad">{run.error.message}</span>
  if (parts.length === 0) return <span className="whitespace-nowrap text-muted">nothing new</span>
  return (
    <span className="flex gap-2.5 whitespace-nowrap">
      {parts.map(({ n, sign, word, look }) => (
        <span key={word} title={`${countText(n)} ${word}`} className={look}>
          {sign}
          {countText(n)}
          <span className="sr-only"> {word}</span>
        </span>
      ))}
    </span>
  )
}

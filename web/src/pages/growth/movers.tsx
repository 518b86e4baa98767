// Owns the records that moved most in the time that is shown; each can be made a line.

import { useQuery } from '@tanstack/react-query'
import { Plus } from 'lucide-react'
import { IconButton } from '../../parts/button.tsx'
import { RecordLink } from '../../parts/record-link.tsx'
import { ErrorState, SkeletonRows } from '../../parts/states.tsx'
import { Section } from '../../parts/surface.tsx'
import { type Column, Table } from '../../parts/table.tsx'
import { Toggles } from '../../parts/toggles.tsx'
import { Time } from '../../parts/values.tsx'
import { Change, numberText, percentOf } from './figures.tsx'
import type { Line } from './lines.ts'
import { type MoversBy, moversQuery } from './queries.ts'

interface MoversProps {
  /** Its stream and its metric are looked at. */
  readonly line: Line
  readonly spanMs: number
  readonly by: MoversBy
  readonly order: (by: MoversBy) => void
  readonly add: (line: Line) => void
}

interface Row {
  readonly key: string
  readonly title: string | null
  readonly from: { readonly value: unknown; readonly at: string }
  readonly to: { readonly value: unknown; readonly at: string }
  readonly change: unknown
}

const ORDERS = [
  { id: 'change', label: 'By change' },
  { id: 'percent', label: 'By %' },
] as const

export function Movers({ line, spanMs, by, order, add }: MoversProps) {
  const movers = useQuery(moversQuery({ line, spanMs, by }))
  const { connection, stream, metric } = line
  const columns: readonly Column<Row>[] = [
    {
      id: 'record',
      title: 'Record',
      cell: ({ key, title }) => (
        <RecordLink place={{ connection, stream, key }} className="line-clamp-1 font-medium hover:text-accent">
          {title ?? key}
        </RecordLink>
      ),
    },
    { id: 'from', title: 'From', isNumber: true, isWide: true, cell: ({ from }) => numberText(Number(from.value)) },
    { id: 'since', title: 'Since', isNumber: true, isWide: true, cell: ({ from }) => <Time at={from.at} /> },
    { id: 'to', title: 'To', isNumber: true, cell: ({ to }) => numberText(Number(to.value)) },
    { id: 'change', title: 'Change', isNumber: true, cell: ({ change }) => <Change by={Number(change)} /> },
    {
      id: 'percent',
      title: '%',
      isNumber: true,
      cell: ({ from, to }) => percentOf(Number(from.value), Number(to.value)),
    },
    {
      id: 'add',
      title: '',
      isNumber: true,
      cell: ({ key, title }) => (
        <IconButton
          size="small"
          label={`Show ${title ?? key} as a line`}
          onClick={() => add({ connection, stream, metric, key })}
          icon={<Plus aria-hidden className="size-3.5" />}
        />
      ),
    },
  ]
  return (
    <Section
      title="What moved most"
      lead={`The records of ${connection} · ${stream} whose ${metric} changed most in this time.`}
      actions={<Toggles label="Order" options={ORDERS} chosen={by} choose={order} />}
    >
      {movers.error && !movers.data ? (
        <ErrorState error={movers.error} again={() => void movers.refetch()} />
      ) : movers.data === undefined ? (
        <SkeletonRows rows={3} />
      ) : movers.data.movers.length === 0 ? (
        <p className="text-sm text-muted">None of them has changed in this time.</p>
      ) : (
        <Table label="What moved most" columns={columns} rows={movers.data.movers} keyOf={({ key }) => key} />
      )}
    </Section>
  )
}

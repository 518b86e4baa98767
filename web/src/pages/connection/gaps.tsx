// Owns the gaps of a connection as a list: what is known not to have been read, and how the walk ended that was to read it.

import { Link } from '@tanstack/react-router'
import type { Gap } from '../../api/queries.ts'
import { Section } from '../../parts/surface.tsx'
import { type Column, Table } from '../../parts/table.tsx'
import { Count, Time } from '../../parts/values.tsx'

export function Gaps({ id, gaps }: { readonly id: string; readonly gaps: readonly Gap[] }) {
  const columns: readonly Column<Gap>[] = [
    { id: 'stream', title: 'Stream', cell: ({ stream }) => <span className="font-medium">{stream}</span> },
    { id: 'note', title: 'What is missing', cell: ({ note }) => textOf(note) },
    { id: 'pass', title: 'Pass', cell: ({ pass }) => <span className="font-mono text-xs">{textOf(pass)}</span> },
    {
      id: 'since',
      title: 'Since',
      cell: ({ opened_at: at }) => <Time at={typeof at === 'string' ? at : null} none="–" />,
    },
    { id: 'ended', title: 'Ended by', cell: ({ ended }) => textOf(ended) },
    { id: 'records', title: 'Records before', cell: ({ records }) => <Known n={records} />, isNumber: true },
    {
      id: 'run',
      title: 'Run',
      cell: ({ run }) =>
        typeof run === 'string' ? (
          <Link
            to="/connections/$id"
            params={{ id }}
            search={{ tab: 'runs', run }}
            data-open
            className="text-accent hover:underline"
          >
            Show
          </Link>
        ) : (
          '–'
        ),
    },
  ]
  return (
    <Section title="Gaps" lead="What is known not to have been read. The next sync closes them, where it can.">
      <Table label={`Gaps of ${id}`} columns={columns} rows={gaps} keyOf={keyOf} />
    </Section>
  )
}

function keyOf({ stream, pass, walk }: Gap): string {
  return [stream, textOf(pass), String(walk)].join(' ')
}

/** A cell of the table of SQL: a text, or nothing. */
function textOf(value: unknown): string {
  return typeof value === 'string' && value !== '' ? value : '–'
}

function Known({ n }: { readonly n: unknown }) {
  return typeof n === 'number' ? <Count n={n} /> : '–'
}

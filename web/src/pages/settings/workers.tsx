// Owns who works on the database, of all processes: what each has under way, what waits for them, and the limits that they share.

import { useQuery } from '@tanstack/react-query'
import { Cpu } from 'lucide-react'
import type { Answer } from '../../api/queries.ts'
import { EmptyState, Loaded } from '../../parts/states.tsx'
import { Card, Facts, Section } from '../../parts/surface.tsx'
import { type Column, Table } from '../../parts/table.tsx'
import { countText, durationText, Time } from '../../parts/values.tsx'
import { workersQuery } from './queries.ts'

type Told = Answer<'getWorkers'>

export function Workers() {
  const workers = useQuery(workersQuery)
  return (
    <Loaded query={workers}>
      {({ workers: all, queue, limits }) => (
        <div className="flex flex-col gap-6">
          <Section
            title="Workers"
            lead="Processes of tidemark serve and tidemark worker, of all projects of the database, that were there within half a minute."
          >
            {all.length === 0 ? (
              <EmptyState icon={<Cpu aria-hidden />} title="Nobody works on it">
                What is scheduled runs as soon as a server or a worker is started.
              </EmptyState>
            ) : (
              <Table label="Workers" columns={WORKERS} rows={all} keyOf={({ id }) => id} />
            )}
          </Section>
          <Section title="What waits" lead="Of all connections of the database.">
            <Card className="px-4 py-3.5">
              <Facts
                className="grid-cols-2 sm:grid-cols-4"
                facts={[
                  ['Under way', countText(queue.running)],
                  ['Due', countText(queue.due)],
                  ['Due since', <Time key="since" at={queue.dueSince} none="–" />],
                  ['Ordered', countText(queue.ordered)],
                ]}
              />
            </Card>
          </Section>
          {limits.length > 0 && (
            <Section
              title="Limits"
              lead="What services allow, shared by all processes, where it was used within an hour."
            >
              <Table label="Limits" columns={LIMITS} rows={limits} keyOf={({ key }) => key} />
            </Section>
          )}
        </div>
      )}
    </Loaded>
  )
}

const WORKERS: readonly Column<Told['workers'][number]>[] = [
  {
    id: 'worker',
    title: 'Worker',
    cell: ({ host, pid }) => (
      <>
        <span className="font-medium">{host}</span> <span className="font-mono text-xs text-muted">{pid}</span>
      </>
    ),
  },
  {
    id: 'runs',
    title: 'Runs',
    cell: ({ running, together }) => `${countText(running)} of ${countText(together)}`,
    isNumber: true,
  },
  { id: 'started', title: 'Started', cell: ({ startedAt }) => <Time at={startedAt} />, isWide: true },
  { id: 'seen', title: 'Seen', cell: ({ seenAt }) => <Time at={seenAt} /> },
]

const LIMITS: readonly Column<Told['limits'][number]>[] = [
  { id: 'key', title: 'Limit', cell: ({ key }) => <span className="font-medium break-all">{key}</span> },
  {
    id: 'allows',
    title: 'Allows',
    cell: ({ capacity, perMs }) =>
      capacity === null || perMs === null ? (
        <span className="text-muted">not known</span>
      ) : (
        `${countText(capacity)} in ${durationText(perMs)}`
      ),
  },
  { id: 'left', title: 'Left', cell: ({ left }) => (left === null ? '–' : countText(left)), isNumber: true },
  { id: 'waiting', title: 'Waiting', cell: ({ waiting }) => countText(waiting), isNumber: true },
  {
    id: 'blocked',
    title: 'Blocked until',
    cell: ({ blockedUntil }) => <Time at={blockedUntil} none="–" />,
    isWide: true,
  },
]

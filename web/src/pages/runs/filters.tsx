// Owns what the list of runs is filtered by: each choice stands in the address, and the server does the filtering.

import { useQuery } from '@tanstack/react-query'
import { Filter } from 'lucide-react'
import { statusQuery } from '../../api/queries.ts'
import { Button } from '../../parts/button.tsx'
import { Choice } from '../../parts/field.tsx'
import { MODES, type runsRoute, SPANS, STATUSES } from './route.ts'

const SPAN_WORDS: Readonly<Record<(typeof SPANS)[number], string>> = {
  '1h': 'Last hour',
  '24h': 'Last 24 hours',
  '7d': 'Last 7 days',
  '30d': 'Last 30 days',
}

export type RunsSearch = (typeof runsRoute)['types']['searchSchema']

interface FiltersProps {
  readonly search: RunsSearch
  readonly change: (search: Partial<Record<keyof RunsSearch, string | undefined>>) => void
}

export function Filters({ search, change }: FiltersProps) {
  const { data: known } = useQuery(statusQuery)
  const { connection, status, mode, since, show } = search
  const ids = known?.connections.map(({ id }) => id) ?? []
  const all = connection === undefined || ids.includes(connection) ? ids : [...ids, connection]
  return (
    <div role="group" aria-label="Filters" className="flex flex-wrap items-center gap-2">
      <Button
        aria-pressed={show === 'problems'}
        className="aria-pressed:border-accent aria-pressed:text-accent"
        onClick={() => change({ show: show === 'problems' ? undefined : 'problems' })}
        icon={<Filter aria-hidden className="size-3.5" />}
      >
        Only problems
      </Button>
      <One label="Connection" all="All connections" value={connection} set={(to) => change({ connection: to })}>
        {all.map((id) => [id, id])}
      </One>
      <One label="Status" all="Any status" value={status} set={(to) => change({ status: to })}>
        {STATUSES.map((one) => [one, one])}
      </One>
      <One label="Mode" all="Any mode" value={mode} set={(to) => change({ mode: to })}>
        {MODES.map((one) => [one, one])}
      </One>
      <One label="Time" all="Any time" value={since} set={(to) => change({ since: to })}>
        {SPANS.map((one) => [one, SPAN_WORDS[one]])}
      </One>
    </div>
  )
}

interface OneProps {
  readonly label: string
  readonly all: string
  readonly value: string | undefined
  readonly set: (to: string | undefined) => void
  /** Each choice with its words. */
  readonly children: readonly (readonly [value: string, words: string])[]
}

function One({ label, all, value, set, children }: OneProps) {
  return (
    <div className="max-sm:w-[calc(50%-0.25rem)] sm:w-42">
      <Choice label={label} isBare value={value ?? ''} onChange={({ target }) => set(target.value || undefined)}>
        <option value="">{all}</option>
        {children.map(([one, words]) => (
          <option key={one} value={one}>
            {words}
          </option>
        ))}
      </Choice>
    </div>
  )
}

// Owns the whole in four numbers, each a link to what it counts.

import { queryOptions, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Fragment, type ReactNode } from 'react'
import { api, told } from '../../api/client.ts'
import type { Connection } from '../../api/queries.ts'
import { Changes } from '../../parts/changes.tsx'
import { isWhole } from '../../parts/pill.tsx'
import { Count, Money, plural } from '../../parts/values.tsx'

const DAY_MS = 86_400_000

interface Cost {
  readonly amount: number
  readonly currency: string | null
}

/** What the runs of the last 24 hours came to, added up by the database. Costs of different currencies are no sum. */
const dayQuery = queryOptions({
  queryKey: ['totals'],
  queryFn: async () => {
    const since = new Date(Date.now() - DAY_MS).toISOString()
    const sums = ['inserted', 'updated', 'removed', 'requests', 'cost'].map(
      (name) => `coalesce(sum(${name}), 0) ${name}`,
    )
    const sql = `select currency, count(*) runs, ${sums.join(', ')} from runs where started_at >= '${since}' group by currency`
    const { rows } = await told(api.POST('/api/sql', { body: { sql } }))
    const sum = (name: string) => rows.reduce((all, row) => all + Number(row[name] ?? 0), 0)
    const costs = rows.flatMap(({ cost, currency }): readonly Cost[] =>
      Number(cost) === 0 ? [] : [{ amount: Number(cost), currency: typeof currency === 'string' ? currency : null }],
    )
    return {
      runs: sum('runs'),
      inserted: sum('inserted'),
      updated: sum('updated'),
      removed: sum('removed'),
      requests: sum('requests'),
      costs,
    }
  },
  refetchInterval: 20_000,
})

/** One amount for each currency; where nothing cost, zero. */
function Costs({ costs }: { readonly costs: readonly Cost[] }) {
  if (costs.length === 0) return '0'
  return costs.map((cost, i) => (
    <Fragment key={cost.currency}>
      {i > 0 && ' + '}
      <Money {...cost} />
    </Fragment>
  ))
}

export function Totals({ connections }: { readonly connections: readonly Connection[] }) {
  const { data: day } = useQuery(dayQuery)
  const records = connections.reduce((sum, { totalRecords }) => sum + totalRecords, 0)
  const streams = connections.flatMap((one) => one.streams)
  const whole = streams.filter(isWhole).length
  return (
    <ul className="grid grid-cols-2 gap-3 lg:grid-cols-4">
      <Stat name="Records" more={`in ${plural(streams.length, 'stream')}`} to="/" search={{ order: 'records' }}>
        <Count n={records} />
      </Stat>
      <Stat name="Complete" more="streams, with nothing missing" to="/" search={{ show: 'incomplete' }}>
        {whole} <span className="text-base font-normal text-muted">of {streams.length}</span>
      </Stat>
      <Stat name="Changed in 24 hours" more={day ? <Changes counts={day} /> : ' '} to="/runs" search={{ since: '24h' }}>
        {day ? <Count n={day.inserted + day.updated + day.removed} /> : '–'}
      </Stat>
      <Stat
        name="Cost in 24 hours"
        more={day ? `${plural(day.requests, 'request')} in ${plural(day.runs, 'run')}` : ' '}
        to="/runs"
        search={{ since: '24h' }}
      >
        {day ? <Costs costs={day.costs} /> : '–'}
      </Stat>
    </ul>
  )
}

interface StatProps {
  readonly name: string
  readonly more: ReactNode
  readonly to: '/' | '/runs'
  /** The filter that shows what is counted. */
  readonly search: { readonly show: 'incomplete' } | { readonly order: 'records' } | { readonly since: '24h' }
  readonly children: ReactNode
}

function Stat({ name, more, to, search, children }: StatProps) {
  return (
    <li className="contents">
      <Link
        to={to}
        search={search}
        className="flex flex-col gap-0.5 rounded-lg border border-line bg-surface px-4 py-3 shadow-card transition-colors hover:border-strong"
      >
        <span className="text-xs text-muted">{name}</span>
        <span data-stat={name} className="text-xl font-semibold tracking-tight">
          {children}
        </span>
        <span className="text-xs text-muted">{more}</span>
      </Link>
    </li>
  )
}

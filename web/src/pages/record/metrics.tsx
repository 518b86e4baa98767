// Owns the metrics of a record over time, as its snapshots have them, a small chart each.

import { useQueries, useQuery } from '@tanstack/react-query'
import { Chart } from '../../parts/chart/chart.tsx'
import { EmptyState, Loaded } from '../../parts/states.tsx'
import { Card } from '../../parts/surface.tsx'
import { metricsOfQuery, type OneRecord, pointsQuery } from './queries.ts'

const HEIGHT_PX = 140

export function Metrics({ place }: { readonly place: OneRecord }) {
  const metrics = useQuery(metricsOfQuery(place))
  return <Loaded query={metrics}>{(names) => <Charts place={place} names={names} />}</Loaded>
}

function Charts({ place, names }: { readonly place: OneRecord; readonly names: readonly string[] }) {
  const found = useQueries({ queries: names.map((name) => pointsQuery(place, name)) })
  if (names.length === 0) {
    return <EmptyState title="No metrics">{`The stream ${place.stream} keeps no value over time.`}</EmptyState>
  }
  return (
    <div className="grid gap-4 md:grid-cols-2">
      {names.map((name, i) => (
        <Card key={name} className="min-w-0 p-4">
          <Loaded query={found[i] ?? { data: undefined, error: null, refetch: () => {} }}>
            {(points) =>
              points.length === 0 ? (
                <p className="text-sm text-muted">{`No snapshot has ${name}.`}</p>
              ) : (
                <Chart label={name} series={[{ id: name, name, points }]} height={HEIGHT_PX} />
              )
            }
          </Loaded>
        </Card>
      ))}
    </div>
  )
}

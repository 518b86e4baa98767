// Owns the runs of one connection.

import { useInfiniteQuery } from '@tanstack/react-query'
import { History } from 'lucide-react'
import { runsQuery } from '../../api/queries.ts'
import { Button } from '../../parts/button.tsx'
import { EmptyState, Loaded } from '../../parts/states.tsx'
import { RunTable } from '../runs/run-table.tsx'

export function ConnectionRuns({ id, open }: { readonly id: string; readonly open: (run: string) => void }) {
  const runs = useInfiniteQuery(runsQuery({ connection: id }))
  return (
    <Loaded query={runs}>
      {({ pages }) => {
        const all = pages.flatMap((one) => one.runs)
        if (all.length === 0) {
          return (
            <EmptyState icon={<History aria-hidden />} title="It was not run yet">
              Each sync is listed here, with what it read and what it cost.
            </EmptyState>
          )
        }
        return (
          <div className="flex flex-col items-stretch gap-3">
            <RunTable runs={all} isOfOne open={(run) => open(run.id)} />
            {runs.hasNextPage && (
              <div className="flex justify-center">
                <Button isBusy={runs.isFetchingNextPage} onClick={() => void runs.fetchNextPage()}>
                  Show older runs
                </Button>
              </div>
            )}
          </div>
        )
      }}
    </Loaded>
  )
}

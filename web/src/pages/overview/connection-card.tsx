// Owns a connection as a card: how it is, how much is stored, how fresh and how complete that is, and what it cost.

import { Link, useNavigate } from '@tanstack/react-router'
import { RefreshCw, Square } from 'lucide-react'
import { useCancel, useSync } from '../../api/actions.ts'
import { useLive } from '../../api/live.ts'
import type { Connection } from '../../api/queries.ts'
import { RunProgress } from '../../parts/bar.tsx'
import { IconButton } from '../../parts/button.tsx'
import { Coverage, Health, isWhole } from '../../parts/pill.tsx'
import { Card, Facts } from '../../parts/surface.tsx'
import { Count, Due, Money, plural, Time } from '../../parts/values.tsx'

interface CardProps {
  readonly connection: Connection
  readonly isChosen: boolean
  readonly choose: (isChosen: boolean) => void
}

export function ConnectionCard({ connection, isChosen, choose }: CardProps) {
  const { id, connector, totalRecords, activeRun, lastRun, nextRunAt } = connection
  const live = useLive(id)
  const isRunning = activeRun !== null || live !== undefined
  return (
    <li className="contents">
      <Card className="relative flex flex-col gap-3 p-4 transition-colors hover:border-strong">
        <div className="flex items-start gap-2.5">
          <input
            type="checkbox"
            aria-label={`Choose ${id}`}
            checked={isChosen}
            onChange={({ target }) => choose(target.checked)}
            className="relative z-10 mt-0.5 size-4 shrink-0"
          />
          <div className="min-w-0 flex-1">
            <h3 className="truncate font-semibold">
              <Link to="/connections/$id" params={{ id }} title={id} data-open className="after:absolute after:inset-0">
                {id}
              </Link>
            </h3>
            <p className="truncate text-xs text-muted">{connector}</p>
          </div>
          <div className="-mt-1 -mr-1.5">
            <RunButton id={id} run={live?.run ?? activeRun?.id} />
          </div>
        </div>
        <div className="flex items-center justify-between gap-3">
          <p className="text-xl font-semibold tracking-tight">
            <Count n={totalRecords} /> <span className="text-sm font-normal tracking-normal text-muted">records</span>
          </p>
          <Health
            connection={isRunning && connection.health !== 'bad' ? { ...connection, health: 'busy' } : connection}
          />
        </div>
        {isRunning ? (
          <RunProgress progress={live ?? activeRun?.progress} label={`The run of ${id}`} />
        ) : (
          <Complete streams={connection.streams} />
        )}
        <Facts
          className="mt-auto grid-cols-[1fr_1fr_1.35fr] border-t border-line pt-3"
          facts={[
            ['Last read', <Time key="read" at={readAt(connection)} />],
            ['Next run', <Due key="next" at={nextRunAt} none="–" />],
            ['Cost of last run', costText(lastRun)],
          ]}
        />
      </Card>
    </li>
  )
}

/** What it cost; where nobody told, what it asked. */
function costText(run: Connection['lastRun']) {
  if (run === null) return '–'
  return run.cost === null ? plural(run.requests, 'request') : <Money amount={run.cost} currency={run.currency} />
}

/** One word for all streams where they agree; those that do not, by name. */
function Complete({ streams }: Pick<Connection, 'streams'>) {
  const whole = streams.filter(isWhole)
  const others = streams.filter((one) => !whole.includes(one))
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5 text-xs text-muted">
      {whole.length > 0 && (
        <span>
          {whole.length === streams.length
            ? streams.length === 1
              ? 'complete'
              : `all ${streams.length} streams complete`
            : `${whole.length} of ${streams.length} streams complete`}
        </span>
      )}
      {others.slice(0, 3).map(({ stream, coverage }) => (
        <span key={stream} className="flex items-center gap-1.5">
          {stream} <Coverage coverage={coverage} />
        </span>
      ))}
    </div>
  )
}

function RunButton({ id, run }: { readonly id: string; readonly run: string | undefined }) {
  const sync = useSync()
  const cancel = useCancel()
  const navigate = useNavigate()
  const open = (begun: string | null) => {
    // One that waits until the connection is free has no page yet.
    if (begun !== null) void navigate({ to: '/connections/$id', params: { id }, search: { tab: 'runs', run: begun } })
  }
  const look = 'relative z-10 size-7'
  if (run !== undefined) {
    return (
      <IconButton
        label={`Stop the run of ${id}`}
        className={look}
        isBusy={cancel.isPending}
        onClick={() => cancel.mutate({ run })}
        icon={<Square aria-hidden className="size-3.5" />}
      />
    )
  }
  return (
    <IconButton
      label={`Sync ${id}`}
      className={look}
      isBusy={sync.isPending}
      onClick={() => sync.mutate({ id }, { onSuccess: open })}
      icon={<RefreshCw aria-hidden className="size-3.5" />}
    />
  )
}

/** When the stream that was read longest ago was read; null: none was. */
export function readAt({ streams }: Pick<Connection, 'streams'>): string | null {
  const read = streams.flatMap(({ lastSuccessAt }) => lastSuccessAt ?? [])
  return read.toSorted()[0] ?? null
}

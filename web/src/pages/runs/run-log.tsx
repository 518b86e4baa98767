// Owns the log of a run, as lines; those that went wrong stand out, and can be shown alone.

import { useInfiniteQuery } from '@tanstack/react-query'
import { Copy } from 'lucide-react'
import { useState } from 'react'
import { type LogEntry, type Run, runLogQuery } from '../../api/queries.ts'
import { Button } from '../../parts/button.tsx'
import { Loaded, SkeletonRows } from '../../parts/states.tsx'
import { toast } from '../../parts/toast.tsx'
import { countText } from '../../parts/values.tsx'
import { Timeline } from './timeline.tsx'

export function RunLog({ run }: { readonly run: Run }) {
  const log = useInfiniteQuery(runLogQuery(run.id))
  return (
    <Loaded query={log} wait={<SkeletonRows rows={4} />}>
      {({ pages }) => {
        const entries = pages.flatMap((one) => one.log)
        return (
          <>
            <Timeline run={run} log={entries} hasMore={log.hasNextPage} />
            <Lines entries={entries} />
            {log.hasNextPage && (
              <Button size="small" isBusy={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
                Show more of the log
              </Button>
            )}
          </>
        )
      }}
    </Loaded>
  )
}

function Lines({ entries }: { readonly entries: readonly LogEntry[] }) {
  const [isOnlyBad, setOnlyBad] = useState(false)
  const bad = entries.filter(isBad)
  const shown = isOnlyBad ? bad : entries
  const copy = async () => {
    await navigator.clipboard.writeText(shown.map(lineText).join('\n'))
    toast({ text: 'The log is copied.', kind: 'good' })
  }
  return (
    <section aria-label="Log" className="flex flex-col gap-2">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h3 className="text-sm font-medium">Log</h3>
        <div className="flex gap-1.5">
          {bad.length > 0 && (
            <Button
              size="small"
              aria-pressed={isOnlyBad}
              className="aria-pressed:border-accent aria-pressed:text-accent"
              onClick={() => setOnlyBad(!isOnlyBad)}
            >
              {`Only problems (${countText(bad.length)})`}
            </Button>
          )}
          <Button size="small" onClick={() => void copy()} icon={<Copy aria-hidden className="size-3.5" />}>
            Copy
          </Button>
        </div>
      </div>
      <ol
        tabIndex={0}
        aria-label="Lines of the log"
        className="max-h-96 overflow-auto rounded-lg border border-line bg-bg py-1.5 font-mono text-xs"
      >
        {shown.map((entry, i) => (
          // Entries have no names, and stay in their order.
          <li key={i} className={`flex gap-3 px-3 py-0.5 ${isBad(entry) ? 'text-bad' : ''}`}>
            <span className="w-22 shrink-0 text-muted">{timeText(entry)}</span>
            <span className="min-w-0 break-all">
              {entry.stream !== null && <span className="text-muted">{entry.stream} </span>}
              {entry.text}
            </span>
          </li>
        ))}
      </ol>
    </section>
  )
}

function isBad({ kind, request }: LogEntry): boolean {
  return kind === 'error' || (request !== null && request.outcome !== 'ok')
}

/** The time of day in UTC, to the millisecond. */
function timeText({ at }: LogEntry): string {
  return at?.slice(11, 23) ?? ''
}

function lineText({ at, stream, text }: LogEntry): string {
  return [at ?? '', stream ?? '', text].filter((part) => part !== '').join(' ')
}

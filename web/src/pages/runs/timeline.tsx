// Owns a run as a timeline: a lane for each stream, each request in it where and as long as it was under way.

import type { LogEntry, Run } from '../../api/queries.ts'
import { countText, durationText, plural } from '../../parts/values.tsx'

/** Drawn of a lane, at most: more could not be told apart. */
const MARKS_MAX = 600

type Asked = LogEntry & { readonly request: NonNullable<LogEntry['request']> }

interface TimelineProps {
  readonly run: Run
  readonly log: readonly LogEntry[]
  /** Whether the log goes on behind these. */
  readonly hasMore: boolean
}

export function Timeline({ run, log, hasMore }: TimelineProps) {
  const requests = log.filter((entry): entry is Asked => entry.request !== null && entry.at !== null)
  if (requests.length === 0) return null
  const begins = Date.parse(run.startedAt)
  const last = Math.max(...requests.map((one) => Date.parse(one.at ?? '') + one.request.ms))
  const ends = Math.max(last, run.finishedAt === null ? last : Date.parse(run.finishedAt))
  const length = Math.max(1, ends - begins)
  const lanes = [...Map.groupBy(requests, ({ stream }) => stream ?? 'the run')]
  return (
    <section aria-label="Timeline" className="flex flex-col gap-2">
      <div className="flex items-baseline justify-between text-xs text-muted">
        <h3 className="text-sm font-medium text-text">Timeline</h3>
        <span>
          {hasMore
            ? `the first ${countText(requests.length)} of ${plural(run.requests, 'request')}`
            : plural(requests.length, 'request')}
        </span>
      </div>
      {lanes.map(([name, all]) => (
        <div key={name} className="flex flex-col gap-1">
          <div className="flex justify-between text-xs">
            <span className="truncate font-medium">{name}</span>
            <span className="text-muted">{laneText(all)}</span>
          </div>
          <div
            role="img"
            aria-label={`${name}: ${laneText(all)}`}
            className="relative h-5 overflow-hidden rounded bg-raised"
          >
            {all.slice(0, MARKS_MAX).map((one, i) => (
              <span
                // Requests have no names, and stay in their order.
                key={i}
                title={one.text}
                className={`absolute inset-y-0.5 min-w-0.5 rounded-xs ${one.request.outcome === 'ok' ? 'bg-accent/70' : 'bg-bad'}`}
                style={{
                  left: `${((Date.parse(one.at ?? '') - begins) / length) * 100}%`,
                  width: `${(one.request.ms / length) * 100}%`,
                }}
              />
            ))}
          </div>
        </div>
      ))}
      <div aria-hidden className="flex justify-between text-2xs text-muted">
        <span>0</span>
        <span>{durationText(length / 2)}</span>
        <span>{durationText(length)}</span>
      </div>
    </section>
  )
}

function laneText(requests: readonly Asked[]): string {
  const bad = requests.filter(({ request }) => request.outcome !== 'ok').length
  return `${plural(requests.length, 'request')}${bad === 0 ? '' : `, ${countText(bad)} without a good answer`}`
}

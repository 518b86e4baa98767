// Owns lengths that are drawn: how far a run has come, and what of a stream was read.

import type { Progress } from '../api/queries.ts'
import { countText, durationText } from './values.tsx'

interface BarProps {
  /** Of a hundred; null: nobody knows how much there is. */
  readonly percent: number | null
  readonly label: string
}

export function Bar({ percent, label }: BarProps) {
  const known = percent === null ? {} : { 'aria-valuenow': percent, 'aria-valuemin': 0, 'aria-valuemax': 100 }
  return (
    <div
      role="progressbar"
      aria-label={label}
      {...known}
      className="relative h-1.5 overflow-hidden rounded-full bg-raised"
    >
      {percent === null ? (
        <div className="slides absolute inset-y-0 w-1/3 rounded-full bg-accent" />
      ) : (
        <div
          className="h-full rounded-full bg-accent transition-[width] duration-300"
          style={{ width: `${Math.min(100, percent)}%` }}
        />
      )}
    </div>
  )
}

/** How far a run has come: percentage, counts, rate and time left. */
export function RunProgress({
  progress,
  label,
}: {
  readonly progress: Progress | null | undefined
  readonly label: string
}) {
  const { processed = 0, total = null, percent = null, rate = 0, etaSeconds = null } = progress ?? {}
  return (
    <div className="flex flex-col gap-1.5">
      <Bar percent={percent} label={label} />
      <div className="flex flex-wrap justify-between gap-x-3 text-xs text-muted">
        <span>
          {countText(processed)}
          {total === null ? ' read' : ` of ${countText(total)}`}
          {percent !== null && ` · ${percent}%`}
        </span>
        <span>
          {rate > 0 && `${countText(Math.round(rate))}/s`}
          {etaSeconds !== null && etaSeconds >= 1 && ` · ${durationText(etaSeconds * 1_000)} left`}
        </span>
      </div>
    </div>
  )
}

export interface Interval {
  /** Where it begins and ends, from 0 to 1. */
  readonly from: number
  readonly to: number
  readonly kind: 'read' | 'gap' | 'unread'
  readonly title: string
}

const FILLS: Readonly<Record<Interval['kind'], string>> = {
  read: 'bg-good/55',
  gap: 'bg-warn-soft border border-dashed border-warn',
  unread: 'bg-raised',
}

/** What was read of something, as pieces of its length, and the gaps between them. */
export function Intervals({ intervals, label }: { readonly intervals: readonly Interval[]; readonly label: string }) {
  return (
    <div
      role="img"
      aria-label={label}
      title={label}
      className="relative h-1.5 min-w-24 overflow-hidden rounded bg-raised"
    >
      {intervals.map(({ from, to, kind, title }) => (
        <div
          key={`${from} ${kind}`}
          title={title}
          className={`absolute inset-y-0 ${FILLS[kind]}`}
          style={{ left: `${from * 100}%`, width: `${Math.max(0.5, (to - from) * 100)}%` }}
        />
      ))}
    </div>
  )
}

// Owns metrics over time as people ask for them: points by run or by day, and how much they have grown. Nothing is ever
// made up between two points: where the earlier value is not known, there is no growth.

import { difference, type Numeric } from '../../model/decimal.ts'
import { TidemarkError } from '../../model/errors.ts'
import type { Key } from '../../model/record.ts'
import { metricUnknown } from '../../model/unknown-name.ts'
import type { SnapshotRow, Store, StreamRow } from '../../store/store.ts'
import { dayIn } from '../due/day.ts'
import { checkTimezone } from '../due/schedule.ts'
import { instant } from '../runs/report.ts'
import { momentOf } from './read-records.ts'

export interface MetricsQuery {
  /** The column; one of the stream's metrics. */
  readonly metric: string
  /** Of one record; without it, the total of the stream. */
  readonly key?: Key | undefined
  /** @default 'day' */
  readonly by?: 'run' | 'day' | undefined
  /** Only points from this moment on; a number is milliseconds since 1970. */
  readonly since?: Date | number | undefined
  /** Days as this IANA zone counts them. @default as they were stored: the project's */
  readonly timezone?: string | undefined
}

export interface MetricPoint {
  /** By run: when the value was taken, ISO 8601, and by which run. */
  readonly at?: string
  readonly run?: string
  /** By day: YYYY-MM-DD. The value is the day's last. */
  readonly day?: string
  readonly value: Numeric
  /** A total of a run that did not read everything: it may lack what was not read, and nothing is said to grow from it. */
  readonly partial?: true
}

export interface MetricsReport {
  readonly points: readonly MetricPoint[]
  /** The last value less that of a day, and of thirty days, before it; null: that one is not known. */
  readonly growth: { readonly '24h': Numeric | null; readonly '30d': Numeric | null }
}

/** A value, when it was taken, and whether it may be compared. */
interface Sample {
  readonly at: number
  readonly day: string
  readonly run: string
  readonly value: Numeric
  readonly isWhole: boolean
}

/** Rows asked for at once. A total is added up anew for every part, so that one part is the rule. */
const PART = 100_000

/**
 * Reads a metric of a record, or of a whole stream.
 *
 * @throws TidemarkError metric_unknown, record_unknown, timezone_invalid, moment_invalid
 */
export async function readMetrics(
  store: Store,
  project: string,
  { no, stream, shape }: Pick<StreamRow, 'no' | 'stream' | 'shape'>,
  query: MetricsQuery,
): Promise<MetricsReport> {
  const { metric, key, by = 'day' } = query
  const since = query.since === undefined ? Number.NEGATIVE_INFINITY : momentOf(query.since, 'since')
  if (!shape.metrics.includes(metric)) throw metricUnknown(stream, metric, shape.metrics)
  if (key !== undefined && (await store.records.look(no, [key])).size === 0) {
    throw new TidemarkError('record_unknown', `Stream "${stream}" has never had a record "${key}".`)
  }
  const dayOf = await dayReader(store, project, query.timezone)
  const known: Sample[] = []
  let after = 0
  for (;;) {
    const rows = await store.history.snapshots({
      streamNo: no,
      metric,
      after,
      limit: PART,
      ...(key === undefined ? {} : { key }),
    })
    for (const row of rows) known.push(knownOf(row, dayOf(row), key !== undefined))
    if (rows.length < PART) break
    after = rows.at(-1)?.runNo ?? after
  }
  if (by === 'run') return { points: known.filter(({ at }) => at >= since).map(pointByRun), growth: growthByRun(known) }
  const days = lastOfDays(known)
  return { points: days.filter(({ at }) => at >= since).map(pointByDay), growth: growthByDay(days) }
}

async function dayReader(
  store: Store,
  project: string,
  timezone: string | undefined,
): Promise<(row: SnapshotRow) => string> {
  const stored = (await store.projects.list()).find(({ id }) => id === project)?.timezone ?? 'UTC'
  const dayOf = dayIn(timezone === undefined ? stored : checkTimezone(timezone))
  return timezone === undefined ? (row) => row.day ?? dayOf(row.at) : (row) => dayOf(row.at)
}

function knownOf({ at, run, value, complete }: SnapshotRow, day: string, isRecord: boolean): Sample {
  return { at, day, run, value, isWhole: isRecord || complete }
}

function pointByRun({ at, run, value, isWhole }: Sample): MetricPoint {
  return { at: instant(at), run, value, ...(isWhole ? {} : { partial: true }) }
}

function pointByDay({ day, value, isWhole }: Sample): MetricPoint {
  return { day, value, ...(isWhole ? {} : { partial: true }) }
}

/** The last whole value of each day, or where it has none its last; in order of day. Pure. */
export function lastOfDays(known: readonly Sample[]): readonly Sample[] {
  const days = new Map<string, Sample>()
  for (const one of known) {
    if (one.isWhole || !days.get(one.day)?.isWhole) days.set(one.day, one)
  }
  return [...days.values()].sort((a, b) => (a.day < b.day ? -1 : 1))
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** How far from the very moment the earlier value may have been taken: runs don't come to the second. */
export const TOLERANCE_MS = { '24h': 3 * HOUR_MS, '30d': DAY_MS } as const

const SPAN_DAYS = { '24h': 1, '30d': 30 } as const

type Span = keyof typeof SPAN_DAYS

function growthOf(
  known: readonly Sample[],
  earlier: (last: Sample, span: Span) => Sample | undefined,
): MetricsReport['growth'] {
  const last = known.findLast(({ isWhole }) => isWhole)
  const grown = (span: Span) => {
    const before = last && earlier(last, span)
    return before ? (difference(last.value, before.value) ?? null) : null
  }
  return { '24h': grown('24h'), '30d': grown('30d') }
}

/** From the value that was taken nearest to a day (thirty days) before the last, if it was near enough. Pure. */
export function growthByRun(known: readonly Sample[]): MetricsReport['growth'] {
  return growthOf(known, (last, span) => {
    const wanted = last.at - SPAN_DAYS[span] * DAY_MS
    let nearest: Sample | undefined
    for (const one of known) {
      if (!one.isWhole || Math.abs(one.at - wanted) > TOLERANCE_MS[span]) continue
      if (!nearest || Math.abs(one.at - wanted) <= Math.abs(nearest.at - wanted)) nearest = one
    }
    return nearest
  })
}

/** From the value of the day before the last (of the thirtieth day before it), if that day has one. Pure. */
export function growthByDay(days: readonly Sample[]): MetricsReport['growth'] {
  return growthOf(days, (last, span) => {
    const wanted = daysBefore(last.day, SPAN_DAYS[span])
    return days.find(({ day, isWhole }) => isWhole && day === wanted)
  })
}

/** The day so many days before one, by the calendar. */
export function daysBefore(day: string, count: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) - count * DAY_MS).toISOString().slice(0, 10)
}

// Owns the lines of the growth page: what each is of, as the address has it, and what is drawn of an answer. Pure.

import { broken, type Point } from '../../parts/chart/series.ts'

/** A metric of a record, or of a whole stream: an account, a blend, all videos together. */
export interface Line {
  readonly connection: string
  readonly stream: string
  readonly metric: string
  /** Null: the total of the stream. */
  readonly key: string | null
}

export const RANGES = ['24h', '7d', '30d', '90d'] as const
export type Range = (typeof RANGES)[number]

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

export const RANGE_MS: Readonly<Record<Range, number>> = {
  '24h': DAY_MS,
  '7d': 7 * DAY_MS,
  '30d': 30 * DAY_MS,
  '90d': 90 * DAY_MS,
}

export type By = 'run' | 'day'

/** Up to a week each run is a point; beyond it, each day. */
export function unitOf(spanMs: number): By {
  return spanMs <= 7 * DAY_MS ? 'run' : 'day'
}

/** `yt/videos/view_count`, and of a record its key behind that. */
export function lineText({ connection, stream, metric, key }: Line): string {
  return [connection, stream, metric, ...(key === null ? [] : [key])].join('/')
}

export function parseLine(text: string): Line | undefined {
  const [connection, stream, metric, ...rest] = text.split('/')
  if (!connection || !stream || !metric) return undefined
  return { connection, stream, metric, key: rest.length === 0 ? null : rest.join('/') }
}

export function lineName({ connection, stream, metric, key }: Line): string {
  return `${connection} · ${key ?? stream} · ${metric}`
}

/** What can be looked at: each stream that keeps metrics and has records, those of few records (accounts, blends) first. */
export function measured(connections: readonly Source[]): readonly Measured[] {
  return connections
    .flatMap(({ id, streams }) =>
      streams
        .filter(({ metrics, totalRecords }) => metrics.length > 0 && totalRecords > 0)
        .map(({ stream, metrics, totalRecords }) => ({ connection: id, stream, metrics, records: totalRecords })),
    )
    .sort((a, b) => a.records - b.records)
}

/** A connection, as far as it is measured. */
interface Source {
  readonly id: string
  readonly streams: readonly {
    readonly stream: string
    readonly metrics: readonly string[]
    readonly totalRecords: number
  }[]
}

export interface Measured {
  readonly connection: string
  readonly stream: string
  readonly metrics: readonly string[]
  readonly records: number
}

/** What is shown where nothing was chosen. */
export function firstLine([first]: readonly Measured[]): Line | undefined {
  const metric = first?.metrics[0]
  return first && metric !== undefined
    ? { connection: first.connection, stream: first.stream, metric, key: null }
    : undefined
}

interface Told {
  readonly at?: string | undefined
  readonly day?: string | undefined
  readonly value: unknown
  readonly partial?: true | undefined
}

/** A line breaks where nobody looked for so much longer than usual, and never for less than this, in milliseconds. */
const GAP_FACTOR = 3
const GAP_LEAST_MS = 2 * HOUR_MS

/**
 * The points of an answer, with its gaps: a day without a value, a time in which no run looked, and a total that may lack
 * something.
 */
export function pointsOf(told: readonly Told[], by: By): readonly Point[] {
  const points = told.map(({ at, day, value, partial }): Point => {
    const moment = Date.parse(at ?? `${day}T00:00:00Z`)
    return partial
      ? { at: moment, value: null, note: `${String(value)}, of a run that did not read everything` }
      : { at: moment, value: Number(value) }
  })
  return by === 'day' ? daysFilled(points) : broken(points, gapOf(points))
}

function daysFilled(points: readonly Point[]): readonly Point[] {
  return points.flatMap((point, i) => {
    const before = points[i - 1]
    const missing = before === undefined ? 0 : Math.round((point.at - before.at) / DAY_MS) - 1
    const empty = Array.from({ length: Math.max(0, missing) }, (_, n) => ({
      at: (before as Point).at + (n + 1) * DAY_MS,
      value: null,
    }))
    return [...empty, point]
  })
}

function gapOf(points: readonly Point[]): number {
  const apart = points.slice(1).map((point, i) => point.at - (points[i] as Point).at)
  const usual = apart.toSorted((a, b) => a - b)[Math.floor(apart.length / 2)] ?? 0
  return Math.max(GAP_LEAST_MS, GAP_FACTOR * usual)
}

/**
 * Lines as one: at each moment at which one of them was looked at, the sum of what all of them were then. Where one is not known, so
 * is the sum: before its first value, in a gap of it, and on a day without a value. Up to a week, by runs, what one was last counts
 * until its next run was due.
 */
export function summed(lines: readonly (readonly Point[])[], by: By): readonly Point[] {
  const moments = [...new Set(lines.flatMap((points) => points.map(({ at }) => at)))].sort((a, b) => a - b)
  const gaps = lines.map(gapOf)
  return moments.map((at): Point => {
    const values = lines.map((points, i) => {
      const last = points.findLast((point) => point.at <= at)
      const isOld = last !== undefined && (by === 'day' ? last.at < at : at - last.at > (gaps[i] ?? 0))
      return last === undefined || isOld ? null : last.value
    })
    const known = values.filter((value) => value !== null)
    const sum = known.reduce((all, value) => all + value, 0)
    return known.length === lines.length
      ? { at, value: sum }
      : { at, value: null, note: `not known of ${lines.length - known.length} of ${lines.length}` }
  })
}

/** What a sum has grown; null: of one of its parts that is not known. */
export function grownTogether(parts: readonly unknown[]): number | null {
  const known = parts.filter((part) => part !== null && part !== undefined)
  return known.length === parts.length && parts.length > 0
    ? known.reduce<number>((all, part) => all + Number(part), 0)
    : null
}

/** In percent of the first value that is known, so that lines of different heights compare. */
export function asChange(points: readonly Point[]): readonly Point[] {
  const first = points.find(({ value }) => value !== null && value !== 0)?.value ?? null
  if (first === null) return points.map(({ at }) => ({ at, value: null }))
  return points.map((point) =>
    point.value === null ? point : { ...point, value: ((point.value - first) / Math.abs(first)) * 100 },
  )
}

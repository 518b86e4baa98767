// Owns series of values over time, as charts, their tables and their files have them. Pure.

export interface Point {
  /** Milliseconds since 1970. */
  readonly at: number
  /** Null: nothing is known of this moment, and the line is broken there. */
  readonly value: number | null
  /** What is to be known of the value, such as that it may lack something. */
  readonly note?: string
}

export interface Series {
  readonly id: string
  readonly name: string
  /** In order of time. */
  readonly points: readonly Point[]
}

/** Moments in order, and of each series its value at each of them; undefined: the series says nothing of it, and its line goes on. */
export interface Aligned {
  readonly at: readonly number[]
  readonly values: readonly (readonly (number | null | undefined)[])[]
}

/** All series on one axis of time. Of two points of one moment, the later stands. */
export function aligned(series: readonly Series[]): Aligned {
  const at = [...new Set(series.flatMap(({ points }) => points.map((point) => point.at)))].sort((a, b) => a - b)
  const place = new Map(at.map((moment, i) => [moment, i]))
  const values = series.map(({ points }) => {
    const row = new Array<number | null | undefined>(at.length).fill(undefined)
    for (const point of points) row[place.get(point.at) as number] = point.value
    return row
  })
  return { at, values }
}

/** Only what lies within a span of time. */
export function within(series: readonly Series[], span: Span | undefined): readonly Series[] {
  if (span === undefined) return series
  const isIn = ({ at }: Point) => at >= span.from && at <= span.to
  return series.map((one) => ({ ...one, points: one.points.filter(isIn) }))
}

export interface Span {
  readonly from: number
  readonly to: number
}

/** Breaks a line where two points lie further apart than `ms`: nobody looked between them. */
export function broken(points: readonly Point[], ms: number): readonly Point[] {
  return points.flatMap((point, i) => {
    const before = points[i - 1]
    if (before === undefined || point.at - before.at <= ms) return [point]
    return [{ at: Math.round((before.at + point.at) / 2), value: null }, point]
  })
}

/** The value of a series at a place of the axis, or the last one before it since its line was broken. */
export function valueAt(values: Aligned['values'][number], place: number): number | null {
  for (let i = Math.min(place, values.length - 1); i >= 0; i--) {
    const value = values[i]
    if (value !== undefined) return value
  }
  return null
}

/** As RFC 4180 writes it: a moment, then a column for each series; what is not known is empty. */
export function csvOf(series: readonly Series[], momentText: (at: number) => string): string {
  const { at, values } = aligned(series)
  const rows = at.flatMap((moment, i) => {
    const cells = values.map((row) => row[i])
    return cells.every((cell) => cell === null || cell === undefined) ? [] : [[momentText(moment), ...cells]]
  })
  return csvText([['at', ...series.map(({ name }) => name)], ...rows])
}

export function csvText(rows: readonly (readonly unknown[])[]): string {
  return rows.map((row) => `${row.map(csvCell).join(',')}\r\n`).join('')
}

function csvCell(value: unknown): string {
  if (value === null || value === undefined) return ''
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

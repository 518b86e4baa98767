// Owns what of an answer can be drawn: values over time, or bars of names. Pure.

import type { Series } from '../../parts/chart/series.ts'

interface Rows {
  readonly columns: readonly string[]
  readonly rows: readonly Readonly<Record<string, unknown>>[]
}

/** Looked at to tell what a column holds. */
const LOOKED_AT = 200
const MOMENT = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/
const DAY = /^\d{4}-\d{2}-\d{2}$/

export function isMoments({ rows }: Rows, column: string): boolean {
  return isAll(rows, column, (value) => typeof value === 'string' && MOMENT.test(value))
}

export function isNumbers({ rows }: Rows, column: string): boolean {
  return isAll(rows, column, (value) => typeof value === 'number')
}

function isAll(rows: Rows['rows'], column: string, fits: (value: unknown) => boolean): boolean {
  const values = rows
    .slice(0, LOOKED_AT)
    .map((row) => row[column])
    .filter((value) => value !== null && value !== undefined)
  return values.length > 0 && values.every(fits)
}

export interface Drawing {
  /** The column along the chart; undefined: there is nothing to draw. */
  readonly x: string | undefined
  readonly isTime: boolean
  readonly y: readonly string[]
}

/** What is drawn of an answer, unless columns were chosen: the first moments (or else texts), and every column of numbers. */
export function drawingOf(
  answer: Rows,
  chosen: { readonly x?: string | undefined; readonly y?: string | undefined },
): Drawing {
  const { columns } = answer
  const x =
    columns.find((one) => one === chosen.x) ??
    columns.find((one) => isMoments(answer, one)) ??
    columns.find((one) => !isNumbers(answer, one)) ??
    columns[0]
  const numbers = columns.filter((one) => one !== x && isNumbers(answer, one))
  const y = numbers.filter((one) => one === chosen.y)
  return { x, isTime: x !== undefined && isMoments(answer, x), y: y.length > 0 ? y : numbers }
}

/** Each column of numbers as a line. */
export function linesOf(
  { rows }: Rows,
  { x, y }: Drawing,
): { readonly series: readonly Series[]; readonly isDaily: boolean } {
  if (x === undefined) return { series: [], isDaily: false }
  const isDaily = rows.every((row) => row[x] === null || DAY.test(nameOf(row[x])))
  const series = y.map((name) => ({
    id: name,
    name,
    points: rows
      .flatMap((row) => {
        const at = Date.parse(nameOf(row[x]))
        return Number.isNaN(at) ? [] : [{ at, value: (row[name] as number | null) ?? null }]
      })
      .sort((a, b) => a.at - b.at),
  }))
  return { series, isDaily }
}

/** A value as the name of a bar, or of a moment. */
export function nameOf(value: unknown): string {
  if (value === null || value === undefined) return '–'
  return typeof value === 'string' ? value : JSON.stringify(value)
}

// Owns tables for people: aligned columns without lines, numbers on the right, what is too wide ends with …. Pure but
// for the colours that it is handed.

import { plural } from '../../model/plural.ts'
import type { Paint, Style } from './output.ts'
import { cut, oneLine, padEnd, padStart, widthOf } from './printable.ts'

export interface Column {
  readonly title: string
  /** @default 'left' */
  readonly align?: 'left' | 'right'
  /** Columns on the screen, at most. @default as wide as needed */
  readonly max?: number
  /** Never cut, because it is there to be copied. */
  readonly whole?: boolean
  /** Left out where the terminal is too narrow for all. */
  readonly optional?: boolean
}

/** A column with what it shows of a row; `now` is milliseconds since 1970. */
export interface ColumnOf<Row> extends Column {
  readonly of: (row: Row, now: number) => Cell
}

export type Cell = string | { readonly text: string; readonly style: Style }

const GAP = '  '
/** Below this no column is made narrower: a few letters tell nothing. */
const NARROWEST = 8
/** While there are columns that may be left out, the others keep so much. */
const READABLE = 16

export interface Layout {
  readonly columns: readonly Column[]
  readonly widths: readonly number[]
}

/** Decides how wide each column is, from the rows that are known, so that a line fits into `width`. */
export function layOut(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  width: number,
  narrowest = NARROWEST,
): Layout {
  const widths = columns.map(({ title, max = Number.POSITIVE_INFINITY }, place) => {
    const longest = rows.reduce((most, row) => Math.max(most, widthOf(textOf(row[place]))), widthOf(title))
    return Math.min(longest, Math.max(max, widthOf(title)))
  })
  const floors = columns.map((column, place) => Math.min(widths[place]!, floorOf(column, narrowest)))
  while (lineWidth(widths) > width) {
    const spare = widths.map((each, place) => (columns[place]?.whole ? 0 : each - floors[place]!))
    const widest = spare.indexOf(Math.max(...spare))
    if (widest < 0 || spare[widest] === 0) break
    const step = Math.ceil((lineWidth(widths) - width) / columns.length)
    widths[widest] = Math.max(floors[widest]!, widths[widest]! - step)
  }
  return { columns, widths }
}

function floorOf({ title }: Column, narrowest: number): number {
  return Math.max(narrowest, widthOf(title))
}

function lineWidth(widths: readonly number[]): number {
  return widths.reduce((sum, each) => sum + each, 0) + GAP.length * Math.max(0, widths.length - 1)
}

export function headLine({ columns, widths }: Layout, paint: Paint): string {
  const titles = columns.map((column, place) => pad(column, column.title, widths[place]!))
  return paint('dim', titles.join(GAP).trimEnd())
}

export function bodyLine({ columns, widths }: Layout, row: readonly Cell[], paint: Paint): string {
  const cells = columns.map((column, place) => {
    const cell = row[place] ?? ''
    const padded = pad(column, textOf(cell), widths[place]!)
    return typeof cell === 'string' ? padded : paint(cell.style, padded)
  })
  return cells.join(GAP).trimEnd()
}

/**
 * A whole table with its head, each line ended. Where not even its narrowest columns fit beside each other, they stand
 * below each other. Without rows: nothing.
 */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  { width, paint, indent = '' }: { width: number; paint: Paint; indent?: string },
): string {
  if (rows.length === 0) return ''
  const { layout, places } = fitting(columns, rows, width - indent.length)
  if (lineWidth(layout.widths) > width - indent.length) return stacked(columns, rows, { width, paint, indent })
  const body = rows.map((row) =>
    bodyLine(
      layout,
      places.map((place) => row[place] ?? ''),
      paint,
    ),
  )
  const hidden = columns.filter((_, place) => !places.includes(place)).map(({ title }) => title)
  const left = hidden.length > 0 ? [paint('dim', hiddenText(hidden, width - indent.length))] : []
  const lines = [headLine(layout, paint), ...body, ...left]
  return lines.map((line) => `${indent}${line}\n`).join('')
}

/** Says which columns found no room. */
export function hiddenText(titles: readonly string[], width: number): string {
  return cut(`${plural(titles.length, 'more column')}: ${titles.join(', ')}`, width)
}

/** A block for each row, a line for each of its cells; what is empty is left out. */
function stacked(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  { width, paint, indent }: { width: number; paint: Paint; indent: string },
): string {
  const head = Math.max(...columns.map(({ title }) => widthOf(title)))
  const left = Math.max(NARROWEST, width - indent.length - head - GAP.length)
  const blocks = rows.map((row) => {
    const lines = columns.flatMap((column, place) => {
      const cell = row[place] ?? ''
      const text = textOf(cell)
      if (text === '' || text === '-') return []
      const shown = column.whole ? text : cut(text, left)
      const value = typeof cell === 'string' ? shown : paint(cell.style, shown)
      return [`${indent}${paint('dim', padEnd(column.title, head))}${GAP}${value}\n`]
    })
    return lines.join('')
  })
  return blocks.join('\n')
}

/** Leaves out optional columns, the last one first, until the rest fits. */
function fitting(columns: readonly Column[], rows: readonly (readonly Cell[])[], width: number) {
  let places = columns.map((_, place) => place)
  for (;;) {
    const shown = rows.map((row) => places.map((place) => row[place] ?? ''))
    const last = places.findLast((place) => columns[place]?.optional)
    const chosen = places.map((place) => columns[place]!)
    const layout = layOut(chosen, shown, width, last === undefined ? NARROWEST : READABLE)
    if (lineWidth(layout.widths) <= width || last === undefined) return { layout, places }
    places = places.filter((place) => place !== last)
  }
}

function textOf(cell: Cell | undefined): string {
  return oneLine(typeof cell === 'object' ? cell.text : (cell ?? ''))
}

function pad({ align }: Column, text: string, width: number): string {
  const shown = cut(oneLine(text), width)
  return align === 'right' ? padStart(shown, width) : padEnd(shown, width)
}

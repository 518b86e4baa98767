// Owns rows of values on their way out: as one JSON array, as JSON lines, as CSV, TSV or a table. A row is written when it
// comes; nothing waits for the last one, and nothing goes on when nobody reads any more.

import { type Command, Option } from 'commander'
import { TidemarkError } from '../../model/errors.ts'
import { jsonText } from '../../model/json-text.ts'
import { plainField, type Row, rowLines } from '../../operations/row-lines.ts'
import type { Cli } from '../cli.ts'
import { withWords } from '../command.ts'
import { oneOf } from '../values.ts'
import type { Sink } from './output.ts'
import { cut, oneLine, printable, widthOf } from './printable.ts'
import { bodyLine, type Column, headLine, hiddenText, layOut } from './table.ts'

export const ROW_FORMATS = ['json', 'jsonl', 'csv', 'tsv', 'table'] as const

export type RowFormat = (typeof ROW_FORMATS)[number]

/** How rows are written, as the options of a command say it. */
export interface FormatOptions<F extends RowFormat = RowFormat> {
  readonly format?: F
  readonly crlf?: boolean
}

/** The option that ends lines as RFC 4180 has it. */
export const CRLF = ['--crlf', 'end lines of CSV and TSV with CR LF instead of LF'] as const

/** Adds `--format` and `--crlf` to a command that prints rows. */
export function withFormats(command: Command, formats: readonly RowFormat[] = ROW_FORMATS, note = ''): Command {
  const format = new Option('--format <format>', `one of: ${formats.join(', ')}${note}`)
  return command.addOption(withWords(format.argParser(oneOf('format', formats)), formats)).option(...CRLF)
}

/** Characters that are written at once. */
const CHUNK = 65_536
/** Rows from which a table decides its columns and their widths. */
const SAMPLE = 200
/** A cell on the screen, at most. */
const CELL_WIDTH = 40

/**
 * The format that was asked for; else a table for a person and JSON for a program.
 *
 * @throws TidemarkError option_conflict: with --json there is one JSON document and nothing else
 */
export function formatFor(cli: Cli, asked: RowFormat | undefined): RowFormat {
  if (cli.options.json && asked !== undefined && asked !== 'json') {
    throw new TidemarkError('option_conflict', `The option --json can't be combined with --format ${asked}.`)
  }
  return asked ?? (cli.options.json || !cli.out.isTerminal ? 'json' : 'table')
}

interface Shape {
  readonly format: RowFormat
  /** In their order. */
  readonly columns: readonly string[]
  /** @default false */
  readonly crlf?: boolean | undefined
  /** Whether a table shows every column, however narrow. @default those that fit and are not empty */
  readonly whole?: boolean | undefined
}

/** Writes all rows and returns how many. CSV and TSV have a head even without rows. */
export async function writeRows(
  cli: { readonly out: Sink },
  rows: AsyncIterable<Row> | Iterable<Row>,
  { format, columns, crlf = false, whole = false }: Shape,
): Promise<number> {
  const { out } = cli
  // A terminal obeys control characters that a file just keeps.
  const safe = out.isTerminal ? printable : (text: string) => text
  const lines = (counted: AsyncIterable<Row>) =>
    format === 'table'
      ? tableLines(counted, { columns, whole, out })
      : rowLines(counted, { format, columns, end: crlf ? '\r\n' : '\n' })
  const shown = format === 'csv' || format === 'tsv' ? safe : (text: string) => text
  let count = 0
  const counted = async function* () {
    for await (const row of rows) {
      count++
      yield row
    }
  }
  let chunk = ''
  for await (const line of lines(counted())) {
    chunk += shown(line)
    if (chunk.length < CHUNK) continue
    await cli.out.write(chunk)
    chunk = ''
    if (cli.out.isClosed) break
  }
  await cli.out.write(chunk)
  return count
}

interface Written {
  readonly columns: readonly string[]
  readonly whole: boolean
  readonly out: Sink
}

async function* tableLines(rows: AsyncIterable<Row>, { columns, whole, out }: Written): AsyncGenerator<string> {
  const source = rows[Symbol.asyncIterator]()
  try {
    const sample: Shown[] = []
    let next = await source.next()
    while (!next.done && sample.length < SAMPLE) {
      sample.push(shownRow(columns, next.value))
      next = await source.next()
    }
    if (sample.length === 0) return
    const { places, hidden } = choose(columns, sample, whole ? undefined : out.width)
    const looks = places.map((place): Column => {
      const numbers = sample.map((row) => row[place]!).filter(({ kind }) => kind !== 'empty')
      const isNumeric = numbers.length > 0 && numbers.every(({ kind }) => kind === 'number')
      return { title: columns[place]!, max: CELL_WIDTH, align: isNumeric ? 'right' : 'left' }
    })
    const cells = (row: Shown) => places.map((place) => row[place]!.text)
    const layout = layOut(looks, sample.map(cells), out.width)
    yield `${headLine(layout, out.paint)}\n`
    for (const row of sample) yield `${bodyLine(layout, cells(row), out.paint)}\n`
    while (!next.done) {
      yield `${bodyLine(layout, cells(shownRow(columns, next.value)), out.paint)}\n`
      next = await source.next()
    }
    if (hidden.length > 0) yield `${out.paint('dim', hiddenText(hidden, out.width))}\n`
  } finally {
    await source.return?.()
  }
}

/** What a table shows of a row; the row itself may be large, and is not kept. */
type Shown = readonly { readonly text: string; readonly kind: 'empty' | 'number' | 'other' }[]

function shownRow(columns: readonly string[], row: Row): Shown {
  return columns.map((name) => {
    const value = row[name]
    if (value === null || value === undefined) return { text: '', kind: 'empty' }
    const isNumber = typeof value === 'number' || typeof value === 'bigint'
    return { text: cut(oneLine(beginning(textOf(value))), CELL_WIDTH), kind: isNumber ? 'number' : 'other' }
  })
}

/** As much of a text as a cell can need. */
function beginning(text: string): string {
  const max = CELL_WIDTH * 16 + 1
  return text.length > max ? text.slice(0, max) : text
}

/** The columns that have something to show and fit beside each other, in their order; at least one. Without a width: all. */
function choose(columns: readonly string[], sample: readonly Shown[], width: number | undefined) {
  if (width === undefined) return { places: [...columns.keys()], hidden: [] }
  const filled = [...columns.keys()].filter(
    (place) => sample.length === 0 || sample.some((row) => row[place]!.kind !== 'empty'),
  )
  const places: number[] = []
  let used = 0
  for (const place of filled) {
    const widths = sample.map((row) => widthOf(row[place]!.text))
    const needed = Math.max(widthOf(columns[place]!), ...widths) + (places.length > 0 ? 2 : 0)
    if (used + needed > width && places.length > 0) continue
    places.push(place)
    used += needed
  }
  const hidden = filled.filter((place) => !places.includes(place)).map((place) => columns[place]!)
  return { places, hidden }
}

function textOf(value: unknown): string {
  const shown = plainField(value)
  return typeof shown === 'object' ? jsonText(shown) : String(shown)
}

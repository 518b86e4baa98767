// Owns reading CSV for connectors: rows by the names of the header, one after the other, out of a stream of bytes.
// RFC 4180, as exports are written: quotes, doubled quotes, line breaks within quotes, CRLF or LF, a byte order mark.

import { TidemarkError } from '../model/errors.ts'
import { plural } from '../model/plural.ts'
import { shortened } from '../model/shown.ts'

/** Characters of one row, at most: a file in which a quote is never closed is no table. */
export const CSV_ROW_CHARS_MAX = 1 << 20

/** How a CSV file is read. */
export interface CsvReading {
  /**
   * Is given the names of the columns before anything else is read; throws where this is another table. Without it, a file
   * that has a header and no row is an empty table, whatever its columns are called.
   */
  readonly header?: (names: readonly string[]) => void
  /**
   * Is given the last row where no line end stands behind it: of such a file nobody knows whether its last cell is whole, but
   * who knows what a whole one looks like. Throws where it has been cut.
   */
  readonly unended?: (row: Readonly<Record<string, string>>) => void
}

/**
 * The rows of a CSV file, each as an object of texts by the names of its header. Empty lines are left out.
 *
 * @throws TidemarkError upload_unreadable when the text is a web page or JSON, or not UTF-8, the header is missing or names a
 *   column twice, a row has more or fewer cells than the header, or a quote is not closed; upload_too_large for a row above
 *   CSV_ROW_CHARS_MAX; what `header` and `unended` throw
 */
export async function* csvRows(
  bytes: AsyncIterable<Uint8Array>,
  { header: judge, unended }: CsvReading = {},
): AsyncGenerator<Readonly<Record<string, string>>> {
  let header: readonly string[] | undefined
  let line = 0
  for await (const { cells, isEnded } of csvCells(noOtherFormat(textOf(bytes)))) {
    line++
    if (header === undefined) {
      header = cells.map((cell) => cell.trim())
      judge?.(header)
      checkHeader(header)
      continue
    }
    if (cells.length !== header.length) {
      throw unreadable(
        `Row ${line} has ${plural(cells.length, 'cell')}, and the header has ${plural(header.length, 'column')}.`,
      )
    }
    const row = Object.fromEntries(header.map((name, place) => [name, cells[place] as string]))
    if (!isEnded) unended?.(row)
    yield row
  }
  if (header === undefined) throw unreadable('The file has no header: its first line names the columns.')
}

function checkHeader(names: readonly string[]): void {
  const twice = names.find((name, place) => names.indexOf(name) !== place)
  if (twice !== undefined) throw unreadable(`The header names the column "${shortened(twice, NAME_MAX)}" twice.`)
}

/** Characters of a column's name that a message shows. */
const NAME_MAX = 80

/** How files begin that are no table, and what they are. */
const OTHERS = [
  [/^\s*<(?:!doctype\s+html|html|head|body|script)\b/i, 'a web page'],
  [/^\s*<\?xml\b/i, 'XML'],
  [/^\s*(?:\{\s*["}]|\[\s*(?:[[{"\]]|-?\d+\s*[,\]]))/, 'JSON'],
] as const
/** By so many characters, a file has shown which of them it is. */
const BEGINNING_CHARS = 256

/** The text as it comes, unless it begins as something that is no table. */
async function* noOtherFormat(texts: AsyncIterable<string>): AsyncGenerator<string> {
  let beginning = ''
  for await (const text of texts) {
    if (beginning.length < BEGINNING_CHARS) {
      beginning += text.slice(0, BEGINNING_CHARS)
      const other = OTHERS.find(([begins]) => begins.test(beginning))
      if (other) throw unreadable(`The file is ${other[1]}, and no table (CSV).`)
    }
    yield text
  }
}

async function* textOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const decoded = (chunk?: Uint8Array) => {
    try {
      return decoder.decode(chunk, { stream: chunk !== undefined })
    } catch {
      throw unreadable('The file is not UTF-8 text.')
    }
  }
  for await (const chunk of bytes) yield decoded(chunk)
  yield decoded()
}

/** The cells of each row; a row that is empty is none. */
async function* csvCells(texts: AsyncIterable<string>): AsyncGenerator<CsvCells> {
  const rows = new CsvRows()
  for await (const text of texts) for (const cells of rows.push(text)) yield { cells, isEnded: true }
  const isEnded = rows.isQuoteEnded()
  for (const cells of rows.end()) yield { cells, isEnded }
}

interface CsvCells {
  readonly cells: readonly string[]
  /** False of the last row, where neither a line end nor a closing quote says that it is whole. */
  readonly isEnded: boolean
}

class CsvRows {
  #cells: string[] = []
  #cell = ''
  #chars = 0
  /** `closed`: behind a quote within quotes, which ends them, or is the first of two. */
  #state: 'plain' | 'quoted' | 'closed' = 'plain'

  push(text: string): readonly (readonly string[])[] {
    const rows: (readonly string[])[] = []
    let from = 0
    for (let at = 0; at < text.length; at++) {
      const character = text[at] as string
      if (this.#state === 'quoted') {
        if (character !== '"') continue
        this.#take(text.slice(from, at))
        this.#state = 'closed'
        from = at + 1
      } else if (character === '"' && (this.#state === 'closed' || (this.#cell === '' && from === at))) {
        if (this.#state === 'closed') this.#take('"')
        this.#state = 'quoted'
        from = at + 1
      } else if (character === ',' || character === '\n') {
        this.#take(text.slice(from, at))
        this.#endCell(character === '\n')
        from = at + 1
        if (character === '\n') rows.push(...this.#endRow())
      }
    }
    this.#take(text.slice(from))
    return rows
  }

  /** Whether what came last are the quotes that end a cell. */
  isQuoteEnded(): boolean {
    return this.#state === 'closed'
  }

  end(): readonly (readonly string[])[] {
    if (this.#state === 'quoted') throw unreadable('The file ends within quotes: it is not whole.')
    if (this.#cell === '' && this.#cells.length === 0 && this.#state === 'plain') return []
    this.#endCell(true)
    return this.#endRow()
  }

  #take(part: string): void {
    this.#cell += part
    this.#chars += part.length
    if (this.#chars <= CSV_ROW_CHARS_MAX) return
    throw new TidemarkError('upload_too_large', `A row of the file has more than ${CSV_ROW_CHARS_MAX} characters.`)
  }

  #endCell(isLast: boolean): void {
    this.#cells.push(isLast && this.#cell.endsWith('\r') ? this.#cell.slice(0, -1) : this.#cell)
    this.#cell = ''
    this.#state = 'plain'
  }

  #endRow(): readonly (readonly string[])[] {
    const cells = this.#cells
    this.#cells = []
    this.#chars = 0
    return cells.length > 1 || cells[0] !== '' ? [cells] : []
  }
}

function unreadable(message: ConstructorParameters<typeof TidemarkError>[1]): TidemarkError {
  return new TidemarkError('upload_unreadable', message, { hint: 'Upload the file as the service gave it.' })
}

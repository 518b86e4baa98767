// Owns rows as text, for files and for other programs: one JSON array, JSON lines, CSV or TSV; each row when it comes.

import { csvLine, type Field, type LineEnd, tsvLine } from '../model/delimited.ts'
import { jsonText } from '../model/json-text.ts'

export const LINE_FORMATS = ['json', 'jsonl', 'csv', 'tsv'] as const

export type LineFormat = (typeof LINE_FORMATS)[number]

export type Row = Readonly<Record<string, unknown>>

interface Written {
  readonly format: LineFormat
  /** Of CSV and TSV, in their order. */
  readonly columns: readonly string[]
  /** @default LF */
  readonly end?: LineEnd
}

/** Pieces of the text. CSV and TSV have a head, also without rows. */
export async function* rowLines(
  rows: AsyncIterable<Row>,
  { format, columns, end = '\n' }: Written,
): AsyncGenerator<string> {
  if (format === 'json') yield* jsonArray(rows)
  else if (format === 'jsonl') for await (const row of rows) yield `${jsonText(row)}\n`
  else {
    const lineOf = format === 'csv' ? csvLine : tsvLine
    yield lineOf(columns, end)
    for await (const row of rows) {
      const fields = columns.map((column) => plainField(row[column]))
      yield lineOf(fields, end)
    }
  }
}

async function* jsonArray(rows: AsyncIterable<Row>): AsyncGenerator<string> {
  let before = '[\n'
  for await (const row of rows) {
    yield `${before}  ${jsonText(row)}`
    before = ',\n'
  }
  yield before === '[\n' ? '[]\n' : '\n]\n'
}

/** Bytes as people read them in SQL; everything else as it is. */
export function plainField(value: unknown): Field {
  return value instanceof Uint8Array ? `x'${Buffer.from(value).toString('hex')}'` : (value as Field)
}

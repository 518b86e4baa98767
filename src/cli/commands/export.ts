// Owns `tidemark export`: a stream as a file, of any size at constant memory.

import { extname } from 'node:path'
import type { Connection } from '../../connection.ts'
import { TidemarkError } from '../../model/errors.ts'
import { plural } from '../../model/plural.ts'
import type { StreamShape } from '../../model/record.ts'
import { text, yesOrNo } from '../../operations/fields.ts'
import { records as operation } from '../../operations/records.ts'
import type { Row } from '../../operations/row-lines.ts'
import { streamTarget } from '../../operations/targets.ts'
import type { Cli } from '../cli.ts'
import type { Declare } from '../command.ts'
import { asOfMoment, checkOrder, columnsFor, noteUnknownPast } from '../records.ts'
import { type FormatOptions, withFormats, writeRows } from '../terminal/rows.ts'
import { versionColumns, versionRow } from '../terminal/versions.ts'
import { verb } from '../verb.ts'

const FORMATS = ['json', 'jsonl', 'csv', 'tsv'] as const

type Format = (typeof FORMATS)[number]

const ENDINGS: Readonly<Record<string, Format>> = {
  '.json': 'json',
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.csv': 'csv',
  '.tsv': 'tsv',
}

interface Options extends FormatOptions<Format> {
  readonly out?: string
  readonly columns?: readonly string[]
  readonly order?: string
  readonly removed?: boolean
  readonly asOf?: string
  readonly history?: boolean
  readonly raw?: boolean
}

export const declare: Declare = (program, run) =>
  withFormats(
    verb(program, 'export', operation, {
      summary: 'write a stream to a file',
      does: 'Write all records of a stream to a file.',
      omit: ['where', 'limit'],
      says:
        'The file is replaced only when the new one is complete. Numbers with more digits than a double holds are ' +
        'written as text; --raw adds the JSON text exactly as the source gave it.',
      extra: {
        out: text('where to; - is standard output', { sign: 'file' }),
        history: yesOrNo('every version of every record, live or removed: one row per version'),
        raw: yesOrNo('add the JSON text of each record as the source gave it, in _raw'),
      },
      examples: [
        'tidemark export me/stars --out stars.csv',
        'tidemark export me/stars --out stars.csv --crlf',
        'tidemark export me/stars --out stars.jsonl --raw --as-of 2026-11-01',
        'tidemark export me/stars --out - --format tsv --columns full_name,stargazers_count',
      ],
    }),
    FORMATS,
    ' (default: by the ending of the file)',
  ).action(run(exportStream))

async function exportStream(cli: Cli, target: string, options: Options): Promise<void> {
  const { out } = options
  if (out === undefined || out === '') {
    throw new TidemarkError('option_missing', 'The option --out is missing.', {
      hint: 'Name a file, or - for standard output.',
    })
  }
  const others = (['removed', 'asOf', 'columns', 'order'] as const).filter((name) => options[name] !== undefined)
  if (options.history && others.length > 0) {
    throw new TidemarkError(
      'option_conflict',
      `The option --history can't be combined with ${FLAGS[others[0] ?? 'removed']}.`,
      {
        hint: 'It writes every version of every record, with all columns.',
      },
    )
  }
  const format = formatOf(cli, out, options.format)
  const tidemark = await cli.open()
  const { connection: id, stream } = await streamTarget(tidemark, target)
  const asOf = await asOfMoment(cli, tidemark, options.asOf)
  const connection = await tidemark.connection(id)
  const { shape } = await connection.stream(stream)
  const { columns, rows } = options.history
    ? versionRows(connection, shape, options.raw ?? false)
    : await recordRows(connection, shape, { ...options, format, asOf })
  const shown = { format, columns, crlf: options.crlf }
  const noteIfUnknown = async (written: number) => {
    if (written > 0 || asOf === undefined) return
    await noteUnknownPast(cli, tidemark, connection, { stream, asOf })
  }
  if (out === '-') return noteIfUnknown(await writeRows(cli, rows, shown))
  const signal = cli.interruption.graceful()
  const records = await cli.writeFile(out, (sink) => writeRows({ out: sink }, until(rows, signal, out), shown))
  await noteIfUnknown(records)
  if (cli.options.json) return cli.json({ connection: id, stream, file: out, format, rows: records })
  cli.out.line(`Wrote ${plural(records, options.history ? 'version' : 'record')} of ${target} to ${out}`)
}

const FLAGS = { removed: '--removed', asOf: '--as-of', columns: '--columns', order: '--order' } as const

function formatOf(cli: Cli, out: string, asked: Format | undefined): Format {
  const format = asked ?? (out === '-' ? (cli.options.json ? 'json' : 'jsonl') : ENDINGS[extname(out).toLowerCase()])
  if (!format) {
    throw new TidemarkError('option_invalid', `The ending of ${out} doesn't tell the format.`, {
      hint: `Add --format with one of: ${FORMATS.join(', ')}`,
    })
  }
  if (out === '-' && cli.options.json && format !== 'json') {
    throw new TidemarkError(
      'option_conflict',
      `The option --json can't be combined with --format ${format} on standard output.`,
    )
  }
  return format
}

interface Found {
  readonly columns: readonly string[]
  readonly rows: AsyncIterable<Row>
}

async function recordRows(
  connection: Connection,
  shape: StreamShape,
  { order, ...asked }: Omit<Options, 'asOf' | 'format'> & { format: Format; asOf: number | undefined },
): Promise<Found> {
  checkOrder(shape, order)
  const columns = columnsFor(shape, asked)
  const { removed, asOf } = asked
  return { columns, rows: connection.records(shape.stream, { removed, asOf, columns, order }) }
}

/** Live records first, then those that were removed, each with all its versions. */
function versionRows(connection: Connection, shape: StreamShape, withRaw: boolean): Found {
  const rows = async function* () {
    for (const removed of [false, true]) {
      for await (const { _key } of connection.records(shape.stream, { removed, columns: ['_key'] })) {
        for (const version of await connection.history(shape.stream, _key)) yield versionRow(version, withRaw)
      }
    }
  }
  return { columns: versionColumns(shape, withRaw), rows: rows() }
}

async function* until(rows: AsyncIterable<Row>, signal: AbortSignal, out: string): AsyncGenerator<Row> {
  for await (const row of rows) {
    if (signal.aborted) throw new TidemarkError('cancelled', `The export was interrupted; ${out} is as it was.`)
    yield row
  }
}

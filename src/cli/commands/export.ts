// Owns `tidemark export`: a stream as a file, of any size at constant memory.

import { extname } from 'node:path'
import { TidemarkError } from '../../model/errors.ts'
import type { StreamShape } from '../../model/record.ts'
import type { Connection } from '../../open.ts'
import type { Cli } from '../cli.ts'
import { type Declare, examples } from '../command.ts'
import { plural } from '../describe-run.ts'
import { writeFileWhole } from '../file-output.ts'
import { asOfMoment } from '../reckoning.ts'
import { type Row, writeRows } from '../rows.ts'
import { oneOf, parseTarget } from '../values.ts'

const FORMATS = ['json', 'jsonl', 'csv'] as const

type Format = (typeof FORMATS)[number]

const ENDINGS: Readonly<Record<string, Format>> = {
  '.json': 'json',
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.csv': 'csv',
}

interface Options {
  readonly out?: string
  readonly format?: Format
  readonly removed?: boolean
  readonly asOf?: string
  readonly history?: boolean
  readonly raw?: boolean
}

export const declare: Declare = (program, run) =>
  program
    .command('export')
    .summary('write a stream to a file')
    .description(
      'Writes all records of a stream to a file, in order of their key. The file takes its place only when it is whole. ' +
        'Numbers with more digits than a double holds are written as text; --raw adds the JSON text exactly as the source gave it.',
    )
    .argument('<stream>', 'which stream: <connection>/<stream>')
    .option('--out <file>', 'where to; - is standard output')
    .option(
      '--format <format>',
      `one of: ${FORMATS.join(', ')} (default: by the ending of the file)`,
      oneOf('format', FORMATS),
    )
    .option('--removed', 'the records that the source no longer has, instead of the live ones')
    .option('--as-of <time>', 'as they were at this time: a day, a time, or how long ago (yesterday, 7d)')
    .option('--history', 'everything that every record, live or removed, has been: one row per version')
    .option('--raw', 'with each record its JSON text as the source gave it, in _raw')
    .addHelpText(
      'after',
      examples(
        'tidemark export me/stars --out stars.csv',
        'tidemark export me/stars --out stars.jsonl --raw --as-of 2026-11-01',
        'tidemark export me/stars --out - --format csv',
      ),
    )
    .action(run(exportStream))

async function exportStream(cli: Cli, target: string, options: Options): Promise<void> {
  const { connection: id, stream } = parseTarget(target)
  const { out } = options
  if (out === undefined || out === '') {
    throw new TidemarkError('option_missing', '--out is missing', { hint: 'Name a file, or - for standard output.' })
  }
  if (options.history && (options.removed || options.asOf !== undefined)) {
    throw new TidemarkError('option_conflict', '--history has every version; it takes neither --removed nor --as-of')
  }
  const format = formatOf(cli, out, options.format)
  const tidemark = await cli.open()
  const asOf = await asOfMoment(cli, tidemark, options.asOf)
  const connection = await tidemark.connection(id)
  const { shape } = await connection.stream(stream)
  const { columns, rows } = options.history
    ? versionRows(connection, shape, options.raw ?? false)
    : await recordRows(connection, shape, { ...options, asOf })
  const shown = { format, columns: options.raw ? [...columns, '_raw'] : columns }
  const noteIfUnknown = async (written: number) => {
    if (written > 0 || asOf === undefined) return
    await (await import('../as-of.ts')).noteUnknownPast(cli, tidemark, connection, { stream, asOf })
  }
  if (out === '-') return noteIfUnknown(await writeRows(cli, rows, shown))
  const signal = cli.interruption.graceful()
  const records = await writeFileWhole(out, (sink) => writeRows({ out: sink }, until(rows, signal, out), shown))
  await noteIfUnknown(records)
  if (cli.options.json) return cli.json({ connection: id, stream, file: out, format, rows: records })
  cli.out.line(`Wrote ${plural(records, options.history ? 'version' : 'record')} of ${target} to ${out}`)
}

function formatOf(cli: Cli, out: string, asked: Format | undefined): Format {
  const format = asked ?? (out === '-' ? (cli.options.json ? 'json' : 'jsonl') : ENDINGS[extname(out).toLowerCase()])
  if (!format) {
    throw new TidemarkError('option_invalid', `the ending of ${out} doesn't tell the format`, {
      hint: `Add --format with one of: ${FORMATS.join(', ')}`,
    })
  }
  if (out === '-' && cli.options.json && format !== 'json') {
    throw new TidemarkError('option_conflict', `--json can't be combined with --format ${format} on standard output`)
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
  { removed = false, raw = false, asOf }: { removed?: boolean; raw?: boolean; asOf: number | undefined },
): Promise<Found> {
  const { recordColumns, shownRecord } = await import('../record-view.ts')
  const rows = async function* () {
    for await (const record of connection.records(shape.stream, { removed, asOf })) yield shownRecord(record, raw)
  }
  return { columns: recordColumns(shape, removed), rows: rows() }
}

const VERSION = ['_key', '_ordinal', '_op', '_at', '_reason', '_run', '_page']

/** Live records first, then those that were removed, each with all its versions. */
function versionRows(connection: Connection, shape: StreamShape, withRaw: boolean): Found {
  const rows = async function* () {
    for (const removed of [false, true]) {
      for await (const { _key } of connection.records(shape.stream, { removed })) {
        for (const version of await connection.history(shape.stream, _key)) {
          const { key, ordinal, op, at, reason, run, page, columns, raw } = version
          const made = {
            _key: key,
            _ordinal: ordinal,
            _op: op,
            _at: at,
            _reason: reason,
            _run: run,
            _page: page,
          }
          yield { ...made, ...columns, ...(withRaw ? { _raw: raw } : {}) }
        }
      }
    }
  }
  return { columns: [...VERSION, ...shape.columns.map(({ name }) => name)], rows: rows() }
}

async function* until(rows: AsyncIterable<Row>, signal: AbortSignal, out: string): AsyncGenerator<Row> {
  for await (const row of rows) {
    if (signal.aborted) throw new TidemarkError('cancelled', `the export was interrupted; ${out} is as it was`)
    yield row
  }
}

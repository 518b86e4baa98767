// Owns `tidemark records`: the records of a stream, as many as there are, as fast as they are taken.

import { yesOrNo } from '../../operations/fields.ts'
import { records as operation, whereFor } from '../../operations/records.ts'
import { streamTarget } from '../../operations/targets.ts'
import type { Cli } from '../cli.ts'
import type { Declare } from '../command.ts'
import { asOfMoment, checkOrder, columnsFor, noteUnknownPast } from '../records.ts'
import { type FormatOptions, formatFor, withFormats, writeRows } from '../terminal/rows.ts'
import { parsePair } from '../values.ts'
import { verb } from '../verb.ts'

interface Options extends FormatOptions {
  readonly removed?: boolean
  readonly asOf?: string
  readonly limit?: number
  readonly where?: readonly string[]
  readonly columns?: readonly string[]
  readonly order?: string
  readonly raw?: boolean
}

/** On a terminal a first look is enough, unless the person says how much. */
const LOOK = 50

export const declare: Declare = (program, run) =>
  withFormats(
    verb(program, 'records', operation, {
      summary: 'print the records of a stream',
      says:
        'On a terminal they are printed as a table of the first 50 (--limit for more), elsewhere a JSON array of all. CSV is safe to ' +
        'open in a spreadsheet, TSV has every value exactly.',
      examples: [
        'tidemark records me/stars --columns full_name,stargazers_count --order stargazers_count:desc --limit 5',
        'tidemark records me/stars --where language=TypeScript --format csv > stars.csv',
        'tidemark records me/stars --columns full_name,license --format tsv | cut -f 2 | sort | uniq -c',
        'tidemark records me/stars --as-of yesterday --json',
      ],
      extra: { raw: yesOrNo('add the JSON text of each record as the source gave it, in _raw') },
    }),
  ).action(run(records))

async function records(cli: Cli, target: string, options: Options): Promise<void> {
  const tidemark = await cli.open()
  const { connection: id, stream } = await streamTarget(tidemark, target)
  const connection = await tidemark.connection(id)
  const { shape } = await connection.stream(stream)
  const where = whereFor(
    shape,
    (options.where ?? []).map((text) => parsePair(text, 'where')),
  )
  const format = formatFor(cli, options.format)
  const isLook = format === 'table' && cli.out.isTerminal && options.limit === undefined
  const limit = isLook ? LOOK : options.limit
  const { removed = false, order } = options
  checkOrder(shape, order)
  const asOf = await asOfMoment(cli, tidemark, options.asOf)
  const columns = columnsFor(shape, { ...options, format, removed })
  const found = connection.records(stream, { removed, asOf, where, columns, order, limit })
  const whole = options.columns !== undefined
  const count = await writeRows(cli, found, { format, columns, crlf: options.crlf, whole })
  if (isLook && count === LOOK) cli.note(`The first ${LOOK}; all of them with --limit, --format csv or --format jsonl.`)
  if (count === 0 && asOf !== undefined) {
    await noteUnknownPast(cli, tidemark, connection, { stream, asOf })
  }
  if (count === 0 && format === 'table') cli.note(`${target} has no such records.`)
}

// Owns `tidemark history`: the contents a record has had, oldest first, what changed in each, and what made it.

import type { Version } from '../../connection.ts'
import type { FieldChange } from '../../engine/history/version-changes.ts'
import { jsonText } from '../../model/json-text.ts'
import { relativeTime } from '../../model/relative-time.ts'
import { history as operation } from '../../operations/history.ts'
import { streamTarget } from '../../operations/targets.ts'
import type { Cli } from '../cli.ts'
import type { Declare } from '../command.ts'
import { cut, oneLine, padEnd, widthOf } from '../terminal/printable.ts'
import { type FormatOptions, formatFor, withFormats, writeRows } from '../terminal/rows.ts'
import { OPS, reasonText, versionColumns, versionRow } from '../terminal/versions.ts'
import { verb } from '../verb.ts'

export const declare: Declare = (program, run) =>
  withFormats(
    verb(program, 'history', operation, {
      says: 'With --format, one row per version with all its columns.',
      examples: ['tidemark history me/stars 1029384 --json', 'tidemark history me/stars 1029384 --format csv'],
    }),
  ).action(run(history))

async function history(cli: Cli, target: string, key: string, options: FormatOptions): Promise<void> {
  const format = options.format && formatFor(cli, options.format)
  const tidemark = await cli.open()
  const { connection: id, stream } = await streamTarget(tidemark, target)
  const connection = await tidemark.connection(id)
  const versions = await connection.history(stream, key)
  if (format !== undefined && !cli.options.json) {
    const { shape } = await connection.stream(stream)
    const columns = versionColumns(shape)
    await writeRows(
      cli,
      versions.map((version) => versionRow(version)),
      { format, columns, crlf: options.crlf },
    )
    return
  }
  const { changesOfEach } = await import('../../engine/history/version-changes.ts')
  const changes = changesOfEach(versions)
  const told = versions.map(
    (version, place): Told => ({
      version,
      record: version.columns,
      changes: changes[place] ?? [],
    }),
  )
  if (cli.options.json) {
    const documents = told.map(versionDocument)
    return cli.json({ connection: id, stream, key, versions: documents })
  }
  cli.out.line(cli.out.paint('bold', oneLine(`${target} ${key}`)))
  for (const version of told) tell(cli, version)
}

interface Told {
  readonly version: Version
  readonly record: Readonly<Record<string, unknown>>
  readonly changes: readonly FieldChange[]
}

function versionDocument({ version: { ordinal, op, at, reason, run, page }, changes, record }: Told) {
  return { ordinal, op, at, reason, run, page, changes, record }
}

function tell(cli: Cli, { version: { op, at, reason, run, page }, changes }: Told): void {
  const { out } = cli
  const { words, style } = OPS[op]
  const made = run === null ? '' : `  run ${run}${page === null ? '' : `, page ${page}`}`
  const why = reason === null ? '' : `: ${oneLine(reasonText(reason))}`
  out.line(
    `  ${out.paint(style, words)}${why}  ${relativeTime(Date.parse(at), cli.now())}  ${out.paint('dim', `${at}${made}`)}`,
  )
  const widest = Math.max(0, ...changes.map(({ field }) => widthOf(field)))
  for (const { field, before, after } of changes) {
    // What a record began with is told field by field too, but there is nothing that it was before.
    const text = op === 'insert' ? shown(after) : `${shown(before)} → ${shown(after)}`
    out.line(`      ${padEnd(field, widest)}  ${cut(text, Math.max(20, out.width - widest - 8))}`)
  }
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return '-'
  return oneLine(typeof value === 'string' ? value : jsonText(value))
}

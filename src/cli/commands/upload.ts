// Owns `tidemark upload`: reads an exported file into a stream, or tells what that would change.

import { optionFields } from '../../connector/options.ts'
import { isObject } from '../../model/json.ts'
import { streamTarget } from '../../operations/targets.ts'
import { upload as operation, type UploadDiff, type UploadReport } from '../../operations/upload.ts'
import type { ConnectionRow } from '../../store/store.ts'
import type { Tidemark } from '../../tidemark.ts'
import type { Cli } from '../cli.ts'
import type { Declare } from '../command.ts'
import { exitCodeOfError, exitCodeOfSync, partOf } from '../exit-codes.ts'
import { complaint } from '../terminal/complaint.ts'
import { printable } from '../terminal/printable.ts'
import { describeCounts, describeRun } from '../terminal/runs.ts'
import { runUpload } from '../terminal/sync.ts'
import { verb } from '../verb.ts'

interface Options {
  readonly dryRun?: boolean
  readonly name?: string
}

export const declare: Declare = (program, run) =>
  verb(program, 'upload', operation, { summary: 'read a file that a service has exported' }).action(run(upload))

async function upload(cli: Cli, target: string, file: string, options: Options): Promise<number> {
  const tidemark = await cli.open()
  const { connection: id, stream } = await streamTarget(tidemark, target)
  const connection = await tidemark.connection(id)
  const { report, interrupted } = await runUpload(cli, id, (hooks) =>
    connection.upload(stream, file, { ...options, ...hooks }),
  )
  if (cli.options.json) await cli.json(report)
  else if (report.diff) tellDiff(cli, report, report.diff)
  else if (!report.dryRun) cli.out.line(describeRun(report, cli.out.paint, cli.now()))
  if (report.error) cli.err.line(complaint(report.error, cli.err.paint))
  else if (!report.dryRun && !cli.options.json) await offerCompletion(cli, tidemark, connection.row, stream)
  // A dry run that has an answer has done what it was asked.
  if (report.dryRun && !interrupted) return report.error ? exitCodeOfError(report.error) : 0
  return exitCodeOfSync([partOf(report)], interrupted)
}

/** Where an option would have what the rows of a file lack read by key, the command that sets it. */
async function offerCompletion(cli: Cli, tidemark: Tidemark, row: ConnectionRow, stream: string): Promise<void> {
  const { service, streams } = await tidemark.connector(row.connector)
  const options = isObject(row.options) ? row.options : {}
  const completes = (given: object) =>
    streams[stream]?.passes.some((pass) => pass.kind === 'refresh' && pass.needs && pass.enabled?.(given))
  if (completes(options)) return
  const field = optionFields(service.options).find(({ name }) => completes({ ...options, [name]: true }))
  if (!field) return
  cli.note(`${field.description}:`)
  cli.note(`  tidemark connect ${row.connector} --id ${row.id} --set ${field.name}=true`)
  cli.note(`  tidemark sync ${row.id}`)
}

const AGES: Readonly<Record<UploadDiff['age'], string>> = {
  first: 'the first file of the stream',
  newer: 'newer than the last file',
  same: 'as new as the last file',
  older: 'older than the last file: it changes nothing',
  undated: 'a file that does not tell its age: it only adds',
}

/** How much of a row that can't be read a terminal shows, in characters. */
const RAW_SHOWN = 60
/** Keys of each kind that a terminal shows. */
const KEYS_SHOWN = 20

function tellDiff(cli: Cli, { connection, streams }: UploadReport, diff: UploadDiff): void {
  const { paint } = cli.out
  const [stream] = streams
  if (!stream) return
  const counts = describeCounts(stream.counts)
  cli.out.line(
    `${paint('bold', `${connection}/${stream.stream}`)}  would be: ${counts}  ${paint('dim', AGES[diff.age])}`,
  )
  const lists = [
    ['+', 'green', diff.inserted, stream.counts.inserted],
    ['~', 'yellow', diff.updated, stream.counts.updated],
    ['+', 'green', diff.restored, stream.counts.restored],
    ['-', 'red', diff.removed, stream.counts.removed],
    ['?', 'magenta', diff.held, stream.counts.held],
  ] as const
  for (const [sign, style, keys, count] of lists) {
    for (const key of keys.slice(0, KEYS_SHOWN)) cli.out.line(`    ${paint(style, sign)} ${printable(key)}`)
    if (count > KEYS_SHOWN) {
      const more = (count - KEYS_SHOWN).toLocaleString('en')
      cli.out.line(`    ${paint(style, sign)} and ${more} more (--json names 1,000)`)
    }
  }
  for (const { message, raw } of diff.unreadable) {
    cli.out.line(`    ${paint('red', '!')} ${printable(message)} ${paint('dim', printable(raw.slice(0, RAW_SHOWN)))}`)
  }
  if (diff.heldReason !== null) cli.note(`Removals would be held for you: ${diff.heldReason}.`)
}

// Owns `tidemark upload`: reads an exported file into a stream, or tells what that would change.

import { streamTarget } from '../../operations/targets.ts'
import { upload as operation, type UploadDiff, type UploadReport } from '../../operations/upload.ts'
import type { Cli } from '../cli.ts'
import type { Declare } from '../command.ts'
import { exitCodeOfError, exitCodeOfSync, partOf } from '../exit-codes.ts'
import { complaint } from '../terminal/complaint.ts'
import { printable } from '../terminal/printable.ts'
import { describeCounts, describeRun } from '../terminal/runs.ts'
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
  const report = await connection.upload(stream, file, options)
  if (cli.options.json) await cli.json(report)
  else if (report.diff) tellDiff(cli, report, report.diff)
  else if (!report.dryRun) cli.out.line(describeRun(report, cli.out.paint, cli.now()))
  if (report.error) cli.err.line(complaint(report.error, cli.err.paint))
  // A dry run that has an answer has done what it was asked.
  if (report.dryRun) return report.error ? exitCodeOfError(report.error) : 0
  return exitCodeOfSync([partOf(report)], false)
}

const AGES: Readonly<Record<UploadDiff['age'], string>> = {
  first: 'the first file of the stream',
  newer: 'newer than the last file',
  same: 'as new as the last file',
  older: 'older than the last file: it changes nothing',
  undated: 'a file that does not tell its age: it only adds',
}

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
    if (count > KEYS_SHOWN)
      cli.out.line(`    ${paint(style, sign)} and ${count - KEYS_SHOWN} more (--json names 1,000)`)
  }
  if (diff.heldReason !== null) cli.note(`Removals would be held for you: ${diff.heldReason}.`)
}

// Owns `connect --record`: one sync whose answers are kept in a folder, without secrets, and what is said of it.

import { existsSync, mkdirSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { nodeTransport } from '../../http/node-transport.ts'
import { checkFolder, writeRecording } from '../../http/recording/folder.ts'
import { createRecorder, type Recorder } from '../../http/recording/record.ts'
import { plural } from '../../model/plural.ts'
import type { SyncMode } from '../../model/run.ts'
import type { SyncEntry } from '../../operations/sync-all.ts'
import type { Tidemark } from '../../tidemark.ts'
import type { Cli } from '../cli.ts'
import { exitCodeOfSync, partOf } from '../exit-codes.ts'
import { complaint } from '../terminal/complaint.ts'
import { describeRun } from '../terminal/runs.ts'
import { runSync } from '../terminal/sync.ts'

export interface Recorded {
  readonly run: SyncEntry | undefined
  readonly recording: { readonly folder: string; readonly exchanges: number; readonly leftOut: number }
  readonly exitCode: number
}

/**
 * A recorder for a folder that is empty or not there yet.
 *
 * @throws TidemarkError option_invalid, output_failed
 */
export function recorderFor(folder: string): Recorder {
  const place = resolve(folder)
  makeParent(dirname(place))
  checkFolder(place)
  return createRecorder(nodeTransport(), Date.now)
}

/** What can't be made is told by whoever looks next. */
function makeParent(folder: string): void {
  if (existsSync(folder) || dirname(folder) === folder) return
  makeParent(dirname(folder))
  try {
    mkdirSync(folder)
  } catch {
    // Then that folder is not there, which is what the check says.
  }
}

/** Syncs once and writes what was recorded, also of a run that failed. A connection that existed is read as a whole. */
export async function recordSync(
  cli: Cli,
  { tidemark, connection }: { readonly tidemark: Tidemark; readonly connection: string },
  how: { readonly recorder: Recorder; readonly folder: string; readonly mode: SyncMode },
): Promise<Recorded> {
  const { recorder, mode } = how
  const folder = resolve(how.folder)
  const { entries, interrupted } = await runSync(cli, tidemark, { targets: [connection], mode }, (entry) => {
    if (!cli.options.json) cli.out.line(describeRun(entry, cli.out.paint, cli.now()))
    if (entry.error) cli.err.line(complaint(entry.error, cli.err.paint))
  })
  const tape = recorder.finish()
  if (tape) writeRecording(folder, tape)
  const recording = { folder, exchanges: tape?.exchanges.length ?? 0, leftOut: tape?.leftOut ?? 0 }
  return { run: entries[0], recording, exitCode: exitCodeOfSync(entries.map(partOf), interrupted) }
}

export function sayRecorded(cli: Cli, { recording }: Recorded): void {
  const { folder, exchanges, leftOut } = recording
  if (exchanges === 0) return cli.note('Nothing was recorded: the service gave no answer.')
  cli.done(`Recorded ${plural(exchanges, 'exchange')} in ${folder}`)
  if (leftOut > 0)
    cli.note(
      `note: ${plural(leftOut, 'more exchange', 'more exchanges')} did not fit and ${leftOut === 1 ? 'is' : 'are'} left out`,
    )
  cli.note(
    'Secrets, cookies, credentials, e-mail addresses and your own options are replaced by placeholders. What rows',
  )
  cli.note(
    'tell of people otherwise (names, addresses) is as the service gave it: look through it before you share it.',
  )
}

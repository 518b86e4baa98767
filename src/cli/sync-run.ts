// Owns the running of several orders at a time: their progress on the screen, one's failure beside the others, and the
// clean stop of all on Ctrl-C.

import { errorReport, TidemarkError } from '../model/errors.ts'
import type { Cli } from './cli.ts'
import { LiveProgress } from './progress.ts'
import { refusedEntry, type SyncEntry } from './sync-entry.ts'
import type { Asked } from './sync-order.ts'

export interface SyncResult {
  /** In the order in which they were asked for. */
  readonly entries: readonly SyncEntry[]
  readonly interrupted: boolean
}

/** Runs every order; `tell` gets each entry as soon as it is there. */
export async function runSync(
  cli: Cli,
  asked: readonly Asked[],
  together: number,
  tell: (entry: SyncEntry) => void,
): Promise<SyncResult> {
  const signal = cli.interruption.graceful()
  const live = liveProgress(cli)
  const onStop = () => sayStopping(cli, live)
  signal.addEventListener('abort', onStop, { once: true })
  const entries: SyncEntry[] = new Array(asked.length)
  const waiting = asked.entries()
  const work = async () => {
    for (const [place, one] of waiting) {
      const entry = 'refused' in one ? one.refused : await runOne(cli, one, signal, live)
      entries[place] = entry
      if (live) live.above(() => tell(entry))
      else tell(entry)
    }
  }
  try {
    await Promise.all(Array.from({ length: together }, work))
  } finally {
    signal.removeEventListener('abort', onStop)
    live?.stop()
  }
  return { entries, interrupted: signal.aborted }
}

async function runOne(
  cli: Cli,
  { connection, order }: Extract<Asked, { order: unknown }>,
  signal: AbortSignal,
  live: LiveProgress | undefined,
): Promise<SyncEntry> {
  try {
    if (signal.aborted) throw notStarted()
    live?.begin(connection.id)
    return await connection.sync({
      ...order,
      signal,
      onProgress: (progress) => live?.update(progress),
      onAttach: ({ id }) => sayAttached(cli, live, `${connection.id} is being synced already; waiting for run ${id}.`),
    })
  } catch (error) {
    const { project } = connection.row
    const mode = order.mode ?? 'auto'
    return refusedEntry({ project, connection: connection.id, mode, at: cli.now(), error: errorReport(error) })
  } finally {
    live?.end(connection.id)
  }
}

function sayAttached(cli: Cli, live: LiveProgress | undefined, text: string): void {
  if (live) live.above(() => cli.note(text))
  else cli.note(text)
}

function notStarted(): TidemarkError {
  return new TidemarkError('cancelled', 'the sync was interrupted before this connection was read')
}

function liveProgress(cli: Cli): LiveProgress | undefined {
  const { err, options, surroundings } = cli
  if (!err.isTerminal || options.json || options.quiet) return undefined
  const live = new LiveProgress(surroundings.stderr, err.paint, () => performance.now())
  cli.above = (write) => live.above(write)
  return live
}

function sayStopping(cli: Cli, live: LiveProgress | undefined): void {
  const text = 'Stopping after this page; what was read is kept. Ctrl-C again ends at once.'
  if (live) live.footer(text)
  else cli.note(text)
}

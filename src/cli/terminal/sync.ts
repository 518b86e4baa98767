// Owns a sync at a terminal: the progress of its runs on the screen, and the clean stop of all of them on Ctrl-C.

import type { SyncAllHooks, SyncAllInput, SyncEntry } from '../../operations/sync-all.ts'
import type { UploadHooks } from '../../operations/upload.ts'
import type { Tidemark } from '../../tidemark.ts'
import type { Cli } from '../cli.ts'
import { LiveProgress } from './progress.ts'

export interface SyncResult {
  /** In the order in which they were asked for. */
  readonly entries: readonly SyncEntry[]
  readonly interrupted: boolean
}

/** Runs an order; `tell` gets each entry as soon as it is there. */
export async function runSync(
  cli: Cli,
  tidemark: Tidemark,
  order: SyncAllInput & Pick<SyncAllHooks, 'onOrder'>,
  tell: (entry: SyncEntry) => void,
): Promise<SyncResult> {
  const signal = cli.interruption.graceful()
  const live = liveProgress(cli)
  const onStop = () => sayStopping(cli, live)
  signal.addEventListener('abort', onStop, { once: true })
  try {
    const { runs } = await tidemark.sync({
      ...order,
      signal,
      onBegin: (connection) => live?.begin(connection),
      onProgress: (progress) => live?.update(progress),
      onAttach: (connection, run) =>
        sayAttached(cli, live, `${connection} is being synced already; waiting for run ${run}.`),
      onEntry: (entry) => {
        live?.end(entry.connection)
        if (live) live.above(() => tell(entry))
        else tell(entry)
      },
    })
    return { entries: runs, interrupted: signal.aborted }
  } finally {
    signal.removeEventListener('abort', onStop)
    live?.stop()
  }
}

/** Runs one upload; the signal stops it after its current page. */
export async function runUpload<T>(
  cli: Cli,
  connection: string,
  upload: (hooks: Required<Pick<UploadHooks, 'signal' | 'onProgress' | 'onAttach'>>) => Promise<T>,
): Promise<{ readonly report: T; readonly interrupted: boolean }> {
  const signal = cli.interruption.graceful()
  const live = liveProgress(cli)
  const onStop = () => sayStopping(cli, live)
  signal.addEventListener('abort', onStop, { once: true })
  live?.begin(connection)
  try {
    const report = await upload({
      signal,
      onProgress: (progress) => live?.update(progress),
      onAttach: ({ id }) => sayAttached(cli, live, `${connection} is being synced; waiting for run ${id}.`),
    })
    return { report, interrupted: signal.aborted }
  } finally {
    signal.removeEventListener('abort', onStop)
    live?.stop()
  }
}

function sayAttached(cli: Cli, live: LiveProgress | undefined, text: string): void {
  if (live) live.above(() => cli.note(text))
  else cli.note(text)
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

// Owns what happens to whoever asks for a run while one is under way: the same run, when it does what is asked; else the
// next one, as soon as the connection is free.

import { TidemarkError } from '../../model/errors.ts'
import type { Clock } from '../../model/ports.ts'
import type { RunMode } from '../../model/run.ts'
import type { RunRow, Store } from '../../store/store.ts'
import { isPart, type PartOrder, type RunOrder } from './order.ts'

/** How often a waiting order looks whether the run has ended, in milliseconds. */
export const LOOK_EVERY_MS = 250

export interface AttachPorts {
  readonly store: Pick<Store, 'runs'>
  readonly clock: Clock
}

/**
 * Starts a run with `start`; while that is refused with `run_active`, waits for the run that is under way and returns
 * it, if it does all that `order` asks for. `all` are the names of all streams of the connection.
 *
 * @throws TidemarkError cancelled when `order.signal` aborts the waiting; the run goes on. What `start` throws else.
 */
export async function attachOrStart(
  { store, clock }: AttachPorts,
  connection: { readonly project: string; readonly no: number },
  order: RunOrder & { readonly all: readonly string[] },
  start: () => Promise<RunRow>,
): Promise<RunRow> {
  let joined: string | undefined
  for (;;) {
    // Before a new run is started: the one that was joined may have ended meanwhile.
    const run = joined === undefined ? undefined : await store.runs.find(connection.project, joined)
    if (run && isAnswer(run)) return run
    try {
      return await start()
    } catch (error) {
      if (!(error instanceof TidemarkError) || error.code !== 'run_active') throw error
      const query = {
        project: connection.project,
        connectionNo: connection.no,
        statuses: ['running'],
        limit: 1,
      } as const
      const [active] = await store.runs.list(query)
      if (active && joined !== active.id && covers(active, order)) {
        joined = active.id
        order.onAttach?.(active)
      }
    }
    await clock.sleep(LOOK_EVERY_MS, order.signal)
    if (order.signal?.aborted) throw stoppedWaiting()
  }
}

/** A run that somebody stopped, or that died, is no answer to those who wait for it. */
export function isAnswer({ status, error }: RunRow): boolean {
  return status !== 'running' && status !== 'cancelled' && error?.code !== 'run_interrupted'
}

/** Whether a run that is under way does all that is asked. One of a part only (a filter, a range, a cap) never does. */
export function covers(
  active: Pick<RunRow, 'mode' | 'streams' | 'partial' | 'capped'>,
  order: Pick<RunOrder, 'mode' | 'streams'> & PartOrder & { readonly all: readonly string[] },
): boolean {
  if (active.partial || active.capped || isPart(order)) return false
  if (!DOES[active.mode].includes(order.mode)) return false
  const wanted = order.streams.length > 0 ? order.streams : order.all
  return wanted.every((stream) => active.streams.includes(stream))
}

/** The modes whose work a run of a mode does, too. */
const DOES: Readonly<Record<RunMode, readonly RunMode[]>> = {
  auto: ['auto', 'refresh'],
  full: ['full', 'auto', 'refresh'],
  refresh: ['refresh'],
  upload: [],
}

function stoppedWaiting(): TidemarkError {
  return new TidemarkError('cancelled', 'The waiting for the run that is under way was interrupted; that run goes on.')
}

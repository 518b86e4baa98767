// Owns what is said to whoever wants a connection that somebody else is running.

import { TidemarkError } from '../../model/errors.ts'
import type { HeldLease, RunRow, Store } from '../../store/store.ts'

export async function runActive(
  store: Store,
  wanted: Pick<RunRow, 'project' | 'connectionNo' | 'connection'>,
  heldBy: HeldLease,
): Promise<TidemarkError> {
  const { project, connectionNo, connection } = wanted
  const [active] = await store.runs.list({ project, connectionNo, statuses: ['running'], limit: 1 })
  const { pid } = heldBy.holder
  if (!active) {
    return new TidemarkError('run_active', `Process ${pid} is working on connection "${connection}".`, {
      hint: 'It begins a run or deletes the connection: wait for it.',
    })
  }
  return new TidemarkError('run_active', `Connection "${connection}" is being synced already, by process ${pid}.`, {
    hint: `Wait for it, look at it with: tidemark status, or stop it with: tidemark cancel ${active.id}`,
  })
}

// Owns the deletion of a connection with everything that is stored of it: part by part, while nobody runs it.

import { type ConnectionRow, type Lease, PURGING } from '../../store/store.ts'
import { giveBack, LEASE_MS, type LeasePorts, startHeartbeat, takeLease } from '../runs/lease.ts'
import { runActive } from '../runs/run-active.ts'
import { DISCONNECTED } from '../runs/standing.ts'

/** Rows deleted in one transaction. */
const PURGE_ROWS = 1_000

/**
 * Deletes a connection and everything that is stored of it. The connection itself goes last, and is marked before the first
 * row goes: nothing reads it or connects it again until a purge has come to its end.
 *
 * @param onPart is told how many rows are gone so far
 * @throws TidemarkError run_active (wait), lease_lost (yield)
 */
export async function purgeConnection(
  ports: LeasePorts,
  row: ConnectionRow,
  onPart: (rows: number) => void = () => {},
): Promise<number> {
  const taken = await takeLease(ports, `connection:${row.no}`)
  if ('heldBy' in taken) {
    throw await runActive(ports.store, { project: row.project, connectionNo: row.no, connection: row.id }, taken.heldBy)
  }
  const heartbeat = startHeartbeat(ports, taken.lease, { lost: () => {}, beat: async () => {} })
  try {
    await ports.store.connections.setPaused(row.no, PURGING, true)
    await ports.store.connections.disconnect(row.no, DISCONNECTED)
    return await purgeAll(ports, row, taken.lease, onPart)
  } finally {
    heartbeat.stop()
    await giveBack(ports, taken.lease)
  }
}

async function purgeAll(
  { store }: LeasePorts,
  { no }: ConnectionRow,
  lease: Lease,
  onPart: (rows: number) => void,
): Promise<number> {
  let rows = 0
  for (;;) {
    const leaseUntil = (await store.now()) + LEASE_MS
    const part = await store.connections.purge({ lease, leaseUntil, connectionNo: no, limit: PURGE_ROWS })
    if (part === 0) return rows
    rows += part
    onPart(rows)
  }
}

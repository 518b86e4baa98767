// Owns the right to rotate the keys of a database, which one process has at a time.

import { TidemarkError } from '../../model/errors.ts'
import { forgetUnneeded, type RotationReport, type RotationSetup, rotateKeys } from '../../secrets/rotate.ts'
import { giveBack, type LeasePorts, startHeartbeat, takeLease } from '../runs/lease.ts'

export { unneededKeys } from '../../secrets/rotate.ts'

/**
 * Rotates the keys under a lease of their own: no connection has to stand still for it.
 *
 * @throws TidemarkError rotation_active (wait), and what rotateKeys throws
 */
export async function rotateUnderLease(
  ports: LeasePorts,
  order: Omit<RotationSetup, 'store' | 'clock'>,
): Promise<RotationReport> {
  return underLease(ports, async () => rotateKeys({ store: ports.store, clock: ports.clock, ...order }))
}

/**
 * Deletes the old keys that open nothing in this database, under the same lease; returns their names.
 *
 * @throws TidemarkError rotation_active (wait)
 */
export async function forgetUnderLease(
  ports: LeasePorts,
  { key }: Pick<RotationSetup, 'key'>,
): Promise<readonly string[]> {
  return underLease(ports, async () => forgetUnneeded({ store: ports.store, key }))
}

async function underLease<T>(ports: LeasePorts, act: () => Promise<T>): Promise<T> {
  const taken = await takeLease(ports, 'keys')
  if ('heldBy' in taken) {
    const { host, pid } = taken.heldBy.holder
    throw new TidemarkError('rotation_active', `Another process (${pid} on ${host}) rotates the keys of this database.`)
  }
  const heartbeat = startHeartbeat(ports, taken.lease, { lost: () => {}, beat: async () => {} })
  try {
    return await act()
  } finally {
    heartbeat.stop()
    await giveBack(ports, taken.lease)
  }
}

// Owns taking and keeping the right to run a connection: claim, the heartbeat that prolongs it, and taking over at once
// from a holder that is dead on this host.

import { TidemarkError } from '../../model/errors.ts'
import type { Clock } from '../../model/ports.ts'
import type { HeldLease, Holder, Lease, Store } from '../../store/store.ts'

/** How long a lease lives without being prolonged, in milliseconds. */
export const LEASE_MS = 30_000
/** How often the holder prolongs it and looks for a request to cancel, in milliseconds. */
export const HEARTBEAT_MS = 2_000

export interface LeasePorts {
  readonly store: Store
  readonly clock: Clock
  readonly holder: Holder
  /** Whether a holder on this host is known to be dead. Must say false when it can't know. */
  readonly isDead: (holder: Holder) => boolean
}

/** Takes the lease of a resource; from a dead holder on this host at once. Returns who holds it otherwise. */
export async function takeLease(
  ports: LeasePorts,
  resource: string,
): Promise<{ readonly lease: Lease } | { readonly heldBy: HeldLease }> {
  const { store, holder } = ports
  const now = await store.now()
  const claim = { resource, holder, now, expiresAt: now + LEASE_MS }
  const first = await store.claim(claim)
  if ('lease' in first || !ports.isDead(first.heldBy.holder)) return first
  return store.claim({ ...claim, takeOver: first.heldBy.generation })
}

export interface Heartbeat {
  stop(): void
}

/**
 * Keeps a lease alive until stopped. `lost` is called once when it is somebody else's; `beat` with every beat, for
 * whatever else has to be looked at now and then.
 */
export function startHeartbeat(
  ports: LeasePorts,
  lease: Lease,
  on: { lost: () => void; beat: () => Promise<void> },
): Heartbeat {
  const stopped = new AbortController()
  const beat = async () => {
    for (;;) {
      await ports.clock.sleep(HEARTBEAT_MS, stopped.signal)
      if (stopped.signal.aborted) return
      try {
        if (!(await ports.store.renew(lease, (await ports.store.now()) + LEASE_MS))) return on.lost()
        await on.beat()
      } catch {
        // A busy or unreachable database: the next beat, or the next checkpoint, will tell.
      }
    }
  }
  void beat()
  return { stop: () => stopped.abort() }
}

export function leaseLost(connection: string): TidemarkError {
  return new TidemarkError('lease_lost', `another process runs connection "${connection}" now; this one stops`, {
    hint: 'Nothing is lost: what was stored is kept, and the other run goes on from there.',
    verdict: 'yield',
  })
}

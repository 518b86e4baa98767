// Owns taking, keeping and giving back the right to run a connection: claim, the heartbeat that prolongs it, taking over
// at once from a holder that is dead on this host, and giving back what the database was away for.

import { LeaseLost } from '../../model/errors.ts'
import { type Clock, tick } from '../../model/ports.ts'
import type { HeldLease, Holder, Lease, Store } from '../../store/store.ts'
import { CLOCKS_APART_MS } from '../due/next-run.ts'

/**
 * How long a lease lives without being prolonged, in milliseconds. With what it takes to notice, a run goes on elsewhere
 * within 30 seconds of the death of a process that nobody else can look at.
 */
export const LEASE_MS = 20_000
/** How often the holder prolongs it and looks for a request to cancel, in milliseconds. */
export const HEARTBEAT_MS = 2_000

export interface LeasePorts {
  readonly store: Store
  readonly clock: Clock
  readonly holder: Holder
  /** Whether a holder on this host is known to be dead. Must say false when it can't know. */
  readonly isDead: (holder: Holder) => boolean
  /** Aborts when whoever has the store is about to close it. Without it, nothing is done on the side. */
  readonly closing?: AbortSignal
}

/** Generations that a holder of this process is done with and could not give back, by resource. */
const leftBehind = new WeakMap<Holder, Map<string, number>>()

/**
 * Takes the lease of a resource; at once from a dead holder on this host, and from this one what it could not give back.
 * One that ends later than any that is taken now was taken while a clock was ahead: it is anybody's, unless its holder
 * prolongs it while we wait. Returns who holds it otherwise.
 */
export async function takeLease(
  ports: LeasePorts,
  resource: string,
): Promise<{ readonly lease: Lease } | { readonly heldBy: HeldLease }> {
  const { store, holder } = ports
  const now = await store.now()
  const claim = { resource, holder, now, expiresAt: now + LEASE_MS }
  const first = await store.leases.claim(claim)
  if ('lease' in first) return first
  const { heldBy } = first
  const isLeftBehind = leftBehind.get(holder)?.get(resource) === heldBy.generation
  if (isLeftBehind || ports.isDead(heldBy.holder)) return store.leases.claim({ ...claim, takeOver: heldBy.generation })
  return heldBy.expiresAt > now + LEASE_MS + CLOCKS_APART_MS ? outwait(ports, resource, heldBy) : first
}

/** Whether somebody who lives, as far as can be known from here, has the lease of a resource. */
export async function isHeld(
  { store, isDead }: Pick<LeasePorts, 'store' | 'isDead'>,
  resource: string,
): Promise<boolean> {
  const held = await store.leases.held(resource, await store.now())
  return held !== undefined && !isDead(held.holder)
}

/** Whoever lives prolongs a lease with every beat, by the clock as it is now. One that stays as it is has no holder. */
async function outwait(
  { store, clock, holder }: LeasePorts,
  resource: string,
  before: HeldLease,
): Promise<{ readonly lease: Lease } | { readonly heldBy: HeldLease }> {
  await clock.sleep(2 * HEARTBEAT_MS)
  const now = await store.now()
  const claim = { resource, holder, now, expiresAt: now + LEASE_MS }
  const again = await store.leases.claim(claim)
  if ('lease' in again) return again
  const { generation, expiresAt } = again.heldBy
  const isLeft = generation === before.generation && expiresAt === before.expiresAt
  return isLeft ? store.leases.claim({ ...claim, takeOver: generation }) : again
}

/**
 * Frees a lease. Never throws: what the database can't be told now it is told when it is back, as long as the lease would
 * last; and the next who wants it with the same ports has it at once.
 */
export async function giveBack(ports: LeasePorts, lease: Lease): Promise<void> {
  try {
    await ports.store.leases.release(lease)
    leftBehind.get(ports.holder)?.delete(lease.resource)
  } catch {
    const left = leftBehind.get(ports.holder) ?? new Map<string, number>()
    leftBehind.set(ports.holder, left.set(lease.resource, lease.generation))
    if (ports.closing) void giveBackLater(ports, lease, ports.closing)
  }
}

async function giveBackLater({ store, clock }: LeasePorts, lease: Lease, closing: AbortSignal): Promise<void> {
  for (let waited = 0; waited < LEASE_MS; waited += HEARTBEAT_MS) {
    await tick(clock, HEARTBEAT_MS, closing)
    if (closing.aborted) return
    try {
      return await store.leases.release(lease)
    } catch {
      // Still away.
    }
  }
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
      await tick(ports.clock, HEARTBEAT_MS, stopped.signal)
      if (stopped.signal.aborted) return
      try {
        if (!(await ports.store.leases.renew(lease, (await ports.store.now()) + LEASE_MS))) return on.lost()
        await on.beat()
      } catch {
        // A busy or unreachable database: the next beat, or the next checkpoint, will tell.
      }
    }
  }
  void beat()
  return { stop: () => stopped.abort() }
}

/**
 * Prolongs a lease before something that costs money. A process that stood still while it waited for a limit, or for this
 * answer, may have lost it to another one, which may have asked for the same and paid for it.
 *
 * @throws what `lose` makes of it
 */
export async function mustHold(
  { store, clock }: Pick<LeasePorts, 'store' | 'clock'>,
  lease: Lease,
  lose: () => Error,
): Promise<void> {
  let isFresh: boolean
  do {
    const [at, mono] = [clock.now(), clock.mono()]
    if (!(await store.leases.renew(lease, (await store.now()) + LEASE_MS))) throw lose()
    // Either clock may stand still with the machine.
    isFresh = Math.abs(clock.now() - at) < HEARTBEAT_MS && clock.mono() - mono < HEARTBEAT_MS
  } while (!isFresh)
}

export function leaseLost(connection: string): LeaseLost {
  return new LeaseLost(`Another process runs connection "${connection}" now; this one stops.`)
}

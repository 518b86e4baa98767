// Owns leases: the time-limited, fenced right to run.

export interface LeaseStore {
  /**
   * Takes the lease of a resource if it is free, expired, or held by exactly the generation in `takeOver` (whose holder
   * is known to be dead). Every claim that succeeds has a generation one higher than the last, for ever.
   */
  claim(claim: Claim): Promise<{ readonly lease: Lease } | { readonly heldBy: HeldLease }>
  /** Moves the end of a lease. False: it is somebody else's now. */
  renew(lease: Lease, expiresAt: number): Promise<boolean>
  /** Who has a lease that lasts beyond `now`. Undefined: it is free. */
  held(resource: string, now: number): Promise<HeldLease | undefined>
  /** Frees a lease if it is still ours. */
  release(lease: Lease): Promise<void>
}

export interface Claim {
  readonly resource: string
  readonly holder: Holder
  readonly now: number
  readonly expiresAt: number
  readonly takeOver?: number
}

/** Who holds a lease, so that a process on the same host can see whether the holder still lives. */
export interface Holder {
  readonly id: string
  readonly host: string
  readonly pid: number
  /** When the process started, by the operating system; tells a reused pid from the holder. */
  readonly startedAt: number
  /** Where pid and start are comparable: one machine since its start, one namespace. Absent: not known. */
  readonly space?: string
}

export interface Lease {
  readonly resource: string
  readonly generation: number
}

export interface HeldLease extends Lease {
  readonly holder: Holder
  readonly expiresAt: number
}

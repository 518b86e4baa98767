// Owns what a caller may hear of one request while it is made.

/** What happens to one request, for whoever has to know. */
export interface Followed {
  /** Keys of records that it asks for: the ledger keeps them where they stand in the address. */
  readonly names?: ReadonlySet<string>
  /** It may be sent now, and whatever it had to wait for is over. What this throws keeps it here. */
  readonly beforeSent?: () => Promise<void>
  /** It is about to leave this machine: from here on the source may have done what it asks for. */
  readonly onSent?: () => void
  /** The source has certainly done nothing: it asked to wait, refused the login, or was never reached. */
  readonly onRefused?: () => void
  /** The source has rejected the request (4xx): it will not be tried again. */
  readonly onRejected?: () => void
}

/** The hooks among whatever else a request is made with. */
export function hooksOf({ names, beforeSent, onSent, onRefused, onRejected }: Followed): Followed {
  return {
    ...(names ? { names } : {}),
    ...(beforeSent ? { beforeSent } : {}),
    ...(onSent ? { onSent } : {}),
    ...(onRefused ? { onRefused } : {}),
    ...(onRejected ? { onRejected } : {}),
  }
}

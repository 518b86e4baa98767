// Owns how long the answer to a call is waited for: until its caller hangs up, its token ends, or the server closes.

import type { Call } from './call.ts'

/** How often the token of a call that takes long is looked at, in milliseconds. */
const LOOK_EVERY_MS = 1_000

export interface Heard {
  /** Aborted when nobody may hear the answer any more. */
  readonly signal: AbortSignal
  /** To be called with the end of the answer. */
  readonly stop: () => void
}

export function whileHeard({ closing, context, isInForce }: Call): Heard {
  const refused = new AbortController()
  const signal = AbortSignal.any([closing, context.req.raw.signal, refused.signal])
  const look = async () => {
    if (!(await isInForce())) refused.abort()
  }
  const timer = setInterval(() => void look().catch(() => refused.abort()), LOOK_EVERY_MS)
  const stop = () => clearInterval(timer)
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop, { once: true })
  return { signal, stop }
}

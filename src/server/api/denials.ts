// Owns the entries of the audit log for what callers were not allowed to do.

import { isLook } from '../../operations/deeds.ts'
import type { Described } from '../../operations/operation.ts'
import type { Caller } from '../../operations/tokens.ts'
import type { Store } from '../../store/store.ts'

/** The same refusal of the same token is written down once in so long, in milliseconds: nobody fills the log by asking. */
const EVERY_MS = 60_000
/** Refusals that are remembered for it; the oldest is forgotten first. */
const REMEMBERED_MAX = 1_000

export class Denials {
  readonly #last = new Map<string, number>()

  /** Writes it down, unless all that was asked for is a look. */
  async note(store: Store, { project, who }: Caller, operation: Described, connection?: string): Promise<void> {
    if (isLook(operation)) return
    const { name } = operation
    const now = Date.now()
    const key = `${who} ${name}`
    const last = this.#last.get(key)
    if (last !== undefined && now - last < EVERY_MS) return
    this.#last.delete(key)
    this.#last.set(key, now)
    const [oldest] = this.#last.keys()
    if (this.#last.size > REMEMBERED_MAX && oldest !== undefined) this.#last.delete(oldest)
    const deed = { at: now, who, operation: name, given: '{}', outcome: 'scope_refused' }
    await store.audit.add({ project, connection: connection ?? null, ...deed })
  }
}

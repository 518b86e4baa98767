// Owns the answers of calls that may come again with their Idempotency-Key, each by who called. Nobody can read one here: it is
// sealed with what its caller has sent.

import type { Holder } from './leases.ts'

export interface AnswerStore {
  /**
   * Takes a key for a call, and forgets what is older than it has to be. Undefined: it is this call's. Else what has it, or
   * `full`: the caller has `most` keys already.
   */
  take(
    call: NewAnswer,
    kept: { readonly since: number; readonly most: number },
  ): Promise<AnswerRow | 'full' | undefined>
  /** Takes a key that a process has left without an answer, as of this moment. False: it was not left so any more. */
  takeOver(place: AnswerPlace & Pick<NewAnswer, 'at'>, from: Holder, to: Holder): Promise<boolean>
  /** Keeps the answer of a call. */
  keep(place: AnswerPlace, answer: { readonly status: number; readonly sealed: Uint8Array | null }): Promise<void>
  /** Forgets a call that came to nothing: the key is free. */
  drop(place: AnswerPlace): Promise<void>
}

export interface AnswerPlace {
  /** SHA-256 of what the caller is known by, in hex. */
  readonly caller: string
  readonly key: string
}

export interface NewAnswer extends AnswerPlace {
  /** The same each time that the call comes. */
  readonly id: string
  /** Tells one call from another. */
  readonly call: string
  readonly at: number
  /** Who carries it out. */
  readonly holder: Holder
}

export interface AnswerRow extends NewAnswer {
  /** The HTTP status; null: the call is under way. */
  readonly status: number | null
  /** Null: under way, or too large to be kept. */
  readonly sealed: Uint8Array | null
}

// Owns webhooks that this project sends: to whom, about what, and what is to be sent still. A message is written in the
// transaction that ends the run which it tells of, so that none is lost, and none is sent of what did not happen. A browser
// that shows notifications is told the same way: it is a webhook whose receiver is the push service of that browser.

import type { RunRow } from './runs.ts'

/** What is told of. */
export type Announced = (typeof ANNOUNCED)[number]
export const ANNOUNCED = ['run.finished', 'run.failed', 'run.paused', 'removals.held', 'budget.reached'] as const

export interface WebhookStore {
  /** On the disk when its promise resolves. @throws TidemarkError project_unknown */
  add(webhook: NewWebhook): Promise<void>
  /** Those of a project, oldest first, browsers too; without a project, of all. */
  list(project?: string): Promise<readonly WebhookRow[]>
  /** With all that was to be sent to it. False: there is none. */
  drop(project: string, id: string): Promise<boolean>
  /** Gives the row of a browser other keys, another token and another patience. False: there is none. */
  renew(no: number, browser: Pick<NewWebhook, 'sealed' | 'note'> & { readonly browser: Browser }): Promise<boolean>
  /** The key pair with which this server names itself to push services; undefined: none was made. */
  pushKey(): Promise<PushKeyRow | undefined>
  /** Keeps a new pair. False: there is one already, and that one stays. */
  addPushKey(key: PushKeyRow & { readonly at: number }): Promise<boolean>
  /** Puts its private key under another key. False: it no longer lies as `expect` says, and nothing is written. */
  resealPushKey(order: { readonly expect: Uint8Array; readonly sealed: Uint8Array }): Promise<boolean>
  /** With every browser that knows the server by it. */
  dropPushKey(): Promise<void>
  /** Puts its secret under another key. False: it no longer lies as `expect` says, and nothing is written. */
  reseal(no: number, order: { readonly expect: Uint8Array; readonly sealed: Uint8Array }): Promise<boolean>
  /** Writes a message about no run. */
  enqueue(message: Pick<MessageRow, 'webhookNo' | 'id' | 'event' | 'at'> & { readonly nextAt: number }): Promise<void>
  /**
   * Messages that are to be sent at `now`, those first that have waited longest. None of a webhook with a message whose first
   * try was in vain, until that one is due again: what comes meanwhile waits with it.
   */
  due(now: number, limit: number): Promise<readonly MessageRow[]>
  /** The newest messages of a webhook, with `id` that one alone. */
  messages(webhookNo: number, query: { readonly id?: string; readonly limit: number }): Promise<readonly MessageRow[]>
  /** A try has ended so. */
  settle(message: Pick<MessageRow, 'webhookNo' | 'id'>, outcome: Outcome): Promise<void>
  /** Messages of a webhook that would be sent before `until` wait until then. It counts as no try. */
  defer(webhookNo: number, until: number): Promise<void>
  /** Sends again, from `at` on and with all tries: one message, or all that were given up. Returns how many. */
  replay(webhookNo: number, order: { readonly id?: string; readonly at: number }): Promise<number>
  /** Forgets messages from before that are sent or given up, `limit` at most. Returns how many. */
  prune(before: number, limit: number): Promise<number>
}

export interface NewWebhook {
  readonly project: string
  readonly id: string
  readonly url: string
  /** Empty: of all. */
  readonly events: readonly Announced[]
  /** What it is for, in a person's words; '' for nothing. */
  readonly note: string
  readonly allowPrivateNetwork: boolean
  /** The secret with which it is signed; of a browser, the keys for which messages are encrypted. */
  readonly sealed: Uint8Array
  /** Null: the receiver is a program. */
  readonly browser: Browser | null
  readonly at: number
}

/** A browser that shows notifications. Of a run it is told one thing, that which matters most. */
export interface Browser {
  /** The token that has subscribed it, with whose revocation it ends; null: none has. */
  readonly token: string | null
  /** How long a run has to take at least to be told of for its end alone, in milliseconds. */
  readonly longMs: number
}

export interface PushKeyRow {
  /** As browsers take it: a point of P-256 in base64url. */
  readonly publicKey: string
  readonly sealed: Uint8Array
}

export interface WebhookRow extends NewWebhook {
  readonly no: number
  /** How many messages are to be sent still, and how many were given up. */
  readonly waiting: number
  readonly dead: number
}

export interface Outcome {
  /** When it was taken; null: it was not. */
  readonly deliveredAt: number | null
  /** When it is tried again; null: never. */
  readonly nextAt: number | null
  /** The status of the answer; null: none came. */
  readonly status: number | null
  /** What went wrong, in words; null: nothing. */
  readonly error: string | null
}

export interface MessageRow extends Outcome {
  readonly webhookNo: number
  /** The same for every try. */
  readonly id: string
  readonly event: string
  /** When it happened. */
  readonly at: number
  readonly tries: number
  /** The run that it tells of; null: of none, or it is gone. */
  readonly run: RunRow | null
}

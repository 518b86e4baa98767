// Owns the question whether the simulation sees anything at all: a count for every state that it must reach now and
// then. A batch of seeds that never reached one of them proves nothing about it, and fails.

import type { RunReport } from '../../src/model/run.ts'
import { contentOf, type Row } from './api.ts'
import type { Mirror } from './mirror.ts'
import type { Exchange } from './network.ts'

/** Reached in a campaign, but not in every few hundred seeds. */
export const RARE: ReadonlySet<string> = new Set([
  'a decision was broken off',
  'a kept record was listed again',
  'an old release would not touch a newer state',
])

export const STATES = [
  'a walk met anchored ground',
  'a gap was left',
  'a gap was closed',
  'a walk went on where one broke off',
  'a full pass was repeated for a second witness',
  'a listing was read again within one pass',
  'a record was removed',
  'a record was removed after two listings lacked it',
  'a by-key read said gone',
  'a by-key read said present, the listing had lacked it',
  'removals were held',
  'a record came back',
  'a record was set aside',
  'rows without a key kept records from being removed',
  'the same content came again with another address',
  'a tie group filled more than a page',
  'a record was found in the overlap',
  'a token was renewed',
  'a person had to log in',
  'a loop was noticed',
  'a limit was waited for',
  'a limit ended a run',
  'a budget ended a run',
  'a run was cancelled',
  'a run failed and kept what it read',
  'a page was decided again',
  'an older version went to the history',
  'a run was refused because one is active',
  'a lease changed its holder',
  'a lease was taken from a dead holder',
  'a zombie was refused',
  'a page was served and never delivered',
  'an empty listing was not believed',
  'a still world was held',
  'a run was joined',
  'a shared budget ended a run',
  'removals were approved',
  'removals were rejected',
  'removals were undone',
  'a decision was broken off',
  'a kept record was spared',
  'a kept record was listed again',
  'what was set aside could be read',
  'what was set aside could not be read again',
  'columns were filled',
  'an old release ran after a new one',
  'an old release would not touch a newer state',
  'a connection was disconnected',
  'something old was deleted',
  'the past was read',
  'a reader was killed and went on',
  'a reader was given something again',
  'a reader had to begin anew',
  'a page could not be read for long',
] as const

export type State = (typeof STATES)[number]

export class Sometimes {
  readonly counts = new Map<string, number>()
  #gap = false
  #lastGeneration = new Map<string, number>()

  reached(state: State): void {
    this.counts.set(state, (this.counts.get(state) ?? 0) + 1)
  }

  /** A log event of an engine. */
  event(name: string, values: Readonly<Record<string, unknown>>): void {
    if (name === 'record.quarantined') this.reached('a record was set aside')
    if (name === 'removals.unproved' && Number(values['unread']) > 0)
      this.reached('rows without a key kept records from being removed')
    if (name === 'record.superseded') this.reached('an older version went to the history')
    if (name === 'request.waits') this.reached('a limit was waited for')
    if (name === 'removals.held') {
      this.reached('removals were held')
      if (String(values['reason']).includes('listed nothing')) this.reached('an empty listing was not believed')
    }
    if (name === 'plan.made') {
      const why = (values['passes'] as readonly { why: string }[]).map((pass) => pass.why).join()
      if (why.includes('broke off')) this.reached('a walk went on where one broke off')
      if (why.includes('second witness')) this.reached('a full pass was repeated for a second witness')
    }
  }

  report({ error, status, streams }: RunReport): void {
    if (status === 'cancelled') this.reached('a run was cancelled')
    if (status === 'paused') this.reached('a person had to log in')
    if (status === 'failed' && streams.some(({ counts }) => counts.fetched > 0)) {
      this.reached('a run failed and kept what it read')
    }
    if (error?.code === 'page_loop') this.reached('a loop was noticed')
    if (error?.code === 'rate_limited') this.reached('a limit ended a run')
    if (error?.code === 'requests_spent') this.reached('a budget ended a run')
    if (error?.code === 'budget_spent') this.reached('a shared budget ended a run')
    const passes = streams.flatMap((stream) => stream.passes)
    if (passes.some(({ ended }) => ended === 'met-anchored')) this.reached('a walk met anchored ground')
  }

  /** A call of the store, with what became of it. */
  stored(method: string, args: readonly unknown[], result: unknown, error: unknown): void {
    if (method === 'checkpoint' && result === 'stale') this.reached('a page was decided again')
    if (method === 'checkpoint' && (error as { code?: string } | undefined)?.code === 'lease_lost') {
      this.reached('a zombie was refused')
    }
    if (method !== 'leases.claim' || typeof result !== 'object' || result === null || !('lease' in result)) return
    if ('takeOver' in (args[0] as object)) this.reached('a lease was taken from a dead holder')
    const { lease } = result as { lease: { resource: string; generation: number } }
    if (this.#lastGeneration.has(lease.resource)) this.reached('a lease changed its holder')
    this.#lastGeneration.set(lease.resource, lease.generation)
  }

  mirror(before: Mirror | undefined, now: Mirror, hasWitness: boolean): void {
    const gap = now.coverage === 'gap'
    if (gap && !this.#gap) this.reached('a gap was left')
    if (!gap && this.#gap) this.reached('a gap was closed')
    this.#gap = gap
    for (const { op } of now.changes.slice(before?.changes.length ?? 0)) {
      if (op === 'restore') this.reached('a record came back')
      if (op !== 'remove') continue
      this.reached('a record was removed')
      if (!hasWitness) this.reached('a record was removed after two listings lacked it')
    }
  }

  /** The requests of one sync. */
  asked(exchanges: readonly Exchange[]): void {
    const tops = { newest: 0, full: 0, window: 0 }
    for (const { shown, servedTick, deliveredTick } of exchanges) {
      if (servedTick > 0 && deliveredTick === 0) this.reached('a page was served and never delivered')
      if (!shown || deliveredTick === 0) continue
      if (shown.kind === 'token') this.reached('a token was renewed')
      if (shown.kind === 'window' && shown.token) this.reached('a tie group filled more than a page')
      if (shown.kind === 'full' && shown.first && ++tops.full === 2)
        this.reached('a listing was read again within one pass')
      for (const row of shown.kind === 'keys' ? [] : shown.rows) this.#row(row, shown.kind === 'window')
      if (shown.kind === 'keys') {
        if (shown.rows.length > 0) this.reached('a by-key read said present, the listing had lacked it')
        if (shown.rows.length < shown.asked.length) this.reached('a by-key read said gone')
      }
    }
  }

  #row({ key, text, content }: Row, window: boolean): void {
    const before = this.#texts.get(key)
    if (before !== undefined && before !== text && contentOf(before) === content) {
      this.reached('the same content came again with another address')
    }
    this.#texts.set(key, text)
    const updated = Number(/"updated":(\d+)/.exec(content)?.[1])
    if (window && before === undefined && updated < this.#largest) this.reached('a record was found in the overlap')
    this.#largest = Math.max(this.#largest, updated)
  }
  readonly #texts = new Map<string, string>()
  #largest = 0
}

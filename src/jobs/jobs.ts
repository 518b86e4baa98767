// Owns the port of the job engine: it carries what is to be done to a worker, and sees to it that nothing is done twice at
// a time. When something is due, and what doing it means, is the business of whoever submits.
//
// A job may be lost with the process that took it. Whoever submits keeps the cause in the store until it is done (a
// schedule stays due, an interrupted run stays open) and submits again, as often as it likes: a job that is known already
// is not taken twice.

import type { Json } from '../model/json.ts'
import type { Clock, Logger } from '../model/ports.ts'

/** What waits for itself: however much waits in one lane, what comes in another keeps its turn. */
export const LANES = ['due', 'ordered'] as const
export type Lane = (typeof LANES)[number]

export interface Job {
  /** What it is about. Of jobs with one key, one is done at a time, in all processes of the database together. */
  readonly key: string
  readonly data: Json
}

/** Does a job. The signal asks it to come to a clean end soon: the worker stops, or the right to the key is lost. */
export type Handle = (job: Job, signal: AbortSignal) => Promise<void>

export interface Jobs {
  /**
   * Hands a job over. `known`: one with this key waits or is being done in its lane, here or wherever the engine can see, or
   * did a moment ago.
   *
   * @param lane @default 'due'
   */
  submit(job: Job, lane?: Lane): Promise<'taken' | 'known'>
  /** Begins to do jobs, of each lane in the order in which they came, `together` of them at a time. One worker per opened `Jobs`. */
  work(handle: Handle, options: { readonly together: number }): void
  /**
   * Takes no more jobs, asks those under way to end, and waits for them for so long. False: some have not ended. What
   * waits is forgotten, or left to other processes.
   */
  stop(graceMs: number): Promise<boolean>
}

/** The right to a key: kept alive until it is given back. */
export interface Hold {
  release(): Promise<void>
}

export interface JobPorts {
  readonly clock: Clock
  readonly logger: Logger
  /**
   * Takes the lease of a resource and prolongs it; `lost` is called when it is somebody else's. Undefined: another
   * process holds it, and lives. Whatever an engine locks by itself, this alone is the right to do a job.
   */
  readonly hold: (resource: string, lost: () => void) => Promise<Hold | undefined>
}

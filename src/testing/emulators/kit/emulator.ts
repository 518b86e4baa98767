// Owns what an emulator is from outside: what it takes, what it gives, and what a provider's part must bring.

import type { Answer, Call, Handler } from './answer.ts'
import { type Clock, type ClockOptions, startClock } from './clock.ts'
import type { Faults } from './faults.ts'
import type { RequestLog } from './log.ts'

/** What every emulator takes. */
export interface CommonOptions {
  /** The same seed makes the same world. @default 1 */
  readonly seed?: number
  /** A stopped or skewed clock; a `Clock` can be shared by several emulators. @default the machine's time */
  readonly clock?: ClockOptions | Clock
  /** @default any free port */
  readonly port?: number
  /** Compresses for clients that accept it, as most providers do; costs most of the speed. @default false */
  readonly gzip?: boolean
}

/** Changes the world at a moment that a client cannot choose: while it pages. */
export interface PageHooks {
  /** Pages of listings served so far. */
  readonly served: number
  /** Runs once, after the `count`-th page from now was made and before the client can ask for another. */
  after(count: number, action: () => void): void
  /** Runs after every page; gets the number of the page. Returns what stops it. */
  every(action: (page: number) => void): () => void
}

export interface Stats {
  readonly requests: number
  readonly pages: number
  /** Bytes of bodies. */
  readonly bytes: number
  readonly perPath: Readonly<Record<string, number>>
  readonly perStatus: Readonly<Record<string, number>>
  readonly faults: Readonly<Record<string, number>>
}

export interface Emulator<W> extends AsyncDisposable {
  readonly name: string
  /** Such as `http://127.0.0.1:40123`, without a trailing slash. */
  readonly url: string
  readonly clock: Clock
  readonly log: RequestLog
  readonly faults: Faults
  readonly pages: PageHooks
  /** The truth, and the ways to change it. */
  readonly world: W
  stats(): Stats
  /** Cuts every connection and frees the port. */
  close(): Promise<void>
}

/** The world's methods that the admin endpoint may call; both take and give what survives JSON. */
export interface AdminMethods<W> {
  readonly views: readonly (keyof W & string)[]
  readonly mutations: readonly (keyof W & string)[]
}

export interface EmulatorDefinition<W> extends CommonOptions {
  readonly name: string
  readonly world: W
  /** Needed again here because the world usually keeps time by it. */
  readonly clock: Clock
  readonly handle: Handler
  /** The provider's own words for an error status that a fault asks for. */
  readonly refuse: (status: number, call: Call) => Answer
  readonly admin: AdminMethods<W>
}

/** The clock that was given, or a new one as the options say. */
export function clockOf(options: CommonOptions): Clock {
  const { clock } = options
  return clock && 'now' in clock ? clock : startClock(clock ?? {})
}

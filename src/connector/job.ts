// Owns upstream runs that cost money, as a connector declares them: started, found again, polled, and read by id. The
// engine keeps their ids, waits, and pays for none of them twice.

import type { Json } from '../model/json.ts'
import type { Key } from '../model/record.ts'
import type { Http, Page } from './page.ts'

/** What an upstream run is asked for. */
export type Ask = AskNewest | AskKeys

/** The newest so many records, from the top; the vendor pages nothing. */
export interface AskNewest {
  readonly newest: number
}

/** The records of these keys, with the stored columns of each. */
export interface AskKeys {
  readonly keys: readonly Key[]
  readonly stored: ReadonlyMap<Key, Readonly<Record<string, unknown>>>
}

interface Means<O> {
  /** The way to the service. */
  readonly http: Http
  /** The connection's options, checked and typed, secrets included. */
  readonly options: O
}

/** What `start` is given. */
export interface JobStart<O, A = Ask> extends Means<O> {
  readonly ask: A
  /** An id of ours, never given twice. It has to stand in what the vendor stores of the run, so that `find` finds it. */
  readonly intent: string
  /** What the run may cost at most, in the vendor's currency: pass it on as the vendor's own cap. Undefined: as much as it takes. */
  readonly costLeft?: number | undefined
}

/** What `find` is given. */
export interface JobFind<O, A = Ask> extends Means<O> {
  readonly ask: A
  readonly intent: string
  /**
   * The run was not started before this time, in milliseconds since 1970, by the vendor's clock as far as its answers tell
   * it; five minutes are added for clocks that differ. 0: ours was set back in the meantime, so that nobody knows.
   */
  readonly since: number
  /** Nor after this time. */
  readonly until: number
}

/** What `poll` is given. */
export interface JobPoll<O> extends Means<O> {
  readonly id: string
}

/** What `read` of a job is given: fetch one page of the rows that the run has delivered. */
export interface JobRead<O, A = Ask> extends JobPoll<O> {
  readonly ask: A
  /** What the page before gave as `next`; undefined asks for the first page. */
  readonly page: Json | undefined
  /** What the run was allowed to cost, as at its start: where it delivered nothing, that may be why. Undefined: anything. */
  readonly costLeft?: number | undefined
}

/** How a run stands. */
export interface JobState {
  /**
   * `failed`: it ended by itself, a cap or somebody's hand before it had delivered everything. `gone`: the vendor knows no
   * such run; for a minute after its start that is not believed, and it is asked again.
   */
  readonly state: 'running' | 'succeeded' | 'failed' | 'gone'
  /** Why it failed, in the vendor's words. */
  readonly why?: string | undefined
  /**
   * Once it has ended: how many rows the vendor billed, and what it charged, by its own account; what it does not say is
   * left out, and a figure below 0 counts as that. The rows that are read count, where there are more of them.
   */
  readonly billed?:
    | { readonly items?: number | null | undefined; readonly cost?: number | null | undefined }
    | undefined
}

/** The vendor's price list, in its currency. */
export interface JobPrice {
  /** For a run, whatever it delivers. @default 0 */
  readonly start?: number | undefined
  /** For a row. */
  readonly item: number
}

/**
 * A way to read a stream through upstream runs. None of its functions waits, loops or remembers: the engine writes down
 * what it means to start, starts it once, polls it with growing pauses, and reads its rows page by page.
 */
export interface Job<O, A extends Ask = Ask> {
  /** Starts a run, and returns its id. Its request is sent once, unless the vendor has refused it. */
  readonly start: (request: JobStart<O, A>) => Promise<{ readonly id: string }>
  /**
   * Looks for the run with this intent among the vendor's recent ones, by what was given to each of them. It is asked when
   * nobody knows whether a run was started. Undefined: there is none.
   */
  readonly find: (request: JobFind<O, A>) => Promise<string | undefined>
  /** Asks once how a run stands. */
  readonly poll: (request: JobPoll<O>) => Promise<JobState>
  /**
   * Fetches a page of a run's rows, of a failed one, too. Where the vendor shows fewer than it says it has, throw an error
   * with the verdict `retry`: they are read again, now and by the next sync, and nothing is paid for. An error that it throws itself, with the verdict `stop` and the
   * scope `stream`, says that the rows are of no use (there are none but those that say so): they are not read again, and
   * the next sync starts another run.
   */
  readonly read: (request: JobRead<O, A>) => Promise<Page>
  /** @default what earlier runs have cost */
  readonly price?: JobPrice | undefined
  /** The price where it depends on the options, in place of `price`; undefined: it is not known for these. */
  readonly priceFor?: ((options: O) => JobPrice | undefined) | undefined
}

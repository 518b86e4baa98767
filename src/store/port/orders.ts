// Owns orders: runs of a connection that were accepted from somebody who does not wait for them. One is kept until a run has
// done it, so that what a process leaves behind is carried out by the next one.

import type { Json } from '../../model/json.ts'

export interface OrderStore {
  /** Writes one down, on the disk when its promise resolves: whoever gave it is told so, and gives it no more. */
  add(order: NewOrder): Promise<void>
  /** An order of a project; undefined: there is none, or it is forgotten. */
  find(project: string, id: string): Promise<OrderRow | undefined>
  /** Those that have not ended, in the order in which they came: of one connection or of all; with `begun` those with a run. */
  open(asked: OpenOrders): Promise<readonly OrderRow[]>
  /** Where those that have not ended are: first what is no part of a batch, then what is, behind the order with this number. */
  places(asked: { readonly behind: number; readonly limit: number }): Promise<readonly OrderPlace[]>
  /** Those of a batch in one project. */
  ofBatch(batch: string, project: string): Promise<readonly OrderRow[]>
  /** How many of a connection have not ended. */
  count(connectionNo: number): Promise<number>
  /** Ends one that no run has begun to do, because another run does it. False: one has, or it has ended. */
  join(id: string, how: OrderEnd): Promise<boolean>
  /**
   * Ends one, and forgets the oldest that have ended of its project and are no part of a batch, so that at most `keep` of them
   * are left.
   */
  end(id: string, how: OrderEnd, keep: number): Promise<void>
}

export interface OpenOrders {
  readonly connectionNo?: number
  readonly begun?: boolean
  readonly limit: number
}

export interface OrderPlace {
  /** Of the order; later ones have greater ones. */
  readonly no: number
  readonly connectionNo: number
  readonly isOfBatch: boolean
}

export interface NewOrder {
  readonly id: string
  readonly connectionNo: number
  readonly at: number
  /** What is to be read, for the engine. */
  readonly asked: Json
}

export interface OrderRow extends NewOrder {
  readonly project: string
  readonly connection: string
  /** The batch that it is a part of, until that knows what became of it. */
  readonly batch: string | null
  /** The id of the run that does it, or did; null: none has begun. */
  readonly run: string | null
  readonly endedAt: number | null
  /** Why no run has begun: an error as JSON that the store does not read. */
  readonly error: Json
}

export interface OrderEnd {
  readonly at: number
  readonly run: string | null
  readonly error: Json
}

// Owns what the webhooks of services have told, until it is read: each delivery once, however often it is sent.

import type { Json } from '../../model/json.ts'

export interface InboxStore {
  /**
   * Writes deliveries in one transaction, on the disk when its promise resolves: whoever sent them is told so, and sends
   * them no more. One whose id its connection has already stays as it is.
   */
  receive(deliveries: readonly NewDelivery[]): Promise<void>
  /**
   * Connections that do not stand still and have deliveries to be read at `now`, those that wait longest first. None that has
   * a delivery whose first try was in vain, until that one is due again: what comes meanwhile waits with it.
   */
  due(now: number, limit: number): Promise<readonly InboxPlace[]>
  /** The deliveries of a connection that are to be read at `now`, oldest first. */
  open(connectionNo: number, now: number, limit: number): Promise<readonly DeliveryRow[]>
  /** Deliveries are read, or given up (`nextAt` null); or have been tried in vain, and are to be read at `nextAt`. */
  settle(connectionNo: number, ids: readonly string[], nextAt: number | null): Promise<void>
  /** Forgets deliveries from before that are read, `limit` at most; their ids may come again. Returns how many. */
  prune(before: number, limit: number): Promise<number>
}

export interface InboxPlace {
  readonly project: string
  readonly connection: string
  readonly connectionNo: number
}

export interface NewDelivery {
  readonly connectionNo: number
  readonly id: string
  /** What it hints at, for the engine. */
  readonly hint: Json
  readonly at: number
}

export interface DeliveryRow extends NewDelivery {
  /** How often it was tried in vain to read what it hints at. */
  readonly tries: number
}

// Owns catalogs: the whole content of a connection as one compressed document, kept in parts.

import type { Lease } from './leases.ts'

export interface CatalogStore {
  /** Begins a catalog of a run, which nobody sees before the run is finished with it. One that was begun before is dropped. */
  begin(order: { lease: Lease; connectionNo: number; runNo: number; at: number }): Promise<BegunCatalog>
  /** Adds a part, numbered from 0. */
  add(part: { lease: Lease; connectionNo: number; n: number; part: number; bytes: Uint8Array }): Promise<void>
  /** Those that are published, newest first. */
  list(connectionNo: number): Promise<readonly CatalogRow[]>
  /** Undefined: there is none, or no longer. */
  part(connectionNo: number, n: number, part: number): Promise<Uint8Array | undefined>
}

export interface BegunCatalog {
  /** Numbers of published catalogs only grow. */
  readonly n: number
  /** By stream, how many records were inserted or restored since the catalog before it; null: it is the first one. */
  readonly inserted: Readonly<Record<string, number>> | null
}

/** What is published with the end of its run. */
export interface FinishedCatalog {
  readonly n: number
  readonly parts: number
  /** Bytes of the compressed document. */
  readonly bytes: number
  /** As the document has it. */
  readonly stats: CatalogStats
  /** Published catalogs that are kept, this one included. */
  readonly keep: number
}

export interface CatalogRow extends Omit<FinishedCatalog, 'keep'> {
  readonly at: number
  /** The id of the run that published it. */
  readonly run: string
}

export interface CatalogStats {
  /** Records by stream. */
  readonly totals: Readonly<Record<string, number>>
  /** Records that were added since the catalog before it: together, and by stream. */
  readonly newItemsAdded: number
  readonly added: Readonly<Record<string, number>>
}

// Owns a project's change feed and its named readers.

import type { ChangeOp, Key } from '../../model/record.ts'

export interface FeedStore {
  changes(query: { project: string; after: number; limit: number }): Promise<readonly ChangeRow[]>
  /** Those of a project, the newest first. */
  newest(query: NewestQuery): Promise<readonly ChangeRow[]>
  bounds(project: string): Promise<Feed>
  /** Gives the feed of every project another epoch: what was restored from a backup is another past. */
  renewEpochs(): Promise<void>
  /** Where a named reader of the feed stands. */
  consumers(project: string): Promise<readonly ConsumerRow[]>
  saveConsumer(project: string, consumer: ConsumerRow): Promise<void>
  /** False: there was none. */
  dropConsumer(project: string, name: string): Promise<boolean>
}

export interface NewestQuery {
  readonly project: string
  readonly limit: number
  /** Only what came before the change of this number. */
  readonly before?: number | undefined
  readonly connection?: string | undefined
  readonly stream?: string | undefined
  readonly op?: ChangeOp | undefined
}

export interface ChangeRow {
  readonly seq: number
  readonly connection: string
  readonly stream: string
  readonly key: Key
  readonly op: ChangeOp
  readonly at: number
  readonly run: string | null
  readonly ordinal: number
}

/** The change feed of a project. A reader's cursor is `epoch.seq`. */
export interface Feed {
  /** Changes when the database comes from a backup: what was read after the backup is not this feed's past. */
  readonly epoch: string
  /** The last sequence number. */
  readonly seq: number
  /** Changes up to here are no longer kept; a reader behind it has to begin anew. */
  readonly prunedTo: number
}

export interface ConsumerRow {
  readonly name: string
  readonly epoch: string
  readonly seq: number
  readonly at: number
}

// Owns what the two ends of a move are: the mirror that is read while nobody writes it, and the one that is made of it.
// Each database answers both; moving/move.ts knows neither.

import type { ColumnType } from '../../model/record.ts'
import type { TableShape } from '../names.ts'

/** A value on its way: flags are 0 and 1, digits that no integer of 64 bits holds are text. */
export type Carried = string | number | bigint | Uint8Array | null

export interface MovedColumn {
  /** By which both ends know it. */
  readonly name: string
  /** Of a declared column its type; `own`: of Tidemark itself, and the same on both ends. */
  readonly kind: ColumnType | 'own'
}

export interface MovedTable {
  readonly name: string
  readonly columns: readonly MovedColumn[]
  /** The columns by which rows are told apart, in the order of reading. */
  readonly key: readonly string[]
}

export type MovedRow = readonly Carried[]

/** The tables of a stream, and whose they are. */
export interface StreamTables extends TableShape {
  readonly connector: string
  readonly stream: string
}

export interface End {
  /** For messages; never a password. */
  readonly name: string
  /** All tables that move, those that others refer to first, with the columns of these streams by their declared names. */
  tables(streams: readonly StreamTables[]): Promise<readonly MovedTable[]>
  /** The rows behind a place, in the order of the key: as many as one portion may have, at least one while there are any. */
  portion(table: MovedTable, after: MovedRow | null): Promise<readonly MovedRow[]>
}

/** A mirror that nobody else writes while it is read. */
export interface Origin extends End {
  /** Tells this mirror from every other one. */
  readonly identity: string
  readonly streams: readonly StreamTables[]
  /** The last numbers that were given to rows, by table, where the table counts them. */
  readonly counters: ReadonlyMap<string, number>
}

/** Up to where a table was copied; its last key is that of the last row that is there. */
export interface Place {
  readonly table: string
  readonly after: MovedRow | null
  readonly done: boolean
}

/** A mirror that nobody can open until it is finished. */
export interface Target extends End {
  /**
   * Marks what is empty as the target of a move from this origin; what is so marked goes on from its places.
   *
   * @throws TidemarkError database_not_empty
   */
  begin(identity: string): Promise<readonly Place[]>
  /** Makes the tables of streams that it lacks. @throws TidemarkError name_taken */
  make(streams: readonly StreamTables[]): Promise<void>
  /** Writes rows and the place behind them, in one transaction. */
  put(table: MovedTable, rows: readonly MovedRow[], place: Place): Promise<void>
  /** Deletes all rows, and all places. */
  clear(): Promise<void>
  /** Goes on counting where the origin stands, and takes the mark away: from here on it is a mirror. */
  finish(counters: ReadonlyMap<string, number>): Promise<void>
}

/** The most that one portion has: rows, and bytes but for those of its last row. */
export const PORTION_ROWS = 1_000
export const PORTION_BYTES = 4 * 1_048_576

/** The table that marks a target, and its rows: the origin, and a place for each table. */
export const MARK = 'tm_move'
export const MARK_ORIGIN = 'origin'

/** Tables that an end has for itself: made of the records, and made anew by the followers of runs; or of its database. */
const UNMOVED = ['tm_schema', 'tm_workers', 'tm_texts', 'tm_text_streams', MARK]

export function isMoved(table: string): boolean {
  return table.startsWith('tm_') && !UNMOVED.includes(table) && !table.startsWith('tm_words')
}

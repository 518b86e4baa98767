// Owns what the two databases write differently, for the parts that are written once.

import type { Cell, Column, ColumnType } from '../model/record.ts'
import type { IndexedText } from './port/texts.ts'
import type { Asking, Param } from './statements.ts'

export interface Dialect {
  readonly types: Types
  /** An expression that gives a feed its epoch, by chance. */
  readonly newEpoch: string
  /**
   * Keeps everyone else from what this key names until the transaction ends, also where there is no row to lock yet.
   * SQLite has one writer at a time, and asks nothing.
   */
  readonly lock: (kind: string, key: string) => Asking<void>
  /** Inserts rows of one kind; `types` are those of the columns, as PostgreSQL names them. */
  readonly insert: (order: Insert) => Asking<void>

  // ── tables and views ──────────────────────────────────────────────────────────────────────────────────────────────
  /** Keeps everyone else from making or changing tables until the transaction ends. */
  readonly lockTables: () => Asking<void>
  /** A column as CREATE TABLE has it. */
  readonly definition: (column: Column) => string
  /** Tells the planner what to expect of the new tables of a stream. */
  readonly tellPlanner: (base: string) => Asking<void>
  /** Keeps the rows of new tables from whoever means another project, where the database can. */
  readonly protect: () => Asking<void>
  /** Makes a view, or makes it anew; `select` is given the columns that it has already, which keep their places. */
  readonly makeView: (name: string, select: (columns: readonly string[]) => string) => Asking<void>
  /** A SELECT of the `name` of every table and view. */
  readonly relations: string
  readonly owners: Owners

  // ── values and columns ────────────────────────────────────────────────────────────────────────────────────────────
  /** Milliseconds since 1970 as ISO 8601 text in UTC, the same as `Date.toISOString`. */
  readonly iso: (expression: string) => string
  /** A declared column as the tables have it, quoted. */
  readonly stored: (column: string) => string
  /** A declared column as views and subqueries have it, quoted. */
  readonly shown: (column: string) => string
  /** A condition: an expression of a column's type has one of the values. */
  readonly isOneOf: (type: ColumnType, expression: string, values: readonly (string | number)[], bind: Bind) => string
  /**
   * A condition: a number is at least, or at most, another one, by all digits of both. `text`: the expression is a text that
   * `isNumber`.
   */
  readonly compares: (comparing: Comparing, bind: Bind) => string
  /** A condition: an expression has a text in it, letters from A to Z in any case. */
  readonly contains: (expression: string, part: string) => string
  /** A value of a column, as its type holds it. */
  readonly cell: (type: ColumnType, value: string | number | null, bind: Bind) => string
  /** How many digits each key has, 0 where it is no whole number from 0 up, written the plain way. */
  readonly digitsOf: (key: string) => string
  /** Whether a text is a decimal number such as -12.50, and nothing else. */
  readonly isNumber: (text: string) => string
  /** Whether a text begins as days are written: 2026-11. */
  readonly isDated: (text: string) => string
  /** The terms of ORDER BY for a column of numbers. */
  readonly bySize: (column: string) => readonly string[]
  /** What makes text in ORDER BY compare by its bytes. */
  readonly byBytes: string
  readonly words: WordIndex
  /** Sets columns of contents that are found by id and ordinal. */
  readonly fill: (table: string, streamNo: number, columns: readonly Column[], rows: readonly Filled[]) => Asking<void>
}

/** The index of words: a row of `tm_texts` for each record, called `t` where it is looked for. */
export interface WordIndex {
  /** After the columns of `tm_texts`, and after the table. */
  readonly columns: string
  readonly tables: string
  /** Writes rows that are not there, each key once; their words are letters and digits. */
  readonly insert: (streamNo: number, texts: readonly IndexedText[]) => Asking<void>
  /** What asks for all of these words, each as the beginning of one. It is the first value of a statement. */
  readonly query: (words: readonly string[]) => string
  readonly from: string
  readonly matches: string
  /** The greater the better. */
  readonly score: string
}

/** Types of columns, as CREATE TABLE has them. */
export interface Types {
  /** The number of a row, in the order of creation; none is given twice. */
  readonly no: string
  /** The same where numbers may be given twice. */
  readonly row: string
  readonly int: string
  readonly small: string
  readonly real: string
  readonly text: string
  /** Text that is compared by its bytes, whatever the language of the database. */
  readonly key: string
  readonly bytes: string
  readonly flag: string
  /** After a table that is stored in the order of its primary key. */
  readonly clustered: string
}

/** How the rows of a stream's table, called `r`, come by the project, the connection and the run that they belong to. */
export interface Owners {
  readonly project: string
  readonly connection: string
  readonly from: (table: string) => string
  /** The id of the run `_run` of a table, and what has to stand behind FROM for it. */
  readonly run: (alias: string) => { readonly id: string; readonly join: string }
}

/** Puts a value among those of a statement, and gives back how the statement names it. */
export type Bind = (value: Param) => string

export interface Comparing {
  readonly type: ColumnType
  readonly expression: string
  readonly than: '>=' | '<='
  /** A number, or a text that writes one. */
  readonly value: string | number
}

/** Cells for one content, in the order of the columns. */
export interface Filled {
  readonly id: number
  readonly ordinal: number
  readonly cells: readonly Cell[]
}

export interface Insert {
  /** The table, and what its rows are called where they conflict. */
  readonly into: string
  readonly columns: Readonly<Record<string, string>>
  readonly rows: readonly (readonly (string | number | null)[])[]
  /** What follows the rows. */
  readonly onConflict?: string
}

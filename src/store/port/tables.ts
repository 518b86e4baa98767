// Owns the tables that SQL can read.

import type { TableRow } from '../table-rows.ts'

export interface TableStore {
  /** What the project can read with SQL: the tables of its streams, then Tidemark's own. */
  list(project: string): Promise<readonly TableRow[]>
  /**
   * How many rows such a table has for the project. Takes as long as the table is large.
   *
   * @throws TidemarkError table_unknown
   */
  countRows(project: string, name: string): Promise<number>
  /**
   * The first rows of such a table for the project; with `connection`, an id, the first of those that belong to it, of a
   * table that has a column `connection`.
   *
   * @throws TidemarkError table_unknown
   */
  rows(
    project: string,
    name: string,
    limit: number,
    connection?: string,
  ): Promise<readonly Readonly<Record<string, unknown>>[]>
}

// Owns names and small expressions in SQL: the tables of a stream, quoting, times and operations as people read them.

import type { ChangeOp, Column, ColumnType, StreamShape } from '../model/record.ts'

/** An identifier that may be a word of SQL: column names come from connectors. */
export function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** The name by which people know a stream's table: connector and stream, dashes as underscores. */
export function baseOf({ connector, stream }: Pick<StreamShape, 'connector' | 'stream'>): string {
  return `${connector}_${stream}`.replaceAll('-', '_').toLowerCase()
}

/** The tables behind the views of one stream of a connector; all its connections share them. */
export interface TableNames {
  /** Live records. Only these, so that counting and scanning them needs no condition. */
  readonly records: string
  /** Tombstones. */
  readonly tombstones: string
  /** Contents that were superseded or removed. */
  readonly versions: string
  readonly snapshots: string
}

export function tableNames(base: string): TableNames {
  return {
    records: quote(`tm_r_${base}`),
    tombstones: quote(`tm_t_${base}`),
    versions: quote(`tm_v_${base}`),
    snapshots: quote(`tm_s_${base}`),
  }
}

/** The metrics of a shape as the columns that they are. */
export function metricColumns({ columns, metrics }: StreamShape): readonly Column[] {
  return metrics.flatMap((metric) => columns.filter(({ name }) => name === metric))
}

export const SQL_TYPES: Readonly<Record<ColumnType, string>> = {
  text: 'TEXT',
  integer: 'INTEGER',
  real: 'REAL',
  boolean: 'INTEGER',
  json: 'TEXT',
}

/** Milliseconds since 1970 as ISO 8601 text in UTC, the same as `Date.toISOString`. */
export function iso(expression: string): string {
  return `strftime('%Y-%m-%dT%H:%M:%fZ', ${expression} / 1000.0, 'unixepoch')`
}

/** Operations are kept as small numbers, which take a byte or none. */
export const OPS = { insert: 1, update: 2, restore: 3, remove: 4 } as const satisfies Record<ChangeOp, number>

const OP_NAMES = Object.keys(OPS) as ChangeOp[]

export function opName(op: unknown): ChangeOp {
  return OP_NAMES[Number(op) - 1] as ChangeOp
}

export function opSql(expression: string): string {
  return `CASE ${expression} ${OP_NAMES.map((name) => `WHEN ${OPS[name]} THEN '${name}'`).join(' ')} END`
}

// Owns the names that every store uses in SQL: a stream's tables, quoting, operations as people read them, counters.

import type { Column, StreamShape, VersionOp } from '../model/record.ts'
import type { Counts } from '../model/run.ts'

/** An identifier that may be a word of SQL: column names come from connectors. */
export function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** The name by which people know a stream's table: connector and stream, dashes as underscores. */
export function baseOf({
  connector,
  stream,
  table = `${connector}_${stream}`,
}: Pick<StreamShape, 'connector' | 'stream' | 'table'>): string {
  return table.replaceAll('-', '_').toLowerCase()
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

/** Operations are kept as small numbers, which take a byte or none. */
export const OPS = { insert: 1, update: 2, restore: 3, remove: 4, superseded: 5 } as const satisfies Record<
  VersionOp,
  number
>

const OP_NAMES = Object.keys(OPS) as VersionOp[]

export function opName(op: unknown): VersionOp {
  return OP_NAMES[Number(op) - 1] as VersionOp
}

export function opSql(expression: string): string {
  return `CASE ${expression} ${OP_NAMES.map((name) => `WHEN ${OPS[name]} THEN '${name}'`).join(' ')} END`
}

/** What the tables of a stream hold besides the engine's own columns. */
export interface TableShape {
  readonly base: string
  readonly columns: readonly Column[]
  readonly metrics: readonly Column[]
}

/** What a pass of a run counts, each a column of its own. */
export const COUNTS = [
  'fetched',
  'inserted',
  'updated',
  'unchanged',
  'superseded',
  'removed',
  'restored',
  'held',
  'unconfirmed',
  'quarantined',
  'snapshots',
  'unavailable',
  'stale',
] as const satisfies readonly (keyof Counts)[]

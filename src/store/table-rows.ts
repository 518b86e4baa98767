// Owns what a table of SQL is to whoever looks for one: whose it is, and which of a stream's five. Pure.

import { TidemarkError } from '../model/errors.ts'

/** A stream's tables: live records, tombstones too, past contents, metrics by run, metrics by day. */
export const STREAM_PARTS = ['', 'all', 'versions', 'snapshots', 'daily'] as const

export type StreamPart = (typeof STREAM_PARTS)[number]

export interface TableRow {
  readonly name: string
  /** Null: a table of Tidemark itself. */
  readonly of: { readonly connector: string; readonly stream: string; readonly part: StreamPart } | null
  /** In their order. */
  readonly columns: readonly string[]
}

interface Owner {
  readonly base: string
  readonly connector: string
  readonly stream: string
}

/** Those of streams first, then Tidemark's own. `owners` are the streams whose tables there are. */
export function tableRows(
  views: readonly { readonly name: string; readonly columns: readonly string[] }[],
  owners: readonly Owner[],
): readonly TableRow[] {
  const rows = views.map(({ name, columns }) => tableRow(name, columns, owners))
  return [...rows.filter(({ of }) => of !== null), ...rows.filter(({ of }) => of === null)]
}

function tableRow(name: string, columns: readonly string[], owners: readonly Owner[]): TableRow {
  for (const { base, connector, stream } of owners) {
    const part = STREAM_PARTS.find((one) => name === (one === '' ? base : `${base}_${one}`))
    if (part !== undefined) return { name, of: { connector, stream, part }, columns }
  }
  return { name, of: null, columns }
}

export function noSuchView(name: string): TidemarkError {
  return new TidemarkError('table_unknown', `There is no table "${name}" in this project.`)
}

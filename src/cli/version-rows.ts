// Owns the versions of a record as rows: one for each content, removal and return, with its columns.

import type { Version } from '../connection.ts'
import type { StreamShape } from '../model/record.ts'
import type { Row } from './terminal/rows.ts'

const VERSION = ['_key', '_ordinal', '_op', '_at', '_reason', '_run', '_page']

/** What a row of a version has, in its order. */
export function versionColumns({ columns }: StreamShape, withRaw = false): readonly string[] {
  return [...VERSION, ...columns.map(({ name }) => name), ...(withRaw ? ['_raw'] : [])]
}

export function versionRow({ key, ordinal, op, at, reason, run, page, columns, raw }: Version, withRaw = false): Row {
  const made = { _key: key, _ordinal: ordinal, _op: op, _at: at, _reason: reason, _run: run, _page: page }
  return { ...made, ...columns, ...(withRaw ? { _raw: raw } : {}) }
}

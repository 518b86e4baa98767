// Owns the versions of a record as people see them: in words what happened and why, and as rows with their columns.

import type { Version } from '../../connection.ts'
import { REASON_BEFORE_REMOVAL, REASON_OLDER, type StreamShape, type VersionOp } from '../../model/record.ts'
import type { Row } from '../../operations/row-lines.ts'
import type { Style } from './output.ts'

export const OPS: Readonly<Record<VersionOp, { readonly words: string; readonly style: Style }>> = {
  insert: { words: 'first seen', style: 'green' },
  update: { words: 'changed', style: 'yellow' },
  restore: { words: 'restored', style: 'green' },
  remove: { words: 'removed', style: 'red' },
  superseded: { words: 'superseded', style: 'yellow' },
}

const REASONS: Readonly<Record<string, string>> = {
  not_listed: 'no longer listed',
  approved: 'no longer listed, and you approved it',
  [REASON_OLDER]: 'its version is older than the stored one',
  [REASON_BEFORE_REMOVAL]: 'its page was asked for before the record was removed',
}

/** Why a record was removed, or a content superseded, in words where there are some. */
export function reasonText(reason: string): string {
  return REASONS[reason] ?? reason
}

const VERSION = ['_key', '_ordinal', '_op', '_at', '_reason', '_run', '_page']

/** What a row of a version has, in its order. */
export function versionColumns({ columns }: StreamShape, withRaw = false): readonly string[] {
  return [...VERSION, ...columns.map(({ name }) => name), ...(withRaw ? ['_raw'] : [])]
}

export function versionRow({ key, ordinal, op, at, reason, run, page, columns, raw }: Version, withRaw = false): Row {
  const made = { _key: key, _ordinal: ordinal, _op: op, _at: at, _reason: reason, _run: run, _page: page }
  return { ...made, ...columns, ...(withRaw ? { _raw: raw } : {}) }
}

// Owns what happened to a record in words: how `history` and `explain` call each kind of version, and why it came.

import { REASON_BEFORE_REMOVAL, REASON_OLDER, type VersionOp } from '../model/record.ts'
import type { Style } from './terminal/output.ts'

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

// Owns what happened to a record in words: how `history` and `explain` call each kind of version, and why it came.

import type { ChangeOp } from '../model/record.ts'
import type { Style } from './terminal.ts'

export const OPS: Readonly<Record<ChangeOp, { readonly words: string; readonly style: Style }>> = {
  insert: { words: 'first seen', style: 'green' },
  update: { words: 'changed', style: 'yellow' },
  restore: { words: 'restored', style: 'green' },
  remove: { words: 'removed', style: 'red' },
}

const REASONS: Readonly<Record<string, string>> = {
  not_listed: 'no longer listed',
  approved: 'no longer listed, and you approved it',
}

/** Why a record was removed, in words where there are some. */
export function reasonText(reason: string): string {
  return REASONS[reason] ?? reason
}

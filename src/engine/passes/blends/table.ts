// Owns which names blends may have: each names a table, and no two of a project share one.

import { BLEND } from '../../../model/blend-connector.ts'
import { TidemarkError } from '../../../model/errors.ts'
import { baseOf } from '../../../store/names.ts'
import type { ConnectionRow } from '../../../store/store.ts'
import { TABLE_BYTES_MAX } from '../../../store/stream-shape.ts'
import { STREAM_PARTS } from '../../../store/table-rows.ts'
import { BLENDED } from './definition.ts'

/** The table of a blend in SQL. */
export function blendTable(id: string): string {
  return baseOf({ connector: BLEND, stream: BLENDED, table: `${BLEND}_${id}` })
}

/** @throws TidemarkError blend_invalid, name_taken */
export function checkTable(name: string, connections: readonly ConnectionRow[]): void {
  const table = blendTable(name)
  if (!/^[a-z0-9_]+$/.test(table) || table.length > TABLE_BYTES_MAX) {
    throw new TidemarkError('blend_invalid', `"${name}" names no table, and a blend has one.`, {
      hint: `Write letters, digits, dashes and underscores, ${TABLE_BYTES_MAX - `${BLEND}_`.length} at most.`,
    })
  }
  const viewsOf = (base: string) => STREAM_PARTS.map((part) => (part === '' ? base : `${base}_${part}`))
  for (const { id } of connections.filter(({ connector }) => connector === BLEND)) {
    const other = blendTable(id)
    const shared = viewsOf(table).find((view) => view === other) ?? viewsOf(other).find((view) => view === table)
    if (shared === undefined) continue
    throw new TidemarkError('name_taken', `The blend "${name}" needs the table name "${shared}", which "${id}" has.`, {
      hint: 'Choose a name that differs in more than dashes, underscores and capitals, and has no other one with _all, _versions, _snapshots or _daily behind it.',
    })
  }
}

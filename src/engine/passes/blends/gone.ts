// Owns which columns that feed a blend are gone: their source showed them once, and no record of it has a value there any more.

import type { Key } from '../../../model/record.ts'
import type { Store } from '../../../store/store.ts'
import { cellOf, type Source } from './member.ts'
import { rowsOf } from './sources.ts'

/** Records of a source that are looked at, at most, for a value in each of the columns. */
const LOOKED_AT_MAX = 5_000
const AT_ONCE = 500

export interface GoneColumn {
  readonly source: string
  readonly column: string
  /** Those that it gave. */
  readonly fields: readonly string[]
  /** It told which record a row belongs to. */
  readonly isIdentity: boolean
}

export async function goneColumns(store: Store, sources: readonly Source[]): Promise<readonly GoneColumn[]> {
  const gone = await Promise.all(sources.map((source) => goneFrom(store, source)))
  return gone.flat()
}

export function goneText({ source, column, fields, isIdentity }: GoneColumn): string {
  const gave = fields.filter((field) => field !== column)
  const which = gave.length > 0 ? `, which gave ${gave.join(' and ')}` : ''
  const then = isIdentity ? ': what it shows belongs to no record' : ''
  return `${source} shows no ${column} any more${which}${then}; its name may have changed`
}

async function goneFrom(store: Store, source: Source): Promise<readonly GoneColumn[]> {
  const shown = new Set(
    (await store.streams.state(source.streamNo)).fields.map((field) => field.replace(/:[a-z]*$/, '')),
  )
  const { identity } = source.from
  const missing = new Set([identity, ...Object.values(source.columns)].filter((column) => shown.has(column)))
  let looked = 0
  for (let after: Key | undefined; missing.size > 0 && looked < LOOKED_AT_MAX; ) {
    const rows = await rowsOf(store, source, { columns: [...missing], limit: AT_ONCE, after })
    looked += rows.length
    for (const row of rows) {
      for (const column of missing) {
        const cell = cellOf(source, row, column)
        if (cell !== null && cell !== undefined && cell !== '') missing.delete(column)
      }
    }
    after = rows.at(-1)?._key
    if (rows.length < AT_ONCE) break
  }
  // A source without records has no columns to lose.
  if (looked === 0) return []
  return [...missing].map((column) => ({
    source: source.name,
    column,
    fields: Object.entries(source.columns).flatMap(([field, from]) => (from === column ? [field] : [])),
    isIdentity: column === identity,
  }))
}

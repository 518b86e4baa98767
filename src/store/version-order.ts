// Owns the order of a record's history. Pure; both stores go by it.

import type { VersionRow } from './port/history.ts'

/** A version with the source's order of its content: its version, or when its page was asked for. */
export interface Ordered {
  readonly version: VersionRow
  readonly order: number
}

/**
 * The contents that the record had by their ordinals, the current one last. A content that was superseded when it came
 * stands where its own version would have stood: before the first content of a newer one, at the latest before the
 * current.
 */
export function inVersionOrder(rows: readonly Ordered[]): readonly VersionRow[] {
  const had = rows.filter(({ version }) => version.ordinal > 0).sort((a, b) => a.version.ordinal - b.version.ordinal)
  const superseded = rows
    .filter(({ version }) => version.ordinal < 0)
    .sort((a, b) => a.order - b.order || b.version.ordinal - a.version.ordinal)
  const versions: VersionRow[] = []
  let next = 0
  for (const [place, { version, order }] of had.entries()) {
    const isBefore = (one: Ordered) => place === had.length - 1 || one.order < order
    for (; next < superseded.length && isBefore(superseded[next]!); next++) versions.push(superseded[next]!.version)
    versions.push(version)
  }
  return versions
}

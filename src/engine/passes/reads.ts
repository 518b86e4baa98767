// Owns what decides which records a stream's passes read: options of the connection, and how far a listing reaches. When
// one of these changes, what was read before no longer tells what is unread. Pure.

import { hash } from 'node:crypto'
import { commonOptions } from '../../connector/options.ts'
import type { Pass } from '../../connector/passes.ts'
import { isObject, type Json } from '../../model/json.ts'
import type { PassKind } from '../../model/run.ts'

/** By name; what only one of two has is no difference. Survives JSON. */
export type Reads = Readonly<Record<string, string>>

/** `options` as they are stored: without secrets, and without defaults, which come with a release. */
export function readsOf(passes: readonly Pick<Pass<never, never>, 'kind'>[], options: Json): Reads {
  const given = isObject(options) ? Object.entries(options) : []
  // Where the service is reached says nothing of what it is asked for.
  const own = given.filter(([name]) => !Object.hasOwn(commonOptions.shape, name)).sort(([a], [b]) => (a < b ? -1 : 1))
  return {
    options: hash('sha256', JSON.stringify(own), 'base64url').slice(0, 16),
    ...Object.fromEntries(passes.map((pass) => [pass.kind, reach('listing' in pass ? pass.listing : undefined)])),
  }
}

function reach(listing: unknown): string {
  return isObject(listing) ? JSON.stringify(listing) : 'complete'
}

export function isSameReading(before: Reads, now: Reads): boolean {
  return Object.entries(before).every(([name, value]) => now[name] === undefined || now[name] === value)
}

/** How many records a pass of this kind reads at most. One of which nothing is kept reads all. */
export function reachOf(reads: Reads | undefined, kind: PassKind): number {
  const listing = reads?.[kind]
  return listing === undefined || listing === 'complete' ? Number.POSITIVE_INFINITY : Number(JSON.parse(listing).cap)
}

/** As it was kept; undefined: by a release that did not keep it. */
export function readsFrom(value: Json | undefined): Reads | undefined {
  if (!isObject(value)) return undefined
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, text]) => (typeof text === 'string' ? [[name, text]] : [])),
  )
}

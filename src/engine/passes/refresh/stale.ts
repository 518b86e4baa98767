// Owns what is said of known records that a run was to read again and did not come to.

import { plural } from '../../../model/plural.ts'
import { addCounts } from '../../../model/run.ts'
import type { Stale, StreamRun } from '../stream-run.ts'

/** Counted with the pass that is under way. `readAt`: when each of them was read last. */
export function leaveStale(run: StreamRun, readAt: readonly number[]): void {
  if (readAt.length === 0) return
  const oldest = readAt.reduce((least, at) => Math.min(least, at))
  run.stale = { records: readAt.length, oldest }
  const entry = run.passes.at(-1)
  if (entry) entry.pending = addCounts(entry.pending, { stale: readAt.length })
}

export function staleNote({ records, oldest }: Stale): string {
  const [are, was] = records === 1 ? ['is', 'it was'] : ['are', 'the oldest was']
  return `${plural(records, 'record')} ${are} stale, not refreshed by the last run; ${was} last read at ${new Date(oldest).toISOString()}`
}

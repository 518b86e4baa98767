// Owns what a run was shown of a stream on pages that only other streams of it have read. A walk ends at known ground, and
// another stream's walk through the same list goes on below it: what stands there was shown, and is kept, though it anchors
// nothing.

import { isPaged, type ListingPass, type Pass } from '../../../connector/passes.ts'
import { broughtBy, storePage } from '../rows/page.ts'
import { examinerOf } from '../rows/place.ts'
import type { StreamRun } from '../stream-run.ts'

/** Stores them, once all streams of the run have read what they read. A stream whose listing was not opened has none. */
export async function storeShownToOthers(run: StreamRun): Promise<void> {
  const { listing, scope, name, stream, passes } = run
  if (listing === undefined) return
  const reads = stream.passes.filter(isListing)
  const entry = passes.findLast(({ kind }) => reads.some((pass) => pass.kind === kind))
  const pass = reads.find(({ kind }) => kind === entry?.kind)
  if (!entry || !pass) return
  for (const { page, at, number } of scope.shared.notShownTo(listing, name)) {
    // The stream may have asked for something at the same moment: what it was told itself stands.
    const askedAt = Math.max(at, run.askedBefore) - 1
    await storePage(run, entry, {
      ...broughtBy(page, askedAt),
      walk: null,
      keepSeen: false,
      examine: examinerOf(pass),
      number,
    })
  }
}

function isListing(pass: Pass<unknown, unknown>): pass is ListingPass {
  return isPaged(pass) && pass.kind !== 'byCursor'
}

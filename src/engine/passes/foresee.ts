// Owns how many requests planned passes will make in a world that stands still, where a walk that broke off goes on: the
// pages that are left of it, and what follows it. Pure. What only reading can tell is null.

import type { FullPass, NewestFirst } from '../../connector/passes.ts'
import type { StreamRow, StreamState, WalkRow } from '../../store/store.ts'
import type { PlannedPass } from '../due/plan.ts'
import { leavesTop, type Position, positionFrom } from './listing-position.ts'
import { newsIsOnTop } from './listing-proof.ts'

type ListingPass = NewestFirst<never, never> | FullPass<never, never>

/** Walks of a stream are numbered from here. */
const FIRST_WALK = 1

/** The passes that a run will do, those included that follow from how the planned ones end. */
export function foresee(
  planned: readonly PlannedPass[],
  passes: readonly PlannedPass['pass'][],
  row: StreamRow,
  state: StreamState,
): readonly PlannedPass[] {
  return planned.flatMap((one): readonly PlannedPass[] => {
    const { pass } = one
    const walk = state.openWalks.find((open) => open.pass === pass.kind)
    // What was never read to its end has no known length; the walk may say more.
    const known = row.lastSuccessAt === null ? undefined : row.totalRecords
    const at = walk && positionFrom(walk.position)
    if (pass.kind === 'byCursor' || one.anew || !walk || !at || (at.next === null && at.reached === null)) {
      return [known === undefined ? { ...one, requests: null } : one]
    }
    const rest = { ...one, requests: requestsLeft(pass, at, totalOf(pass, walk, at, known), row.totalRecords) }
    // A walk that began long ago is followed by those that look for what has come since.
    const others = pass.kind === 'fullPass' ? passes.filter(({ kind }) => kind !== 'fullPass') : [pass]
    const why = 'records added since the interrupted walk began'
    if (others.length > 0 || !leavesTop(at, pass)) {
      return [rest, ...others.map((other) => ({ pass: other, why, requests: 1 }))]
    }
    // Where there are none, a look at the top does that, or the whole listing once more.
    if (pass.kind === 'fullPass' && newsIsOnTop(pass, at.evidence)) return [withLook(rest, at)]
    const all = totalOf(pass, walk, at, known)
    return [rest, { pass, why, requests: all === undefined ? null : Math.max(1, Math.ceil(all / pass.pageSize)) }]
  })
}

function withLook(rest: PlannedPass, { reached }: Position): PlannedPass {
  return rest.requests === null || reached !== null ? rest : { ...rest, requests: rest.requests + 1 }
}

/** How many records the walk will have read when it comes to the end of the listing. */
function totalOf(pass: ListingPass, walk: WalkRow, at: Position, known: number | undefined): number | undefined {
  const { total } = at.totals
  // One that looks for what is new ends at known ground, except for the very first: it has none.
  if (pass.kind === 'newestFirst') {
    return known === undefined && walk.walk === FIRST_WALK ? (total ?? undefined) : undefined
  }
  const listed = total ?? known
  return listed === undefined || typeof pass.listing !== 'object' ? listed : Math.min(listed, pass.listing.cap)
}

function requestsLeft(pass: ListingPass, at: Position, total: number | undefined, live: number): number | null {
  // It has come to its end, and only asks what it could not ask any more.
  if (at.reached !== null) return 1
  if (total === undefined || at.page === 0) return null
  const keyset = pass.paging === 'keyset'
  const read = leavesTop(at, pass) ? at.page : 0
  // Where tokens count from the top, the last page is read once more, to see that it is still there.
  const pages = Math.max(1, Math.ceil(total / pass.pageSize) - read + (keyset || read === 0 ? 0 : 1))
  return pages + (pass.total && !keyset ? countsLeft(pass, at, pages, live) : 0)
}

/** How often the source is asked for its total: before a second page, and at the end if there is something to compare. */
function countsLeft(pass: ListingPass, { totals: { total } }: Position, pages: number, live: number): number {
  if (pass.kind === 'fullPass') return total === null && (pages > 1 || live > pass.pageSize) ? 1 : 0
  const before = pages > 1 ? 1 : 0
  const after = typeof pass.listing !== 'object' && (total !== null || pages > 1) ? 1 : 0
  return before + after
}

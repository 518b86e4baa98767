// Owns how many requests a pass will make if nothing changes in the meantime: of a listing that is read whole, and of a walk that
// broke off, with what follows it. Pure. What only reading can tell is null.

import { capOf, type ListingPass } from '../../../connector/passes.ts'
import { isObject } from '../../../model/json.ts'
import type { StreamRow, StreamState, WalkRow } from '../../../store/store.ts'
import type { AnyPass, Foreseen, Plan, PlannedPass } from '../../due/plan.ts'
import { canBeCounted } from '../listing/counts.ts'
import { leavesTop, type Position, positionFrom } from '../listing/position.ts'
import { newsIsOnTop } from '../listing/proof.ts'

type Listing = ListingPass<never, never>

const SINCE = 'records added since the interrupted walk began'

/** Walks of a stream are numbered from here. */
const FIRST_WALK = 1

/** What was never read to its end has no known length. */
export function withLength(plan: Plan, { lastSuccessAt }: Pick<StreamRow, 'lastSuccessAt'>): Plan {
  return lastSuccessAt === null ? { ...plan, requests: null } : plan
}

/** How many records the listings of a stream have: those that are stored, and those of other streams that stand among them. */
export function listedIn({
  row,
  state,
}: {
  readonly row: Pick<StreamRow, 'totalRecords'>
  readonly state: Pick<StreamState, 'value'>
}): number {
  const { others } = isObject(state.value) ? state.value : {}
  return row.totalRecords + (typeof others === 'number' ? others : 0)
}

/** The pages, and the question for the total. */
export function requestsOf(pass: Listing, records: number): number {
  const pages = Math.max(1, Math.ceil(listedOf(pass, records) / pass.pageSize))
  return pages + (canBeCounted(pass) ? 1 : 0)
}

/** A pass over a listing; `others` look for what has come since a walk of it broke off. */
export function foreseeWalk(
  pass: Listing,
  plan: Plan,
  { row, state }: Foreseen,
  others: readonly AnyPass[],
): readonly PlannedPass[] {
  const walk = state.openWalks.find((open) => open.pass === pass.kind)
  const at = walk && positionFrom(walk.position)
  if (plan.anew || !walk || !at || (at.next === null && at.reached === null)) {
    return [{ pass, ...withLength(plan, row) }]
  }
  const known = row.lastSuccessAt === null ? undefined : listedIn({ row, state })
  const all = totalOf(pass, walk, at, known)
  const rest = { pass, ...plan, requests: requestsLeft(pass, at, all) }
  // Begun again at the top, it reads what is new as well.
  if (pass.kind === 'newestFirst' && !leavesTop(at, pass)) return [rest]
  if (plan.again && leavesTop(at, pass)) {
    const between = others.filter(({ kind }) => kind !== pass.kind)
    const length = at.totals.total ?? known
    const requests = length === undefined ? null : requestsOf(pass, length)
    const once = { pass, why: 'everything is ordered, and earlier runs listed a part', requests }
    return [rest, ...between.map((other) => ({ pass: other, why: SINCE, requests: 1 })), once]
  }
  if (others.length > 0 || !leavesTop(at, pass)) {
    return [rest, ...others.map((other) => ({ pass: other, why: SINCE, requests: 1 }))]
  }
  // Where there are none, a look at the top does that, or the whole listing once more.
  if (pass.kind === 'fullPass' && newsIsOnTop(pass, at.evidence)) return [withLook(rest, at)]
  return [rest, { pass, why: SINCE, requests: all === undefined ? null : Math.max(1, Math.ceil(all / pass.pageSize)) }]
}

function withLook(rest: PlannedPass, { reached }: Position): PlannedPass {
  return rest.requests === null || reached !== null ? rest : { ...rest, requests: rest.requests + 1 }
}

/** How many records the walk will have read when it comes to the end of the listing. */
function totalOf(pass: Listing, walk: WalkRow, at: Position, known: number | undefined): number | undefined {
  const { total } = at.totals
  // One that looks for what is new ends at known ground, except for the very first: it has none.
  if (pass.kind === 'newestFirst') {
    return known === undefined && walk.walk === FIRST_WALK ? (total ?? undefined) : undefined
  }
  const all = total ?? known
  return all === undefined ? undefined : listedOf(pass, all)
}

/** How many of so many records are listed. */
function listedOf({ listing }: Listing, records: number): number {
  return Math.min(records, capOf(listing))
}

function requestsLeft(pass: Listing, at: Position, total: number | undefined): number | null {
  // It has come to its end, and only asks what it could not ask any more.
  if (at.reached !== null) return 1
  if (total === undefined || at.page === 0) return null
  const keyset = pass.paging === 'keyset'
  const read = leavesTop(at, pass) ? at.page + (at.pending === null ? 0 : 1) : 0
  // Where tokens count from the top, the last page is read once more, to see that it is still there. One that costs money
  // is not where the total shows that.
  const isShown = keyset || read === 0 || (pass.paid && at.totals.total !== null && at.pending === null)
  const pages = Math.max(1, Math.ceil(total / pass.pageSize) - read + (isShown ? 0 : 1))
  return pages + (canBeCounted(pass) ? countsLeft(pass, at, pages) : 0)
}

/** How often the source is asked for its total: before a second page, and at the end if there is something to compare. */
function countsLeft(pass: Listing, { totals: { total } }: Position, pages: number): number {
  if (pass.paging === 'keyset' || pass.kind === 'fullPass') return total === null ? 1 : 0
  const before = pages > 1 ? 1 : 0
  const after = total !== null || pages > 1 ? 1 : 0
  return before + after
}

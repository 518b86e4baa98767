// Owns what a walk makes of upstream runs that each deliver the newest so many records: where it stands in the rows of one,
// whether these reach known ground, and how many are asked for next. Pure; newest-walk.ts does it.

import type { Page } from '../../../connector/page.ts'
import { capOf, type NewestByJob } from '../../../connector/passes.ts'
import { isObject, type Json } from '../../../model/json.ts'
import { plural } from '../../../model/plural.ts'
import type { Ended } from '../../../model/run.ts'
import { CLOCK_KNOWN_TO_MS, isSettledAt, timeOf } from '../listing/settled.ts'
import {
  type newestFirstStep,
  type Sighting,
  STOP_AFTER_MIN,
  TRACK_START,
  type WalkTrack,
} from '../listing/stop-rule.ts'
import { emptyNote } from '../removals/guard.ts'
import { firstSize, nextSize } from './batch-size.ts'
import { type Pace, predict } from './pace.ts'

type NewestPass = NewestByJob<unknown, unknown>

/** An answer that has at least this share of the records that the source has about, and is short, has all of them. */
const ABOUT_ALL = 0.9
/** Two answers that have less than this share of them are not all that there is, whatever is out about the number. */
const FAR_FROM_ALL = 0.5

/** Where a walk stands in the rows of one upstream run; survives JSON. */
export type Leg = {
  readonly intent: string
  /** The page to read next; null: the first. */
  readonly page: Json
  readonly rows: number
  readonly pinned: number
  /** When the newest unpinned one was made; null: their order tells no time. */
  readonly newest: number | null
  /** Unpinned rows that nobody knew. */
  readonly fresh: number
  /** Unpinned rows that are known. */
  readonly known: number
  readonly track: WalkTrack
  /** It has shown known ground below all that is new. */
  readonly met: boolean
  /** How many records the source says it has; null: it does not. */
  readonly total: number | null
  readonly estimate: number | null
}

/** Where a walk stands; survives JSON. */
export type JobPosition = {
  /** The largest size that was not enough; 0: none was. */
  readonly failed: number
  /** Rows that it brought. */
  readonly brought: number
  /** Records that were asked for, in all. */
  readonly asked: number
  /** Known ground does not stop the walk. */
  readonly toEnd: boolean
  readonly leg: Leg | null
}

export function beginning(toEnd: boolean): JobPosition {
  return { failed: 0, brought: 0, asked: 0, toEnd, leg: null }
}

export function jobPositionFrom(value: Json): JobPosition {
  const start = beginning(false)
  return isObject(value) && typeof value['failed'] === 'number'
    ? { ...start, ...(value as Partial<JobPosition>) }
    : start
}

export function legOf(intent: string): Leg {
  const nothing = { page: null, rows: 0, pinned: 0, newest: null, fresh: 0, known: 0, met: false }
  return { intent, ...nothing, track: TRACK_START, total: null, estimate: null }
}

/** The leg after a page of it. */
export function legAfter(
  leg: Leg,
  page: Page,
  sightings: readonly Sighting[],
  {
    pass,
    decisions,
  }: { readonly pass: NewestPass; readonly decisions: { readonly newestFirstStep: typeof newestFirstStep } },
): Leg {
  const { track, stopAt, insideAt } = decisions.newestFirstStep(leg.track, sightings, stopAfterOf(pass))
  const placed = sightings.filter(({ pinned }) => !pinned)
  const known = placed.filter(({ anchored }) => anchored).length
  const times = placed.flatMap(({ order }) => timeOf(pass, order ?? undefined) ?? [])
  return {
    ...leg,
    page: page.next ?? null,
    rows: leg.rows + page.records.length,
    pinned: leg.pinned + sightings.length - placed.length,
    newest: times.length === 0 ? leg.newest : Math.max(leg.newest ?? Number.NEGATIVE_INFINITY, ...times),
    fresh: leg.fresh + placed.length - known,
    known: leg.known + known,
    track,
    // What stands below known ground may stand in any order.
    met: leg.met || stopAt >= 0 || insideAt >= 0,
    total: page.total ?? leg.total,
    estimate: page.estimate ?? leg.estimate,
  }
}

export function stopAfterOf({ stopAfter = STOP_AFTER_MIN }: Pick<NewestPass, 'stopAfter'>): number {
  return stopAfter
}

export function countOf({ total, estimate }: Pick<Leg, 'total' | 'estimate'>): number | null {
  return total ?? estimate
}

/** What a walk does behind the rows of one upstream run. */
export type Verdict =
  | { readonly to: 'close'; readonly ended: Ended }
  /** Ask for more. */
  | { readonly to: 'more' }
  /** Nothing that is asked for would show more: it stays a gap. */
  | { readonly to: 'stay'; readonly why: string }

/** What the rows of an upstream run are judged by. */
export interface Judged {
  readonly leg: Leg
  /** Records that were asked for. */
  readonly size: number
  /** Records that were known before the walk. */
  readonly live: number
  /** The last run found that the source listed nothing, too. */
  readonly wasEmpty: boolean
}

/** An answer that is shorter than asked for may be the end, or cut. */
export function judge(
  pass: NewestPass,
  { failed, brought, asked, toEnd }: JobPosition,
  { leg, size, live, wasEmpty }: Judged,
): Verdict {
  const { rows, met, total, estimate, known } = leg
  if (met && !toEnd) return { to: 'close', ended: 'met-anchored' }
  const isTold = total !== null && total <= rows
  if (rows >= size) return isTold || size >= capOf(pass.listing) ? END : { to: 'more' }
  // An outage tells of a total of 0, too.
  if (rows === 0 && live > 0) {
    // An outage is over by the next run. A walk that has stored something stays open: what it lacks is not known.
    return wasEmpty && asked === 0 ? END : { to: 'stay', why: emptyNote(live) }
  }
  // Some may have left since a smaller number was asked for; not most of them.
  if (rows * 2 < brought)
    return {
      to: 'stay',
      why: `the source delivered ${plural(brought, 'record')}, and ${rows} where more were asked for`,
    }
  if (isTold) return END
  const isRepeated = failed > 0 && rows <= brought
  if (total !== null) {
    const why = `the source said it had ${plural(total, 'record')}, ${rows} were delivered`
    return isRepeated ? { to: 'stay', why } : { to: 'more' }
  }
  // Where nothing is shown that was known, even a very short answer is asked for once more.
  const isClear = estimate === null ? rows * 2 < size && (live === 0 || known > 0) : rows >= estimate * ABOUT_ALL
  if (isRepeated && estimate !== null && rows < estimate * FAR_FROM_ALL) {
    return { to: 'stay', why: `the source has about ${plural(estimate, 'record')}, and ${rows} were delivered, twice` }
  }
  return isClear || isRepeated ? END : { to: 'more' }
}

const END: Verdict = { to: 'close', ended: 'exhausted' }

/** What the next size is chosen by. */
export interface Sizing {
  readonly pass: NewestPass
  readonly pace: Pace | undefined
  readonly live: number
  readonly now: number
}

/** How many records to ask for next. */
export function sizeOf({ failed, asked, toEnd, leg }: JobPosition, { pass, pace, live, now }: Sizing): number {
  const start = startInItems(pass, pace)
  const count = leg && countOf(leg)
  const cap = capOf(pass.listing)
  // Where everything is to be listed, as many as there are, and some more to see the end.
  if (toEnd && failed === 0) return Math.min(cap, Math.max(live, pace?.count ?? 0) + stopAfterOf(pass))
  if (!pace || toEnd) return Math.min(cap, firstSize({ start, failed, count }))
  const overlap = groundOf(pass, pace) + Math.max(pace.pinned, leg?.pinned ?? 0)
  const known = count !== null && pace.count !== null ? Math.max(0, count - pace.count) : undefined
  const predicted = predict(pace, now)
  // What could not be read may be new, too.
  const fresh = leg ? leg.rows - leg.known - leg.pinned : 0
  const size = nextSize({ predicted, overlap, failed, fresh, asked, start, isCounted: pace.count !== null, known })
  return Math.min(cap, size)
}

/** How many known records stop a walk: one more where others may still come in beside them. */
function groundOf(pass: NewestPass, { newest, at }: Pace): number {
  const isSettled = isSettledAt(pass, newest ?? Number.POSITIVE_INFINITY, at - CLOCK_KNOWN_TO_MS)
  return stopAfterOf(pass) + (isSettled ? 0 : 1)
}

/** What starting an upstream run costs, in records. */
function startInItems({ job: { price } }: NewestPass, pace: Pace | undefined): number {
  const item = price?.item ?? pace?.price ?? 0
  return item > 0 ? (price?.start ?? 0) / item : 0
}

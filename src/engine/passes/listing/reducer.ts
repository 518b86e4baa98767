// Owns every decision of a walk through a listing: given what the walk knows and what the source has answered, what does
// it know now, what is written, and what is asked next? Pure; walk.ts does it. What a page says is decided in
// step.ts, what a total is asked for in counts.ts, what the end of a leg proves in end.ts.

import { capOf, type ListingPass } from '../../../connector/passes.ts'
import type { Json } from '../../../model/json.ts'
import type { Ended } from '../../../model/run.ts'
import type { WalkRow } from '../../../store/store.ts'
import { REREADS_MAX } from '../removals/guard.ts'
import type { Kept } from '../state.ts'
import type { Writing } from '../stream-run.ts'
import {
  asksBeforeFirstPage,
  asksBeforeSecondPage,
  asksToProveEnd,
  asksWithLastRequest,
  canBeCounted,
} from './counts.ts'
import {
  afterRead,
  afterTop,
  afterTotal,
  afterTwice,
  atEnd,
  type EndQuestion,
  EQUALS_ANEW,
  type Facts,
  type Found,
  type Top,
} from './end.ts'
import { afterWalk } from './first-keys.ts'
import { expectedBy } from './page-seen.ts'
import { leavesTop, type Position, positionFrom, TOP, topAgain } from './position.ts'
import { CLOCK_KNOWN_TO_MS } from './settled.ts'
import type { Swept } from './shown-twice.ts'
import { type Go, listingStep, type PageSeen, startAgain, startAt, stepBack, type Walking } from './step.ts'
import { counted } from './totals.ts'
import { openedRow, rowAfter } from './walk-row.ts'

/** What a walk knows between two answers. */
export interface Walk {
  readonly walking: Walking
  /** As it is stored. */
  readonly row: WalkRow
  /** The page that is read next; undefined: the first one. */
  readonly token: Json | undefined
  /** The total that raised a doubt: the next leg begins with it. */
  readonly base?: number | undefined
  /** What the source said when the walk came to its end. */
  readonly lastTotal?: number | undefined
  /** Why the total could not be asked for. */
  readonly uncounted?: Error | undefined
}

/** Questions between pages, by what they are for. */
type Between = 'start' | 'second page' | 'last request' | 'group'

export type Next =
  | { readonly ask: 'page' }
  /** The source's total. */
  | { readonly ask: 'total'; readonly for: Between }
  | EndQuestion
  | { readonly ask: 'nothing'; readonly ended: Ended }
  /** The walk can't be closed. */
  | { readonly ask: 'nothing'; readonly error: Error }

export type Question = Exclude<Next, { ask: 'page' | 'nothing' }>

/** To the question that was asked; no total: the source tells none, or it could not be asked, as `failed` says. */
export interface Answer {
  readonly total?: number | undefined
  readonly failed?: Error
  /** How many different records were read: by this run, or by all runs of a full pass. */
  readonly read?: number
  readonly top?: Top
  /** Rows that this leg was shown a second time, at places that can be read again. */
  readonly repeats?: number
  readonly swept?: Swept
}

export interface Step {
  readonly walk: Walk
  readonly next: Next
  /** Written before anything is asked. */
  readonly save?: Pick<Writing, 'walks' | 'kept' | 'forgetSeen'>
  /** Pages that came before may come again; `leg`: so may all of their records. */
  readonly again?: 'page' | 'leg'
  /** Keeps the run from being complete. */
  readonly note?: string
}

const PAGE: Next = { ask: 'page' }
const NO_TOP: Top = { total: undefined, arrived: null }

// ── the beginning ───────────────────────────────────────────────────────────────────────────────────────────────────

/** The walk as it goes on, or as it begins where none is resumed. */
export function openWalk(
  pass: ListingPass,
  resumed: WalkRow | undefined,
  { walk, at, toEnd }: { readonly walk: number; readonly at: number; readonly toEnd: boolean },
): Walk {
  const position = resumed ? positionFrom(resumed.position) : { ...TOP, toEnd }
  const fromTop = !leavesTop(position, pass)
  const walking = startAt(fromTop ? topAgain(position) : position, pass, fromTop)
  return { walking, row: openedRow(resumed, { walk, pass: pass.kind, at, fromTop }), token: tokenAfter(walking) }
}

export function begin(facts: Facts, walk: Walk): Step {
  const { reached } = walk.walking.position
  // An earlier run came to the end, and could not ask any more for what proves that nothing was missed.
  if (reached !== null) return mayEnd(facts, walk, reached)
  const isCounted = asksBeforeFirstPage(facts.pass, walk.walking, facts.means)
  return { walk, next: isCounted ? { ask: 'total', for: 'start' } : PAGE }
}

// ── pages ───────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface PageStep {
  readonly walk: Walk
  readonly go: Go
  /** Written with the page. */
  readonly save: Pick<Writing, 'walks' | 'kept' | 'forgetSeen'>
  /** What may be asked for before this page is stored; undefined: nothing. */
  readonly ahead: Ahead | undefined
}

/** Pages that may be read ahead: the one of a token, and those behind it, so many in all. */
export interface Ahead {
  readonly token: Json
  readonly pages: number
}

export function seePage(facts: Facts, walk: Walk, seen: PageSeen): PageStep {
  const { pass, decisions, now } = facts
  const step = listingStep(pass, walk.walking, seen, decisions)
  const { go } = step
  let { walking } = step
  // How many records the source has says whether a group can be left unread: that is asked before anything else.
  const isCounted = go.to === 'end' && go.inside === true && canBeCounted(pass)
  const owes = go.to === 'end' && asksToProveEnd(pass, go.ended, walking)
  if (go.to === 'end' && owes && !isCounted) walking = withPosition(walking, { reached: go.ended })
  // Nothing is left to be asked for: the walk is closed with its page.
  const isProved =
    !owes && !isCounted && !asksTwice(pass, walking) && (walk.uncounted === undefined || walking.pages < 2)
  const closes = go.to === 'end' && go.ended === 'met-anchored' && pass.kind === 'newestFirst' && isProved
  const row = rowAfter(walk.row, seen, walking.position, closes ? { ended: 'met-anchored', at: now } : null)
  const after = { ...walk, walking, row, token: tokenAfter(walking) }
  return {
    walk: after,
    go,
    save: {
      walks: [row],
      ...(closes ? keptAfter(facts, after, 'met-anchored') : {}),
      ...(go.to === 'top' ? { forgetSeen: row.walk } : {}),
    },
    ahead:
      go.to === 'next' && after.token !== undefined && readsAhead(pass, walk.walking, walking, seen)
        ? { token: after.token, pages: pagesAhead(pass, walking.position, seen) }
        : undefined,
  }
}

/** Not where it costs money, where ground has been met, and where a count may have to come in between. */
function readsAhead(pass: ListingPass, before: Walking, { position }: Walking, { sightings }: PageSeen): boolean {
  if (pass.paid || typeof pass.listing === 'object') return false
  const isNews = pass.kind === 'fullPass' || position.toEnd || !sightings.some(({ anchored }) => anchored)
  const isCounted =
    (before.pages === 0 && asksBeforeSecondPage(pass, before)) || (canBeCounted(pass) && before.position.careful)
  return isNews && !isCounted
}

/**
 * One page, where a walk may end at any. One that reads to the end reads what the total tells that there is: a page behind
 * the last would be read for nothing.
 */
function pagesAhead({ kind }: ListingPass, { toEnd, totals, page }: Position, { rows }: PageSeen): number {
  if ((kind !== 'fullPass' && !toEnd) || totals.total === null || totals.lies || page === 0 || rows === 0) return 1
  return Math.max(1, Math.ceil(totals.total / rows) - page)
}

/** What follows from what a page said. */
export function goOn(facts: Facts, walk: Walk, go: Go): Step {
  switch (go.to) {
    case 'next':
      return turnPage(facts, walk)
    case 'before': {
      const back = { ...walk, token: tokenAfter(walk.walking) }
      // An empty page is not stored: the run may end before what it raises a doubt about is read once more.
      const isEmpty = back.walking.doubt === 'page before'
      return { ...(isEmpty ? saved(back, { ended: null }, PAGE) : { walk: back, next: PAGE }), again: 'page' }
    }
    case 'top':
      return startOver(facts, walk)
    case 'reread':
      return readAgain(facts, walk, go.why)
    case 'stay':
      return leaveOpen(walk, go.why)
    default:
      return go.inside && canBeCounted(facts.pass)
        ? { walk, next: { ask: 'total', for: 'group' } }
        : mayEnd(facts, walk, go.ended)
  }
}

/** Between two pages. The first page is read once more after the count: something may have left in between. */
function turnPage({ pass, means }: Facts, walk: Walk): Step {
  if (asksBeforeSecondPage(pass, walk.walking)) {
    const isPoor = pass.kind === 'newestFirst' && means.left < 1
    return { walk, next: isPoor ? PAGE : { ask: 'total', for: 'second page' } }
  }
  return { walk, next: asksWithLastRequest(pass, walk.walking, means) ? { ask: 'total', for: 'last request' } : PAGE }
}

// ── totals that are asked for ───────────────────────────────────────────────────────────────────────────────────────

/** A count that fails keeps nothing from being read, but for these; the walk can't be closed without it. */
export function mayFail(question: Question): boolean {
  return question.for !== 'last request' && question.for !== 'end'
}

export function hear(facts: Facts, before: Walk, question: Question, answer: Answer): Step {
  const walk = answer.failed ? { ...before, uncounted: answer.failed } : before
  if (question.for !== 'end') return hearTotal(facts, walk, question.for, answer.total)
  const { walking } = walk
  const { ask, ended } = question
  if (ask === 'read') {
    const { read = 0, repeats = 0 } = answer
    return end(facts, walk, ended, afterRead(facts, walking, ended, { read, repeats }))
  }
  if (ask === 'twice' && answer.swept) return hearSwept(facts, walk, ended, answer.swept)
  if (ask === 'total') return end(facts, walk, ended, afterTotal(facts, walking, question, answer.total))
  return end(facts, walk, ended, afterTop(facts, walking, question, answer.top ?? NO_TOP))
}

/** A walk for what is new goes by the places alone: it does not count what it reads against the total. */
function hearSwept(facts: Facts, walk: Walk, ended: Ended, swept: Swept): Step {
  const { walking } = walk
  if (facts.pass.kind === 'fullPass') return end(facts, walk, ended, afterTwice(facts, walking, swept))
  if (!swept.isWhole) return leaveAtTop(walk, `${EQUALS_ANEW}, and some of them are on none`)
  const read = { ...walking, equals: 0 }
  return end(facts, { ...walk, walking: read }, ended, atEnd(facts, read, ended))
}

/** The source's total between two pages; undefined: it tells none, or it could not be asked. */
function hearTotal(facts: Facts, walk: Walk, what: Between, total: number | undefined): Step {
  if (what === 'group') return hearGroup(facts, walk, total)
  if (total === undefined) return what === 'last request' ? saved(walk, { ended: null }, PAGE) : { walk, next: PAGE }
  const { walk: told, why } = compare(facts, walk, total)
  if (what === 'second page') return { ...saved(backFrom(told, total), { ended: null }, PAGE), again: 'page' }
  if (why !== undefined) return readAgain(facts, told, why)
  return what === 'last request' ? saved(told, { ended: null }, PAGE) : { walk: told, next: PAGE }
}

/**
 * A group that can't get new members is left unread if the source has as many records as it must have; else it is read
 * whole. A count after the first page is what the leg begins with, so that page is read once more.
 */
function hearGroup(facts: Facts, walk: Walk, total: number | undefined): Step {
  const { walking, uncounted } = walk
  const isAsExpected = total === expectedBy(facts.kept.read, walking.unknown)
  if (total === undefined ? uncounted === undefined : isAsExpected) {
    return mayEnd(facts, { ...walk, lastTotal: total ?? walk.lastTotal }, 'met-anchored')
  }
  const whole = { ...walk, walking: { ...walking, whole: true }, token: tokenAfter(walking) }
  if (total === undefined || walking.position.totals.total !== null) return { walk: whole, next: PAGE }
  return { walk: backFrom(compare(facts, whole, total).walk, total), next: PAGE, again: 'page' }
}

/** What the source says now, against what this leg knows; `why`: something may have been missed. */
function compare({ pass }: Facts, walk: Walk, total: number): { readonly walk: Walk; readonly why?: string } {
  const { totals, doubt } = counted(walk.walking.position.totals, total, capOf(pass.listing))
  const told = { ...walk, walking: withPosition(walk.walking, { totals }) }
  return doubt ? { walk: { ...told, base: total }, why: doubt.why } : { walk: told }
}

/** The page is read once more, behind this count. */
function backFrom(walk: Walk, total: number): Walk {
  const walking = stepBack(withPosition(walk.walking, { total }))
  return { ...walk, walking, token: tokenAfter(walking) }
}

// ── beginning again ─────────────────────────────────────────────────────────────────────────────────────────────────

function startOver({ pass }: Facts, { walking, row, base, uncounted }: Walk): Step {
  const again = startAgain(walking, pass)
  const { totals } = again.position
  // The count that raised the doubt is where the next leg begins.
  const told =
    base === undefined ? again : withPosition(again, { totals: counted(totals, base, capOf(pass.listing)).totals })
  return { walk: { walking: told, row, token: undefined, uncounted }, next: PAGE, again: 'leg' }
}

/** Sends the walk back to the top, unless this run has been there too often: then it is left open for the next one. */
function readAgain(facts: Facts, walk: Walk, why: string): Step {
  const { walking } = walk
  const { position, fromTop } = walking
  const rereads = position.rereads + 1
  if (rereads > REREADS_MAX && fromTop) {
    return leaveAtTop(walk, why)
  }
  const careful = position.careful || !fromTop
  const over = startOver(facts, { ...walk, walking: withPosition(walking, { rereads, careful }) })
  return { ...over, ...saved(over.walk, { ended: null, note: why, forgetSeen: true }, PAGE) }
}

/** The next run reads the listing again. */
function leaveAtTop(walk: Walk, why: string): Step {
  const { walking } = walk
  return leaveOpen({ ...walk, walking: withPosition(walking, { ...topAgain(walking.position), rereads: 0 }) }, why)
}

function leaveOpen(walk: Walk, why: string): Step {
  const atTop = walk.walking.position.page === 0
  const next: Next = { ask: 'nothing', ended: 'limit' }
  return { ...saved(walk, { ended: 'limit', note: why, forgetSeen: atTop }, next), note: why }
}

// ── the end ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The walk has come to where it may end: it ends, unless something shows that records were missed. */
function mayEnd(facts: Facts, walk: Walk, ended: Ended): Step {
  const { row, uncounted, walking } = walk
  if (row.closedAt !== null) return { walk, next: { ask: 'nothing', ended } }
  if (uncounted !== undefined && walking.pages > 1) return { walk, next: { ask: 'nothing', error: uncounted } }
  if (asksTwice(facts.pass, walking)) return { walk, next: { ask: 'twice', for: 'end', ended } }
  return end(facts, walk, ended, atEnd(facts, walking, ended))
}

function end(facts: Facts, walk: Walk, ended: Ended, found: EndQuestion | Found): Step {
  if ('ask' in found) return { walk, next: found }
  const base = facts.pass.total ? found.total : walk.base
  const told = { ...walk, base, lastTotal: found.total ?? walk.lastTotal }
  if (found.lack === undefined) return close(facts, told, ended)
  return found.isStuck ? leaveAtTop(told, found.lack) : readAgain(facts, told, found.lack)
}

/** Whether a walk for what is new has to read equals again before it may end; a full pass does so where it lacks some. */
function asksTwice({ kind }: ListingPass, { fromTop, equals }: Walking): boolean {
  return kind === 'newestFirst' && fromTop && equals > 0
}

/** A full pass is left open for reconcile.ts. */
function close(facts: Facts, walk: Walk, ended: Ended): Step {
  const { pass, now, openWalks } = facts
  const next: Next = { ask: 'nothing', ended }
  if (pass.kind !== 'newestFirst') return { walk, next }
  const closed = { closedAt: now, ended }
  const row = { ...walk.row, ...closed }
  // Reading to the proven end covers what walks that began before have left open.
  const isCovered = ({ pass: kind, walk: number }: WalkRow) =>
    kind === 'newestFirst' && (number < row.walk || (walk.walking.fromTop && number !== row.walk))
  // A listing that shows nothing covers nothing: it may be an outage.
  const covered = ended === 'exhausted' && row.records > 0 ? openWalks.filter(isCovered) : []
  const walks = [row, ...covered.map((open) => ({ ...open, ...closed }))]
  return { walk: { ...walk, row }, next, save: { walks, ...keptAfter(facts, walk, ended) } }
}

/** What is kept of a walk when it is closed. */
function keptAfter({ pass, kept, began }: Facts, walk: Walk, ended: Ended): { readonly kept?: Kept } {
  const { walking, lastTotal, row } = walk
  const { fromTop, rows, position, unknown } = walking
  const leg = { walk: row.walk, keys: position.firstKeys, isNew: fromTop, isWhole: ended === 'exhausted' }
  const firstKeys = afterWalk(kept.firstKeys, leg)
  const known = firstKeys === kept.firstKeys ? {} : { kept: { ...kept, ...(firstKeys ? { firstKeys } : {}) } }
  // One that has read nothing, in an outage, knows nothing of what there is.
  if (pass.kind !== 'newestFirst' || pass.settles === undefined || !fromTop || rows === 0) return known
  const total = lastTotal ?? position.totals.total ?? expectedBy(kept.read, unknown)
  return { kept: { ...kept, ...known.kept, read: { at: Math.floor(began - CLOCK_KNOWN_TO_MS), total } } }
}

// ── parts ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Writes where the walk stands, without a page. What is to be forgotten must not count for what is listed next. */
function saved(
  walk: Walk,
  { ended, note = walk.row.note, forgetSeen = false }: { ended: Ended | null; note?: string; forgetSeen?: boolean },
  next: Next,
): Step {
  const row = { ...walk.row, position: walk.walking.position, ended, note }
  return { walk: { ...walk, row }, next, save: { walks: [row], ...(forgetSeen ? { forgetSeen: row.walk } : {}) } }
}

function withPosition(walking: Walking, changed: Partial<Position>): Walking {
  return { ...walking, position: { ...walking.position, ...changed } }
}

/** The page to read where none has just named the next one; undefined: the first page. */
function tokenAfter({ position, seeks, fromTop, pages }: Walking): Json | undefined {
  if (fromTop && pages === 0) return undefined
  return (seeks ? position.token : position.next) ?? undefined
}

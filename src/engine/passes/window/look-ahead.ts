// Owns the look at what a source dates ahead of its own clock. A window ends when its run began, so such records are not
// asked for until their time has come; then they are read like any other. Until then the run says that they exist.

import type { Page } from '../../../connector/page.ts'
import type { ByCursor } from '../../../connector/passes.ts'
import { scopeOf } from '../../../model/errors.ts'
import { plural } from '../../../model/plural.ts'
import { isFarLookDue, isLookDue } from '../../due/look-ahead-due.ts'
import { askingOnce, askPage } from '../ask-page.ts'
import { isCleanStop } from '../budget.ts'
import { broughtBy, storePage } from '../rows/page.ts'
import { examinerOf } from '../rows/place.ts'
import { type PassEntry, type StreamRun, write } from '../stream-run.ts'
import { START_KNOWN_TO_MS } from './bounds.ts'

/** How far ahead, mostly: a year and a day. Once in LOOK_FAR_EVERY_MS the look reaches to FARTHEST_MS. */
export const LOOK_AHEAD_MS = 366 * 86_400_000
/** The end of the year 9999: the last second that every form of date can say. */
const FARTHEST_MS = 253_402_300_799_000
/**
 * Requests of the pass that brought no page, such as a renewed login: after more of them, nothing is asked for that can
 * wait.
 */
const REFUSED_MAX = 2

interface Looking {
  readonly unitMs?: number | undefined
  readonly paid?: boolean | undefined
  readonly sorted?: boolean | undefined
}

/** What has no upper bound has shown what lies ahead; what is paid for is not asked for twice. */
export function looksAhead({ unitMs, paid, sorted = true }: Looking): boolean {
  return unitMs !== undefined && !paid && sorted
}

/**
 * Reads one page of what lies ahead, and stores it without moving the cursor. A source that refuses such a window is asked
 * again after LOOK_AHEAD_EVERY_MS. Nothing that goes wrong here ends the run: everything that was due is read.
 *
 * @throws TidemarkError where the run itself can't go on: cancelled, lease lost, database
 */
export async function lookAhead(run: StreamRun, entry: PassEntry, pass: ByCursor<unknown, unknown>): Promise<void> {
  const { scope } = run
  const { unitMs } = pass
  if (unitMs === undefined || !looksAhead(pass) || scope.purse.requestsLeft < 1) return
  const now = scope.world.clock.now()
  const known = run.kept.far ?? 0
  if (!isLookDue(run.kept, now)) {
    if (known > 0) run.remarks.push(`${run.name}: ${aheadNote(run.kept.ahead ?? known)}`)
    return
  }
  if (entry.requests - entry.pages > REFUSED_MAX) return
  const since = Math.ceil((scope.http.now() + START_KNOWN_TO_MS) / unitMs) + 1
  const near = since + Math.ceil(LOOK_AHEAD_MS / unitMs)
  const isFar = isFarLookDue(run.kept, now)
  let found = await pageAhead(run, pass, { since, until: isFar ? Math.floor(FARTHEST_MS / unitMs) : near })
  // A source may know no times as late as these.
  if (isFar && found === 'refused' && scope.purse.requestsLeft >= 1) {
    found = await pageAhead(run, pass, { since, until: near })
  }
  if (found === 'spent') return
  const keep = (ahead: number, far: number) => ({
    kept: { ...run.kept, ahead, far, lookedAhead: now, ...(isFar ? { lookedFar: now } : {}) },
  })
  if (found === 'refused') return void (await write(run, entry, keep(known, known)))
  const { page, at: askedAt } = found
  const work = {
    ...broughtBy(page, askedAt),
    walk: null,
    keepSeen: false,
    examine: examinerOf(pass),
  }
  const { decided: ahead } = await storePage(run, entry, work, ({ parsed }) => {
    // A source may not filter as it is asked.
    const keysFrom = (from: number) =>
      new Set(parsed.filter(({ record }) => pass.order(record) >= from).map(({ incoming }) => incoming.key)).size
    const seenFar = keysFrom(near)
    const far = isFar ? seenFar : Math.max(known, seenFar)
    const all = keysFrom(since) - seenFar + far
    return { save: keep(all, far), decided: all }
  })
  if (ahead === 0) return
  if (page.next === undefined) run.remarks.push(`${run.name}: ${aheadNote(ahead)}`)
  else run.notes.push(`${run.name}: at least ${aheadNote(ahead)}; the others are read when their time has come`)
}

async function pageAhead(
  run: StreamRun,
  pass: ByCursor<unknown, unknown>,
  window: { readonly since: number; readonly until: number },
): Promise<{ readonly page: Page; readonly at: number } | 'refused' | 'spent'> {
  const asked = askPage(run, pass, window, askingOnce(run.scope.http))
  try {
    return { page: await asked.page, at: asked.at }
  } catch (error) {
    if (isCleanStop(error)) return 'spent'
    if (scopeOf(error) === 'run') throw error
    return 'refused'
  }
}

/** What is dated ahead, in words. */
export function aheadNote(ahead: number): string {
  return `${plural(ahead, 'record is', 'records are')} dated ahead of the source's own clock`
}

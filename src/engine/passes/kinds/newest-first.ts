// Owns the kind of pass that reads a listing from its newest record down to known ground.

import type { NewestFirst } from '../../../connector/passes.ts'
import { isObject } from '../../../model/json.ts'
import type { RunMode } from '../../../model/run.ts'
import type { WalkRow } from '../../../store/store.ts'
import { planRest } from '../../due/plan.ts'
import { past } from '../bad-pages.ts'
import { leavesTop, positionFrom } from '../listing/position.ts'
import { walkListing } from '../listing/walk.ts'
import { emptyNote } from '../removals/guard.ts'
import { beginPass, type StreamRun, write } from '../stream-run.ts'
import { foreseeWalk, listedIn, requestsOf } from './foresee.ts'
import { type HowToRun, inPages, isListedBefore, type Kind, listsAgain } from './kind.ts'

export const NEWEST_FIRST: Kind<NewestFirst<never, never>> = {
  standsFor: () => false,

  describe: (pass) => `what is new, from the newest down to what is known; ${inPages(pass)}`,

  plan(pass, input) {
    const { mode, state, row } = input
    if (listsAnew(mode, state.openWalks)) {
      const requests = state.value === undefined ? null : requestsOf(pass, listedIn({ row, state }))
      return { why: 'ordered: everything is listed, known ground included', requests, anew: true }
    }
    const rest = planRest(pass, input)
    if (rest) return { ...rest, again: listsAgain(pass, mode) && state.openWalks.some(isToEnd) }
    return { why: 'what is new', requests: 1 }
  },

  foresee: (pass, plan, known) => foreseeWalk(pass, plan, known, [pass]),

  /**
   * Walks that broke off are finished before a new one starts at the top. A walk that ended at a page that can't be read
   * comes last: what is new must not wait for that page, and a new walk may stop where such a one has read. Where
   * everything is to be listed, a new walk reads to the end, and what the others lack with it; only one with that order
   * goes on. What that one listed in earlier runs is listed once more, as the order says.
   */
  async run(run, pass, how) {
    const { badPages, mode } = how
    const isAnew = listsAnew(mode, run.openWalks)
    const walk = async (resumed: WalkRow | undefined, toEnd = isAnew) => {
      const around = { ground: groundFor(run, resumed), badPages, toEnd }
      return past(badPages, async () => {
        const read = await walkListing(run, beginPass(run, pass.kind), pass, resumed, around)
        if (read.position.toEnd && read.ended === 'exhausted') run.fullDone = true
        return read
      })
    }
    const open = run.openWalks.filter(({ pass: kind }) => kind === pass.kind).sort((a, b) => b.walk - a.walk)
    const isOpen = ({ walk: number }: WalkRow) => run.openWalks.some((one) => one.walk === number)
    const isStuck = ({ position }: WalkRow) => positionFrom(position).stuck !== null
    let isTopRead = false
    let isOld = false
    for (const resumed of isAnew ? [] : open.filter((one) => !isStuck(one))) {
      // Closed by one that read to the end.
      if (!isOpen(resumed)) continue
      const begins = !leavesTop(positionFrom(resumed.position), pass)
      const finished = await walk(resumed)
      isTopRead ||= finished?.fromTop ?? (begins && !badPages.at({ read: pass.read, token: null }))
      if (finished?.fromTop) await checkSuspicion(run, finished, how)
      isOld ||= finished?.position.toEnd === true && isListedBefore(run, mode, finished)
    }
    // What was paid for in an earlier run is not paid for again in this one.
    if (isOld && pass.paid) run.notes.push(`${run.name}: ${PAID_BEFORE}`)
    if (!isTopRead) {
      const read = await walk(undefined, isAnew || (isOld && !pass.paid))
      // A listing whose first page can't be read has no others.
      if (badPages.at({ read: pass.read, token: null })) return
      if (read) await checkSuspicion(run, read, how)
    }
    for (const resumed of open.filter(isStuck)) {
      const { stuck } = positionFrom(resumed.position)
      if (isOpen(resumed) && stuck !== null && !badPages.knows(pass.read, stuck)) await walk(resumed)
    }
  },
}

const PAID_BEFORE =
  'what earlier runs have listed may have changed since, and costs money to list once more; the next sync --mode full does'

/** Whether a newest-first pass lists everything from the top. A walk that did so and broke off goes on instead. */
function listsAnew(mode: RunMode, openWalks: readonly WalkRow[]): boolean {
  return mode === 'full' && !openWalks.some(isToEnd)
}

function isToEnd({ pass, position }: WalkRow): boolean {
  return pass === 'newestFirst' && isObject(position) && position['toEnd'] === true
}

/** Open walks below a new one whose records may stop it: what they lack lies below all that they have read. */
function groundFor(run: StreamRun, resumed: WalkRow | undefined): ReadonlySet<number> {
  const below = run.openWalks.filter(
    ({ pass, walk, position }) =>
      pass === 'newestFirst' && walk < (resumed?.walk ?? run.nextWalk) && positionFrom(position).tail.length > 0,
  )
  return new Set(below.map(({ walk }) => walk))
}

/** An empty listing of a stream that has records is no success: a pass that reads all looks at it where there is one. */
async function checkSuspicion(run: StreamRun, read: { empty: boolean }, { runPass, mode }: HowToRun): Promise<void> {
  const entry = run.passes.at(-1)
  if (!read.empty || run.live === 0) {
    const { listedNothing, ...kept } = run.kept
    if (listedNothing && entry) await write(run, entry, { kept })
    return
  }
  const full = run.stream.passes.find((pass) => pass.kind === 'fullPass')
  if (full) return runPass(full, mode)
  const what = `${run.name}: ${emptyNote(run.live)}`
  // Nothing else will ever look at it: an outage is over by the next run, and what is removed at the source stays here.
  if (run.kept.listedNothing) return void run.remarks.push(`${what}; without a full pass nothing is removed`)
  run.notes.push(what)
  if (entry) await write(run, entry, { kept: { ...run.kept, listedNothing: true } })
}

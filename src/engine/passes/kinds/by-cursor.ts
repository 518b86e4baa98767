// Owns the kind of pass that reads what changed since a cursor, from a source that filters by time or number of update.

import { isObject } from '../../../model/json.ts'
import { isLookDue } from '../../due/look-ahead-due.ts'
import { type PassOf, type PlanInput, planRest } from '../../due/plan.ts'
import { beginPass, type StreamRun } from '../stream-run.ts'
import { START_KNOWN_TO_MS } from '../window/bounds.ts'
import { readHoles } from '../window/holes.ts'
import { lookAhead, looksAhead } from '../window/look-ahead.ts'
import { walkWindow } from '../window/walk.ts'
import { withLength } from './foresee.ts'
import type { Kind } from './kind.ts'

export const BY_CURSOR: Kind<PassOf<'byCursor'>> = {
  standsFor: () => false,

  describe: ({ overlap, pageSize }) => `what changed since the cursor, ${overlap} of overlap; ${pageSize} a page`,

  plan(pass, input) {
    const { mode } = input
    if (mode === 'full') return { why: 'ordered: everything from the beginning', requests: null }
    return planRest(pass, input) ?? { why: 'what changed since the cursor', requests: 1 + requestsAhead(pass, input) }
  },

  foresee: (pass, plan, { row }) => [{ pass, ...withLength(plan, row) }],

  async run(run, pass, { mode, badPages }) {
    const fromBeginning = mode === 'full'
    // What is left of earlier runs first; a walk from the beginning reads it anyway.
    if (!fromBeginning) await readHoles(run, pass, badPages)
    const entry = beginPass(run, pass.kind)
    const ended = await walkWindow({ run, entry, pass }, { fromBeginning, badPages })
    run.fullDone = ended === 'exhausted' && fromBeginning
    if (ended !== 'exhausted') return
    const before = skewOf(run)
    await lookAhead(run, entry, pass)
    // Its answer may be the first that tells the source's clock: the window has ended too early then.
    if (skewOf(run) - before <= START_KNOWN_TO_MS) return
    await walkWindow({ run, entry: beginPass(run, pass.kind), pass }, { fromBeginning: false, badPages })
  },
}

/** By how much the source's clock is ahead of ours, in milliseconds, as far as its answers have told. */
function skewOf({ scope: { http, world } }: StreamRun): number {
  return http.now() - world.clock.now()
}

/** The look at what is dated ahead. */
function requestsAhead(pass: PassOf<'byCursor'>, { state, now }: PlanInput): number {
  const known = isObject(state.value) ? state.value : {}
  return looksAhead(pass) && isLookDue(known, now) ? 1 : 0
}

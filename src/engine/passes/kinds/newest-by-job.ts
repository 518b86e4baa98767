// Owns the kind of pass that reads what is new through upstream runs that cost money and can't be paged.

import { capOf, type NewestByJob } from '../../../connector/passes.ts'
import { isObject } from '../../../model/json.ts'
import { isComplete } from '../../../model/run.ts'
import { type Plan, type PlanInput, planRest } from '../../due/plan.ts'
import { past } from '../bad-pages.ts'
import { costOf } from '../jobs/intent.ts'
import { beginning, jobPositionFrom, sizeOf } from '../jobs/leg.ts'
import { walkNewest } from '../jobs/newest-walk.ts'
import { paceFrom } from '../jobs/pace.ts'
import { beginPass } from '../stream-run.ts'
import type { Kind } from './kind.ts'

type NewestPass = NewestByJob<never, never>

/** What an upstream run takes, however large it is: it is started, polled, read, and asked once more for its bill. */
export const REQUESTS_OF_RUN = 4

export const NEWEST_BY_JOB: Kind<NewestPass> = {
  standsFor: () => false,

  describe: ({ listing }) =>
    `what is new, from the newest down to what is known, by paid runs that can't be paged${listing === 'complete' || listing === undefined ? '' : `; the source lists the newest ${capOf(listing)}`}`,

  plan(pass, input) {
    const { mode, state } = input
    if (mode === 'full') {
      return { why: 'ordered: everything is listed, known ground included', ...runOf(pass, input), anew: true }
    }
    const rest = planRest(pass, input)
    if (rest && state.value === undefined) {
      const { rows = 0, cost = null } = runOf(pass, input)
      return { ...rest, first: { rows, cost } }
    }
    return rest ? { ...rest, ...runOf(pass, input) } : { why: 'what is new', ...runOf(pass, input) }
  },

  foresee: (pass, plan) => [{ pass, ...plan }],

  /** What an earlier run has paid for may be old: then a walk is open behind it, which looks for what has come since. */
  async run(run, pass, { badPages, mode }) {
    await past(badPages, async () => {
      for (let [toEnd, isOld] = [mode === 'full', true]; isOld; toEnd = false) {
        const ended = await walkNewest(run, beginPass(run, pass.kind), pass, toEnd)
        if (toEnd && ended === 'exhausted') run.fullDone = true
        isOld = isComplete(ended) && run.openWalks.some((walk) => walk.pass === pass.kind)
      }
    })
  },
}

/** One upstream run of the size that is asked for next, and what it may cost. */
function runOf(pass: NewestPass, { state, row, mode, now }: PlanInput): Pick<Plan, 'requests' | 'cost' | 'rows'> {
  const kept = isObject(state.value) ? state.value : {}
  const pace = paceFrom(kept['pace'])
  const open = state.openWalks.find((walk) => walk.pass === pass.kind)
  const position = open && mode !== 'full' ? jobPositionFrom(open.position) : beginning(mode === 'full')
  const rows = sizeOf(position, { pass: pass as never, pace, live: row.totalRecords, now })
  return { requests: REQUESTS_OF_RUN, rows, cost: costOf({ job: pass.job, rows, price: pace?.price ?? null }) }
}

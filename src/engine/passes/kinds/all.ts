// Owns which kinds of passes there are, and what a run does on a stream with all of them. A new kind is one more line here.

import { findsRecords, type Pass } from '../../../connector/passes.ts'
import type { AnyPass, Foreseen, PlanInput, PlannedPass } from '../../due/plan.ts'
import { type Decisions, DECISIONS as OF_STEPS } from '../decisions.ts'
import type { StreamRun } from '../stream-run.ts'
import { BLEND_PASS } from './blend.ts'
import { BY_CURSOR } from './by-cursor.ts'
import { FULL_PASS } from './full-pass.ts'
import type { HowToRun, Kind } from './kind.ts'
import { NEWEST_BY_JOB } from './newest-by-job.ts'
import { NEWEST_FIRST } from './newest-first.ts'
import { REFRESH } from './refresh.ts'
import { SUMMARY } from './summary.ts'
import { UPLOAD } from './upload.ts'

const KINDS = {
  byCursor: BY_CURSOR,
  newestFirst: NEWEST_FIRST,
  fullPass: FULL_PASS,
  refresh: REFRESH,
  summary: SUMMARY,
  blend: BLEND_PASS,
  upload: UPLOAD,
} as const

/** Those that read through upstream runs. */
const BY_JOB = { newestFirst: NEWEST_BY_JOB, refresh: REFRESH } as const

function kindOf(pass: Pick<AnyPass, 'kind'>): Kind<AnyPass> {
  const kind = 'job' in pass ? BY_JOB[pass.kind as keyof typeof BY_JOB] : KINDS[pass.kind]
  return kind as Kind<never> as Kind<AnyPass>
}

/**
 * The passes of one stream in this run, in order: those that find records, then the refresh, which reads what they have not
 * shown. Where one reads all that others would, it takes their place. Pure.
 */
export function planStream(input: PlanInput): readonly PlannedPass[] {
  const finding = input.mode === 'refresh' ? [] : input.passes.filter(findsRecords)
  const planned = [...finding, ...input.passes.filter((pass) => !findsRecords(pass))].flatMap((pass) => {
    const plan = kindOf(pass).plan(pass, input)
    return plan ? [{ pass, ...plan }] : []
  })
  const isLeftOut = (one: AnyPass) => planned.some(({ pass }) => pass !== one && kindOf(pass).standsFor(pass, one))
  return planned.filter(({ pass }) => !findsRecords(pass) || !isLeftOut(pass))
}

/** The passes that a run will do, those included that follow from how the planned ones end. Pure. */
export function foresee(planned: readonly PlannedPass[], known: Foreseen): readonly PlannedPass[] {
  return planned.flatMap(({ pass, ...plan }) => kindOf(pass).foresee(pass, plan, known, planned))
}

/** What a pass reads, in words, beside all passes of its stream. */
export function describe(pass: AnyPass, all: readonly AnyPass[]): string {
  return kindOf(pass).describe(pass, all)
}

export async function runPass(run: StreamRun, pass: Pass<unknown, unknown>, how: HowToRun): Promise<void> {
  await kindOf(pass).run(run, pass, how)
}

/** All that the engine decides without acting. */
export const DECISIONS: Decisions = { ...OF_STEPS, planStream }

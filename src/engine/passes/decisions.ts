// Owns the list of everything the engine decides without acting. A run takes its decisions from here as one value, so
// that a simulation can run the real engine with a wrong decision in place of a right one and show that it notices.

import type { PlanInput, PlannedPass } from '../due/plan.ts'
import { judge, sizeOf } from './jobs/leg.ts'
import { proofFor } from './listing/proof.ts'
import { newestFirstStep } from './listing/stop-rule.ts'
import { heldReason, isCandidate, isShort } from './removals/guard.ts'
import { decideUpserts, isAnchored } from './rows/upsert.ts'
import { ageOf, fateOf } from './uploads/judge.ts'
import { byCursorStep, cursorAfter, windowFor } from './window/step.ts'

export const DECISIONS = {
  newestFirstStep,
  isAnchored,
  windowFor,
  byCursorStep,
  cursorAfter,
  decideUpserts,
  heldReason,
  isCandidate,
  isShort,
  proofFor,
  uploadAge: ageOf,
  uploadFate: fateOf,
  sizeOf,
  judge,
} as const

/** With the plan of a stream, which knows all kinds of passes, see kinds/all.ts. */
export type Decisions = typeof DECISIONS & {
  readonly planStream: (input: PlanInput) => readonly PlannedPass[]
}

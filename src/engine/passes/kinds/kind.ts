// Owns what a kind of pass has to be able to do. Whatever differs between kinds, and concerns more than one page, stands
// in the module of the kind; all.ts knows which there are.

import type { ListingPass, Pass } from '../../../connector/passes.ts'
import type { RunMode } from '../../../model/run.ts'
import type { AnyPass, Foreseen, Plan, PlanInput, PlannedPass } from '../../due/plan.ts'
import type { BadPages } from '../bad-pages.ts'
import type { ListingResult } from '../listing/walk.ts'
import type { StreamRun } from '../stream-run.ts'

export interface HowToRun {
  readonly mode: RunMode
  readonly badPages: BadPages
  /** Runs another pass of the stream; a page of it that can't be read ends that one alone. */
  readonly runPass: (pass: Pass<unknown, unknown>, mode: RunMode) => Promise<void>
}

export interface Kind<P extends AnyPass> {
  /** Whether it reads all that another pass of its stream would: where it is planned, that one is not. Pure. */
  readonly standsFor: (pass: P, other: AnyPass) => boolean
  /** What it reads, for the document of the connector; `all` are the passes of its stream. Pure. */
  readonly describe: (pass: P, all: readonly AnyPass[]) => string
  /** Undefined: this run has nothing to do with it. Pure. */
  readonly plan: (pass: P, input: PlanInput) => Plan | undefined
  /** The pass with what follows from how it ends, where an earlier run has left a walk of it; beside all that is planned. Pure. */
  readonly foresee: (pass: P, plan: Plan, known: Foreseen, planned: readonly PlannedPass[]) => readonly PlannedPass[]
  /** What is thrown leaves its walk open: a gap. */
  readonly run: (run: StreamRun, pass: Told<P>, how: HowToRun) => Promise<void>
}

/** The same pass, as it is called: with options and records that only its connector knows. */
export type Told<P> = P extends { readonly kind: infer K }
  ? P extends { readonly job: unknown }
    ? Extract<Pass<unknown, unknown>, { kind: K; job: unknown }>
    : Exclude<Extract<Pass<unknown, unknown>, { kind: K }>, { job: unknown }>
  : never

/**
 * Whether everything is ordered to be listed, and a part of it, which may have changed since, was listed by earlier runs. No
 * matter where the run may not ask for so many pages: it would never come to the end.
 */
export function isListedBefore(run: StreamRun, mode: RunMode, read: ListingResult): boolean {
  return (
    mode === 'full' && read.ended === 'exhausted' && !read.fromTop && run.scope.purse.requestsLeft > read.position.page
  )
}

/** Whether a plan to list everything includes that. */
export function listsAgain({ paid }: { readonly paid?: boolean }, mode: RunMode): boolean {
  return mode === 'full' && paid !== true
}

/** What its listing shows, in words. */
export function inPages({ pageSize, listing = 'complete' }: ListingPass<never, never>): string {
  return `${pageSize} a page${listing === 'complete' ? '' : `; the source lists the newest ${listing.cap}`}`
}

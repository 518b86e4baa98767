// Owns which passes a run does on a stream, and why. Pure: from the declaration, what is stored, and what was asked.

import type { FullPass, NewestFirst, Pass } from '../../connector/passes.ts'
import { durationMs } from '../../model/duration.ts'
import { isObject } from '../../model/json.ts'
import { plural } from '../../model/plural.ts'
import type { RunMode } from '../../model/run.ts'
import type { StreamRow, StreamState, WalkRow } from '../../store/store.ts'
import { FULL_PATIENCE } from './full-hours.ts'
import { isLookDue } from './look-ahead-due.ts'
import { CLOCKS_APART_MS } from './next-run.ts'

export interface PlanInput {
  readonly passes: readonly Pass<never, never>[]
  readonly mode: RunMode
  readonly row: Pick<StreamRow, 'runsSinceFull' | 'lastFullAt' | 'totalRecords'>
  readonly state: StreamState
  /** The last full pass missed records that nothing else could vouch for. */
  readonly confirm: boolean
  readonly now: number
  /** A full pass that is due may wait for an hour in which less changes. @default false */
  readonly fullMayWait?: boolean | undefined
}

export interface PlannedPass {
  readonly pass: Pass<never, never>
  /** For people: why this pass, now. */
  readonly why: string
  /** Requests that the pass will make if the source has nothing new; null when only reading can tell. */
  readonly requests: number | null
  /** It begins a new walk, whatever walks are open. @default false */
  readonly anew?: boolean
}

/** The passes of one stream in this run, in order. A full pass takes the place of a newest-first one: it reads more. */
export function planStream(input: PlanInput): readonly PlannedPass[] {
  const { passes, mode, state } = input
  const full = passes.find((pass) => pass.kind === 'fullPass')
  const why = full && fullPassDue(full, input)
  if (full && why)
    return [{ pass: full, why, requests: state.value === undefined ? null : requestsOf(full, input.row.totalRecords) }]
  const planned: PlannedPass[] = []
  for (const pass of passes) {
    if (pass.kind === 'fullPass') continue
    const open = state.openWalks.find((walk) => walk.pass === pass.kind)
    if (pass.kind === 'newestFirst' && listsAnew(mode, state.openWalks)) {
      const requests = state.value === undefined ? null : requestsOf(pass, input.row.totalRecords)
      planned.push({ pass, why: 'ordered: everything is listed, known ground included', requests, anew: true })
    } else if (pass.kind === 'byCursor' && mode === 'full') {
      planned.push({ pass, why: 'ordered: everything from the beginning', requests: null })
    } else if (open) {
      planned.push({ pass, why: 'an earlier walk broke off; it is finished first', requests: null })
    } else if (state.value === undefined) {
      planned.push({ pass, why: 'nothing is stored yet: everything is read', requests: null })
    } else {
      planned.push({
        pass,
        why: pass.kind === 'byCursor' ? 'what changed since the cursor' : 'what is new',
        requests: 1 + (pass.kind === 'byCursor' ? requestsAhead(pass, input) : 0),
      })
    }
  }
  return planned
}

/** The look at what is dated ahead. */
function requestsAhead({ unitMs, paid }: Extract<Pass<never, never>, { kind: 'byCursor' }>, input: PlanInput): number {
  const known = isObject(input.state.value) ? input.state.value : {}
  return unitMs !== undefined && !paid && isLookDue(known, input.now) ? 1 : 0
}

/** Whether a newest-first pass lists everything from the top. A walk that did so and broke off goes on instead. */
export function listsAnew(mode: RunMode, openWalks: readonly WalkRow[]): boolean {
  const goesOn = ({ pass, position }: WalkRow) =>
    pass === 'newestFirst' && isObject(position) && position['toEnd'] === true
  return mode === 'full' && !openWalks.some(goesOn)
}

/** Why a full pass is due, in words; undefined when it is not. */
function fullPassDue(full: Extract<Pass<never, never>, { kind: 'fullPass' }>, input: PlanInput): string | undefined {
  const { passes, mode, row, state, confirm, now } = input
  if (mode === 'full') return 'ordered: everything is listed'
  if (state.openWalks.some((walk) => walk.pass === 'fullPass')) return 'an earlier full pass broke off; it goes on'
  if (confirm) return 'the last full pass missed records; absence needs a second witness'
  const alone = !passes.some((pass) => pass.kind === 'newestFirst' || pass.kind === 'byCursor')
  if (alone && full.everyRuns === undefined && full.every === undefined) return 'every run lists everything'
  if (alone && state.value === undefined) return 'nothing is stored yet: everything is read'
  if (state.value === undefined) return undefined
  const patience = input.fullMayWait && !alone ? FULL_PATIENCE : 1
  if (full.everyRuns !== undefined && row.runsSinceFull >= full.everyRuns * patience - 1) {
    return full.everyRuns === 1 ? 'every run' : `every ${plural(full.everyRuns, 'run')}`
  }
  // One that lies ahead was dated by a clock that was wrong: nobody knows when it was.
  const lastFullAt = row.lastFullAt !== null && row.lastFullAt <= now + CLOCKS_APART_MS ? row.lastFullAt : 0
  if (full.every !== undefined && lastFullAt + durationMs(full.every) * patience <= now) {
    return `the last one is older than ${full.every}`
  }
  return undefined
}

/** The pages, and the question for the total; a full pass asks it where there is more than one page. */
function requestsOf(pass: FullPass<never, never> | NewestFirst<never, never>, records: number): number {
  const { kind, pageSize, total, paging } = pass
  const pages = Math.max(1, Math.ceil(records / pageSize))
  const asks = kind === 'fullPass' ? pages > 1 : paging !== 'keyset' && isWhole(pass)
  return pages + (total && asks ? 1 : 0)
}

function isWhole({ listing }: Pick<NewestFirst<never, never>, 'listing'>): boolean {
  return listing === undefined || listing === 'complete'
}

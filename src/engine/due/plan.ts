// Owns what a plan of a stream's passes is made from, and what it says.

import type { Pass } from '../../connector/passes.ts'
import type { RunMode } from '../../model/run.ts'
import type { StreamRow, StreamState } from '../../store/store.ts'

export type AnyPass = Pass<never, never>
export type PassOf<K extends AnyPass['kind']> = Extract<AnyPass, { kind: K }>

export interface PlanInput {
  readonly passes: readonly AnyPass[]
  readonly mode: RunMode
  readonly row: Pick<StreamRow, 'runsSinceFull' | 'lastFullAt' | 'lastSuccessAt' | 'totalRecords'>
  readonly state: StreamState
  /** The last full pass missed records that nothing else could vouch for. */
  readonly confirm: boolean
  /** Something has changed that decides what is read: what was read before tells nothing. @default false */
  readonly isAnew?: boolean | undefined
  readonly now: number
  /** A full pass that is due may wait for an hour in which less changes. @default false */
  readonly fullMayWait?: boolean | undefined
}

export interface Plan {
  /** For people: why this pass, now. */
  readonly why: string
  /** Requests that the pass will make if the source has nothing new; null when only reading can tell. */
  readonly requests: number | null
  /** Those of them that are no page of its listing. @default 0 */
  readonly beside?: number
  /** What it may cost, where its pass knows better than what requests have cost; null: not known. */
  readonly cost?: number | null
  /** How many records it asks for, where it can't be known how many there are. */
  readonly rows?: number
  /** What the first upstream run asks for and may cost, where nobody can know how many follow. A cost of null is not known. */
  readonly first?: { readonly rows: number; readonly cost: number | null }
  /** It begins a new walk, whatever walks are open. @default false */
  readonly anew?: boolean
  /** Where it goes on with a walk of earlier runs, it lists everything once more behind that. @default false */
  readonly again?: boolean
}

export interface PlannedPass extends Plan {
  readonly pass: AnyPass
}

/** What is known of a stream when somebody asks what a run will do. */
export interface Foreseen {
  readonly passes: readonly AnyPass[]
  readonly row: StreamRow
  readonly state: StreamState
}

export const WHY_ANEW = 'what decides what is read has changed (an option, the connector): everything is read again'

/** What comes before the search for what is new: the rest of a walk that broke off, or all there is. Undefined: neither. */
export function planRest({ kind }: AnyPass, { state, isAnew }: PlanInput): Plan | undefined {
  const { openWalks, value } = state
  if (isAnew) return { why: WHY_ANEW, requests: null }
  if (openWalks.some(({ pass }) => pass === kind)) {
    return { why: 'an earlier walk broke off; it is finished first', requests: null }
  }
  return value === undefined ? { why: 'nothing is stored yet: everything is read', requests: null } : undefined
}

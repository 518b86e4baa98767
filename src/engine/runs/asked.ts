// Owns what an accepted order asks for, and what is left of it when a run of it is over. Pure.

import type { Json } from '../../model/json.ts'
import { RUN_INTERRUPTED, type RunMode } from '../../model/run.ts'
import type { RunRow } from '../../store/store.ts'
import { money } from '../passes/allowance.ts'
import type { Range, WhereValues } from '../passes/read-part.ts'

/** What a run is to read, as far as it can be written down. */
export interface Asked {
  readonly mode: RunMode
  /** Names of streams; empty: all. */
  readonly streams: readonly string[]
  readonly where?: WhereValues
  readonly range?: Range
  readonly maxRequests?: number
  readonly maxCost?: number
}

export function askedJson(asked: Asked): Json {
  return JSON.parse(JSON.stringify(asked)) as Json
}

/** Only what `askedJson` gave is stored. */
export function askedOf(stored: Json): Asked {
  return stored as unknown as Asked
}

/**
 * What is left to be asked once `before` has begun to do it; undefined: nothing. A run that ended by itself, or that
 * somebody has stopped (`isStopped`), has done it. One that stopped with its process has not, nor has one that died; but what
 * a run that died has used of a cap, nobody knows, so that no other one may go on with it.
 */
export function leftOf(asked: Asked, before: RunRow | undefined, isStopped: boolean): Asked | undefined {
  if (!before) return asked
  const isDead = before.status === 'running' || before.error?.code === RUN_INTERRUPTED.code
  if (isDead) return before.capped ? undefined : asked
  if (before.status !== 'cancelled' || isStopped) return undefined
  const { maxRequests, maxCost } = asked
  return {
    ...asked,
    ...(maxRequests === undefined ? {} : { maxRequests: Math.max(0, maxRequests - before.requests) }),
    ...(maxCost === undefined ? {} : { maxCost: Math.max(0, money(maxCost - (before.cost ?? 0))) }),
  }
}

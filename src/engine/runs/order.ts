// Owns what a run is asked to do, and the refusal of what it can't.

import type { Connector, Stream } from '../../connector/connector.ts'
import { TidemarkError } from '../../model/errors.ts'
import type { RunMode } from '../../model/run.ts'
import type { RunRow } from '../../store/store.ts'
import { expandWhere, type Range, type WhereValues } from '../passes/read-part.ts'
import type { RunProgress } from './progress.ts'

export interface RunOrder {
  readonly mode: RunMode
  /** Names of streams; empty: all. */
  readonly streams: readonly string[]
  /** Read only what matches at the source; moves no cursor and removes nothing. */
  readonly where?: WhereValues
  /** Read a past range again; state untouched. */
  readonly range?: Range
  /** Requests that the run may make; when they are spent, what was read is kept and the rest is a gap. */
  readonly maxRequests?: number
  /** The same for money, in the vendors' currency. */
  readonly maxCost?: number
  /** A full pass that is due may wait for a better hour. @default false */
  readonly fullMayWait?: boolean
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: RunProgress) => void
  /**
   * While the connection is being run already: `attach` waits for that run and returns it, if it does all that is asked
   * (else for the connection to be free); `refuse` throws run_active. @default 'attach'
   */
  readonly whenActive?: 'attach' | 'refuse'
  /** Called once when another run is waited for instead. */
  readonly onAttach?: (active: RunRow) => void
}

/**
 * Refuses an order that no type checker has seen.
 *
 * @throws TidemarkError option_invalid
 */
export function checkOrder({ mode, maxRequests, maxCost }: Partial<RunOrder>): void {
  if (mode !== undefined && !['auto', 'full', 'refresh'].includes(mode)) {
    throw new TidemarkError('option_invalid', `there is no such mode`, {
      hint: 'One of: auto, full, refresh',
    })
  }
  for (const [name, amount] of Object.entries({ maxRequests, maxCost })) {
    if (amount === undefined || amount >= 0) continue
    throw new TidemarkError('option_invalid', `${name} is zero or more, not ${String(amount)}`)
  }
}

/** The streams to read. A filter concerns those that have it; an unknown one is refused before anything runs. */
export function streamNames(
  connector: Connector,
  { mode, streams: asked, where }: Pick<RunOrder, 'mode' | 'streams' | 'where'>,
): readonly string[] {
  if (mode === 'refresh') {
    throw new TidemarkError(
      'refresh_unsupported',
      `${connector.service.name} has no stream that can be read again by key`,
      {
        hint: 'Use --mode full to read everything again.',
      },
    )
  }
  const all = Object.keys(connector.streams)
  for (const name of asked) {
    if (!all.includes(name)) {
      throw new TidemarkError('stream_unknown', `${connector.service.name} has no stream "${name}"`, {
        hint: `Its streams: ${all.join(', ')}`,
      })
    }
  }
  const names = asked.length > 0 ? all.filter((name) => asked.includes(name)) : all
  if (!where) return names
  const able = names.filter((name) => Object.keys(where).every((field) => connector.streams[name]?.filters?.[field]))
  for (const name of able.length > 0 ? able : names) {
    expandWhere({ name, stream: connector.streams[name] as Stream }, where)
  }
  return able
}

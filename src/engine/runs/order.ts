// Owns what a run is asked to do, and which streams that concerns.

import type { Connector, Stream } from '../../connector/connector.ts'
import { TidemarkError } from '../../model/errors.ts'
import type { Key } from '../../model/record.ts'
import type { RunMode } from '../../model/run.ts'
import { streamUnknown } from '../../model/unknown-name.ts'
import type { NewRun, RunRow } from '../../store/store.ts'
import { Allowance } from '../passes/allowance.ts'
import { expandWhere, type Range, type WhereValues } from '../passes/read-part.ts'
import type { UploadOrder } from '../passes/uploads/upload.ts'
import type { RunProgress } from './progress.ts'

export interface RunOrder {
  readonly mode: RunMode
  /** Names of streams; empty: all. */
  readonly streams: readonly string[]
  /** Read only what matches at the source; moves no cursor and removes nothing. */
  readonly where?: WhereValues
  /** Read a past range again; state untouched. */
  readonly range?: Range
  /** Read the records of these keys, by stream, and nothing else; streams that are read by key. */
  readonly keys?: KeysByStream
  /** Read this file, and nothing from the source; `streams` names the one stream. */
  readonly upload?: UploadOrder
  /** Requests that the run may make; when they are spent, what was read is kept and the rest is a gap. */
  readonly maxRequests?: number
  /** The same for money, in the vendors' currency. */
  readonly maxCost?: number
  /** In place of these two: what several runs may use together. */
  readonly allowance?: Allowance
  /** What was ordered and accepted that this run does, as it is written down. */
  readonly order?: NewRun['order']
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

type Capped = { readonly [Name in 'allowance' | 'maxRequests' | 'maxCost']?: RunOrder[Name] | undefined }

/**
 * What the run may use: shared with others, or its own.
 *
 * @throws TidemarkError option_conflict when both are given
 */
export function allowanceOf({ allowance, maxRequests, maxCost }: Capped): Allowance {
  if (allowance && (maxRequests !== undefined || maxCost !== undefined)) {
    throw new TidemarkError('option_conflict', 'An allowance stands in place of maxRequests and maxCost.', {
      hint: 'Give the allowance its own: new Allowance({ maxRequests, maxCost }).',
    })
  }
  return allowance ?? new Allowance({ maxRequests, maxCost })
}

/** Whether it may end for what it uses. */
export function isCapped({ allowance, maxRequests, maxCost }: Capped): boolean {
  return allowance !== undefined || maxRequests !== undefined || maxCost !== undefined
}

/** Keys of records, by the name of their stream. */
export type KeysByStream = Readonly<Record<string, readonly Key[]>>

/** What is read in place of all that is new: a filter, a range, keys or a file names it. */
const PARTS = ['where', 'range', 'keys', 'upload'] as const

export type PartOrder = Pick<RunOrder, (typeof PARTS)[number]>

/** Whether it reads only what a filter, a range, keys or a file name. */
export function isPart(order: PartOrder): boolean {
  return PARTS.some((part) => order[part] !== undefined)
}

/**
 * The streams to read, those included that others are made of. A filter concerns those that have it; an unknown one is
 * refused before anything runs.
 */
export function streamNames(
  connector: Connector,
  { streams: asked, where }: Pick<RunOrder, 'streams' | 'where'>,
): readonly string[] {
  const all = Object.keys(connector.streams)
  for (const name of asked) {
    if (!all.includes(name)) throw streamUnknown(`Connector ${connector.service.name}`, name, all)
  }
  const sources = asked.flatMap((name) => summaryOf(connector.streams[name] as Stream) ?? [])
  const names = asked.length > 0 ? all.filter((name) => asked.includes(name) || sources.includes(name)) : all
  if (!where) return names
  const able = names.filter((name) => Object.keys(where).every((field) => hasFilter(connector, name, field)))
  for (const name of able.length > 0 ? able : names) {
    expandWhere({ name, stream: connector.streams[name] as Stream }, where)
  }
  return able
}

function hasFilter(connector: Connector, stream: string, field: string): boolean {
  const { filters = {} } = connector.streams[stream] as Stream
  return Object.hasOwn(filters, field)
}

/** The stream that another one is made of. */
export function summaryOf({ passes }: Pick<Stream, 'passes'>): string | undefined {
  return passes.flatMap((pass) => (pass.kind === 'summary' ? pass.of : []))[0]
}

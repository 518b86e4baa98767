// Owns what a check is: a promise, what must hold before it can be looked at, and how it says what it found.

import type { Stream } from '../../connector/connector.ts'
import type { RowParser } from '../../engine/passes/rows/shape.ts'
import type { RunReport } from '../../model/run.ts'
import type { CheckName } from '../report.ts'
import type { Mirror, Stage } from '../stage.ts'
import { broken, some } from './found.ts'
import type { ReadingPass } from './reading-pass.ts'
import type { Walked } from './walk.ts'

/** What the author knows of the source, and can do to it. */
export interface Knowledge {
  /** The keys that the source has, or how many. */
  readonly truth: (() => Iterable<string> | number | Promise<Iterable<string> | number>) | undefined
  /** Removes a record at the source; may return its key. */
  readonly remove: (() => unknown) | undefined
  /** Makes the source's access tokens run out. */
  readonly expireLogin: (() => unknown) | undefined
  /** What the vendor of upstream runs has billed so far, by its own account. */
  readonly bill: (() => Bill | Promise<Bill>) | undefined
  /** Makes the next upstream run fail after a part of its rows. */
  readonly failNextRun: (() => unknown) | undefined
  /** Files of the stream. */
  readonly files: FileSample | undefined
  readonly isRecording: boolean
}

/** Rows that were billed, and what they cost. */
export interface Bill {
  readonly items: number
  readonly cost: number
}

/** Files that a person might upload to a stream, as they are. */
export interface FileSample {
  readonly bytes: Uint8Array
  readonly name: string | undefined
  readonly holds: Iterable<string> | number | undefined
  readonly older: Uint8Array | undefined
  readonly without: Uint8Array | undefined
}

/** What a check of one stream works with. */
export interface Bench {
  readonly stage: Stage
  readonly name: string
  readonly stream: Stream
  readonly parser: RowParser
  readonly knowledge: Knowledge
  /** Passes that read a listing or a window page by page, each way of reading once. */
  readonly passes: readonly ReadingPass[]
  /**
   * The listing as single reads show it; made once. Throws NotStaged when a recording doesn't hold all of it, or, if
   * some will do, not a page of it.
   */
  walk(pass: ReadingPass, need?: 'all' | 'some'): Promise<Walked>
  /** What a first run mirrors; made once. */
  control(): Promise<Control>
}

export interface Control {
  readonly report: RunReport
  readonly content: ReadonlyMap<string, string>
  /** Pages that the run read. */
  readonly pages: number
}

/**
 * Checks of a level are looked at when all checks of the levels below were kept: in a listing whose keys come twice
 * nothing else can be told.
 */
export type Level = 0 | 1 | 2 | 3 | 4 | 5 | 6

export interface Check {
  readonly name: CheckName
  readonly level: Level
  /** Returns what it found, in words; throws Broken or NotStaged. */
  readonly run: (bench: Bench) => Promise<string>
}

/** How a run ended, for messages. */
export function describeRun(report: Pick<RunReport, 'status' | 'error' | 'notes'>): string {
  const { status, error, notes } = report
  return [status, ...(error ? [`${error.code}: ${error.message}`] : []), ...notes].join('; ')
}

/** What tells two contents apart, in words; undefined: nothing. */
export function difference(
  wanted: ReadonlyMap<string, string>,
  found: ReadonlyMap<string, string>,
): string | undefined {
  const missing = [...wanted.keys()].filter((key) => !found.has(key))
  const strange = [...found.keys()].filter((key) => !wanted.has(key))
  const changed = [...wanted].filter(([key, content]) => found.has(key) && found.get(key) !== content)
  const parts = [
    ...(missing.length > 0 ? [`${missing.length} records are missing (${some(missing)})`] : []),
    ...(strange.length > 0 ? [`${strange.length} are too many (${some(strange)})`] : []),
    ...(changed.length > 0 ? [`${changed.length} have another content (${some(changed.map(([key]) => key))})`] : []),
  ]
  return parts.length > 0 ? parts.join(', ') : undefined
}

/** Runs the stream on a healthy source until it is complete and holds what a first run holds. */
export async function mustComplete(bench: Bench, mirror: Mirror, when: string): Promise<RunReport> {
  bench.stage.proxy.plan = undefined
  const report = await mirror.sync(bench.name)
  if (!report) return broken(`${when}: the run ended before its time`)
  if (report.status !== 'succeeded') broken(`${when}: the run is ${describeRun(report)}`)
  await mustEqual(bench, mirror, when)
  return report
}

export async function mustEqual(bench: Bench, mirror: Mirror, when: string): Promise<void> {
  const { content } = await bench.control()
  const other = difference(content, await mirror.content(bench.name))
  if (other !== undefined) broken(`${when}: ${other}`)
}

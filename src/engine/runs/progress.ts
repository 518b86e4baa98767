// Owns how far a run has come: as its process tells while it works, and as others see from its rows. Pure.

import {
  addCounts,
  type Counts,
  NO_COUNTS,
  type PassKind,
  type Progress,
  type StreamProgress,
} from '../../model/run.ts'
import type { RunRow, StreamRow } from '../../store/store.ts'

/** What the process of a run tells with each page. */
export interface RunProgress {
  readonly run: string
  readonly connection: string
  readonly requests: number
  readonly startedAt: number
  readonly streams: readonly {
    readonly stream: string
    readonly processed: number
    /** How many it will have read at its end; null where that can't be known, see `totalOf`. */
    readonly total: number | null
    readonly pages: number
    readonly counts: Counts
  }[]
}

/** Beyond this an estimate is a guess. */
const ETA_MAX_SECONDS = 24 * 3_600

/**
 * How far a run under way has come, from what its checkpoints have written. `streams` are those of its connection, read
 * before the run was, so that they never count a record that the run does not.
 */
export function progressOf(
  { startedAt, passes, streams: names }: Pick<RunRow, 'startedAt' | 'passes' | 'streams'>,
  now: number,
  streams: readonly Pick<StreamRow, 'stream' | 'totalRecords'>[],
): Progress {
  const parts = names.map((stream) => {
    const own = passes.filter((pass) => pass.stream === stream)
    return streamProgress(stream, own, streams.find((row) => row.stream === stream)?.totalRecords ?? 0)
  })
  const processed = parts.reduce((sum, part) => sum + part.processed, 0)
  // Streams are read one after the other: those before the one under way have read what they will.
  const current = names.findLastIndex((stream) => passes.some((pass) => pass.stream === stream))
  const total = parts
    .map((part, place) => (place < current ? part.processed : part.total))
    .reduce<number | null>((sum, part) => (sum === null || part === null ? null : sum + part), 0)
  const seconds = (now - startedAt) / 1_000
  const rate = seconds > 0 ? processed / seconds : 0
  return {
    processed,
    total,
    percent: percentOf(processed, total),
    rate: Math.round(rate * 10) / 10,
    etaSeconds: etaOf(processed, total, rate),
    streams: parts,
  }
}

function streamProgress(stream: string, passes: RunRow['passes'], live: number): StreamProgress {
  const counts = passes.reduce((sum, pass) => addCounts(sum, pass.counts), NO_COUNTS)
  const { fetched, inserted, unchanged, restored, removed } = counts
  const before = live - inserted - restored + removed
  return {
    stream,
    processed: fetched,
    total: totalOf(passes, passes.at(-1)?.expected ?? null, before),
    inserted,
    unchanged,
  }
}

/**
 * How many records the passes of a stream will have read; null where that can't be known. `expected` is how many the
 * source says there are, `before` how many were stored when the run began: a walk from the newest record down stops where
 * it meets them. What a second pass will read is not what the source has.
 */
export function totalOf(passes: readonly { readonly kind: PassKind }[], expected: number | null, before: number) {
  const [pass] = passes
  if (!pass || passes.length > 1 || (pass.kind === 'newestFirst' && before > 0)) return null
  return expected
}

export function percentOf(processed: number, total: number | null): number | null {
  return total !== null && total > 0 && processed <= total ? Math.floor((processed / total) * 100) : null
}

/** Seconds until `total` at `rate` records a second; null when there is no saying. */
export function etaOf(processed: number, total: number | null, rate: number): number | null {
  if (total === null || processed > total || rate <= 0) return null
  const seconds = Math.ceil((total - processed) / rate)
  return seconds <= ETA_MAX_SECONDS ? seconds : null
}

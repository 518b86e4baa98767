// Owns what a refresh by upstream runs asks and is answered: a run for each batch, of as many records as the money that is
// left allows, and what earlier runs of ours have started and not read.

import type { AskKeys, Job } from '../../../connector/job.ts'
import type { KeysPage } from '../../../connector/page.ts'
import type { RefreshByJob } from '../../../connector/passes.ts'
import { TidemarkError } from '../../../model/errors.ts'
import { canonical, isObject, type Json } from '../../../model/json.ts'
import type { Key } from '../../../model/record.ts'
import type { IntentChange, IntentRow } from '../../../store/store.ts'
import { askOf, type Upstream } from '../jobs/intent.ts'
import { UpstreamRun } from '../jobs/upstream-run.ts'
import type { StreamRun } from '../stream-run.ts'

type Pass = RefreshByJob<unknown>
type Stored = AskKeys['stored']

/** The rows of an upstream run for the keys that it was asked for. */
export interface JobAnswer extends KeysPage {
  readonly keys: readonly Key[]
  readonly askedAt: number
  /** The end of the run, which is written with the last of its rows. */
  readonly closing: IntentChange
  /** What was wrong with the run, told once its rows are stored. */
  readonly failure: TidemarkError | undefined
}

/** Asks for these keys by a run of their own, and waits for its rows. */
export async function askByJob(run: StreamRun, pass: Pass, keys: readonly Key[], stored: Stored): Promise<JobAnswer> {
  return rowsOf(run, keys, await UpstreamRun.begin(run, upstreamOf(run, pass, keys, stored)))
}

/** The rows of a run that an earlier one of ours has started. Undefined: there is none, or it means nothing any more. */
export async function resumeJob(
  run: StreamRun,
  pass: Pass,
  intent: IntentRow,
  stored: (keys: readonly Key[]) => Promise<Stored>,
) {
  const ask = askOf(run, intent)
  const listed = isObject(ask) && Array.isArray(ask['keys']) ? (ask['keys'] as readonly Json[]) : []
  const keys = listed.filter((key) => typeof key === 'string')
  const upstream = await UpstreamRun.resume(run, upstreamOf(run, pass, keys, await stored(keys)), intent)
  if (keys.length > 0) return upstream && rowsOf(run, keys, upstream)
  upstream?.drop()
  return undefined
}

/** How many records the money that is left allows to ask for at once, `batch` at most. */
export async function affordable({ scope, kept }: StreamRun, { job, batch }: Pass): Promise<number> {
  const { start = 0, item } = priceOf(job) ?? { item: kept.pace?.price ?? 0 }
  const left = await scope.purse.costLeft(scope.signal)
  if (item === 0 || !Number.isFinite(left)) return batch
  // Where it allows none, the start of a run for one says so.
  return Math.max(1, Math.min(batch, Math.floor((left - start) / item + 1e-9)))
}

function priceOf({ price }: Pick<Job<unknown>, 'price'>) {
  return price
}

function upstreamOf(
  { kept }: StreamRun,
  { job, kind: pass }: Pass,
  keys: readonly Key[],
  stored: Stored,
): Upstream<AskKeys> {
  return {
    pass,
    job,
    ask: { keys, stored },
    kept: { keys: [...keys] },
    rows: keys.length,
    price: kept.pace?.price ?? null,
  }
}

async function rowsOf(run: StreamRun, keys: readonly Key[], upstream: UpstreamRun<AskKeys>): Promise<JobAnswer> {
  const asked = new Set<string>()
  const records: unknown[] = []
  for (let token: Json | undefined; ; ) {
    const page = await upstream.page(token)
    records.push(...page.records)
    if (page.next === undefined) break
    token = page.next
    const text = canonical(token)
    if (asked.has(text)) throw loop(run.name)
    asked.add(text)
  }
  const closing = await upstream.close(records.length)
  const { isWhole, askedAt } = upstream
  return { keys, records, askedAt, partial: !isWhole, closing, failure: upstream.failure(records.length) }
}

function loop(stream: string): TidemarkError {
  const message =
    `The rows of an upstream run of stream "${stream}" make no progress: a page token came again.` as const
  return new TidemarkError('page_loop', message, { scope: 'page' })
}

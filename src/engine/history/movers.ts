// Owns which records of a stream have moved the most in a time, by one metric.

import { difference, type Numeric } from '../../model/decimal.ts'
import type { Key } from '../../model/record.ts'
import { metricUnknown } from '../../model/unknown-name.ts'
import type { MovementRow, Store, StreamRow } from '../../store/store.ts'
import { instant } from '../runs/report.ts'

export interface MoversQuery {
  /** The column; one of the stream's metrics. */
  readonly metric: string
  /** Since when, in milliseconds since 1970. */
  readonly since: number
  /** What counts as much: the change itself, or that in percent of what was. */
  readonly by: 'change' | 'percent'
  readonly limit: number
}

/** A value, and when it was taken, ISO 8601. */
interface Taken {
  readonly value: Numeric
  readonly at: string
}

export interface Mover {
  readonly key: Key
  /** The last value before the time began; of a record that had none, the first one in it. */
  readonly from: Taken
  readonly to: Taken
  readonly change: Numeric
  /** Null: of nought there are no percent. */
  readonly percent: number | null
}

/** Records that are looked at in one statement. */
const PART = 5_000

/**
 * The live records whose metric has changed, those that moved most first.
 *
 * @throws TidemarkError metric_unknown
 */
export async function readMovers(
  store: Store,
  { no, stream, shape }: Pick<StreamRow, 'no' | 'stream' | 'shape'>,
  { metric, since, by, limit }: MoversQuery,
): Promise<readonly Mover[]> {
  if (!shape.metrics.includes(metric)) throw metricUnknown(stream, metric, shape.metrics)
  let most: readonly Mover[] = []
  let after = 0
  for (;;) {
    const rows = await store.history.movements({ streamNo: no, metric, since, after, limit: PART })
    most = [...most, ...rows.flatMap((row) => moverOf(row) ?? [])].sort(BY[by]).slice(0, limit)
    if (rows.length < PART) return most
    after = rows.at(-1)?.id ?? after
  }
}

function moverOf({ key, from, to }: MovementRow): Mover | undefined {
  const change = difference(to.value, from.value)
  if (change === undefined || Number(change) === 0) return undefined
  const before = Math.abs(Number(from.value))
  return {
    key,
    from: { value: from.value, at: instant(from.at) },
    to: { value: to.value, at: instant(to.at) },
    change,
    percent: before === 0 ? null : (Number(change) / before) * 100,
  }
}

const size = (n: Numeric | null) => (n === null ? -1 : Math.abs(Number(n)))
const byKey = (a: Mover, b: Mover) => (a.key < b.key ? -1 : 1)

const BY: Readonly<Record<MoversQuery['by'], (a: Mover, b: Mover) => number>> = {
  change: (a, b) => size(b.change) - size(a.change) || byKey(a, b),
  percent: (a, b) => size(b.percent) - size(a.percent) || byKey(a, b),
}

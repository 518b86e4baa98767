// Owns what a `sync` command line asks of each connection: which streams, which part of them, with which limits. Whatever
// is wrong with it is found before anything is read.

import type { Stream } from '../connector/connector.ts'
import { Allowance } from '../engine/passes/allowance.ts'
import { expandWhere, type Range, type WhereValues } from '../engine/passes/read-part.ts'
import type { RunOrder } from '../engine/runs/order.ts'
import { errorReport, TidemarkError } from '../model/errors.ts'
import { knownNames } from '../model/near-miss.ts'
import type { RunMode } from '../model/run.ts'
import type { Connection, Tidemark } from '../open.ts'
import { parseMoment, type Reckoning } from './moments.ts'
import { standsStill } from './pauses.ts'
import { reckoningOf } from './reckoning.ts'
import { refusedEntry, type SyncEntry } from './sync-entry.ts'
import { gatherTargets, parseWhere } from './values.ts'

export interface SyncOptions {
  readonly mode?: RunMode
  readonly where?: readonly string[]
  readonly since?: string
  readonly until?: string
  readonly maxRequests?: number
  readonly maxCost?: number
}

/** What one connection is asked to do, or why it cannot be asked. */
export type Asked =
  | { readonly connection: Connection; readonly order: Partial<RunOrder> }
  | { readonly refused: SyncEntry }

/** The parts of the order that all connections share. */
interface Wish {
  readonly mode: RunMode
  readonly where: WhereValues | undefined
  readonly range: Range | undefined
  /** One for all of them; undefined: they may use what they need. */
  readonly allowance: Allowance | undefined
}

/**
 * One order per connection, in the order in which they were named, or of all of them but for those that a person lets
 * stand still.
 *
 * @throws TidemarkError connection_unknown, stream_unknown, where_unknown, range_unsupported, option_invalid,
 *   option_conflict
 */
export async function ordersFor(
  tidemark: Tidemark,
  targets: readonly string[],
  options: SyncOptions,
  now: number,
): Promise<readonly Asked[]> {
  const wish = wishOf(options, await reckoningOf(tidemark, now))
  if (targets.length > 0) {
    const named = [...gatherTargets(targets)]
    return Promise.all(
      named.map(async ([id, streams]) => {
        const connection = await tidemark.connection(id)
        return { connection, order: orderFor(connection, streams, wish) }
      }),
    )
  }
  const rows = (await tidemark.store.connections(tidemark.project)).filter(({ paused }) => !standsStill(paused))
  const asked = await Promise.all(rows.map((row) => orderOrRefusal(tidemark, row.id, wish, now)))
  const refusals = asked.flatMap((one) => ('refused' in one && one.refused.error ? [one.refused.error] : []))
  // A filter that fits some connections is for those; one that fits none is a mistake.
  const misfit = refusals.find(isMisfit)
  if (misfit && refusals.filter(isMisfit).length === asked.length) {
    throw new TidemarkError(misfit.code, misfit.message, { hint: misfit.hint ?? undefined })
  }
  return asked.filter((one) => !('refused' in one && one.refused.error && isMisfit(one.refused.error)))
}

function isMisfit({ code }: { readonly code: string }): boolean {
  return code === 'where_unknown' || code === 'range_unsupported'
}

/** One of all connections that cannot be asked (its connector is gone) does not keep the others from running. */
async function orderOrRefusal(tidemark: Tidemark, id: string, wish: Wish, now: number): Promise<Asked> {
  try {
    const connection = await tidemark.connection(id)
    return { connection, order: orderFor(connection, [], wish) }
  } catch (error) {
    const entry = { project: tidemark.project, connection: id, mode: wish.mode, at: now, error: errorReport(error) }
    return { refused: refusedEntry(entry) }
  }
}

function wishOf(
  { mode, where: wheres = [], since, until, maxRequests, maxCost }: SyncOptions,
  reckoning: Reckoning,
): Wish {
  const where = wheres.length > 0 ? parseWhere(wheres) : undefined
  const range =
    since === undefined && until === undefined
      ? undefined
      : {
          since: since === undefined ? undefined : parseMoment(since, 'since', reckoning),
          until: until === undefined ? undefined : parseMoment(until, 'until', reckoning),
        }
  if (range?.since !== undefined && range.until !== undefined && range.since >= range.until) {
    throw new TidemarkError('option_invalid', `--since ${since} is not before --until ${until}`)
  }
  const parts = [...(where ? ['--where'] : []), ...(range ? ['--since and --until'] : [])]
  if (parts.length === 2) throw conflict(parts[0]!, parts[1]!)
  if (parts.length === 1 && mode !== undefined && mode !== 'auto') throw conflict(parts[0]!, `--mode ${mode}`)
  const capped = maxRequests !== undefined || maxCost !== undefined
  const allowance = capped ? new Allowance({ maxRequests, maxCost }) : undefined
  return { mode: mode ?? 'auto', where, range, allowance }
}

function conflict(a: string, b: string): TidemarkError {
  return new TidemarkError('option_conflict', `${a} can't be combined with ${b}`, {
    hint: 'Each of them says which part is read. Run tidemark sync once for each.',
  })
}

function orderFor(connection: Connection, named: readonly string[], wish: Wish): Partial<RunOrder> {
  const all = connection.connector.streams
  for (const name of named) {
    if (Object.hasOwn(all, name)) continue
    throw new TidemarkError('stream_unknown', `connection "${connection.id}" has no stream "${name}"`, {
      hint: knownNames(name, Object.keys(all), 'Its streams'),
    })
  }
  const streams = partStreams(connection, named, wish)
  return {
    mode: wish.mode,
    streams,
    ...(wish.where ? { where: wish.where } : {}),
    ...(wish.range ? { range: wish.range } : {}),
    ...(wish.allowance ? { allowance: wish.allowance } : {}),
  }
}

/** With a filter or a range: the streams that can be read so; every one that was named must be. */
function partStreams({ connector }: Connection, named: readonly string[], { where, range }: Wish): readonly string[] {
  if (!where && !range) return named
  const candidates = named.length > 0 ? named : Object.keys(connector.streams)
  const fitting: string[] = []
  let misfit: unknown
  for (const name of candidates) {
    try {
      const stream = connector.streams[name] as Stream
      if (where) expandWhere({ name, stream }, where)
      if (range) checkRange(name, stream)
      fitting.push(name)
    } catch (error) {
      if (named.length > 0) throw error
      misfit ??= error
    }
  }
  if (fitting.length === 0) throw misfit
  return fitting
}

function checkRange(name: string, stream: Stream): void {
  if (stream.passes.some(({ kind }) => kind === 'byCursor')) return
  throw new TidemarkError('range_unsupported', `stream "${name}" can't be read by time`, {
    hint: 'Use --mode full to read all of it again.',
  })
}

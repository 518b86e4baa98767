// Owns running several connections once, some at a time; one's failure does not stop the others.

import { z } from 'zod'
import type { Connector } from '../connector/connector.ts'
import { type DocumentOf, document } from '../engine/document.ts'
import type { Allowance } from '../engine/passes/allowance.ts'
import { type PlanReport, planDocument, runDocument } from '../engine/runs/documents.ts'
import { allowanceOf } from '../engine/runs/order.ts'
import type { RunProgress } from '../engine/runs/progress.ts'
import { instant } from '../engine/runs/report.ts'
import { DISCONNECTED, PAUSED_BY_USER } from '../engine/runs/standing.ts'
import { type ErrorCode, type ErrorReport, errorReport, retold, TidemarkError } from '../model/errors.ts'
import type { RunMode, RunReport, RunStatus } from '../model/run.ts'
import type { ConnectionRow } from '../store/store.ts'
import { listener, optional, signal, texts } from './fields.ts'
import { connectionRow, connectorOf, type Mirror } from './mirror.ts'
import { operation } from './operation.ts'
import { type Part, partOf, type ReadingInput, readingFields, streamsToRead } from './order.ts'
import { standing } from './reports.ts'
import { type Asked, allowanceHook, planOne, runOne } from './sync.ts'
import { gatherTargets } from './targets.ts'

export interface SyncAllInput extends ReadingInput {
  /** Connections, or streams of them: `connection` or `connection/stream`. @default all that nobody has paused */
  readonly targets?: readonly string[] | undefined
}

/** A run report whose id is null where an error kept the run from beginning. */
export type SyncEntry = Omit<RunReport, 'id'> & { readonly id: string | null }

const entryDocument: z.ZodType<SyncEntry> = runDocument.extend({ id: z.string().nullable() })

const passedOverDocument = z.array(
  document({
    connection: z.string(),
    paused: z.array(z.string()),
    /** The command that lets it run again. */
    mend: z.string(),
  }),
)

const syncDocument = document({
  /** In the order in which they were asked for. */
  runs: z.array(entryDocument),
  /** Without targets: the connections that a person has paused or disconnected. */
  passedOver: passedOverDocument,
})
export type SyncAllReport = DocumentOf<typeof syncDocument>

const plansDocument = document({
  plans: z.array(planDocument),
  refused: z.array(entryDocument),
  passedOver: passedOverDocument,
})
export type PlanAllReport = DocumentOf<typeof plansDocument>

export interface SyncAllHooks {
  readonly signal?: AbortSignal | undefined
  /** In place of maxRequests and maxCost: what these runs and others may use together. */
  readonly allowance?: Allowance | undefined
  /** Before anything is read: what will be, and what is skipped. */
  readonly onOrder?: ((order: Pick<Order, 'asked' | 'passedOver' | 'streamless'>) => void) | undefined
  readonly onBegin?: ((connection: string) => void) | undefined
  readonly onProgress?: ((progress: RunProgress) => void) | undefined
  /** A run that is under way is waited for. */
  readonly onAttach?: ((connection: string, run: string) => void) | undefined
  readonly onEntry?: ((entry: SyncEntry) => void) | undefined
}

/** Connections that are read at the same time; each waits for its own source most of the time. */
const TOGETHER = 4

const input = {
  targets: optional(
    texts('connections, or streams of them: <connection>[/<stream>] (default: all)', { sign: 'targets' }),
  ),
  ...readingFields,
}

export const syncAll = operation<SyncAllInput, Promise<SyncAllReport>, SyncAllHooks>({
  name: 'syncAll',
  does: 'Read once what is new and changed at the source, of several connections or of all.',
  details:
    'If one fails, the others still run. Limits of requests and cost hold for all of them together. A filter or a range concerns the connections that have it.',
  scope: 'sync',
  input,
  hooks: {
    allowance: allowanceHook,
    signal: signal('stops all runs after their current page'),
    onOrder: listener('gets what will be read, and what is skipped'),
    onBegin: listener('gets the id of a connection whose run begins'),
    onProgress: listener('gets the progress of a run with every page'),
    onAttach: listener('gets the connection and the run that is waited for'),
    onEntry: listener('gets each run when it is over'),
  },
  output: syncDocument,
  examples: [
    {},
    { targets: ['me/stars'], mode: 'full' },
    { targets: ['shop'], where: { status: ['open'] } },
    { targets: ['shop/orders'], since: '7d', until: '2d' },
  ],
  async run(mirror, asked, hooks) {
    const order = await orderOf(mirror, asked, hooks.allowance)
    hooks.onOrder?.(order)
    const runs: SyncEntry[] = new Array(order.asked.length)
    const waiting = (await inTurn(mirror, order.asked)).values()
    const work = async () => {
      for (const [place, one] of waiting) {
        const entry = 'refused' in one ? one.refused : await entryOf(mirror, one, order.allowance, hooks)
        runs[place] = entry
        hooks.onEntry?.(entry)
      }
    }
    await Promise.all(Array.from({ length: TOGETHER }, work))
    return { runs, passedOver: order.passedOver }
  },
})

type Asks = Order['asked'][number]

/** With their places. Where not all begin at once, those come first that earlier syncs did not reach: a limit may end this one. */
export async function inTurn({ store }: Mirror, asked: readonly Asks[]): Promise<readonly (readonly [number, Asks])[]> {
  const places = [...asked.entries()]
  if (asked.length <= TOGETHER) return places
  const reachedAt = await Promise.all(
    asked.map(async (one) => {
      const streams = 'refused' in one ? [] : await store.streams.list(one.row.no)
      return Math.max(0, ...streams.map(({ lastRunAt }) => lastRunAt ?? 0))
    }),
  )
  return places.toSorted(([a], [b]) => (reachedAt[a] ?? 0) - (reachedAt[b] ?? 0))
}

export const planAll = operation<SyncAllInput, Promise<PlanAllReport>, Pick<SyncAllHooks, 'onOrder'>>({
  name: 'planAll',
  does: 'Show what a sync of several connections, or of all, would do now.',
  details: 'Reads only what is stored, and makes no request.',
  scope: 'read',
  input,
  hooks: { onOrder: listener('gets what would be read, and what is skipped') },
  output: plansDocument,
  examples: [{}, { targets: ['me'], maxRequests: 100 }],
  async run(mirror, given, hooks) {
    const order = await orderOf(mirror, given)
    hooks.onOrder?.(order)
    const plans: PlanReport[] = []
    const refused: SyncEntry[] = []
    // One after the other: what is foreseen of one is no longer there for the next.
    const draws = new Map<string, number>()
    for (const one of order.asked) {
      if ('refused' in one) {
        refused.push(one.refused)
        continue
      }
      try {
        plans.push(await planOne(mirror, one, { allowance: order.allowance, draws }))
      } catch (error) {
        refused.push(refusedEntry(mirror, one.row.id, one.part.mode, errorReport(error)))
      }
    }
    return { plans, refused, passedOver: order.passedOver }
  },
})

export interface Order {
  readonly asked: readonly (Asked | { readonly refused: SyncEntry })[]
  readonly passedOver: SyncAllReport['passedOver']
  /** Without targets: the connections that have no stream to read, and are there for others. */
  readonly streamless: readonly string[]
  /** One for all of them; undefined: they may use what they need. */
  readonly allowance: Allowance | undefined
}

/**
 * What is asked of each connection, in the order in which they were named. Whatever is wrong is found before anything is
 * read.
 *
 * @throws TidemarkError connection_unknown, stream_unknown, where_unknown, range_unsupported, refresh_unsupported,
 *   option_invalid, option_conflict, argument_invalid
 */
export async function orderOf(mirror: Mirror, given: SyncAllInput, shared?: Allowance): Promise<Order> {
  const { targets = [], maxRequests, maxCost } = given
  const part = await partOf(mirror, given)
  const isCapped = shared !== undefined || maxRequests !== undefined || maxCost !== undefined
  const allowance = isCapped ? allowanceOf({ allowance: shared, maxRequests, maxCost }) : undefined
  if (targets.length > 0) {
    const named = [...gatherTargets(targets)]
    const asked = await Promise.all(
      named.map(async ([id, streams]) => askedOf(mirror, await connectionRow(mirror, id), streams, part)),
    )
    return { asked, passedOver: [], streamless: [], allowance }
  }
  const rows = await mirror.store.connections.list(mirror.project)
  const idle = rows.filter(({ paused }) => isLeftAlone(paused))
  const passedOver = await Promise.all(
    idle.map(async (row) => ({
      connection: row.id,
      paused: row.paused,
      mend: (await standing(mirror, row)).mend ?? '',
    })),
  )
  const all = await Promise.all(
    rows.filter(({ paused }) => !isLeftAlone(paused)).map((row) => askedOrRefused(mirror, row, part)),
  )
  const misfits = all.flatMap((one) => ('refused' in one && isMisfit(one.refused.error) ? [one.refused.error] : []))
  const [misfit] = misfits
  // A filter that fits some connections is for those; one that fits none is a mistake.
  if (misfit && misfits.length === all.length) throw retold(misfit, {})
  const asked = all.filter((one) => ('refused' in one ? !isMisfit(one.refused.error) : hasStreams(one.connector)))
  const streamless = all.flatMap((one) => ('refused' in one || hasStreams(one.connector) ? [] : [one.row.id]))
  return { asked, passedOver, streamless, allowance }
}

/** A connection without streams is there for others: to make vectors, say. */
function hasStreams({ streams }: Connector): boolean {
  return Object.keys(streams).length > 0
}

/** A person wants it so. A connection that needs a login is not left alone: its run says that it needs a person. */
function isLeftAlone(paused: readonly string[]): boolean {
  return paused.includes(PAUSED_BY_USER) || paused.includes(DISCONNECTED)
}

/** What is asked does not fit a connection; others it may. */
const MISFITS: ReadonlySet<string> = new Set<ErrorCode>(['where_unknown', 'range_unsupported', 'refresh_unsupported'])

function isMisfit(error: ErrorReport | null): error is ErrorReport {
  return error !== null && MISFITS.has(error.code)
}

async function askedOf(mirror: Mirror, row: ConnectionRow, streams: readonly string[], part: Part): Promise<Asked> {
  const connector = await connectorOf(mirror, row)
  return { row, connector, streams: streamsToRead(row.id, connector, streams, part), part }
}

/** One of all connections that cannot be asked (its connector is gone) does not keep the others from running. */
async function askedOrRefused(mirror: Mirror, row: ConnectionRow, part: Part): Promise<Order['asked'][number]> {
  try {
    return await askedOf(mirror, row, [], part)
  } catch (error) {
    return { refused: refusedEntry(mirror, row.id, part.mode, errorReport(error)) }
  }
}

async function entryOf(
  mirror: Mirror,
  asked: Asked,
  allowance: Allowance | undefined,
  { signal: ends, onBegin, onProgress, onAttach }: SyncAllHooks,
): Promise<SyncEntry> {
  const { id } = asked.row
  try {
    if (ends?.aborted) {
      throw new TidemarkError('cancelled', 'The sync was interrupted before this connection was read.')
    }
    onBegin?.(id)
    return await runOne(mirror, asked, {
      allowance,
      ...(ends ? { signal: ends } : {}),
      ...(onProgress ? { onProgress } : {}),
      ...(onAttach ? { onAttach: (active) => onAttach(id, active.id) } : {}),
    })
  } catch (error) {
    return refusedEntry(mirror, id, asked.part.mode, errorReport(error))
  }
}

/** The entry of a connection that an error kept from running. */
function refusedEntry({ project, clock }: Mirror, connection: string, mode: RunMode, error: ErrorReport): SyncEntry {
  const at = instant(clock.now())
  return {
    id: null,
    project,
    connection,
    mode,
    status: statusOf(error),
    startedAt: at,
    finishedAt: at,
    streams: [],
    requests: 0,
    billedItems: 0,
    cost: null,
    currency: null,
    error,
    notes: [],
    progress: null,
  }
}

function statusOf({ code, verdict }: ErrorReport): RunStatus {
  if (code === 'cancelled') return 'cancelled'
  return verdict === 'pause' ? 'paused' : 'failed'
}

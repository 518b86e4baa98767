// Owns reading what webhooks hint at: all that a connection was told of is put together, read from the service by a run, and
// only then settled. What can't be read is tried again with growing pauses, and in the end left to the next sync.

import type { Connector } from '../../connector/connector.ts'
import type { Hint } from '../../connector/webhook.ts'
import { meaningOfCode } from '../../model/error-table.ts'
import { errorReport } from '../../model/errors.ts'
import type { Clock, Logger } from '../../model/ports.ts'
import type { Key } from '../../model/record.ts'
import type { RunReport } from '../../model/run.ts'
import type { ConnectionRow, DeliveryRow, InboxPlace, Store } from '../../store/store.ts'
import type { KeysByStream } from '../runs/order.ts'

/** Deliveries that are read by one run, at most. */
export const DELIVERIES_MAX = 2_000
/** Keys of a stream that one run reads, at most: of more, what is new is read, as a sync would. */
export const KEYS_MAX = 5_000
/** How long after a try in vain the next one comes, in milliseconds, four times as long after each, … */
export const TRY_AGAIN_MS = 30_000
/** … and how many tries there are. */
export const TRIES_MAX = 6

export interface ReadPorts {
  readonly store: Store
  readonly clock: Pick<Clock, 'now'>
  readonly logger: Logger
  readonly connectorOf: (row: ConnectionRow) => Promise<Connector>
  readonly start: (
    connection: ConnectionRow,
    order: { readonly streams: readonly string[]; readonly keys?: KeysByStream; readonly signal: AbortSignal },
  ) => Promise<RunReport>
}

/** What is to be read for some deliveries. */
export interface Wanted {
  readonly keys: KeysByStream
  /** Streams of which what is new is read. */
  readonly streams: readonly string[]
}

/**
 * Reads what the inbox of a connection holds, and gives the runs that did. `later`: it is not to be asked again at once.
 *
 * @throws TidemarkError what `start` throws: run_active, connector_unknown, …; what was not read stays in the inbox
 */
export async function readInbox(
  ports: ReadPorts,
  { project, connection: id, connectionNo }: InboxPlace,
  signal: AbortSignal,
): Promise<readonly RunReport[]> {
  const { store, clock, logger } = ports
  const deliveries = await store.inbox.open(connectionNo, clock.now(), DELIVERIES_MAX)
  const row = deliveries.length > 0 ? await store.connections.find(project, id) : undefined
  if (row?.no !== connectionNo || row.paused.length > 0) return []
  const connector = await ports.connectorOf(row)
  const wanted = wantedOf(connector, deliveries, await jobStreams(store, connectionNo))
  const runs: RunReport[] = []
  logger.event('info', 'webhook.read', { connection: id, deliveries: deliveries.length, ...countsOf(wanted) })
  const byKey = Object.keys(wanted.keys)
  try {
    if (byKey.length > 0) runs.push(await ports.start(row, { streams: byKey, keys: wanted.keys, signal }))
    if (wanted.streams.length > 0) runs.push(await ports.start(row, { streams: wanted.streams, signal }))
  } catch (error) {
    if (!isForGood(error)) throw error
    const { code, message } = errorReport(error)
    logger.event('error', 'webhook.failed', { connection: id, code, message })
    await settle(ports, id, deliveries, false)
    return runs
  }
  // Who stopped a run, or has to log in, finds what was told still there.
  if (runs.some(({ status }) => status === 'cancelled' || status === 'paused')) return runs
  const isRead = runs.every(({ status }) => status === 'succeeded')
  await settle(ports, id, deliveries, isRead)
  return runs
}

/** Whether a person has to mend something before a run can begin; else it is tried again at once. */
function isForGood(error: unknown): boolean {
  const { code, verdict } = errorReport(error)
  return verdict === 'stop' && code !== 'connector_unknown' && meaningOfCode(code).section !== 'The database'
}

async function settle(
  { store, clock, logger }: ReadPorts,
  connection: string,
  deliveries: readonly DeliveryRow[],
  isRead: boolean,
): Promise<void> {
  const byTries = Map.groupBy(deliveries, ({ tries }) => (isRead ? 0 : tries))
  for (const [tries, rows] of byTries) {
    const isLast = !isRead && tries + 1 >= TRIES_MAX
    const nextAt = isRead || isLast ? null : clock.now() + TRY_AGAIN_MS * 4 ** tries
    if (isLast) logger.event('warn', 'webhook.left', { connection, deliveries: rows.length })
    await store.inbox.settle(
      rows[0]!.connectionNo,
      rows.map(({ id }) => id),
      nextAt,
    )
  }
}

/** What all deliveries want together, each record once. `jobs` has the streams that wait for an upstream run, by its id. Pure. */
export function wantedOf(
  { streams }: Pick<Connector, 'streams'>,
  deliveries: readonly Pick<DeliveryRow, 'hint'>[],
  jobs: ReadonlyMap<string, string>,
): Wanted {
  const keys = new Map<string, Set<Key>>()
  const whole = new Set<string>()
  const want = (stream: string) => Object.hasOwn(streams, stream) && whole.add(stream)
  for (const { records = {}, streams: named = [], job } of deliveries.map(({ hint }) => hint as Omit<Hint, 'id'>)) {
    for (const stream of named) want(stream)
    const ofJob = job === undefined ? undefined : jobs.get(job)
    if (ofJob !== undefined) want(ofJob)
    for (const [stream, some] of Object.entries(records)) {
      if (!streams[stream]?.byKey) want(stream)
      else keys.set(stream, (keys.get(stream) ?? new Set()).union(new Set(some)))
    }
  }
  for (const [stream, all] of keys) if (all.size > KEYS_MAX) want(stream)
  const few = [...keys].filter(([, all]) => all.size > 0 && all.size <= KEYS_MAX)
  return { keys: Object.fromEntries(few.map(([stream, all]) => [stream, [...all]])), streams: [...whole] }
}

/** The streams of a connection that wait for an upstream run, by the vendor's id of it. */
async function jobStreams(store: Store, connectionNo: number): Promise<ReadonlyMap<string, string>> {
  const jobs = new Map<string, string>()
  for (const { no, stream } of await store.streams.list(connectionNo)) {
    for (const { job } of await store.intents.open(no)) if (job !== null) jobs.set(job, stream)
  }
  return jobs
}

function countsOf({ keys, streams }: Wanted) {
  return { records: Object.values(keys).reduce((sum, all) => sum + all.length, 0), streams: streams.length }
}

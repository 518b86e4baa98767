// Owns ordering a run of a connection: it is accepted, and carried out without whoever ordered it.

import { z } from 'zod'
import { type DocumentOf, document } from '../engine/document.ts'
import type { Asked } from '../engine/runs/asked.ts'
import { errorDocument, runDocument } from '../engine/runs/documents.ts'
import { connectionPaused } from '../engine/runs/standing.ts'
import { type ErrorReport, TidemarkError } from '../model/errors.ts'
import type { Json } from '../model/json.ts'
import type { ConnectionRow } from '../store/store.ts'
import { optional, text } from './fields.ts'
import { connectionInput } from './inputs.ts'
import { later } from './later.ts'
import { connectionRow, connectorOf, type Mirror, runRow } from './mirror.ts'
import { operation } from './operation.ts'
import { partOf, type ReadingInput, readingFields, streamsField, streamsToRead } from './order.ts'
import { reportOf } from './reports.ts'

const attaching = later(() => import('../engine/runs/attach.ts'))

/** So long an order waits for its run to begin; then it is told that the run is queued. In milliseconds. */
const BEGINS_WITHIN_MS = 2_000

export interface OrderInput extends ReadingInput {
  readonly connection: string
  /** Names of streams; none: all. */
  readonly streams?: readonly string[] | undefined
}

/** `id`: that of the order. One that is there already is followed, and nothing is ordered twice. */
export interface OrderHooks {
  readonly id?: string | undefined
}

export const orderDocument = document({
  /** Null: a run that was under way already does all that was asked. */
  order: z.string().nullable(),
  connection: z.string(),
  /** `queued`: it follows when the connection is free. */
  status: z.enum(['queued', 'begun', 'joined', 'ended']),
  /** Null: it has not begun. */
  run: runDocument.nullable(),
  /** Why it has ended without a run. */
  error: errorDocument.nullable(),
})
export type Ordered = DocumentOf<typeof orderDocument>

export const order = operation<OrderInput, Promise<Ordered>, OrderHooks>({
  name: 'order',
  does: 'Order a run of a connection, which goes on without the caller.',
  details:
    'It is written down before it is answered: if its process ends, the next one that serves the database carries it out. A run that is under way already and does all that is asked is the answer.',
  scope: 'sync',
  input: { connection: connectionInput, streams: streamsField, ...readingFields },
  hooks: { id: optional(text('the id of the order, where the same may be ordered again')) },
  positional: ['connection'],
  output: orderDocument,
  examples: [
    { connection: 'me', streams: ['stars'], mode: 'full' },
    { connection: 'shop', where: { status: ['open'] } },
    { connection: 'shop', since: '7d', until: '2d' },
  ],
  async run(mirror, { connection, streams = [], maxRequests, maxCost, ...reading }, { id }) {
    const row = await connectionRow(mirror, connection)
    const connector = await connectorOf(mirror, row)
    const { mode, where, range } = await partOf(mirror, reading)
    const names = streamsToRead(row.id, connector, streams, { mode, where, range })
    if (row.paused.length > 0) throw connectionPaused(row, connector)
    const asked: Asked = {
      mode,
      streams: names,
      ...(where ? { where } : {}),
      ...(range ? { range } : {}),
      ...(maxRequests === undefined ? {} : { maxRequests }),
      ...(maxCost === undefined ? {} : { maxCost }),
    }
    const all = Object.keys(connector.streams)
    const before = id !== undefined && (await mirror.store.orders.find(row.project, id)) !== undefined
    const active = before ? undefined : await underWay(mirror, row, { ...asked, all })
    if (active !== undefined) return told(mirror, row, { order: null, run: active, status: 'joined' })
    const orders = await mirror.orders()
    const accepted = before ? id : await orders.accept(row, asked, id)
    const followed = { ...asked, all, id: accepted, project: row.project, connectionNo: row.no }
    const begun = await orders.begun(followed, BEGINS_WITHIN_MS)
    const status = begun ? (begun.isJoined ? 'joined' : 'begun') : 'queued'
    return told(mirror, row, { order: accepted, run: begun?.run ?? null, status })
  },
})

/** The id of a run under way that does all that is asked. */
async function underWay(
  { store, isDead }: Mirror,
  { project, no }: ConnectionRow,
  asked: Asked & { readonly all: readonly string[] },
): Promise<string | undefined> {
  const { covers } = await attaching()
  const [active] = await store.runs.list({ project, connectionNo: no, statuses: ['running'], limit: 1 })
  return active && !isDead(active.holder) && covers(active, asked) ? active.id : undefined
}

interface Answered {
  readonly order: string | null
  readonly run: string | null
  readonly status: Ordered['status']
  readonly error?: Json
}

async function told(mirror: Mirror, { id }: Pick<ConnectionRow, 'id'>, found: Answered): Promise<Ordered> {
  const run = found.run === null ? null : await reportOf(mirror, await runRow(mirror, found.run))
  return {
    order: found.order,
    connection: id,
    status: found.status,
    run,
    error: (found.error ?? null) as ErrorReport | null,
  }
}

export const ordered = operation<{ readonly order: string }, Promise<Ordered>>({
  name: 'ordered',
  does: 'Show what became of a run that was ordered.',
  details: 'Of what has ended, the last thousand of a project are kept.',
  scope: 'read',
  input: { order: text('the id of an order, as it was answered', { sign: 'order' }) },
  positional: ['order'],
  output: orderDocument,
  examples: [{ order: '01K9ZS6X1C4H8W2V7Q3M5N0B9T' }],
  async run(mirror, { order: id }) {
    const row = await mirror.store.orders.find(mirror.project, id)
    if (!row) throw new TidemarkError('order_unknown', `Nothing with the id "${id}" was ordered.`)
    const status = row.endedAt !== null ? 'ended' : row.run === null ? 'queued' : 'begun'
    return told(mirror, { id: row.connection }, { order: id, run: row.run, status, error: row.error })
  },
})

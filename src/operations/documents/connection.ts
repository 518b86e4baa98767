// Owns the connection as a document. Secrets are not in its row, so they cannot be in here.

import { z } from 'zod'
import { instant } from '../../engine/runs/report.ts'
import type { Standing } from '../../engine/runs/standing.ts'
import type { Json } from '../../model/json.ts'
import type { ConnectionRow } from '../../store/store.ts'
import type { Mirror } from '../mirror.ts'
import { standing } from '../reports.ts'
import { standingDocument } from './status.ts'

export interface ConnectionDocument {
  readonly id: string
  readonly connector: string
  readonly project: string
  /** Without secrets. */
  readonly options: Json
  readonly paused: readonly string[]
  /** The same in words, with the command that resumes it. */
  readonly standing: Standing
  readonly streams: readonly string[]
  /** Reserved: the path for webhooks of this connection, which the server does not take yet. It is a secret. */
  readonly webhookUrl: string
  readonly createdAt: string
}

export const connectionDocument = z.object({
  id: z.string(),
  connector: z.string(),
  project: z.string(),
  options: z.json(),
  paused: z.array(z.string()),
  standing: standingDocument,
  streams: z.array(z.string()),
  webhookUrl: z.string(),
  createdAt: z.string(),
})

export async function describeConnection(mirror: Mirror, row: ConnectionRow): Promise<ConnectionDocument> {
  // From the store, so that a connection is described whose connector is gone.
  const streams = (await mirror.store.streams.list(row.no)).map(({ stream }) => stream)
  return {
    id: row.id,
    connector: row.connector,
    project: row.project,
    options: row.options,
    paused: row.paused,
    standing: await standing(mirror, row),
    streams,
    webhookUrl: `/hooks/${encodeURIComponent(row.id)}/${row.webhookSecret}`,
    createdAt: instant(row.createdAt),
  }
}

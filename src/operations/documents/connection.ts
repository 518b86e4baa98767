// Owns the connection as a document. Secrets are not in its row, so they cannot be in here.

import { z } from 'zod'
import { type DocumentOf, document } from '../../engine/document.ts'
import { standingDocument } from '../../engine/runs/documents.ts'
import { instant } from '../../engine/runs/report.ts'
import type { ConnectionRow } from '../../store/store.ts'
import type { Mirror } from '../mirror.ts'
import { standing } from '../reports.ts'

export const connectionDocument = document({
  id: z.string(),
  connector: z.string(),
  project: z.string(),
  /** Without secrets. */
  options: z.record(z.string(), z.unknown()),
  paused: z.array(z.string()),
  /** The same in words, with the command that resumes it. */
  standing: standingDocument,
  streams: z.array(z.string()),
  /** The path at which the server takes webhooks of this connection, where its connector takes any. It is a secret. */
  webhookUrl: z.string(),
  createdAt: z.string(),
})
export type ConnectionDocument = DocumentOf<typeof connectionDocument>

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

// Owns a connection as `connect` and `connections` print it. Secrets are not in its row, so they cannot be in here.

import { instant } from '../engine/runs/report.ts'
import type { Json } from '../model/json.ts'
import type { ConnectionRow } from '../store/store.ts'

export interface ConnectionDocument {
  readonly id: string
  readonly connector: string
  readonly project: string
  /** Without secrets. */
  readonly options: Json
  readonly paused: readonly string[]
  readonly streams: readonly string[]
  /** The path at which the server takes this connection's webhooks; whoever knows it may post there. */
  readonly webhookUrl: string
  readonly createdAt: string
}

export function connectionDocument(row: ConnectionRow, streams: readonly string[]): ConnectionDocument {
  return {
    id: row.id,
    connector: row.connector,
    project: row.project,
    options: row.options,
    paused: row.paused,
    streams,
    webhookUrl: `/hooks/${encodeURIComponent(row.id)}/${row.webhookSecret}`,
    createdAt: instant(row.createdAt),
  }
}

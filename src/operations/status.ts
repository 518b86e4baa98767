// Owns the state of every connection: how fresh, how complete, what runs, what a person has to do.

import { type ConnectionStatus, statusDocument } from '../engine/runs/documents.ts'
import { ofConnection } from './inputs.ts'
import { connectionRow } from './mirror.ts'
import { operation } from './operation.ts'
import { statusOf } from './reports.ts'

export interface StatusQuery {
  readonly connection?: string | undefined
}

export const status = operation<StatusQuery, Promise<readonly ConnectionStatus[]>>({
  name: 'status',
  does: 'Show how fresh and how complete every stream is.',
  details:
    'For each stream: its live records, whether all of the source is covered, and when it was last read completely; for each connection: its runs, its schedules, and what a person has to do.',
  scope: 'read',
  input: { connection: ofConnection },
  list: 'connections',
  output: statusDocument,
  examples: [{}, { connection: 'me' }],
  async run(mirror, { connection }) {
    const { store, project } = mirror
    const rows =
      connection === undefined ? await store.connections.list(project) : [await connectionRow(mirror, connection)]
    return Promise.all(rows.map((row) => statusOf(mirror, row)))
  },
})

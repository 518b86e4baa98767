// Owns the list of what is connected.

import { DISCONNECTED } from '../engine/runs/standing.ts'
import { type ConnectionDocument, connectionDocument, describeConnection } from './documents/connection.ts'
import { optional, yesOrNo } from './fields.ts'
import { operation } from './operation.ts'

export interface ListConnections {
  /** Disconnected ones too. @default false */
  readonly all?: boolean | undefined
}

export const listConnections = operation<ListConnections, Promise<readonly ConnectionDocument[]>>({
  name: 'listConnections',
  does: 'List the connections of the project, with their options and streams, but never their secrets.',
  scope: 'read',
  input: { all: optional(yesOrNo('include disconnected connections, whose records are kept')) },
  list: 'connections',
  listedBy: ['createdAt', 'id'],
  output: connectionDocument,
  examples: [{}, { all: true }],
  async run(mirror, { all = false }) {
    const rows = await mirror.store.connections.list(mirror.project)
    const shown = rows.filter(({ paused }) => all || !paused.includes(DISCONNECTED))
    return Promise.all(shown.map((row) => describeConnection(mirror, row)))
  },
})

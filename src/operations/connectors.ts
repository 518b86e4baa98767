// Owns the list of what can be connected.

import { type ConnectorDocument, connectorDocument } from './documents/connector.ts'
import { optional, text } from './fields.ts'
import { later } from './later.ts'
import { operation } from './operation.ts'

const describing = later(() => import('./describe-connector.ts'))

export interface ConnectorsQuery {
  readonly name?: string | undefined
}

export const connectors = operation<ConnectorsQuery, Promise<readonly ConnectorDocument[]>>({
  name: 'connectors',
  does: 'List the services that can be connected, with what they need and what they give.',
  scope: 'read',
  input: { name: optional(text('a connector, such as github (default: all of them)', { sign: 'name' })) },
  positional: ['name'],
  list: 'connectors',
  listedBy: ['name'],
  output: connectorDocument,
  examples: [{ name: 'github' }, {}],
  async run({ connectors: known }, { name }) {
    const { describeConnector } = await describing()
    const names = name === undefined ? await known.names() : [name]
    return Promise.all(names.map(async (each) => describeConnector(await known.get(each))))
  },
})

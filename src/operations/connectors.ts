// Owns the list of what can be connected.

import { z } from 'zod'
import { type ConnectorDocument, describeConnector } from './documents/connector.ts'
import { optional, text } from './fields.ts'
import { operation } from './operation.ts'

export interface ConnectorsQuery {
  readonly name?: string | undefined
}

const connectorDocument = z.looseObject({
  name: z.string(),
  title: z.string(),
  version: z.string(),
  options: z.array(z.object({ name: z.string(), secret: z.boolean(), required: z.boolean(), description: z.string() })),
  streams: z.array(z.looseObject({ stream: z.string(), title: z.string().nullable(), table: z.string() })),
  limits: z.array(z.object({ requests: z.number(), per: z.string(), when: z.string().nullable() })),
})

export const connectors = operation<ConnectorsQuery, Promise<readonly ConnectorDocument[]>>({
  name: 'connectors',
  does: 'List the services that can be connected, with what they need and what they give.',
  scope: 'read',
  input: { name: optional(text('a connector, such as github (default: all of them)', { sign: 'name' })) },
  positional: ['name'],
  list: 'connectors',
  output: connectorDocument,
  examples: [{ name: 'github' }, {}],
  async run({ connectors: known }, { name }) {
    const names = name === undefined ? await known.names() : [name]
    return Promise.all(names.map(async (each) => describeConnector(await known.get(each))))
  },
})

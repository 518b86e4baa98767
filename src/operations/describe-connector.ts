// Owns how a connector is described as a document. Pure.

import { notPromised } from '../connector/check-connector.ts'
import type { Connector, Limit, Stream } from '../connector/connector.ts'
import { optionFields, optionForms } from '../connector/options.ts'
import { isPaged } from '../connector/passes.ts'
import { describe } from '../engine/passes/kinds/all.ts'
import { compileStream } from '../engine/passes/rows/shape.ts'
import type { ConnectorDocument } from './documents/connector.ts'

export function describeConnector(connector: Connector): ConnectorDocument {
  const { service, streams } = connector
  return {
    name: service.name,
    title: service.title,
    version: service.version ?? '1',
    options: optionForms(service.options),
    streams: Object.keys(streams).map((name) => streamDocument(connector, name)),
    limits: limitsOf(connector),
    webhooks: service.webhook !== undefined,
    catalog: catalogOf(connector),
  }
}

function catalogOf({ service: { catalog } }: Connector): ConnectorDocument['catalog'] {
  if (!catalog) return null
  const { streams, categories = null } = catalog
  return { streams: Object.entries(streams).map(([stream, category]) => ({ stream, category })), categories }
}

function streamDocument(connector: Connector, name: string): ConnectorDocument['streams'][number] {
  const stream = connector.streams[name] as Stream
  const { columns, metrics } = compileStream(connector, name).shape
  return {
    stream: name,
    title: stream.title ?? null,
    table: `${connector.service.name.replaceAll('-', '_')}_${name}`,
    columns,
    metrics,
    passes: stream.passes.map((pass) => ({
      pass: pass.kind,
      pageSize: isPaged(pass) ? pass.pageSize : null,
      description: describe(pass, stream.passes),
      paid: pass.paid === true,
      accepts: pass.kind === 'upload' ? pass.accepts : null,
    })),
    filters: Object.entries(stream.filters ?? {}).map(([field, { values, open = [] }]) => ({ field, values, open })),
  }
}

/**
 * Limits depend on the options. They are asked for twice, with the options that must be there and with all secrets; if
 * that makes a difference, it is said.
 */
function limitsOf({ service }: Connector): ConnectorDocument['limits'] {
  const fields = optionFields(service.options)
  const secrets = fields.filter(({ secret, required }) => secret && !required).map(({ name }) => name)
  const limitsWith = (names: readonly string[]): readonly Limit[] => {
    // Some connectors need one of several options, which is none that is required.
    for (const more of [undefined, ...fields.filter(({ secret }) => !secret).map(({ name }) => name)]) {
      const given = fields.filter(({ name, required }) => required || name === more || names.includes(name))
      const parsed = service.options.safeParse(Object.fromEntries(given.map(({ name }) => [name, '1'])))
      if (parsed.success) return notPromised('http', service.http(parsed.data as never)).limits ?? []
    }
    return []
  }
  const without = limitsWith([]).map(({ requests, per }) => ({ requests, per }))
  const withAll = limitsWith(secrets).map(({ requests, per }) => ({ requests, per }))
  if (JSON.stringify(without) === JSON.stringify(withAll)) return without.map((limit) => ({ ...limit, when: null }))
  const names = secrets.join(', ')
  return [
    ...without.map((limit) => ({ ...limit, when: `without ${names}` })),
    ...withAll.map((limit) => ({ ...limit, when: `with ${names}` })),
  ]
}

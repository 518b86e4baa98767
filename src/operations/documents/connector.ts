// Owns the connector as a document: what it needs, what its streams hold, how they are read, how often it may
// ask. Pure.

import type { Connector, Limit, Stream } from '../../connector/connector.ts'
import { type OptionField, optionFields } from '../../connector/options.ts'
import { isPaged } from '../../connector/passes.ts'
import { describe } from '../../engine/passes/kinds/all.ts'
import { compileStream } from '../../engine/passes/shape.ts'
import type { Column } from '../../model/record.ts'
import type { PassKind } from '../../model/run.ts'

export interface ConnectorDocument {
  readonly name: string
  readonly title: string
  readonly version: string
  readonly options: readonly OptionField[]
  readonly streams: readonly StreamDocument[]
  /** `when` says which options a limit holds for, where it depends on them. */
  readonly limits: readonly { readonly requests: number; readonly per: string; readonly when: string | null }[]
}

interface StreamDocument {
  readonly stream: string
  readonly title: string | null
  /** Its name in SQL. */
  readonly table: string
  readonly columns: readonly Column[]
  /** Columns that are kept as snapshots. */
  readonly metrics: readonly string[]
  /** `pageSize` is null where a pass turns no pages. */
  readonly passes: readonly {
    readonly pass: PassKind
    readonly pageSize: number | null
    readonly description: string
  }[]
  /** What `sync --where` can filter by at the source. */
  readonly filters: readonly {
    readonly field: string
    readonly values: readonly string[]
    readonly open: readonly string[]
  }[]
}

export function describeConnector(connector: Connector): ConnectorDocument {
  const { service, streams } = connector
  return {
    name: service.name,
    title: service.title,
    version: service.version ?? '1',
    options: optionFields(service.options),
    streams: Object.keys(streams).map((name) => streamDocument(connector, name)),
    limits: limitsOf(connector),
  }
}

function streamDocument(connector: Connector, name: string): StreamDocument {
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
      description: describe(pass),
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
      if (parsed.success) return service.http(parsed.data as never).limits ?? []
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

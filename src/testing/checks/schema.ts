// Owns the check of a stream's declaration: that its parts fit together, before anything is read.

import type { Connector, Stream } from '../../connector/connector.ts'
import { LAG_MAX_MS } from '../../connector/declared-fields.ts'
import type { Pass } from '../../connector/passes.ts'
import { compileStream } from '../../engine/passes/shape.ts'
import { durationMs } from '../../model/duration.ts'
import { TidemarkError } from '../../model/errors.ts'
import type { ColumnType } from '../../model/record.ts'
import { broken } from './found.ts'

/** Throws Broken for a declaration that can't work; returns it in words. */
export function checkSchema(connector: Connector, name: string): string {
  const stream = connector.streams[name] as Stream
  const columns = columnsOf(connector, name)
  for (const metric of (stream.metrics ?? []) as readonly string[]) {
    const type = columns.get(metric)
    if (type === 'json' || type === 'boolean') broken(`the metric "${metric}" is of type ${type}, which is no measure`)
  }
  for (const [field, { values, open = [] }] of Object.entries(stream.filters ?? {})) {
    if (!columns.has(field)) broken(`the filter "${field}" is no column`)
    const strange = open.find((value) => !values.includes(value))
    if (strange !== undefined) broken(`"open" of the filter "${field}" names "${strange}", which is none of its values`)
  }
  if (stream.byKey && !(Number.isInteger(stream.byKey.batch) && stream.byKey.batch > 0)) {
    broken(`byKey.batch is ${stream.byKey.batch}; it is how many keys one request may name`)
  }
  for (const path of stream.volatile ?? [])
    if (!/^[^.]+(\.[^.]+)*$/.test(path)) broken(`the volatile path "${path}" is none`)
  checkPasses(stream.passes)
  return `${columns.size} columns, ${stream.passes.map(({ kind }) => kind).join(', ')}`
}

function columnsOf(connector: Connector, name: string): ReadonlyMap<string, ColumnType> {
  try {
    const { shape } = compileStream(connector, name)
    if (shape.columns.length === 0) broken('the schema has no fields')
    return new Map(shape.columns.map((column) => [column.name, column.type]))
  } catch (error) {
    if (!(error instanceof TidemarkError)) throw error
    return broken(error.message)
  }
}

function checkPasses(passes: readonly Pass<unknown, unknown>[]): void {
  if (passes.length === 0) broken('the stream has no pass, so it is never read')
  const kinds = passes.map(({ kind }) => kind)
  const twice = kinds.find((kind, i) => kinds.indexOf(kind) !== i)
  if (twice !== undefined) broken(`the stream has two passes ${twice}`)
  for (const pass of passes) {
    if ('pageSize' in pass && !(Number.isInteger(pass.pageSize) && pass.pageSize > 0)) {
      broken(`${pass.kind}: pageSize is ${pass.pageSize}; it is a whole number from 1 on`)
    }
    if (pass.kind === 'byCursor') checkWindow(pass)
    else if (pass.kind === 'newestFirst' || pass.kind === 'fullPass') {
      const { listing } = pass
      if (typeof listing === 'object' && !(listing.cap > 0))
        broken(`${pass.kind}: the cap of its listing is ${listing.cap}`)
      if (typeof listing === 'object' && pass.kind === 'fullPass' && !pass.order) {
        broken('fullPass: a capped listing proves nothing without an order')
      }
    }
  }
}

function checkWindow(pass: Extract<Pass<unknown, unknown>, { kind: 'byCursor' }>): void {
  const lag = duration(pass.lag ?? '0s', 'lag')
  if (typeof pass.overlap !== 'number') duration(pass.overlap, 'overlap')
  if (lag > LAG_MAX_MS) broken(`byCursor: a lag of ${pass.lag} is more than 90 s`)
  if (pass.unitMs !== undefined && !(pass.unitMs > 0)) broken(`byCursor: unitMs is ${pass.unitMs}`)
}

function duration(text: string, name: string): number {
  try {
    return durationMs(text)
  } catch {
    return broken(`byCursor: its ${name} is "${text}", which is no duration such as 5m`)
  }
}

// Owns the check of a stream's declaration: that its parts fit together, before anything is read.

import type { Connector, Stream } from '../../connector/connector.ts'
import { checkDeclaration, compileStream } from '../../engine/passes/rows/shape.ts'
import { TidemarkError } from '../../model/errors.ts'
import type { ColumnType } from '../../model/record.ts'
import { broken } from './found.ts'

/** Throws Broken for a declaration that can't work; returns it in words. */
export function checkSchema(connector: Connector, name: string): string {
  const columns = columnsOf(connector, name)
  const { metrics = [], volatile = [], passes } = connector.streams[name] as Stream
  for (const metric of metrics as readonly string[]) {
    const type = columns.get(metric)
    if (type === 'json' || type === 'boolean') broken(`the metric "${metric}" is of type ${type}, which is no measure`)
  }
  for (const path of volatile) if (!/^[^.]+(\.[^.]+)*$/.test(path)) broken(`the volatile path "${path}" is none`)
  const isDumb = (pass: Stream['passes'][number]) => pass.kind === 'fullPass' && !pass.order && !pass.witness
  if (passes.some((pass) => isDumb(pass) && 'listing' in pass && typeof pass.listing === 'object')) {
    broken('fullPass: a capped listing proves nothing without an order or a witness')
  }
  return `${columns.size} columns, ${passes.map(({ kind }) => kind).join(', ')}`
}

/** What no connection could be made with is refused as it is there. */
function columnsOf(connector: Connector, name: string): ReadonlyMap<string, ColumnType> {
  try {
    checkDeclaration(connector)
    const { shape } = compileStream(connector, name)
    if (shape.columns.length === 0 && !connector.streams[name]?.open) broken('the schema has no fields')
    return new Map(shape.columns.map((column) => [column.name, column.type]))
  } catch (error) {
    if (!(error instanceof TidemarkError)) throw error
    return broken(error.message)
  }
}

// Owns which streams of a project feed a blend, and which of their columns.

import type { Key } from '../../../model/record.ts'
import type { RecordRow, Store } from '../../../store/store.ts'
import { type Definition, isOf, parseFrom } from './definition.ts'
import { columnsOf, type Source } from './member.ts'

/** Names the position in the change feed up to which a blend is made; no reader of a person has such a name. */
export function positionOf(connectionNo: number): string {
  return `follower:blend:${connectionNo}`
}

/** In the order of the blend; a stream that two of its sources name is the first's. */
export async function sourcesOf(store: Store, project: string, definition: Definition): Promise<readonly Source[]> {
  const connections = await store.connections.list(project)
  const streams = await Promise.all(
    connections.map(async ({ no, id, connector }) =>
      (await store.streams.list(no)).map((row) => ({ row, connection: id, connector, stream: row.stream })),
    ),
  )
  const all = streams.flat()
  const named = new Set<string>()
  return definition.from.flatMap((text) => {
    const from = parseFrom(text)
    if (!from) return []
    return all
      .filter((one) => isOf(from, one))
      .flatMap(({ row, ...one }) => {
        const name = `${one.connection}/${one.stream}`
        if (named.has(name)) return []
        named.add(name)
        const declared = new Set(row.shape.columns.map((column) => column.name))
        const columns = columnsOf(definition, one)
        return [{ name, streamNo: row.no, from, columns, declared }]
      })
  })
}

/** Live records of a source, by their keys; columns that its table lacks are in their text, which comes with them then. */
export async function rowsOf(
  store: Pick<Store, 'records'>,
  { streamNo, declared }: Source,
  which: {
    readonly columns: readonly string[]
    readonly limit: number
    readonly keys?: readonly Key[] | undefined
    readonly after?: Key | undefined
  },
): Promise<readonly RecordRow[]> {
  const { columns, limit, keys, after } = which
  const own = new Set(columns.filter((column) => declared.has(column)))
  const isOutside = columns.some((column) => !declared.has(column))
  return store.records.list({
    streamNo,
    columns: [...own, '_updated_at', ...(isOutside ? ['_raw'] : [])],
    limit,
    ...(keys ? { keys } : {}),
    ...(after === undefined ? {} : { after }),
  })
}

// Owns how a catalog is written: one JSON document in which every record has a line of its own, so that a document of any
// size is written, compared and read again without being held.

import { typedColumns } from '../../model/typed-columns.ts'
import type { CatalogStats, Store, StreamRow } from '../../store/store.ts'

/** Of the form of the document; grows when readers have to change. */
export const CATALOG_VERSION = '1.0'

/** Records that are read at once. */
const RECORDS_AT_ONCE = 1_000

export interface CatalogHead {
  readonly n: number
  readonly connection: string
  readonly connector: string
  readonly run: string
  readonly generatedAt: string
}

/** A stream that the catalog lists, and the column that names a record's category. */
export interface Listed {
  readonly row: StreamRow
  readonly category: string | null
}

export interface CatalogContents {
  readonly head: CatalogHead
  readonly categories: StreamRow | undefined
  readonly streams: readonly Listed[]
  /** By stream; null: this is the first catalog, and all is new. */
  readonly inserted: Readonly<Record<string, number>> | null
}

/** The document in pieces. `told` is called with its last part, the stats, before that is written. */
export async function* catalogText(
  store: Store,
  { head, categories, streams, inserted }: CatalogContents,
  told: (stats: CatalogStats) => void,
): AsyncGenerator<string> {
  yield `${JSON.stringify({ version: CATALOG_VERSION, ...head }).slice(0, -1)},\n"categories":[`
  if (categories) yield* recordLines(store, categories)
  yield '\n],\n"streams":{'
  const totals: Record<string, number> = {}
  const byCategory: [stream: string, keys: ReadonlyMap<string, readonly string[]>][] = []
  for (const [i, { row, category }] of streams.entries()) {
    const keys = new Map<string, string[]>()
    yield `${i > 0 ? ',' : ''}\n${JSON.stringify(row.stream)}:[`
    totals[row.stream] = yield* recordLines(store, row, (record) => {
      if (category === null) return
      const value = record[category] ?? ''
      const of = typeof value === 'string' ? value : JSON.stringify(value, exactly)
      const known = keys.get(of)
      if (known) known.push(record['_key'] as string)
      else keys.set(of, [record['_key'] as string])
    })
    yield '\n]'
    if (category !== null) byCategory.push([row.stream, keys])
  }
  yield '\n},\n"byCategory":{'
  for (const [i, [stream, keys]] of byCategory.entries()) {
    yield `${i > 0 ? ',' : ''}\n${JSON.stringify(stream)}:{`
    let before = ''
    for (const [category, of] of keys) {
      yield `${before}\n${JSON.stringify(category)}:${JSON.stringify(of)}`
      before = ','
    }
    yield '\n}'
  }
  const added = Object.fromEntries(
    Object.entries(totals).map(([stream, total]) => [stream, inserted ? (inserted[stream] ?? 0) : total]),
  )
  const newItemsAdded = Object.values(added).reduce((sum, one) => sum + one, 0)
  const stats = { totals, newItemsAdded, added }
  told(stats)
  yield `\n},\n"stats":${JSON.stringify(stats)}\n}\n`
}

/** A line for each live record, in the order of the bytes of their keys. Gives how many there are. */
async function* recordLines(
  store: Store,
  { no, shape }: StreamRow,
  each: (record: Readonly<Record<string, unknown>>) => void = () => {},
): AsyncGenerator<string, number> {
  const columns = shape.columns.map(({ name }) => name)
  let written = 0
  let after: string | undefined
  for (;;) {
    const position = after === undefined ? {} : { after }
    const rows = await store.records.list({ streamNo: no, columns, limit: RECORDS_AT_ONCE, ...position })
    let lines = ''
    for (const row of rows) {
      const record = { _key: row._key, ...typedColumns(shape, row) }
      each(record)
      lines += `${written++ > 0 ? ',' : ''}\n${JSON.stringify(record, exactly)}`
    }
    yield lines
    if (rows.length < RECORDS_AT_ONCE) return written
    after = rows.at(-1)?._key
  }
}

/** Integers that no number of JavaScript holds are written as text. */
function exactly(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}

// ── reading ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A record of a document as it was written, without what separates it from the next one. */
export interface CatalogLine {
  readonly stream: string
  readonly text: string
}

const STREAMS = '"streams":{'
const OPENS = /^"([a-z0-9_-]+)":\[$/

/** The records of a document's streams, in its order. */
export async function* catalogRecords(pieces: AsyncIterable<string>): AsyncGenerator<CatalogLine> {
  let isInside = false
  let stream: string | undefined
  for await (const line of linesOf(pieces)) {
    if (!isInside) isInside = line === STREAMS
    else if (stream === undefined) {
      if (line === '},') return
      stream = OPENS.exec(line)?.[1]
    } else if (line === ']' || line === '],') stream = undefined
    else yield { stream, text: line.endsWith(',') ? line.slice(0, -1) : line }
  }
}

async function* linesOf(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = ''
  for await (const piece of pieces) {
    const lines = (rest + piece).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
}

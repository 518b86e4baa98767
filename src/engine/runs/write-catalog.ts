// Owns the catalog of a complete run: the whole content of its connection as one document, compressed while it is read,
// and visible only with the end of the run.

import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type { CatalogOf } from '../../connector/connector.ts'
import { isCovered } from '../../model/coverage.ts'
import type { Clock } from '../../model/ports.ts'
import type { ConnectionRow, FinishedCatalog, Lease, RunRow, Store, StreamRow } from '../../store/store.ts'
import { type CatalogContents, catalogText } from './catalog-document.ts'
import { instant } from './report.ts'

/** Published catalogs of a connection that are kept. */
export const CATALOGS_KEPT = 5
/** Bytes of a part, compressed. */
const PART_BYTES = 1_048_576
/** Most of what can be saved, in half of the time. */
const LEVEL = 4

export interface CatalogOrder {
  readonly catalog: CatalogOf
  readonly connection: Pick<ConnectionRow, 'no' | 'id' | 'connector'>
  readonly run: Pick<RunRow, 'no' | 'id'>
  /** The streams of which the run knows that they are complete; what is stored says it of the others. */
  readonly complete: ReadonlySet<string>
  readonly lease: Lease
}

/** Writes the catalog of a run that is complete. Undefined: a stream of it is not, though the run's own are. */
export async function writeCatalog(
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  { catalog, connection, run, complete, lease }: CatalogOrder,
): Promise<FinishedCatalog | undefined> {
  const rows = new Map((await store.streams.list(connection.no)).map((row) => [row.stream, row]))
  const found = (stream: string): StreamRow | undefined => {
    const row = rows.get(stream)
    return row && (complete.has(stream) || isCovered(row.coverage)) ? row : undefined
  }
  // In one order whatever a connector's newest version says, so that two catalogs can be compared line by line.
  const listed = Object.entries(catalog.streams).sort(([a], [b]) => (a < b ? -1 : 1))
  const streams = listed.flatMap(([stream, category]) => {
    const row = found(stream)
    return row ? [{ row, category }] : []
  })
  const categories = catalog.categories === undefined ? undefined : found(catalog.categories)
  const isWhole = streams.length === listed.length
  if (!isWhole || (catalog.categories !== undefined && !categories)) return undefined

  const at = clock.now()
  const { n, inserted } = await store.catalogs.begin({ lease, connectionNo: connection.no, runNo: run.no, at })
  const { id, connector } = connection
  const head = { n, connection: id, connector, run: run.id, generatedAt: instant(at) }
  const contents: CatalogContents = { head, categories, streams, inserted }
  let stats: FinishedCatalog['stats'] = { totals: {}, newItemsAdded: 0, added: {} }
  const text = catalogText(store, contents, (told) => {
    stats = told
  })
  let parts = 0
  let bytes = 0
  await pipeline(text, createGzip({ level: LEVEL }), async (compressed: AsyncIterable<Uint8Array>) => {
    for await (const part of inParts(compressed)) {
      await store.catalogs.add({ lease, connectionNo: connection.no, n, part: parts++, bytes: part })
      bytes += part.length
    }
  })
  return { n, parts, bytes, stats, keep: CATALOGS_KEPT }
}

async function* inParts(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let part: Uint8Array[] = []
  let size = 0
  for await (const chunk of chunks) {
    part.push(chunk)
    size += chunk.length
    if (size < PART_BYTES) continue
    yield Buffer.concat(part)
    part = []
    size = 0
  }
  if (size > 0) yield Buffer.concat(part)
}

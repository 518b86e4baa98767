// Owns the published catalogs of a connection: the list of them, one of them, and what differs between two.

import { z } from 'zod'
import { document } from '../engine/document.ts'
import type { Catalog, CatalogDiff, CatalogInfo } from '../engine/history/catalogs.ts'
import { count, optional } from './fields.ts'
import { connectionInput } from './inputs.ts'
import { later } from './later.ts'
import { connectionRow } from './mirror.ts'
import { operation } from './operation.ts'

const reading = later(() => import('../engine/history/catalogs.ts'))

export interface CatalogInput {
  readonly connection: string
  /** @default the newest */
  readonly n?: number | undefined
}

export interface DiffInput {
  readonly connection: string
  readonly from: number
  readonly to: number
}

const records = z.record(z.string(), z.number())

const catalogDocument = document({
  n: z.number(),
  at: z.string(),
  run: z.string(),
  /** Of the document, compressed. */
  bytes: z.number(),
  /** Records by stream. */
  totals: records,
  /** Records that the catalog before it did not have: together, and by stream. */
  newItemsAdded: z.number(),
  added: records,
})

const row = z.looseObject({ _key: z.string() })

const diffDocument = document({
  from: z.number(),
  to: z.number(),
  streams: z.record(
    z.string(),
    z.object({
      added: z.array(row),
      removed: z.array(row),
      changed: z.array(
        z.object({
          _key: z.string(),
          before: z.record(z.string(), z.unknown()),
          after: z.record(z.string(), z.unknown()),
        }),
      ),
    }),
  ),
})

const numbered = (about: string) => count(about, { least: 1 })

export const catalogs = operation<{ readonly connection: string }, Promise<readonly CatalogInfo[]>>({
  name: 'catalogs',
  does: 'List the catalogs of a connection, newest first.',
  details:
    'A connector that declares it publishes the whole content as one document after each complete run; the last five are kept.',
  scope: 'read',
  input: { connection: connectionInput },
  positional: ['connection'],
  list: 'catalogs',
  listedBy: ['-n'],
  output: catalogDocument,
  examples: [{ connection: 'tv' }],
  async run(mirror, { connection }) {
    const { listCatalogs } = await reading()
    return listCatalogs(mirror.store, await connectionRow(mirror, connection))
  },
})

export const catalog = operation<CatalogInput, Promise<Catalog>>({
  name: 'catalog',
  does: 'Read a catalog: the newest one, or another that is kept.',
  details: 'Its document is read as it was published, piece by piece, and never made of records on request.',
  scope: 'read',
  input: { connection: connectionInput, n: optional(numbered('its number')) },
  positional: ['connection', 'n'],
  output: catalogDocument,
  examples: [{ connection: 'tv', n: 3 }, { connection: 'tv' }],
  async run(mirror, { connection, n }) {
    const { openCatalog } = await reading()
    return openCatalog(mirror.store, await connectionRow(mirror, connection), n)
  },
})

export const diffCatalogs = operation<DiffInput, Promise<CatalogDiff>>({
  name: 'diffCatalogs',
  does: 'Compare two catalogs: what was added, removed and changed between them.',
  scope: 'read',
  input: {
    connection: connectionInput,
    from: numbered('the number of the earlier catalog'),
    to: numbered('the number of the later one'),
  },
  positional: ['connection', 'from', 'to'],
  output: diffDocument,
  examples: [{ connection: 'tv', from: 3, to: 4 }],
  async run(mirror, { connection, from, to }) {
    const { openCatalog, diffCatalogs: diff } = await reading()
    const found = await connectionRow(mirror, connection)
    const [before, after] = [await openCatalog(mirror.store, found, from), await openCatalog(mirror.store, found, to)]
    return diff(before, after)
  },
})

// Owns published catalogs as they are read: as they are stored, never made of records when somebody asks.

import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { TidemarkError } from '../../model/errors.ts'
import type { CatalogRow, CatalogStats, ConnectionRow, Store } from '../../store/store.ts'
import { catalogRecords } from '../runs/catalog-document.ts'
import { instant } from '../runs/report.ts'
import { changesOf } from './version-changes.ts'

export interface CatalogInfo extends CatalogStats {
  readonly n: number
  /** ISO 8601. */
  readonly at: string
  readonly run: string
  /** Of the document as it is kept, compressed. */
  readonly bytes: number
}

/** A published catalog. Its document is read anew whenever one of the methods is called. */
export interface Catalog extends CatalogInfo {
  /** The document, compressed with gzip, as it is kept. */
  readonly gzip: () => AsyncGenerator<Uint8Array>
  /** The document, a piece after the other. */
  readonly text: () => AsyncGenerator<string>
}

type Place = Pick<ConnectionRow, 'no' | 'id'>

export async function listCatalogs(store: Store, { no }: Place): Promise<readonly CatalogInfo[]> {
  return (await store.catalogs.list(no)).map(infoOf)
}

function infoOf({ n, at, run, bytes, stats }: CatalogRow): CatalogInfo {
  return { n, at: instant(at), run, bytes, ...stats }
}

/** @throws TidemarkError catalog_unknown */
export async function openCatalog(store: Store, connection: Place, n?: number): Promise<Catalog> {
  const rows = await store.catalogs.list(connection.no)
  const row = n === undefined ? rows[0] : rows.find((one) => one.n === n)
  if (!row) throw unknown(connection, n, rows)
  const gzip = () => partsOf(store, connection, row)
  return { ...infoOf(row), gzip, text: () => textOf(gzip()) }
}

function unknown({ id }: Place, n: number | undefined, rows: readonly CatalogRow[]): TidemarkError {
  if (rows.length === 0) {
    return new TidemarkError('catalog_unknown', `Connection "${id}" has no catalog.`, {
      hint: `One is published by each complete run, where the connector declares it: tidemark sync ${id}`,
    })
  }
  const kept = rows.map((row) => row.n).join(', ')
  return new TidemarkError('catalog_unknown', `Connection "${id}" has no catalog ${n}.`, { hint: `It has: ${kept}` })
}

/** @throws TidemarkError catalog_unknown where a newer one has taken its place meanwhile */
async function* partsOf(store: Store, { no, id }: Place, { n, parts }: CatalogRow): AsyncGenerator<Uint8Array> {
  for (let part = 0; part < parts; part++) {
    const bytes = await store.catalogs.part(no, n, part)
    if (!bytes) {
      const message = `Catalog ${n} of connection "${id}" was replaced by a newer one while it was read.` as const
      throw new TidemarkError('catalog_unknown', message, { hint: `Read the newest one: tidemark catalog ${id} show` })
    }
    yield bytes
  }
}

async function* textOf(gzip: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const source = Readable.from(gzip)
  const text = createGunzip().setEncoding('utf8')
  source.on('error', (error) => text.destroy(error))
  try {
    yield* source.pipe(text) as AsyncIterable<string>
  } finally {
    source.destroy()
  }
}

// ── differences ─────────────────────────────────────────────────────────────────────────────────────────────────────

export type CatalogRecord = Readonly<Record<string, unknown>> & { readonly _key: string }

/** A record that has not the same content in both; only the columns that differ. */
export interface CatalogChange {
  readonly _key: string
  readonly before: Readonly<Record<string, unknown>>
  readonly after: Readonly<Record<string, unknown>>
}

export interface StreamDiff {
  readonly added: readonly CatalogRecord[]
  readonly removed: readonly CatalogRecord[]
  readonly changed: readonly CatalogChange[]
}

export interface CatalogDiff {
  readonly from: number
  readonly to: number
  /** Every stream of either catalog. */
  readonly streams: Readonly<Record<string, StreamDiff>>
}

/** What the second catalog has otherwise than the first; holds what differs, and nothing else. */
export async function diffCatalogs(from: Catalog, to: Catalog): Promise<CatalogDiff> {
  const streams: Record<string, { added: CatalogRecord[]; removed: CatalogRecord[]; changed: CatalogChange[] }> = {}
  for (const stream of Object.keys({ ...from.totals, ...to.totals }).sort()) {
    streams[stream] = { added: [], removed: [], changed: [] }
  }
  const of = (stream: string) => streams[stream] as (typeof streams)[string]
  const before = catalogRecords(from.text())
  const after = catalogRecords(to.text())
  try {
    let [left, right] = [(await before.next()).value, (await after.next()).value]
    while (left || right) {
      if (left && right && left.stream === right.stream && left.text === right.text) {
        left = (await before.next()).value
        right = (await after.next()).value
        continue
      }
      const was = left && { stream: left.stream, record: JSON.parse(left.text) as CatalogRecord }
      const is = right && { stream: right.stream, record: JSON.parse(right.text) as CatalogRecord }
      const first = !was ? 1 : !is ? -1 : compare(was, is)
      if (was && is && first === 0) {
        const changes = changesOf(was.record, is.record)
        const pick = (side: 'before' | 'after') => Object.fromEntries(changes.map((one) => [one.field, one[side]]))
        if (changes.length > 0)
          of(is.stream).changed.push({ _key: is.record._key, before: pick('before'), after: pick('after') })
      } else if (was && first < 0) of(was.stream).removed.push(was.record)
      else if (is) of(is.stream).added.push(is.record)
      if (first <= 0) left = (await before.next()).value
      if (first >= 0) right = (await after.next()).value
    }
  } finally {
    await before.return(undefined)
    await after.return(undefined)
  }
  return { from: from.n, to: to.n, streams }
}

interface Placed {
  readonly stream: string
  readonly record: CatalogRecord
}

/** Which of two records comes first in documents: by the name of the stream, then by the bytes of the key. */
function compare(a: Placed, b: Placed): number {
  if (a.stream !== b.stream) return a.stream < b.stream ? -1 : 1
  return Buffer.compare(Buffer.from(a.record._key), Buffer.from(b.record._key))
}

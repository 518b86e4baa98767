// Owns catalogs: written part by part under the lease of a run, published with its end.

import { count, json, text } from '../cells.ts'
import { type Asking, all, alone, run, value, type Works, writing } from '../statements.ts'
import type { CatalogStats, CatalogStore, FinishedCatalog } from '../store.ts'
import { fence } from './leases.ts'

export const catalogs: Works<CatalogStore> = {
  begin: writing(function* ({ lease, connectionNo, runNo, at }) {
    yield* fence(lease)
    const unpublished = yield* all('SELECT n FROM tm_catalogs WHERE connection_no = $1 AND stats IS NULL', [
      connectionNo,
    ])
    for (const row of unpublished) yield* drop(connectionNo, count(row['n']))
    const [last] = yield* all('SELECT n, run_no FROM tm_catalogs WHERE connection_no = $1 ORDER BY n DESC LIMIT 1', [
      connectionNo,
    ])
    const n = last ? count(last['n']) + 1 : 1
    yield* run('INSERT INTO tm_catalogs (connection_no, n, run_no, at) VALUES ($1, $2, $3, $4)', [
      connectionNo,
      n,
      runNo,
      at,
    ])
    if (!last) return { n, inserted: null }
    const added = yield* all(
      `SELECT s.stream, sum(a.inserted + a.restored)::bigint AS inserted FROM tm_run_passes a
       JOIN tm_streams s ON s.no = a.stream_no WHERE s.connection_no = $1 AND a.run_no > $2 GROUP BY s.stream`,
      [connectionNo, count(last['run_no'])],
    )
    return { n, inserted: Object.fromEntries(added.map((row) => [text(row['stream']), count(row['inserted'])])) }
  }),

  add: writing(function* ({ lease, connectionNo, n, part, bytes }) {
    yield* fence(lease)
    yield* run('INSERT INTO tm_catalog_parts (connection_no, n, part, bytes) VALUES ($1, $2, $3, $4)', [
      connectionNo,
      n,
      part,
      bytes,
    ])
  }),

  list: alone(function* (connectionNo) {
    const rows = yield* all(
      `SELECT c.n, c.at, c.parts, c.bytes, c.stats, r.id AS run FROM tm_catalogs c JOIN tm_runs r ON r.no = c.run_no
       WHERE c.connection_no = $1 AND c.stats IS NOT NULL ORDER BY c.n DESC`,
      [connectionNo],
    )
    return rows.map((row) => ({
      n: count(row['n']),
      at: count(row['at']),
      run: text(row['run']),
      parts: count(row['parts']),
      bytes: count(row['bytes']),
      stats: json(row['stats']) as CatalogStats,
    }))
  }),

  part: alone(function* (connectionNo, n, part) {
    const sql = 'SELECT bytes FROM tm_catalog_parts WHERE connection_no = $1 AND n = $2 AND part = $3'
    return (yield* value(sql, [connectionNo, n, part])) as Uint8Array | undefined
  }),
}

/** Makes the catalog of a run visible, and drops those that are too old. */
export function* publish(runNo: number, { n, parts, bytes, stats, keep }: FinishedCatalog): Asking<void> {
  const connection = yield* value('SELECT connection_no FROM tm_runs WHERE no = $1', [runNo])
  const connectionNo = count(connection)
  yield* run('UPDATE tm_catalogs SET parts = $1, bytes = $2, stats = $3 WHERE connection_no = $4 AND n = $5', [
    parts,
    bytes,
    JSON.stringify(stats),
    connectionNo,
    n,
  ])
  const old = yield* all('SELECT n FROM tm_catalogs WHERE connection_no = $1 AND n <= $2', [connectionNo, n - keep])
  for (const row of old) yield* drop(connectionNo, count(row['n']))
}

function* drop(connectionNo: number, n: number): Asking<void> {
  yield* run('DELETE FROM tm_catalog_parts WHERE connection_no = $1 AND n = $2', [connectionNo, n])
  yield* run('DELETE FROM tm_catalogs WHERE connection_no = $1 AND n = $2', [connectionNo, n])
}

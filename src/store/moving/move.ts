// Owns the way of a mirror into another database: table by table in portions, from the place where an earlier attempt
// stopped, and the proof that both ends hold the same.

import { TidemarkError } from '../../model/errors.ts'
import { count, plural } from '../../model/plural.ts'
import { Digest, type TableDigest } from './digest.ts'
import type { End, MovedRow, MovedTable, Origin, Place, Target } from './ends.ts'

export interface Moved {
  /** Of each table, the same on both ends. */
  readonly tables: readonly (TableDigest & { readonly table: string })[]
  /** Whether an earlier attempt had begun it. */
  readonly resumed: boolean
}

export interface Watching {
  /** After each portion. */
  onPortion?(step: { readonly doing: 'copy' | 'prove'; readonly table: string; readonly rows: number }): void
}

/**
 * Copies all of the origin into the target, and makes a mirror of that when both hold the same.
 *
 * @throws TidemarkError database_not_empty, name_taken, migration_differs
 */
export async function move(origin: Origin, target: Target, watching: Watching = {}): Promise<Moved> {
  const places = await target.begin(origin.identity)
  const resumed = places.length > 0
  await target.make(origin.streams)
  const tables = await sameTables(origin, target)
  let differing = await copyAndProve(tables, places)
  // Between two attempts somebody may have used the origin: what was copied before is of another time.
  if (differing.unlike !== undefined && resumed) {
    await target.clear()
    differing = await copyAndProve(tables, [])
  }
  if (differing.unlike !== undefined) throw differs(origin, target, differing.unlike)
  await target.finish(origin.counters)
  return { tables: differing.tables, resumed }

  async function copyAndProve(all: readonly MovedTable[], from: readonly Place[]) {
    const read = new Map<string, TableDigest>()
    for (const table of all) {
      const place = from.find((one) => one.table === table.name)
      const digest = await copy(table, place)
      if (digest) read.set(table.name, digest)
    }
    const found: (TableDigest & { readonly table: string })[] = []
    for (const table of all) {
      const wanted = read.get(table.name) ?? (await digestOf(origin, table))
      const copied = await digestOf(target, table)
      if (wanted.rows !== copied.rows || wanted.digest !== copied.digest) {
        return { tables: found, unlike: { table: table.name, wanted: wanted.rows, copied: copied.rows } }
      }
      found.push({ table: table.name, ...wanted })
    }
    return { tables: found }
  }

  /** The digest of what was read, where that was all of it. The next portion is read while one is written. */
  async function copy(table: MovedTable, from: Place | undefined): Promise<TableDigest | undefined> {
    if (from?.done) return undefined
    const digest = new Digest(table.columns)
    let after = from?.after ?? null
    let written = Promise.resolve()
    for (;;) {
      const rows = await origin.portion(table, after)
      for (const row of rows) digest.add(row)
      await written
      const last = rows.at(-1)
      if (last) after = keyOf(table, last)
      const place = { table: table.name, after, done: !last }
      written = target.put(table, rows, place)
      // Awaited later: it must not be taken for an error that nobody handles.
      written.catch(() => {})
      watching.onPortion?.({ doing: 'copy', table: table.name, rows: rows.length })
      if (!last) break
    }
    await written
    return from ? undefined : digest.result()
  }

  async function digestOf(end: End, table: MovedTable): Promise<TableDigest> {
    const digest = new Digest(table.columns)
    let after: MovedRow | null = null
    for (;;) {
      const rows: readonly MovedRow[] = await end.portion(table, after)
      for (const row of rows) digest.add(row)
      const last = rows.at(-1)
      if (!last) return digest.result()
      after = keyOf(table, last)
      watching.onPortion?.({ doing: 'prove', table: table.name, rows: rows.length })
    }
  }
}

function keyOf({ columns, key }: MovedTable, row: MovedRow): MovedRow {
  return key.map((name) => row[columns.findIndex((column) => column.name === name)] ?? null)
}

/** Both ends are of one version, so that they have the same tables and columns. The target doesn't know the streams yet. */
async function sameTables(origin: Origin, target: Target): Promise<readonly MovedTable[]> {
  const tables = await origin.tables(origin.streams)
  const found = await target.tables(origin.streams)
  const there = new Map(found.map((table) => [table.name, new Set(namesOf(table))]))
  for (const table of tables) {
    const has = there.get(table.name)
    const lacking = namesOf(table).find((name) => !has?.has(name))
    if (lacking !== undefined) throw unlike(target, `${table.name}.${lacking}`)
  }
  return tables
}

function namesOf({ columns }: MovedTable): readonly string[] {
  return columns.map(({ name }) => name)
}

function unlike(target: Target, what: string): TidemarkError {
  return new TidemarkError('migration_differs', `The database ${target.name} has no place for ${what}.`)
}

function differs(
  origin: Origin,
  target: Target,
  { table, wanted, copied }: { readonly table: string; readonly wanted: number; readonly copied: number },
): TidemarkError {
  const counts =
    wanted === copied ? `other contents in ${table}` : `${plural(copied, 'row')} in ${table}, not ${count(wanted)}`
  return new TidemarkError('migration_differs', `The copy of ${origin.name} in ${target.name} has ${counts}.`)
}

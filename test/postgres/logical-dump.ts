// Owns what a mirror holds, without how: every row that people can see, and what passes keep, of either store.

import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
import { TYPES } from '../../src/store/postgres/values.ts'
import { SQLITE } from '../../src/store/sqlite/dialect.ts'
import { systemViews } from '../../src/store/system/views.ts'

/** Rows by what was asked for, as lines in an order of their own. */
export type Dump = Readonly<Record<string, readonly string[]>>

const KEPT = ['tm_states', 'tm_walks', 'tm_seen', 'tm_leases']

function tables(base: string): readonly string[] {
  return [
    ...systemViews(SQLITE).map(({ name }) => name),
    ...KEPT,
    ...['_all', '_versions', '_snapshots', '_daily'].map((ending) => base + ending),
  ]
}

export function dumpSqlite(path: string, base: string): Dump {
  const db = new DatabaseSync(path, { readOnly: true })
  try {
    return Object.fromEntries(tables(base).map((name) => [name, lines(db.prepare(`SELECT * FROM ${name}`).all())]))
  } finally {
    db.close()
  }
}

export async function dumpPostgres(url: string, base: string): Promise<Dump> {
  const client = new pg.Client({ connectionString: url, types: TYPES })
  await client.connect()
  try {
    const dump: Record<string, readonly string[]> = {}
    for (const name of tables(base)) dump[name] = lines((await client.query<object>(`SELECT * FROM ${name}`)).rows)
    return dump
  } finally {
    await client.end()
  }
}

function lines(rows: readonly object[]): readonly string[] {
  return rows.map((row) => JSON.stringify(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)))).sort()
}

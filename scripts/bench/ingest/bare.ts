// Owns the bare loop that the ingest benchmark compares with, a process of its own: the least that keeps what Tidemark
// keeps of a record. It fetches pages, parses them, and writes fifteen typed columns and the text, a transaction a page.
//
//   node bare.ts <address> <file> <records per page>

import { DatabaseSync } from 'node:sqlite'
import { COLUMNS } from './columns.ts'

const [address, file, limit] = process.argv.slice(2) as [string, string, string]
const db = new DatabaseSync(file)
db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
db.exec(`CREATE TABLE IF NOT EXISTS records (${COLUMNS.map(({ name, type }) => `${name} ${type}`).join(', ')}, raw TEXT,
  PRIMARY KEY (id))`)
const names = COLUMNS.map(({ name }) => name)
const upsert = db.prepare(`INSERT INTO records VALUES (${[...names, 'raw'].map(() => '?').join(', ')})
  ON CONFLICT (id) DO UPDATE SET ${[...names.slice(1), 'raw'].map((name) => `${name} = excluded.${name}`).join(', ')}`)
const { since } = db.prepare('SELECT max(updated_at) AS since FROM records').get() as { since: number | null }

let page: number | undefined = 0
while (page !== undefined) {
  const answer: Response = await fetch(`${address}/records?limit=${limit}&page=${page}&since=${since ?? 0}`)
  const { items, next } = JSON.parse(await answer.text()) as { items: Record<string, unknown>[]; next?: number }
  db.exec('BEGIN')
  for (const record of items) upsert.run(...COLUMNS.map(({ name }) => cell(record[name])), JSON.stringify(record))
  db.exec('COMMIT')
  page = next
}
db.close()

function cell(value: unknown): string | number | null {
  if (typeof value === 'string' || typeof value === 'number') return value
  if (typeof value === 'boolean') return value ? 1 : 0
  return value === null || value === undefined ? null : JSON.stringify(value)
}

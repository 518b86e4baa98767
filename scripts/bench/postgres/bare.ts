// Owns the bare loop that the PostgreSQL benchmark compares with, a process of its own: the least that keeps what Tidemark
// keeps of a record. It fetches pages, parses them, and writes fifteen typed columns and the text, a statement a page.
//
//   node bare.ts <address> <url> <records per page> [again]     again: from the first record, whatever is there

import pg from 'pg'
import { COLUMNS } from '../ingest/columns.ts'

const TYPES = { TEXT: 'text', INTEGER: 'bigint', REAL: 'double precision' } as const

const [address, url, limit, again] = process.argv.slice(2) as [string, string, string, string?]
const client = new pg.Client({ connectionString: url })
await client.connect()
const columns = [...COLUMNS.map(({ name, type }) => ({ name, type: TYPES[type] })), { name: 'raw', type: 'text' }]
const names = columns.map(({ name }) => name)
await client.query(
  `CREATE TABLE IF NOT EXISTS records (${columns.map(({ name, type }) => `${name} ${type}`).join(', ')}, PRIMARY KEY (id))`,
)
const upsert = `INSERT INTO records SELECT * FROM unnest(${columns.map(({ type }, i) => `$${i + 1}::${type}[]`).join(', ')})
  ON CONFLICT (id) DO UPDATE SET ${names
    .slice(1)
    .map((name) => `${name} = excluded.${name}`)
    .join(', ')}`
const { rows } = await client.query<{ since: string | null }>('SELECT max(updated_at) AS since FROM records')
const since = again ? 0 : (rows[0]?.since ?? 0)

let page: number | undefined = 0
while (page !== undefined) {
  const answer: Response = await fetch(`${address}/records?limit=${limit}&page=${page}&since=${since}`)
  const { items, next } = JSON.parse(await answer.text()) as { items: Record<string, unknown>[]; next?: number }
  const values = names.map((name) => items.map((item) => (name === 'raw' ? JSON.stringify(item) : cell(item[name]))))
  await client.query({ name: 'upsert', text: upsert, values })
  page = next
}
await client.end()

function cell(value: unknown): string | number | null {
  if (typeof value === 'string' || typeof value === 'number') return value
  if (typeof value === 'boolean') return value ? 1 : 0
  return value === null || value === undefined ? null : JSON.stringify(value)
}

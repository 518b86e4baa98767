// Owns the benchmark of reading: three queries on a stream's view against a table that somebody wrote by hand, with the
// same columns, the same text, and the key as primary key.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openTidemark } from '../../src/open.ts'
import { startShop } from './emulator.ts'
import type { Figure } from './figure.ts'
import { median } from './ingest.ts'

const ROUNDS = 15

const QUERIES: Readonly<Record<string, (table: string, key: string) => string>> = {
  'revenue by status': (table) => `SELECT status, count(*), sum(total_amount) FROM ${table} GROUP BY status`,
  'latest fifty': (table) => `SELECT * FROM ${table} ORDER BY update_time DESC LIMIT 50`,
  'one by key': (table, key) => `SELECT * FROM ${table} WHERE _key = '${key}'`,
}

export async function queries(records = 100_000): Promise<readonly Figure[]> {
  using source = await startShop(records)
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-'))
  const file = join(folder, 'bench.db')
  try {
    const tidemark = await openTidemark({ database: file, key: new Uint8Array(32).fill(1) })
    const connection = await tidemark.connect('tiktok-shop', { id: 'shop', options: source.options })
    await connection.sync()
    // A second account in the same table, as people have them.
    await (await tidemark.connect('tiktok-shop', { id: 'other', options: source.options })).sync({ maxRequests: 50 })
    await tidemark.close()
    const db = new DatabaseSync(file)
    const columns = db
      .prepare('SELECT * FROM tiktok_shop_orders LIMIT 0')
      .columns()
      .map(({ name }) => name)
    const own = columns.filter((name) => !['_project', '_connection', '_key'].includes(name))
    const types = own.map((name) => `"${name}"${name.endsWith('_time') ? ' INTEGER' : ''}`)
    db.exec(`CREATE TABLE hand (_project TEXT, _connection TEXT, _key TEXT, ${types.join(', ')}, PRIMARY KEY (_key, _connection));
      INSERT INTO hand SELECT * FROM tiktok_shop_orders`)
    const key = String(db.prepare('SELECT _key FROM hand LIMIT 1 OFFSET 777').get()?.['_key'])
    return Object.entries(QUERIES).map(([name, sql]) => {
      const ratios: number[] = []
      const times = name === 'one by key' ? 200 : 1
      for (let i = 0; i < ROUNDS; i++)
        ratios.push(time(db, sql('tiktok_shop_orders', key), times) / time(db, sql('hand', key), times))
      const value = median(ratios)
      return { name: `${name}: time relative to a table by hand`, value, unit: '', aim: '≤ 2', met: value <= 2 }
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function time(db: DatabaseSync, sql: string, times: number): number {
  const statement = db.prepare(sql)
  const start = performance.now()
  for (let i = 0; i < times; i++) statement.all()
  return performance.now() - start
}

// Owns the benchmark of a first sync against the bare loop of the same work: the same HTTP client, JSON.parse, and an
// insert of each record's text into SQLite; and of a second full pass in which nothing has changed.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import shop from '../../src/connectors/tiktok-shop.ts'
import { systemChance, systemClock } from '../../src/engine/system.ts'
import { createHttp } from '../../src/http/client.ts'
import { createLimiter } from '../../src/http/limiter.ts'
import { nodeTransport } from '../../src/http/node-transport.ts'
import { silentLogger } from '../../src/model/ports.ts'
import { openTidemark } from '../../src/open.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { type Shop, startShop } from './emulator.ts'
import type { Figure } from './figure.ts'

const PAIRS = 5

export async function ingest(records = 100_000): Promise<readonly Figure[]> {
  using source = await startShop(records)
  // Once for each, so that the emulator has made its pages and the code is compiled.
  await bareLoop(source)
  await firstSync(source)
  const bare: number[] = []
  const first: number[] = []
  const unchanged: number[] = []
  for (let i = 0; i < PAIRS; i++) {
    bare.push(await bareLoop(source))
    const times = await firstSync(source)
    first.push(times.first)
    unchanged.push(times.unchanged)
  }
  const ratio = median(bare.map((ms, i) => ms / (first[i] as number)))
  const again = median(first.map((ms, i) => ms / (unchanged[i] as number)))
  return [
    { name: 'bare loop', value: (records / median(bare)) * 1_000, unit: 'records/s' },
    { name: 'first sync', value: (records / median(first)) * 1_000, unit: 'records/s' },
    { name: 'first sync, speed relative to the bare loop', value: ratio, unit: '', aim: '≥ 0.70', met: ratio >= 0.7 },
    { name: 'full pass without changes', value: (records / median(unchanged)) * 1_000, unit: 'records/s' },
    {
      name: 'full pass without changes, speed relative to the first',
      value: again,
      unit: '',
      aim: '> 1',
      met: again > 1,
    },
  ]
}

async function firstSync(source: Shop): Promise<{ first: number; unchanged: number }> {
  return inFolder(async (file) => {
    const tidemark = await openTidemark({ database: file, key: new Uint8Array(32).fill(1) })
    try {
      const connection = await tidemark.connect('tiktok-shop', { id: 'shop', options: source.options })
      const first = await timed(() => connection.sync())
      const unchanged = await timed(() => connection.sync({ mode: 'full' }))
      return { first, unchanged }
    } finally {
      await tidemark.close()
    }
  })
}

async function bareLoop({ options }: Shop): Promise<number> {
  return inFolder(async (file) => {
    const db = new DatabaseSync(file)
    db.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; CREATE TABLE orders (id TEXT PRIMARY KEY, raw TEXT)',
    )
    const insert = db.prepare('INSERT INTO orders VALUES (?, ?)')
    const transport = nodeTransport()
    const memory = await openSqliteStore({ path: ':memory:', clock: systemClock })
    const http = createHttp({
      settings: shop.service.http({ authUrl: options['authUrl'], ...options } as never),
      baseUrl: String(options['baseUrl']),
      allowPrivateNetwork: true,
      transport,
      clock: systemClock,
      chance: systemChance,
      limiter: createLimiter({ store: memory, clock: systemClock }),
      logger: silentLogger,
      signal: new AbortController().signal,
      record: () => {},
    })
    const ms = await timed(async () => {
      let page_token: string | undefined
      do {
        const query = {
          shop_cipher: String(options['shopCipher']),
          page_size: 100,
          sort_field: 'update_time',
          sort_order: 'ASC',
          page_token,
        }
        const { body } = await http.post('/order/202309/orders/search', { query, json: {} })
        const { data } = body as { data: { orders: { id: string }[]; next_page_token: string } }
        db.exec('BEGIN')
        for (const order of data.orders) insert.run(order.id, JSON.stringify(order))
        db.exec('COMMIT')
        page_token = data.next_page_token || undefined
      } while (page_token)
      return { status: 'succeeded' }
    })
    db.close()
    await transport.close()
    await memory.close()
    return ms
  })
}

async function timed(act: () => Promise<{ status: string }>): Promise<number> {
  const start = performance.now()
  const { status } = await act()
  if (status !== 'succeeded') throw new Error(`the run is ${status}`)
  return performance.now() - start
}

async function inFolder<T>(act: (file: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-'))
  try {
    return await act(join(folder, 'bench.db'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number
}

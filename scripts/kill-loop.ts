// Owns the kill loop: a first sync of many orders, killed with SIGKILL at random moments, again and again, until it is
// through; then the mirror is compared with the world. Nothing may be lost, nothing doubled, and little read twice.
//
//   npm run kill-loop -- --kills 200 --orders 100000 --seed 1 --database postgres
//   npm run kill-loop -- --kills 200 --orders 20000 --seed 1 --workers      (two workers on PostgreSQL, paid runs too)

import { spawn } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { seeded, settingsOf, startEmulator } from './kill-loop/emulator.ts'
import { exit, expectZero } from './kill-loop/ended.ts'
import { type Mirror, type Mirrors, postgresMirrors, sqliteMirrors } from './kill-loop/mirrors.ts'
import { killWorkers } from './kill-loop/workers.ts'

export interface KillLoopOptions {
  readonly kills: number
  readonly orders: number
  readonly seed: number
  /** @default 'sqlite' */
  readonly database?: 'sqlite' | 'postgres'
  readonly say?: (line: string) => void
}

export interface KillLoopResult {
  readonly kills: number
  /** First syncs that came through. */
  readonly mirrors: number
  /** Keys of the world that the mirror lacks. */
  readonly lost: number
  /** Records, versions or feed entries beyond one per order. */
  readonly doubled: number
  /** Search requests that the emulator answered, and how many an undisturbed sync needs. */
  readonly pages: number
  readonly pagesIdeal: number
  /** What the database says of itself. */
  readonly integrity: string
}

const BIN = fileURLToPath(new URL('../bin/tidemark.js', import.meta.url))
const SEARCH = '/order/202309/orders/search'
const PAGE_SIZE = 100

/** Runs the loop and compares. Everything it starts has ended when it returns. */
export async function killLoop(options: KillLoopOptions): Promise<KillLoopResult> {
  const { kills, orders, seed, database = 'sqlite', say = () => {} } = options
  const mirrors: Mirrors = await (database === 'sqlite' ? sqliteMirrors() : postgresMirrors())
  const random = seeded(seed)
  const emulator = await startShop(orders, seed)
  const key = Buffer.alloc(32, 7).toString('base64')
  const result = { kills: 0, mirrors: 0, lost: 0, doubled: 0, pages: 0, pagesIdeal: 0, integrity: 'ok' }
  try {
    const world = await emulator.keys()
    while (result.kills < kills) {
      const mirror = await mirrors.make()
      const env = { ...process.env, TIDEMARK_DATABASE: mirror.database, TIDEMARK_KEY: key }
      const tidemark = (...args: string[]) => spawn(process.execPath, [BIN, ...args], { env, stdio: 'ignore' })
      await expectZero(tidemark('connect', 'tiktok-shop', '--id', 'shop', ...emulator.settings))
      await emulator.forgetLog()
      for (;;) {
        const sync = tidemark('sync', 'shop/orders')
        const ended =
          result.kills < kills ? await Promise.race([exit(sync), sleep(150 + random() * 450)]) : await exit(sync)
        if (ended !== undefined) {
          if (ended !== 0) throw new Error(`a sync that was not killed exited with ${ended}`)
          break
        }
        sync.kill('SIGKILL')
        await exit(sync)
        result.kills++
        if (result.kills % 20 === 0) say(`${result.kills} kills, ${await countOrders(mirror)} of ${orders} orders`)
      }
      const compared = await compare(mirror, world)
      result.mirrors++
      result.lost += compared.lost
      result.doubled += compared.doubled
      if (compared.integrity !== 'ok') result.integrity = compared.integrity
      result.pages += await emulator.pages()
      // The next page begins with the last record of this one, so that a page brings one record less than its size.
      result.pagesIdeal += Math.ceil((orders - 1) / (PAGE_SIZE - 1))
      await mirror.drop()
    }
    return result
  } finally {
    emulator.end()
    await mirrors.end()
  }
}

async function startShop(orders: number, seed: number) {
  const emulator = await startEmulator('tiktok-shop', { orders, seed, detail: 'compact' })
  const admin: typeof emulator.admin = (...call) => emulator.admin(...call)
  const options = ['appKey', 'appSecret', 'accessToken', 'refreshToken', 'shopCipher']
  return {
    settings: [...settingsOf(emulator, options), '--set', `authUrl=${emulator.info['url']}`],
    keys: async () => new Set(((await admin('GET', '/world/orderList')) as { id: string }[]).map(({ id }) => id)),
    pages: async () => ((await admin('GET', `/log?limit=1000000&path=${SEARCH}`)) as unknown[]).length,
    forgetLog: async () => void (await admin('DELETE', '/log')),
    end: () => emulator.end(),
  }
}

async function compare(mirror: Mirror, world: ReadonlySet<string>) {
  const count = async (sql: string) => Number(Object.values((await mirror.query(sql))[0] ?? {})[0])
  const keys = new Set((await mirror.query('select _key from tiktok_shop_orders')).map((row) => String(row['_key'])))
  const lost = [...world].filter((key) => !keys.has(key)).length
  const extra = [...keys].filter((key) => !world.has(key)).length
  const versions = await count('select count(*) from tiktok_shop_orders_versions')
  const changes = await count('select count(*) from changes')
  const holes = await count('select max(seq) - count(*) from changes')
  const doubled = extra + (versions - world.size) + (changes - world.size) + holes
  return { lost, doubled, integrity: await mirror.integrity() }
}

async function countOrders(mirror: Mirror): Promise<number> {
  return Number((await mirror.query('select count(*) as n from tiktok_shop_orders'))[0]?.['n'])
}

async function sleep(ms: number): Promise<undefined> {
  await delay(ms)
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string', default: '200' },
      orders: { type: 'string', default: '100000' },
      seed: { type: 'string', default: '1' },
      database: { type: 'string', default: 'sqlite' },
      workers: { type: 'boolean', default: false },
    },
  })
  if (values.workers) {
    const { kills, orders, seed } = values
    const say = (line: string) => console.log(line)
    const result = await killWorkers({ kills: Number(kills), orders: Number(orders), seed: Number(seed), say })
    console.log(`${result.kills} kills of two workers over ${result.mirrors} mirrors, ${result.paidRuns} paid runs`)
    console.log(
      `lost ${result.lost} · doubled ${result.doubled} · paid twice ${result.paidTwice} · integrity ${result.integrity}`,
    )
    process.exit(result.lost + result.doubled + result.paidTwice > 0 || result.integrity !== 'ok' ? 1 : 0)
  }
  const { database } = values
  if (database !== 'sqlite' && database !== 'postgres') throw new RangeError(`--database is sqlite or postgres`)
  const options = {
    kills: Number(values.kills),
    orders: Number(values.orders),
    seed: Number(values.seed),
    database,
  } as const
  const result = await killLoop({ ...options, say: (line) => console.log(line) })
  const again = result.pages - result.pagesIdeal
  console.log(`${result.kills} kills over ${result.mirrors} first syncs of ${options.orders} orders`)
  console.log(`lost ${result.lost} · doubled ${result.doubled} · integrity ${result.integrity}`)
  console.log(
    `${result.pages} pages, ${result.pagesIdeal} undisturbed: ${(again / result.kills).toFixed(2)} read again per kill`,
  )
  process.exitCode = result.lost + result.doubled > 0 || result.integrity !== 'ok' || again > 2 * result.kills ? 1 : 0
}

// Owns the kill loop of workers: two of them on one PostgreSQL, with first syncs of shops and of creators whose rows cost
// money; one of them is killed at a random moment and started again, until all syncs are through. Then the mirror is
// compared with the worlds. Nothing may be lost, doubled, or paid twice.

import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type RunningEmulator, seeded, settingsOf, startEmulator } from './emulator.ts'
import { exit, expectZero } from './ended.ts'
import { type Mirror, postgresMirrors } from './mirrors.ts'

export interface WorkersOptions {
  readonly kills: number
  /** Orders of each shop. */
  readonly orders: number
  readonly seed: number
  readonly say?: (line: string) => void
}

export interface WorkersResult {
  readonly kills: number
  readonly mirrors: number
  /** Keys of the worlds that the mirrors lack. */
  readonly lost: number
  /** Records, versions or feed entries beyond one each. */
  readonly doubled: number
  /** Paid runs that were started twice for one intent, or for none. */
  readonly paidTwice: number
  readonly paidRuns: number
  readonly integrity: string
}

const BIN = fileURLToPath(new URL('../../bin/tidemark.js', import.meta.url))
const WORKERS = 2
const SHOPS = 2
const CREATORS = 2
const POSTS = 120
/** How long an emulated paid run takes, in milliseconds: long enough to be killed in. */
const PAID_MS = 1_500
const SHOP = ['appKey', 'appSecret', 'accessToken', 'refreshToken', 'shopCipher']
const CREATOR = ['username', 'apifyToken']
/** How a paid run names the intent that it was started for, in its input. */
const INTENT = 'tidemarkIntent'

interface Service {
  readonly id: string
  readonly connector: 'tiktok-shop' | 'instagram'
  readonly stream: 'orders' | 'reels'
  readonly emulator: RunningEmulator
  readonly settings: readonly string[]
  readonly keys: () => Promise<ReadonlySet<string>>
}

/** Runs the loop and compares. Everything that it starts has ended when it returns. */
export async function killWorkers({ kills, orders, seed, say = () => {} }: WorkersOptions): Promise<WorkersResult> {
  const mirrors = await postgresMirrors()
  const random = seeded(seed)
  const services = await startServices(orders, seed)
  const result = { kills: 0, mirrors: 0, lost: 0, doubled: 0, paidTwice: 0, paidRuns: 0, integrity: 'ok' }
  const workers: ChildProcess[] = []
  try {
    while (result.kills < kills) {
      const mirror = await mirrors.make()
      const start = (...args: string[]) =>
        spawn(process.execPath, [BIN, ...args], { env: envOf(mirror), stdio: 'ignore' })
      for (const { id, connector, settings } of services) {
        await expectZero(start('connect', connector, '--id', id, '--no-check', ...settings))
        await expectZero(start('schedule', id, 'every 1h'))
      }
      const before = new Set((await paidRuns(services)).map(({ id }) => id))
      for (let i = 0; i < WORKERS; i++) workers[i] = start('worker')
      while (!(await isThrough(mirror, services))) {
        await makeDue(mirror)
        await delay(800 + random() * 2_400)
        if (result.kills >= kills) continue
        const i = Math.floor(random() * WORKERS)
        workers[i]?.kill('SIGKILL')
        await exit(workers[i]!)
        workers[i] = start('worker')
        if (++result.kills % 20 === 0) say(`${result.kills} kills, ${result.mirrors} mirrors`)
      }
      for (const worker of workers.splice(0)) worker.kill('SIGTERM')
      const compared = await compare(
        mirror,
        services,
        (await paidRuns(services)).filter(({ id }) => !before.has(id)),
      )
      result.mirrors++
      result.lost += compared.lost
      result.doubled += compared.doubled
      result.paidTwice += compared.paidTwice
      result.paidRuns += compared.paidRuns
      if (compared.integrity !== 'ok') result.integrity = compared.integrity
      await mirror.drop()
    }
    return result
  } finally {
    for (const worker of workers) worker.kill('SIGKILL')
    for (const { emulator } of services) emulator.end()
    await mirrors.end()
  }
}

async function startServices(orders: number, seed: number): Promise<readonly Service[]> {
  const services: Service[] = []
  for (let i = 0; i < SHOPS; i++) {
    const emulator = await startEmulator('tiktok-shop', { orders, seed: seed + i, detail: 'compact' })
    const keys = async () =>
      new Set(((await emulator.admin('GET', '/world/orderList')) as { id: string }[]).map(({ id }) => id))
    const settings = [...settingsOf(emulator, SHOP), '--set', `authUrl=${emulator.info['url']}`]
    services.push({ id: `shop-${i}`, connector: 'tiktok-shop', stream: 'orders', emulator, settings, keys })
  }
  for (let i = 0; i < CREATORS; i++) {
    const emulator = await startEmulator('instagram', { posts: POSTS, seed: seed + i, 'run-ms': PAID_MS })
    const keys = async () =>
      new Set((await emulator.admin('GET', `/world/posts?args=${encodeURIComponent('["ada"]')}`)) as string[])
    const settings = settingsOf(emulator, CREATOR)
    services.push({ id: `reels-${i}`, connector: 'instagram', stream: 'reels', emulator, settings, keys })
  }
  return services
}

function envOf({ database }: Mirror): NodeJS.ProcessEnv {
  return { ...process.env, TIDEMARK_DATABASE: database, TIDEMARK_KEY: Buffer.alloc(32, 7).toString('base64') }
}

/** What is not through is due at once: a schedule that waits after a failure would only keep the loop waiting. */
async function makeDue(mirror: Mirror): Promise<void> {
  await mirror.query(`UPDATE tm_schedules h SET next_at = floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint - 1
    WHERE NOT EXISTS (SELECT 1 FROM runs r JOIN tm_connections c ON c.id = r.connection
      WHERE c.no = h.connection_no AND r.status = 'succeeded')`)
}

async function isThrough(mirror: Mirror, services: readonly Service[]): Promise<boolean> {
  const [row] = await mirror.query(`SELECT count(DISTINCT connection)::int AS n FROM runs WHERE status = 'succeeded'`)
  return row?.['n'] === services.length
}

interface PaidRun {
  readonly id: string
  readonly input: Readonly<Record<string, unknown>>
}

async function paidRuns(services: readonly Service[]): Promise<readonly PaidRun[]> {
  const paid = services.filter(({ connector }) => connector === 'instagram')
  return (await Promise.all(paid.map(({ emulator }) => emulator.admin('GET', '/world/runs')))).flat() as PaidRun[]
}

async function compare(mirror: Mirror, services: readonly Service[], paid: readonly PaidRun[]) {
  const count = async (sql: string) => Number(Object.values((await mirror.query(sql))[0] ?? {})[0])
  let [lost, doubled] = [0, 0]
  for (const { id, connector, stream, keys } of services) {
    const base = `${connector.replace('-', '_')}_${stream}`
    const world = await keys()
    const stored = await mirror.query(`select _key from ${base} where _connection = '${id}'`)
    const known = new Set(stored.map((row) => String(row['_key'])))
    lost += [...world].filter((key) => !known.has(key)).length
    doubled += stored.length - known.size + [...known].filter((key) => !world.has(key)).length
    const versions = await count(`select count(*) from ${base}_versions where _connection = '${id}'`)
    const changes = await count(`select count(*) from changes where connection = '${id}' and stream = '${stream}'`)
    doubled += versions - world.size + (changes - world.size)
  }
  doubled += await count('select max(seq) - count(*) from changes')
  const intents = new Set((await mirror.query('select id from tm_intents')).map(({ id }) => String(id)))
  const wanted = paid.map(({ input }) => String(input[INTENT])).filter((intent) => intents.has(intent))
  const paidTwice = paid.length - new Set(wanted).size
  return { lost, doubled, paidTwice, paidRuns: paid.length, integrity: await mirror.integrity() }
}

// Owns the proof that a process that stood still while its lease ended is harmless when it wakes: another one has its
// place, and it writes nothing any more. Real processes, stopped and continued with signals, over real sockets.

import { type ChildProcess, spawn } from 'node:child_process'
import { hash } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, expect, test } from 'vitest'
import { LEASE_MS } from '../../src/engine/runs/lease.ts'
import { type TikTokShopEmulator, tiktokShopEmulator } from '../../src/testing/emulators/index.ts'
import { type Mirror, openMirror } from '../support/mirror.ts'
import { lacks, NO_POSIX } from '../support/on-posix.ts'

const ENTRY = join(import.meta.dirname, 'sync-entry.ts')
const ORDERS = 900
/** In a process whose clock is so far ahead, a lease that was prolonged just now has ended. */
const AHEAD_MS = LEASE_MS + 5_000
/** How long the source takes for the page that the process waits for when it is stopped. */
const ANSWER_MS = 5_000

interface Ended {
  readonly status: string
  readonly code: string | null
  readonly verdict: string | null
}

const children = new Set<ChildProcess>()
afterEach(() => {
  for (const child of children) child.kill('SIGKILL')
  children.clear()
})

test.skipIf(NO_POSIX)(
  `a process that stood still past its lease wakes up and writes nothing${lacks('signals that stop a process')}`,
  async () => {
    await using tiktok = await tiktokShopEmulator({ orders: ORDERS })
    await using mirror = await openMirror()
    const zombie = await stoppedIn(tiktok, mirror)
    // Its lease still holds, whatever it does with it; by this clock for a while, in which a process can be started.
    expect(await sync(mirror, -LEASE_MS)).toMatchObject({ status: 'threw', code: 'run_active' })
    // What the zombie holds in its hands is old now.
    tiktok.world.touchRandom(400)
    expect(await sync(mirror, AHEAD_MS)).toMatchObject({ status: 'succeeded' })
    compare(mirror, tiktok)
    const before = digest(mirror)
    zombie.child.kill('SIGCONT')
    expect(await zombie.ended).toEqual({ status: 'threw', code: 'lease_lost', verdict: 'yield' })
    expect(digest(mirror)).toBe(before)
    tiktok.world.touchRandom(5)
    expect(await sync(mirror, AHEAD_MS)).toMatchObject({ status: 'succeeded' })
    compare(mirror, tiktok)
  },
)

test.skipIf(NO_POSIX)(
  `a process that stood still is killed without anybody noticing${lacks('signals that stop a process')}`,
  async () => {
    await using tiktok = await tiktokShopEmulator({ orders: ORDERS })
    await using mirror = await openMirror()
    const zombie = await stoppedIn(tiktok, mirror)
    expect(await sync(mirror, AHEAD_MS)).toMatchObject({ status: 'succeeded' })
    const before = digest(mirror)
    zombie.child.kill('SIGKILL')
    await once(zombie.child, 'exit')
    expect(digest(mirror)).toBe(before)
    compare(mirror, tiktok)
  },
)

test.skipIf(NO_POSIX)(
  `a process that is killed while it stands still gives way at once${lacks('signals that stop a process')}`,
  async () => {
    await using tiktok = await tiktokShopEmulator({ orders: ORDERS })
    await using mirror = await openMirror()
    const zombie = await stoppedIn(tiktok, mirror)
    zombie.child.kill('SIGKILL')
    await once(zombie.child, 'exit')
    expect(await sync(mirror)).toMatchObject({ status: 'succeeded' })
    compare(mirror, tiktok)
  },
)

/**
 * A first sync in a process of its own that stands still while the source answers its fourth page. That page is asked for
 * before the third is stored: the answer waits for that, since a process that stops within its transaction locks the file.
 */
async function stoppedIn(tiktok: TikTokShopEmulator, mirror: Mirror) {
  await mirror.shop(tiktok)
  let searches = 0
  const isFourthSearch = ({ path }: { path: string }) => path.endsWith('/orders/search') && ++searches === 4
  tiktok.faults.when(isFourthSearch, { kind: 'delay', ms: ANSWER_MS })
  const { child, ended } = start(mirror)
  const stored = () => mirror.value("select count(*) from requests where url like '%/orders/search%'")
  await expect.poll(stored, { timeout: 30_000, interval: 20 }).toBe(3)
  child.kill('SIGSTOP')
  expect(Number(mirror.value('select count(*) from tiktok_shop_orders'))).toBeGreaterThan(0)
  return { child, ended }
}

function start(mirror: Mirror, ahead = 0): { child: ChildProcess; ended: Promise<Ended> } {
  const args = ['--no-warnings', ENTRY, mirror.file, String(ahead)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  children.add(child)
  const ended = text(child.stdout).then((said) => JSON.parse(said || '{"status":"silent"}') as Ended)
  return { child, ended }
}

async function sync(mirror: Mirror, ahead = 0): Promise<Ended> {
  return start(mirror, ahead).ended
}

/** Everything but the buckets of the limiter, which a process fills before it asks and without a lease. */
function digest(mirror: Mirror): string {
  const tables = mirror.sql(
    `SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'tm_buckets' ORDER BY name`,
  )
  const rows = tables.map(({ name }) => mirror.sql(`SELECT * FROM "${String(name)}"`))
  return hash('sha256', JSON.stringify([tables, rows]), 'hex')
}

/** The mirror is the world: every order once, with its last status and time. */
function compare(mirror: Mirror, tiktok: TikTokShopEmulator): void {
  const stored = mirror.sql('SELECT _key, status, update_time FROM tiktok_shop_orders ORDER BY _key')
  const world = tiktok.world
    .orders()
    .map((order) => ({ _key: String(order['id']), status: order['status'], update_time: order['update_time'] }))
  expect(stored).toEqual(world.sort((a, b) => (a._key < b._key ? -1 : 1)))
  const gaps = mirror.value('SELECT max(seq) - count(*) FROM changes')
  expect(gaps).toBe(0)
  expect(mirror.value('PRAGMA integrity_check')).toBe('ok')
}

import { expect, test } from 'vitest'
import { githubEmulator, tiktokShopEmulator } from '../../src/testing/emulators/index.ts'
import { openMirror } from '../support/mirror.ts'
import { sleeplessClock } from '../support/sleepless-clock.ts'

test('a limit that is spent is waited for a minute in all, then the run ends incomplete and the rest is a gap', async () => {
  await using github = await githubEmulator({ stars: 616, limits: false })
  const clock = sleeplessClock()
  await using mirror = await openMirror({ clock })
  const me = await mirror.github(github, { token: undefined, user: 'ada' })
  // Without a token GitHub allows 60 requests an hour; most of them are spent elsewhere.
  await mirror.tidemark.store.limits.reserve({
    key: 'github:anonymous',
    capacity: 60,
    perMs: 3_600_000,
    want: 58,
    now: clock.now(),
  })
  const run = await me.sync()
  expect(run).toMatchObject({ status: 'incomplete', error: { code: 'rate_limited', verdict: 'wait' } })
  expect(run.streams[0]?.passes[0]?.ended).toBe('limit')
  expect(clock.waited()).toBeLessThanOrEqual(61_000)
  expect(mirror.value('select count(*) from gaps')).toBe(1)
})

test('a full run of a byCursor stream is a full pass', async () => {
  await using tiktok = await tiktokShopEmulator({ orders: 150 })
  await using mirror = await openMirror()
  const shop = await mirror.shop(tiktok)
  await shop.sync({ streams: ['orders'] })
  expect(mirror.value("select last_full_at from streams where stream = 'orders'")).toBeNull()
  await shop.sync({ mode: 'full', streams: ['orders'] })
  const told = "select last_full_at is not null as full, runs_since_full from streams where stream = 'orders'"
  expect(mirror.sql(told)).toEqual([{ full: 1, runs_since_full: 0 }])
})

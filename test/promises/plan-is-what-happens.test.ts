import { expect, test } from 'vitest'
import type { Connection } from '../../src/open.ts'
import { githubEmulator, tiktokShopEmulator } from '../../src/testing/emulators/index.ts'
import { openMirror } from '../support/mirror.ts'

/** Plans and then does it, in a world that stands still; returns both by pass. */
async function planned(connection: Connection, mode: 'auto' | 'full' = 'auto') {
  const plan = await connection.plan({ mode })
  const run = await connection.sync({ mode })
  const expected = plan.streams.map(({ stream, passes }) => [
    stream,
    passes.map(({ pass, requests }) => [pass, requests]),
  ])
  const happened = run.streams.map(({ stream, passes }) => [
    stream,
    passes.map(({ pass, requests }) => [pass, requests]),
  ])
  return { plan, run, expected, happened }
}

test('a plan costs no request and changes nothing', async () => {
  await using github = await githubEmulator({ stars: 250 })
  await using mirror = await openMirror()
  const me = await mirror.github(github)
  await me.plan()
  await me.sync()
  const before = { log: github.log.count(), runs: mirror.sql('select * from runs') }
  await me.plan({ mode: 'full' })
  expect({ log: github.log.count(), runs: mirror.sql('select * from runs') }).toEqual(before)
})

for (const stars of [0, 1, 99, 100, 101, 250, 300]) {
  test(`with ${stars} stars, what was planned is what happens, run after run`, async () => {
    await using github = await githubEmulator({ stars })
    await using mirror = await openMirror()
    const me = await mirror.github(github)
    const first = await planned(me)
    expect(first.plan.requests).toBeNull()
    // Ten runs, among them the full pass that is due every tenth.
    for (let i = 0; i < 10; i++) {
      const { expected, happened, plan, run } = await planned(me)
      expect(happened).toEqual(expected)
      expect(run.requests).toBe(plan.requests)
    }
    const full = await planned(me, 'full')
    expect(full.happened).toEqual(full.expected)
    expect(full.run.requests).toBe(full.plan.requests)
  })
}

test('what a full pass will have to confirm is planned as such', async () => {
  await using github = await githubEmulator({ stars: 150 })
  await using mirror = await openMirror()
  const me = await mirror.github(github, { token: undefined, user: 'ada' })
  await me.sync()
  github.world.unstarAt('ada', 20)
  await me.sync({ mode: 'full' })
  const { expected, happened, plan } = await planned(me)
  expect(happened).toEqual(expected)
  expect(plan.streams[0]?.passes[0]?.why).toContain('second witness')
})

test('removals that wait for a person stand in the plan', async () => {
  await using github = await githubEmulator({ stars: 150 })
  await using mirror = await openMirror()
  const me = await mirror.github(github)
  await me.sync()
  for (let i = 0; i < 30; i++) github.world.unstarAt('ada', 0)
  await me.sync({ mode: 'full' })
  expect((await me.plan()).streams[0]).toMatchObject({ removalsHeld: 30 })
})

test('a plan tells what budgets leave', async () => {
  await using github = await githubEmulator({ stars: 150 })
  await using mirror = await openMirror()
  const me = await mirror.github(github)
  await mirror.tidemark.setBudget('me', { requests: { max: 10, perMs: 3_600_000 } })
  const { requests } = await me.sync()
  expect((await me.plan()).budgets).toMatchObject([
    { scope: 'connection', name: 'me', requests: { max: 10, per: 'hour', spent: requests } },
  ])
})

test('a shop that stands still is read as planned', async () => {
  await using shop = await tiktokShopEmulator({ orders: 300 })
  await using mirror = await openMirror()
  const connection = await mirror.shop(shop)
  await connection.sync()
  await connection.sync()
  for (let i = 0; i < 3; i++) {
    const { expected, happened } = await planned(connection)
    expect(happened).toEqual(expected)
  }
})

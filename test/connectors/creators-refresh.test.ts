// Owns the proof that known posts of creators are read again at their price, and that none is lost by it.

import { describe, expect, test } from 'vitest'
import { connected } from './creators-world.ts'

describe('refreshing what is known', () => {
  /** What is asked of known videos is in `startUrls`, with addresses of videos. */
  const isRefresh = ({ body }: { readonly body: string }) => body.includes('/video/')

  test('a run whose start was not acknowledged is found and adopted', async () => {
    await using there = await connected('tiktok')
    const { emulator, world, mine, runs, keys, snapshots } = there
    await mine.sync()
    emulator.faults.when(isRefresh, { kind: 'reset', effect: true }, 1)
    const run = await mine.sync()
    expect(run).toMatchObject({ status: 'succeeded' })
    expect(runs().filter((one) => one.isRefresh)).toHaveLength(1)
    expect(snapshots(run.id)).toEqual(keys())
    expect(world.posts('ada')).toHaveLength(keys().length)
  })

  test('a run that fails tells nothing of the posts that it lacks', async () => {
    await using there = await connected('tiktok')
    const { world, mine, mirror, snapshots, keys } = there
    await mine.sync()
    // The first of the two lists what is new.
    world.nextRun({})
    world.nextRun({ status: 'FAILED', rows: 5 })
    const run = await mine.sync()
    expect(run).toMatchObject({ status: 'incomplete', error: { code: 'job_failed' } })
    expect(mirror.value('select count(*) from tiktok_videos where _unavailable_since is not null')).toBe(0)
    expect(snapshots(run.id).length).toBeLessThan(keys().length)
    const next = await mine.sync()
    expect(next).toMatchObject({ status: 'succeeded' })
    expect(snapshots(next.id)).toEqual(keys())
  })

  test('rows that could not be fetched are fetched by the next sync, which starts no other run for them', async () => {
    await using there = await connected('tiktok')
    const { emulator, mine, runs, snapshots, keys } = there
    await mine.sync()
    emulator.faults.when({ path: '/v2/datasets/*', after: 1 }, { kind: 'html' })
    expect(await mine.sync()).toMatchObject({ status: 'failed' })
    emulator.faults.clear()
    const before = runs().filter(({ isRefresh: one }) => one).length
    const next = await mine.sync()
    expect(next).toMatchObject({ status: 'succeeded' })
    expect(runs().filter(({ isRefresh: one }) => one).length - before).toBeLessThanOrEqual(1)
    expect(runs().at(-1)?.items ?? 0).toBeLessThan(20)
    expect(snapshots(next.id)).toEqual(keys())
  })

  test('with money for some, those are refreshed that the money allows; the rest is stale', async () => {
    await using there = await connected('tiktok', { emulator: { pins: 'never' } })
    const { world, mine, runs, snapshots } = there
    await mine.sync()
    const before = world.bill().cost
    const run = await mine.sync({ maxCost: 0.1 })
    expect(run).toMatchObject({ status: 'incomplete' })
    expect(world.bill().cost - before).toBeLessThanOrEqual(0.1 + 1e-9)
    const refreshed = runs().at(-1)
    expect(refreshed?.isRefresh).toBe(true)
    expect(refreshed?.items).toBeGreaterThan(5)
    expect(run.streams.find(({ stream }) => stream === 'videos')?.counts.stale).toBe(60 - snapshots(run.id).length)
    expect(await mine.sync()).toMatchObject({ status: 'succeeded' })
  })

  test('--mode refresh reads what is known, and looks for nothing new', async () => {
    await using there = await connected('tiktok')
    const { mine, runs, snapshots, keys, world } = there
    await mine.sync()
    world.publish('ada', 2)
    const before = runs().length
    const run = await mine.sync({ mode: 'refresh' })
    expect(run).toMatchObject({ status: 'succeeded' })
    expect(runs().slice(before)).toMatchObject([{ isRefresh: true, items: 60 }])
    expect(snapshots(run.id)).toEqual(keys())
  })
})

test('posts are refreshed at the addresses that they were served with, whatever the profile is called now', async () => {
  await using there = await connected('tiktok', { emulator: { posts: 40 } })
  const { world, mine, mirror } = there
  await mine.sync()
  await mine.sync()
  const { input } = world.runs().at(-1) ?? { input: {} }
  const known = new Set(mirror.sql('select url from tiktok_videos').map(({ url }) => url))
  const { startUrls: asked = [] } = input as { startUrls?: string[] }
  expect(asked.length).toBeGreaterThan(10)
  expect(asked.filter((address) => !known.has(address))).toEqual([])
})

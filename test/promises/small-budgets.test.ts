// However few requests a run may make, as long as it is more than one: run after run, a listing is read to its end.

import { describe, expect, test } from 'vitest'
import { githubEmulator, tiktokShopEmulator } from '../../src/testing/emulators/index.ts'
import { openMirror } from '../support/mirror.ts'

describe.each([2, 3, 4, 5])('with %i requests a run', (maxRequests) => {
  test('the first walk comes to its end, and says so', async () => {
    await using github = await githubEmulator({ stars: 450 })
    await using mirror = await openMirror()
    const me = await mirror.github(github)
    const ends: string[] = []
    for (let i = 0; i < 8 && ends.at(-1) !== 'succeeded'; i++) {
      const { status, requests } = await me.sync({ maxRequests })
      expect(requests).toBeLessThanOrEqual(maxRequests)
      ends.push(status)
    }
    expect(ends.at(-1)).toBe('succeeded')
    expect(mirror.value('SELECT count(*) FROM github_stars')).toBe(450)
    expect(mirror.value('SELECT count(*) FROM gaps')).toBe(0)
  })

  test('nothing is missed when the list shrinks between two runs', async () => {
    await using github = await githubEmulator({ stars: 450 })
    await using mirror = await openMirror()
    const me = await mirror.github(github)
    for (let i = 0; i < 12; i++) {
      await me.sync({ maxRequests })
      if (i < 2) github.world.unstarAt('ada', 40 + i)
    }
    const { status } = await me.sync()
    expect(status).toBe('succeeded')
    const stored = mirror.sql('SELECT _key FROM github_stars_all').map(({ _key }) => String(_key))
    expect(stored).toEqual(expect.arrayContaining(github.world.starIds('ada').map(String)))
  })
})

test('a full pass goes on from run to run', async () => {
  await using github = await githubEmulator({ stars: 450 })
  await using mirror = await openMirror()
  const me = await mirror.github(github)
  await me.sync()
  let { status } = await me.sync({ mode: 'full', maxRequests: 3 })
  for (let i = 0; i < 4 && status !== 'succeeded'; i++) ({ status } = await me.sync({ maxRequests: 3 }))
  expect(status).toBe('succeeded')
  expect(mirror.value('SELECT last_full_at IS NOT NULL FROM streams')).toBe(1)
})

test('one request is not enough, and the run says so', async () => {
  await using github = await githubEmulator({ stars: 150 })
  await using mirror = await openMirror()
  const me = await mirror.github(github)
  const run = await me.sync({ maxRequests: 1 })
  expect(mirror.value('SELECT count(*) FROM github_stars')).toBe(100)
  expect(run).toMatchObject({
    status: 'incomplete',
    error: { code: 'requests_spent', hint: expect.stringContaining('at least 2') },
  })
})

test.each([4, 5, 6])(
  'a group of equal times that takes three pages is passed with %i requests a run',
  async (maxRequests) => {
    await using tiktok = await tiktokShopEmulator({ orders: 50 })
    tiktok.world.tie(270)
    tiktok.clock.advance(86_400_000)
    tiktok.world.create(30)
    await using mirror = await openMirror()
    const shop = await mirror.shop(tiktok)
    let status = ''
    for (let i = 0; i < 6 && status !== 'succeeded'; i++) ({ status } = await shop.sync({ maxRequests }))
    expect(status).toBe('succeeded')
    expect(mirror.value('SELECT count(*) FROM tiktok_shop_orders')).toBe(tiktok.world.orders().length)
  },
)

// Owns the proof of what is found out of a creator's profile, token and actor when it is connected.

import { expect, test } from 'vitest'
import { connected } from './creators-world.ts'

test('a wrong token is told when it is connected, with where to get one', async () => {
  const refused = await connected('tiktok', { options: { apifyToken: 'apify_api_wrong' } }).then(
    async (there) => {
      const run = await there.mine.sync()
      await there[Symbol.asyncDispose]()
      return run.error
    },
    (error: unknown) => error,
  )
  expect(refused).toMatchObject({ code: 'token_rejected', hint: expect.stringContaining('console.apify.com') })
})

test('an actor that is not there is told when it is connected; one that is, or may be, is taken', async () => {
  await using there = await connected('tiktok')
  const { url: baseUrl, apifyToken, faults } = there.emulator
  const checked = async (actor: string) => {
    const options = { username: 'ada', apifyToken, actor, baseUrl, allowPrivateNetwork: true }
    const other = await there.mirror.tidemark.connect('tiktok', { id: 'other', options })
    const { outcome, error } = await other.check()
    return [outcome, error?.code]
  }
  expect(await checked('foo~bar')).toEqual(['wrong', 'not_found'])
  expect(await checked('clockworks/tiktok-scraper')).toEqual(['ok', undefined])
  faults.when({ path: '/v2/actors/foo~bar' }, { kind: 'status', status: 403 })
  expect(await checked('foo~bar')).toEqual(['ok', undefined])
})

test.each([
  ['instagram', 'https://www.instagram.com/ada/reels/?hl=en'],
  ['instagram', ' @ada '],
  ['tiktok', 'https://www.tiktok.com/@ada?lang=en'],
  ['x', 'x.com/ada'],
  ['x', 'https://mobile.twitter.com/ada/status/12'],
] as const)('%s: a profile is known by %j, too', async (name, username) => {
  await using there = await connected(name, { options: { username }, emulator: { posts: 5 } })
  expect(await there.mine.sync()).toMatchObject({ status: 'succeeded' })
  expect(there.account()).toMatchObject({ username: 'ada' })
})

test.each(['https://example.com/ada', 'ada lovelace', 'https://www.tiktok.com/', 'a/b'])(
  '%j is not a username',
  async (username) => {
    await expect(connected('tiktok', { options: { username } })).rejects.toMatchObject({
      code: 'options_invalid',
      message: expect.stringContaining('username: is not a username on TikTok') as string,
    })
  },
)

test.each([403, 404])('a token that is shown no account (%i) is good if it is shown its runs', async (status) => {
  await using there = await connected('tiktok')
  const { emulator, mirror, mine } = there
  emulator.faults.when({ path: '/v2/users/me' }, { kind: 'status', status })
  const { url: baseUrl, apifyToken } = emulator
  const options = { username: 'ada', apifyToken, baseUrl, allowPrivateNetwork: true }
  await mirror.tidemark.connect('tiktok', { id: 'mine', options, check: true })
  expect(await mine.sync()).toMatchObject({ status: 'succeeded' })
})

test.each([
  // A run for six of the newest, and one by address for the others.
  ['tiktok', {}, 0.006 + 6 * 0.0003 + 54 * 0.0063],
  // Nobody publishes its price; the first run, of 60 posts, has shown it.
  ['tiktok', { actor: 'clockworks~tiktok-scraper' }, 0.005 + 60 * 0.004],
  ['x', {}, 60 * 0.0004],
] as const)('%s with the options %j is planned at the price of its actor', async (name, options, cost) => {
  await using there = await connected(name, { options })
  await there.mine.sync()
  expect((await there.mine.plan({ streams: [there.stream] })).cost).toBeCloseTo(cost, 6)
})

test.each([
  ['tiktok', {}, /^nobody knows yet how many records there are; the first \d+ rows cost about 0\.\d+ USD, and more/],
  ['x', {}, /^nobody knows yet .* USD/],
  ['instagram', {}, /^the connector knows no price list for it, and nothing has been billed yet/],
] as const)('%s: before the first sync, a plan says what is known of its cost', async (name, options, note) => {
  await using there = await connected(name, { options, emulator: { posts: 12 } })
  const { mine, mirror, emulator } = there
  const plan = await mine.plan()
  expect(plan).toMatchObject({ paid: true, cost: null, currency: 'USD' })
  expect(plan.costNote).toMatch(note)
  const run = await mine.sync()
  expect(run).toMatchObject({ currency: 'USD', cost: emulator.world.platform.bill().cost })
  expect(mirror.sql('select cost, currency from runs')).toEqual([{ cost: run.cost, currency: 'USD' }])
  const next = await mine.plan()
  expect([next.costNote, typeof next.cost]).toEqual([null, 'number'])
})

test('what may be spent is said in the currency of the vendor', async () => {
  await using there = await connected('tiktok', { emulator: { posts: 12 } })
  const { mine, mirror } = there
  await mirror.tidemark.setBudget('mine', { cost: '0.001/day' })
  expect(await mirror.tidemark.budgets()).toMatchObject([{ name: 'mine', currency: 'USD' }])
  const { error } = await mine.sync()
  expect(error?.message).toMatch(/which may cost 0\.\d+ USD; 0\.001 USD is left/)
  expect((await mine.plan()).stop?.message ?? '').not.toMatch(/\d per day/)
})

test('what was spent of what an order allows is said in the currency of the vendor', async () => {
  await using there = await connected('tiktok')
  const { error } = await there.mine.sync({ maxCost: 0 })
  expect(error).toMatchObject({ code: 'cost_spent', message: 'The 0 USD that were allowed are spent.' })
})

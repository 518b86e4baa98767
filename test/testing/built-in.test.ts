// Owns the proof that the built-in connectors keep their authors' promises, on the emulators of their services.

import github from 'tidemark/connectors/github'
import reddit from 'tidemark/connectors/reddit'
import tiktokShop from 'tidemark/connectors/tiktok-shop'
import { githubEmulator, redditEmulator, testConnector, tiktokShopEmulator } from 'tidemark/testing'
import { expect, test } from 'vitest'

function skipped(report: Awaited<ReturnType<typeof testConnector>>): readonly string[] {
  return report.checks.filter((check) => check.skipped).map(({ name }) => name)
}

test('github', async () => {
  await using hub = await githubEmulator({ stars: 210 })
  const report = await testConnector(github, hub, {
    options: { token: 'token-of-ada' },
    truth: { stars: () => hub.world.starIds('ada').map(String) },
    remove: { stars: () => void hub.world.unstarAt('ada', 3) },
  })
  expect(skipped(report)).toEqual(['login-is-renewed'])
})

test('reddit', async () => {
  await using site = await redditEmulator({ saved: 230 })
  const { clientId, clientSecret, url, world } = site
  const report = await testConnector(reddit, site, {
    options: () => ({
      username: 'ada',
      clientId,
      clientSecret,
      authUrl: url,
      refreshToken: world.credentials('ada').refreshToken,
    }),
    truth: { saved: () => world.listed('ada') },
    remove: { saved: () => world.unsaveAt('ada', 3) },
    expireLogin: () => world.expireAccess(),
  })
  expect(skipped(report)).toEqual(['order-is-as-declared', 'big-ids-stay-exact'])
})

test('tiktok-shop', async () => {
  await using shop = await tiktokShopEmulator({ orders: 230 })
  const { appKey, appSecret, shopCipher, url } = shop
  const report = await testConnector(tiktokShop, shop, {
    options: () => {
      const { accessToken, refreshToken } = shop.world.credentials()
      return { appKey, appSecret, shopCipher, authUrl: url, accessToken, refreshToken }
    },
    truth: { orders: () => 230 },
    expireLogin: () => shop.world.expireAccess(),
  })
  expect(skipped(report)).toEqual(['removals-are-noticed'])
})

// Owns what tests of `sync` share: a folder with a connection to an emulator, and a shop beside it.

import { expect } from 'vitest'
import { type GitHubOptions, githubEmulator, tiktokShopEmulator } from '../../src/testing/emulators/index.ts'
import { connectGitHub, type Ending, type Place, place } from './program.ts'

/** A mirror of ada's stars, connected and not read yet. */
export async function world(ending: Ending, options: GitHubOptions = {}) {
  const github = await githubEmulator({ stars: 250, limits: false, ...options })
  ending.onTestFinished(() => github.close())
  const here = place(ending)
  expect((await here.ask(connectGitHub(github))).code).toBe(0)
  return { github, here }
}

/** A shop beside it. */
export async function connectShop(ending: Ending, here: Place) {
  const shop = await tiktokShopEmulator({ orders: 120 })
  ending.onTestFinished(() => shop.close())
  const { accessToken, refreshToken } = shop.world.credentials()
  const { appKey, appSecret, shopCipher, url } = shop
  const options = { appKey, shopCipher, baseUrl: url, authUrl: url, allowPrivateNetwork: 'true' }
  const set = Object.entries(options).flatMap(([name, value]) => ['--set', `${name}=${value}`])
  const secrets = ['--secret-env', 'appSecret=A', '--secret-env', 'accessToken=B', '--secret-env', 'refreshToken=C']
  const env = { A: appSecret, B: accessToken, C: refreshToken }
  expect((await here.ask(['connect', 'tiktok-shop', '--id', 'shop', ...set, ...secrets], { env })).code).toBe(0)
  return shop
}

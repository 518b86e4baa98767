// Owns the public list of emulators: small HTTP servers that speak a provider's API from a seeded, changing world.
//
//   await using github = await githubEmulator({ seed: 1, stars: 616 })
//   … read from github.url with any client …
//   github.faults.next({ kind: 'status', status: 502 })     what goes wrong next
//   github.world.unstarAt('ada', 3)                         what changes
//   github.world.stars('ada')                               the truth, to compare with
//   github.log.count('/user/starred')                       what was asked
//
// An emulator knows nothing of the engine. It also runs in a process of its own: `node serve.ts github --seed 1`.

export type { GitHubLimits } from './github/api.ts'
export { type GitHubEmulator, type GitHubOptions, githubEmulator } from './github/emulator.ts'
export type { GitHubWorld, RepoRef, StarRow, UserSeed } from './github/world.ts'
export * from './kit.ts'
export { type TikTokShopEmulator, type TikTokShopOptions, tiktokShopEmulator } from './tiktok-shop/emulator.ts'
export type { OrderStatus } from './tiktok-shop/life.ts'
export { signRequest, signWebhook } from './tiktok-shop/sign.ts'
export type { TokenRules } from './tiktok-shop/tokens.ts'
export type { DeliveryRules, Webhook, WebhookSender } from './tiktok-shop/webhooks.ts'
export type { OrderBrief, TikTokShopWorld } from './tiktok-shop/world.ts'

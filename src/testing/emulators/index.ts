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

export type { CreatorWorld } from './apify/creator.ts'
export type { CreatorEmulator, CreatorOptions } from './apify/emulator.ts'
export type { Outcome as ActorRunOutcome } from './apify/platform.ts'
export {
  type GitHubEmulator,
  type GitHubLimits,
  type GitHubOptions,
  type GitHubWorld,
  githubEmulator,
  type RepoRef,
  type StarRow,
  type UserSeed,
} from './github/index.ts'
export { instagramEmulator } from './instagram/index.ts'
export * from './kit.ts'
export {
  type GrantRules,
  type RedditEmulator,
  type RedditLimits,
  type RedditOptions,
  type RedditWorld,
  redditEmulator,
  type ThingState,
} from './reddit/index.ts'
export {
  type CellValue,
  type NumberFormat,
  type SheetsEmulator,
  type SheetsOptions,
  type SheetsWorld,
  sheetsEmulator,
} from './sheets/index.ts'
export {
  type PortalKind,
  type StalkerEmulator,
  type StalkerOptions,
  type StalkerWorld,
  stalkerEmulator,
} from './stalker/index.ts'
export { type TikTokOptions, tiktokEmulator } from './tiktok/index.ts'
export {
  type ExportFile,
  type ExportOptions,
  type ListForm,
  type ListName,
  type TikTokExportEmulator,
  type TikTokExportEmulatorOptions,
  type TikTokExportWorld,
  tiktokExportEmulator,
  type Visibility,
} from './tiktok-export/index.ts'
export {
  type DeliveryRules,
  type OrderBrief,
  type OrderStatus,
  signRequest,
  signWebhook,
  type TikTokShopEmulator,
  type TikTokShopOptions,
  type TikTokShopWorld,
  type TokenRules,
  tiktokShopEmulator,
  type Webhook,
  type WebhookSender,
} from './tiktok-shop/index.ts'
export { type XOptions, xEmulator } from './x/index.ts'
export {
  type KeyState,
  type VideoState,
  type YouTubeEmulator,
  type YouTubeOptions,
  type YouTubeWorld,
  youtubeEmulator,
} from './youtube/index.ts'

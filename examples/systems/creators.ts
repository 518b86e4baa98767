// A creator's reels, videos and posts on Instagram, TikTok and X, and how their numbers grow, read through actors of Apify.
// It runs against emulators, whose worlds are the truth to compare with. With a token of your own, leave out `baseUrl` and
// `allowPrivateNetwork`.
//
//   npx node examples/systems/creators.ts        in the checkout, whatever Node you have

import assert from 'node:assert/strict'
import { openTidemark } from 'tidemark'
import instagram from 'tidemark/connectors/instagram'
import tiktok from 'tidemark/connectors/tiktok'
import x from 'tidemark/connectors/x'
import { type CreatorEmulator, instagramEmulator, tiktokEmulator, xEmulator } from 'tidemark/testing'

await using reels = await instagramEmulator({ posts: 24, pinned: 3 })
await using videos = await tiktokEmulator({ posts: 24 })
await using posts = await xEmulator({ posts: 24, pinned: 1 })
await using tidemark = await openTidemark({ database: 'creators.db' })

const login = ({ url, apifyToken }: CreatorEmulator) => {
  return { options: { username: 'ada', apifyToken, baseUrl: url, allowPrivateNetwork: true } }
}
await tidemark.connect(instagram, { id: 'reels', ...login(reels) })
await tidemark.connect(tiktok, { id: 'videos', ...login(videos) })
await tidemark.connect(x, { id: 'posts', ...login(posts) })

for (const { site, stream, views } of [
  { site: reels, stream: 'reels', views: 'play_count' },
  { site: videos, stream: 'videos', views: 'views' },
  { site: posts, stream: 'posts', views: 'view_count' },
]) {
  // Each connection is called like its stream.
  const mine = await tidemark.connection(stream)
  const { world } = site
  assert.equal((await mine.sync()).status, 'succeeded')

  // Later syncs pay for what is new, past what is pinned, and refresh what is known.
  const [newest] = world.publish('ada', 2)
  world.grow('ada')
  const before = world.bill()
  const run = await mine.sync()
  const after = world.bill()
  assert.equal(run.status, 'succeeded')
  assert.deepEqual(
    [run.billedItems, run.cost?.toFixed(6)],
    [after.items - before.items, (after.cost - before.cost).toFixed(6)],
  )

  // Everything is there, the newest included, with no snapshot twice.
  const found = new Set<string>()
  for await (const { _key } of mine.records(stream)) found.add(_key)
  assert.deepEqual(found, new Set(world.posts('ada')))
  assert.equal(found.has(newest ?? ''), true)

  for await (const account of mine.records('account')) {
    assert.equal(account['followers'], world.followers('ada'))
    console.log(`${String(account['profile_url'])}: ${String(account['views'])} ${views}, ${run.cost} spent`)
  }
}

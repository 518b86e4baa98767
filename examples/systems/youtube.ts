// A creator's YouTube channel: its videos and their numbers, what is new, and what is no longer shown. It runs against an
// emulator of YouTube, whose world is the truth to compare with. With a key of your own, leave out `baseUrl` and
// `allowPrivateNetwork`.
//
//   node examples/systems/youtube.ts

import assert from 'node:assert/strict'
import { openTidemark } from 'tidemark'
import youtube from 'tidemark/connectors/youtube'
import { youtubeEmulator } from 'tidemark/testing'

await using site = await youtubeEmulator({ videos: 120 })
await using tidemark = await openTidemark({ database: 'youtube.db' })
const channel = await tidemark.connect(youtube, {
  id: 'ada',
  options: { channel: '@ada', apiKey: site.apiKey, baseUrl: site.apiUrl, allowPrivateNetwork: true },
})

const first = await channel.sync()
assert.equal(first.status, 'succeeded')

// The numbers are YouTube's, also where one is hidden.
const stored = new Set<string>()
for await (const { id, view_count, like_count } of channel.records('videos')) {
  const video = site.world.video(id)
  assert.deepEqual([view_count, like_count], [video?.views, video?.likesHidden ? null : video?.likes])
  stored.add(id)
}
assert.deepEqual(stored, new Set(site.world.listed('@ada')))

// Two new videos cost one page; everybody's views have grown.
const news = site.world.publish('@ada', 2)
site.world.drift('@ada', 120)
const second = await channel.sync()
assert.deepEqual([second.status, second.streams[0]?.counts.inserted], ['succeeded', 2])
for await (const { id } of channel.records('videos', { order: 'published_at:desc', limit: 1 }))
  assert.equal(id, news[0])

for await (const { profile_url, video_count, view_count } of channel.records('channel')) {
  assert.equal(video_count, site.world.listed('@ada').length)
  console.log(`${profile_url}: ${video_count} videos, ${view_count} views`)
}

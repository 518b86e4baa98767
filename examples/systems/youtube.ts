// A creator's YouTube channel: its videos and their numbers, what is new, and what is no longer shown. It runs against an
// emulator of YouTube, whose world is the truth to compare with. With a key of your own, leave out `baseUrl` and
// `allowPrivateNetwork`.
//
//   npx node examples/systems/youtube.ts        in the checkout, whatever Node you have

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

// Two new videos appear, one becomes private, and everybody's views have grown: the list of uploads tells what is new, and
// every known video is asked for again, 50 at a time.
const [newest] = site.world.publish('@ada', 2)
const hidden = site.world.listed('@ada')[40]!
site.world.setState(hidden, 'private')
site.world.drift('@ada', 120)
const second = await channel.sync()
const { inserted, unavailable, removed } = second.streams[0]!.counts
assert.deepEqual([second.status, inserted, unavailable, removed], ['succeeded', 2, 1, 0])

// What is mirrored is what YouTube shows; the video that it does not show any more is kept as it was.
const shown = new Set(site.world.listed('@ada'))
for await (const { id, view_count, like_count, _unavailable_since } of channel.records('videos')) {
  if (!shown.delete(id)) {
    assert.equal(id, hidden)
    assert.ok(_unavailable_since)
    continue
  }
  const video = site.world.video(id)
  assert.deepEqual([view_count, like_count], [video?.views, video?.likesHidden ? null : video?.likes])
}
assert.equal(shown.size, 0)
for await (const { id } of channel.records('videos', { order: 'published_at:desc', limit: 1 })) assert.equal(id, newest)

for await (const { profile_url, video_count, view_count } of channel.records('channel')) {
  assert.equal(video_count, site.world.listed('@ada').length)
  console.log(`${profile_url}: ${video_count} videos, ${view_count} views`)
}

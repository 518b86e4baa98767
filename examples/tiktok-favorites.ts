// The favourites of a TikTok account, from the file of your data that TikTok sends: what a file adds, what has left since
// the one before, and the titles, which TikTok's oEmbed tells once for each video.
//
//   npx node examples/tiktok-favorites.ts TikTok_Data.zip        in the checkout, whatever Node you have

import { openTidemark } from 'tidemark'
import tiktokExport from 'tidemark/connectors/tiktok-export'

const [file] = process.argv.slice(2)
if (file === undefined) throw new Error('Name the file: npx node examples/tiktok-favorites.ts TikTok_Data.zip')

await using tidemark = await openTidemark({ database: 'favorites.db' })
const baseUrl = process.env['TIKTOK_URL']
const tiktok = await tidemark.connect(tiktokExport, {
  id: 'tiktok',
  options: { enrich: true, ...(baseUrl !== undefined && { baseUrl, allowPrivateNetwork: true }) },
})

const preview = await tiktok.upload('favorites', file, { dryRun: true })
const { inserted, removed } = preview.streams[0]!.counts
console.log(`${preview.diff?.rows ?? 'no'} favourites: ${inserted} new, ${removed} gone`)

const run = await tiktok.upload('favorites', file)
console.log(run.status)
if (run.error) console.error(`${run.error.code}: ${run.error.message}`)
if (run.status !== 'succeeded') process.exitCode = 1
for await (const video of tiktok.records('favorites', { order: 'favorited_at:desc', limit: 3 })) {
  console.log(video.favorited_at, video.author_name, video.title)
}

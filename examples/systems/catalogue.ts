// The whole catalogue of a Stalker portal, films and series, kept current: a first sync that is broken off and goes on, later
// ones that read what is new, and the catalogue of each complete run as one document. It runs against an emulator of a portal,
// whose world is the truth to compare with. With a portal of your own, leave out `allowPrivateNetwork`.
//
//   npx node examples/systems/catalogue.ts        in the checkout, whatever Node you have

import assert from 'node:assert/strict'
import { openTidemark } from 'tidemark'
import stalker from 'tidemark/connectors/stalker'
import { stalkerEmulator } from 'tidemark/testing'

await using portal = await stalkerEmulator({ titles: 600, channels: 20 })
await using tidemark = await openTidemark({ database: 'catalogue.db' })
const { portalUrl, mac, world } = portal
const tv = await tidemark.connect(stalker, { id: 'tv', options: { portalUrl, mac, allowPrivateNetwork: true } })

// A run that ends early keeps what it has read, and the next one goes on there.
assert.equal((await tv.sync({ maxRequests: 20 })).status, 'incomplete')
assert.equal((await tv.sync()).status, 'succeeded')

// Twenty titles come: the next run reads the first pages of the listing, no more.
const titles = world.add(20)
portal.log.reset()
const run = await tv.sync()
assert.equal(run.status, 'succeeded')
const listed = portal.log.all().filter(({ query }) => query.includes('get_ordered_list')).length
assert.ok(listed <= 4, `${listed} requests`)

for (const stream of ['movies', 'series'] as const) {
  const found = new Set<string>()
  for await (const { _key } of tv.records(stream)) found.add(_key)
  assert.deepEqual(found, new Set(world.ids(stream)))
}

// Each complete run has published everything as one document, and two of them tell what came in between.
const [newest, before] = await tv.catalogs()
assert.ok(newest && before)
assert.equal(newest.newItemsAdded, titles.length)
const { streams } = await tv.diffCatalogs(before.n, newest.n)
const added = ['movies', 'series'].flatMap((stream) => streams[stream]?.added ?? [])
assert.deepEqual(new Set(added.map(({ _key }) => _key)), new Set(titles))

console.log(
  `catalog ${newest.n}: ${newest.totals['movies']} movies, ${newest.totals['series']} series, ${added.length} new`,
)

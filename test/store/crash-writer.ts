// Owns the process that a test kills: writes page after page, and says after each that it is stored.

import { writeSync } from 'node:fs'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { fixedClock } from '../conformance/fixed-clock.ts'
import { record, World, walk } from '../conformance/world.ts'

const [path = '', threadAfter] = process.argv.slice(2)
const thread = threadAfter === undefined ? {} : { threadAfter: Number(threadAfter) }
const store = await openSqliteStore({ path, clock: fixedClock(), ...thread })
const database = { connect: async () => store, query: () => [], drop: async () => {} }
const world = await new World(database, store, 'default').begin()
for (let page = 1; page < 100_000; page++) {
  const inserts = Array.from({ length: 20 }, (_, i) => record(`${page}-${i}`))
  const snapshots = inserts.map(({ key }) => ({ key, values: [page] }))
  await world.put({
    inserts,
    snapshots,
    page,
    state: { page },
    walks: [walk(1, { pages: page })],
    counts: { inserted: 20 },
  })
  await store.secrets.save(world.connection.no, [{ name: 'token', version: page, sealed: Uint8Array.of(page % 256) }])
  writeSync(1, `${page}\n`)
}

// Owns a process that writes a page by a thread and ends without closing its store.

import { openSqliteStore } from '../../src/store/sqlite.ts'
import { fixedClock } from '../conformance/fixed-clock.ts'
import { World } from '../conformance/world.ts'

const [path = ''] = process.argv.slice(2)
const store = await openSqliteStore({ path, clock: fixedClock(), threadAfter: 0 })
const database = { connect: async () => store, query: () => [], drop: async () => {} }
const world = await new World(database, store, 'default').begin()
await world.insert('a')
console.log('written')

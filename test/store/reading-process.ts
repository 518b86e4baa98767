// Owns a process that does a long read of a file as whoever serves does, and tells what it was told.

import { openSqliteStore, readingApart } from '../../src/store/sqlite.ts'
import { fixedClock } from '../conformance/fixed-clock.ts'

const [path = ''] = process.argv.slice(2)
const store = readingApart(await openSqliteStore({ path, clock: fixedClock() }), path)
for (const name of ['changes', 'changes', 'nothing']) {
  const told = store.tables.countRows('default', name).catch((error: unknown) => (error as { code: string }).code)
  console.log(await told)
}
await store.close()

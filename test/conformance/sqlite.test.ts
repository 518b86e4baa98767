// Runs the store's suite against SQLite in a file.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { storeSuite } from './store-suite.ts'
import { fixedClock } from './fixed-clock.ts'

storeSuite('SQLite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-store-'))
  const stores: Store[] = []
  return {
    connect: async () => {
      const store = await openSqliteStore({ path: join(folder, 'tidemark.db'), clock: fixedClock() })
      stores.push(store)
      return store
    },
    drop: async () => {
      for (const store of stores) await store.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
})

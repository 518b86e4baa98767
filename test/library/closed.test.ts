// Owns the proof that what is called after close() says so, whatever it is called on, and whatever the database is.

import { openTidemark, type Tidemark, TidemarkError } from 'tidemark'
import { expect, test } from 'vitest'
import { assemble } from '../../src/assemble.ts'
import { systemClock } from '../../src/engine/system.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { githubEmulator } from '../../src/testing/emulators/index.ts'
import { PostgresDatabase } from '../support/postgres-database.ts'
import { withPostgres } from '../support/with-postgres.ts'

const KEY = new Uint8Array(32).fill(7)

async function connected(tidemark: Tidemark, url: string) {
  const options = { user: 'ada', token: 'token-of-ada', baseUrl: url, allowPrivateNetwork: true }
  return tidemark.connect('github', { id: 'me', options })
}

/** What was not refused by its name after close(). */
async function notRefused(tidemark: Tidemark): Promise<readonly string[]> {
  await using github = await githubEmulator({ stars: 1_200, limits: false })
  const me = await connected(tidemark, github.url)
  await me.sync()
  const reading = me.records('stars')
  await reading.next()
  const feed = tidemark.changes()
  await feed.next()
  await tidemark.close()
  await tidemark.close()

  const requests = github.stats().requests
  const first = (from: AsyncGenerator) => from.next()
  const calls: readonly (() => Promise<unknown>)[] = [
    () => connected(tidemark, github.url),
    () => tidemark.connection('me'),
    () => tidemark.connections(),
    () => tidemark.status(),
    () => tidemark.runs(),
    () => tidemark.run('x'),
    () => tidemark.cancel('x'),
    () => tidemark.budgets(),
    () => tidemark.setBudget('me', { requests: null }),
    () => tidemark.removals(),
    () => tidemark.decideRemovals('undo', 'x'),
    () => tidemark.retryQuarantine(),
    () => tidemark.start(),
    () => tidemark.consumers.list(),
    () => tidemark.rotateKeys(),
    () => first(tidemark.quarantine()),
    () => first(tidemark.changes()),
    () => me.sync(),
    () => me.plan(),
    () => me.pause(),
    () => me.resume(),
    () => me.schedule(),
    () => me.status(),
    () => me.stream('stars'),
    () => me.history('stars', '1'),
    () => me.explain('stars', '1'),
    () => me.metrics('stars', { metric: 'forks_count' }),
    () => first(me.records('stars')),
  ]
  const taken: string[] = []
  // Whoever reads already gets what was read, and then the same error.
  const rest = [reading, feed].map((iterator) => async () => {
    for await (const _ of iterator);
  })
  for (const call of [...calls, ...rest]) {
    const error = await call().catch((refusal: unknown) => refusal)
    if (!(error instanceof TidemarkError && error.code === 'closed' && error.hint?.includes('openTidemark'))) {
      taken.push(`${String(call)}: ${String(error)}`)
    }
  }
  expect(github.stats().requests).toBe(requests)
  return taken
}

test('a file', async () => {
  expect(await notRefused(await openTidemark({ database: ':memory:', key: KEY }))).toEqual([])
})

withPostgres('a server', () => {
  test('the same', async () => {
    const database = await PostgresDatabase.empty()
    expect(await notRefused(await openTidemark({ database: database.url(), key: KEY }))).toEqual([])
    await database.destroy()
  })
})

test('a store that was handed over stays open, and is not used any more', async () => {
  const store = await openSqliteStore({ path: ':memory:', clock: systemClock })
  const tidemark = await assemble({ store, key: KEY })
  await tidemark.close()
  await expect(tidemark.status()).rejects.toMatchObject({ code: 'closed', verdict: 'stop' })
  expect(await store.connections.list('default')).toEqual([])
  await store.close()
})

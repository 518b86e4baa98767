// Owns the proof that both stores are one: simulated runs, with crashes, zombies, stale pages and all, in which every
// call goes to SQLite and to PostgreSQL and is answered alike, and which leave the same rows in both.

import { describe, expect, it } from 'vitest'
import type { Connector } from '../../src/connector/connector.ts'
import type { Clock } from '../../src/model/ports.ts'
import { openTidemark } from '../../src/open.ts'
import { openPostgresStore } from '../../src/store/postgres.ts'
import { emptyBatch, failureText } from '../simulation/batch.ts'
import { cloneOf, KEY } from '../simulation/database.ts'
import { runSeed } from '../simulation/seed.ts'
import { NO_POSTGRES, postgresServer } from '../support/postgres.ts'
import { type Dump, dumpPostgres, dumpSqlite } from './logical-dump.ts'
import { type Twins, twins } from './twin-store.ts'

const SEEDS = 50

/** What one seed left behind. */
interface Left {
  readonly twins: Twins
  sqlite?: Dump
  postgres?: Dump
}

describe.skipIf(NO_POSTGRES !== undefined)('one seed, two stores', () => {
  it(`are asked and answer the same, and hold the same rows in the end (${SEEDS} seeds)`, { timeout: 300_000 }, async () => {
    const batch = emptyBatch()
    let rows = 0
    for (let seed = 1; seed <= SEEDS; seed++) {
      const left: Left[] = []
      const { style, failure } = await runSeed(seed, { database: (...asked) => twinsOf(left, ...asked) })
      if (failure) batch.failed.push({ seed, style, failure })
      const [one] = left
      expect(one?.twins.differences.slice(0, 3), `seed ${seed}`).toEqual([])
      expect(one?.postgres, `seed ${seed}`).toEqual(one?.sqlite)
      rows += Object.values(one?.postgres ?? {}).reduce((sum, lines) => sum + lines.length, 0)
    }
    expect(failureText(batch)).toBe('')
    // Two empty mirrors would be equal as well.
    expect(rows).toBeGreaterThan(SEEDS * 100)
  })
})

/** A SQLite file and a PostgreSQL database that began alike, and as one store. */
async function twinsOf(left: Left[], connector: Connector, metrics: boolean, clock: Clock) {
  const file = await cloneOf(connector, metrics, clock)
  const server = await postgresServer()
  const name = await server.createDatabase()
  const url = server.url(name)
  const second = await openPostgresStore({ url, clock })
  await likeness(file.store, second, connector, clock)
  const one: Left = { twins: twins(file.store, second) }
  left.push(one)
  const close = async () => {
    await second.close()
    one.sqlite = dumpSqlite(file.path, 'sim_items')
    one.postgres = await dumpPostgres(url, 'sim_items')
    await server.dropDatabase(name)
    await file.close()
  }
  return { path: file.path, store: one.twins.store, close }
}

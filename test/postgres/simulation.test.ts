// Owns the proof that both stores are one: simulated runs, with crashes, zombies, stale pages and all, in which every
// call goes to SQLite and to PostgreSQL and is answered alike, and which leave the same rows in both.

import { expect, it } from 'vitest'
import type { Connector } from '../../src/connector/connector.ts'
import type { Clock } from '../../src/model/ports.ts'
import type { Store } from '../../src/store/store.ts'
import { BATCH_MS, emptyBatch, failureText } from '../simulation/batch.ts'
import { cloneOf } from '../simulation/database.ts'
import { runSeed } from '../simulation/seed.ts'
import { DEEP } from '../support/depth.ts'
import { PostgresDatabase } from '../support/postgres-database.ts'
import { withPostgres } from '../support/with-postgres.ts'
import { type Dump, dumpPostgres, dumpSqlite } from './logical-dump.ts'
import { type Twins, twins } from './twin-store.ts'

const SEEDS = DEEP ? 200 : 12

/** What one seed left behind. */
interface Left {
  readonly twins: Twins
  sqlite?: Dump
  postgres?: Dump
}

withPostgres('one seed, two stores', () => {
  it(`are asked and answer the same, and hold the same rows in the end (${SEEDS} seeds)`, {
    timeout: BATCH_MS,
  }, async () => {
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

/** A SQLite file and a PostgreSQL database that began alike, as one store. */
async function twinsOf(left: Left[], connector: Connector, metrics: boolean, clock: Clock) {
  const file = await cloneOf(connector, metrics, clock)
  const database = await PostgresDatabase.open()
  const second = await database.connect(clock)
  await makeAlike(file.store, second)
  const one: Left = { twins: twins(file.store, second) }
  left.push(one)
  const close = async () => {
    one.sqlite = dumpSqlite(file.path, 'sim_items')
    one.postgres = await dumpPostgres(database.url(), 'sim_items')
    await database.drop()
    await file.close()
  }
  return { path: file.path, store: one.twins.store, close }
}

/** Everything that a mirror begins with, numbers included. */
async function makeAlike(from: Store, to: Store): Promise<void> {
  for (const key of await from.secrets.dataKeys()) await to.secrets.addDataKey(key)
  for (const { id, timezone, createdAt } of await from.projects.list()) {
    await to.projects.ensure({ id, timezone, at: createdAt })
    for (const connection of await from.connections.list(id)) {
      const { no } = await to.connections.save({ ...connection, at: connection.createdAt })
      await to.secrets.save(no, await from.secrets.list(connection.no))
      for (const { shape } of await from.streams.list(connection.no)) await to.streams.define(no, shape)
    }
  }
}

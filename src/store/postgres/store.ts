// Owns the opening of a PostgreSQL database as a store, and puts its parts together.

import type { Clock } from '../../model/ports.ts'
import { count } from '../cells.ts'
import { bind } from '../statements.ts'
import type { Store } from '../store.ts'
import { secrets } from '../system/secrets.ts'
import { systemTables } from '../system/tables.ts'
import { Checkpoints } from './checkpoint.ts'
import { Connection } from './connection.ts'
import { POSTGRES, postgresDrive } from './dialect.ts'
import { fills } from './fills.ts'
import { inPlace, TablesInPlace } from './in-place.ts'
import { purge } from './purge.ts'
import { reads } from './reads.ts'
import { readRecords } from './records.ts'
import { removals } from './removals.ts'
import { runs } from './runs.ts'
import { migrate } from './schema.ts'
import { snapshots } from './snapshots.ts'
import { Streams } from './streams.ts'
import { projectTables } from './tables-of-project.ts'
import { addressOf } from './url.ts'
import { readVersions } from './versions.ts'

interface PostgresOptions {
  /** postgres://user:password@host:port/database; `?schema=` names the schema of the tables, `public` unless it does. */
  readonly url: string
  /** Waits while a server that was reached is away. Leases and buckets use the server's clock. */
  readonly clock: Clock
  /** Whether the tables are made in a schema that has none of them. @default true */
  readonly create?: boolean
}

/**
 * @throws TidemarkError database_url_invalid, database_unreachable, database_refused, database_missing,
 *   database_newer, database_unwritable, database_unsupported, name_taken
 */
export async function openPostgresStore({ url, clock, create = true }: PostgresOptions): Promise<Store> {
  const address = addressOf(url)
  const db = new Connection(address, clock)
  try {
    await migrate(db, address.schema, create)
    return postgresStore(db, await TablesInPlace.of(db))
  } catch (error) {
    await db.close()
    throw error
  }
}

function postgresStore(db: Connection, tables: TablesInPlace): Store {
  const drive = postgresDrive(db)
  const system = systemTables(POSTGRES, drive)
  const streams = new Streams(db)
  const checkpoints = new Checkpoints(db, streams)
  const read = reads(db, streams)
  const store: Store = {
    name: db.name,
    now: async () => count(await db.value('SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint')),
    checkpoint: (batch) => checkpoints.checkpoint(batch),
    close: () => db.close(),
    ...system,
    connections: { ...system.connections, ...purge(db, streams) },
    secrets: bind(secrets, drive),
    streams: {
      define: (connectionNo, shape, at) => streams.define(connectionNo, shape, at),
      list: (connectionNo) => streams.list(connectionNo),
      ...read.streams,
      ...fills(db, streams),
    },
    records: { ...read.records, ...readRecords(db, streams) },
    walks: read.walks,
    runs: runs(db, tables),
    review: removals(db, streams),
    history: { ...readVersions(db, streams), ...snapshots(db, streams), ...system.history },
    tables: projectTables(db),
  }
  return inPlace(store, db, tables)
}

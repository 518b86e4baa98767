// Owns the opening of a PostgreSQL database as a store, and puts its parts together.

import { TidemarkError } from '../../model/errors.ts'
import type { Clock } from '../../model/ports.ts'
import type { StreamShape } from '../../model/record.ts'
import { count } from '../cells.ts'
import { MARK } from '../moving/ends.ts'
import { unfinished } from '../moving/refusals.ts'
import { baseOf } from '../names.ts'
import type { Store } from '../store.ts'
import { parts } from '../system/parts.ts'
import { Streams } from '../system/streams.ts'
import { Checkpoints } from './checkpoint.ts'
import { Connection } from './connection.ts'
import { POSTGRES, postgresDrive } from './dialect.ts'
import { heads } from './heads.ts'
import { inPlace, TablesInPlace } from './in-place.ts'
import { isNameTaken, migrate } from './schema.ts'
import { totals } from './totals.ts'
import { addressOf } from './url.ts'
import { StreamWriter } from './writer.ts'

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
 *   database_newer, database_unwritable, database_unsupported, name_taken, migration_unfinished
 */
export async function openPostgresStore({ url, clock, create = true }: PostgresOptions): Promise<Store> {
  const address = addressOf(url)
  const db = new Connection(address, clock)
  try {
    await migrate(db, address.schema, create)
    if ((await db.value(`SELECT to_regclass('${MARK}') IS NULL`)) !== true) throw unfinished(db.name)
    return postgresStore(db, await TablesInPlace.of(db))
  } catch (error) {
    await db.close()
    throw error
  }
}

function postgresStore(db: Connection, tables: TablesInPlace): Store {
  const drive = postgresDrive(db)
  const streams = new Streams(POSTGRES, (base, shape) => new StreamWriter(base, shape))
  const checkpoints = new Checkpoints(db, streams)
  const shared = parts({ dialect: POSTGRES, drive, durably: drive, streams, look: heads(db, streams), totals })
  const store: Store = {
    ...shared,
    name: db.name,
    now: async () => count(await db.value('SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint')),
    checkpoint: (batch) => checkpoints.checkpoint(batch),
    close: () => db.close(),
    connections: {
      ...shared.connections,
      save: (given) => refusingTakenNames(given.streams ?? [], () => shared.connections.save(given)),
    },
    streams: {
      ...shared.streams,
      define: (no, shape) => refusingTakenNames([shape], () => shared.streams.define(no, shape)),
    },
  }
  return inPlace(store, db, tables)
}

/** Views of other people may have names that the views of a stream need. */
async function refusingTakenNames<T>(shapes: readonly StreamShape[], make: () => Promise<T>): Promise<T> {
  try {
    return await make()
  } catch (error) {
    if (!isNameTaken(error)) throw error
    const bases = shapes.map((shape) => `"${baseOf(shape)}"`).join(', ')
    throw new TidemarkError('name_taken', `The views of ${bases} can’t be made: ${(error as Error).message}.`, {
      hint: 'Rename what stands in their way, or give Tidemark a schema for itself: ?schema=tidemark.',
    })
  }
}

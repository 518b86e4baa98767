// Owns a PostgreSQL database of a test's own, and a plain connection to it: what any other program sees.

import pg from 'pg'
import { openPostgresStore } from '../../src/store/postgres.ts'
import type { Store } from '../../src/store/store.ts'
import { fixedClock } from '../conformance/fixed-clock.ts'
import { SHAPE, type TestDatabase } from '../conformance/world.ts'
import { type PostgresServer, postgresServer } from './postgres.ts'

/** Databases that nobody uses, emptied: a new one costs more than most tests. */
const idle: Emptied[] = []

interface Emptied {
  readonly name: string
  /** Who empties it, test after test: a session that has seen the tables before does so many times faster. */
  readonly cleaner: pg.Client
}

let template: Promise<string> | undefined

export class PostgresDatabase implements TestDatabase {
  readonly server: PostgresServer
  readonly name: string
  readonly #stores: Store[] = []
  #cleaner: pg.Client | undefined

  private constructor(server: PostgresServer, name: string, cleaner?: pg.Client) {
    this.server = server
    this.name = name
    this.#cleaner = cleaner
  }

  /** One in which Tidemark has been, and which is empty. */
  static async open(): Promise<PostgresDatabase> {
    const server = await postgresServer()
    template ??= migrated(server)
    const emptied = idle.pop()
    if (emptied) return new PostgresDatabase(server, emptied.name, emptied.cleaner)
    return new PostgresDatabase(server, await server.createDatabase(await template))
  }

  /** One in which nothing has ever been, on the shared server or another. */
  static async empty(server?: PostgresServer): Promise<PostgresDatabase> {
    const on = server ?? (await postgresServer())
    return new PostgresDatabase(on, await on.createDatabase())
  }

  url(query = ''): string {
    return this.server.url(this.name, query)
  }

  async connect(clock = fixedClock(), query = ''): Promise<Store> {
    const store = await openPostgresStore({ url: this.url(query), clock })
    this.#stores.push(store)
    return store
  }

  async query(sql: string): Promise<Record<string, unknown>[]> {
    return this.server.query(sql, this.name)
  }

  /** Empties the database, for the next test. */
  async drop(): Promise<void> {
    await this.close()
    const cleaner = (this.#cleaner ??= await this.server.session(this.name))
    await cleaner.query(DROP_STREAMS)
    await cleaner.query(EMPTY)
    idle.push({ name: this.name, cleaner })
  }

  /** Takes the database away: what a test has done to it would not be undone by emptying it. */
  async destroy(): Promise<void> {
    await this.close()
    await this.#cleaner?.end()
    await this.server.dropDatabase(this.name)
  }

  async close(): Promise<void> {
    for (const store of this.#stores.splice(0)) await store.close()
  }
}

async function migrated(server: PostgresServer): Promise<string> {
  const name = await server.createDatabase()
  const store = await openPostgresStore({ url: server.url(name), clock: fixedClock() })
  await store.close()
  return name
}

const metrics = SHAPE.columns.filter(({ name }) => SHAPE.metrics.includes(name))

/** The tables of the stream that nearly every test uses are kept, where they are as new. */
const DROP_STREAMS = `DO $$
  DECLARE t record;
  BEGIN
    FOR t IN SELECT base FROM tm_tables WHERE (base, columns, metrics) IS DISTINCT FROM
      ('shop_orders', ${pg.escapeLiteral(JSON.stringify(SHAPE.columns))}, ${pg.escapeLiteral(JSON.stringify(metrics))})
    LOOP
      EXECUTE format('DROP VIEW %1$I, %2$I, %3$I, %4$I, %5$I', t.base, t.base || '_all', t.base || '_versions',
        t.base || '_snapshots', t.base || '_daily');
      EXECUTE format('DROP TABLE %1$I, %2$I, %3$I, %4$I', 'tm_r_' || t.base, 'tm_t_' || t.base, 'tm_v_' || t.base,
        'tm_s_' || t.base);
      SET LOCAL session_replication_role = replica;
      DELETE FROM tm_tables WHERE base = t.base;
    END LOOP;
  END $$`

/** Small tables are emptied row by row, so that nothing has to be learned about them anew. Numbers begin at 1 again. */
const EMPTY = `DO $$
  DECLARE t record;
  BEGIN
    SET LOCAL session_replication_role = replica;
    FOR t IN SELECT oid::regclass AS name, oid FROM pg_class
      WHERE relkind = 'r' AND relname LIKE 'tm\\_%' AND relname NOT IN ('tm_schema', 'tm_tables')
    LOOP
      IF pg_relation_size(t.oid) > 131072 THEN EXECUTE format('TRUNCATE %s CASCADE', t.name);
      ELSE EXECUTE format('DELETE FROM %s', t.name); END IF;
    END LOOP;
    FOR t IN SELECT oid::regclass AS name FROM pg_class WHERE relkind = 'S' LOOP PERFORM setval(t.name, 1, false); END LOOP;
  END $$`

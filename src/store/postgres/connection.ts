// Owns the connections to a PostgreSQL server: a few of them, their settings, their prepared statements, and their
// transactions. A transaction holds one connection from BEGIN to COMMIT and never waits for anything but the server.

import { hash } from 'node:crypto'
import pg from 'pg'
import type { Clock } from '../../model/ports.ts'
import type { Param, Row } from '../statements.ts'
import { isLost, meaningOf, sqlState } from './errors.ts'
import type { Address } from './url.ts'
import { bound, TYPES } from './values.ts'

/** What a statement can be asked of: the pool, one statement at a time, or a transaction. */
export interface Queries {
  /** How many rows it changed. */
  run(sql: string, values?: readonly Param[]): Promise<number>
  get(sql: string, values?: readonly Param[]): Promise<Row | undefined>
  all(sql: string, values?: readonly Param[]): Promise<readonly Row[]>
  /** Rows as arrays, in the order of their columns. */
  arrays(sql: string, values?: readonly Param[]): Promise<readonly (readonly unknown[])[]>
  /** The one column of the first row. */
  value(sql: string, values?: readonly Param[]): Promise<unknown>
}

/** One for the page that is being written, one for the heartbeat, and some for reading meanwhile. */
const CONNECTIONS_MAX = 4
const CONNECT_MS = 10_000
/** How long a statement waits for another session's lock, and how long it may take at all, in milliseconds. */
const LOCK_MS = 5_000
const STATEMENT_MS = 120_000
/** When a process stands still in the middle of a transaction, the server takes its locks away after this time. */
const IDLE_MS = 15_000
/** Pauses before a server that was reached before is tried again: long enough for a restart. */
const PATIENCE_MS = [100, 200, 400, 800, 1_600, 3_200] as const
/** The SQLSTATE of a transaction that the server has undone for that, and how often one is tried. */
const DEADLOCK = '40P01'
const DEADLOCK_TRIES = 5
/** Statements that are kept prepared; those that come later are parsed each time. */
const STATEMENTS_KEPT = 1_000

export class Connection implements Queries {
  readonly name: string
  readonly #pool: pg.Pool
  readonly #clock: Pick<Clock, 'sleep'>
  readonly #names = new Map<string, string>()
  #reached = false

  constructor(address: Address, clock: Pick<Clock, 'sleep'>, more: pg.PoolConfig = {}) {
    this.name = address.name
    this.#clock = clock
    this.#pool = new pg.Pool({
      connectionString: address.url,
      types: TYPES,
      max: CONNECTIONS_MAX,
      application_name: 'tidemark',
      connectionTimeoutMillis: CONNECT_MS,
      query_timeout: STATEMENT_MS + 10_000,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      idleTimeoutMillis: 60_000,
      allowExitOnIdle: true,
      // It waits for what is returned, although its type does not say so.
      onConnect: (client): unknown => settle(client, address.schema),
      ...more,
    })
    // A connection that breaks while nobody uses it is replaced when somebody does.
    this.#pool.on('error', () => {})
    this.#pool.on('connect', (client) => void client.on('error', () => {}))
  }

  async run(sql: string, values: readonly Param[] = []): Promise<number> {
    return this.#writing((session) => session.run(sql, values))
  }

  async get(sql: string, values: readonly Param[] = []): Promise<Row | undefined> {
    return this.#reading((session) => session.get(sql, values))
  }

  async all(sql: string, values: readonly Param[] = []): Promise<readonly Row[]> {
    return this.#reading((session) => session.all(sql, values))
  }

  async arrays(sql: string, values: readonly Param[] = []): Promise<readonly (readonly unknown[])[]> {
    return this.#reading((session) => session.arrays(sql, values))
  }

  async value(sql: string, values: readonly Param[] = []): Promise<unknown> {
    return this.#reading((session) => session.value(sql, values))
  }

  /**
   * Runs `body` between BEGIN and COMMIT. It is rolled back when the body throws, and when `keep` says that its result is
   * none to keep. When the connection is lost during COMMIT nobody knows the outcome: it throws database_unreachable, and
   * whoever goes on looks at what is stored.
   */
  async transaction<T>(body: (tx: Queries) => Promise<T>, keep: (result: T) => boolean = () => true): Promise<T> {
    let hasBegun = false
    const act = (session: Session) => {
      const begun = (tx: Queries) => ((hasBegun = true), body(tx))
      return within(session, 'BEGIN', begun, keep)
    }
    try {
      return await this.#writing(act)
    } catch (error) {
      // A connection that was dead before anything was asked of it.
      if (hasBegun || !isLost((error as Error).cause)) throw error
      return this.#writing(act)
    }
  }

  /** A transaction that only reads, so that several statements see one state. */
  async reading<T>(body: (tx: Queries) => Promise<T>): Promise<T> {
    return this.#reading((session) =>
      within(session, 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', body, () => true),
    )
  }

  /** One connection for whoever has to settle it in its own way; it is closed afterwards. */
  async alone<T>(body: (session: Session) => Promise<T>): Promise<T> {
    return this.#using(body, true)
  }

  async close(): Promise<void> {
    await this.#pool.end()
  }

  /** Reading twice does no harm: a connection that was lost meanwhile is replaced. */
  async #reading<T>(body: (session: Session) => Promise<T>): Promise<T> {
    try {
      return await this.#using(body)
    } catch (error) {
      if (!this.#reached || !isLost((error as Error).cause)) throw error
      return this.#using(body)
    }
  }

  /** Of two that wait for each other's rows, the server has undone one: the other one goes on, and this one begins again. */
  async #writing<T>(body: (session: Session) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#using(body)
      } catch (error) {
        if (sqlState(error) !== DEADLOCK || tries >= DEADLOCK_TRIES) throw error
      }
    }
  }

  async #using<T>(body: (session: Session) => Promise<T>, once = false): Promise<T> {
    const client = await this.#connect()
    let broken = once
    try {
      return await body(new Session(client, this.#names))
    } catch (error) {
      broken ||= isLost(error)
      throw meaningOf(error, this.name)
    } finally {
      client.release(broken)
    }
  }

  async #connect(): Promise<pg.PoolClient> {
    for (let tries = 0; ; tries++) {
      try {
        const client = await this.#pool.connect()
        this.#reached = true
        return client
      } catch (error) {
        const pause = this.#reached && isLost(error) ? PATIENCE_MS[tries] : undefined
        if (pause === undefined) throw meaningOf(error, this.name)
        await this.#clock.sleep(pause)
      }
    }
  }
}

/** One connection while somebody has it. */
export class Session implements Queries {
  readonly #client: pg.ClientBase
  readonly #names: Map<string, string>

  constructor(client: pg.ClientBase, names: Map<string, string>) {
    this.#client = client
    this.#names = names
  }

  async run(sql: string, values: readonly Param[] = []): Promise<number> {
    return (await this.#ask(sql, values)).rowCount ?? 0
  }

  async get(sql: string, values: readonly Param[] = []): Promise<Row | undefined> {
    return (await this.all(sql, values))[0]
  }

  async all(sql: string, values: readonly Param[] = []): Promise<readonly Row[]> {
    return (await this.#ask(sql, values)).rows
  }

  async arrays(sql: string, values: readonly Param[] = []): Promise<readonly (readonly unknown[])[]> {
    return (await this.#ask(sql, values, true)).rows as unknown[][]
  }

  async value(sql: string, values: readonly Param[] = []): Promise<unknown> {
    return (await this.arrays(sql, values))[0]?.[0]
  }

  /** Columns and rows of exactly one statement, whatever its text holds; never kept prepared. */
  async one(sql: string): Promise<{ readonly columns: readonly string[]; readonly rows: readonly unknown[][] }> {
    // The extended protocol takes one statement; the simple one would take several.
    const query = { text: sql, rowMode: 'array', queryMode: 'extended' } as const
    const { fields, rows } = await this.#client.query<unknown[]>(query)
    return { columns: fields.map(({ name }) => name), rows }
  }

  /**
   * Rows of exactly one statement, handed on as they come and kept nowhere. While `row` works, the server waits. The
   * columns come first, also without rows.
   */
  async each(
    sql: string,
    { columns, row }: { columns: (names: readonly string[]) => void; row: (values: readonly unknown[]) => void },
  ): Promise<void> {
    const query = new pg.Query<unknown[]>({ text: sql, rowMode: 'array', queryMode: 'extended' } as pg.QueryConfig)
    await new Promise<void>((resolve, reject) => {
      let failed = false
      let started = false
      const attempt = (act: () => void) => {
        if (failed) return
        try {
          act()
        } catch (error) {
          failed = true
          reject(error instanceof Error ? error : new Error(String(error)))
        }
      }
      const start = (result: pg.ResultBuilder) => {
        if (!started) columns(result.fields.map(({ name }) => name))
        started = true
      }
      query.on('row', (values, result) =>
        attempt(() => {
          if (result) start(result)
          row(values)
        }),
      )
      query.on('end', (result) =>
        attempt(() => {
          start(result)
          resolve()
        }),
      )
      query.on('error', reject)
      this.#client.query(query)
    })
  }

  async #ask(text: string, values: readonly Param[], arrays = false): Promise<pg.QueryResult> {
    if (values.length === 0 && !arrays) return this.#client.query(text)
    const name = this.#nameOf(text)
    const query = { text, values: values.map(bound), ...(name === undefined ? {} : { name }) }
    return arrays ? this.#client.query({ ...query, rowMode: 'array' }) : this.#client.query(query)
  }

  /** The name under which a statement is kept prepared: the same for every connection. */
  #nameOf(sql: string): string | undefined {
    const known = this.#names.get(sql)
    if (known !== undefined || this.#names.size >= STATEMENTS_KEPT) return known
    const name = `tm_${hash('sha256', sql, 'hex').slice(0, 40)}`
    this.#names.set(sql, name)
    return name
  }
}

async function within<T>(
  session: Session,
  begin: string,
  body: (tx: Queries) => Promise<T>,
  keep: (result: T) => boolean,
): Promise<T> {
  await session.run(begin)
  let result: T
  try {
    result = await body(session)
  } catch (error) {
    // What the body says is worth more than that rolling back failed, too.
    await session.run('ROLLBACK').catch(() => {})
    throw error
  }
  await session.run(keep(result) ? 'COMMIT' : 'ROLLBACK')
  return result
}

/**
 * What every connection is told first. Plans are made for the values at hand: one that was made while a table was empty
 * would read all of it for every page of a first sync.
 */
async function settle(client: pg.ClientBase, schema: string): Promise<void> {
  const settings = {
    search_path: schema,
    default_transaction_isolation: 'read committed',
    plan_cache_mode: 'force_custom_plan',
    // Few rows by their keys are what is asked for, and an index has them in order: without sorting a whole stream.
    random_page_cost: '1.1',
    enable_bitmapscan: 'off',
    jit: 'off',
    TimeZone: 'UTC',
    client_min_messages: 'warning',
    standard_conforming_strings: 'on',
    bytea_output: 'hex',
    lock_timeout: String(LOCK_MS),
    statement_timeout: String(STATEMENT_MS),
    idle_in_transaction_session_timeout: String(IDLE_MS),
  }
  const names = Object.keys(settings)
  const calls = names.map((_, i) => `set_config($${2 * i + 1}, $${2 * i + 2}, false)`).join(', ')
  await client.query(`SELECT ${calls}`, Object.entries(settings).flat())
}

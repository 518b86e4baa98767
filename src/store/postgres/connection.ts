// Owns the connections to a PostgreSQL server: a few of them, their settings, their prepared statements, and their
// transactions. A transaction holds one connection from BEGIN to COMMIT and never waits for anything but the server.

import { hash } from 'node:crypto'
import pg from 'pg'
import type { Clock } from '../../model/ports.ts'
import type { Param, Row } from '../statements.ts'
import { isLost, meaningOf, sqlState } from './errors.ts'
import { type Settings, STATEMENT_MS, settingsIn, settle } from './settings.ts'
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
  readonly #settings: Settings
  /** Connections that lead to a pooler, which gives each transaction to any of its own. */
  readonly #pooled = new WeakSet<pg.ClientBase>()
  #reached = false

  constructor(address: Address, clock: Pick<Clock, 'sleep'>, more: pg.PoolConfig = {}) {
    this.name = address.name
    this.#clock = clock
    this.#settings = settingsIn(address.schema)
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
      onConnect: (client): unknown => this.#welcome(client),
      ...more,
    })
    // A connection that breaks while nobody uses it is replaced when somebody does.
    this.#pool.on('error', () => {})
    this.#pool.on('connect', (client) => void client.on('error', () => {}))
  }

  async run(sql: string, values: readonly Param[] = []): Promise<number> {
    return this.#writing((session) => single(session, (one) => one.run(sql, values)))
  }

  async get(sql: string, values: readonly Param[] = []): Promise<Row | undefined> {
    return this.#reading((session) => single(session, (one) => one.get(sql, values)))
  }

  async all(sql: string, values: readonly Param[] = []): Promise<readonly Row[]> {
    return this.#reading((session) => single(session, (one) => one.all(sql, values)))
  }

  async arrays(sql: string, values: readonly Param[] = []): Promise<readonly (readonly unknown[])[]> {
    return this.#reading((session) => single(session, (one) => one.arrays(sql, values)))
  }

  async value(sql: string, values: readonly Param[] = []): Promise<unknown> {
    return this.#reading((session) => single(session, (one) => one.value(sql, values)))
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
      return within(session, '', begun, keep)
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
    return this.#reading((session) => within(session, ' ISOLATION LEVEL REPEATABLE READ READ ONLY', body, () => true))
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
      return await body(new Session(client, this.#names, this.#pooled.has(client) ? this.#settings : undefined))
    } catch (error) {
      broken ||= isLost(error)
      throw meaningOf(error, this.name)
    } finally {
      client.release(broken)
    }
  }

  /**
   * Settles a connection for good; not one of a pooler, which would be somebody else's next. The number that the server is
   * said to have then is not the one that it has.
   */
  async #welcome(client: pg.ClientBase): Promise<void> {
    const told = (client as { readonly processID?: number }).processID
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
    if (rows[0]?.pid === told) await settle(client, this.#settings)
    else this.#pooled.add(client)
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
  /** What every transaction is told first, where the connection can't be: behind a pooler. */
  readonly #settings: Settings | undefined

  constructor(client: pg.ClientBase, names: Map<string, string>, settings?: Settings) {
    this.#client = client
    this.#names = names
    this.#settings = settings
  }

  /** Whether nothing lasts longer than a transaction. */
  get isPooled(): boolean {
    return this.#settings !== undefined
  }

  /** Begins a transaction, settled as every connection is. One way to the server and back. */
  async begin(how = ''): Promise<void> {
    const local = Object.entries(this.#settings ?? {}).map(([name, value]) => `; SET LOCAL ${name} = '${value}'`)
    await this.run(`BEGIN${how}${local.join('')}`)
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
    // Kept prepared by one connection of the pooler, and missing in the next.
    if (this.isPooled) return undefined
    const known = this.#names.get(sql)
    if (known !== undefined || this.#names.size >= STATEMENTS_KEPT) return known
    const name = `tm_${hash('sha256', sql, 'hex').slice(0, 40)}`
    this.#names.set(sql, name)
    return name
  }
}

/** One statement; behind a pooler in a transaction, because only that finds the tables. */
async function single<T>(session: Session, act: (session: Queries) => Promise<T>): Promise<T> {
  return session.isPooled ? within(session, '', act, () => true) : act(session)
}

async function within<T>(
  session: Session,
  how: string,
  body: (tx: Queries) => Promise<T>,
  keep: (result: T) => boolean,
): Promise<T> {
  await session.begin(how)
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
